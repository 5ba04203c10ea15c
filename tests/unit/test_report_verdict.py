"""The verdict is one word for what became of the batch; the list holds what needs a person, worst first."""

from typing import Any

import pytest

from privacy.report.needs import needs, verdict
from privacy.report.proof import STAGES
from privacy.report.records import files_refused


def figures(**changes: Any) -> dict[str, Any]:
    """A batch that is published and needs nobody, with some parts changed."""
    calm: dict[str, Any] = {
        "batch": {"batch_id": "b2", "number": 2, "gate": "green", "live_number": 2, "live_batch": "b2", "once_published": True},
        "integrity": {"problem": "", "stages": [{"stage": stage, "finished": True} for stage in STAGES]},
        "conservation": [],
        "lapsed_rows": 0,
        "funnel": {"records": 100, "quarantined": 6, "gone": 0},
        "deliveries": [],
        "quality": {"by_rule": [], "limits": [], "passed": 100, "evaluated": 100, "odd": {"until": 0, "found": []}},
        "ageing": {"old": 0},
        "audit": {"signed_on": "2026-11-01", "days": 20},
        "merges": {"unsure_pairs": 0},
        "purposes": [],
        "consents": {"breaches": []},
        "personal_data": {"found": []},
    }
    for name, change in changes.items():
        calm[name] = calm[name] | change if isinstance(change, dict) else change
    calm["needs"] = needs(calm)
    return calm


def unpublished(gate: str | None, missing: str = "publish") -> dict[str, Any]:
    stages = [{"stage": stage, "finished": stage not in missing.split()} for stage in STAGES]
    return figures(batch={"gate": gate, "live_number": 1, "live_batch": "b1", "once_published": False}, integrity={"stages": stages})


def delivery(**changes: Any) -> dict[str, Any]:
    return {"source": "crm", "object": "contacts", "status": "ok", "reason": None, "refused": 0, "holds": True} | changes


def codes(made: dict[str, Any]) -> list[tuple[str, str]]:
    return [(need["level"], need["code"]) for need in made["needs"]]


@pytest.mark.parametrize(
    ("made", "state", "light"),
    [
        (figures(), "published", "green"),
        (unpublished("amber"), "waiting", "amber"),
        (unpublished("red"), "stopped", "red"),
        (unpublished("green"), "unfinished", "amber"),
        (unpublished(None, "validate scan publish"), "unfinished", "amber"),
        (figures(batch={"live_number": 3}), "superseded", "green"),
        (figures(batch={"live_number": 1}), "rolled_back", "amber"),
        (figures(batch={"gate": "amber"}), "published", "amber"),
        (figures(merges={"unsure_pairs": 3}), "published", "amber"),
        (figures(lapsed_rows=15), "published", "green"),
        (figures(batch={"live_number": 3}, merges={"unsure_pairs": 3}), "superseded", "amber"),
        (figures(integrity={"problem": "entry 3 was changed"}), "published", "red"),
    ],
)
def test_verdict(made: dict[str, Any], state: str, light: str) -> None:
    found = verdict(made)
    assert (found["state"], found["light"]) == (state, light)


def test_a_calm_batch_needs_nobody() -> None:
    assert figures()["needs"] == []


def test_an_amber_gate_asks_for_approval_with_the_command_to_type() -> None:
    (need,) = unpublished("amber")["needs"]
    assert (need["code"], need["level"], need["command"]) == ("gate_amber", "amber", "lastro run --batch b2 --approve WHO")


def test_the_verdict_counts_what_waits_and_leaves_out_what_is_only_to_be_known() -> None:
    made = figures(deliveries=[delivery(status="empty"), delivery(refused=2)], merges={"unsure_pairs": 3}, lapsed_rows=15)
    assert len(made["needs"]) == 4
    assert verdict(made)["waiting"] == 2


@pytest.mark.parametrize(
    ("change", "command", "see"),
    [
        ({"merges": {"unsure_pairs": 3}}, "lastro review", "merges"),
        ({"integrity": {"problem": "entry 3 was changed"}}, "lastro ledger verify", "integrity"),
        ({"deliveries": [delivery(status="partial")]}, "lastro stage ingest --source crm --batch b2", "quality"),
        ({"deliveries": [delivery(refused=3)]}, None, "quality"),
        ({"personal_data": {"found": [{"field": "crm.Description", "sensitive": True}]}}, None, "personal_data"),
        ({"personal_data": {"found": [{"field": "crm.Description", "sensitive": False}]}}, None, "personal_data"),
        ({"purposes": [{"purpose": "p", "denied": [{"state": "UNPROVEN", "persons": 9}], "expiring": 0, "review_due": False}]}, None, "purposes"),
    ],
)
def test_a_command_is_named_only_where_it_does_the_thing(change: dict[str, Any], command: str | None, see: str) -> None:
    (need,) = figures(**change)["needs"]
    assert (need["command"], need["see"]) == (command, see)


def test_a_red_gate_is_not_to_be_approved() -> None:
    (need,) = unpublished("red")["needs"]
    assert (need["code"], need["level"]) == ("gate_red", "red")
    assert "--approve" not in need["command"]


def test_a_red_gate_names_what_closed_it() -> None:
    closed = {"rule": "DQ-903", "sources": 5, "beyond": 2, "agrees": True}
    red = {"gate": "red", "live_number": 1, "live_batch": "b1", "once_published": False}
    (need,) = figures(batch=red, quality={"limits": [closed, closed | {"rule": "DQ-902", "beyond": 0}]})["needs"]
    assert need["values"] == {"halting": 1, "disagreeing": 0}


@pytest.mark.parametrize(
    ("change", "level", "code"),
    [
        ({"integrity": {"problem": "entry 3 was changed"}}, "red", "ledger"),
        ({"conservation": [{"check": "contacts", "left": 9, "right": {"linked": 8}, "holds": False}]}, "red", "conservation"),
        ({"conservation": [{"check": "published", "left": 2, "right": {}, "holds": False}]}, "red", "without_permission"),
        ({"lapsed_rows": 15}, "info", "lapsed"),
        ({"deliveries": [delivery(holds=False)]}, "red", "conservation"),
        ({"deliveries": [delivery(status="stopped", reason="WRONG_ENCODING")]}, "amber", "delivery_stopped"),
        ({"deliveries": [delivery(status="partial", reason="MISSING_COLUMN")]}, "amber", "delivery_partial"),
        ({"deliveries": [delivery(status="empty", reason="NO_FILES")]}, "info", "delivery_empty"),
        ({"deliveries": [delivery(reason="NOT_FRESH")]}, "amber", "contract_breached"),
        ({"deliveries": [delivery(status="empty", reason="NO_FILES,TOO_FEW_ROWS")]}, "amber", "contract_breached"),
        ({"deliveries": [delivery(refused=3)]}, "amber", "rows_refused"),
        ({"merges": {"unsure_pairs": 18}}, "amber", "unsure_pairs"),
        ({"personal_data": {"found": [{"field": "crm.Description", "sensitive": True}]}}, "amber", "sensitive"),
        ({"personal_data": {"found": [{"field": "crm.Description", "sensitive": False}]}}, "amber", "misplaced"),
    ],
)
def test_each_trouble_is_listed(change: dict[str, Any], level: str, code: str) -> None:
    assert (level, code) in codes(figures(**change))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("TOO_FEW_ROWS", [("contract_breached", "TOO_FEW_ROWS")]),
        ("INCOMPLETE_DELIVERY,TOO_FEW_ROWS", [("delivery_partial", "INCOMPLETE_DELIVERY"), ("contract_breached", "TOO_FEW_ROWS")]),
    ],
)
def test_a_delivery_too_small_is_not_told_as_one_refused(reason: str, told: list[tuple[str, str]]) -> None:
    row = delivery(status="partial", reason=reason, files_refused=0)
    assert [(need["code"], need["values"]["reason"]) for need in figures(deliveries=[row])["needs"]] == told


def test_an_amber_gate_counts_the_deliveries_that_are_not_as_agreed() -> None:
    waiting: dict[str, Any] = {"gate": "amber", "live_number": 1, "live_batch": "b1", "once_published": False}
    made = figures(batch=waiting, deliveries=[delivery(reason="NOT_FILLED"), delivery(status="partial"), delivery()])
    assert next(need["values"]["deliveries"] for need in made["needs"] if need["code"] == "gate_amber") == 2


def test_the_two_counts_of_a_rule_that_disagree_are_listed() -> None:
    rule = {"rule": "DQ-201", "severity": "quarantine", "failed": 12, "agrees": False}
    assert ("red", "disagreement") in codes(figures(quality={"by_rule": [rule, {"rule": "DQ-202", "severity": "halt", "failed": 0, "agrees": True}]}))


def test_unproven_conflicting_and_expiring_consents_are_listed_by_purpose() -> None:
    row = {
        "purpose": "newsletter",
        "denied": [{"state": "UNPROVEN", "persons": 99}, {"state": "CONFLICT", "persons": "<5"}],
        "expiring": 7,
        "review_due": False,
    }
    found = {need["code"]: need["values"]["by"] for need in figures(purposes=[row])["needs"]}
    assert found == {
        "unproven": [{"purpose": "newsletter", "n": 99}],
        "conflict": [{"purpose": "newsletter", "n": "<5"}],
        "expiring": [{"purpose": "newsletter", "n": 7}],
    }


@pytest.mark.parametrize(
    ("row", "files"),
    [
        ({"files_refused": 2, "detail": None}, 2),
        ({"files_refused": 0, "detail": "some rows could not be read"}, 0),
        ({"files_refused": float("nan"), "detail": "file 2: the column is missing: E-mail"}, 1),
        ({"detail": "file 1: not JSON; file 12: no header"}, 2),
        ({"detail": None}, 0),
    ],
)
def test_files_refused_are_counted_from_their_column_or_else_from_the_detail(row: dict[str, Any], files: int) -> None:
    assert files_refused(row) == files


def test_the_worst_comes_first() -> None:
    deliveries = [delivery(status="empty", reason="NO_FILES"), delivery(refused=2), delivery(holds=False)]
    levels = [level for level, _ in codes(figures(deliveries=deliveries, merges={"unsure_pairs": 1}))]
    assert levels == sorted(levels, key=["red", "amber", "info"].index)
    assert levels[0] == "red"


def test_what_is_odd_waits_for_a_person_until_the_batch_is_published() -> None:
    odd = {"until": 0, "found": [{"source": "crm"}, {"source": "crm"}]}
    levels = [figures(quality={"odd": odd}, batch={"once_published": once})["needs"][0]["level"] for once in (False, True)]
    assert levels == ["amber", "info"]


@pytest.mark.parametrize(("audit", "code"), [(None, "audit_never"), ({"days": 181}, "audit_old"), ({"days": 180}, None)])
def test_accuracy_nobody_looked_at_for_half_a_year_is_told(audit: dict[str, Any] | None, code: str | None) -> None:
    assert [need["code"] for need in figures(audit=audit)["needs"]] == ([code] if code else [])


def test_records_forgotten_in_quarantine_wait_for_a_person() -> None:
    assert [(need["code"], need["level"], need["command"]) for need in figures(ageing={"old": 7})["needs"]] == [
        ("quarantine_old", "amber", "lastro quarantine list --older-than 30")
    ]
