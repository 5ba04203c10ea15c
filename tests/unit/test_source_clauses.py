"""Every clause of a contract is judged over a whole delivery, in counts: what breaks it, what does not, and what is at the edge."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources.clauses import Result, judge, sentence, too_few
from pipelines.sources.delivery import read_delivery
from pipelines.sources.words import Object

AS_OF = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
CANARY = "zoraquel-quimbralto"


def judged(
    folder: Path, contract: dict[str, Any], rows: list[str] | None, zone: str = "UTC", came: int = 0, held: int = 0, delivery: str = "full"
) -> dict[str, Result]:
    """Results by clause and column of a delivery whose rows have an id, a flag and a moment; None is no file at all."""
    spec = Object.model_validate(
        {
            "kind": "contact",
            "read": {"format": "csv", "files": "*.csv", "delivery": delivery, "delimiter": ";"},
            "key": "id",
            "updated_at": "at",
            "fields": {"full_name": "name"},
            "contract": {"allowed": ["flag"], **contract},
        }
    )
    if rows is not None:
        (folder / "x.csv").write_text("\n".join(["id;name;flag;at", *rows]) + "\n", encoding="utf-8")
    found = judge(spec, read_delivery(spec, folder), AS_OF, zone, came, held)
    return {f"{result.clause} {result.column}".strip(): result for result in found}


def flags(*words: str) -> list[str]:
    return [f"{number};Ana;{word};" for number, word in enumerate(words)]


def moments(*texts: str) -> list[str]:
    return [f"{number};Ana;;{text}" for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("words", "failed", "of"),
    [
        (["sim", "não"], 0, 2),
        ([" SIM ", "N\u0061\u0303o", "NÃO"], 0, 3),
        (["por  telefone", "Por Telefone"], 0, 2),
        (["", "  "], 0, 0),
        (["sim", "talvez", "talvez", "nao"], 3, 4),
        (["[]", "{}"], 0, 0),
    ],
    ids=["agreed", "case, blanks and composition", "blanks inside", "blank cells", "others", "empty lists"],
)
def test_enum_counts_cells_outside_the_words_agreed(tmp_path: Path, words: list[str], failed: int, of: int) -> None:
    found = judged(tmp_path, {"enum": {"flag": ["sim", "não", "Por telefone"]}}, flags(*words))["enum flag"]
    assert found == Result("enum", "flag", failed > 0, failed, of, "sim, não, Por telefone")


@pytest.mark.parametrize(
    ("share", "filled", "of", "breached"),
    [("0.95", 95, 100, False), ("0.95", 94, 100, True), ("0.07", 7, 100, False), ("1", 3, 3, False), ("1", 2, 3, True), ("0.5", 0, 0, False)],
)
def test_filled_is_exact_at_its_bound(tmp_path: Path, share: str, filled: int, of: int, breached: bool) -> None:
    found = judged(tmp_path, {"filled": {"flag": share}}, flags(*["x"] * filled, *[""] * (of - filled)))["filled flag"]
    assert found == Result("filled", "flag", breached, of - filled, of, share)


def test_a_column_that_did_not_come_fills_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id;name;at\n1;Ana;\n2;Rui;\n", encoding="utf-8")
    assert judged(tmp_path, {"filled": {"flag": 0.5}}, None)["filled flag"] == Result("filled", "flag", True, 2, 2, "0.5")


@pytest.mark.parametrize(
    ("texts", "breached", "stale"),
    [
        (["2026-11-18T00:00:00Z", "2020-01-01T00:00:00Z"], False, 1),
        (["2026-11-17T06:00:00Z"], False, 0),
        (["2026-11-17T05:59:59Z"], True, 1),
        (["17/11/2026 06:00"], False, 0),
        (["2026-11-20T09:00:00Z"], False, 0),
        (["2026-11-23T00:00:00Z"], True, 1),
        (["2062-11-18T00:00:00Z", "2026-01-01T00:00:00Z"], True, 2),
        (["2062-11-18T00:00:00Z", "2026-11-19T00:00:00Z"], False, 1),
        (["ontem", "", "2026-13-45"], True, 3),
        (["1763532000000"], True, 1),
        (["1795068000000"], False, 0),
        ([], True, 0),
    ],
    ids=[
        "one fresh row", "at the bound", "one second beyond", "day first", "a few hours ahead", "days ahead", "a year mistyped", "mistyped beside fresh",
        "nothing to read", "milliseconds, a year old", "milliseconds, fresh", "no rows",
    ],
)  # fmt: skip
def test_freshness_wants_one_row_as_recent_as_agreed(tmp_path: Path, texts: list[str], breached: bool, stale: int) -> None:
    found = judged(tmp_path, {"freshness": {"within": "3 days"}}, moments(*texts))["freshness at"]
    assert found == Result("freshness", "at", breached, stale, len(texts), "3 days")


@pytest.mark.parametrize(("zone", "breached"), [("UTC", True), ("America/Sao_Paulo", False)])
def test_a_moment_without_an_offset_is_the_sources_own_time(tmp_path: Path, zone: str, breached: bool) -> None:
    found = judged(tmp_path, {"freshness": {"within": "3 days"}}, moments("2026-11-17 04:00:00"), zone)
    assert found["freshness at"].breached is breached


def test_volume_counts_rows_and_what_is_missing_of_those_held(tmp_path: Path) -> None:
    volume = {"at_least": 3, "at_most": 3, "shrinks_at_most": 0.25}
    assert not any(found.breached for found in judged(tmp_path, {"volume": volume}, flags("a", "b", "c"), came=3, held=4).values())
    few = judged(tmp_path, {"volume": volume}, flags("a", "b"), came=2, held=4)
    assert few["at_least"] == Result("at_least", "", True, 1, 2, "3")
    assert few["shrinks_at_most"] == Result("shrinks_at_most", "", True, 2, 4, "0.25")
    assert too_few(list(few.values()))
    many = judged(tmp_path, {"volume": volume}, flags("a", "b", "c", "d"), came=4, held=4)
    assert many["at_most"] == Result("at_most", "", True, 1, 4, "3")
    assert not too_few(list(many.values()))
    first = judged(tmp_path, {"volume": {"shrinks_at_most": 0}}, flags("a"), came=1, held=0)
    assert first["shrinks_at_most"] == Result("shrinks_at_most", "", False, 0, 0, "0")


def test_a_row_nobody_can_read_is_a_row_that_came(tmp_path: Path) -> None:
    assert not judged(tmp_path, {"volume": {"at_least": 3}}, [*flags("a", "b"), "3;too;few"])["at_least"].breached


FULL = {
    "required": ["name"], "types": {"flag": "boolean"}, "enum": {"flag": ["sim"]}, "filled": {"name": 1}, "freshness": {"within": "3 days"},
    "volume": {"at_least": 1, "at_most": 9, "shrinks_at_most": 0.5},
}  # fmt: skip
CLAUSES = [
    "required id", "required name", "types flag", "on_new_column", "enum flag", "filled name", "freshness at", "at_least", "at_most", "shrinks_at_most"
]  # fmt: skip


@pytest.mark.parametrize("rows", [None, [], flags("sim")], ids=["no file", "no row", "a row"])
def test_every_clause_gives_one_result_whatever_came(tmp_path: Path, rows: list[str] | None) -> None:
    found = judged(tmp_path, FULL, rows, came=len(rows or ()), held=5)
    assert list(found) == CLAUSES
    broken = [name for name, result in found.items() if result.breached]
    assert broken == (["freshness at", "shrinks_at_most"] if rows else ["freshness at", "at_least", "shrinks_at_most"])


def test_the_clauses_that_refuse_a_file_count_files_and_cells(tmp_path: Path) -> None:
    for name, text in {
        "a": "id;name;flag;at\n1;Ana;sim;\n",
        "b": "id;flag;at\n1;sim;\n",
        "c": "id;name;flag;at;novo\n1;Ana;de;;\n2;Eva;ou;;\n3;Rui;sim;;\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    found = judged(tmp_path, {"required": ["name"], "types": {"flag": "boolean"}, "on_new_column": "stop"}, None)
    assert found["required id"] == Result("required", "id", False, 0, 3, "required")
    assert found["required name"] == Result("required", "name", True, 1, 3, "required")
    assert found["types flag"] == Result("types", "flag", True, 2, 5, "boolean")
    assert found["on_new_column"] == Result("on_new_column", "", True, 1, 3, "stop")
    dropped = judged(tmp_path, {"on_new_column": "drop"}, None)["on_new_column"]
    assert dropped == Result("on_new_column", "", False, 1, 3, "drop"), "what the contract drops by agreement breaks nothing"


def test_rows_of_a_refused_file_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id;name;flag;at\n1;Ana;sim;\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id;flag;at\n2;talvez;\n3;talvez;\n", encoding="utf-8")
    found = judged(tmp_path, {"required": ["name"], "enum": {"flag": ["sim"]}, "volume": {"at_least": 2}}, None)
    assert found["enum flag"] == Result("enum", "flag", False, 0, 1, "sim")
    assert found["at_least"].failed == 1


def test_a_list_of_json_is_filled_when_something_is_in_it(tmp_path: Path) -> None:
    spec = Object.model_validate(
        {
            "kind": "contact", "read": {"format": "jsonl", "files": "x.jsonl", "delivery": "changes"}, "key": "id", "fields": {"full_name": "name"},
            "contract": {"allowed": ["tags", "on"], "filled": {"tags": 0.5}, "enum": {"on": ["true", "false"]}},
        }
    )  # fmt: skip
    (tmp_path / "x.jsonl").write_text('{"id": 1, "name": "Ana", "tags": [], "on": true}\n{"id": 2, "name": "Rui", "tags": ["a"], "on": 1}\n', encoding="utf-8")
    found = {result.clause: result for result in judge(spec, read_delivery(spec, tmp_path), AS_OF, "UTC", 2, 0)}
    assert (found["filled"].failed, found["filled"].breached) == (1, False)
    assert (found["enum"].failed, found["enum"].of) == (1, 2)


def test_a_breach_is_told_in_the_contracts_words_and_in_counts(tmp_path: Path) -> None:
    rows = [f"{CANARY}-1;{CANARY};{CANARY};{CANARY}", f"{CANARY}-2;;{CANARY};2001-02-03"]
    contract = {**FULL, "types": {}, "volume": {"at_least": 3, "shrinks_at_most": 0.1}}
    found = judged(tmp_path, contract, rows, came=2, held=9)
    told = {name: sentence(result, full=True) for name, result in found.items() if result.reason}
    assert told == {
        "enum flag": "2 of 2 cells in flag hold none of the words agreed",
        "filled name": "name is blank in 1 of 2 rows; at least 1 of them are to fill it",
        "freshness at": "no at is within 3 days before the batch",
        "at_least": "2 rows came, at least 3 were agreed; nothing is taken for gone",
        "shrinks_at_most": "7 fewer records came than the 9 held; at most 0.1 of them may be missing; nothing is taken for gone",
    }
    assert CANARY not in str(found) and "2001" not in str(found)
    assert sentence(found["at_least"], full=False) == "2 rows came, at least 3 were agreed"
