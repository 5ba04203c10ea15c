"""One contact in plain Python: may this person be contacted at this contact point, for this purpose, on this channel, at this moment?

Slow and readable on purpose: it states the rules, and ``privacy.contact_rules.everyone`` does the same for everybody at once.
Every reason is given, not only the first; the next allowed time is found by asking again at each moment at which an answer can change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from privacy.contact_rules.calendar import kind_of_day
from privacy.contact_rules.model import ContactRules, Hours, minutes
from privacy.contact_rules.places import Place, clock
from privacy.contact_rules.reasons import cap_code, denies
from privacy.policy import Policy

DAY = timedelta(days=1)
SUSPENDING = {"wrong_person": "WRONG_PERSON", "bounced": "BOUNCED"}
"""Outcomes after which a contact point rests until the person confirms it themselves."""
_CODE = {"holiday": "HOLIDAY", "saturday": "DAY_OF_REST", "sunday": "DAY_OF_REST", "weekday": "QUIET_HOURS"}


@dataclass(frozen=True)
class Attempt:
    """One contact as the ledger of attempts holds it; ``own`` tells the person's own from another's at the same number."""

    at: datetime
    direction: str
    channel: str
    point_ref: int | None = None
    purpose: str | None = None
    outcome: str | None = None
    own: bool = True


@dataclass(frozen=True)
class Preference:
    """What a person said they prefer: ``kind`` channel (names joined by commas), hours (a window) or language."""

    kind: str
    value: str
    said_at: datetime


@dataclass(frozen=True)
class Facts:
    """All that is known about one person and contact point before the question is asked; times in UTC."""

    allowed: bool
    state: str
    reasons: tuple[str, ...]
    places: tuple[Place, ...]
    point_ref: int
    valid_until: datetime | None = None
    decided_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    verified_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    preferences: tuple[Preference, ...] = ()
    listed: frozenset[str] = frozenset()
    snapshots: Mapping[str, datetime] | None = None
    language: str | None = None


@dataclass(frozen=True)
class Answer:
    """The answer, all its reasons (``CODE`` or ``CODE:rule``), the next allowed time and until when it is allowed from then on if nothing happens."""

    allowed: bool
    reasons: tuple[str, ...]
    until: datetime | None = None
    next_at: datetime | None = None
    language: str | None = None


def may_contact(policy: Policy, facts: Facts, purpose: str, channel: str, at: datetime) -> Answer:
    """Decide one contact. ``next_at`` is exact to the second; None when no time within the policy's look-ahead is allowed.

    LGPD art. 6, 7, 18; CDC art. 42, 71; GDPR art. 6, 21; the rules cite their own norms.
    """
    rules = policy.contact_rules
    # what is still to come has not happened
    so_far, said = (one for one in facts.attempts if one.at <= at), (one for one in facts.preferences if one.said_at <= at)
    known = replace(facts, attempts=tuple(so_far), preferences=tuple(said))
    reasons = _reasons(rules, known, purpose, channel, at)
    allowed, language = not any(map(denies, reasons)), newest(known.preferences, "language") or facts.language
    until = next_at = None
    if allowed:
        next_at = at
    elif not any(map(_lasts, reasons)):
        next_at = next((moment for moment in _changes(rules, known, purpose, channel, at) if _open(rules, known, purpose, channel, moment)), None)
        reasons += () if next_at else ("NEVER_OPEN",)
    if next_at:
        later = (moment for moment in _changes(rules, known, purpose, channel, next_at, at) if moment > next_at)
        until = next((moment for moment in later if not _open(rules, known, purpose, channel, moment)), horizon(rules, at))
    return Answer(allowed, reasons, until, next_at, language)


def horizon(rules: ContactRules, at: datetime) -> datetime:
    """How far ahead is looked: the policy's days, but not past a day on which one of its rules begins or ends."""
    days = {day for rule in rules.all_rules for day in (rule.valid_from, rule.valid_to and rule.valid_to + DAY) if day}
    changes = [datetime.combine(day, time(), UTC) for day in days]
    return min([moment for moment in changes if moment > at] + [at + rules.look_ahead_days * DAY])


def _open(rules: ContactRules, facts: Facts, purpose: str, channel: str, at: datetime) -> bool:
    return not any(map(denies, _reasons(rules, facts, purpose, channel, at)))


def _lasts(reason: str) -> bool:
    """Whether waiting does not help against a reason."""
    return denies(reason) and reason.partition(":")[0] not in (
        "QUIET_HOURS", "HOLIDAY", "DAY_OF_REST", "ZONE_UNKNOWN", "PREFERS_OTHER_HOURS", "CAP_DAY", "CAP_WEEK", "CAP_MONTH",
    )  # fmt: skip


def _reasons(rules: ContactRules, facts: Facts, purpose: str, channel: str, at: datetime) -> tuple[str, ...]:
    """Every reason at a moment, those that deny and those that only tell."""
    message = rules.classes.get(purpose)
    if message is None:
        return (*_permission(facts, at), "NO_CLASS")
    lasting = (*_permission(facts, at), *_suspended(facts, at), *_lists(rules, facts, message, channel, at))
    preferred = _prefers_channel(rules, facts, message, channel)
    if reply := _reply(rules, facts, message, channel, at):
        return _settled((*lasting, *preferred, f"REPLY:{reply}"))
    waiting = (*_opt_in(rules, facts, message, channel, at), *preferred, *hours_reasons(rules, facts.places, message, channel, at))
    return _settled((*lasting, *waiting, *_prefers_hours(rules, facts, message, at), *_caps(rules, facts, message, channel, at)))


def _settled(reasons: tuple[str, ...]) -> tuple[str, ...]:
    return reasons if any(map(denies, reasons)) else (*reasons, "NOW")


def _permission(facts: Facts, at: datetime) -> tuple[str, ...]:
    """Permission first: without one nothing else can allow a contact."""
    if not facts.allowed:
        return ("NO_PERMISSION", *facts.reasons)
    return (*facts.reasons, "PERMISSION_ENDED") if facts.valid_until and at >= facts.valid_until else facts.reasons


def _suspended(facts: Facts, at: datetime) -> tuple[str, ...]:
    """A contact point where somebody else answered or nothing arrives rests; a no heard after the last decision counts at once."""
    here = [attempt for attempt in facts.attempts if attempt.point_ref == facts.point_ref]
    found = {SUSPENDING[one.outcome] for one in here if one.outcome in SUSPENDING and not (facts.verified_at and facts.verified_at > one.at)}
    found |= {"OPTED_OUT" for one in facts.attempts if one.own and one.outcome == "opted_out" and one.at > facts.decided_at}
    return tuple(code for code in ("WRONG_PERSON", "BOUNCED", "OPTED_OUT") if code in found)


def _lists(rules: ContactRules, facts: Facts, message: str, channel: str, at: datetime) -> tuple[str, ...]:
    """Do-not-call lists where the person may be: without a fresh snapshot they deny all they are about."""
    found = []
    for rule in rules.in_force(rules.lists, None, channel, at.date()):
        if not any(rule.reaches(place.country, place.state) for place in facts.places):
            continue
        taken = (facts.snapshots or {}).get(rule.id)
        if message not in rule.classes:
            found += [f"LIST_EXEMPT:{rule.id}"] if rule.id in facts.listed else []
            continue
        found += [f"ON_LIST:{rule.id}"] if rule.id in facts.listed else []
        found += [f"LIST_STALE:{rule.id}"] if taken is None or at >= taken + rule.stale_days * DAY else []
    return tuple(found)


def _reply(rules: ContactRules, facts: Facts, message: str, channel: str, at: datetime) -> str:
    """The rule under which this would be an answer to what the person wrote, if any."""
    heard = [one.at for one in facts.attempts if one.own and one.direction == "inbound" and one.channel == channel]
    for rule in rules.in_force(rules.replies, message, channel, at.date()):
        if heard and at < max(heard) + timedelta(hours=rule.hours) and any(rule.reaches(place.country, place.state) for place in facts.places):
            return rule.id
    return ""


def _opt_in(rules: ContactRules, facts: Facts, message: str, channel: str, at: datetime) -> tuple[str, ...]:
    found = []
    for rule in rules.in_force(rules.opt_in, message, channel, at.date()):
        said = facts.state == "GRANTED" or (rule.relation_suffices and "SALE_PROVEN" in facts.reasons)
        if not said and any(rule.reaches(place.country, place.state) for place in facts.places):
            found.append(f"NO_OPT_IN:{rule.id}")
    return tuple(found)


def hours_at(rules: ContactRules, place: Place, message: str, channel: str, on: date) -> tuple[Hours, ...]:
    """The rules of hours at a place: those that bind there, else the fallback."""
    found = [rule for rule in rules.in_force(rules.hours, message, channel, on) if rule.reaches(place.country, place.state)]
    return tuple(rule for rule in found if not rule.fallback) or tuple(found)


def hours_reasons(rules: ContactRules, places: tuple[Place, ...], message: str, channel: str, at: datetime) -> tuple[str, ...]:
    """Why the hours at any of the places, on any clock they may have, are against it; none when all allow it."""
    found: dict[str, None] = {}
    for place in places:
        closed: dict[str, None] = {}
        for rule in hours_at(rules, place, message, channel, at.date()):
            for zone in place.zones:
                local = at.astimezone(clock(zone))
                kind = kind_of_day(local.date(), place.country, place.state, rule.holidays)
                if not _within(local, rule.windows(kind)):
                    closed[f"{_CODE[kind]}:{rule.id}"] = None
        found |= closed
        found |= {"ZONE_UNKNOWN": None} if closed and len(place.zones) > 1 else {}
    return tuple(found)


def _within(local: datetime, windows: tuple[str, ...]) -> bool:
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in map(minutes, windows))


def newest(preferences: tuple[Preference, ...], kind: str) -> str | None:
    """What the person said last about one kind of preference."""
    said = [one for one in preferences if one.kind == kind]
    return max(said, key=lambda one: (one.said_at, one.value)).value if said else None


def _prefers_channel(rules: ContactRules, facts: Facts, message: str, channel: str) -> tuple[str, ...]:
    wanted = newest(facts.preferences, "channel") if message in rules.preferences else None
    return ("PREFERS_OTHER_CHANNEL",) if wanted and channel not in wanted.split(",") else ()


def _prefers_hours(rules: ContactRules, facts: Facts, message: str, at: datetime) -> tuple[str, ...]:
    wanted = newest(facts.preferences, "hours") if message in rules.preferences else None
    clocks = (clock(zone) for place in facts.places for zone in place.zones)
    return ("PREFERS_OTHER_HOURS",) if wanted and not all(_within(at.astimezone(zone), (wanted,)) for zone in clocks) else ()


def _caps(rules: ContactRules, facts: Facts, message: str, channel: str, at: datetime) -> tuple[str, ...]:
    """Caps that are full: contacts the house made, over all systems and all records of the person; inbound ones do not count."""
    found = []
    for rule in rules.in_force(rules.caps, message, channel, at.date()):
        if not any(rule.reaches(place.country, place.state) for place in facts.places):
            continue
        made = [
            one for one in facts.attempts
            if one.direction == "outbound" and one.channel in rule.channels and rules.classes.get(one.purpose or "", rule.classes[0]) in rule.classes
            and (one.own if rule.per == "person" else one.point_ref == facts.point_ref)
        ]  # fmt: skip
        if sum(one.at > at - rule.days * DAY for one in made) >= rule.most:
            found.append(f"{cap_code(rule.days)}:{rule.id}")
    return tuple(found)


def _changes(rules: ContactRules, facts: Facts, purpose: str, channel: str, at: datetime, asked: datetime | None = None) -> Iterator[datetime]:
    """Every moment from ``at`` to the horizon (of the moment ``asked`` about) at which the answer can change, in order."""
    message, end = rules.classes[purpose], horizon(rules, asked or at)
    once = {one.at + rule.days * DAY for one in facts.attempts for rule in rules.caps} | ({facts.valid_until} if facts.valid_until else set())
    once |= {one.at + timedelta(hours=rule.hours) for one in facts.attempts for rule in rules.replies}
    once |= {taken + rule.stale_days * DAY for rule in rules.lists for name, taken in (facts.snapshots or {}).items() if name == rule.id}
    wanted = newest(facts.preferences, "hours")
    zones = {zone for place in facts.places for zone in place.zones}
    edges = {0} | {edge for window in ([wanted] if wanted else []) for edge in minutes(window)}
    for place in facts.places:
        for rule in hours_at(rules, place, message, channel, at.date()):
            edges |= {edge for kind in ("weekday", "saturday", "sunday", "holiday") for window in rule.windows(kind) for edge in minutes(window)}
    day = at
    while day < end:
        close = min(day + DAY, end)
        found = {moment for moment in once if day <= moment < close}
        for zone in map(clock, zones):
            found |= {moment for moment in _clock(zone, day, close, edges) if day <= moment < close}
        yield from sorted(found)
        day = close


def _clock(zone: ZoneInfo, start: datetime, end: datetime, edges: set[int]) -> set[datetime]:
    """When a clock shows one of the minutes ``edges`` between two moments, and when it is put forward or back."""
    found = set()
    first = start.astimezone(zone).date()
    for ahead in range((end.astimezone(zone).date() - first).days + 2):
        midnight = datetime.combine(first + ahead * DAY, time())
        for edge in edges:
            shown = midnight + timedelta(minutes=edge)
            found |= {shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    if start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
        low, high = start, end
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (middle, high) if middle.astimezone(zone).utcoffset() == start.astimezone(zone).utcoffset() else (low, middle)
        found.add(high)
    return found
