"""What holds for any text in any field: never an exception, nothing but known outcomes, its own output left alone, nothing given away by a mask."""

from collections.abc import Callable
from datetime import date as day

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.values import address, date, document, email, identity_document, language, name, phone, tax_number
from contacts.values.reading import COLUMNS
from contacts.values.reasons import REASONS

AS_OF = day(2026, 11, 21)
Standardise = Callable[[pd.Series], pd.DataFrame]
FIELDS: dict[str, Standardise] = {
    "name": name.standardise,
    "organisation": lambda values: name.standardise(values, kind="organisation"),
    "email": email.standardise,
    "phone": phone.standardise,
    "phone abroad": lambda values: phone.standardise(values, "US"),
    "cpf": document.standardise,
    "cpf of numbers": lambda values: document.standardise(values, "cpf", True),
    "cnpj": lambda values: document.standardise(values, "cnpj"),
    "rg": lambda values: identity_document.standardise(values, "rg"),
    "cnh": lambda values: identity_document.standardise(values, "cnh"),
    "pis of numbers": lambda values: identity_document.standardise(values, "pis", True),
    "voter id": lambda values: identity_document.standardise(values, "voter_id"),
    "tax number": lambda values: tax_number.standardise(values, "PT"),
    "tax number of anywhere": lambda values: tax_number.standardise(values, None),
    "social name": lambda values: name.standardise(values, "person", whole=False),
    "town": lambda values: address.standardise_city(values, pd.Series("SP", index=values.index)),
    "street abroad": lambda values: address.standardise_street(values, "US"),
    "date": lambda values: date.standardise(values, AS_OF, "dmy"),
    "date auto": lambda values: date.standardise(values, AS_OF),
    "postal code": address.standardise_postal_code,
    "zip": lambda values: address.standardise_postal_code(values, "US"),
    "uf": address.standardise_uf,
    "city": address.standardise_city,
    "street": address.standardise_street,
    "number": address.standardise_number,
    "country": address.standardise_country,
    "language": language.standardise,
}
STATUSES = {"ok", "fixed", "suggested", "rejected", "empty"}

PIECES = """(11) |98765-4321|+55|0xx| ramal 2|@|gmail.com|ana|.| |R. |S/N|, |Dr. |LTDA|Jr.|SILVA|Ã£|\ufffd|?|1985|/|-|03|E+12|529.982.247-25|de|ç
11.222.333/0001-81|😀|\u200b|\x00|\x85|ß|İ|ǆ|ª|１|٣|&#233;|'|D'|nº 1|(|)"""
pieces = st.sampled_from([piece for line in PIECES.split("\n") for piece in line.split("|")])
texts = st.one_of(st.text(max_size=60), st.lists(pieces, max_size=8).map("".join), st.text(alphabet="0123456789.,-/() +E", max_size=20))
columns = st.lists(st.one_of(st.none(), texts), max_size=6).map(lambda cells: pd.Series(cells, dtype=object))


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=40, deadline=None)
@given(values=columns)
def test_any_text_gets_a_known_outcome(field: str, values: pd.Series):
    found = FIELDS[field](values)
    assert found.index.equals(values.index)
    assert list(found.columns[:6]) == list(COLUMNS)
    assert set(found["status"]) <= STATUSES
    assert set(found["reason"].dropna()) <= set(REASONS)
    rejected, suggested = found["status"] == "rejected", found["status"] == "suggested"
    assert found.loc[rejected | (found["status"] == "empty"), "value"].isna().all()
    assert found.loc[found["status"].isin(["ok", "fixed"]), "value"].notna().all()
    assert found.loc[rejected | suggested | (found["status"] == "fixed"), "reason"].notna().all()
    assert found.loc[~suggested, "suggestion"].isna().all()
    assert found.loc[(found["status"] == "empty") | (found["status"] == "ok"), "reason"].isna().all()
    for column in ("value", "match_key", "suggestion"):
        kept = found[column].dropna()
        assert (kept.str.len() <= 300).all()
        assert not kept.str.contains(r"[\x00-\x1f]", regex=True).any()
        assert (kept.str.strip() != "").all()


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=40, deadline=None)
@given(text=texts)
def test_a_standard_value_is_left_alone(field: str, text: str):
    first = FIELDS[field](pd.Series([text])).iloc[0]
    if pd.isna(first["value"]):
        return
    again = FIELDS[field](pd.Series([first["value"]])).iloc[0]
    assert again["value"] == first["value"]
    assert again["status"] in ("ok", "suggested")
    assert (pd.isna(first["match_key"]) and pd.isna(again["match_key"])) or again["match_key"] == first["match_key"]


@settings(max_examples=25, deadline=None)
@given(values=columns, order=st.randoms())
def test_a_value_does_not_depend_on_its_neighbours(values: pd.Series, order):
    shuffled = list(range(len(values)))
    order.shuffle(shuffled)
    for field, standardise in FIELDS.items():
        if field == "date auto":
            continue  # there the column decides, whatever its order
        alone = standardise(values)
        pd.testing.assert_frame_equal(standardise(values.iloc[shuffled]).sort_index(), alone)


@pytest.mark.parametrize("length", [1_001, 50_000])
def test_a_page_of_text_is_refused_and_not_searched(length: int):
    for field, standardise in FIELDS.items():
        for page in ("a" * length, "1" * length, "a@" * length, "(" * length, "á " * length):
            assert standardise(pd.Series([page]))["reason"].iloc[0] == "TOO_LONG", field


@pytest.mark.parametrize("module", [address, date, document, email, identity_document, language, name, phone, tax_number])
@settings(max_examples=50, deadline=None)
@given(text=texts)
def test_is_valid_answers_any_text(module, text: str):
    assert module.is_valid(text) in (True, False)


@pytest.mark.parametrize("module", [name, email, phone, document])
@settings(max_examples=40, deadline=None)
@given(text=texts)
def test_a_mask_hides_at_least_half(module, text: str):
    shown = module.mask(pd.Series([text])).iloc[0]
    signs = [char for char in text if char.isalnum()]
    visible = [char for char in shown.rpartition(".")[0] + shown[-2:] if char.isalnum()] if module is email else [char for char in shown if char.isalnum()]
    assert "***" in shown
    assert len(visible) <= max(4, len(signs) / 2) and (not text.strip() or text.strip() not in shown)
    if module is not email:
        assert len(visible) <= max(len(signs) - 1, 0) or not visible


@settings(max_examples=40, deadline=None)
@given(born=st.dates(min_value=day(1912, 1, 1), max_value=AS_OF))
def test_a_masked_date_shows_no_month_and_no_day(born: day):
    assert date.mask(pd.Series([born.isoformat()])).iloc[0] == f"{born.year}-**-**"
