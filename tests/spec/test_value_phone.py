"""What becomes of a phone number: the literal cases of `cases/phone.csv`, by the fast reading and by the careful one."""

import pandas as pd
import pytest
from spec.value_cases import Case, cases

from contacts.values import phone
from contacts.values.phone_br import UF_OF_DDD


def _answer(found: pd.DataFrame) -> tuple[object, ...]:
    columns = ("value", "match_key", "status", "reason", "suggestion")
    return tuple(None if pd.isna(found[name].iloc[0]) else found[name].iloc[0] for name in columns)


@pytest.mark.parametrize("standardise", [phone.standardise, phone.standardise_each])
@pytest.mark.parametrize("case", cases("phone"))
def test_a_number(case: Case, standardise):
    code = pd.Series([case.context["area_code"]]) if "area_code" in case.context else None
    assert _answer(standardise(pd.Series([case.written]), case.context.get("country", "BR"), code)) == case.answer


@pytest.mark.parametrize("case", cases("phone_cell"))
def test_several_numbers_in_one_cell(case: Case):
    found = phone.split(pd.Series([case.written], index=[7]))
    assert [part.strip() for part in found] == (case.value or "").split(" | ")
    assert set(found.index) == {7}


def test_a_number_lends_its_area_code_to_the_next_of_the_cell():
    cells = pd.Series(["11 96123-4587 / 3512-4734", "3512-4734", "3512-4734 / 9999", "4735 / (21) 3512-4734", None], index=[3, 1, 4, 5, 9])
    parts = phone.split(cells)
    assert phone.area_code_beside(parts).fillna("").tolist() == ["", "11", "", "", "", "", "", ""]
    found = phone.standardise(parts, area_code=phone.area_code_beside(parts))
    assert found["suggestion"].dropna().tolist() == ["+551135124734"]


@pytest.mark.parametrize(
    ("written", "subtype"),
    [
        ("11 96123-4587", "mobile"),
        ("11 7812-3467", "mobile"),
        ("11 6123-4587", "mobile"),
        ("21 3512-4734", "fixed"),
        ("3512-4734", "fixed"),
        ("0800 701 2345", "service"),
        ("(11) 4004-1243", "service"),
        ("190", "service"),
        ("+351912345687", "mobile"),
        ("+14155552671", "unknown"),
    ],
)
def test_kinds_of_numbers(written, subtype):
    for standardise in (phone.standardise, phone.standardise_each):
        assert standardise(pd.Series([written]))["subtype"].iloc[0] == subtype


def test_each_row_is_read_in_its_own_country():
    found = phone.standardise(pd.Series(["912 345 687", "3865286", "(11) 96123-4587"]), pd.Series(["PT", "US", None]))
    assert list(found["status"]) == ["ok", "rejected", "ok"]


def test_brazil_has_67_area_codes_in_27_states():
    assert len(UF_OF_DDD) == 67
    assert len(set(UF_OF_DDD.values())) == 27


def test_mask_shows_two_digits():
    assert phone.mask(pd.Series(["+5511961234587", None, "12"])).fillna("-").tolist() == ["*******87", "-", "*******"]
