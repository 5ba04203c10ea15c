"""The warehouse behaves the same on SQLite and PostgreSQL."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.exc import InternalError

from contacts import ledger, tables
from contacts.errors import WarehouseRefused, WarehouseUnavailable
from contacts.settings import Settings
from contacts.warehouse import TEXT, Warehouse, open_warehouse
from pipelines import checks, cli, daily, reviewing
from pipelines.run import open_batch

BIG = 2**62 + 12345


def points(ids: list[int], value: str | None = "a") -> pd.DataFrame:
    return pd.DataFrame({"record_id": ids, "type": "email", "position": 0, "point_ref": ids, "value": value, "status": "ok"})


def test_what_is_written_comes_back_exactly(warehouse: Warehouse) -> None:
    frame = points([3, 1, BIG])
    frame["point_ref"] = pd.Series([BIG, None, 7], dtype="Int64")
    frame["value"] = pd.Series(["é\\N\t'\";\n", "", None], dtype=TEXT)
    with warehouse.transaction() as db:
        assert db.append(tables.contact_point, frame) == 3
    with warehouse.transaction() as db:
        back = db.read(tables.contact_point, "record_id", "point_ref", "value")
    assert back["record_id"].tolist() == [1, 3, BIG]
    assert back["point_ref"].isna().tolist() == [True, False, False]
    assert int(back["point_ref"].iloc[1]) == BIG
    assert back["value"].iloc[1] == "é\\N\t'\";\n"
    assert back["value"].iloc[0] == ""
    assert back["value"].isna().tolist() == [False, False, True]


def test_an_exception_leaves_nothing_behind(warehouse: Warehouse) -> None:
    with pytest.raises(ZeroDivisionError), warehouse.transaction() as db:
        db.append(tables.contact_point, points([1]))
        1 / 0  # noqa: B018
    with warehouse.transaction() as db:
        assert db.count(tables.contact_point) == 0


@pytest.mark.parametrize("how", ["append", "update"])
def test_a_refused_row_is_told_without_its_values(warehouse: Warehouse, how: str) -> None:
    with warehouse.transaction() as db:
        db.append(tables.contact_point, points([1, 2], "unmistakable"))
    with pytest.raises(WarehouseRefused) as caught, warehouse.transaction() as db:
        if how == "append":
            db.append(tables.contact_point, points([1], "unmistakable"))
        else:
            db.update(tables.contact_point, tables.contact_point.c.record_id == 1, record_id=2)
    assert "unmistakable" not in f"{caught.value} {caught.value.hint}" and caught.value.__cause__ is None and caught.value.__suppress_context__


def test_upsert_overwrites_rows_with_the_same_key_and_adds_the_rest(warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        db.append(tables.contact_point, points([1, 2]))
        db.upsert(tables.contact_point, points([2, 3], "b"))
        assert db.read(tables.contact_point, "value")["value"].tolist() == ["a", "b", "b"]


def test_rows_are_read_and_deleted_for_many_keys_at_once(warehouse: Warehouse) -> None:
    ids = np.arange(5_000)
    with warehouse.transaction() as db:
        db.append(tables.contact_point, points(ids.tolist()))
        assert db.read_for(tables.contact_point, "record_id", ids[::2], "record_id")["record_id"].tolist() == ids[::2].tolist()
        assert db.delete_for(tables.contact_point, "record_id", ids[::2]) == 2_500
        assert db.count(tables.contact_point) == 2_500


@pytest.mark.parametrize("ids", [pd.Series([1, 2, BIG]), pd.Series([1, None, BIG, BIG], dtype="Int64"), np.array([1, BIG]), [BIG, 1]])
def test_ids_of_any_kind_find_their_rows_to_the_last_digit(warehouse: Warehouse, ids: Any) -> None:
    with warehouse.transaction() as db:
        db.append(tables.contact_point, points([1, BIG - 1, BIG]))
        assert db.read_for(tables.contact_point, "record_id", ids, "record_id")["record_id"].tolist() == [1, BIG]
        assert db.update_for(tables.contact_point, "record_id", ids, value="b") == 2
        assert db.read_for(tables.contact_point, "value", ["b", "it's"], "record_id")["record_id"].tolist() == [1, BIG]
        assert db.delete_for(tables.contact_point, "record_id", []) == 0
        assert db.delete_for(tables.contact_point, "record_id", ids) == 2


@pytest.mark.parametrize("refs", [[1.0, float(BIG)], pd.Series([1, float(BIG)], dtype=object), pd.Series([1.0, 2.0], dtype="Float64")])
def test_an_id_that_was_a_float_is_refused_because_it_has_lost_digits(warehouse: Warehouse, refs: Any) -> None:
    with pytest.raises(WarehouseRefused, match="point_ref"), warehouse.transaction() as db:
        db.append(tables.contact_point, points([1, 2]).assign(point_ref=refs))
    with pytest.raises(WarehouseRefused, match="point_ref"), warehouse.transaction() as db:
        db.delete_for(tables.contact_point, "point_ref", refs)


def test_a_count_may_come_as_a_float_but_not_as_a_fraction(warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        db.append(tables.contact_point, points([1, 2]).assign(names=[3.0, None], point_ref=[np.nan, np.nan]))
        assert db.read(tables.contact_point, "names")["names"].tolist() == [3, pd.NA]
    with pytest.raises(WarehouseRefused, match="names"), warehouse.transaction() as db:
        db.append(tables.contact_point, points([3]).assign(names=[1.5]))


def test_who_only_reads_waits_for_no_writer_and_cannot_write(warehouse: Warehouse, settings: Settings) -> None:
    reader = open_warehouse(settings.database_url)
    with warehouse.transaction() as writing:
        writing.append(tables.contact_point, points([1]))
        with reader.transaction(read_only=True) as db:
            assert db.count(tables.contact_point) == 0
            assert db.read_for(tables.contact_point, "record_id", range(3)).empty
    with pytest.raises((WarehouseUnavailable, InternalError)), reader.transaction(read_only=True) as db:
        db.delete(tables.contact_point)
    with reader.transaction() as db:
        assert db.delete(tables.contact_point) == 1, "the same connection may write again"
    reader.close()


def test_looking_at_a_warehouse_needs_no_turn_among_writers(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("home", "database_url", "key_file"):
        monkeypatch.setenv(f"LASTRO_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setattr("contacts.warehouse._TIMEOUT_S", 1)
    open_batch(warehouse, settings)
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    with warehouse.transaction() as writing:
        writing.append(tables.contact_point, points([1]))
        daily.status("", as_json=True)
        daily.list_sources(as_json=True)
        reviewing.listing(5, reveal=False, sample=False, as_json=True)
        cli.ledger_verify(as_json=True)
        assert {line["what"]: line["found"] for line in checks.all_checks()}["ledger"] == "1 entries verify, and the consent events they seal"


def test_ledger_verifies_and_names_the_entry_that_was_changed(warehouse: Warehouse, settings: Settings) -> None:
    for number in range(5):
        with warehouse.transaction() as db:
            ledger.append(db, "test", "tester", 1 if number else None, {"n": number})
            ledger.checkpoint(db, settings)
    with warehouse.transaction() as db:
        assert ledger.verify(db, settings).problem == ""
        assert ledger.verify(db, settings).entries == 5
        db.update(tables.ledger, tables.ledger.c.entry_no == 3, actor="somebody else")
        assert ledger.verify(db, settings).problem == "entry 3 was changed"


def test_cutting_off_the_ledgers_end_does_not_go_unnoticed(warehouse: Warehouse, settings: Settings) -> None:
    for number in range(3):
        with warehouse.transaction() as db:
            ledger.append(db, "test", "tester", None, {"n": number})
            ledger.checkpoint(db, settings)
    with warehouse.transaction() as db:
        db.delete(tables.ledger, tables.ledger.c.entry_no == 3)
        assert "checkpoint 3" in ledger.verify(db, settings).problem


def test_a_checkpoint_a_process_died_in_is_no_tampering_and_heals_with_the_next(warehouse: Warehouse, settings: Settings) -> None:
    file = ledger.checkpoint_file(settings)
    for number in range(3):
        with warehouse.transaction() as db:
            ledger.append(db, "test", "tester", None, {"n": number})
            ledger.checkpoint(db, settings)
    file.write_bytes(file.read_bytes()[:-30])
    with warehouse.transaction() as db:
        torn = ledger.verify(db, settings)
        assert (torn.problem, torn.checkpoints) == ("", 2)
        ledger.checkpoint(db, settings)
        healed = ledger.verify(db, settings)
        assert (healed.problem, healed.checkpoints) == ("", 3)


@pytest.mark.parametrize("line", [b"{}", b"7", b"{half", b"\xff"])
def test_a_whole_line_that_is_no_checkpoint_is_tampering(warehouse: Warehouse, settings: Settings, line: bytes) -> None:
    with warehouse.transaction() as db:
        ledger.append(db, "test", "tester", None, {})
        ledger.checkpoint(db, settings)
        with ledger.checkpoint_file(settings).open("ab") as file:
            file.write(line + b"\n")
        assert ledger.verify(db, settings).problem == "checkpoint 2 was changed"
        ledger.checkpoint(db, settings)
        assert ledger.verify(db, settings).problem == "checkpoint 2 was changed", "another checkpoint does not cover it up"
