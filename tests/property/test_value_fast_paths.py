"""The fast readings of phones and e-mails answer what the careful ones do, which ask the libraries: on plain values, on mess, and on anything."""

import random

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spec.value_cases import read_cases

from contacts.values import email, phone
from contacts.values.phone_br import UF_OF_DDD
from contacts.warehouse import TEXT

DDDS = sorted(UF_OF_DDD)
SHAPES = (
    "({d}) {a}-{b}", "{d}{a}{b}", "{d} {a}-{b}", "+55{d}{a}{b}", "+55 {d} {a}-{b}", "55{d}{a}{b}", "0{d} {a}-{b}", "(0{d}) {a} {b}", "{a}-{b}", "{a}{b}",
    "({d}){a}.{b}", "{d}-{a}-{b}", " {d} {a} {b} ", "+55 ({d}) {a}-{b}", "{d}/{a}-{b}", "({d}) {a}-{b} r. 3", "0xx{d} {a}{b}", "041{d}{a}{b}",
    "{d}{a}{b}.0", "{d}{a}{b},00", "00 55 {d} {a}{b}", "({d} {a}-{b}", "55 {a}{b}", "+{d} {a}{b}", "{d}.{a}.{b}", "({d}) {n}.{a}-{b}", "55{d}0{a}{b}",
)  # fmt: skip
LOCALS = (
    "ana", "Ana.Lima", "ana+loja", "a.b.c+d.e", "contato", "NFE2", "sac-01", "teste", "nao", "aaa", "_a_", "a..b", ".a", "x", "ana-", "naotem+x", "o'neil",
    "joão",
)  # fmt: skip
HOUSES = (
    "gmail.com", "GMAIL.COM", "googlemail.com", "hotmail.com.br", "me.com", "pm.me", "yahoo.com.br", "empresa.com.br", "gmal.com", "empresa.con.br", "com.br",
    "x.com", "ana.com", "yopmail.com", "a.yopmail.com", "empresa.invalido", "-a.com", "a--b.com", "xn--mnchen-3ya.de", "münchen.de", "a_b.com", "tem.com",
    "a.b.c.d.com", "gmail..com", "gmail,com", "uol.com.br.", "uol. com.br", f"{'a' * 64}.com", f"{'ab.' * 80}com", "12.com", "g1.com.br", "localhost",
)  # fmt: skip


def _phones(seed: int, count: int) -> pd.Series:
    draw = random.Random(seed)

    def number() -> str:
        first = draw.choice(["9", "9", "9", "", str(draw.randrange(10))])
        a = first + draw.choice([f"{draw.randrange(10_000):04d}", "9999", "4004", "3003", "4020", "8765", "1234", "0000"])
        b = draw.choice([f"{draw.randrange(10_000):04d}", f"{draw.randrange(10_000):04d}", "0000", "9999", "4321", "5678"])
        ddd = draw.choice([draw.choice(DDDS), f"{draw.randrange(100):02d}"])
        return draw.choice(SHAPES).format(d=ddd, a=a, b=b, n=draw.randrange(10))

    return pd.Series([number() for _ in range(count)])


def _addresses(seed: int, count: int) -> pd.Series:
    draw = random.Random(seed)
    signs = "abcdefghij0123456789.-_+'!á AB"

    def address() -> str:
        local = draw.choice([draw.choice(LOCALS), "".join(draw.choice(signs) for _ in range(draw.randrange(1, 20))), f"ana.{draw.randrange(10**6)}"])
        return draw.choice([f"{local}@{draw.choice(HOUSES)}"] * 9 + [f" {local}@{draw.choice(HOUSES)}; "])

    return pd.Series([address() for _ in range(count)])


def _plain(kind: str, seed: int, count: int) -> pd.Series:
    draw = random.Random(seed)
    if kind == "phone":
        return pd.Series([f"({draw.choice(DDDS)}) 9{draw.randrange(6000, 10_000)}-{draw.randrange(10_000):04d}" for _ in range(count)])
    return pd.Series([f"{draw.choice(LOCALS[:7])}{draw.randrange(10**5)}@{draw.choice(HOUSES[:8])}" for _ in range(count)])


def _same(fast: pd.DataFrame, careful: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(fast, careful)


@pytest.mark.parametrize("seed", range(3))
def test_fast_and_careful_reading_of_numbers_agree_on_mess(seed: int):
    written = _phones(seed, 8_000)
    draw = random.Random(seed)
    countries = pd.Series([draw.choice(["BR", "br", None, "PT", "US", "ZZ"]) if draw.random() < 0.3 else "BR" for _ in written], dtype=object)
    codes = pd.Series([draw.choice([*DDDS, None, "20", ""]) for _ in written], dtype=object)
    _same(phone.standardise(written, countries, codes), phone.standardise_each(written, countries, codes))


@pytest.mark.parametrize("seed", range(3))
def test_fast_and_careful_reading_of_addresses_agree_on_mess(seed: int):
    written = _addresses(seed, 5_000)
    _same(email.standardise(written), email.standardise_each(written))


@pytest.mark.parametrize(("kind", "module"), [("phone", phone), ("email", email)])
def test_fast_and_careful_reading_agree_on_plain_values_and_on_the_literal_cases(kind: str, module):
    written = pd.concat([_plain(kind, 1, 20_000), pd.Series([case.written for case in read_cases(kind)]), pd.Series([None, ""])], ignore_index=True)
    fast = module.standardise(written)
    _same(fast, module.standardise_each(written))
    assert (fast["status"] == "ok").mean() > 0.9  # the sample is what it is meant to be


signs = st.text(alphabet="0123456789()+-. 59/x\xa0\t", max_size=24)


@settings(max_examples=50, deadline=None)
@example(written=["1234567890", "+551234567890", "0987654321"], code="11")
@given(written=st.lists(st.one_of(st.none(), signs, st.text(max_size=30)), max_size=8), code=st.sampled_from(["11", "20", ""]))
def test_fast_and_careful_reading_of_numbers_agree_on_anything(written: list[str | None], code: str):
    values = pd.Series(written, dtype=object)
    codes = pd.Series([code] * len(values), dtype=object)
    _same(phone.standardise(values, "BR", codes), phone.standardise_each(values, "BR", codes))


parts = st.text(alphabet="abAB019.+-_@ ç'", max_size=12)
houses = st.one_of(st.sampled_from(HOUSES), st.from_regex(r"[a-z0-9.-]{1,12}\.(com|com\.br|combr|de)", fullmatch=True))


@settings(max_examples=50, deadline=None)
@given(written=st.lists(st.one_of(st.none(), st.text(max_size=30), st.builds("{}@{}".format, parts, houses)), max_size=8))
def test_fast_and_careful_reading_of_addresses_agree_on_anything(written: list[str | None]):
    values = pd.Series(written, dtype=object)
    _same(email.standardise(values), email.standardise_each(values))


@pytest.mark.parametrize("module", [phone, email])
@pytest.mark.parametrize("index", [[5, 5, 2], ["a", "b", "c"]])
def test_the_index_of_the_values_is_kept(module, index: list):
    written = pd.Series(["(11) 96123-4587", "ana@uol.com.br", None], index=index)
    assert list(module.standardise(written).index) == index
    assert module.standardise(written.iloc[:0]).empty


@pytest.mark.parametrize("module", [email, phone])
def test_a_column_that_lies_in_pieces_reads_like_a_whole_one(module) -> None:
    some = [pd.Series(cells, dtype=TEXT) for cells in (["maria@gmial.com", "(11) 98765-4321", None], [], ["987654321", "j.silva@exemplo.com.br"])]
    in_pieces = pd.concat(some, ignore_index=True)
    whole = pd.Series(in_pieces.tolist(), dtype=TEXT)
    pd.testing.assert_frame_equal(module.standardise(in_pieces), module.standardise(whole))
