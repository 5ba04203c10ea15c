"""`lastro quality`: scores with their trend by source and field, of one record and of the worst, without a value of anybody."""

import json
from typing import Any

import pytest
from quarantine_shop import ANA, NOTHING, RUI, batch, open_shop, record, sell
from worlds import assert_same, picture

from contacts import tables
from contacts.errors import LastroError
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import scoring

Printed = pytest.CaptureFixture[str]
MORE = [{"id": str(n), "name": f"Pessoa {chr(60 + n)}", "email": f"p{n}@example.com", "phone": f"(11) 96412-00{n}"} for n in range(10, 20)]


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return open_shop(settings, monkeypatch, ANA, RUI, *MORE, NOTHING)


def told(printed: Printed, by: str = "source", of: str = "", worst: int = 0) -> dict[str, Any]:
    printed.readouterr()
    scoring.show(by, of, worst, True)
    return json.loads(printed.readouterr().out)


def test_before_the_first_batch_there_is_nothing_to_show(warehouse: Warehouse, shop: Settings) -> None:
    with pytest.raises(LastroError, match="No batch has been judged yet"):
        scoring.show("source", "", 0, True)


def test_the_score_of_a_source_follows_its_records_over_batches(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    first = told(capsys)
    sell(shop, ANA, RUI, *({key: value for key, value in row.items() if key != "phone"} for row in MORE))
    batch(warehouse, shop, 2, "validate")
    second = told(capsys)
    run, source = second["scores"]
    assert (run["source"], source["source"], source["contacts"]) == (None, "shop", 12)
    assert len(source["trend"]) == 2 and source["trend"][0] == first["scores"][1]["score"]
    assert source["dimensions"]["completeness"] < first["scores"][1]["dimensions"]["completeness"], "ten phones are missing now"
    by_field = {row["field"]: row for row in told(capsys, "field")["scores"]}
    assert by_field["phone"]["dimensions"]["completeness"] == pytest.approx(2 / 12, abs=1e-3)
    assert by_field["email"]["dimensions"]["completeness"] == 1.0


def test_a_source_of_few_people_has_no_score_to_show(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    sell(shop, ANA, RUI)
    batch(warehouse, shop, 1, "validate")
    assert [(row["contacts"], row["score"], row["trend"]) for row in told(capsys)["scores"]] == [("<5", None, [])] * 2


def test_the_worst_record_is_the_one_that_lacks_most(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    worst = told(capsys, worst=2)["records"]
    assert [row["record"] for row in worst[:1]] == [str(record(shop, "3"))] and len(worst) == 2
    assert told(capsys, of="shop/customers/1")["records"][0]["record"] == str(record(shop, "1"))
    with pytest.raises(LastroError):
        scoring.show("source", "shop/customers/999", 0, True)


def test_looking_writes_nothing_and_shows_nobody(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    batch(warehouse, shop, 1, "validate")
    before = picture(warehouse)
    printed = json.dumps([told(capsys), told(capsys, "field"), told(capsys, worst=13)], ensure_ascii=False)
    assert_same(before, picture(warehouse), "looked at")
    for row in (ANA, RUI, NOTHING, *MORE):
        assert not [value for name, value in row.items() if name in ("name", "email", "phone", "cpf") and value in printed]
    with warehouse.transaction() as db:
        assert db.count(tables.quality_score)


def test_a_word_that_is_no_grouping_is_refused_with_the_nearest(warehouse: Warehouse, shop: Settings) -> None:
    with pytest.raises(LastroError, match="did you mean 'field'"):
        scoring.show("feild", "", 0, True)


def test_bars_rise_with_the_shares() -> None:
    assert scoring.sparkline([0.0, 0.5, 1.0]) == "▁▅█"
    low, high = (scoring.BARS.index(bar) for bar in scoring.sparkline([0.9, 0.901]))
    assert high - low <= 1, "a wobble is no fall"
