"""Hours of contact as stretches of time: from an opening to a closing, in seconds since 1970 (UTC), sorted and apart.

A clock is cut where it is put forward or back; between two cuts its windows are plain arithmetic.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from privacy.contact_rules.calendar import kind_of_day
from privacy.contact_rules.decision import hours_at
from privacy.contact_rules.model import ContactRules, Hours, minutes
from privacy.contact_rules.places import Place, clock

Stretches = tuple[tuple[int, int], ...]
Segments = tuple[tuple[int, int, int], ...]
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


def open_stretches(rules: ContactRules, places: tuple[Place, ...], message: str, channel: str, preferred: str | None, start: int, end: int) -> Stretches:
    """When all rules of hours at all places allow a contact between two moments, within the ``preferred`` window if there is one."""
    on = datetime.fromtimestamp(start, UTC).date()
    found: Stretches = ((start, end),)
    for place in places:
        for rule in hours_at(rules, place, message, channel, on):
            found = common(found, _of_rule(rule, place, start, end))
        if preferred:
            found = common(found, _of_window(preferred, place.zones, start, end))
    return found


def common(a: Stretches, b: Stretches) -> Stretches:
    """What two schedules share."""
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        low, high = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if low < high:
            found.append((low, high))
        if a[i][1] <= b[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


@lru_cache(maxsize=20_000)
def _of_rule(rule: Hours, place: Place, start: int, end: int) -> Stretches:
    """When a rule allows contact at a place, on all the clocks it may have."""
    found: Stretches = ((start, end),)
    for zone in place.zones:
        days: dict[date, tuple[str, ...]] = {}

        def windows(day: date, days: dict[date, tuple[str, ...]] = days) -> tuple[str, ...]:
            if day not in days:
                days[day] = rule.windows(kind_of_day(day, place.country, place.state, rule.holidays))
            return days[day]

        found = common(found, _joined(_on_clock(windows, _segments(zone, start, end))))
    return found


@lru_cache(maxsize=20_000)
def _of_window(window: str, zones: tuple[str, ...], start: int, end: int) -> Stretches:
    found: Stretches = ((start, end),)
    for zone in zones:
        found = common(found, _joined(_on_clock(lambda _: (window,), _segments(zone, start, end))))
    return found


def _on_clock(windows: Callable[[date], tuple[str, ...]], segments: Segments) -> Iterable[tuple[int, int]]:
    """The windows of each day the clock shows, segment by segment."""
    for low, high, offset in segments:
        first, last = (low + offset) // _DAY, (high + offset - 1) // _DAY
        for number in range(first, last + 1):
            midnight = number * _DAY - offset
            for opens, closes in sorted(map(minutes, windows(date.fromordinal(_EPOCH + number)))):
                a, b = max(low, midnight + opens * 60), min(high, midnight + closes * 60)
                if a < b:
                    yield a, b


def _joined(stretches: Iterable[tuple[int, int]]) -> Stretches:
    """Stretches that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(stretches):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


@lru_cache(maxsize=1_000)
def _segments(zone: str, start: int, end: int) -> Segments:
    """(from, to, offset from UTC in seconds) between the moments at which a clock is put forward or back."""
    shown, found, low = clock(zone), [], start

    def offset(moment: int) -> int:
        shift = datetime.fromtimestamp(moment, UTC).astimezone(shown).utcoffset() or timedelta()
        return int(shift.total_seconds())

    while low < end:
        here, high = offset(low), low + _DAY
        while high < end and offset(high) == here:
            high += _DAY
        if high >= end and offset(end) == here:
            found.append((low, end, here))
            break
        before, after = max(low, high - _DAY), min(high, end)
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if offset(middle) == here else (before, middle)
        found.append((low, after, here))
        low = after
    return tuple(found)
