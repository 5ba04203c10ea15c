"""How much of a postal code an analyst sees, by country: never the whole of it."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from privacy.clean import look

SHOWN = [
    # country, postal code, what an analyst sees
    ("BR", "01310100", "01310"),
    ("BR", "0131", None),
    ("DE", "10115", "10"),
    ("ES", "28013", "28"),
    ("FR", "75001", "75"),
    ("IT", "00118", "00"),
    ("PT", "1000001", "10"),
    ("AT", "1010", "10"),
    (None, "01310100", "01"),
    ("BR", None, None),
]


@pytest.mark.parametrize(("country", "postal_code", "shown"), SHOWN)
def test_a_region_is_five_digits_of_a_cep_and_two_elsewhere(country: str | None, postal_code: str | None, shown: str | None) -> None:
    seen = look(pd.Series([postal_code], dtype=TEXT), "address", "region", pd.Series([country], dtype=TEXT)).iloc[0]
    assert (None if pd.isna(seen) else seen) == shown
