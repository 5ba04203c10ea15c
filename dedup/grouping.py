"""From edges to clusters of rows: components, all pairs inside scored, average linkage; sized for millions of rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from dedup.kernel.blocks import within
from dedup.kernel.columns import Ints
from dedup.kernel.run import is_compiled

SCORED = 150
"""Components larger than this are first cut at a rising threshold instead of scoring every pair inside."""
Score = Callable[[Ints, Ints], npt.NDArray[Any]]


def clusters(n: int, a: Ints, b: Ints, bits: npt.NDArray[Any], score: Score, bond: float, largest: int) -> Ints:
    """Cluster of every row: (n,) named by its smallest row. ``a``, ``b``, ``bits``: the edges; ``score`` weighs any pairs of rows, -inf for never."""
    labels = components(n, a, b)
    floor, keep = 3.0, np.ones(len(a), dtype=bool)
    while True:
        counts = np.bincount(labels, minlength=n)
        large = counts[labels] > SCORED
        if not large.any():
            break
        keep &= ~large[a] | (bits >= floor)  # what was cut stays cut, so that no component hangs on how large another is
        labels = components(n, a[keep], b[keep]) if floor < 40 else np.where(large, np.arange(n), labels)
        floor += 3.0
    counts = np.bincount(labels, minlength=n)
    open_rows = np.flatnonzero(counts[labels] > 1)
    if not len(open_rows):
        return labels
    members = open_rows[np.argsort(labels[open_rows], kind="stable")]
    sizes = counts[counts > 1]
    offsets = np.r_[0, np.cumsum(sizes)]
    pair_counts = sizes * (sizes - 1) // 2
    place = np.repeat(offsets[:-1], sizes) + within(sizes)
    partners = np.repeat(offsets[1:], sizes) - place - 1
    left = np.repeat(place, partners)
    first, second = members[left], members[left + 1 + within(partners)]
    weights = np.asarray(score(first, second), dtype=np.float64)
    out = labels.copy()
    average_linkage(members, offsets, np.r_[0, np.cumsum(pair_counts)], weights, bond, largest, out)
    return out


def average_linkage(members: Ints, offsets: Ints, pair_offsets: Ints, weights: npt.NDArray[np.float64], bond: float, largest: int, out: Ints) -> None:
    """Groups inside every component written to ``out``; see ``compiled.link_groups``."""
    if is_compiled():
        from dedup.kernel import compiled

        compiled.link_groups(members, offsets, pair_offsets, weights, float(bond), int(largest), out)
        return
    from dedup.clusters import average_linkage as one

    for at in range(len(offsets) - 1):
        rows = members[offsets[at] : offsets[at + 1]]
        out[rows] = rows[one(weights[pair_offsets[at] : pair_offsets[at + 1]], len(rows), bond, largest)]


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Connected components: (n,) named by their smallest row."""
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    count, labels = connected_components(graph, directed=False)
    smallest = np.full(count, n, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(n))
    return smallest[labels]
