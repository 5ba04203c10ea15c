"""The dry run of a rule change: what would be found otherwise is counted and named, the gate is foretold, and nothing is written."""

import dataclasses
import json
from typing import Any

import pytest
from deliveries import read
from quarantine_shop import ANA, NOTHING, RUI, batch, open_shop, record, sell
from worlds import assert_same, picture

from contacts import tables
from contacts.errors import LastroError
from contacts.settings import Settings
from contacts.values import email
from contacts.warehouse import Warehouse
from expectations import findings, rules
from expectations.conditions import NotNull
from pipelines import quarantining, rehearsing

Printed = pytest.CaptureFixture[str]
MORE = [{"id": str(n), "name": f"Pessoa {chr(60 + n)}", "email": f"p{n}@example.com", "phone": f"(11) 96412-00{n}"} for n in range(10, 30)]


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return open_shop(settings, monkeypatch, ANA, RUI, *MORE, NOTHING)


def rehearse(printed: Printed, values: bool = False) -> dict[str, Any]:
    printed.readouterr()
    rehearsing.diff(True, values, True)
    return json.loads(printed.readouterr().out)


def change_rules(monkeypatch: pytest.MonkeyPatch, **changes: dict[str, Any] | None) -> None:
    """The rules as a changed code would have them: a rule changed, or (None) taken out."""
    names = {name.replace("_", "-"): change for name, change in changes.items()}
    changed = tuple(dataclasses.replace(rule, **(names.get(rule.id) or {})) for rule in rules.RULES if names.get(rule.id, {}) is not None)
    monkeypatch.setattr(findings.judge, "__defaults__", (changed,))


def test_unchanged_rules_change_nothing(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    with pytest.raises(LastroError, match="No batch has been validated yet"):
        rehearsing.diff(False, False, True)
    batch(warehouse, shop, 1, "validate")
    told = rehearse(capsys, values=True)
    assert told["rules"] == [] and told["values"] == []
    assert {name: told["quarantine"][name] for name in ("before", "after", "enter", "leave")} == {"before": 1, "after": 1, "enter": 0, "leave": 0}
    assert told["gate"] == {"before": "green", "after": "green", "closed_by": []}
    quarantining.waive("shop/customers/3", ["DQ-106"], "steward", "LEGACY_RECORD", "", True)
    told = rehearse(capsys)
    assert told["quarantine"]["leaving"] == [str(record(shop, "3"))], "an exception made since is foretold too"
    assert [row["other severity"] for row in told["rules"]] == [1]


def test_a_stricter_and_a_dropped_rule_are_foretold_and_come_true(
    warehouse: Warehouse, shop: Settings, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(warehouse, shop, 1, "validate")
    stricter = {"condition": NotNull("cpf"), "severity": "quarantine"}
    change_rules(monkeypatch, DQ_103=stricter, DQ_106=None)
    before = picture(warehouse)
    told = rehearse(capsys)
    assert_same(picture(warehouse), before, "rehearsed")
    changed = {row["rule"]: row for row in told["rules"]}
    assert changed["DQ-106"]["disappearing"] == [str(record(shop, "3"))] and changed["DQ-106"]["after"] == 0
    without = {str(number) for number in read(warehouse, "contact")["record_id"]}
    now = changed["DQ-103"]
    assert now["before"] + now["appear"] - now["disappear"] == now["after"] == len(without)
    assert set(told["quarantine"]["entering"]) == without - {str(record(shop, "3"))}
    assert told["gate"]["after"] == "amber", "more than five percent would be set aside"


def test_a_halt_rule_that_would_close_the_gate_is_named(warehouse: Warehouse, shop: Settings, capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    batch(warehouse, shop, 1, "validate")
    change_rules(monkeypatch, DQ_902={"condition": NotNull("cpf")})
    told = rehearse(capsys)
    assert told["gate"] == {"before": "green", "after": "red", "closed_by": ["DQ-902 shop"]}


def test_the_database_itself_refuses_a_write_during_the_rehearsal(warehouse: Warehouse, shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    batch(warehouse, shop, 1, "validate")
    honest = rehearsing.compare

    def writing(db: Any, *given: Any) -> Any:
        db.delete(tables.finding)
        return honest(db, *given)

    monkeypatch.setattr(rehearsing, "compare", writing)
    with pytest.raises(Exception, match=r"(?i)read.?only|did not answer|refused"):
        rehearsing.diff(False, False, True)
    assert len(read(warehouse, "finding")) > 0


def test_values_that_would_be_read_otherwise_are_counted_and_never_shown(
    warehouse: Warehouse, shop: Settings, capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop, ANA, RUI, NOTHING)
    batch(warehouse, shop, 1, "validate")
    with warehouse.transaction() as db:
        db.update(tables.contact, tables.contact.c.record_id == record(shop, "1"), full_name="Quem Era", uf="SP")
    honest = email.standardise
    monkeypatch.setattr(email, "standardise", lambda values: honest(values).assign(value=lambda found: found["value"].str.upper()))
    told = rehearse(capsys, values=True)
    by_field = {row["field"]: {name: row[name] for name in ("changed", "filled", "emptied")} for row in told["values"]}
    assert by_field == {
        "full_name": {"changed": 1, "filled": 0, "emptied": 0},
        "uf": {"changed": 0, "filled": 0, "emptied": 1},
        "email": {"changed": 2, "filled": 0, "emptied": 0},
    }
    assert "Quem Era" not in json.dumps(told) and "example" not in json.dumps(told)


def test_the_list_names_every_rule_with_what_it_found(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    capsys.readouterr()
    rehearsing.list_rules(True)
    listed = {row["rule"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(listed) == {rule.id for rule in rules.RULES}
    assert (listed["DQ-106"]["records"], listed["DQ-106"]["waivable"], listed["DQ-607"]["waivable"]) == (1, True, False)
