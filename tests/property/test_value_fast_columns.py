"""The fast readings of documents, streets and postal codes answer what the careful ones do: on plain values, on mess, and on anything."""

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf

from contacts.values import address, document, street
from contacts.values.reading import arrow, texts

TYPES = [
    "Rua",
    "R.",
    "R",
    "Av.",
    "Avenida",
    "Al.",
    "AL",
    "Tv",
    "Pça.",
    "Rodovia",
    "BR",
    "Quadra",
    "QD",
    "Lote",
    "SQS",
    "SCS",
    "Vila",
    "Est",
    "Numero",
    "Nº",
    "N",
    "n",
    "s",
    "sn",
    "S.N.",
    "x",
    "Via",
    "Bloco",
    "km",
    "casa",
]
WORDS = [
    "das",
    "Flores",
    "de",
    "Souza",
    "JOÃO",
    "MARIA",
    "São",
    "d'Oeste",
    "Ã",
    "MÃ",
    "XV",
    "Sete",
    "lote",
    "quadra",
    "km",
    "bloco",
    "A",
    "N",
    "no",
    "nº",
    "numero",
    "SN",
    "s/n",
    "Neto",
    "Dr.",
    "JoÆo",
    "CÃ£o",
    "teste",
    "não",
    "informado",
    "x",
    "ii",
    "ap",
]
NUMBERS = ["1", "12", "123", "12345", "123456", "0", "00", "007", "S/N", "s/n", "SN", "12A", "12-A", "1.234", "12/14"]
BETWEEN = (", ", ", ", ", ", " ", ",", "  ", ", nº ", " - ", ", n. ")
BESIDE = ("apto 12", "bloco 2, apto 3", "casa", "3 andar", "12", "s/n", "ap. 4 - bl. 5", "", "apto  12", "é 2", "A-", "-A", "Sala 10/11", "apto +4")
COUNTRIES = ("BR", "BR", "br", "PT", "US", "DE", None)


def _lines(seed: int, count: int) -> pd.Series:
    draw = random.Random(seed)

    def line() -> str:
        text = " ".join([draw.choice(TYPES), *(draw.choice(WORDS) for _ in range(draw.randrange(4)))])
        text += draw.choice(BETWEEN) + draw.choice(NUMBERS) if draw.random() < 0.95 else ""
        text += draw.choice([", ", ", ", ",", " ", "; "]) + draw.choice(BESIDE) if draw.random() < 0.5 else ""
        return draw.choice([text] * 6 + [text.upper(), text.lower(), f" {text} ", text * 9])

    return pd.Series([*(line() for _ in range(count)), None, ""], dtype=object)


def _formed(seed: int, count: int) -> pd.Series:
    """Lines nearly all as an owner would write them, and every word that is not what it seems."""
    draw = random.Random(seed)
    types = ["Rua", "R.", "R", "Av.", "AV", "av", "Avenida", "Praça", "Pça.", "Pca", "Sítio", "Sitio", "Condomínio", "Qd", "Quadra", "Al.", "Vila", "N."]
    words = ["Vera", "Alves", "da Luz", "dos Anjos", "e Silva", "São", "João", "Ávila", "Ômega", "Coração", "Casa", "Lote", "Sala", "Bloco", "Conjunto"]
    words += ["Sn", "Nosn", "Nosem Numero", "Número", "Numerosn", "No", "Osn", "Ap", "Apto", "Teste", "McArthur", "JOSÉ", "luz", "Ãcaro", "D'Ávila", "Km"]

    def line() -> str:
        name = " ".join(draw.choice(words) for _ in range(draw.randrange(1, 4)))
        return f"{draw.choice(types)} {name}{draw.choice([', ', ', ', ', ', ' '])}{draw.choice(NUMBERS)}"

    return pd.Series([line() for _ in range(count)], dtype=object)


def _documents(seed: int, count: int) -> pd.Series:
    draw = random.Random(seed)

    def one() -> str:
        module, width, alphabet = draw.choice([(cpf, 9, "0123456789"), (cnpj, 12, "0123456789"), (cnpj, 12, "0123456789ABCXYZ")])
        first = "".join(draw.choice(alphabet) for _ in range(width))
        try:
            text = first + (cpf._calc_check_digits(first) if module is cpf else cnpj.calc_check_digits(first))
        except Exception:
            text = first + "00"
        text = draw.choice([text] * 5 + [text[:-1] + draw.choice("0123456789"), text[1:], text.lower(), draw.choice("0123456789") * len(text)])
        return draw.choice([text, text, module.format(text), f" {text} ", f"CPF {text}", f"{text}.0", text.replace("0", "O")])

    return pd.Series([*(one() for _ in range(count)), None, "", "123.456.789-09", "111.111.111-11"], dtype=object)


@pytest.mark.parametrize("seed", range(3))
def test_streets_agree_on_mess(seed: int):
    written = _lines(seed, 6_000)
    draw = random.Random(seed)
    country = pd.Series([draw.choice(COUNTRIES) for _ in written], dtype=object)
    pd.testing.assert_frame_equal(street.standardise_street(written, country), street.standardise_each(written, country))
    plain = street._plain_lines(arrow(texts(written)), street._aligned(written, country)[1])[1]
    assert plain.sum() > 300  # the sample is what it is meant to be


@pytest.mark.parametrize("country", ["BR", "DE"])
def test_streets_agree_on_good_form_and_what_looks_like_it(country: str):
    written = _formed(1, 20_000)
    pd.testing.assert_frame_equal(street.standardise_street(written, country), street.standardise_each(written, country))


@pytest.mark.parametrize("kind", ["cpf", "cnpj"])
@pytest.mark.parametrize("numeric", [True, False])
def test_documents_agree_on_mess(kind: document.Kind, numeric: bool):
    written = _documents(5, 6_000)
    pd.testing.assert_frame_equal(document.standardise(written, kind, numeric), document.standardise_each(written, kind, numeric))


def test_postal_codes_agree_on_mess():
    draw = random.Random(2)
    plain = [f"{draw.randrange(100_000):05d}{draw.choice(['-', '', ' '])}{draw.choice(['000', f'{draw.randrange(1000):03d}'])}" for _ in range(4_000)]
    written = pd.Series([*plain, *(code[1:] for code in plain[:200]), "99999-000", "12345-678", "cep 01310-100", None, ""], dtype=object)
    country = pd.Series([draw.choice(COUNTRIES) for _ in written], dtype=object)
    pd.testing.assert_frame_equal(address.standardise_postal_code(written, country), address.standardise_postal_code_each(written, country))


signs = st.text(alphabet="RuaAv. ,-/0123456789sSnNºãÃ&;'\t\xa0\n", max_size=30)


@settings(max_examples=50, deadline=None)
@given(written=st.lists(st.one_of(st.none(), signs, st.text(max_size=30)), max_size=8), country=st.sampled_from(["BR", "PT", "US", ""]))
def test_they_agree_on_anything(written: list[str | None], country: str):
    values = pd.Series(written, dtype=object)
    pd.testing.assert_frame_equal(street.standardise_street(values, country), street.standardise_each(values, country))
    pd.testing.assert_frame_equal(address.standardise_postal_code(values, country), address.standardise_postal_code_each(values, country))
    pd.testing.assert_frame_equal(document.standardise(values), document.standardise_each(values))
