"""Properties of the made-up world's parts: valid numbers for any seed, and mess that spoils a value without destroying it."""

import ftfy
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein
from stdnum.br import cnpj, cpf

from pipelines.demo import identifiers, mess
from pipelines.demo.draw import scatter, table
from pipelines.demo.phones import PRIME, written
from pipelines.demo.records import moments

seeds = st.integers(0, 2**31)
firsts = st.integers(0, 5_000_000)
NAMES = sorted({row["name"] for row in table("given_names")} | {row["surname"] for row in table("surnames")})
RATES = {"no_area_code": 0.13, "eight_digits": 0.05, "extension": 0.0, "float_tail": 0.0, "placeholder": 0.0}


@given(first=firsts, seed=seeds)
def test_cpfs_and_cnpjs_are_valid_and_distinct_for_any_seed(first: int, seed: int) -> None:
    numbers = identifiers.cpfs(first, 50, seed, np.arange(50) % 2 == 0)
    assert all(cpf.is_valid(number) for number in numbers) and len(set(numbers)) == 50
    assert all(number[0] == "0" for number in numbers[::2])
    firms = identifiers.cnpjs(first, 20, seed)
    assert all(cnpj.is_valid(number) for number in firms) and len(set(firms)) == 20


@given(first=firsts, seed=seeds)
def test_blocks_never_repeat_a_number(first: int, seed: int) -> None:
    whole = scatter(first, 400, seed, PRIME)
    assert len(set(whole.tolist())) == 400
    assert (whole == np.concatenate([scatter(first, 150, seed, PRIME), scatter(first + 150, 250, seed, PRIME)])).all()


@given(name=st.sampled_from(NAMES), place=st.integers(0, 10_000))
def test_a_misspelling_is_a_small_slip_that_keeps_the_first_letter(name: str, place: int) -> None:
    slip = mess.misspelt(name, place)
    assert slip[0] == name[0]
    assert DamerauLevenshtein.distance(name, slip) <= 2


@given(name=st.sampled_from([name for name in NAMES if not name.isascii()]))
def test_mojibake_can_be_repaired_and_lost_letters_cannot(name: str) -> None:
    assert mess.mojibake(name) != name
    assert ftfy.fix_text(mess.mojibake(name)) == name
    assert "\ufffd" in mess.char_lost(name)


@given(family=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4).map(" ".join))
def test_shortened_surnames_keep_the_last(family: str) -> None:
    last = family.split()[-1]
    assert mess.middle_dropped(family).split()[-1] == last
    assert mess.middle_abbreviated(family).split()[-1] == last


@given(number=st.integers(60_000_000, 99_999_999), area=st.integers(11, 99), seed=seeds)
def test_a_written_phone_keeps_its_digits(number: int, area: int, seed: int) -> None:
    digits = np.array([f"{area}9{number}"] * 8, dtype=object)
    for text in written(np.random.default_rng(seed), digits, np.array(["BR"] * 8, dtype=object), RATES):
        assert "".join(letter for letter in text if letter.isdigit()).endswith(str(number))


@given(seed=seeds)
def test_no_record_changes_before_it_is_made(seed: int) -> None:
    created, changed = moments(np.random.default_rng(seed), 200)
    assert (created <= changed).all() and (changed <= np.datetime64("2026-11-20T00:00:00")).all()
