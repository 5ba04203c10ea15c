"""Ingest keeps every version of every row, adds nothing twice, and knows what came, changed, went and came back."""

import json

import pandas as pd
import pytest
from deliveries import ANA, EVA, HEADER, RUI, SHOP, conserved, counted, declare, ingest, put, read

from contacts import tables
from contacts.errors import ConfigurationError
from contacts.pseudonym import SEPARATOR, pseudonym, suppression_tokens
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.sources import normal_forms
from pipelines.sources.normal_forms import form_1
from pipelines.sources.rows import Rows

CHANGES = SHOP.replace("delivery: full", "delivery: changes")
PAGES = SHOP.replace("format: csv, files: shop/*.csv", "format: json, files: shop/*.json, records: rows, total: total")


def raw(warehouse: Warehouse) -> pd.DataFrame:
    return read(warehouse, "raw_record").sort_values(["source_key", "version"], ignore_index=True)


def history(warehouse: Warehouse) -> list[tuple[str, int, int, bool, int]]:
    """(key, version, batch that brought it, current, batch since which it is gone or 0) of every version."""
    found = raw(warehouse)
    found["gone_batch_no"] = found["gone_batch_no"].fillna(0).astype(int)
    return list(found[["source_key", "version", "batch_no", "is_current", "gone_batch_no"]].itertuples(index=False, name=None))


def test_a_new_row_is_kept_as_it_came_under_its_pseudonyms(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA)
    assert counted(ingest(warehouse, settings)["shop"]) == {"read": 1, "new": 1}
    row = raw(warehouse).iloc[0]
    assert json.loads(row["payload"]) == dict(zip(HEADER.strip().split(","), ANA.strip().split(","), strict=True))
    assert row["payload"] == json.dumps(json.loads(row["payload"]), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert row["record_id"] == pseudonym(settings.key, "record", "shop", "customers", "1")
    assert row["raw_id"] == pseudonym(settings.key, "raw", str(row["record_id"]), "1", row["content_hash"])
    assert (row["version"], row["file_no"], row["row_no"]) == (1, 1, 2)


def test_the_same_delivery_again_adds_nothing(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    before = raw(warehouse)
    put(settings, "shop/1.csv", HEADER.replace("id,name", "name,id") + "".join(",".join([b, a, *rest]) for a, b, *rest in (r.split(",") for r in (RUI, ANA))))
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 2, "unchanged": 2}
    pd.testing.assert_frame_equal(raw(warehouse), before)


def test_a_changed_row_is_a_new_version_and_the_old_one_stays(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + ANA.replace("ana@", "ana.prado@") + RUI)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 2, "changed": 1, "unchanged": 1}
    assert history(warehouse) == [("1", 1, 1, False, 0), ("1", 2, 2, True, 0), ("2", 1, 1, True, 0)]


def test_beside_new_rows_too_exactly_the_old_version_of_a_changed_row_stops_being_current(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    lines = [ANA.replace("1,", f"{number},", 1) for number in range(1, 40)]
    put(settings, "shop/1.csv", HEADER + "".join(lines[:30]))
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + "".join(lines).replace("ana@", "nova@"))
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 39, "new": 9, "changed": 30}
    found = raw(warehouse)
    assert found.groupby("record_id")["is_current"].sum().eq(1).all()
    assert found.loc[found["is_current"], "batch_no"].eq(2).all()


def test_a_row_gone_from_a_full_delivery_is_marked_and_current_again_when_it_comes_back(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    for number, lines in enumerate((ANA + RUI, ANA, ANA, ANA + RUI), start=1):
        put(settings, "shop/1.csv", HEADER + lines)
        receipt = ingest(warehouse, settings, number)["shop"]
        assert (
            counted(receipt)
            == [{"read": 2, "new": 2}, {"read": 1, "unchanged": 1, "gone": 1}, {"read": 1, "unchanged": 1}, {"read": 2, "unchanged": 1, "changed": 1}][
                number - 1
            ]
        )
    assert history(warehouse) == [("1", 1, 1, True, 0), ("2", 1, 1, False, 2), ("2", 2, 4, True, 0)]


def test_a_delivery_of_changes_says_nothing_about_the_others(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CHANGES)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + EVA)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 1, "new": 1}
    assert [current for *_, current, _ in history(warehouse)] == [True] * 3


def test_changes_that_come_late_or_several_at_once_do_not_turn_back_the_clock(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CHANGES)
    newest = ANA.replace("ana@", "nova@").replace("2026-01-01", "2026-03-01")
    middle = ANA.replace("ana@", "meio@").replace("2026-01-01", "2026-02-01")
    put(settings, "shop/1.csv", HEADER + newest + ANA)
    assert counted(ingest(warehouse, settings, 1)["shop"]) == {"read": 2, "new": 1, "refused": 1}
    put(settings, "shop/1.csv", HEADER + middle)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 1, "refused": 1}
    refused = read(warehouse, "refused_row")
    assert refused["reason"].tolist() == ["OLDER_VERSION"] * 2
    assert refused["payload"].isna().all()  # nobody needs it: the newer version is held
    assert "nova@" in raw(warehouse)["payload"].iloc[0]
    conserved(warehouse)


def test_files_of_changes_that_stay_in_the_inbox_are_not_refused_anew_every_day(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=CHANGES)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    put(settings, "shop/2.csv", HEADER + ANA.replace("ana@", "nova@").replace("2026-01-01", "2026-02-01"))
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 3, "changed": 1, "unchanged": 2}
    assert counted(ingest(warehouse, settings, 3)["shop"]) == {"read": 3, "unchanged": 3}
    (settings.inbox / "shop" / "2.csv").unlink()
    assert counted(ingest(warehouse, settings, 4)["shop"]) == {"read": 2, "unchanged": 2}
    assert "nova@" in raw(warehouse).query("is_current and source_key == '1'")["payload"].iloc[0]
    assert read(warehouse, "refused_row").empty
    conserved(warehouse)


def test_nobody_is_gone_while_a_file_a_row_or_a_page_is_missing(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP, pages=PAGES)
    people = [dict(zip(HEADER.strip().split(","), line.strip().split(","), strict=True)) for line in (ANA, RUI, EVA)]
    put(settings, "shop/1.csv", HEADER + ANA)
    put(settings, "shop/2.csv", HEADER + RUI)
    for number, person in enumerate(people):
        put(settings, f"shop/{number}.json", {"total": 3, "rows": [person]})
    ingest(warehouse, settings, 1)
    put(settings, "shop/2.csv", "broken")
    (settings.inbox / "shop" / "1.json").unlink()
    receipts = ingest(warehouse, settings, 2)
    assert counted(receipts["shop"]) == {"read": 1, "unchanged": 1, "files_refused": 1}
    assert counted(receipts["pages"]) == {"read": 2, "unchanged": 2}
    put(settings, "shop/2.csv", HEADER + "2,only three,cells\n")
    assert counted(ingest(warehouse, settings, 3)["shop"]) == {"read": 2, "unchanged": 1, "refused": 1}
    put(settings, "shop/2.csv", HEADER + RUI.replace("2,", ",", 1))
    assert counted(ingest(warehouse, settings, 4)["shop"]) == {"read": 2, "unchanged": 1, "refused": 1}
    found = read(warehouse, "delivery")[["batch_no", "source", "status", "reason"]]
    assert found[found["batch_no"] > 1].to_numpy().tolist() == [
        [2, "pages", "partial", "INCOMPLETE_DELIVERY"],
        [2, "shop", "partial", "MISSING_COLUMN"],
        [3, "pages", "partial", "INCOMPLETE_DELIVERY"],
        [3, "shop", "partial", "COLUMN_COUNT"],
        [4, "pages", "partial", "INCOMPLETE_DELIVERY"],
        [4, "shop", "partial", "NO_KEY"],
    ]
    assert raw(warehouse)["is_current"].all()


def test_ingest_may_be_repeated_within_its_batch_with_the_same_counts_and_rows(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    put(settings, "shop/1.csv", HEADER + ANA)
    ingest(warehouse, settings, 2)
    put(settings, "shop/1.csv", HEADER + ANA.replace("ana@", "nova@") + RUI + EVA + ",Sem chave,x@example.com,,,,\n")
    first = ingest(warehouse, settings, 3)["shop"]
    before = {table: read(warehouse, table) for table in ("raw_record", "refused_row", "delivery")}
    again = ingest(warehouse, settings, 3)["shop"]
    assert counted(first) == counted(again) == {"read": 4, "new": 1, "changed": 2, "refused": 1}
    for table, frame in before.items():
        pd.testing.assert_frame_equal(read(warehouse, table), frame)


def test_a_repeated_batch_follows_the_files_it_finds_now(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    ingest(warehouse, settings, 1)
    before = read(warehouse, "raw_record")
    put(settings, "shop/1.csv", HEADER + ANA.replace("ana@", "errada@") + EVA)
    ingest(warehouse, settings, 2)
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 2, "unchanged": 2}
    pd.testing.assert_frame_equal(read(warehouse, "raw_record"), before)


def test_order_of_rows_and_files_does_not_matter(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, one=SHOP.replace("shop/", "one/"))
    put(settings, "one/a.csv", HEADER + ANA + RUI)
    put(settings, "one/b.csv", HEADER + EVA)
    ingest(warehouse, settings, 1)
    before = read(warehouse, "raw_record").drop(columns=["file_no", "row_no"])
    put(settings, "one/a.csv", HEADER + EVA)
    put(settings, "one/b.csv", HEADER + RUI + ANA)
    ingest(warehouse, settings, 1)
    pd.testing.assert_frame_equal(read(warehouse, "raw_record").drop(columns=["file_no", "row_no"]), before)


def test_undeclared_columns_are_never_stored_and_named_in_the_delivery(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER.replace("changed", "changed,salary") + ANA.replace("Z\n", "Z,9000\n"))
    receipt = ingest(warehouse, settings)["shop"]
    assert "9000" not in raw(warehouse)["payload"].iloc[0]
    assert read(warehouse, "delivery")["dropped_columns"].tolist() == ["salary"]
    assert receipt.notes == ("shop.customers: columns the contract does not know were dropped: salary",)


def test_an_erased_person_does_not_come_back_and_leaves_no_trace(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    by = {
        "cpf": "52998224725",
        "email": "rui@example.com",
        "record": str(pseudonym(settings.key, "record", "shop", "customers", "3")),
    }
    with warehouse.transaction() as db:
        tokens = [int(suppression_tokens(settings.key, kind, [value])[0]) for kind, value in by.items()]
        db.append(tables.suppression, [{"token": token, "normal_form": 1, "kind": "test", "reason": "erasure", "since": "2026-10-01"} for token in tokens])
    erased = "4,Joana,joana@example.com,,529.982.247-25,,\n"
    put(settings, "shop/1.csv", HEADER + ANA + RUI.replace("rui@", "Rui@") + EVA + erased + "9,short\n")
    assert counted(ingest(warehouse, settings)["shop"]) == {"read": 5, "new": 1, "suppressed": 3, "refused": 1}
    assert raw(warehouse)["source_key"].tolist() == ["1"]
    assert read(warehouse, "refused_row")["payload"].isna().all()  # what cannot be read could be an erased person's too
    conserved(warehouse)


def changed_form(rows: Rows, key: bytes) -> pd.DataFrame:
    """A second normal form under which every e-mail has another key than before."""
    found = form_1(rows, key)
    return found.assign(match_key=found["match_key"].mask(found["kind"].eq("email"), "new:" + found["match_key"]))


def test_a_changed_normal_form_lets_nobody_in_who_was_suppressed_under_an_earlier_one(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = declare(settings, shop=SHOP)
    monkeypatch.setattr(normal_forms, "FORMS", {1: form_1, 2: changed_form})
    by = {1: "rui@example.com", 2: "new:eva@example.com"}
    with warehouse.transaction() as db:
        tokens = {version: int(suppression_tokens(settings.key, "email", [key])[0]) for version, key in by.items()}
        rows = [{"token": token, "normal_form": version, "kind": "email", "reason": "erasure", "since": "2026-10-01"} for version, token in tokens.items()]
        db.append(tables.suppression, rows)
    put(settings, "shop/1.csv", HEADER + ANA + RUI + "5,Eva,Eva@example.com,,,,\n")
    assert counted(ingest(warehouse, settings)["shop"]) == {"read": 3, "new": 1, "suppressed": 2}
    assert raw(warehouse)["source_key"].tolist() == ["1"]


def test_a_list_made_under_a_normal_form_nobody_kept_stops_the_delivery(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = declare(settings, shop=SHOP)
    with warehouse.transaction() as db:
        token = int(suppression_tokens(settings.key, "email", ["rui@example.com"])[0])
        db.append(tables.suppression, [{"token": token, "normal_form": 1, "kind": "email", "reason": "erasure", "since": "2026-10-01"}])
    monkeypatch.setattr(normal_forms, "FORMS", {2: changed_form})
    put(settings, "shop/1.csv", HEADER + ANA + RUI)
    with pytest.raises(ConfigurationError, match="normal form 1"):
        ingest(warehouse, settings)
    assert raw(warehouse).empty


def test_a_key_of_several_columns_tells_rows_apart(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP.replace("key: id", "key: [id, changed]"))
    put(settings, "shop/1.csv", HEADER + ANA + ANA.replace("2026-01-01", "2026-01-02"))
    assert counted(ingest(warehouse, settings)["shop"]) == {"read": 2, "new": 2}
    assert raw(warehouse)["source_key"].tolist() == [f"1{SEPARATOR}2026-01-0{day}T10:00:00Z" for day in (1, 2)]


def test_no_value_of_a_row_is_told_by_receipt_or_delivery(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/ana@example.com.csv", HEADER + ANA + "Ana Prado,x\n" + ANA.replace("ana@", "outra@"))
    put(settings, "shop/rui@example.com.csv", "rui@example.com;2;Rui\n")
    receipt = ingest(warehouse, settings)["shop"]
    told = json.dumps([*receipt.notes, dict(receipt.counts)]) + read(warehouse, "delivery").to_json()
    for value in ("ana", "outra", "rui@", "Rui", "Prado"):
        assert value not in told
