"""Whatever a source sends, the run goes on: the bad file or row is set aside with a reason people understand, nothing else is lost."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from deliveries import ANA, EVA, HEADER, RUI, SHOP, conserved, counted, declare, ingest, put, read, workbook

from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.run import execute, open_batch

EXCEL = SHOP.replace("format: csv, files: shop/*.csv", "format: excel, files: shop/*.xlsx")
JSON = SHOP.replace("format: csv, files: shop/*.csv", "format: json, files: shop/*.json, records: rows")
LINES = SHOP.replace("format: csv, files: shop/*.csv, delivery: full", "format: jsonl, files: shop/*.jsonl, delivery: changes")
NAMES = HEADER.strip().split(",")
STRANGER = "Segredo"
"""A name in every bad file; it must not be told anywhere."""


def cells(line: str) -> list[str]:
    return line.strip().split(",")


def rows(*lines: str) -> dict[str, Any]:
    return {"rows": [dict(zip(NAMES, cells(line), strict=True)) for line in lines]}


GOOD_FILES: dict[str, Callable[[], str | bytes]] = {
    SHOP: lambda: HEADER + ANA,
    EXCEL: lambda: workbook([NAMES, cells(ANA)]),
    JSON: lambda: json.dumps(rows(ANA)),
    LINES: lambda: json.dumps(rows(ANA)["rows"][0]) + "\n",
}
ENDING = {SHOP: "csv", EXCEL: "xlsx", JSON: "json", LINES: "jsonl"}
ROW = RUI.replace("Rui Sá", STRANGER)

BAD_FILES = {
    "empty": (SHOP, b"", "EMPTY_FILE", "the file is empty"),
    "only blanks": (SHOP, b"\n \n", "EMPTY_FILE", "the file is empty"),
    "renamed column": (SHOP, (HEADER.replace("email", "correio") + ROW).encode(), "MISSING_COLUMN", "required column email is missing"),
    "no header": (SHOP, ROW.encode(), "MISSING_COLUMN", "required column id, name, email is missing"),
    "shifted columns": (SHOP, (HEADER + f"2,x,{STRANGER},,,,\n3,x,{STRANGER},,,,\n").encode(), "WRONG_TYPE", "column email (email)"),
    "column twice": (SHOP, (HEADER.replace("phone", "email") + ROW).encode(), "DUPLICATE_COLUMN", "1 column names come twice"),
    "header over two rows": (SHOP, b"Cliente,,,,,,\n" + (HEADER + ROW).encode(), "UNNAMED_COLUMN", "has no name in the header"),
    "quote left open": (SHOP, (HEADER + ROW.replace(STRANGER, f'"{STRANGER}') + RUI).encode(), "MALFORMED_CSV", "a quotation mark does not close"),
    "ten megabytes in a cell": (SHOP, (HEADER + ROW.replace(STRANGER, STRANGER * 1_500_000)).encode(), "CELL_TOO_LARGE", "more than 1,000,000 characters"),
    "zero bytes": (SHOP, (HEADER + ROW).encode() + bytes(50), "WRONG_ENCODING", "zero bytes"),
    "a picture": (SHOP, bytes(range(256)) * 20, "WRONG_ENCODING", "not text"),
    "cyrillic": (SHOP, (HEADER + ROW.replace(STRANGER, "Иван")).encode("cp1251"), "WRONG_ENCODING", "declare `encoding:`"),
    "not a workbook": (EXCEL, b"PK\x03\x04garbage", "UNREADABLE_WORKBOOK", "only half of one"),
    "half a workbook": (EXCEL, workbook([NAMES, cells(ROW)])[:-400], "UNREADABLE_WORKBOOK", "only half of one"),
    "empty workbook file": (EXCEL, b"", "EMPTY_FILE", "the file is empty"),
    "merged header": (EXCEL, workbook([[*NAMES[:5], "note", None], cells(ROW)], merge="F1:G1"), "MERGED_HEADER", "row 1 has merged cells"),
    "workbook without column": (EXCEL, workbook([["id", "name"], ["2", STRANGER]]), "MISSING_COLUMN", "required column email is missing"),
    "half a page": (JSON, json.dumps(rows(ROW)).encode()[:-20], "NOT_JSON", "breaks off or is no JSON"),
    "page in cp1252": (JSON, json.dumps(rows(RUI), ensure_ascii=False).encode("cp1252"), "WRONG_ENCODING", "JSON is UTF-8"),
    "an error page": (JSON, b'[{"errorCode": "INVALID_SESSION_ID"}]', "NO_RECORDS", "the page has no 'rows'"),
    "a web page": (JSON, b"<html>502</html>", "NOT_JSON", "at character 0"),
    "ten megabytes in a value": (JSON, json.dumps(rows(ROW.replace(STRANGER, STRANGER * 1_500_000))).encode(), "CELL_TOO_LARGE", "row 1 has more than"),
    "page without the column": (JSON, b'{"rows": [{"id": 2, "name": "Segredo"}]}', "MISSING_COLUMN", "required column email is missing"),
    "lines that are no json": (LINES, (HEADER + ROW).encode(), "NOT_JSON", "no line of the file is a JSON object"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_and_everything_else_goes_on(warehouse: Warehouse, settings: Settings, what: str) -> None:
    source, content, reason, told = BAD_FILES[what]
    settings = declare(settings, bad=source, good=SHOP.replace("shop/", "good/"))
    put(settings, f"shop/1.{ENDING[source]}", GOOD_FILES[source]())
    put(settings, f"shop/2.{ENDING[source]}", content)
    put(settings, "good/1.csv", HEADER + ANA + RUI)
    receipts = ingest(warehouse, settings, standardise=True)

    assert counted(receipts["good"]) == {"read": 2, "new": 2}
    assert counted(receipts["bad"]) == {"read": 1, "new": 1, "files_refused": 1}
    (note,) = receipts["bad"].notes
    assert note.startswith(f"bad.customers: file 2 of 2 refused: {reason}: ")
    delivery = read(warehouse, "delivery").set_index("source").loc["bad"]
    assert (delivery["status"], delivery["reason"]) == ("partial", reason)
    assert told in delivery["detail"]
    assert STRANGER not in note + delivery["detail"]
    assert len(read(warehouse, "contact", "record_id")) == 3
    conserved(warehouse)


@pytest.mark.parametrize("what", ["renamed column", "empty", "half a page", "not a workbook"])
def test_when_no_file_can_be_read_the_source_stops_and_nobody_is_taken_for_gone(warehouse: Warehouse, settings: Settings, what: str) -> None:
    source, content, reason, _ = BAD_FILES[what]
    settings = declare(settings, bad=source)
    file = f"shop/1.{ENDING[source]}"
    put(settings, file, GOOD_FILES[source]())
    ingest(warehouse, settings, 1)
    put(settings, file, content)
    assert counted(ingest(warehouse, settings, 2)["bad"]) == {"files_refused": 1}
    assert read(warehouse, "delivery")[["status", "reason"]].iloc[-1].tolist() == ["stopped", reason]
    assert read(warehouse, "raw_record")["is_current"].tolist() == [True]


def test_no_file_is_an_empty_delivery_and_nobody_is_taken_for_gone(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    file = put(settings, "shop/1.csv", HEADER + ANA)
    ingest(warehouse, settings, 1)
    file.unlink()
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {}
    file.write_text(HEADER)
    assert counted(ingest(warehouse, settings, 3)["shop"]) == {}
    assert read(warehouse, "delivery")["status"].tolist() == ["ok", "empty", "empty"]
    assert read(warehouse, "delivery")["reason"].tolist()[1:] == ["NO_FILES", "NO_ROWS"]
    assert read(warehouse, "raw_record")["is_current"].tolist() == [True]


def test_a_file_that_cannot_be_opened_is_refused(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA)
    whole = Path.read_bytes

    def denied(file: Path) -> bytes:
        if file.suffix == ".csv":
            raise PermissionError(13, "Permission denied", str(file))
        return whole(file)

    monkeypatch.setattr(Path, "read_bytes", denied)
    (note,) = ingest(warehouse, settings)["shop"].notes
    assert note == "shop.customers: file 1 of 1 refused: UNREADABLE_FILE: the file cannot be opened (PermissionError)"


BAD_ROWS = {
    "another width": (SHOP, HEADER + ANA + "2,Segredo,rui@example.com\n", "COLUMN_COUNT"),
    "a whole line in one cell": (SHOP, HEADER + ANA + '"2,Segredo,rui@example.com,,,,",,,,,,\n', "COLUMN_COUNT"),
    "no key": (SHOP, HEADER + ANA + ROW.replace("2,", ",", 1), "NO_KEY"),
    "blank key": (EXCEL, workbook([NAMES, cells(ANA), ["  ", STRANGER, "r@example.com"]]), "NO_KEY"),
    "null key": (JSON, json.dumps({"rows": [*rows(ANA)["rows"], {"id": None, "name": STRANGER, "email": "r@example.com"}]}), "NO_KEY"),
    "a row that is no object": (JSON, json.dumps({"rows": [*rows(ANA)["rows"], STRANGER]}), "NOT_AN_OBJECT"),
    "half a line": (LINES, json.dumps(rows(ANA)["rows"][0]) + '\n{"id": 2, "name": "Segredo', "NOT_JSON"),
    "a line that is a list": (LINES, json.dumps(rows(ANA)["rows"][0]) + '\n["Segredo"]\n', "NOT_AN_OBJECT"),
}


@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_bad_row_is_set_aside_with_its_reason_and_the_others_go_on(warehouse: Warehouse, settings: Settings, what: str) -> None:
    source, content, reason = BAD_ROWS[what]
    settings = declare(settings, shop=source)
    put(settings, f"shop/1.{ENDING[source]}", content)
    receipt = ingest(warehouse, settings)["shop"]
    assert counted(receipt) == {"read": 2, "new": 1, "refused": 1}
    refused = read(warehouse, "refused_row")
    assert refused[["file_no", "reason"]].to_numpy().tolist() == [[1, reason]]
    assert STRANGER in refused["payload"].iloc[0]
    assert STRANGER not in json.dumps([*receipt.notes, *read(warehouse, "delivery")["detail"].dropna()])
    conserved(warehouse)


def test_two_rows_that_claim_one_key_are_both_set_aside_unless_one_is_newer(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + RUI + EVA)
    ingest(warehouse, settings, 1)
    twice = RUI.replace("rui@", "outro@")
    newer = EVA.replace("eva@", "nova@").replace("2026-01", "2026-02")
    put(settings, "shop/1.csv", HEADER + newer + ANA + RUI)
    put(settings, "shop/2.csv", HEADER + twice + ANA + EVA)
    assert counted(ingest(warehouse, settings, 2)["shop"]) == {"read": 6, "changed": 1, "unchanged": 2, "refused": 3}
    assert read(warehouse, "refused_row")["reason"].tolist() == ["DUPLICATE_KEY"] * 3
    current = read(warehouse, "raw_record").query("is_current")["payload"].str.extract(r'"email":"([^"]+)"')[0]
    assert sorted(current) == ["ana@example.com", "nova@example.com", "rui@example.com"]
    conserved(warehouse)


def test_formulas_zero_bytes_and_strange_signs_are_only_text(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=JSON)
    strange = "=cmd|' /C calc'!A0 \u0000 \\N \u202e \U0001f600 '; DROP TABLE contact; --"
    put(settings, "shop/1.json", {"rows": [{"id": "1\u0000", "name": strange, "email": "a@example.com\u0000", "note": strange}]})
    receipts = ingest(warehouse, settings, standardise=True)
    assert counted(receipts["shop"]) == {"read": 1, "new": 1}
    assert json.loads(read(warehouse, "raw_record")["payload"].iloc[0])["note"] == strange
    assert read(warehouse, "free_text")["text"].iloc[0] == strange.replace("\u0000", "").strip()
    assert read(warehouse, "contact_point")["value"].iloc[0] == "a@example.com"


def test_a_wrong_source_file_is_refused_before_anything_runs(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, good=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA)
    assert counted(ingest(warehouse, settings, 1)["good"]) == {"read": 1, "new": 1}
    settings = declare(settings, wrong=SHOP.replace("fields:", "feilds:"))
    with pytest.raises(ConfigurationError, match=r"wrong\.yml, line 15: objects\.customers\.feilds is not a key here; did you mean 'fields'"):
        ingest(warehouse, settings, 2)
    assert read(warehouse, "delivery")["source"].tolist() == ["good"]


def test_refused_rows_are_told_by_reason_and_make_the_delivery_partial(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, bad=LINES)
    good = [json.dumps(row) for row in rows(ANA, RUI)["rows"]]
    put(settings, "shop/1.jsonl", "\n".join([*good, "{", "nonsense", "[1]", json.dumps(rows(EVA)["rows"][0] | {"id": " "})]))
    receipt = ingest(warehouse, settings)["bad"]
    assert counted(receipt) == {"read": 6, "new": 2, "refused": 4}
    assert receipt.notes == ("bad.customers: 4 rows refused: NOT_JSON 2, NOT_AN_OBJECT 1, NO_KEY 1",)
    delivery = read(warehouse, "delivery").iloc[0]
    assert (delivery["status"], delivery["reason"], delivery["files_refused"]) == ("partial", "NOT_JSON", 0)
    assert delivery["detail"].startswith("4 rows refused: NOT_JSON 2")


def test_a_row_refused_for_a_newer_one_leaves_the_delivery_whole(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP.replace("delivery: full", "delivery: changes"))
    put(settings, "shop/1.csv", HEADER + ANA + ANA.replace("ana@", "nova@").replace("2026-01-01", "2026-02-01"))
    receipt = ingest(warehouse, settings)["shop"]
    assert receipt.notes == ("shop.customers: 1 row refused: OLDER_VERSION 1",)
    assert read(warehouse, "delivery")["status"].tolist() == ["ok"]


@pytest.mark.parametrize(("name", "says"), [("shpo", "did you mean 'shop'?"), ("../../x", "There is no source"), ("", "There is no source")])
def test_an_unknown_source_is_answered_with_the_known_ones(warehouse: Warehouse, settings: Settings, name: str, says: str) -> None:
    settings = declare(settings, shop=SHOP, other=SHOP)
    batch = open_batch(warehouse, settings, "b", datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(NotFound) as refused:
        execute(warehouse, settings, "ingest", batch, name)
    assert says in str(refused.value)
    assert refused.value.hint == "The sources are other, shop."
