"""The whole engine through recordlinkage's own extension points, for whoever knows that library: index, compare, classify.

    ready = prepare(frame, table)
    pairs = recordlinkage.Index(TableIndex(ready)).index(frame)
    vectors = recordlinkage.Compare([TableCompare(ready)], indexing_type="position").compute(pairs, row_numbers(frame))
    matches = TableClassifier(ready).fit_predict(vectors)

The same pairs, levels and weights as ``engine.link_frame``, at about 0.6 microseconds and 300 bytes per pair for the data
frames: meant for up to some five million pairs.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseClassifier, BaseCompareFeature, BaseIndexAlgorithm

from dedup import training
from dedup.engine import Prepared
from dedup.kernel import run
from dedup.kernel.program import CUSTOM


def row_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """What ``Compare`` is given instead of the table: the number of every row, so that no text is copied per pair."""
    return pd.DataFrame({"row": np.arange(len(frame))}, index=frame.index)


class TableIndex(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage has no types
    """All pairs of all blocking rules (or of the full index), each once."""

    def __init__(self, ready: Prepared, **options: Any) -> None:
        super().__init__(**options)
        self.ready = ready

    def _dedup_index(self, frame: pd.DataFrame) -> pd.MultiIndex:
        first, second = run.pairs_of(self.ready.blocks, len(frame))
        labels: Any = frame.index
        codes: Any = [first.astype(np.int32), second.astype(np.int32)]
        return pd.MultiIndex(levels=[labels, labels], codes=codes, verify_integrity=False)


class TableCompare(BaseCompareFeature):  # type: ignore[misc]
    """One feature for all comparisons: their levels (-1 for missing), then for each how rare the value agreed on is, in bits."""

    def __init__(self, ready: Prepared) -> None:
        names = list(ready.table.comparisons)
        super().__init__("row", "row", label=[*names, *(f"{name} rarity" for name in names)])
        self.ready = ready

    def _compute_vectorized(self, first: pd.Series, second: pd.Series) -> npt.NDArray[np.float64]:
        a, b = first.to_numpy(np.int64), second.to_numpy(np.int64)
        levels = run.levels_of(self.ready.program, a, b)
        bare = training.rarity(self.ready.table, self.ready.program, self.ready.columns, np.ones(len(self.ready.table.comparisons)))
        rare = np.zeros(levels.shape)
        for k, part in enumerate(self.ready.table.comparisons.values()):
            if part.term_frequency and self.ready.program.operation[k] != CUSTOM:
                at = np.flatnonzero(levels[:, k] == 0)
                c = self.ready.program.cols[k, 0]
                rare[at, k] = bare[self.ready.program.base[c] + self.ready.program.rows[a[at], c]]
        return np.hstack([levels.astype(np.float64), rare])


class TableClassifier(BaseClassifier):  # type: ignore[misc]
    """The match model. ``fit`` without labels learns as the engine does; with a match index m is counted from the labelled vectors."""

    def __init__(self, ready: Prepared, weights: training.Weights | None = None) -> None:
        self.ready, self.weights = ready, weights

    def _fit(self, vectors: npt.NDArray[np.float64], labels: Any = None) -> None:
        ready = self.ready
        learned = training.train(ready.table, ready.program, ready.columns, ready.blocks, ready.full)
        if labels is not None:
            learned = training.from_labels(learned, self._levels(vectors), np.asarray(labels, dtype=bool))
        self.weights = learned

    def bits(self, vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Log-odds in bits of comparison vectors. Raises ValueError before ``fit``."""
        if self.weights is None:
            raise ValueError("fit the classifier first, or give it weights")
        count = len(self.ready.table.comparisons)
        return training.log_odds(self.weights, self.ready.program, self._levels(vectors), vectors[:, count:])

    def _predict(self, vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        return (self.bits(vectors) >= self.ready.table.clusters.edge).astype(np.int64)

    def _prob_match(self, vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.asarray(1 / (1 + np.exp2(-self.bits(vectors))))

    def _levels(self, vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
        return vectors[:, : len(self.ready.table.comparisons)].astype(np.int8)
