"""Who typed a row in: a pseudonym that is the same for the same id of the same source, and a team out of the list of the source file."""

import pandas as pd
import pytest

from contacts.pseudonym import staff_code
from pipelines.sources.rows import Rows
from pipelines.sources.staff import entered_by, staff_pseudonym, teams
from pipelines.sources.words import Object, Source

KEY = b"k" * 32


def rows(cells: list[dict[str, object]], name: str = "crm", **said: object) -> Rows:
    read = {"format": "csv", "files": "x.csv", "delivery": "full"}
    spec = Object.model_validate({"kind": "contact", "read": read, "key": "id", "fields": {"full_name": "name"}, **said})
    title = {"pt": "x", "en": "x"}
    source = Source.model_validate({"name": name, "title": title, "owner": "x", "trust": 50, "country": "BR", "objects": {"people": spec}})
    heads = pd.DataFrame({"record_id": range(len(cells)), "raw_id": range(len(cells)), "source_key": "k", "gone": False})
    return Rows(source, spec, heads, cells)


def listed(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else value for value in series]


def test_the_same_staff_id_has_the_same_pseudonym_and_another_source_another() -> None:
    typed = [{"who": "V101"}, {"who": " V101 "}, {"who": "v101"}, {"who": ""}, {}, {"who": 101}]
    found = listed(entered_by(rows(typed, entered_by="who"), KEY))
    assert found[0] == found[1] == staff_pseudonym(KEY, "crm", "V101")
    assert found[2] not in (None, found[0]), "ids may differ by case alone, and nobody is to answer for another"
    assert found[3:5] == [None, None] and found[5] == staff_pseudonym(KEY, "crm", "101")
    assert listed(entered_by(rows(typed, name="shop", entered_by="who"), KEY))[0] != found[0]
    assert listed(entered_by(rows(typed, entered_by="who"), b"o" * 32))[0] != found[0]
    assert listed(entered_by(rows(typed), KEY)) == [None] * 6


def test_the_pseudonym_is_short_enough_to_be_said_aloud() -> None:
    assert staff_code(0) == "U-00000000"
    assert staff_code(2**63 - 1) == "U-ZZZZZZZZ"
    assert len(staff_pseudonym(KEY, "crm", "V101")) == 10


def test_a_team_is_a_word_of_the_list_or_unknown() -> None:
    cells = [{"shop": value} for value in ("North", " NORTH ", "north", "Ana Prado", "", None)]
    found = teams(rows(cells, team={"column": "shop", "words": ["North", "South"]}))
    assert listed(found) == ["North", "North", "North", "unknown", None, None]


def test_a_constant_team_is_every_rows() -> None:
    assert listed(teams(rows([{}, {}], team={"is": "Televendas"}))) == ["Televendas", "Televendas"]
    assert listed(teams(rows([{}, {}]))) == [None, None]


def test_both_columns_are_known_to_the_contract_and_kept_in_the_raw_record() -> None:
    spec = rows([], entered_by="who", team={"column": "shop", "words": "North"}).spec
    assert spec.mapped == ("id", "name", "who", "shop") and {"who", "shop"} <= spec.stored


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"team": {"column": "shop"}}, "`words:` lists the teams"),
        ({"team": {"is": "North", "words": ["North"]}}, "`words:` lists the teams"),
        ({"team": {}}, "one word for every row"),
        ({"team": {"is": "North", "column": "shop", "words": ["North"]}}, "one word for every row"),
        ({"team": {"column": "shop", "words": ["North", "NORTH"]}}, "listed twice"),
        ({"entered_by": "name"}, "it can mean nothing else"),
        (
            {"kind": "interaction", "fields": {}, "interaction": {"requester": "who", "requester_object": "people"}, "entered_by": "by"},
            "only an object of kind",
        ),
    ],
)
def test_a_mistake_is_refused(said: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rows([], **said)
