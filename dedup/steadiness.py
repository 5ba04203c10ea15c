"""Thresholds found without labels: those at which the clusters change least.

Above the right threshold every bit parts pairs that are one, below it every bit joins pairs that are not; in between lies a
valley with few pairs of either kind, where a bit more or less changes little. The scores themselves cannot say where it is, as their zero
hangs on assumptions (independent comparisons, one match rate) that every table breaks in its own way; the clusters can.
Stability as a criterion of how to cluster: Ben-Hur, Elisseeff and Guyon (2002); here the data stay and the threshold moves.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dedup.grouping import components
from dedup.kernel.columns import Ints
from dedup.kernel.run import Edges
from dedup.table import Table, at_thresholds

Clusters = Callable[[Table, Edges], Ints]
"""A table's thresholds and edges -> the cluster of every row, named by its smallest."""
WINDOW = 3
"""Bits by which the linkage file's thresholds are moved at most: a factor of eight in the odds."""
STEP = 2
"""Bits below and above a threshold between which it is seen how much the clusters change; one bit is too few for small tables."""
REACH = float(WINDOW + STEP)
"""Bits below ``edge`` from which pairs are needed."""
ROWS = 100_000
"""Rows, whole components of them, that clusters are made of again and again; all rows where they are fewer."""
SURE = 1.2816
"""Standard errors by which the change must be less than at the file's own thresholds, else these stand (10 %, one-sided)."""


def settled(table: Table, n: int, edges: Edges, among: Callable[[Ints], Clusters]) -> dict[str, float]:
    """``edge`` and ``bond`` of the file, both moved by the whole bits at which clusters ``STEP`` bits below and above differ least.

    What differs is counted in pairs of rows together in one of both only. The file's own stand unless fewer differ surely elsewhere; each
    component of rows is one observation. ``edges``: the pairs of ``n`` rows from ``REACH`` bits below ``edge`` on; ``among``: for some row
    numbers, what makes clusters of those rows alone. The same rows give the same answer.
    """
    given = table.clusters
    edges = edges.above(given.edge - REACH)
    some = _some(components(n, edges.a, edges.b), edges)
    rows = np.unique(np.r_[some.a, some.b])
    some = replace(some, a=np.searchsorted(rows, some.a).astype(np.int32), b=np.searchsorted(rows, some.b).astype(np.int32))
    part, clusters = components(len(rows), some.a, some.b), among(rows)
    moved = range(-WINDOW - STEP, WINDOW + STEP + 1)
    made = {by: _clustered(at_thresholds(table, given.edge + by, given.bond + by), some, clusters) for by in moved}
    change = {by: _change(made[by - STEP], made[by + STEP], part) for by in sorted(range(-WINDOW, WINDOW + 1), key=abs)}
    by = min(change, key=lambda by: change[by].sum())
    less = change[0] - change[by]
    if less.sum() <= SURE * np.sqrt((less**2).sum()):
        by = 0
    return {"edge": given.edge + by, "bond": given.bond + by}


def _clustered(table: Table, edges: Edges, clusters: Clusters) -> Ints:
    return clusters(table, edges.above(table.clusters.edge))


def _some(part: Ints, edges: Edges) -> Edges:
    """The edges of whole components with about ``ROWS`` rows in all, taken by chance (the same every time)."""
    sizes = np.bincount(part, minlength=len(part))
    names = np.random.default_rng(ROWS).permutation(np.flatnonzero(sizes > 1))
    if sizes[names].sum() <= ROWS:
        return edges
    within = np.cumsum(sizes[names]) <= ROWS
    within[0] = True
    chosen = np.zeros(len(part), dtype=bool)
    chosen[names[within]] = True
    return edges.of(chosen[part[edges.a]])


def _change(one: Ints, other: Ints, part: Ints) -> npt.NDArray[np.float64]:
    """How many pairs are together in one partition only, by the component they are in, at its name: (n,)."""
    n = len(part)
    _, row, both = np.unique(one.astype(np.int64) * n + other, return_index=True, return_counts=True)
    apart = _by_component(part, np.bincount(one, minlength=n), n) + _by_component(part, np.bincount(other, minlength=n), n)
    return apart - 2 * _by_component(part[row], both, n)


def _by_component(part: Ints, sizes: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """Pairs inside groups of ``sizes``, summed by the component ``part`` of each: (n,)."""
    return np.bincount(part, sizes * (sizes - 1) / 2.0, minlength=n).astype(np.float64)
