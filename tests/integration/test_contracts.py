"""Contracts on both databases: a broken clause is kept, told and asks for a person; a delivery too small proves nothing about anybody."""

import json
from datetime import UTC, datetime

import pandas as pd
import pytest
from deliveries import ANA, EVA, HEADER, RUI, SHOP, conserved, counted, declare, ingest, put, read
from quarantine_shop import batch as run_batch
from worlds import AS_OF, deliver

from contacts import tables
from contacts.model import Receipt
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.run import execute, open_batch
from pipelines.sources.names import source_names

CANARY = "Zoraquel Quimbralto"
VOLUME = SHOP.replace("types: {email: email}", "volume: {at_least: 2, shrinks_at_most: 0.5}")
CLAUSES = SHOP.replace(
    "types: {email: email}",
    """types: {email: email}
          allowed: [plan]
          enum: {plan: [basic, full]}
          filled: {phone: 1}
          freshness: {within: 2 weeks}""",
)
PLAN = HEADER.replace("id,name", "plan,id,name")
FRESH = "2026-11-01T05:00:00Z"


def results(warehouse: Warehouse, number: int = 1, status: str = "breached") -> list[tuple[str, str, int, int, str]]:
    """(clause, column, failed, of, bound) of a batch's results with this status, of all sources."""
    found = read(warehouse, "contract_result")
    found = found[(found["batch_no"] == number) & (found["status"] == status)].sort_values(["source", "clause", "source_column"])
    return list(found[["clause", "source_column", "failed", "of", "bound"]].itertuples(index=False, name=None))


def last_delivery(warehouse: Warehouse) -> dict[str, str]:
    return read(warehouse, "delivery").sort_values("batch_no").iloc[-1][["status", "reason", "detail"]].fillna("").to_dict()


def gate(warehouse: Warehouse, receipt: Receipt) -> tuple[str, tuple[str, ...]]:
    return read(warehouse, "batch").sort_values("number")["gate"].iloc[-1], receipt.notes


def validated(warehouse: Warehouse, settings: Settings, number: int = 1) -> tuple[str, tuple[str, ...]]:
    """Colour of the gate and its notes after ingest, standardise and validate."""
    ingest(warehouse, settings, number, standardise=True)
    batch = open_batch(warehouse, settings, f"batch-{number}", datetime(2026, 11, number, 6, tzinfo=UTC))
    return gate(warehouse, execute(warehouse, settings, "validate", batch))


def test_a_kept_contract_is_green_and_every_clause_has_its_row(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CLAUSES)
    put(settings, "shop/1.csv", PLAN + f" Full ,{ANA}".replace("2026-01-01T10:00:00Z", FRESH) + f",{RUI}")
    assert validated(warehouse, settings) == ("green", ("gate: green",))
    assert last_delivery(warehouse) == {"status": "ok", "reason": "", "detail": ""}
    assert results(warehouse) == []
    assert results(warehouse, status="met") == [
        ("enum", "plan", 0, 1, "basic, full"),
        ("filled", "phone", 0, 2, "1"),
        ("freshness", "changed", 1, 2, "2 weeks"),
        ("on_new_column", "", 0, 1, "drop"),
        ("required", "email", 0, 1, "required"),
        ("required", "id", 0, 1, "required"),
        ("required", "name", 0, 1, "required"),
        ("types", "email", 0, 2, "email"),
    ]


def test_a_breach_lets_the_rows_in_is_told_without_a_value_and_asks_for_a_person(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CLAUSES)
    put(settings, "shop/1.csv", PLAN + f"{CANARY},{ANA}" + f"basic,{RUI.replace('(11) 96412-0002', '')}")
    receipt = ingest(warehouse, settings)["shop"]
    assert counted(receipt) == {"read": 2, "new": 2}
    told = [
        "1 of 2 cells in plan hold none of the words agreed",
        "phone is blank in 1 of 2 rows; at least 1 of them are to fill it",
        "no changed is within 2 weeks before the batch",
    ]
    assert receipt.notes == tuple(f"shop.customers: contract: {sentence}" for sentence in told)
    assert last_delivery(warehouse) == {"status": "ok", "reason": "OUTSIDE_ENUM,NOT_FILLED,NOT_FRESH", "detail": "; ".join(told)}
    broken = ["enum plan", "filled phone", "freshness changed"]
    assert validated(warehouse, settings) == ("amber", tuple(f"gate: amber: contract shop.customers {clause}" for clause in broken))
    for name in ("contract_result", "delivery", "receipt", "ledger"):
        assert "Zoraquel" not in read(warehouse, name).to_csv(), name
    assert CANARY in read(warehouse, "raw_record")["payload"].str.cat()
    conserved(warehouse)


@pytest.mark.parametrize(
    ("rows", "reason", "broken"),
    [
        (ANA, "1 row came, at least 2 were agreed", ["at_least", "shrinks_at_most"]),
        (ANA + RUI + EVA + ANA + RUI, None, []),
        (ANA + RUI, None, []),
        (ANA + ANA, "fewer records came than the 5 held", ["shrinks_at_most"]),
    ],
    ids=["too few rows", "rows twice", "just enough", "twice the same row"],
)
def test_a_full_delivery_too_small_takes_nobody_for_gone(warehouse: Warehouse, settings: Settings, rows: str, reason: str | None, broken: list[str]) -> None:
    four = "4,Noé Cruz,noe@example.com,,,,2026-01-01T10:00:00Z\n"
    five = "5,Lia Reis,lia@example.com,,,,2026-01-01T10:00:00Z\n"
    settings = declare(settings, shop=VOLUME.replace("shrinks_at_most: 0.5", "shrinks_at_most: 0.6"))
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA + four + five)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + rows)
    receipt = ingest(warehouse, settings, 2)["shop"]
    held = read(warehouse, "raw_record")
    assert [clause for clause, *_ in results(warehouse, 2)] == broken
    if reason:
        assert receipt.counts["gone"] == 0 and held["is_current"].all()
        delivery = last_delivery(warehouse)
        assert (delivery["status"], delivery["reason"]) == ("partial", "TOO_FEW_ROWS")
        assert reason in delivery["detail"] and "nothing is taken for gone" in delivery["detail"]
    else:
        assert receipt.counts["gone"] == 5 - len(set(rows.splitlines()))
        assert last_delivery(warehouse)["status"] == "ok"


def test_a_delivery_too_small_asks_for_a_person_and_the_next_whole_one_counts_again(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=VOLUME)
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    assert validated(warehouse, settings, 1)[0] == "green"
    put(settings, "shop/1.csv", HEADER + ANA)
    colour, notes = validated(warehouse, settings, 2)
    assert (colour, notes) == (
        "amber",
        (
            "gate: amber: delivery shop.customers partial",
            "gate: amber: contract shop.customers at_least",
            "gate: amber: contract shop.customers shrinks_at_most",
        ),
    )
    assert set(read(warehouse, "contact")["state"]) == {"active"}
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    assert validated(warehouse, settings, 3) == ("green", ("gate: green",))
    assert sorted(read(warehouse, "contact")["state"]) == ["active", "active", "gone"]


def test_when_nothing_comes_the_contract_says_so(warehouse: Warehouse, settings: Settings) -> None:
    silent = CLAUSES.replace("freshness:", "volume: {at_least: 1}\n          freshness:")
    settings = declare(settings, shop=silent, other=SHOP.replace("shop/", "other/"))
    put(settings, "other/1.csv", HEADER + ANA)
    colour, notes = validated(warehouse, settings)
    assert (colour, notes) == ("amber", ("gate: amber: contract shop.customers at_least", "gate: amber: contract shop.customers freshness changed"))
    assert read(warehouse, "delivery").set_index("source").loc["shop", ["status", "reason"]].tolist() == ["empty", "NO_FILES,NOT_FRESH,TOO_FEW_ROWS"]


def test_a_file_refused_for_its_contract_is_refused_as_before_and_the_clause_says_why(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP.replace("types: {email: email}", "types: {email: email}\n          on_new_column: stop"))
    put(settings, "shop/1.csv", HEADER + ANA)
    put(settings, "shop/2.csv", HEADER.replace("email", "correio") + RUI)
    put(settings, "shop/3.csv", HEADER + EVA.replace("eva@example.com", "Rua 1"))
    put(settings, "shop/4.csv", HEADER.replace("note", "note,salary") + EVA.replace(",,,", ",,,9000,"))
    colour, notes = validated(warehouse, settings)
    assert (colour, notes) == ("amber", ("gate: amber: delivery shop.customers partial",)), "the delivery says it, once"
    assert results(warehouse) == [
        ("on_new_column", "", 2, 4, "stop"),
        ("required", "email", 1, 4, "required"),
        ("types", "email", 1, 3, "email"),
    ]


def test_a_repeated_ingest_leaves_the_same_results_and_those_of_other_sources_and_batches(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=VOLUME, other=SHOP.replace("shop/", "other/"))
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    put(settings, "other/1.csv", HEADER + ANA)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + ANA)
    first = ingest(warehouse, settings, 2)
    before = read(warehouse, "contract_result")
    again = ingest(warehouse, settings, 2)
    pd.testing.assert_frame_equal(read(warehouse, "contract_result"), before)
    assert {part: (receipt.counts, receipt.notes) for part, receipt in again.items()} == {part: (one.counts, one.notes) for part, one in first.items()}
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    ingest(warehouse, settings, 2)
    assert results(warehouse, 2) == [], "a repeated batch follows the files it finds now"
    assert before[before["batch_no"] == 1].equals(read(warehouse, "contract_result").query("batch_no == 1"))


def test_a_shrinking_that_is_meant_is_let_through_by_raising_the_bound(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=VOLUME)
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + ANA)
    assert ingest(warehouse, settings, 2)["shop"].counts["gone"] == 0
    settings = declare(settings, shop=VOLUME.replace("at_least: 2, shrinks_at_most: 0.5", "shrinks_at_most: 0.7"))
    assert ingest(warehouse, settings, 2)["shop"].counts["gone"] == 2


def test_an_erased_person_who_is_missing_shrinks_nothing(warehouse: Warehouse, settings: Settings) -> None:
    """Who is on the suppression list is not held, so their row neither counts as come nor as missing."""
    from contacts.pseudonym import suppression_tokens

    settings = declare(settings, shop=VOLUME)
    with warehouse.transaction() as db:
        token = int(suppression_tokens(settings.key, "email", ["rui@example.com"])[0])
        db.append(tables.suppression, [{"token": token, "normal_form": 1, "kind": "email", "reason": "erasure", "since": "2026-10-01"}])
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    assert counted(ingest(warehouse, settings, 1)["shop"]) == {"read": 3, "new": 2, "suppressed": 1}
    put(settings, "shop/1.csv", HEADER + RUI + EVA)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 2, "unchanged": 1, "suppressed": 1, "gone": 1}
    assert ("shrinks_at_most", "", 1, 2, "0.5") in results(warehouse, 2, "met")


def test_the_made_up_world_keeps_its_contracts_but_for_the_workbook_somebody_renamed_a_column_of(warehouse: Warehouse, settings: Settings) -> None:
    deliver(settings, people=300, seed=7)
    batch = open_batch(warehouse, settings, "demo", AS_OF)
    for part in source_names(settings):
        execute(warehouse, settings, "ingest", batch, part)
    found = read(warehouse, "contract_result")
    assert set(found["source"]) == {"crm", "form", "marketing", "spreadsheet", "tickets"}
    assert {"enum", "filled", "freshness", "at_least", "shrinks_at_most", "required", "types", "on_new_column"} == set(found["clause"])
    assert results(warehouse) == [("required", "E-mail", 1, 2, "required")]


def test_the_report_names_the_source_that_is_not_as_agreed(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CLAUSES)
    put(settings, "shop/1.csv", PLAN + f"{CANARY},{ANA}" + f"basic,{RUI}")
    run_batch(warehouse, settings, 1, until="report")
    said = json.loads((settings.home / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))
    need = next(need for need in said["figures"]["needs"] if need["code"] == "contract_breached")
    assert (need["level"], need["command"]) == ("amber", "lastro sources breaches")
    assert need["values"] == {"source": "shop", "object": "customers", "reason": "OUTSIDE_ENUM,NOT_FRESH"}
