"""Readers turn files of every make into rows of text; what they cannot read they refuse with a reason, never with a guess."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from deliveries import workbook

from pipelines.sources.contract import look, refuse, shown
from pipelines.sources.delivery import find_files, read_delivery
from pipelines.sources.documents import read_json, read_jsonl
from pipelines.sources.reading import FileContent, FileRefused
from pipelines.sources.tabular import read_csv, read_excel
from pipelines.sources.words import Object

HEAD = "id;nome;e-mail\n"
ROW = "007;João Conceição;joao@example.com\n"


def spec(format: str = "csv", **more: Any) -> Object:
    read = {"format": format, "files": "x", "delivery": "full"} | more.pop("read", {})
    fields = more.pop("fields", {"full_name": "nome", "email": "e-mail"})
    return Object.model_validate({"kind": "contact", "read": read, "key": "id", "fields": fields} | more)


def check(found: FileContent, spec: Object) -> list[str]:
    """The new columns of a file, as they may be told, unless the file is refused."""
    seen = look(found, spec)
    refuse(seen, spec)
    return list(seen.told)


def only_row(found: FileContent) -> dict[str, Any]:
    ((_, row),) = found.rows
    return row


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp850", "mac_roman"])
def test_the_encoding_is_found(encoding: str) -> None:
    people = "".join(f"{number};{name};x@example.com\n" for number, name in enumerate(["João Conceição", "Márcia Araújo", "Antônio Muñoz", "Inês Patrício"]))
    found = read_csv((HEAD + people).encode(encoding), spec())
    assert [row["nome"] for _, row in found.rows] == ["João Conceição", "Márcia Araújo", "Antônio Muñoz", "Inês Patrício"]


def test_utf16_of_plain_letters_is_not_taken_for_utf8() -> None:
    assert only_row(read_csv((HEAD + "1;Ana Prado;ana@example.com\n").encode("utf-16-le"), spec()))["nome"] == "Ana Prado"


def test_one_broken_character_does_not_turn_a_utf8_file_into_mojibake() -> None:
    content = (HEAD + ROW * 20).encode() + "21;Zé;ze@example.com\n".encode("cp1252")
    found = read_csv(content, spec())
    assert found.rows[0][1]["nome"] == "João Conceição"
    assert found.rows[-1][1]["nome"] == "Z\ufffd"
    assert found.notes == ["1 characters were lost before it came here"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_the_known_columns_appear(delimiter: str) -> None:
    text = (HEAD + ROW).replace(";", delimiter)
    assert only_row(read_csv(text.encode(), spec())) == {"id": "007", "nome": "João Conceição", "e-mail": "joao@example.com"}


def test_cells_stay_text_and_quoted_cells_may_hold_anything() -> None:
    text = 'id,nome,e-mail\n0012,"Luz, Eva ""Evinha""\nda Silva",1.0\n'
    assert only_row(read_csv(text.encode(), spec())) == {"id": "0012", "nome": 'Luz, Eva "Evinha"\nda Silva', "e-mail": "1.0"}


def test_quotes_escaped_by_a_backslash_are_read_too() -> None:
    text = 'id,nome,e-mail\n1,"Eva \\"Evinha\\", Luz",e@example.com\n'
    assert only_row(read_csv(text.encode(), spec()))["nome"] == 'Eva "Evinha", Luz'


def test_header_cells_are_read_as_people_mean_them() -> None:
    decomposed = "id; Observac\u0327o\u0303es \n1;x\n"
    assert read_csv(decomposed.encode(), spec(texts=["Observações"])).columns == ("id", "Observações")


def test_a_row_of_another_width_and_a_line_in_one_cell_are_set_aside_not_shifted() -> None:
    text = 'id,nome,e-mail,x\n1,Ana,a@example.com,\n2,Rui;r@example.com\n"3,Eva,e@example.com,",,,\n4,Zé,z@example.com,,\n\n'
    found = read_csv(text.encode(), spec())
    assert [number for number, _ in found.rows] == [2]
    assert [(number, reason) for number, reason, _ in found.refused] == [(3, "COLUMN_COUNT"), (4, "COLUMN_COUNT"), (5, "COLUMN_COUNT")]


def test_the_header_may_stand_further_down() -> None:
    text = "Relatório de clientes\n\n" + HEAD + ROW
    assert read_csv(text.encode(), spec(read={"header": 3})).rows[0][0] == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "EMPTY_FILE"),
        (b" \n\n", "EMPTY_FILE"),
        (b"\xef\xbb\xbf", "EMPTY_FILE"),
        (b"id;nome;e-mail\n1;\x00\x01\x02;\x00\x00", "WRONG_ENCODING"),
        (b"id;nome;nome\n1;a;b\n", "DUPLICATE_COLUMN"),
        (b"Cliente;;Contato\nid;nome;e-mail\n", "UNNAMED_COLUMN"),
        (b'id;nome;e-mail\n1;"Ana;a@example.com\n2;Rui;r@example.com\n', "MALFORMED_CSV"),
        (b"id;nome;e-mail\n1;" + b"a" * 10_000_000 + b";x\n", "CELL_TOO_LARGE"),
    ],
)
def test_a_bad_csv_file_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_csv(content, spec())
    assert refused.value.reason == reason


def test_an_encoding_nobody_can_be_sure_of_is_refused_and_read_when_declared() -> None:
    content = (HEAD + "1;Παπαδόπουλος Γεώργιος;x@example.com\n").encode("cp1253")
    with pytest.raises(FileRefused, match="WRONG_ENCODING"):
        read_csv(content, spec())
    assert only_row(read_csv(content, spec(read={"encoding": "cp1253"})))["nome"] == "Παπαδόπουλος Γεώργιος"


def test_a_declared_encoding_is_held_to() -> None:
    with pytest.raises(FileRefused, match="WRONG_ENCODING"):
        read_csv((HEAD + ROW).encode("cp1252"), spec(read={"encoding": "utf-8"}))


def test_excel_cells_become_text_without_losing_or_inventing_anything() -> None:
    cells = ["007", 7, 7.5, 12345678901, dt.date(1985, 3, 7), dt.datetime(2026, 1, 2, 3, 4, 5), True, None, "=1+1 ", 5.51e12]
    header = ["id", *(f"c{number}" for number in range(9))]
    found = read_excel(workbook([header, cells, [None] * 10]), spec("excel"))
    texts = list(only_row(found).values())
    assert texts[:8] == ["007", "7", "7.5", "12345678901", "1985-03-07", "2026-01-02T03:04:05", "true", ""]
    assert texts[9] == "5510000000000"


@pytest.mark.parametrize(
    ("content", "reason", "more"),
    [
        (b"", "EMPTY_FILE", {}),
        (b"PK\x03\x04 not a zip", "UNREADABLE_WORKBOOK", {}),
        (workbook([["id", "nome"], ["1", "Ana"]])[:-300], "UNREADABLE_WORKBOOK", {}),
        (b"id;nome\n1;Ana\n", "UNREADABLE_WORKBOOK", {}),
        (workbook([["Cliente", None, "Contato"], ["id", "nome", "e-mail"], ["1", "Ana", "a@example.com"]], merge="A1:B1"), "MERGED_HEADER", {}),
        (workbook([["id", None], ["1", "Ana"]]), "UNNAMED_COLUMN", {}),
        (workbook([["id", "id"], ["1", "Ana"]]), "DUPLICATE_COLUMN", {}),
        (workbook([["id"]]), "MISSING_SHEET", {"sheet": "Clientes"}),
        (workbook([["id"]]), "EMPTY_FILE", {"header": 5}),
    ],
)
def test_a_bad_workbook_is_refused_with_a_reason(content: bytes, reason: str, more: dict[str, Any]) -> None:
    with pytest.raises(FileRefused) as refused:
        read_excel(content, spec("excel", read=more))
    assert refused.value.reason == reason


def test_below_a_merged_title_the_header_may_be_named() -> None:
    content = workbook([["Clientes", None], ["id", "nome"], ["1", "Ana"]], merge="A1:B1")
    assert read_excel(content, spec("excel", read={"header": 2})).rows == [(3, {"id": "1", "nome": "Ana"})]


PAGE = {"fields": {"full_name": "p.nome", "email": "p.mail"}, "read": {"records": "data.rows", "total": "count"}}


def test_json_rows_are_flattened_to_the_paths_the_mapping_names() -> None:
    rows = [{"id": 7, "p": {"nome": "Ana", "mail": None, "extra": {"a": 1}}, "tags": ["x"], "link": {"self": "y"}}, {"id": 8, "p": None}]
    content = json.dumps({"count": 2, "data": {"rows": rows}}).encode()
    found = read_json(content, spec("json", contract={"ignored": ["link"]}, **PAGE))
    assert found.rows == [(1, {"id": 7, "p.nome": "Ana", "p.mail": None, "p.extra": {"a": 1}, "tags": ["x"]}), (2, {"id": 8})]
    assert found.columns == ("id", "p.extra", "p.mail", "p.nome", "tags")
    assert found.total == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "EMPTY_FILE"),
        (b'{"count": 1, "data": {"rows": [{"id": 1}, {"id":', "NOT_JSON"),
        (b"[" * 100_000, "NOT_JSON"),
        ('{"count": 1, "data": {"rows": [{"id": "é"}]}}'.encode("cp1252"), "WRONG_ENCODING"),
        (b'{"count": 1}', "NO_RECORDS"),
        (b'{"count": 1, "data": {"rows": {"id": 1}}}', "NO_RECORDS"),
        (b'[{"errorCode": "INVALID_SESSION_ID"}]', "NO_RECORDS"),
    ],
)
def test_a_bad_page_is_refused_with_a_reason(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_json(content, spec("json", **PAGE))
    assert refused.value.reason == reason


def test_half_an_emoji_costs_one_character_and_not_the_page() -> None:
    content = b'{"count": 1, "data": {"rows": [{"id": "1", "p": {"nome": "Ana \\ud83d"}}]}}'
    assert only_row(read_json(content, spec("json", **PAGE)))["p.nome"] == "Ana ?"


def test_json_lines_that_do_not_parse_are_set_aside_one_by_one() -> None:
    content = b'\xef\xbb\xbf{"id": 1}\n\n{"id": 2,\n[3]\n{"id": 4}\r\n{"id": "\xe9"}\n'
    found = read_jsonl(content, spec("jsonl"))
    assert [number for number, _ in found.rows] == [1, 5]
    assert [(number, reason) for number, reason, _ in found.refused] == [(3, "NOT_JSON"), (4, "NOT_AN_OBJECT"), (6, "NOT_JSON")]
    with pytest.raises(FileRefused, match="NOT_JSON"):
        read_jsonl(b"id;nome\n1;Ana\n", spec("jsonl"))


def test_new_columns_are_dropped_and_named_or_stop_the_file() -> None:
    content = (HEAD.replace("\n", ";salário\n") + ROW.replace("\n", ";9000\n")).encode()
    found = read_csv(content, spec())
    assert check(found, spec()) == ["salário"]
    assert "salário" not in only_row(found)
    with pytest.raises(FileRefused) as refused:
        check(read_csv(content, spec()), spec(contract={"on_new_column": "stop"}))
    assert (refused.value.reason, refused.value.detail) == ("UNDECLARED_COLUMN", "the contract does not know column salário")


def test_known_columns_nobody_wants_are_dropped_without_a_word() -> None:
    found = read_csv((HEAD + ROW).encode(), spec(fields={"full_name": "nome"}, contract={"ignored": ["e-mail"]}))
    assert check(found, spec(fields={"full_name": "nome"}, contract={"ignored": ["e-mail"]})) == []
    assert only_row(found) == {"id": "007", "nome": "João Conceição"}


def test_a_missing_column_is_named_and_the_rest_of_the_header_only_when_it_is_one() -> None:
    contract = {"required": ["nome", "e-mail"]}
    with pytest.raises(FileRefused) as renamed:
        check(read_csv(b"id;nome;correio\n1;Ana;a@example.com\n", spec()), spec(contract=contract))
    assert renamed.value.detail == "required column e-mail is missing; columns the contract does not know: correio"
    with pytest.raises(FileRefused) as headless:
        check(read_csv(b"1;Ana Prado;ana@example.com\n2;Rui;rui@example.com\n", spec()), spec(contract=contract))
    assert headless.value.reason == "MISSING_COLUMN"
    assert "Ana" not in headless.value.detail


def test_names_of_columns_that_could_be_values_are_not_told() -> None:
    known = [f"known{number}" for number in range(10)]
    new = ["Apelido", "Zoraquel Vimbrasto", "ana@example.com", "529.982.247-25", "(11) 96412-0001", "x" * 41, "properties.idade", "lote_20251231"]
    assert shown(new, known + new) == [
        "Apelido",
        *(f"(name not told, column {place})" for place in (12, 13, 14, 15, 16)),
        "properties.idade",
        "(name not told, column 18)",
    ]


def test_no_name_is_told_where_most_of_the_header_is_not_known() -> None:
    headless = b"id;Zoraquel;Vimbrasto;novo\n2;Rui;S\xc3\xa1;x\n"
    assert check(read_csv(headless, spec()), spec()) == ["(name not told, column 2)", "(name not told, column 3)", "(name not told, column 4)"]
    for contract in ({"required": ["nome"]}, {"on_new_column": "stop"}):
        with pytest.raises(FileRefused) as refused:
            check(read_csv(headless, spec()), spec(contract=contract))
        assert "Zoraquel" not in refused.value.detail
        assert "column 2" in refused.value.detail


def test_a_column_that_changed_its_meaning_stops_the_file() -> None:
    typed = spec(contract={"types": {"e-mail": "email"}})
    shifted = read_csv((HEAD + "1;Ana;01/02/2020\n2;Rui;03/04/2020\n3;Eva;e@example.com\n").encode(), spec())
    with pytest.raises(FileRefused) as refused:
        check(shifted, typed)
    assert (refused.value.reason, refused.value.detail) == ("WRONG_TYPE", "most values are not what the contract says in column e-mail (email)")
    check(read_csv((HEAD + "1;Ana;\n2;Rui;r@example.com\n3;Eva;sem e-mail\n").encode(), spec()), typed)


def test_files_are_found_by_path_folder_or_pattern_in_order_without_lock_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "~$a.csv", "c.txt", "d.xlsx"):
        (tmp_path / name).write_text(HEAD)
    (tmp_path / "folder.csv").mkdir()

    def names(files: str) -> list[str]:
        return [file.name for file in find_files(spec(read={"files": files}), tmp_path)]

    assert names("*.csv") == ["a.csv", "b.csv"]
    assert names("b.csv") == ["b.csv"]
    assert names(".") == ["a.csv", "b.csv", "c.txt"]
    assert names("nothing/*.csv") == []


def test_formulas_are_kept_as_text_and_noted(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(HEAD + "1;=cmd|' /C calc'!A0;+55 11 96412-0001\n2;@SUM(1);-\n")
    found = read_delivery(spec(read={"files": "x.csv"}), tmp_path)
    assert found.notes == ["file 1: 2 cells begin like a formula and were kept as text"]
    assert json.loads(found.payload[0])["nome"] == "=cmd|' /C calc'!A0"
