"""Precision, recall and B-cubed against figures worked out by hand."""

import pandas as pd
import pytest

from dedup.evaluation import b_cubed, pairwise

TRUTH = pd.DataFrame({"record_id": range(6), "entity": list("aaabbc")})


def partition(persons: str) -> pd.DataFrame:
    return pd.DataFrame({"record_id": range(6), "person_id": list(persons)})


def test_the_truth_itself_is_without_fault() -> None:
    assert pairwise(partition("xxxyyz"), TRUTH) == b_cubed(partition("xxxyyz"), TRUTH) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_a_partition_worked_out_by_hand() -> None:
    found = pairwise(partition("xxyyzz"), TRUTH)  # right: 0-1; wrong: 2-3, 4-5; missed: 0-2, 1-2, 3-4
    assert found == pytest.approx({"precision": 1 / 3, "recall": 1 / 4, "f1": 2 / 7})
    cubed = b_cubed(partition("xxyyzz"), TRUTH)
    assert cubed["precision"] == pytest.approx((1 + 1 + 0.5 * 4) / 6)
    assert cubed["recall"] == pytest.approx((2 / 3 * 2 + 1 / 3 + 0.5 * 2 + 1) / 6)


def test_nobody_together_finds_nothing_wrong_and_nothing_right() -> None:
    assert pairwise(partition("uvwxyz"), TRUTH) == {"precision": 1.0, "recall": 0.0, "f1": 0.0}
    assert pairwise(partition("aaabbc").iloc[3:4], TRUTH) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_records_without_a_truth_do_not_count() -> None:
    assert pairwise(partition("xxxyyz"), TRUTH.iloc[:3])["precision"] == 1.0
