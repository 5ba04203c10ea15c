"""Documents: the literal cases of `cases/document.csv`. All of them are invented; their check digits are computed."""

import pandas as pd
import pytest
from spec.value_cases import Case, answer, cases

from contacts.values import document, identity_document, tax_number


@pytest.mark.parametrize("case", cases("document"))
def test_a_document(case: Case):
    kind, values, numbers = case.context["kind"], pd.Series([case.written]), case.context.get("cells") == "numbers"
    if kind == "tax_id":
        found = tax_number.standardise(values, case.context["country"] or None)
    elif kind in ("cpf", "cnpj"):
        found = document.standardise(values, kind, numbers)
    else:
        found = identity_document.standardise(values, kind, numbers)
    assert answer(found) == case.answer


def test_every_scheme_of_the_table_can_be_asked():
    assert len(tax_number.SCHEMES) >= 27
    for country, schemes in tax_number.SCHEMES.items():
        assert not any(tax_number.is_valid(text, country) for text in ("", "x", "1", "0" * 9)), schemes


def test_zeros_lost_in_a_numeric_column_come_back_only_when_the_check_digits_hold():
    found = document.standardise(pd.Series(["5298224741", "5298224742", "5298224741.0", "29822477"]), numeric_typed=True)
    assert found["value"].fillna("-").tolist() == ["05298224741", "-", "05298224741", "-"]
    assert found["reason"].tolist() == ["LOST_ZEROS", "WRONG_LENGTH", "LOST_ZEROS", "WRONG_LENGTH"]


def test_mask_shows_the_last_digits():
    values = pd.Series(["529.982.247-25", "52998224725", "12ABC34501DE35", "529", None])
    assert document.mask(values).fillna("-").tolist() == ["***.***.*47-25", "***.***.*47-25", "**.***.***/****-35", "***", "-"]
