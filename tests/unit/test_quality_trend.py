"""A batch is odd when it lies far from the median of earlier batches, and only then; a few batches say nothing yet."""

import numpy as np
import pandas as pd
import pytest
from rule_rows import EMAIL, PHONE, email, frames, person, phone, unread

from expectations.anomalies import ENOUGH, anomalies, divergence
from expectations.profile import COLUMNS, profile
from expectations.rules.words import UFS

NOBODY = pd.DataFrame({"batch_no": pd.Series(dtype="int64"), "source": pd.Series(dtype=str), "metric": pd.Series(dtype=str)})


def rows(metric: str, *counts: tuple[str, int, int], source: str = "crm") -> pd.DataFrame:
    return pd.DataFrame([(source, metric, *count) for count in counts], columns=COLUMNS)


def history(*batches: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([one.assign(batch_no=number) for number, one in enumerate(batches, start=1)], ignore_index=True)


def volumes(*sizes: int) -> pd.DataFrame:
    return history(*(rows("contacts", ("", size, size)) for size in sizes))


@pytest.mark.parametrize(
    ("sizes", "today", "odd"),
    [
        ((1000, 1010, 990, 1005, 1000), 1004, False),
        ((1000, 1000, 1000, 1000, 1000), 1030, False),
        ((1000, 1010, 990, 1005, 1000), 400, True),
        ((1000, 1010, 990, 1005, 1000), 0, True),
        ((1000, 1400, 700, 1200, 900), 1500, False),
        ((1000, 1010, 90000, 1005, 1000), 400, True),
        ((3, 3, 3, 3, 3), 6, False),
        ((1000,) * (ENOUGH - 1), 1, False),
    ],
    ids=["usual", "never varied", "fell", "nothing came", "always varied", "one earlier outlier hides nothing", "few rows", "too early"],
)
def test_a_volume(sizes: tuple[int, ...], today: int, odd: bool) -> None:
    now = rows("contacts", ("", today, today)) if today else rows("contacts")
    assert len(anomalies(now, volumes(*sizes), NOBODY)) == int(odd)


def test_a_share_of_missing_cells() -> None:
    before = history(*(rows("missing.email", ("", n, 1000)) for n in (100, 110, 95, 105, 102)))
    assert anomalies(rows("missing.email", ("", 120, 1000)), before, NOBODY).empty
    found = anomalies(rows("missing.email", ("", 200, 1000)), before, NOBODY)
    assert found[["source", "metric", "observed", "usual"]].to_numpy().tolist() == [["crm", "missing.email", 0.2, 0.102]]


def test_a_share_among_few_records_is_noise() -> None:
    before = history(*(rows("missing.email", ("", n, 20)) for n in (2, 1, 2, 3, 2)))
    assert anomalies(rows("missing.email", ("", 5, 20)), before, NOBODY).empty


def test_a_distribution_that_moves_to_a_new_category() -> None:
    before = history(*(rows("ddd", ("11", 500 + n, 1000), ("21", 500 - n, 1000)) for n in (0, 5, -5, 3, -2)))
    assert anomalies(rows("ddd", ("11", 510, 1000), ("21", 490, 1000)), before, NOBODY).empty
    assert anomalies(rows("ddd", ("11", 500, 1000), ("other", 500, 1000)), before, NOBODY)["metric"].tolist() == ["ddd"]


def test_another_source_is_not_blamed() -> None:
    before = pd.concat([volumes(*[1000] * 5), volumes(*[1000] * 5).assign(source="form")])
    now = pd.concat([rows("contacts", ("", 1000, 1000)), rows("contacts", ("", 10, 10), source="form")])
    assert anomalies(now, before, NOBODY)["source"].tolist() == ["form"]


def test_what_was_odd_before_is_not_what_is_usual_until_somebody_approves_it() -> None:
    sizes, odd = (1000, 1000, 1000, 1000, 1000, 9000, 9000, 9000, 9000, 9000, 9000), [6, 7, 8, 9, 10, 11]
    now, unapproved = rows("contacts", ("", 9000, 9000)), pd.DataFrame({"batch_no": odd, "source": "crm", "metric": "contacts"})
    assert len(anomalies(now, volumes(*sizes), unapproved)) == 1
    assert anomalies(now, volumes(*sizes), NOBODY).empty


def test_divergence_is_zero_for_the_same_and_one_for_nothing_in_common() -> None:
    assert divergence(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == 0
    assert divergence(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(1)


def test_a_profile_counts_categories_of_closed_lists_and_never_a_value() -> None:
    people = [
        person(email("ana@gmail.com"), PHONE, uf="SP"),
        person(EMAIL, phone("+351912345678"), uf="Q1", country="PT"),
        person(email("x@mailinator.com", subtype="disposable"), uf=None, country="US", cpf=None),
        person(unread(EMAIL), country=None, source="form"),
    ]
    found = profile(frames(people), pd.Series({"crm": 40, "form": 2}))
    told = {(source, metric, category): (n, of) for source, metric, category, n, of in found.itertuples(index=False)}
    assert told["crm", "rows", ""] == (40, 40)
    assert told["crm", "contacts", ""] == (3, 3)
    assert told["form", "missing.email", ""] == (1, 1)
    assert [told["crm", "uf", word] for word in ("SP", "other", "none")] == [(1, 3)] * 3
    assert [told["crm", "country", word] for word in ("home", "europe", "other")] == [(1, 3)] * 3
    assert [told["crm", "email_domain", word] for word in ("free", "own", "disposable")] == [(1, 3)] * 3
    assert [told["crm", "ddd", word] for word in ("11", "none")] == [(1, 2)] * 2
    assert "Q1" not in found["category"].tolist()
    assert set(found.loc[found["metric"] == "uf", "category"]) <= {*UFS, "other", "none"}
    assert not found.duplicated(["source", "metric", "category"]).any()
