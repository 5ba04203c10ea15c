"""What counts as a damaged value, as a table: the cell now, what it said before, and how one became the other."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from expectations.damage import DARK_LEAST, damage, looks_damaged, went_dark

DAMAGED = [
    ("Jo\ufffdo da Concei\ufffd\ufffdo", "João da Conceição", "CHAR_LOSS"),
    ("Jo\ufffd\ufffdo", "João", "CHAR_LOSS"),  # one mark for each byte of UTF-8
    ("Jo?o da Concei??o", "João da Conceição", "CHAR_LOSS"),
    ("Jo\ufffdo", "JoÃ£o", "CHAR_LOSS"),  # the earlier one is readable once its accents are mended
    ("Jo\ufffdo  Sá", "João Sá", "CHAR_LOSS"),
    ("5.29982E+10", "529.982.247-25", "NUMERIC_LOSS"),
    ("5,29982E+10", "52998224725", "NUMERIC_LOSS"),
    ("5.51196E+12", "+55 (11) 96412-0001", "NUMERIC_LOSS"),
    ("1.1222333E+13", "11.222.333/0001-81", "NUMERIC_LOSS"),
    ("1310100", "01310-100", "LOST_ZEROS"),
    ("1310100.0", "01310100", "LOST_ZEROS"),
    ("1234567890", "01234567890", "LOST_ZEROS"),
]
NOT_DAMAGED = [
    ("Z\ufffd", "José"),  # another name with a lost letter is another name
    ("Jo\ufffdo Prado", "João"),
    ("Jo\ufffdo", "Joao"),  # ASCII letters are not what a wrong encoding loses
    ("Jo\ufffdo", "Jo\ufffdo"),  # it was damaged before already
    ("\ufffd\ufffd", "ÃÃ"),  # nothing is left that could prove it
    ("João", "José"),
    ("Vamos?", "Vamos"),
    ("5.29982E+10", "111.444.777-35"),
    ("5.2998224725E+10", "52998224725"),  # no digit was lost
    ("5.29982E+10", "CPF 529.982.247-25"),  # words beside the digits prove nothing
    ("1310100", "01310-200"),
    ("1310100", "1310100"),
    ("", "João"),
]


@pytest.mark.parametrize(("now", "before", "how"), DAMAGED)
def test_damage_is_proven_by_what_the_cell_said_before(now: str, before: str, how: str) -> None:
    assert damage(now, before) == how


@pytest.mark.parametrize(("now", "before"), NOT_DAMAGED)
def test_what_the_earlier_value_does_not_prove_stays_as_it_came(now: str, before: str) -> None:
    assert damage(now, before) is None


@pytest.mark.parametrize("field", ["full_name", "cpf", "cnpj", "postal_code", "phone"])
def test_every_damaged_form_is_looked_at_and_sound_ones_are_not(field: str) -> None:
    lengths = {"cpf": range(7, 11), "cnpj": range(10, 14), "postal_code": range(4, 8)}.get(field, range(0))
    for now, _, how in DAMAGED:
        bare = len(now.removesuffix(".0"))
        assert looks_damaged(pd.Series([now], dtype=TEXT), field)[0] == (how != "LOST_ZEROS" or bare in lengths), now
    sound = pd.Series(["João da Conceição", "Vamos?", "529.982.247-25", "01310-100", "(11) 96412-0001", None], dtype=TEXT)
    assert not looks_damaged(sound, field).any()


def test_a_column_went_dark_only_when_nearly_everybody_lost_it_at_once() -> None:
    assert went_dark(lost=DARK_LEAST, kept=0) and went_dark(lost=95, kept=5)
    assert not went_dark(lost=DARK_LEAST - 1, kept=0), "a few people may all have asked to be forgotten"
    assert not went_dark(lost=94, kept=6) and not went_dark(lost=0, kept=0) and not went_dark(lost=25, kept=9_975)
