"""Who counts as living together, as a table; and that the answer hangs on no order."""

from typing import Any

import pandas as pd
import pytest

from contacts.settings import ROOT
from contacts.warehouse import TEXT
from dedup.households import households
from dedup.linkage import load_linkage

RULE = load_linkage(ROOT / "dedup" / "linkage.yml").households
FIELDS = ("kind", "family_name", "street", "number", "complement", "city")
HOME = ("Rua das Laranjeiras", "12", None, "Niterói")
FLAT = ("Av. Brasil", "100", "ap 31", "Santos")


def found(*people: tuple[Any, ...], points: tuple[tuple[str, str, int], ...] = (), largest: int = RULE.largest) -> dict[str, tuple[str, str]]:
    """person_id -> (smallest person of the household, what is shared). ``people``: id, kind, family name, address of four parts."""
    frame = pd.DataFrame([(code, kind, family, *address) for code, kind, family, address in people], columns=["person_id", *FIELDS])
    frame = frame.astype(dict.fromkeys(frame.columns, TEXT))
    held = pd.DataFrame(points, columns=["person_id", "type", "point_ref"]).astype({"person_id": TEXT, "type": TEXT, "point_ref": "int64"})
    made = households(frame, held, RULE.model_copy(update={"largest": largest}))
    return {row.person_id: (row.anchor, row.shares) for row in made.itertuples()}


def test_same_address_and_a_word_of_the_family_name_is_a_household() -> None:
    made = found(("b", "person", "Souza Lima", HOME), ("a", "person", "Lima", ("rua das laranjeiras", "12", None, "NITEROI")), ("c", "person", "Prado", HOME))
    assert made == {"a": ("a", "address+family"), "b": ("a", "address+family")}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (("b", "person", "Lima", (*HOME[:2], "fundos", HOME[3])), "another complement"),
        (("b", "person", "Lima", (*HOME[:3], "Santos")), "another town"),
        (("b", "person", "Lima", (HOME[0], None, None, HOME[3])), "no number"),
        (("b", "organisation", "Lima", HOME), "an organisation"),
        (("b", "person", "de", HOME), "a particle is no name"),
        (("b", "person", None, HOME), "no family name"),
    ],
)
def test_what_does_not_agree_is_no_household(other: tuple[Any, ...], why: str) -> None:
    assert found(("a", "person", "de Lima", HOME), other) == {}, why


def test_a_phone_ties_people_of_one_address_and_an_email_of_another_address_does_not() -> None:
    people = [("a", "person", "Lima", FLAT), ("b", "person", "Prado", FLAT), ("c", "person", "Reis", HOME)]
    points = (("a", "phone", 1), ("b", "phone", 1), ("a", "email", 2), ("c", "email", 2))
    assert found(*people, points=points) == {"a": ("a", "address+phone"), "b": ("a", "address+phone")}


def test_both_ties_are_told_and_one_person_may_tie_two() -> None:
    people = [("a", "person", "Lima", FLAT), ("b", "person", "Lima", FLAT), ("c", "person", "Prado", FLAT)]
    made = found(*people, points=(("b", "email", 7), ("c", "email", 7)))
    assert made == {"a": ("a", "address+family"), "b": ("a", "address+email, address+family"), "c": ("a", "address+email")}


def test_a_building_is_no_household() -> None:
    people = [(f"p{at}", "person", "Silva", FLAT) for at in range(4)]
    assert len(found(*people, largest=4)) == 4
    assert found(*people, largest=3) == {}


def test_the_order_of_the_people_says_nothing() -> None:
    people = [("a", "person", "Lima", FLAT), ("b", "person", "Lima Prado", FLAT), ("c", "person", "Prado", FLAT), ("d", "person", "Reis", HOME)]
    assert found(*people) == found(*people[::-1])
    assert found() == {}
