"""The audit's sample: the same in any order, never more than asked, fair in the long run; its interval as Wilson has it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.estimate import estimate, wilson
from expectations.accuracy import STRATA, draw, strata


def values(high: int, medium: int, low: int) -> pd.DataFrame:
    names = ["high"] * high + ["medium"] * medium + ["low"] * low
    return pd.DataFrame({"person_id": [f"P-{n:05d}" for n in range(len(names))], "field": "city", "stratum": names})


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200), st.integers(1, 120), st.integers(0, 5), st.randoms(use_true_random=False))
def test_a_sample_is_as_large_as_asked_and_the_same_in_any_order(high: int, medium: int, low: int, size: int, seed: int, dice) -> None:
    there = values(high, medium, low)
    drawn = draw(there, size, seed)
    assert len(drawn) == min(size, len(there))
    assert not drawn.duplicated(["person_id", "field"]).any()
    order = list(range(len(there)))
    dice.shuffle(order)
    assert draw(there.iloc[order], size, seed).equals(drawn)
    for name in STRATA:  # the weights of a stratum stand for all of it
        mine = drawn[drawn["stratum"] == name]
        if len(mine):
            assert mine["weight"].sum() == pytest.approx((there["stratum"] == name).sum())


def test_values_at_risk_are_drawn_more_often() -> None:
    drawn = draw(values(100, 100, 1000), 100, 1)["stratum"].value_counts()
    assert drawn["high"] / 100 > drawn["medium"] / 100 > drawn["low"] / 1000


def test_weights_undo_the_bias_of_drawing_where_the_risk_is() -> None:
    there = values(200, 200, 1600)
    there["right"] = ~((there["stratum"] == "high") & (np.arange(len(there)) % 2 == 0))  # 100 of 2,000 are wrong
    shares = [estimate(draw(there, 120, seed)).share for seed in range(60)]
    assert np.mean(shares) == pytest.approx(0.95, abs=0.01)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    there = values(200, 200, 1600)
    there["right"] = np.random.default_rng(4).random(len(there)) < 0.9
    found = [estimate(draw(there, 100, seed)) for seed in range(200)]
    covered = np.mean([e.low <= there["right"].mean() <= e.high for e in found])
    assert 0.9 <= covered <= 1.0


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],  # the last: Newcombe 1998, table I
)
def test_wilsons_interval_is_the_published_one(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right / n, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_judged_says_nothing() -> None:
    assert estimate(pd.DataFrame(columns=["stratum", "weight", "right"])) is None


def test_risk_is_disagreement_and_change_before_age_and_a_single_witness() -> None:
    frame = pd.DataFrame(
        [(True, 2, False, 10), (True, 1, False, 10), (False, 1, True, 10), (False, 1, False, 10), (False, 1, False, 900), (False, 3, False, 10)],
        columns=["conflict", "records", "changed", "age"],
    )
    assert strata(frame["conflict"], frame["records"], frame["changed"], frame["age"]).tolist() == ["medium", "high", "high", "low", "medium", "low"]
