"""One person and contact point with everything that decides a contact, as facts for the readable rules and as frames for the set-based ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pandas as pd

from contacts.model import instant
from contacts.settings import ROOT
from contacts.warehouse import TEXT
from privacy.contact_rules.decision import Answer, Attempt, Facts, Preference, may_contact
from privacy.contact_rules.everyone import Known, contactable
from privacy.contact_rules.model import ContactRules
from privacy.contact_rules.places import Place, candidates
from privacy.policy import Policy, load_policy

HOME = Place("BR", "SP", "America/Sao_Paulo")
NOWHERE = Place(None)
TODAY = datetime(2026, 11, 25, tzinfo=UTC)


@cache
def policy() -> Policy:
    return load_policy(ROOT / "privacy" / "policy.yml")


def with_rules(**changes: Any) -> Policy:
    """The shipped policy with some of its contact rules changed; everything is checked again."""
    rules = policy().contact_rules.model_dump(mode="json") | changes
    return policy().model_copy(update={"contact_rules": ContactRules.model_validate(rules)})


@dataclass(frozen=True)
class Somebody:
    """A person at a contact point; by default one in Sao Paulo who consented, on no list of fresh snapshots, never contacted."""

    address: Place = HOME
    number: Place = HOME
    allowed: bool = True
    state: str = "GRANTED"
    reasons: tuple[str, ...] = ("GRANT_VALID",)
    valid_until: datetime | None = None
    verified_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    preferences: tuple[Preference, ...] = ()
    listed: frozenset[str] = frozenset()
    snapshots: tuple[tuple[str, datetime], ...] = (("nao_me_perturbe", TODAY), ("procon_sp", TODAY))
    decided_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    point_ref: int = 1

    def but(self, **changes: Any) -> "Somebody":
        return replace(self, **changes)


def facts(policy: Policy, who: Somebody, channel: str) -> Facts:
    places = candidates(policy.contact_rules, channel, who.address, who.number)
    return Facts(
        who.allowed, who.state, who.reasons, places, who.point_ref, who.valid_until, who.decided_at, who.verified_at, who.attempts, who.preferences,
        who.listed, dict(who.snapshots),
    )  # fmt: skip


def text(rows: Sequence[dict[str, Any]], *columns: str, **kinds: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[*columns, *kinds]).astype({**dict.fromkeys(columns, TEXT), **kinds})


def frames(people: Sequence[Somebody]) -> tuple[pd.DataFrame, Known]:
    """Somebody as P-0, P-1, ... each with contact points of their own."""
    cases, attempts, preferences, listed = [], [], [], []
    for number, who in enumerate(people):
        name, point = f"P-{number}", 10 * number + who.point_ref
        row = {"person_id": name, "point_ref": point, "allowed": who.allowed, "state": who.state, "reasons": ",".join(who.reasons)}
        row |= {"valid_until": who.valid_until and instant(who.valid_until), "verified_at": who.verified_at and instant(who.verified_at), "language": None}
        row |= {"country": who.address.country, "uf": who.address.state, "time_zone": who.address.zone}
        row |= {"phone_country": who.number.country, "phone_uf": who.number.state, "phone_time_zone": who.number.zone}
        cases.append(row)
        for place, one in enumerate(who.attempts):
            ref = None if one.point_ref is None else 10 * number + one.point_ref
            shared = {"attempt_id": 1000 * number + place, "point_ref": ref, "channel": one.channel, "direction": one.direction}
            shared |= {"purpose": one.purpose, "at": instant(one.at), "outcome": one.outcome, "person_id": name if one.own else "P-other"}
            attempts.append(shared)
        preferences += [{"person_id": name, "kind": one.kind, "value": one.value, "said_at": instant(one.said_at)} for one in who.preferences]
        listed += [{"list": one, "point_ref": point} for one in sorted(who.listed)]
    columns = ("person_id", "state", "reasons", "valid_until", "verified_at", "language", "country", "uf", "time_zone")
    made = text(cases, *columns, "phone_country", "phone_uf", "phone_time_zone", point_ref="int64", allowed="bool")
    known = Known(
        text(attempts, "person_id", "channel", "direction", "purpose", "at", "outcome", attempt_id="int64", point_ref="Int64"),
        text(preferences, "person_id", "kind", "value", "said_at"),
        text(listed, "list", point_ref="int64"),
        dict(people[0].snapshots),
        people[0].decided_at,
    )
    return made, known


def as_row(answer: Answer) -> dict[str, Any]:
    """An answer of the readable rules as the set-based ones give it."""
    moments = {name: moment and instant(moment) for name, moment in (("until", answer.until), ("next_at", answer.next_at))}
    return {"allowed": answer.allowed, "reasons": ",".join(answer.reasons), **moments, "language": answer.language}


def of_everyone(policy: Policy, people: Sequence[Somebody], purpose: str, channel: str, at: datetime) -> list[dict[str, Any]]:
    """What the set-based rules say of several people at once."""
    found = contactable(policy, at, purpose, channel, *frames(people))
    return [{name: None if value is pd.NA or value != value else value for name, value in row.items()} for row in found.to_dict("records")]


def ask(who: Somebody, purpose: str, channel: str, at: datetime, under: Policy | None = None) -> Answer:
    """The readable answer, after checking that the set-based rules give the same."""
    rules = under or policy()
    answer = may_contact(rules, facts(rules, who, channel), purpose, channel, at)
    assert of_everyone(rules, [who], purpose, channel, at) == [as_row(answer)]
    return answer
