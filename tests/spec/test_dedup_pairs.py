"""Two records side by side: are they one person, does somebody have to decide, or not? Read it as a table.

Every case runs the shipped ``linkage.yml`` with its documented weights on the two records alone. ``match``: one person;
``unsure``: a person decides; ``none``: not even asked; ``apart``: unsure or none, never one person.
"""

from typing import Any

import pandas as pd
import pytest

from contacts.schema import POINT_TYPES, SINGLE_FIELDS
from contacts.settings import ROOT
from contacts.warehouse import TEXT
from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS, Before, link_batch
from dedup.linkage import load_linkage

LINKAGE = load_linkage(ROOT / "dedup" / "linkage.yml")
CPF, OTHER_CPF = "52998224725", "15350946056"

# fmt: off
PEOPLE = (
    # one record                                        the other                                                      zone        why
    ("ana reis, cpf A",                                 "ana reis, cpf A",                                             "match"),
    ("ana moreira, cpf A",                              "ana moreyra, cpf A",                                          "match"),   # a letter apart
    ("ana reis, cpf A",                                 "ana lima, cpf A",                                             "unsure"),  # married, or a slip?
    ("ana reis, cpf A, born 1990-05-17",                "ana lima, cpf A, born 1990-05-17",                            "match"),
    ("ana reis, cpf A",                                 "bruno costa, cpf A",                                          "unsure"),  # who typed whose CPF?
    ("joao reis, cpf A, social Julia Reis",             "julia reis, cpf A",                                           "match"),   # social name
    ("ana reis, cpf A, mail a, born 1990-05-17",        "ana reis, cpf B, mail a, born 1990-05-17",                    "apart"),   # two valid CPFs
    ("ana reis",                                        "ana reis",                                                    "none"),
    ("ana reis, cep 01310100",                          "ana reis, cep 01310100",                                      "apart"),   # namesakes in a street
    ("ana reis, mail a",                                "ana reis, mail a",                                            "match"),
    ("ana b reis, phone 1",                             "ana beatriz reis, phone 1",                                   "match"),   # abbreviated
    ("reis ana beatriz, phone 1",                       "ana beatriz reis, phone 1",                                   "match"),   # family name first
    ("ana reis, mail a",                                "beto reis, mail a",                                           "apart"),   # a couple's mailbox
    ("ana reis, mail a, phone 1",                       "beto reis, mail a, phone 1",                                  "apart"),
    ("mail a",                                          "ana reis, mail a",                                            "apart"),   # no name, no match
    ("ana clara reis, born 1990-05-17",                 "ana clara reis, born 1990-05-17",                             "match"),
    ("ana reis, mail a, born 1990-05-07",               "ana reis, mail a, born 1990-07-05",                           "match"),   # day and month swapped
    ("ana reis, mail a, born 1990-05-07",               "ana reis, mail a, born --05-07",                              "match"),   # year not told
    ("ana reis, mail a, born 1960-01-02",               "ana reis, mail a, born 1988-09-30",                           "apart"),   # mother and daughter
    ("jose reis, phone 1",                              "jose reis filho, phone 1, suffix Filho",                      "apart"),   # father and son
    ("jose reis, phone 1, born 1990-05-17",             "jose reis filho, phone 1, suffix Filho, born 1990-05-17",     "match"),   # Filho left out
    ("jose reis filho, phone 1, suffix Filho",          "jose reis neto, phone 1, suffix Neto",                        "apart"),
    ("ana paula reis, mail a, born 2001-03-03",         "ana clara reis, mail a, born 2001-03-03",                     "apart"),   # twins
    ("paulo reis, mail a",                              "paula reis, mail a",                                          "apart"),   # one letter, two people
    ("ana reis, mail a",                                "caio melo, mail c",                                           "none"),
)

ORGANISATIONS = (
    ("padaria sol ltda, cnpj 11222333000181",           "padaria sol, cnpj 11222333000181",                            "match"),
    ("creche lua, phone 1, street Rua A, number 9",     "creche lua, phone 1, street Rua A, number 9",                 "match"),
    ("creche lua, street Rua A, number 9",              "padaria sol, street Rua A, number 9",                         "none"),    # tenants of one building
)
# fmt: on
WORDS = {"born": "birth_date", "mail": "email", "social": "social_name", "suffix": "name_suffix", "cep": "postal_code"}
CPFS = {"A": "52998224725", "B": "15350946056"}


def record(text: str) -> dict[str, str]:
    """``ana reis, cpf A, mail a`` as fields; what has no field word before it is the name."""
    values: dict[str, str] = {}
    for part in text.split(", "):
        word, _, rest = part.partition(" ")
        if (field := WORDS.get(word, word)) in (*SINGLE_FIELDS, *POINT_TYPES):
            values[field] = CPFS.get(rest, rest) if field == "cpf" else rest
        else:
            values["name"] = part
    return values


def zone_of(one: dict[str, Any], other: dict[str, Any], kind: str) -> str:
    """match, unsure or none; checked along the way: only a match makes one person."""
    rows, points = [], []
    for number, values in enumerate((one, other), 1):
        fields = dict.fromkeys(SINGLE_FIELDS) | {name: value for name, value in values.items() if name in SINGLE_FIELDS}
        rows.append({"record_id": number, "batch_no": 1, "state": "active", "kind": kind, "source": "crm", "name_key": values.get("name")} | fields)
        for at, name in enumerate(("email", "phone")):
            if name in values:
                points.append([number, name, 0, ord(values[name]) * 2 + at, f"{values[name] * 7}@mail.example", None, None])
    contacts = pd.DataFrame(rows)[list(CONTACT_COLUMNS)]
    contacts = contacts.astype({name: TEXT for name in CONTACT_COLUMNS if name not in ("record_id", "batch_no")})
    frame = pd.DataFrame(points, columns=list(POINT_COLUMNS)).astype({"type": TEXT, "match_key": TEXT, "subtype": TEXT, "point_ref": "Int64", "names": "Int64"})
    judgements = pd.DataFrame({"judgement_no": [], "record_a": [], "record_b": [], "verdict": []})
    stored = pd.DataFrame({"record_a": [], "record_b": [], "probability": [], "zone": [], "evidence": [], "model_hash": [], "batch_no": []})
    stored = stored.astype({"record_a": "int64", "record_b": "int64", "batch_no": "int64", "zone": TEXT, "evidence": TEXT, "model_hash": TEXT})
    linked = link_batch(LINKAGE, contacts, frame, judgements, Before(0, stored, [], contacts["record_id"].iloc[:0]), 1)
    zone = str(linked.pairs["zone"].iloc[0]) if len(linked.pairs) else "none"
    assert (linked.clusters["cluster"].nunique() == 1) == (zone == "match")
    return zone


@pytest.mark.parametrize(("one", "other", "zone"), PEOPLE)
def test_people(one: str, other: str, zone: str) -> None:
    for left, right in ((one, other), (other, one)):
        found = zone_of(record(left), record(right), "person")
        assert (found != "match") if zone == "apart" else (found == zone)


@pytest.mark.parametrize(("one", "other", "zone"), ORGANISATIONS)
def test_organisations(one: str, other: str, zone: str) -> None:
    assert zone_of(record(one), record(other), "organisation") == zone
