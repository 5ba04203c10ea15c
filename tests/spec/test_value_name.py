"""What becomes of a name: the literal cases of `cases/name.csv`, its parts, and whose name it is."""

import random

import pandas as pd
import pytest
from spec.value_cases import Case, answer, cases

from contacts.values import name
from contacts.values.name_plain import plain_names
from contacts.values.reading import arrow, as_frame
from contacts.warehouse import TEXT

# written, given, family, suffix
PARTS = [
    ("Maria da Silva", "Maria", "da Silva", None),
    ("João Silva Filho", "João", "Silva", "Filho"),
    ("João Silva Jr.", "João", "Silva", "Júnior"),
    ("JOÃO SILVA JÚNIOR", "João", "Silva", "Júnior"),
    ("João Neto", "João", "Neto", None),
    ("Ana", "Ana", None, None),
    ("João Jr.", "João", None, "Júnior"),
    ("JOÃO DA SILVA III", "João", "da Silva", "III"),
    ("Dr. João de Souza Neto", "João", "de Souza", "Neto"),
    ("PADARIA DO ZE LTDA", None, None, None),
]

KINDS = [
    ("Padaria do Zé Ltda", "organisation"),
    ("Padaria do Zé Ltda.", "organisation"),
    ("ACME Inc.", "organisation"),
    ("Comercial Lima S/A", "organisation"),
    ("Lima Transportes EIRELI", "organisation"),
    ("João Silva ME", "organisation"),
    ("Lima & Cia", "organisation"),
    ("Marli Me", "person"),
    ("MARIA DE SA", "person"),
    ("Escola Lima", "person"),
    ("Maria Inces", "person"),
    ("JOAO SILVA 12345678901", "person"),
]


def _text(value: object) -> object:
    return None if pd.isna(value) else value


@pytest.mark.parametrize("case", cases("name"))
def test_a_name(case: Case):
    found = name.standardise(pd.Series([case.written]), case.context.get("kind"), case.context.get("whole") != "no")
    assert answer(found) == case.answer
    assert found["name_key"].fillna("").equals(found["match_key"].fillna(""))


@pytest.mark.parametrize(("written", "given", "family", "suffix"), PARTS)
def test_the_parts_of_a_name(written, given, family, suffix):
    found = name.standardise(pd.Series([written])).iloc[0]
    assert tuple(_text(found[column]) for column in ("given_name", "family_name", "name_suffix")) == (given, family, suffix)


@pytest.mark.parametrize(("written", "kind"), KINDS)
def test_person_or_organisation(written, kind):
    assert name.standardise(pd.Series([written]))["kind"].iloc[0] == kind


def test_a_column_of_organisations_is_said_to_be_one():
    found = name.standardise(pd.Series(["Escola Lima 2"]), kind="organisation").iloc[0]
    assert (found["value"], found["kind"]) == ("Escola Lima 2", "organisation")


def test_the_digits_of_a_cpf_in_a_name_are_kept_nowhere():
    found = name.standardise(pd.Series(["João Silva CPF 529.982.247-25", "Ana 529 982 247 25"]))
    assert not found.apply(lambda column: column.astype(str).str.contains("529|982")).any().any()


@pytest.mark.parametrize(
    ("written", "civil", "social"),
    [
        ("João Lima (nome social: Ana Lima)", "João Lima", "Ana Lima"),
        ("JOÃO LIMA - NOME SOCIAL ANA", "João Lima", "Ana"),
        ("Ana Lima (nome social)", "Ana Lima", "Ana Lima"),
        ("Nome social: ANA LIMA", "Ana Lima", "Ana Lima"),
        ("João Lima (nome social: não informado)", "João Lima", None),
        ("João Lima", "João Lima", None),
    ],
)
def test_a_social_name_beside_the_civil_one(written, civil, social):
    found = name.standardise(pd.Series([written])).iloc[0]
    assert (_text(found["value"]), _text(found["social_name"])) == (civil, social)


def test_plain_and_careful_reading_of_names_agree():
    """The fast way gives what the careful one gives, on made-up names and on words that mean something else."""
    draw = random.Random(3)
    words = "Ana JOÃO luís de DA dos e Silva SOUZA Dé É Xx x xx aaa Sá Neto Jr II Me ME Ltda Dr Sra Dona Teste nome social cliente Ñuñez ß Ãngela MÃ Æsir McX"
    pool = [*words.split(), *("".join(draw.choice("abeiosTRLãçéÔ") for _ in range(draw.randrange(1, 7))) for _ in range(300))]
    written = [" ".join(draw.choice(pool) for _ in range(draw.randrange(1, 6))) for _ in range(20_000)]
    told = 0
    for whole in (True, False):
        answers, plain = plain_names(arrow(pd.Series(written, dtype=TEXT)), whole)
        told += plain.sum()
        careful = name.standardise_each(pd.Series(written), None, whole)
        pd.testing.assert_frame_equal(as_frame(answers)[plain], careful[plain])
        pd.testing.assert_frame_equal(name.standardise(pd.Series(written), None, whole), careful)
    assert told > 5_000


def test_given_and_family_name_are_joined_once():
    joined = name.join_names(pd.Series(["Ana", "Ana Lima", None, "", "Ana"]), pd.Series(["Lima", "Lima", "Lima", None, None]))
    assert joined.fillna("-").tolist() == ["Ana Lima", "Ana Lima", "Lima", "-", "Ana"]


def test_mask_shows_first_letters():
    assert name.mask(pd.Series(["Maria da Silva", "Ana", "A", None])).fillna("-").tolist() == ["M*** S***", "A***", "***", "-"]
