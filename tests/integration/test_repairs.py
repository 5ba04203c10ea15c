"""Damage of one delivery is undone from an earlier one, with lineage; what somebody emptied, changed or took back never returns."""

import json
from collections.abc import Mapping

import pytest
from deliveries import read
from quarantine_shop import ANA, COLUMNS, NOTHING, RUI, batch, contact, open_shop, points, record, sell
from worlds import assert_same, picture

from contacts import tables
from contacts.pseudonym import suppression_tokens
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from expectations.damage import DARK_DAYS, DARK_LEAST
from pipelines import explain
from pipelines.run import execute, find_batch

JOAO = ANA | {"name": "João da Conceição", "cpf": "529.982.247-25", "cep": "01310-100", "uf": "SP", "street": "Rua das Flores, 10"}
CROWD = [{"id": str(10 + n), "name": f"Pessoa {chr(65 + n)}", "email": f"p{n}@example.com", "phone": f"(11) 96412-01{n:02}"} for n in range(DARK_LEAST + 4)]
DARK = [row | {"phone": ""} for row in CROWD]


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return open_shop(settings, monkeypatch)


def standardise(warehouse: Warehouse, shop: Settings, number: int, *rows: Mapping[str, str], columns: tuple[str, ...] = COLUMNS) -> dict[str, int]:
    """A batch with this delivery; returns what standardise counted."""
    sell(shop, *rows, columns=columns)
    batch(warehouse, shop, number, "standardise")
    receipts = read(warehouse, "receipt")
    return json.loads(receipts.loc[(receipts["batch_no"] == receipts["batch_no"].max()) & (receipts["stage"] == "standardise"), "counts"].iloc[0])


def phones(warehouse: Warehouse) -> int:
    return int((read(warehouse, "contact_point")["type"] == "phone").sum())


def test_damage_is_undone_from_the_version_before_with_lineage(warehouse: Warehouse, shop: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    standardise(warehouse, shop, 1, JOAO, RUI)
    sound = contact(warehouse, shop, "1")
    broken = JOAO | {"name": "Jo\ufffdo da Concei\ufffd\ufffdo", "cpf": "5.29982E+10", "cep": "1310100", "phone": "1.19641E+10"}
    counts = standardise(warehouse, shop, 2, broken, RUI)
    mended = contact(warehouse, shop, "1")
    fields = ("full_name", "given_name", "name_key", "cpf", "postal_code")
    assert {field: mended[field] for field in fields} == {field: sound[field] for field in fields}
    assert points(warehouse, shop, "1", "phone") == ["+5511964120001"] and counts["repaired"] == 4
    lineage = read(warehouse, "repair")
    assert dict(zip(lineage["source_column"], lineage["reason"], strict=True)) == {
        "name": "CHAR_LOSS", "cpf": "NUMERIC_LOSS", "cep": "LOST_ZEROS", "phone": "NUMERIC_LOSS",
    }  # fmt: skip
    raw = read(warehouse, "raw_record").set_index("raw_id")
    assert set(raw.loc[lineage["from_raw_id"], "version"]) == {1} and set(lineage["record_id"]) == {record(shop, "1")}
    assert mended["raw_id"] == raw.index[(raw["version"] == 2)][0], "the contact is the new version's; only its damaged cells are the old one's"

    standardise(warehouse, shop, 3, broken | {"street": "Rua Nova, 5"}, RUI)  # still damaged, otherwise changed
    assert contact(warehouse, shop, "1")["cpf"] == sound["cpf"] and contact(warehouse, shop, "1")["street"] == "Rua Nova"
    batch(warehouse, shop, 4)
    capsys.readouterr()
    explain.show("shop/customers/1", False, True)
    values = {row["field"]: row["mended"] for row in json.loads(capsys.readouterr().out)["values"]}
    assert values["cpf"] == "from the delivery of batch b1 (a spreadsheet rounded the number and lost digits)"
    assert values["given_name"].startswith("from the delivery of batch b1") and values["street"] == ""

    standardise(warehouse, shop, 5, JOAO, RUI)
    assert set(read(warehouse, "repair")["until_batch"]) == {5}, "delivered whole again, it needs nothing of the past"


def test_another_value_that_is_damaged_is_not_replaced_by_the_old_one(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, JOAO, RUI)
    standardise(warehouse, shop, 2, JOAO | {"name": "Z\ufffd da Concei\ufffd\ufffdo", "cpf": "1.11445E+10", "phone": "2.19641E+10"}, RUI)
    assert contact(warehouse, shop, "1")["cpf"] is None and contact(warehouse, shop, "1")["given_name"] != "João"
    assert len(read(warehouse, "repair")) == 0


def test_one_emptied_cell_stays_empty_and_does_not_come_back_through_a_later_damage(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, JOAO, RUI)
    standardise(warehouse, shop, 2, JOAO | {"cpf": "", "phone": ""}, RUI)
    assert contact(warehouse, shop, "1")["cpf"] is None and points(warehouse, shop, "1", "phone") == []
    standardise(warehouse, shop, 3, JOAO | {"cpf": "5.29982E+10", "phone": ""}, RUI)
    assert contact(warehouse, shop, "1")["cpf"] is None, "between the two it was empty on purpose"
    assert len(read(warehouse, "repair")) == 0


def test_a_record_that_is_gone_or_suppressed_is_not_mended(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, JOAO, RUI, NOTHING)
    with warehouse.transaction() as db:
        token = int(suppression_tokens(shop.key, "cpf", ["52998224725"])[0])
        db.append(tables.suppression, [{"token": token, "normal_form": 1, "kind": "cpf", "reason": "erasure", "since": "2026-11-01"}])
    standardise(warehouse, shop, 2, JOAO | {"cpf": "5.29982E+10"}, RUI)
    assert contact(warehouse, shop, "1")["cpf"] is None and contact(warehouse, shop, "3")["state"] == "gone"
    assert len(read(warehouse, "repair")) == 0


def test_a_column_that_goes_dark_keeps_its_values_until_it_is_delivered_again(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, *CROWD)
    assert standardise(warehouse, shop, 2, *DARK)["repaired"] == len(CROWD)
    assert phones(warehouse) == len(CROWD) and set(read(warehouse, "repair")["reason"]) == {"COLUMN_WENT_DARK"}
    notes = read(warehouse, "receipt").query("stage == 'standardise' and batch_no == 2")["notes"].iloc[0]
    assert json.loads(notes) == [f"shop.customers: {len(CROWD)} cells of phone kept from an earlier delivery: COLUMN_WENT_DARK"]
    standardise(warehouse, shop, 3, DARK[0] | {"name": "Outra Pessoa"}, *DARK[1:])  # a change during the darkness
    assert phones(warehouse) == len(CROWD)
    emptied = CROWD[1] | {"phone": ""}
    standardise(warehouse, shop, 4, CROWD[0], emptied, *CROWD[2:])  # light again, and one person has no phone any more
    assert phones(warehouse) == len(CROWD) - 1 and points(warehouse, shop, emptied["id"], "phone") == []
    assert set(read(warehouse, "repair")["until_batch"]) == {4}
    assert contact(warehouse, shop, emptied["id"])["batch_no"] == 4, "its row did not change: it was looked at again because the darkness ended"


def test_a_column_missing_from_the_file_is_dark_too(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, *CROWD)
    standardise(warehouse, shop, 2, *CROWD, columns=tuple(name for name in COLUMNS if name != "phone"))
    assert phones(warehouse) == len(CROWD)


def test_what_stays_dark_was_meant_to_be_empty(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, *CROWD)
    standardise(warehouse, shop, 2, *DARK)
    standardise(warehouse, shop, 2 + DARK_DAYS, *DARK)
    assert phones(warehouse) == len(CROWD)
    standardise(warehouse, shop, 3 + DARK_DAYS, *DARK)
    assert phones(warehouse) == 0 and set(read(warehouse, "repair")["until_batch"]) == {4}


def test_a_new_no_in_the_dark_delivery_keeps_its_person_out(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, *CROWD)
    standardise(warehouse, shop, 2, DARK[0] | {"news": "no", "news_at": "2026-11-01T20:00:00Z"}, *DARK[1:])
    assert points(warehouse, shop, DARK[0]["id"], "phone") == [] and phones(warehouse) == len(CROWD) - 1


def test_many_who_lose_a_value_beside_more_who_keep_theirs_are_no_darkness(warehouse: Warehouse, shop: Settings) -> None:
    more = [row | {"id": f"x{row['id']}", "email": f"x{row['email']}", "phone": row["phone"].replace("96412", "97412")} for row in CROWD]
    standardise(warehouse, shop, 1, *CROWD, *more)
    standardise(warehouse, shop, 2, *DARK, *more)  # nothing of the others changed, so none of their rows is even new
    assert phones(warehouse) == len(more) and len(read(warehouse, "repair")) == 0


def test_a_repeated_stage_repairs_and_ends_the_same(warehouse: Warehouse, shop: Settings) -> None:
    standardise(warehouse, shop, 1, *CROWD, JOAO)
    for number, rows in ((2, [*DARK, JOAO | {"cpf": "5.29982E+10"}]), (3, [*CROWD[1:], CROWD[0] | {"phone": ""}, JOAO])):
        standardise(warehouse, shop, number, *rows)
        once = {name: frame for name, frame in picture(warehouse).items() if name != "ledger"}
        execute(warehouse, shop, "standardise", find_batch(warehouse))
        assert_same({name: frame for name, frame in picture(warehouse).items() if name != "ledger"}, once, f"batch {number} repeated")
    assert set(read(warehouse, "repair")["until_batch"]) == {3}
