"""Birth dates: the literal cases of `cases/date.csv`, what the column decides, precision, minors and ages."""

from datetime import date as day

import pandas as pd
import pytest
from spec.value_cases import Case, answer, cases

from contacts.values import date

AS_OF = day(2026, 11, 21)


@pytest.mark.parametrize("case", cases("date"))
def test_a_date(case: Case):
    column = date.Layout(case.context["order"], case.context.get("serial") == "yes")
    assert answer(date.standardise(pd.Series([case.written]), AS_OF, of_column=column)) == case.answer


@pytest.mark.parametrize(
    ("written", "precision", "minor"),
    [
        ("1985-03-07", "day", False),
        ("2008-11-21", "day", False),
        ("2008-11-22", "day", True),
        ("2008-10", "month", False),
        ("2008-11", "month", True),
        ("2007", "year", False),
        ("2008", "year", True),
        ("--03-07", "yearless", False),
    ],
)
def test_precision_is_kept_and_minors_are_flagged(written, precision, minor):
    found = date.standardise(pd.Series([written]), AS_OF).iloc[0]
    assert (found["precision"], found["subtype"] == "minor") == (precision, minor)


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (["05/04/1985", "25/03/1985"], ["1985-04-05", "1985-03-25"]),
        (["05/04/1985", "03/25/1985"], ["1985-05-04", "1985-03-25"]),
        (["05/04/1985", "06/07/1990"], ["-", "-"]),  # nothing in the column says which
        (["05/04/1985", "25/03/1985", "03/25/1985"], ["-", "1985-03-25", "1985-03-25"]),  # it says both
        (["05/05/1985", "05/04/1985"], ["1985-05-05", "-"]),  # the same either way
        (["31112", "31113", "31114.0"], ["1985-03-06", "1985-03-07", "1985-03-08"]),
        (["31112", "1985-03-06", "1990-01-02"], ["-", "1985-03-06", "1990-01-02"]),  # a lone number in a column of dates
        (["59", "61", "31112"], ["-", "-", "1985-03-06"]),  # 1900: older than anyone
    ],
)
def test_the_column_decides(column, kept):
    assert date.standardise(pd.Series(column), AS_OF)["value"].fillna("-").tolist() == kept


def test_the_person_of_115_years_is_still_believed():
    assert date.standardise(pd.Series(["1910-11-22"]), AS_OF)["value"].iloc[0] == "1910-11-22"


def test_age_in_completed_years():
    born = pd.Series(["2008-11-21", "2008-11-22", "2008", "2008-11", "1985-03-07", "--03-07", None])
    assert date.age_on(born, AS_OF).fillna(-1).tolist() == [18, 17, 17, 17, 41, -1, -1]


def test_mask_shows_the_year_of_birth():
    values = pd.Series(["1985-03-07", "1985-03", "1985", "--03-07", None])
    assert date.mask(values).fillna("-").tolist() == ["1985-**-**", "1985-**-**", "198*", "****-**-**", "-"]
