"""What holds for every phone and e-mail that comes out: its form and length, a suggestion that can be taken as it is, a mask that hides."""

import re

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contacts.values import email, phone

PIECES = (
    "(11) |96123-4587|6123-4587|3512-4734|+55|+351 912345687|0xx|041| ramal 2|.0|E+10|@|gmail.com|gmal.com|empresa.con.br|ana|.lima|+x|joão| |<|>|mailto:|;| / "
)
texts = st.one_of(
    st.text(max_size=40), st.lists(st.sampled_from(PIECES.split("|")), max_size=7).map("".join), st.text(alphabet="0123456789()+-. Ex@", max_size=20)
)


@settings(max_examples=50, deadline=None)
@given(text=texts, code=st.sampled_from(["21", "20", ""]), country=st.sampled_from(["BR", "PT", "US"]))
@example(text="3512-4734", code="21", country="BR")
def test_a_number_that_comes_out_is_e164(text: str, code: str, country: str):
    found = phone.standardise(pd.Series([text]), country, pd.Series([code])).iloc[0]
    for written in (found["value"], found["suggestion"]):
        assert pd.isna(written) or re.fullmatch(r"\+[1-9][0-9]{5,14}", written)
    assert pd.isna(found["match_key"]) or re.fullmatch(r"\+[0-9]{6,15}|[1-9][0-9]{9}|[a-z]{2}:[0-9]{4,10}", found["match_key"])
    assert found["status"] not in ("rejected", "suggested") or pd.isna(found["value"])


@settings(max_examples=50, deadline=None)
@given(text=texts)
def test_an_address_that_comes_out_has_one_at_and_fits_the_envelope(text: str):
    found = email.standardise(pd.Series([text])).iloc[0]
    for written in found[["value", "match_key", "suggestion"]].dropna():
        assert written.count("@") == 1 and " " not in written
        assert len(written) <= 254 and len(written.partition("@")[0].encode()) <= 64


@pytest.mark.parametrize("module", [phone, email])
@settings(max_examples=40, deadline=None)
@given(text=texts)
@example(text="ana@gmal.com")
@example(text="joão@empresa.com")
def test_a_suggestion_once_taken_is_right_and_has_the_key_it_was_given(module, text: str):
    area = {"area_code": pd.Series(["21"])} if module is phone else {}
    found = module.standardise(pd.Series([text]), **area).iloc[0]
    if pd.isna(found["suggestion"]):
        return
    taken = module.standardise(pd.Series([found["suggestion"]])).iloc[0]
    assert taken["status"] in ("ok", "suggested")
    assert taken["suggestion"] != found["suggestion"]
    if taken["status"] == "ok":
        assert taken["value"] == found["suggestion"]
        assert module is phone or taken["match_key"] == found["match_key"]


@settings(max_examples=40, deadline=None)
@given(text=texts)
def test_a_masked_number_shows_two_digits_at_most(text: str):
    shown = phone.mask(pd.Series([text])).iloc[0]
    assert re.fullmatch(r"\*{7}(?:[0-9]{2})?", shown)


@settings(max_examples=40, deadline=None)
@given(text=texts)
def test_a_masked_address_shows_two_letters_and_the_ending_at_most(text: str):
    shown = email.mask(pd.Series([text])).iloc[0]
    assert shown == "***" or re.fullmatch(r".?\*{3}@.?\*{3}\.(?:[A-Za-z]{2,6}|\*{3})", shown, re.DOTALL)
