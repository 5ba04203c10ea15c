"""The validate stage on both databases: findings, quarantine and release, the gate's colours, and a repeat that changes nothing."""

import json
import logging
from typing import Any

import pandas as pd
import pytest
from arrivals import arrive, validate
from rule_rows import AS_OF, EMAIL, LOST, PHONE, consenting, email, frames, person, unread
from worlds import assert_same, picture

from contacts import tables
from contacts.model import Batch
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from expectations import parts
from expectations.gate import Verdict
from expectations.rules import RULES
from pipelines.run import execute

BARE = person(unread(EMAIL), birth_date=None, birth_precision=None)


def states(db: Transaction) -> dict[int, tuple[str, int]]:
    rows = db.read(tables.contact, "record_id", "state", "batch_no")
    return {int(record): (state, int(batch)) for record, state, batch in rows.itertuples(index=False)}


def crowd(size: int) -> list[dict[str, Any]]:
    """So many sound contacts that share nothing."""
    return [person(email(f"a{n}@exemplo.com"), name_key=f"ana {n}", record_id=100 + n) for n in range(size)]


def test_findings_say_who_fails_which_rule_and_why(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [person(EMAIL, record_id=5), person(PHONE, uf="RJ", postal_code=None, name_key="rui", record_id=9), {**BARE, "record_id": 7}])
        outcome = validate(db, settings)
        found = db.read(tables.finding)
        assert found[["record_id", "rule", "reason", "severity", "batch_no"]].to_numpy().tolist() == [
            [7, "DQ-102", "NO_CONTACT_POINT", "warn", 1],
            [7, "DQ-106", "NOTHING_TO_GO_BY", "quarantine", 1],
            [7, "DQ-205", "EMAIL_UNREADABLE", "warn", 1],
            [9, "DQ-401", "DDD_UF_DISAGREE", "warn", 1],
        ]
        assert outcome.counts == {
            "contacts": 3, "findings": 4, "warned": 2, "quarantined": 1, "released": 0, "waived": 0, "rules": len(RULES), "gx_disagreements": 0,
            "anomalies": 0, "batches_until_anomalies": 5,
        }  # fmt: skip


def test_counts_per_rule_and_source_add_up_to_the_gate(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [person(cpf="52998224724"), person(cpf="52998224725"), person(cpf="52998224724", source="form"), person()])
        validate(db, settings)
        results = db.read(tables.rule_result, where=tables.rule_result.c.rule == "DQ-201")
        assert results[["source", "evaluated", "failed"]].to_numpy().tolist() == [["crm", 2, 1], ["form", 1, 1]]
        gate = db.read(tables.gate_result).set_index("rule")
        assert gate.loc["DQ-201", ["evaluated", "failed", "gx_failed"]].tolist() == [3, 2, 2]
        assert gate.loc["DQ-901", ["severity", "evaluated", "failed", "gx_failed"]].tolist() == ["halt", 2, 0, 0]
        assert len(gate) == len(RULES)


def test_a_consent_and_an_interaction_are_judged_beside_the_contact_they_speak_of(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        said, later = {"effective_at": "2026-11-24T00:00:00Z"}, {"effective_at": "2026-05-02T12:00:00Z", "type": "withdrawn"}
        arrive(db, [consenting(said, record_id=5, tickets=[{"by": "stranger"}]), consenting({"to": LOST}, later, record_id=6, name_key="rui")])
        validate(db, settings)
        found = db.read(tables.finding, "record_id", "rule", "reason")
        assert found.to_numpy().tolist() == [[5, "DQ-506", "CONSENT_IN_FUTURE"], [1001, "DQ-419", "REQUESTER_UNKNOWN"]]


def test_a_record_goes_into_quarantine_and_is_released_when_its_source_mends_it(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [{**BARE, "record_id": 1}, *crowd(3)])
        assert validate(db, settings).counts["quarantined"] == 1
        assert states(db)[1] == ("quarantined", 1)
        assert states(db)[100] == ("active", 1)
        arrive(db, [person(record_id=1)], number=2)
        counts = validate(db, settings, 2).counts
        assert (counts["quarantined"], counts["released"]) == (0, 1)
        assert states(db)[1] == ("active", 2)
        assert states(db)[100] == ("active", 1), "a record whose state did not move is not touched"
        assert db.read(tables.quarantine).to_numpy().tolist() == [[1, 1, 2]]


def test_a_record_whose_state_moves_without_new_content_is_shown_to_the_link_stage(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [{**BARE, "record_id": 1}, *crowd(2)])
        validate(db, settings)
        db.update(tables.contact, tables.contact.c.record_id == 1, birth_date="1990-05-17")
        arrive(db, [], number=2)
        validate(db, settings, 2)
        assert states(db) == {1: ("active", 2), 100: ("active", 1), 101: ("active", 1)}


def test_a_record_that_is_gone_is_neither_judged_nor_released(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [{**BARE, "record_id": 1}, *crowd(2)])
        validate(db, settings)
        arrive(db, [{**BARE, "record_id": 1, "state": "gone"}], number=2)
        counts = validate(db, settings, 2).counts
        assert (counts["contacts"], counts["released"], counts["quarantined"]) == (2, 0, 0)
        assert states(db)[1] == ("gone", 2)
        assert db.count(tables.finding, tables.finding.c.record_id == 1) == 0
        assert db.read(tables.quarantine)["until_batch"].tolist() == [2]


def test_a_repeated_stage_leaves_the_same_rows_and_the_same_counts(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [{**BARE, "record_id": 1}, {**BARE, "record_id": 2}, *crowd(2)])
        validate(db, settings)
        arrive(db, [person(record_id=1), {**BARE, "record_id": 100}], number=2)
        first = validate(db, settings, 2)
    once = picture(warehouse)
    with warehouse.transaction() as db:
        assert validate(db, settings, 2) == first
    assert_same(picture(warehouse), once, "validate repeated")
    with warehouse.transaction() as db:  # and when standardise ran again before it
        arrive(db, [person(record_id=1), {**BARE, "record_id": 100}], number=2)
        assert validate(db, settings, 2) == first
    assert_same(picture(warehouse), once, "standardise and validate repeated")
    assert first.counts["released"] == 1


@pytest.mark.parametrize(
    ("people", "deliveries", "colour", "notes"),
    [
        (crowd(3), {"crm": "ok", "form": "empty"}, "green", ("gate: green",)),
        (crowd(3), {"crm": "ok", "form": "partial"}, "amber", ("gate: amber: delivery form.contacts partial",)),
        (crowd(3), {"crm": "stopped"}, "amber", ("gate: amber: delivery crm.contacts stopped",)),
        ([*crowd(19), BARE], {"crm": "ok"}, "green", ("gate: green",)),
        ([*crowd(18), BARE], {"crm": "ok"}, "amber", ("gate: amber: 1 of 19 contacts quarantined",)),
        ([*crowd(3), *[BARE | {"source": "form", "record_id": n} for n in (1, 2)]], {"form": "partial"}, "red",
         ("gate: red: DQ-902 source form", "gate: red: DQ-903 source form", "gate: amber: delivery form.contacts partial",
          "gate: amber: 2 of 5 contacts quarantined")),
        ([], {"crm": "empty"}, "green", ("gate: green",)),
    ],
    ids=["green", "delivery partial", "delivery stopped", "five percent quarantined", "more than five percent", "source unusable", "nothing at all"],
)  # fmt: skip
def test_the_gate_turns(
    warehouse: Warehouse, settings: Settings, people: list[dict[str, Any]], deliveries: dict[str, str], colour: str, notes: tuple[str, ...]
) -> None:
    with warehouse.transaction() as db:
        arrive(db, people, deliveries=deliveries)
        assert validate(db, settings).notes == notes
        assert db.read(tables.batch)["gate"].tolist() == [colour]


@pytest.mark.parametrize(
    ("refused", "reason", "colour"),
    [
        (["NO_KEY"], "NO_KEY", "green"),
        (["NO_KEY", "NOT_JSON"], "NO_KEY", "amber"),
        (["NO_KEY", "OLDER_VERSION"], "NO_KEY", "green"),
        (["NO_KEY"], "INCOMPLETE_DELIVERY", "amber"),
    ],
    ids=["one percent", "more than one percent", "a newer version is held", "a page is missing"],
)
def test_a_few_refused_rows_do_not_ask_for_a_person(warehouse: Warehouse, settings: Settings, refused: list[str], reason: str, colour: str) -> None:
    with warehouse.transaction() as db:
        arrive(db, crowd(3))
        db.update(tables.delivery, tables.delivery.c.source == "crm", status="partial", reason=reason, rows_read=100)
        place = {"batch_no": 1, "source": "crm", "object": "contacts", "file_no": 1}
        db.append(tables.refused_row, [place | {"row_no": number, "reason": code} for number, code in enumerate(refused)])
        validate(db, settings)
        assert db.read(tables.batch)["gate"].tolist() == [colour]


@pytest.mark.parametrize("told", [Verdict(3, 1), Verdict(-1, -1)], ids=["other count", "could not judge"])
def test_two_judges_that_disagree_close_the_gate(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, told: Verdict) -> None:
    honest = parts.verdicts
    monkeypatch.setattr(parts, "verdicts", lambda part: honest(part) | dict.fromkeys({rule.id for rule in part.rules} & {"DQ-201"}, told))
    with warehouse.transaction() as db:
        arrive(db, crowd(3))
        outcome = validate(db, settings)
        assert outcome.notes == ("gate: red: DQ-201 counts disagree",)
        assert outcome.counts["gx_disagreements"] == 1
        assert db.read(tables.batch)["gate"].tolist() == ["red"]


def test_great_expectations_failing_inside_counts_as_disagreement_and_tells_no_value() -> None:
    from expectations.parts import validate_frames
    from expectations.suite import UNJUDGED

    built = frames([person(full_name="Canário Amarelo")])
    built["contact"]["cpf"] = pd.Series([{"canary": "Canário Amarelo"}], dtype=object)  # a dict cannot be hashed
    rule = tuple(rule for rule in RULES if rule.id in ("DQ-201", "DQ-103"))
    assert validate_frames(built, AS_OF, rule) == {"DQ-201": Verdict(UNJUDGED, UNJUDGED), "DQ-103": Verdict(0, 0)}


def test_no_value_leaves_the_frame_through_great_expectations(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    from expectations.suite import build_suite, run_suite

    caplog.set_level(logging.DEBUG)
    canaries = {"full_name": "Canário 529.982.247-25", "cpf": "52998224724", "cnpj": "99999999000100", "postal_code": "20040021", "birth_date": "1801-02-03"}
    said = {"consents": [{"effective_at": "2031-02-03T04:05:06Z", "text_version": "canario"}], "tickets": [{"channel": "canario"}]}
    mail, number = {**EMAIL, "value": "canario.sem.arroba", "match_key": "canario"}, {**PHONE, "value": "canario"}
    built = frames([person(mail, **canaries, **said), person(number, **canaries)])
    told = []
    for table, frame in built.items():
        results = run_suite(build_suite([rule for rule in RULES if rule.table == table], frame, AS_OF), frame)
        assert any(one["result"].get("unexpected_count") for one in results), "a test without failing values proves nothing"
        told.append(json.dumps(results, ensure_ascii=False, default=str))
    streams = capfd.readouterr()
    everything = "".join([*told, streams.out, streams.err, caplog.text])
    for value in (*canaries.values(), "canario", "maria exenplo", "2031-02-03"):
        assert value not in everything
    assert streams.err == "", "no progress bars"


def test_a_batch_unlike_the_earlier_ones_asks_for_a_person_and_names_source_and_metric(warehouse: Warehouse, settings: Settings) -> None:
    usual = crowd(60)
    odd = [one | {"points": (PHONE | {"match_key": f"p{one['record_id']}"},)} for one in usual]
    with warehouse.transaction() as db:
        for number in range(1, 6):
            arrive(db, usual, number)
            assert validate(db, settings, number).counts["batches_until_anomalies"] == max(6 - number, 0)
        arrive(db, odd, 6)
        outcome = validate(db, settings, 6)
        assert outcome.notes == ("gate: amber: anomaly crm missing.email", "gate: amber: anomaly crm missing.phone")
        assert outcome.counts["anomalies"] == 2
        arrive(db, odd, 7)
        assert validate(db, settings, 7).counts["anomalies"] == 2, "an incident nobody approved does not become what is usual"
        db.update(tables.batch, tables.batch.c.number >= 6, approved_by="tester")
        assert [validate(db, settings, number).counts["anomalies"] for number in (6, 7)] == [2, 2], "a repeated stage says the same"


def test_scores_are_kept_with_numerator_and_denominator(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, [person(email("a@exemplo.com"), name_key="ana"), person(email("sem-arroba"), name_key="rui", source="form", country=None)])
        validate(db, settings)
        kept = db.read(tables.quality_score).set_index(["scope", "scope_value", "dimension"])
        assert kept.loc[("field", "country", "completeness"), ["numerator", "denominator"]].tolist() == [1, 2]
        assert kept.loc[("field", "phone", "completeness"), ["numerator", "denominator"]].tolist() == [0, 4]
        whole, parts = kept.loc[("run", "", "validity")], [kept.loc[("source", source, "validity")] for source in ("crm", "form")]
        assert whole["numerator"] == sum(part["numerator"] for part in parts) < whole["denominator"] == sum(part["denominator"] for part in parts)


def test_the_stage_runs_in_its_place_of_the_pipeline(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        arrive(db, crowd(3))
        db.append(tables.receipt, [{"batch_no": 1, "stage": "standardise", "part": "", "counts": "{}", "notes": "[]"}])
    receipt = execute(warehouse, settings, "validate", Batch("b1", 1, AS_OF))
    assert receipt.counts["contacts"] == 3
    assert receipt.notes == ("gate: green",)
