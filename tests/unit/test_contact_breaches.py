"""Contacts against a rule or a no are found again in the ledger of attempts, and counted without naming anybody."""

from datetime import UTC, datetime

import pandas as pd

from privacy.contact_rules.breaches import breaches
from tests.contact_worlds import Somebody, frames, policy, text

EVENTS = ("person_id", "type", "purpose", "channel", "effective_at", "recorded_at", "actor")


def attempts(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """(moment, channel, purpose) of outbound attempts at one person."""
    made = [
        {
            "attempt_id": number,
            "person_id": "P-0",
            "point_ref": 1,
            "channel": channel,
            "direction": "outbound",
            "purpose": purpose,
            "at": at,
            "outcome": "reached",
        }
        for number, (at, channel, purpose) in enumerate(rows)
    ]
    return text(made, "person_id", "channel", "direction", "purpose", "at", "outcome", attempt_id="int64", point_ref="Int64")


def said(kind: str, at: str, purpose: str = "partner_offers", channel: str = "*") -> dict[str, str]:
    return {"person_id": "P-0", "type": kind, "purpose": purpose, "channel": channel, "effective_at": at, "recorded_at": at, "actor": "self"}


def found(made: pd.DataFrame, *events: dict[str, str]) -> dict[tuple[str, str], int]:
    cases, _ = frames([Somebody()])
    rows = breaches(policy(), made, cases, text(list(events), *EVENTS))
    return {(row["rule"], row["channel"]): row["n"] for row in rows.to_dict("records")}


CALL = ("2026-11-24T15:00:00Z", "phone", "partner_offers")


def test_a_call_within_the_rules_is_no_breach() -> None:
    assert found(attempts(CALL)) == {}
    assert datetime.fromisoformat(CALL[0]).tzinfo is UTC


def test_a_call_at_night_on_sunday_and_on_a_holiday_is_counted_by_rule() -> None:
    night, sunday, holiday = "2026-11-25T01:00:00Z", "2026-11-29T15:00:00Z", "2026-11-20T15:00:00Z"
    made = attempts(*[(at, "phone", "partner_offers") for at in (night, sunday, holiday)])
    assert found(made) == {("QUIET_HOURS:house", "phone"): 1, ("DAY_OF_REST:house", "phone"): 1, ("HOLIDAY:house", "phone"): 1}


def test_the_third_call_of_a_day_is_above_the_cap() -> None:
    made = attempts(*[(f"2026-11-24T{hour}:00:00Z", "phone", "partner_offers") for hour in (13, 15, 17)])
    assert found(made) == {("CAP_DAY:house-day", "phone"): 1, ("CAP_DAY:number-day", "phone"): 1}


def test_a_call_after_a_withdrawal_took_effect_is_counted_unless_a_yes_lies_between() -> None:
    no = said("withdrawn", "2026-11-24T14:00:00Z")
    assert found(attempts(CALL), no) == {("AFTER_NO", "phone"): 1}
    assert found(attempts(CALL), said("withdrawn", "2026-11-24T16:00:00Z")) == {}
    assert found(attempts(CALL), no, said("granted", "2026-11-24T14:30:00Z", channel="phone")) == {}
    assert found(attempts(CALL), said("withdrawn", "2026-11-24T14:00:00Z", channel="email")) == {}
    assert found(attempts(CALL), said("objected", "2026-11-24T14:00:00Z", purpose="newsletter")) == {("AFTER_NO", "phone"): 1}
    assert found(attempts(("2026-11-24T15:00:00Z", "phone", "service")), said("objected", "2026-11-24T14:00:00Z", purpose="service")) == {}
