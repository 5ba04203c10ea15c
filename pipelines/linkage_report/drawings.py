"""The linkage report's drawings: functions from figures to inline SVG that loads nothing and needs no script."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

_WIDTH = 900.0
Written = Callable[[float], str]
"""Bits as the page's language writes them."""


def diverging(bits: float, most: float, label: str) -> Markup:
    """A weight as a bar from the middle: to the right it speaks for one person, to the left against."""
    width = 50 * min(abs(bits) / most, 1) if most else 0.0
    start = 50.0 if bits >= 0 else 50 - width
    return Markup(
        '<svg class="bar weight" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/>'
        '<rect class="{}" x="{}%" width="{}%" height="100%"/><rect class="axis" x="50%" width="1" height="100%"/></svg>'
    ).format(label, "for" if bits >= 0 else "against", _n(start), _n(width))


def share(part: float, kind: str, label: str) -> Markup:
    """A share of one as a bar; a share too small to see keeps a trace."""
    return Markup(
        '<svg class="bar" role="img" aria-label="{}"><rect class="track" width="100%" height="100%"/><rect class="{}" width="{}%" height="100%"/></svg>'
    ).format(label, kind, _n(max(100 * part, 0.6 if part else 0)))


def histogram(bins: Sequence[Mapping[str, Any]], zones: Mapping[str, float], label: str, words: Mapping[str, str], top: float) -> Markup:
    """Pairs by bits, doubt and match on top of one another, the two thresholds as lines. Heights are square roots, so that few pairs still show."""
    if not bins:
        return Markup("")
    height, floor, left = 220.0, 190.0, 8.0
    most = max(bar["unsure"] + bar["match"] for bar in bins)
    step = (_WIDTH - 2 * left) / len(bins)
    low, high = bins[0]["low"], bins[-1]["high"]

    def at(bits: float) -> float:
        return left + (bits - low) / (high - low) * (_WIDTH - 2 * left)

    parts = []
    for place, bar in enumerate(bins):
        base, every = floor, bar["unsure"] + bar["match"]
        tall = math.sqrt(every / most) * (floor - 30) if every else 0.0
        for kind in ("unsure", "match"):
            part = tall * bar[kind] / every if every else 0.0
            base -= part
            if part:
                parts.append(
                    Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                        f"z-{kind}", _n(left + place * step + 1), _n(base), _n(step - 2), _n(part)
                    )
                )
        if every:
            parts.append(
                Markup('<text class="count" x="{}" y="{}">{}</text>').format(
                    _n(left + (place + 0.5) * step), _n(floor - tall - 5), words["count"].format(every)
                )
            )
        if place % max(len(bins) // 12, 1) == 0:
            parts.append(
                Markup('<text class="tick" x="{}" y="{}">{}</text>').format(
                    _n(left + place * step), _n(floor + 17), ("≥" if bar["low"] >= top else "") + _signed(bar["low"])
                )
            )
    for name, bits in zones.items():
        if low <= bits <= high:
            # the word of the lower threshold stands to its left, that of the upper one to its right: they may lie close together
            parts.append(Markup('<line class="limit" x1="{0}" x2="{0}" y1="6" y2="{1}"/>').format(_n(at(bits)), _n(floor)))
            side, anchor = (-5, "end") if name == "unsure" and at(bits) > 120 else (5, "start")
            parts.append(
                Markup('<text class="limit-word" x="{}" y="{}" text-anchor="{}">{}</text>').format(
                    _n(at(bits) + side), "14" if name == "match" else "28", anchor, words[name]
                )
            )
    parts.append(Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_n(left), _n(_WIDTH - left), _n(floor), _n(floor)))
    return Markup('<div class="scroll"><svg class="plot" role="img" aria-label="{}" viewBox="0 0 900 {}">{}</svg></div>').format(
        label, _n(height), Markup("").join(parts)
    )


def waterfall(prior: float, steps: Sequence[tuple[str, float]], total: float, words: Mapping[str, str], label: str, written: Written) -> Markup:
    """A pair's score as a sum: from the prior, step by step, to the total; each row a word, a bar where the sum moves, and its bits."""
    rows = [(words["prior"], 0.0, prior, "base")]
    sum_so_far = prior
    for word, bits in steps:
        rows.append((word, sum_so_far, sum_so_far + bits, "for" if bits > 0 else "against" if bits < 0 else "base"))
        sum_so_far += bits
    rows.append((words["total"], 0.0, total, "total"))
    ends = [end for _, start, stop, _ in rows for end in (start, stop)]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    left, right, line = 330.0, 70.0, 30.0

    def at(bits: float) -> float:
        return left + (bits - low) / ((high - low) or 1) * (_WIDTH - left - right)

    parts = [Markup('<line class="axis" x1="{0}" x2="{0}" y1="4" y2="{1}"/>').format(_n(at(0)), _n(line * len(rows)))]
    for place, (word, start, stop, kind) in enumerate(rows):
        y = place * line
        value = stop if kind in ("total",) or place == 0 else stop - start
        parts.append(Markup('<text class="word{}" x="0" y="{}">{}</text>').format(" strong" if kind == "total" else "", _n(y + 20), word))
        parts.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="18" rx="2"/>').format(
                kind, _n(min(at(start), at(stop))), _n(y + 6), _n(max(abs(at(stop) - at(start)), 1.5))
            )
        )
        parts.append(Markup('<text class="value" x="{}" y="{}">{}</text>').format(_n(max(at(start), at(stop)) + 6), _n(y + 20), written(value)))
        if place < len(rows) - 1:
            parts.append(Markup('<line class="thread" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(_n(at(stop)), _n(y + 24), _n(y + line + 6)))
    return Markup('<div class="scroll"><svg class="plot" role="img" aria-label="{}" viewBox="0 0 900 {}">{}</svg></div>').format(
        label, _n(line * len(rows) + 8), Markup("").join(parts)
    )


def graph(nodes: Sequence[str], edges: Sequence[Mapping[str, Any]], label: str) -> Markup:
    """Records on a circle and the bonds between them: thicker is stronger, dashed is doubt, a bridge has its own colour and both ends of it matter."""
    n, middle_x, middle_y = len(nodes), _WIDTH / 2, 235.0
    radius_x, radius_y = 250.0, 175.0
    places = [(middle_x + radius_x * math.sin(2 * math.pi * at / n), middle_y - radius_y * math.cos(2 * math.pi * at / n)) for at in range(n)]
    if n == 2:  # side by side rather than one above the other
        places = [(middle_x - radius_x, middle_y), (middle_x + radius_x, middle_y)]
    lines, words = [], []
    for edge in sorted(edges, key=lambda edge: edge["bridge"]):
        (x1, y1), (x2, y2) = places[edge["a"]], places[edge["b"]]
        kind = "bridge" if edge["bridge"] else f"e-{edge['zone']}"
        thick = 1.2 + min(max(edge["bits"], 0) / 6, 4)
        lines.append(Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke-width="{}"/>').format(kind, _n(x1), _n(y1), _n(x2), _n(y2), _n(thick)))
        if len(edges) <= 14 or edge["bridge"] or edge["zone"] == "unsure":
            # a third of the way, so that words of crossing bonds do not meet in the middle
            x, y = x1 + (x2 - x1) * 0.36, y1 + (y2 - y1) * 0.36
            words.append(Markup('<text class="weight" x="{}" y="{}">{}</text>').format(_n(x), _n(y + 4), _signed(edge["bits"], 0)))
    dots = []
    for (x, y), name in zip(places, nodes, strict=True):
        anchor = "middle" if abs(x - middle_x) < 20 else "start" if x > middle_x else "end"
        shift = 0 if anchor == "middle" else 15 if anchor == "start" else -15
        drop = (-16 if y < middle_y else 26) if anchor == "middle" else 5
        dots.append(
            Markup('<circle cx="{}" cy="{}" r="9"/><text class="name" x="{}" y="{}" text-anchor="{}">{}</text>').format(
                _n(x), _n(y), _n(x + shift), _n(y + drop), anchor, name
            )
        )
    inside = Markup("").join([*lines, *words, *dots])
    return Markup('<div class="scroll"><svg class="plot graph" role="img" aria-label="{}" viewBox="0 0 900 470">{}</svg></div>').format(label, inside)


def _signed(value: float, decimals: int = 0) -> str:
    rounded = round(value, decimals) + 0.0
    return f"{rounded:+.{decimals}f}".replace("-", "−") if rounded else f"{0:.{decimals}f}"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
