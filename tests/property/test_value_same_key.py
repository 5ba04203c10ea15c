"""However a value is written, its key is the same; and the fast reading of plain values agrees with the libraries'."""

import random
import unicodedata

import pandas as pd
import phonenumbers
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum.br import cnpj, cpf

from contacts.values import address, document, email, name, phone
from contacts.values.phone_br import UF_OF_DDD
from contacts.values.town import TOWNS

ddds = st.sampled_from(sorted(UF_OF_DDD))
eights = st.integers(60_000_000, 69_999_999).map(str)


@settings(max_examples=20, deadline=None)
@given(ddd=ddds, number=eights)
def test_a_mobile_has_one_key_however_written(ddd: str, number: str):
    a, b = number[:4], number[4:]
    writings = [
        f"({ddd}) 9{a}-{b}",
        f"+55{ddd}9{number}",
        f"{ddd}{number}",
        f"0{ddd} 9{a} {b}",
        f"0xx{ddd} {a}-{b}",
        f"55{ddd}9{number}",
        f"{ddd}9{number}.0",
        f"({ddd})9{a}.{b} r. 12",
        f"041{ddd}9{number}",
        f"55{ddd}{number}@s.whatsapp.net",
        f"https://wa.me/55{ddd}9{number}",
    ]
    keys = phone.standardise(pd.Series(writings))["match_key"]
    assert keys.nunique(dropna=False) == 1


@settings(max_examples=20, deadline=None)
@given(local=st.from_regex(r"[a-z]{4,9}\.[a-z]{4,9}", fullmatch=True))
def test_a_gmail_address_has_one_key_however_written(local: str):
    assume(len(set(local)) > 2)  # one letter repeated is a placeholder
    writings = [
        f"{local}@gmail.com",
        f"{local.upper()}@GMAIL.COM",
        f"{local.replace('.', '')}@gmail.com",
        f"{local}+loja@googlemail.com",
        f"Ana <{local}@gmail.com>",
        f" {local}@gmail.com. ",
    ]
    assert email.standardise(pd.Series([*writings, f"{local}@gmal.com"]))["match_key"].nunique(dropna=False) == 1


@settings(max_examples=20, deadline=None)
@given(nine=st.integers(100_000_000, 999_999_999).map(str))
def test_a_cpf_has_one_key_however_written(nine: str):
    whole = nine + cpf._calc_check_digits(nine)
    writings = [whole, cpf.format(whole), f"CPF {cpf.format(whole)}", f" {whole} ", f"{whole}.0"]
    assert document.standardise(pd.Series(writings))["match_key"].nunique(dropna=False) == 1


@settings(max_examples=20, deadline=None)
@given(words=st.lists(st.sampled_from(["João", "Luíza", "José", "Souza", "Gonçalves", "Araújo", "Antônio", "Conceição"]), min_size=2, max_size=4))
def test_a_name_has_one_key_however_written(words: list[str]):
    whole = " ".join(words)
    garbled = whole.encode().decode("latin-1")
    writings = [whole, whole.upper(), whole.lower(), f"Dr. {whole}", f"{words[-1]}, {' '.join(words[:-1])}", " da ".join(words), garbled]
    assert name.standardise(pd.Series(writings))["name_key"].nunique(dropna=False) == 1


@settings(max_examples=20, deadline=None)
@given(town=st.sampled_from(sorted(TOWNS.values())))
def test_a_town_has_one_key_and_code_however_written(town: tuple[str, str]):
    uf, whole = town
    bare = "".join(char for char in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(char))
    writings = [whole, whole.upper(), whole.lower(), bare, bare.replace("-", " "), f"{whole}/{uf}", f"{whole} - {uf}", f"{bare} ({uf})", f" {whole}  "]
    found = address.standardise_city(pd.Series(writings), pd.Series(uf, index=range(len(writings))))
    assert found["match_key"].nunique(dropna=False) == found["city_code"].nunique(dropna=False) == 1
    assert set(found["value"]) == {whole} and TOWNS[found["city_code"].iloc[0]] == town


@settings(max_examples=20, deadline=None)
@given(kind=st.sampled_from(["R.", "Rua", "RUA", "rua", "R"]), number=st.integers(1, 9_999), word=st.sampled_from(["Flores", "São João", "Açucenas"]))
def test_a_street_has_one_key_however_written(kind: str, number: int, word: str):
    lines = [f"{kind} {word}, {number}", f"{kind} {word} {number}", f"{kind} {word}, nº {number}", f"{kind} {word.upper()}, {number} - fundos"]
    found = address.standardise_street(pd.Series(lines))
    assert found["match_key"].nunique(dropna=False) == 1 and set(found["number"]) == {str(number)}


def test_brazilian_numbers_agree_with_phonenumbers_on_a_large_sample():
    """Where we accept a complete number unchanged, so does the library; where it accepts, we give the same E.164."""
    draw = random.Random(20261121)
    written = [f"{draw.randrange(10, 100)}{draw.choice(['9', ''])}{draw.randrange(10**7, 10**8)}" for _ in range(8_000)]
    ours = phone.standardise(pd.Series(written))
    for text, value, status, reason, subtype in zip(written, ours["value"], ours["status"], ours["reason"], ours["subtype"], strict=True):
        parsed = phonenumbers.parse(text, "BR")
        library = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else None
        if status == "ok" and subtype != "service":
            assert library == value, (text, value, library)
        elif library is not None:
            # what the library takes and we do not: area codes that do not exist, and numbers that are nobody's
            assert reason in ("UNKNOWN_DDD", "PLACEHOLDER") or subtype == "service", (text, reason)


def test_plain_addresses_agree_with_email_validator_on_a_large_sample():
    draw = random.Random(11)
    signs = "abcdefghij0123456789.-_+'!á "
    hosts = ["gmail.com", "empresa.com.br", "a-b.com", "-a.com", "a..com", "uol.com.br", "xn--mnchen-3ya.de", "a_b.com", "EMPRESA.com", "ab--c.com"]
    written = ["".join(draw.choice(signs) for _ in range(draw.randrange(4, 20))) + "@" + draw.choice(hosts) for _ in range(5_000)]
    ours = email.standardise(pd.Series(written))
    for text, value, status in zip(written, ours["value"], ours["status"], strict=True):
        try:
            library = validate_email(text, check_deliverability=False)
        except EmailNotValidError:
            library = None
        if status == "ok" and text.strip(" '.") == text:
            assert library is not None, text
            assert library.normalized.rpartition("@")[0] == value.rpartition("@")[0]
            assert library.domain.lower() == value.rpartition("@")[2]


def test_check_digits_agree_with_stdnum_on_a_large_sample():
    draw = random.Random(5)
    letters = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
    for kind, library, checks, width in (("cpf", cpf, cpf._calc_check_digits, 9), ("cnpj", cnpj, cnpj.calc_check_digits, 12)):
        alphabet = "0123456789" if kind == "cpf" else letters
        bases = ["".join(draw.choice(alphabet) for _ in range(width)) for _ in range(3_000)]
        whole = [base + checks(base) if draw.random() < 0.5 else base + f"{draw.randrange(100):02d}" for base in bases]
        ours = document.standardise(pd.Series(whole), kind)["status"].eq("ok").tolist()
        assert ours == [library.is_valid(text) for text in whole]
