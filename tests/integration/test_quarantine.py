"""The quarantine as its steward sees it: listed, shown with masked evidence, let go by an exception that ends, and never the unwaivable."""

import json
from datetime import date
from typing import Any

import pytest
from deliveries import read
from quarantine_shop import batch, contact, entries, open_shop, record

from contacts import ledger, tables
from contacts.errors import LastroError
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from expectations import repair
from expectations.rules import RULES
from pipelines import quarantining

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return open_shop(settings, monkeypatch)


def told(printed: Printed) -> Any:
    return json.loads(printed.readouterr().out)


def test_the_list_counts_by_source_and_rule_and_names_the_records(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    batch(warehouse, shop, 9, "validate")
    capsys.readouterr()
    quarantining.listing("", "", 0, True)
    found = told(capsys)
    assert found["held"] == 1 and found["records"][0]["rules"] == ["DQ-106"]
    group = found["groups"][0]
    assert {name: group[name] for name in ("source", "rule", "records", "oldest batch", "days", "record ids")} == {
        "source": "shop", "rule": "DQ-106", "records": 1, "oldest batch": "b1", "days": 8, "record ids": [str(record(shop, "3"))],
    }  # fmt: skip
    assert "nothing to reach" in group["why"]
    for source, rule, days, held in (("shop", "DQ-106", 8, 1), ("", "DQ-607", 0, 0), ("", "", 9, 0)):
        quarantining.listing(source, rule, days, True)
        assert told(capsys)["held"] == held
    for source, rule, near in (("shpo", "", "shop"), ("", "DQ-1066", "DQ-106")):
        with pytest.raises(LastroError, match=near):
            quarantining.listing(source, rule, 0, True)


def test_the_evidence_is_masked_unless_asked_for_and_then_the_ledger_knows(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    capsys.readouterr()
    for name in (str(record(shop, "3")), "shop/customers/3"):
        quarantining.show(name, False, True)
        said = capsys.readouterr().out
        assert [value for value in ("nao@tem", "0000", "529.982", "Vimbrasto") if value in said] == []
    found = json.loads(said)
    message = next(rule.message_en for rule in RULES if rule.id == "DQ-106")
    assert found["reasons"] == [{"rule": "DQ-106", "why": message, "waivable": True, "waived until": ""}]
    evidence = {row["field"]: row for row in found["evidence"]}
    assert set(evidence) >= {"email", "phone", "cpf", "birth_date"}
    assert (evidence["cpf"]["column"], evidence["cpf"]["as it came"], evidence["cpf"]["as it is read"]) == ("cpf", "***.***.*47-99", "–")
    assert "check digits" in evidence["cpf"]["note"]
    assert entries(warehouse, "record.revealed") == []
    quarantining.show(str(record(shop, "3")), True, True)
    assert "529.982.247-99" in capsys.readouterr().out
    assert [entry["detail"] for entry in entries(warehouse, "record.revealed")] == [{"record_id": record(shop, "3")}]


def test_an_exception_lets_the_record_go_on_until_its_last_day(warehouse: Warehouse, shop: Settings) -> None:
    batch(warehouse, shop, 1)
    assert record(shop, "3") not in set(read(warehouse, "membership")["record_id"])
    quarantining.waive(str(record(shop, "3")), ["DQ-106"], "steward-2", "LEGACY_RECORD", "2026-11-03", True)
    entry = entries(warehouse, "quarantine.waived")[0]
    assert entry["actor"] == "steward-2"
    assert entry["detail"] == {"waiver_no": 1, "record_id": record(shop, "3"), "rule": "DQ-106", "because": "LEGACY_RECORD", "until": "2026-11-03"}

    batch(warehouse, shop, 3)
    assert contact(warehouse, shop, "3")["state"] == "active"
    members = read(warehouse, "membership").set_index("record_id")["person_id"]
    assert len(members) == len(read(warehouse, "contact")), "contacts = members of persons + quarantined"
    assert members[record(shop, "3")] in set(read(warehouse, "clean_officer")["person_id"]), "published"
    severity = read(warehouse, "finding").set_index(["record_id", "rule"])["severity"]
    assert severity[record(shop, "3"), "DQ-106"] == "warn", "what is wrong is still told"
    assert read(warehouse, "quarantine")["until_batch"].tolist() == [2]
    with warehouse.transaction() as db:
        assert json.loads(db.read(tables.receipt, where=tables.receipt.c.stage == "validate")["counts"].iloc[-1])["waived"] == 1

    batch(warehouse, shop, 4)
    assert contact(warehouse, shop, "3")["state"] == "quarantined", "its last day is past"
    assert record(shop, "3") not in set(read(warehouse, "membership")["record_id"])
    with warehouse.transaction() as db:
        assert ledger.verify(db, shop).problem == ""


def test_a_day_gone_by_takes_an_exception_back(warehouse: Warehouse, shop: Settings) -> None:
    batch(warehouse, shop, 1, "validate")
    quarantining.waive("shop/customers/3", [], "steward", "LEGACY_RECORD", "", True)
    assert read(warehouse, "waiver")["until"].tolist() == [repair.latest_end(date(2026, 11, 1)).isoformat()]
    quarantining.waive("shop/customers/3", ["DQ-106"], "steward", "LEGACY_RECORD", "2026-10-31", True)
    batch(warehouse, shop, 2, "validate")
    assert contact(warehouse, shop, "3")["state"] == "quarantined"
    assert len(read(warehouse, "waiver")) == 2, "nothing that was decided is rewritten"


def test_what_would_expose_an_identifier_is_never_waived(warehouse: Warehouse, shop: Settings) -> None:
    batch(warehouse, shop, 1, "validate")
    with warehouse.transaction() as db:
        row = {"rule": "DQ-607", "field": "full_name", "dimension": "accuracy", "severity": "quarantine", "reason": "CPF_LEFT_IN_NAME", "batch_no": 1}
        db.append(tables.finding, [row | {"record_id": record(shop, "3")}])
    for rules in (["DQ-607"], []):
        with pytest.raises(LastroError, match="Not to be waived: DQ-607") as caught:
            quarantining.waive(str(record(shop, "3")), rules, "steward", "RULE_TOO_STRICT", "", True)
        assert "patch" in caught.value.hint
    assert len(read(warehouse, "waiver")) == 0
    with warehouse.transaction() as db:  # and one that is in the table none the less is not heard
        smuggled = {"waiver_no": 1, "record_id": record(shop, "3"), "rule": "DQ-607", "until": "2027-01-01"}
        db.append(tables.waiver, [smuggled | {"waived_by": "x", "because": "x", "waived_at": "x"}])
        findings, waived = repair.with_exceptions(db.read(tables.finding), db.read(tables.waiver), date(2026, 11, 2))
    assert waived == 0 and findings.set_index("rule").loc["DQ-607", "severity"] == "quarantine"


WRONG = {
    "No record matches": {"record": "999"},
    "No record matches.": {"record": "shop/customers/nobody"},
    "No rule holds this record": {"record": "shop/customers/1"},
    "DQ-202 does not hold this record; DQ-106 does": {"rules": ["DQ-202"]},
    "'DQ-102' is not a rule that holds": {"rules": ["DQ-102"]},
    "staff id": {"by": "Maria da Silva"},
    "did you mean 'LEGACY_RECORD'": {"because": "LEGACY_RECRD"},
    "not a day": {"until": "tomorrow"},
    "365 days": {"until": "2099-01-01"},
}


def test_a_wrong_exception_is_refused_and_nothing_is_kept(warehouse: Warehouse, shop: Settings) -> None:
    batch(warehouse, shop, 1, "validate")
    right: dict[str, Any] = {"record": "shop/customers/3", "rules": ["DQ-106"], "by": "steward", "because": "LEGACY_RECORD", "until": "", "as_json": True}
    for says, wrong in WRONG.items():
        with pytest.raises(LastroError) as caught:
            quarantining.waive(**right | wrong)
        assert says in caught.value.sentence
    assert len(read(warehouse, "waiver")) == 0 and entries(warehouse, "quarantine.waived") == []


def test_every_rule_that_holds_records_says_what_would_mend_it() -> None:
    holding = {rule.id for rule in repair.holding_rules()}
    assert set(repair.WAIVABLE) <= holding and "DQ-607" in holding - set(repair.WAIVABLE)
    assert [rule for rule in sorted(holding) if not repair.fields_to_mend(rule)] == []
    assert repair.fields_to_mend("DQ-607") == ("full_name", "given_name", "family_name", "social_name")
