"""How right a partition is against a known truth: pairwise precision, recall and F1, and B-cubed."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage


def pairwise(partition: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """Precision, recall and F1 over pairs of records put together, by recordlinkage's measures.

    ``partition``: record_id, person_id; ``truth``: record_id, entity; records in both count. All of it is 1.0 where
    neither side has a pair.
    """
    both = _joined(partition, truth)
    true, found = _pairs(both["entity"]), _pairs(both["person_id"])
    if not len(true) or not len(found):
        empty = float(len(true) == len(found))
        return {"precision": 1.0 if not len(found) else 0.0, "recall": 1.0 if not len(true) else 0.0, "f1": empty}
    if not len(true.intersection(found)):
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    measures = recordlinkage.precision, recordlinkage.recall, recordlinkage.fscore
    return {name: float(measure(true, found)) for name, measure in zip(("precision", "recall", "f1"), measures, strict=True)}


def b_cubed(partition: pd.DataFrame, truth: pd.DataFrame) -> dict[str, float]:
    """B-cubed precision, recall and F1: the mean over records, so that large persons do not drown small ones (Bagga and Baldwin 1998)."""
    both = _joined(partition, truth)
    together = both.groupby(["person_id", "entity"])["record_id"].transform("size").to_numpy(np.float64)
    precision = float((together / both.groupby("person_id")["record_id"].transform("size")).mean())
    recall = float((together / both.groupby("entity")["record_id"].transform("size")).mean())
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def _joined(partition: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    return partition[["record_id", "person_id"]].merge(truth[["record_id", "entity"]], on="record_id").sort_values("record_id", ignore_index=True)


def _pairs(groups: pd.Series) -> pd.MultiIndex:
    """All pairs of rows with the same group."""
    found = list(_within(pd.factorize(groups)[0]))
    first, second = (np.concatenate(side) for side in zip(*found, strict=True)) if found else (np.empty(0, int), np.empty(0, int))
    return pd.MultiIndex.from_arrays([first, second])


def _within(codes: npt.NDArray[np.int64]) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    order = np.argsort(codes, kind="stable")
    starts = np.r_[0, np.flatnonzero(np.diff(codes[order])) + 1]
    sizes = np.diff(np.r_[starts, len(codes)])
    for size in np.unique(sizes[sizes > 1]):
        rows = order[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        yield rows[:, left].ravel(), rows[:, right].ravel()
