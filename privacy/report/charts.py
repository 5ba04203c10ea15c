"""The report's drawings: small functions that return inline SVG; no text inside, so that words keep their size at any width."""

from collections.abc import Sequence

from markupsafe import Markup

from privacy.report.disclosure import FEW, Count, exact, nearly

HATCHED = ("unproven", "never", "lost")
"""Kinds of segment that carry a pattern, so that colour is never the only difference."""
FAMILY = {
    "ALLOWED": "yes", "OBJECTED": "no", "WITHDRAWN": "no", "REFUSED": "no", "RESTRICTED": "no",
    "UNPROVEN": "unproven", "EXPIRED": "unproven", "CONFLICT": "unproven", "CONFIRM_PENDING": "unproven", "NEVER_ASKED": "never", "NO_RELATION": "never",
    "CONSENT_REQUIRED": "never", "NO_SALE": "never", "NO_PURPOSE": "other",
    "NOTICE_PENDING": "other", "WRONG_PERSON": "other", "MINOR": "other", "LIA_EXPIRED": "other", "GRANTED": "yes", "BASIS": "yes",
}  # fmt: skip
"""What a permission state looks like: yes, the person's no, doubtful proof, never asked; anything else is ``other``."""
FAMILIES = ("yes", "no", "unproven", "never", "other")
_LEAST = 0.6
_SPAN = 0.05


def bar(segments: Sequence[tuple[str, Count]], whole: Count, label: str, suffix: str = "") -> Markup:
    """A stacked bar: segments ``(kind, count)`` from the left, ``whole`` the full width; a hidden count gets the width of two people."""
    total = nearly(whole) or 0
    drawn, start = [], 0.0
    for kind, count in segments:
        known = exact(count)
        size = known if known is not None else 2 if count == FEW else total - sum(exact(other) or 2 for _, other in segments)
        width = max(100 * size / total, _LEAST) if total and size > 0 else 0.0
        width = min(width, 100 - start)
        if width > 0:
            fill = Markup(' fill="url(#{}{})"').format(kind, suffix) if kind in HATCHED else Markup("")
            drawn.append(Markup('<rect class="{}" x="{}%" y="0" width="{}%" height="100%"{}/>').format(kind, _short(start), _short(width), fill))
        start += width
    return Markup('<svg class="bar" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/>{}</svg>').format(label, Markup("").join(drawn))


def trend(shares: Sequence[float], label: str) -> Markup:
    """A sparkline of shares, oldest first. Its height spans at least ``_SPAN``, so that a wobble does not look like a fall."""
    width, height, edge = 100.0, 24.0, 3.0
    low, high = min(shares), max(shares)
    low, high = (low, high) if high - low >= _SPAN else ((low + high - _SPAN) / 2, (low + high + _SPAN) / 2)
    step = (width - 2 * edge) / max(len(shares) - 1, 1)
    points = [(edge + place * step, height - edge - (share - low) / (high - low) * (height - 2 * edge)) for place, share in enumerate(shares)]
    line = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
    last = points[-1]
    return Markup('<svg class="trend" role="img" aria-label="{}" viewBox="0 0 100 24"><polyline points="{}"/><circle cx="{}" cy="{}" r="2.2"/></svg>').format(
        label, line, _short(last[0]), _short(last[1])
    )


def interval(low: float, share: float, high: float, label: str) -> Markup:
    """An estimate with its interval on a line from nothing to all."""
    return Markup(
        '<svg class="interval" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/>'
        '<rect class="range" x="{}%" width="{}%" height="100%"/><rect class="point" x="{}%" width=".6%" height="100%"/></svg>'
    ).format(label, _short(100 * low), _short(max(100 * (high - low), _LEAST)), _short(min(100 * share, 100 - _LEAST)))


def legend(kind: str, suffix: str = "") -> Markup:
    """The swatch of one kind of segment."""
    fill = Markup(' fill="url(#{}{})"').format(kind, suffix) if kind in HATCHED else Markup("")
    return Markup('<svg class="swatch" aria-hidden="true"><rect class="{}" width="100%" height="100%"{}/></svg>').format(kind, fill)


def patterns(suffix: str) -> Markup:
    """The definitions the hatched segments refer to; once per language, because a hidden one cannot be referred to."""
    lines = {"unproven": "M-2 2l4-4M0 8l8-8M6 10l4-4", "lost": "M-2 6l4 4M0 0l8 8M6-2l4 4", "never": "M0 4h8"}
    made = [
        Markup(
            '<pattern id="{}{}" class="p-{}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8"/><path d="{}"/></pattern>'
        ).format(kind, suffix, kind, lines[kind])
        for kind in HATCHED
    ]
    return Markup('<svg class="defs" aria-hidden="true" width="0" height="0"><defs>{}</defs></svg>').format(Markup("").join(made))


def icon(light: str) -> Markup:
    """The verdict's sign: a tick, a warning or a stop, each with its own shape."""
    shapes = {
        "green": '<circle cx="24" cy="24" r="21"/><path d="M14 25l7 7 13-15"/>',
        "amber": '<path d="M24 4l21 38H3z"/><path d="M24 18v12M24 35.5v.5"/>',
        "red": '<path d="M15.5 3.5h17l12 12v17l-12 12h-17l-12-12v-17z"/><path d="M16.5 16.5l15 15M31.5 16.5l-15 15"/>',
    }
    return Markup(f'<svg class="icon {light}" viewBox="0 0 48 48" aria-hidden="true">{shapes[light]}</svg>')  # noqa: S704 (constants)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
