"""What is wrong with one grant, in plain Python: the controller bears the proof (LGPD art. 8 §2, GDPR art. 7(1))."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contacts.model import instant
from privacy.policy import Policy
from privacy.purpose import Purpose
from privacy.reasons import BIT
from privacy.timeline import Event, exact

GIVERS = ("self", "guardian")
"""Who can consent: the person, or a guardian for a minor. An agent's or an import's word is no proof."""


@dataclass(frozen=True)
class Circumstances:
    """What is true of the person and the case whatever was said. ``days``: how long a consent counts, 0 for no limit.

    ``unnoticed``, ``unnamed``: records nobody was told of, and of public data without this purpose.
    ``consent_or_sale``: marketing needs consent here, or a sale on record in its place.
    """

    policy: Policy
    as_of: datetime
    channel: str
    point_ref: int
    days: int
    minor: bool
    of_age: bool
    consent_only: bool
    unnoticed: frozenset[int]
    consent_or_sale: bool = False
    unnamed: frozenset[int] = frozenset()


def faults_of(event: Event, events: tuple[Event, ...], rules: Purpose, case: Circumstances) -> int:
    """Why a grant does not count, as bits; 0 when it does."""
    faults = 0
    at, now = exact(event.effective_at), instant(case.as_of)
    if not at:
        faults |= BIT["PROOF_WITHOUT_TIME"]
    if not event.method:
        faults |= BIT["PROOF_WITHOUT_METHOD"]
    if event.method in case.policy.null_methods:
        faults |= BIT["PROOF_NULL_METHOD"]
    if not event.text_version or not event.text_hash:
        faults |= BIT["PROOF_WITHOUT_TEXT"]
    if event.actor not in GIVERS:
        faults |= BIT["PROOF_NOT_BY_PERSON"]
    if event.controller not in case.policy.controllers:
        faults |= BIT["PROOF_OTHER_CONTROLLER"]
    if event.channel == "*" or (event.point_ref is None and case.point_ref):
        faults |= BIT["PROOF_WITHOUT_POINT"]
    if event.purpose_version not in rules.accepted_versions:
        faults |= BIT["OTHER_VERSION"]
    elif event.purpose_version not in rules.naming_versions:
        faults |= BIT["RECIPIENT_NOT_NAMED"]
    if event.record_id in case.unnamed:
        faults |= BIT["PUBLIC_WITHOUT_PURPOSE"]
    if at and at > now:
        faults |= BIT["NOT_YET_EFFECTIVE"]
    if at and (end := end_of(event, case)) and end <= now:
        faults |= BIT["EXPIRED"]
    if event.actor == "guardian" and case.of_age:
        faults |= BIT["GUARDIAN_LAPSED"]
    if event.actor == "self" and case.minor and rules.minors == "guardian":
        faults |= BIT["MINOR_NO_GUARDIAN"]
    if not faults and case.channel in rules.double_opt_in and not any(_confirms(other, event, rules, now) for other in events):
        faults |= BIT["CONFIRM_PENDING"]
    if not faults & ~BIT["CONFIRM_PENDING"] and event.record_id in case.unnoticed:
        faults |= BIT["NOTICE_PENDING"]
    return faults


def faults_of_sale(event: Event, rules: Purpose, case: Circumstances) -> int:
    """Why a sale on record is no soft opt-in, as bits; 0 when it is one (CAPEM; Directive 2002/58/EC art. 13(2)).

    A sale without a reference makes no event. The text is the one that offered the no when the address was taken down.
    """
    soft, at, now = rules.soft_opt_in, exact(event.effective_at), instant(case.as_of)
    named = event.channel != "*" and (event.point_ref is not None or not case.point_ref)
    offered = event.text_version and event.text_hash and event.controller in case.policy.controllers
    if not (soft and soft.in_force(case.as_of.date()) and at and at <= now and named and offered) or event.record_id in case.unnoticed | case.unnamed:
        return BIT["SALE_UNPROVEN"]
    return BIT["SALE_LAPSED"] if end_of_sale(event, rules) <= now else 0


def end_of_sale(event: Event, rules: Purpose) -> str:
    """When a dated sale ends to be a soft opt-in."""
    days = rules.soft_opt_in.days if rules.soft_opt_in else 0
    return instant(datetime.fromisoformat(str(event.effective_at)) + timedelta(days=days))


def end_of(event: Event, case: Circumstances) -> str | None:
    """When a dated grant ends: by its own date or by the law where the person lives, whichever is earlier; None for no end."""
    by_law = instant(datetime.fromisoformat(str(event.effective_at)) + timedelta(days=case.days)) if case.days else None
    return min((end for end in (exact(event.expires_at), by_law) if end), default=None)


def _confirms(other: Event, grant: Event, rules: Purpose, now: str) -> bool:
    """Whether ``other`` confirms the grant: by the same record, for the same thing, by the person, in time."""
    at = exact(other.effective_at)
    if other.type != "confirmed" or not at or other.origin != "own" or other.actor not in GIVERS or at > now:
        return False
    same = (other.record_id, other.purpose, other.channel, other.point_ref) == (grant.record_id, grant.purpose, grant.channel, grant.point_ref)
    latest = instant(datetime.fromisoformat(str(grant.effective_at)) + timedelta(days=rules.confirm_within_days))
    return same and str(grant.effective_at) <= at <= latest
