"""From edges to clusters of rows: components, all pairs inside scored, average linkage; sized for millions of rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.kernel.blocks import Blocks, inside
from dedup.kernel.columns import Ints
from dedup.kernel.program import COMPOSITE, Program
from dedup.kernel.run import in_pieces, is_compiled

SCORED = 150
"""Components larger than this are first cut at a rising threshold instead of scoring every pair inside."""
FLOOR, CEILING = 3.0, 40.0
"""Bits: the threshold such a component is cut at rises by the first, and what is still too large at the second falls apart."""
Look = Callable[[Ints, Ints], Ints]
"""Row numbers of both sides of pairs -> packed patterns of levels."""


@dataclass(frozen=True)
class Rules:
    """What joins two groups: mean log-odds of ``bond`` bits, ``strongest`` at most, no more than ``largest`` rows; ``apart``: pairs that are never one."""

    bond: float
    strongest: float
    largest: int
    apart: Callable[[Ints, Ints, Ints], npt.NDArray[np.bool_]]


def clusters(n: int, a: Ints, b: Ints, bits: npt.NDArray[Any], program: Program, prior: float, rules: Rules, look: Look) -> Ints:
    """Cluster of every row: (n,) named by its smallest row. ``a``, ``b``, ``bits``: the edges; ``look`` gives the patterns of any pairs of rows."""
    return split_components(cut_components(n, a, b, bits), program, prior, rules, look)


def cut_components(n: int, a: Ints, b: Ints, bits: npt.NDArray[Any]) -> Ints:
    """Components of at most ``SCORED`` rows, larger ones cut at a rising threshold: (n,) named by their smallest row."""
    labels = components(n, a, b)
    floor, keep = FLOOR, np.ones(len(a), dtype=bool)
    while True:
        counts = np.bincount(labels, minlength=n)
        large = counts[labels] > SCORED
        if not large.any():
            return labels
        keep &= ~large[a] | (bits >= floor)  # what was cut stays cut, so that no component hangs on how large another is
        labels = components(n, a[keep], b[keep]) if floor < CEILING else np.where(large, np.arange(n), labels)
        floor += FLOOR


def split_components(labels: Ints, program: Program, prior: float, rules: Rules, look: Look) -> Ints:
    """Clusters inside components: (n,) named by their smallest row. ``labels``: each row's component, named by its smallest row.

    A component of two stays as it is: the edge between its rows has spoken already.
    """
    counts = np.bincount(labels, minlength=len(labels))
    open_rows = np.flatnonzero(counts[labels] > 2)
    if not len(open_rows):
        return labels
    members = open_rows[np.argsort(labels[open_rows], kind="stable")]
    sizes = counts[counts > 2]
    offsets = np.r_[0, np.cumsum(sizes)]
    pair_counts = sizes * (sizes - 1) // 2
    first, second = inside(Blocks(members, offsets[:-1], offsets[1:], np.empty(0, dtype=np.int64)))
    pattern = look(first, second)
    rare = rarities(program, first, pattern)
    never = rules.apart(first, second, pattern)
    out = labels.copy()
    link = _linkage()
    pairs = np.r_[0, np.cumsum(pair_counts)]
    told = (program.weights, float(prior), program.related, program.related_prior, never, float(rules.strongest), float(rules.bond), rules.largest)
    in_pieces(len(sizes), lambda low, high: link(members, offsets[low : high + 1], pairs[low : high + 1], pattern, rare, *told, out))
    return out


def rarities(program: Program, first: Ints, pattern: Ints) -> npt.NDArray[np.float32]:
    """Bits of rarity per pair and comparison, where the pair agrees exactly: (pairs, K)."""
    rare = np.zeros((len(first), len(program.operation)), dtype=np.float32)
    for k in range(len(program.operation)):
        c = program.cols[k, 0]
        if c >= 0 and program.operation[k] < COMPOSITE:
            at = np.flatnonzero(((pattern >> (4 * k)) & 15) == 0)
            codes = program.rows[first[at], c]
            rare[at, k] = program.rarity[program.base[c] + codes]
    return rare


def _linkage() -> Any:
    if is_compiled():
        from dedup.kernel import compiled

        return compiled.link_fieldwise
    from dedup.kernel import linkage

    return linkage.link_fieldwise


def components(n: int, a: Ints, b: Ints) -> Ints:
    """Connected components: (n,) named by their smallest row."""
    if is_compiled():
        from dedup.kernel import compiled

        return compiled.components(n, a.astype(np.int64), b.astype(np.int64))
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(n, n))
    count, labels = connected_components(graph, directed=False)
    smallest = np.full(count, n, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(n))
    return smallest[labels]
