"""From pairs to persons: components of matching pairs, and average linkage where a component is not of one mind.

A chain A-B-C does not make A and C one person. Inside every component that lacks a pair or holds a conflict all
pairs are scored, then groups are joined, best mean first, while the mean log-odds between them reaches ``bond``
and no two members are known to be different people.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from dedup.grouping import cut_components
from dedup.linkage import Clusters
from dedup.records import Codes

Bits = npt.NDArray[np.float64]
Score = Callable[[Codes, Codes], Bits]
"""Row numbers of both sides of pairs -> how strongly they belong together, in bits; minus infinity for never."""


def partition(n: int, first: Codes, second: Codes, bits: Bits, rules: Clusters, score: Score, conflicts: Codes) -> Codes:
    """Cluster of every record: (n,), named by its smallest row number.

    ``first``, ``second``, ``bits``: the matching pairs by row number; ``conflicts``: rows of records that are part of a
    judged difference and therefore always looked at.
    """
    labels = cut_components(n, first, second, bits)
    members = _members(labels, _open(labels, first, second, conflicts, rules.largest))
    if not members:
        return labels
    sizes = np.array([len(rows) for rows in members])
    left = np.concatenate([rows[np.triu_indices(len(rows), 1)[0]] for rows in members])
    right = np.concatenate([rows[np.triu_indices(len(rows), 1)[1]] for rows in members])
    weight = score(left, right)
    ends = np.cumsum(sizes * (sizes - 1) // 2)
    for rows, end in zip(members, ends, strict=True):
        k = len(rows)
        groups = average_linkage(weight[end - k * (k - 1) // 2 : end], k, rules.bond, rules.largest)
        labels[rows] = rows[groups]
    return labels


def average_linkage(weights: Bits, k: int, bond: float, largest: int) -> Codes:
    """Group of each of ``k`` records, named by its first: ``weights`` are the pairs in the order of ``triu_indices``.

    Minus infinity between two records keeps them apart. Equal means are settled by the smaller row numbers.
    """
    total = np.full((k, k), -np.inf)
    total[np.triu_indices(k, 1)] = weights
    total = np.maximum(total, total.T)
    size, group = np.ones(k), np.arange(k)
    while True:
        mean = total / np.outer(size, size)
        mean[np.add.outer(size, size) > largest] = -np.inf
        best = int(np.argmax(mean))
        a, b = divmod(best, k)
        if not mean[a, b] >= bond:
            return group
        total[a] += total[b]
        total[:, a] = total[a]
        total[a, a] = -np.inf
        total[b], total[:, b] = -np.inf, -np.inf
        size[a] += size[b]
        group[group == b] = a


def _open(labels: Codes, first: Codes, second: Codes, conflicts: Codes, largest: int) -> Codes:
    """Labels of components that need a closer look: pairs missing inside, a conflict, or too many records."""
    counts = np.bincount(labels, minlength=len(labels))
    inside = labels[first] == labels[second]
    edges = np.bincount(labels[first[inside]], minlength=len(labels))
    missing = np.flatnonzero(((counts > 2) & (edges < counts * (counts - 1) // 2)) | (counts > largest))
    judged = labels[conflicts]
    return np.union1d(missing, judged[counts[judged] > 1])


def _members(labels: Codes, wanted: Codes) -> list[Codes]:
    def groups() -> Iterator[Codes]:
        order = np.argsort(labels, kind="stable")
        ordered = labels[order]
        for start, end in zip(np.searchsorted(ordered, wanted), np.searchsorted(ordered, wanted, side="right"), strict=True):
            yield order[start:end]

    return list(groups())
