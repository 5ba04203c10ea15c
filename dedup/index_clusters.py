"""Clusters of the components a batch has touched, as the engine makes them of all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup import grouping
from dedup.kernel.columns import Ints
from dedup.kernel.program import Program
from dedup.table import Table

Weigh = Callable[[Ints, Ints], tuple[npt.NDArray[np.float64], Ints]]


def touched_clusters(table: Table, program: Program, prior: float, never: Any, source: Ints, rows: Ints, edges: tuple[Ints, Ints, Ints], weigh: Weigh) -> Ints:
    """Cluster of every row of ``rows`` (in the order of ids), as places in it. ``edges``: both ends as places, and bits; ``weigh`` takes rows."""
    limits = table.clusters

    def apart(first: Ints, second: Ints, pattern: Ints) -> npt.NDArray[np.bool_]:
        found = never(pattern) if never else np.zeros(len(pattern), dtype=bool)
        return found | (source[rows[first]] == source[rows[second]]) if table.duplicate_free else found

    rules = grouping.Rules(limits.bond, limits.strongest, limits.largest, apart)
    here = replace(program, rows=program.rows[rows])
    return grouping.clusters(len(rows), *edges, here, prior, rules, lambda first, second: weigh(rows[first], rows[second])[1])
