"""One decision in plain Python: may this person be reached, for this purpose, on this channel, at this contact point, and why?

Slow and readable on purpose. It states the rules; ``privacy.consent`` does the same for everybody at once, and
the property tests hold the two against each other.
"""

from dataclasses import dataclass
from datetime import datetime

from contacts.schema import CHANNEL_POINT
from privacy.policy import NO_CHANNEL, Policy, Purpose
from privacy.policy_parts import in_force
from privacy.proof import Circumstances, end_of, end_of_sale, faults_of, faults_of_sale
from privacy.reasons import BIT, DENYING, PERMITTING, codes, ungranted
from privacy.scope import RESTRICTIONS, restriction_reason
from privacy.timeline import Event, counting, said_at

__all__ = ["Decision", "Event", "Record", "decide", "youngest_age"]

UNKNOWN = 999
"""Age of a record that says nothing about it: no birth date, or one without a year."""


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


def decide(
    policy: Policy, as_of: datetime, records: tuple[Record, ...], events: tuple[Event, ...], purpose: str, channel: str, point_ref: int,
    known_at: datetime | None = None,
) -> Decision:  # fmt: skip
    """Decide one case as effective at ``as_of`` and as known at ``known_at`` (all that is known, when left out).

    ``records`` and ``events`` are the person's; events that came over a weaker link say so in ``origin``.
    LGPD art. 7, 8, 14, 18; GDPR art. 6, 7, 8, 18, 21. Grants are read narrowly, restrictions widely, doubt denies.
    """
    rules = policy.purposes[purpose]
    events = counting(events, as_of, known_at)
    at_hand = circumstances(policy, as_of, records, events, rules, purpose, channel, point_ref)
    no_bits, no_at, no_state = _restrictions(policy, events, purpose, channel, point_ref)
    bits, state, until, beaten = 0, "", None, False
    regimes = frozenset().union(*(policy.regimes_of(record.country) for record in records if record.country)) or policy.regimes_of(None)

    if rules.requires == "consent":
        grants = [event for event in events if about(event, records, purpose, channel, point_ref)]
        found = [(faults_of(event, events, rules, at_hand), event) for event in grants]
        grant_bits = 0
        for faults, _ in found:
            grant_bits |= faults
        yes_at = max((str(event.effective_at) for faults, event in found if not faults), default=None)
        beaten = yes_at is not None and no_at is not None and yes_at > no_at and not no_bits & BIT["RESTRICTED"]
        if no_at is not None and not beaten:
            bits |= no_bits | (BIT["ORDER_UNKNOWN"] if yes_at == no_at else 0)
            state = "RESTRICTED" if no_bits & BIT["RESTRICTED"] else "CONFLICT" if yes_at == no_at else no_state
        if yes_at is None:
            bits |= grant_bits or (0 if no_at else BIT["NEVER_ASKED"])
    elif no_at is not None and (rules.opt_out or no_bits & (BIT["RESTRICTED"] | BIT["WRONG_PERSON"])):
        bits |= no_bits
        state = "RESTRICTED" if no_bits & BIT["RESTRICTED"] else no_state
    if at_hand.minor and rules.minors == "deny":
        bits |= BIT["MINOR"]
        state = state or "MINOR"
    if all(record.record_id in at_hand.unnamed for record in records if record.holds(channel, point_ref)):
        bits |= BIT["PUBLIC_WITHOUT_PURPOSE"]
        state = state or "NO_PURPOSE"
    if rules.requires == "consent":
        state = state or ("" if yes_at else ungranted(grant_bits))
        if not bits:
            bits = BIT["GRANT_VALID"] | (BIT["GRANT_AFTER_NO"] if beaten else 0)
            state = "GRANTED"
            ends = [end_of(event, at_hand) for faults, event in found if not faults and event.effective_at == yes_at]
            until = None if None in ends else max(end for end in ends if end)
    else:
        sales = [event for event in events if rules.asks_sale(channel) and about(event, records, purpose, channel, point_ref, "bought")]
        sold = [(faults_of_sale(event, rules, at_hand), event) for event in sales]
        bits, state = _other_ground(policy, as_of, rules, records, channel, point_ref, at_hand, bits, state, [faults for faults, _ in sold])
        if not bits:
            bits = BIT["SALE_PROVEN"] if rules.asks_sale(channel) else BIT["NOTHING_MORE_NEEDED"] if rules.requires == "none" else 0
            bits |= BIT["RELATION_PROVEN"] if rules.requires == "relation" else 0
            bits |= BIT["DUTY_DESPITE_NO"] if no_at is not None else 0
            state = "BASIS"
            review = [f"{rules.balancing_test.review_by}T23:59:59Z"] if rules.balancing_test else []
            until = min(review + sorted(end_of_sale(event, rules) for faults, event in sold if not faults)[-1:], default=None)
    allowed = not bits & DENYING
    shown = codes(bits & (PERMITTING if allowed else DENYING))
    names = "+".join(sorted(regimes, reverse=True))
    return Decision(allowed, state, tuple(shown.split(",")), names, rules.basis(names), until)


def _other_ground(
    policy: Policy, as_of: datetime, rules: Purpose, records: tuple[Record, ...], channel: str, point_ref: int, at_hand: Circumstances, bits: int, state: str,
    sales: list[int],
) -> tuple[int, str]:  # fmt: skip
    """What speaks against a purpose that rests on another ground than consent; ``sales``: the faults of each sale on record."""
    holders = [record for record in records if record.holds(channel, point_ref)]
    told = [record for record in holders if record.record_id not in at_hand.unnoticed]
    sold = 0 in sales
    if at_hand.consent_only or (at_hand.consent_or_sale and not sold):
        bits |= BIT["CONSENT_REQUIRED"]
        state = state or "CONSENT_REQUIRED"
    if rules.balancing_test and as_of.date() > rules.balancing_test.review_by:
        bits |= BIT["BALANCING_TEST_EXPIRED"]
        state = state or "LIA_EXPIRED"
    if not told:
        bits |= BIT["NOTICE_PENDING"]
        state = state or "NOTICE_PENDING"
    if rules.requires == "relation" and not any(record.source in rules.relation for record in told if record.record_id not in at_hand.unnamed):
        bits |= BIT["NO_RELATION"]
        state = state or "NO_RELATION"
    if rules.asks_sale(channel) and not sold:
        bits |= BIT["SALE_LAPSED"] if BIT["SALE_LAPSED"] in sales else BIT["SALE_UNPROVEN"]
        state = state or "NO_SALE"
    return bits, state


def circumstances(
    policy: Policy, as_of: datetime, records: tuple[Record, ...], events: tuple[Event, ...], rules: Purpose, purpose: str, channel: str, point_ref: int
) -> Circumstances:
    """What is true of the person whatever was said: age, country, and which of the records still wait for a notice."""
    on = as_of.date()
    regimes = frozenset().union(*(policy.regimes_of(record.country) for record in records if record.country)) or policy.regimes_of(None)
    countries = {record.country for record in records}
    ages = {record: youngest_age(record.birth_date, as_of) for record in records}
    told = {
        event.record_id for event in events if event.type == "notified" and event.origin == "own" and said_at(event) <= as_of.strftime("%Y-%m-%dT%H:%M:%SZ")
    }
    validity = [
        rule.days
        for rule in in_force(policy.consent_validity, on)
        if rule.country in countries and channel in rule.channels and (not rule.purposes or purpose in rule.purposes)
    ]
    only = [rule for rule in in_force(policy.consent_only, on) if rules.marketing and countries & set(rule.countries) and channel in rule.channels]
    return Circumstances(
        policy=policy,
        as_of=as_of,
        channel=channel,
        point_ref=point_ref,
        days=min(validity, default=0),
        minor=any(age < max(policy.consent_age(regimes, on), policy.consent_age(policy.regimes_of(record.country), on)) for record, age in ages.items()),
        of_age=any(policy.majority_age(on) <= age < UNKNOWN for age in ages.values()),
        consent_only=any(not rule.soft_opt_in for rule in only),
        consent_or_sale=any(rule.soft_opt_in for rule in only),
        unnamed=frozenset(record.record_id for record in records if record.source in policy.unnamed_sources(purpose, on)),
        unnoticed=frozenset(record.record_id for record in records if record.source in policy.unnoticed_sources and record.record_id not in told),
    )


def youngest_age(birth_date: str | None, on: datetime) -> int:
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
        rank = RESTRICTIONS.index(event.type)
        if latest is None or (said_at(event), rank) > latest:
            latest, state = (said_at(event), rank), event.type.upper()
    return bits, latest[0] if latest else None, state


def about(event: Event, records: tuple[Record, ...], purpose: str, channel: str, point_ref: int, kind: str = "granted") -> bool:
    """Whether a grant (or a sale) is about this case: its own record must hold the contact point today, so that merging records never widens it."""
    if event.type != kind or event.origin != "own" or event.purpose != purpose or event.channel not in ("*", channel):
        return False
    if event.point_ref not in (None, point_ref):
        return False
    return any(record.record_id == event.record_id and record.holds(channel, point_ref) for record in records)
