"""One decision in plain Python: may this person be reached, for this purpose, on this channel, at this contact point, and why?

Slow and readable on purpose. It states the rules; ``privacy.consent`` does the same for everybody at once, and
the property tests hold the two against each other.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contacts.model import instant
from contacts.schema import CHANNEL_POINT
from privacy.policy import NO_CHANNEL, Policy, Purpose
from privacy.reasons import BIT, DENYING, PERMITTING, codes
from privacy.scope import RESTRICTIONS, restriction_reason

UNKNOWN = 999
"""Age of a record that says nothing about it: no birth date, or one without a year."""
GIVERS = ("self", "guardian")
"""Who can consent: the person, or a guardian for a minor. An agent's or an import's word is no proof."""


@dataclass(frozen=True)
class Event:
    """One consent event as the ledger of consents holds it. ``origin`` says over which link a restriction came: own, possible or departed."""

    record_id: int
    type: str
    purpose: str
    channel: str = "*"
    point_ref: int | None = None
    purpose_version: str | None = None
    effective_at: str | None = None
    recorded_at: str = "1970-01-01T00:00:00Z"
    actor: str = "import"
    method: str | None = None
    text_version: str | None = None
    text_hash: str | None = None
    origin: str = "own"


@dataclass(frozen=True)
class Record:
    """What one record of the person says that matters for permission. ``points``: (type, point_ref)."""

    record_id: int
    source: str
    country: str | None = None
    birth_date: str | None = None
    points: frozenset[tuple[str, int]] = frozenset()
    has_address: bool = False

    def holds(self, channel: str, point_ref: int) -> bool:
        """Whether this record knows the contact point; ``post`` means an address, no channel means the record itself."""
        if channel == NO_CHANNEL:
            return point_ref == 0
        if CHANNEL_POINT[channel] == "address":
            return self.has_address and point_ref == 0
        return (CHANNEL_POINT[channel], point_ref) in self.points


@dataclass(frozen=True)
class Decision:
    """The answer and all its reasons, not only the first."""

    allowed: bool
    state: str
    reasons: tuple[str, ...]
    regimes: str
    basis: str
    valid_until: str | None = None


def decide(policy: Policy, as_of: datetime, records: tuple[Record, ...], events: tuple[Event, ...], purpose: str, channel: str, point_ref: int) -> Decision:
    """Decide one case. ``records`` and ``events`` are the person's; events that came over a weaker link say so in ``origin``.

    LGPD art. 7, 8, 14, 18; GDPR art. 6, 7, 8, 18, 21. Grants are read narrowly, restrictions widely, doubt denies.
    """
    rules = policy.purposes[purpose]
    regimes = frozenset().union(*(policy.regimes_of(record.country) for record in records if record.country)) or policy.regimes_of(None)
    minor = any(_age(record, as_of) < max(policy.consent_age(regimes), policy.consent_age(policy.regimes_of(record.country))) for record in records)
    of_age = any(policy.majority <= _age(record, as_of) < UNKNOWN for record in records)
    days = _validity(policy, as_of, {record.country for record in records}, channel)

    no_bits, no_at, no_state = _restrictions(policy, events, purpose, channel, point_ref)
    bits, state, until = 0, "", None
    yes_at, grant_bits, grants = None, 0, [event for event in events if _about(event, records, rules, purpose, channel, point_ref)]
    for event in grants:
        faults = _faults(event, rules, channel, point_ref, as_of, days, minor, of_age)
        grant_bits |= faults
        if not faults:
            yes_at = max(yes_at or "", event.effective_at or "")
    if rules.requires == "consent":
        beaten = yes_at is not None and no_at is not None and yes_at > no_at and not no_bits & BIT["RESTRICTED"]
        if no_at is not None and not beaten:
            bits |= no_bits | (BIT["ORDER_UNKNOWN"] if yes_at == no_at else 0)
            state = "RESTRICTED" if no_bits & BIT["RESTRICTED"] else "CONFLICT" if yes_at == no_at else no_state
        if minor and rules.minors == "deny":
            bits |= BIT["MINOR"]
            state = state or "MINOR"
        if yes_at is None:
            bits |= grant_bits or (0 if no_at else BIT["NEVER_ASKED"])
            state = state or _ungranted(grant_bits)
        elif not bits:
            bits = BIT["GRANT_VALID"] | (BIT["GRANT_AFTER_NO"] if beaten else 0)
            state = "GRANTED"
            until = instant(datetime.fromisoformat(yes_at) + timedelta(days=days)) if days else None
    else:
        if no_at is not None and (rules.opt_out or no_bits & BIT["RESTRICTED"]):
            bits |= no_bits
            state = "RESTRICTED" if no_bits & BIT["RESTRICTED"] else no_state
        if minor and rules.minors == "deny":
            bits |= BIT["MINOR"]
            state = state or "MINOR"
        if rules.balancing_test and as_of.date() > rules.balancing_test.review_by:
            bits |= BIT["BALANCING_TEST_EXPIRED"]
            state = state or "LIA_EXPIRED"
        if rules.requires == "relation" and not any(record.source in rules.relation and record.holds(channel, point_ref) for record in records):
            bits |= BIT["NO_RELATION"]
            state = state or "NO_RELATION"
        if not bits:
            bits = BIT["RELATION_PROVEN"] if rules.requires == "relation" else BIT["NOTHING_MORE_NEEDED"]
            bits |= BIT["DUTY_DESPITE_NO"] if no_at is not None else 0
            state = "BASIS"
            until = f"{rules.balancing_test.review_by}T23:59:59Z" if rules.balancing_test else None
    allowed = not bits & DENYING
    shown = codes(bits & (PERMITTING if allowed else DENYING))
    names = "+".join(sorted(regimes, reverse=True))
    return Decision(allowed, state, tuple(shown.split(",")), names, rules.basis(names), until)


def youngest_age(birth_date: str | None, on: date) -> int:
    """Whole years on a day, the lowest the text allows: no day counts as the last of the month, no month as the last of the year."""
    if not birth_date or not birth_date[:4].isdigit():
        return UNKNOWN
    month = int(birth_date[5:7]) if len(birth_date) >= 7 else 12
    day = int(birth_date[8:10]) if len(birth_date) >= 10 else 31
    return on.year - int(birth_date[:4]) - ((on.month, on.day) < (month, day))


def _restrictions(policy: Policy, events: tuple[Event, ...], purpose: str, channel: str, point_ref: int) -> tuple[int, str | None, str]:
    """All reasons against, the latest moment of a no (unknown time: when it was recorded), and the state that no gives."""
    bits, latest, state = 0, None, ""
    for event in events:
        reason = restriction_reason(policy, event.type, event.purpose, event.channel, purpose, channel)
        if not reason or event.point_ref not in (None, point_ref):
            continue
        bits |= BIT[reason] | {"own": 0, "possible": BIT["NO_OF_POSSIBLE_SAME_PERSON"], "departed": BIT["NO_OF_DEPARTED_RECORD"]}[event.origin]
        moment = event.effective_at if _exact(event.effective_at) else event.recorded_at
        rank = RESTRICTIONS.index(event.type)
        if latest is None or (moment, rank) > latest:
            latest, state = (moment, rank), event.type.upper()
    return bits, latest[0] if latest else None, state


def _about(event: Event, records: tuple[Record, ...], rules: Purpose, purpose: str, channel: str, point_ref: int) -> bool:
    """Whether a grant is about this case: its own record must hold the contact point today, so that merging records never widens it."""
    if event.type != "granted" or event.origin != "own" or event.purpose != purpose or event.channel not in ("*", channel):
        return False
    if event.point_ref not in (None, point_ref):
        return False
    return any(record.record_id == event.record_id and record.holds(channel, point_ref) for record in records)


def _faults(event: Event, rules: Purpose, channel: str, point_ref: int, as_of: datetime, days: int, minor: bool, of_age: bool) -> int:
    """Why a grant does not count; 0 when it does (LGPD art. 8 §2: the controller bears the proof)."""
    faults = 0
    exact = _exact(event.effective_at)
    if not exact:
        faults |= BIT["PROOF_WITHOUT_TIME"]
    if not event.method:
        faults |= BIT["PROOF_WITHOUT_METHOD"]
    if not event.text_version or not event.text_hash:
        faults |= BIT["PROOF_WITHOUT_TEXT"]
    if event.actor not in GIVERS:
        faults |= BIT["PROOF_NOT_BY_PERSON"]
    if event.channel == "*" or (event.point_ref is None and point_ref):
        faults |= BIT["PROOF_WITHOUT_POINT"]
    if event.purpose_version not in rules.versions:
        faults |= BIT["OTHER_VERSION"]
    if exact and datetime.fromisoformat(exact) > as_of:
        faults |= BIT["NOT_YET_EFFECTIVE"]
    if exact and days and datetime.fromisoformat(exact) + timedelta(days=days) <= as_of:
        faults |= BIT["EXPIRED"]
    if event.actor == "guardian" and of_age:
        faults |= BIT["GUARDIAN_LAPSED"]
    if event.actor == "self" and minor and rules.minors == "guardian":
        faults |= BIT["MINOR_NO_GUARDIAN"]
    return faults


def _ungranted(bits: int) -> str:
    """The state of a purpose nobody validly consented to."""
    if bits & (BIT["EXPIRED"] | BIT["GUARDIAN_LAPSED"]):
        return "EXPIRED"
    if bits & BIT["MINOR_NO_GUARDIAN"]:
        return "MINOR"
    unproven = ("PROOF_WITHOUT_TIME", "PROOF_WITHOUT_METHOD", "PROOF_WITHOUT_TEXT", "PROOF_NOT_BY_PERSON", "PROOF_WITHOUT_POINT")
    return "UNPROVEN" if any(bits & BIT[code] for code in unproven) else "NEVER_ASKED"


def _validity(policy: Policy, as_of: datetime, countries: set[str | None], channel: str) -> int:
    """Days a consent counts on this channel where the person lives; the shortest rule in force, 0 for none."""
    found = [rule.days for rule in policy.consent_validity if rule.country in countries and channel in rule.channels and rule.since <= as_of.date()]
    return min(found, default=0)


def _age(record: Record, as_of: datetime) -> int:
    """Age in years the record allows at least; UNKNOWN when it says nothing."""
    return youngest_age(record.birth_date, as_of.date())


def _exact(moment: str | None) -> str | None:
    """The moment if it is an exact one as the warehouse writes it, else None: a date without a time is not exact."""
    try:
        datetime.strptime(moment or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=None)
    except ValueError:
        return None
    return moment
