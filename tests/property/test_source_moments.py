"""What holds for any text where a moment is expected: never an exception, and what comes out is a moment or nothing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.warehouse import TEXT
from pipelines.sources.columns import instants, moments

PIECES = ("2026", "0001", "9999", "-", "/", ":", "T", " ", "Z", "+", "03", "00", "24", "59", "60", ".", "+0000", "-03:00", "1603400603000", "٣", "\x00")
digits = st.text(alphabet="0123456789", max_size=20)
texts = st.one_of(
    digits, st.text(alphabet="0123456789", min_size=12, max_size=13), st.lists(st.sampled_from(PIECES), max_size=10).map("".join), st.text(max_size=30)
)
columns = st.lists(st.one_of(st.none(), texts), max_size=6).map(lambda cells: pd.Series(cells, dtype=TEXT))


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "Pacific/Apia"])
@settings(max_examples=40, deadline=None)
@given(values=columns)
def test_any_text_is_a_moment_or_none(zone: str, values: pd.Series) -> None:
    for found, written in ((instants(values, zone), r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), (moments(values, zone), r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")):
        assert found.index.equals(values.index)
        assert not found[values.isna()].notna().any()
        assert found.dropna().str.fullmatch(written).all()
