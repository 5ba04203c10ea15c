"""Blocks of rows with equal keys: one 64-bit key per rule, keys that occur once dropped before the one sort, hubs set aside and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.kernel.columns import Column, Ints


@dataclass(frozen=True)
class Blocks:
    """One rule's blocks: rows ``order[starts[i]:ends[i]]`` share a key; ``hubs``: sizes of the blocks above the cap, left out."""

    order: Ints
    starts: Ints
    ends: Ints
    hubs: Ints

    @property
    def pairs(self) -> int:
        """How many pairs the blocks have."""
        sizes = self.ends - self.starts
        return int((sizes * (sizes - 1) // 2).sum())


def rule_keys(columns: Sequence[Column]) -> npt.NDArray[np.int64]:
    """One whole number per row, equal when all ``columns`` are; -1 where one is missing."""
    keys = columns[0].codes.astype(np.int64)
    room = max(len(columns[0].values), 1)
    missing = keys < 0
    for column in columns[1:]:
        width = max(len(column.values), 1)
        if room > 2**62 // width:
            _, keys = np.unique(keys, return_inverse=True)
            room = int(keys.max(initial=0)) + 1
        missing |= column.codes < 0
        keys = keys * width + column.codes
        room *= width
    keys[missing] = -1
    return keys


def whole(n: int) -> Blocks:
    """All rows as one block: the full index."""
    return Blocks(np.arange(n, dtype=np.int64), np.zeros(1, dtype=np.int64), np.array([n], dtype=np.int64), np.empty(0, dtype=np.int64))


def group(keys: npt.NDArray[np.int64], cap: int, twice: Any = None) -> Blocks:
    """Blocks of equal keys. ``twice`` says which keys may occur more than once; without it, all are sorted."""
    rows = np.flatnonzero(twice(keys) if twice else keys >= 0)
    keys = keys[rows]
    by = np.argsort(keys)
    keys, rows = keys[by], rows[by]
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    starts, ends = np.r_[0, edges].astype(np.int64), np.r_[edges, len(keys)].astype(np.int64)
    sizes = ends - starts
    hubs = np.sort(sizes[sizes > cap])[::-1]
    use = (sizes > 1) & (sizes <= cap)
    return Blocks(rows, starts[use], ends[use], hubs)


def membership(n: int, blocks: Sequence[Blocks]) -> npt.NDArray[np.int32]:
    """Each row's block by rule (n, rules), -1 for none: how a pair is recognised that an earlier rule has."""
    found = np.full((n, len(blocks)), -1, dtype=np.int32)
    for rule, part in enumerate(blocks):
        sizes = part.ends - part.starts
        which = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        place = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(part.starts, sizes)
        found[part.order[place], rule] = which
    return found


def sample(part: Blocks, pairs: int, chance: np.random.Generator) -> Blocks:
    """Some of the blocks, drawn until they have about ``pairs`` pairs."""
    if part.pairs <= pairs:
        return part
    order = chance.permutation(len(part.starts))
    sizes = (part.ends - part.starts)[order]
    use = np.sort(order[: int(np.searchsorted(np.cumsum(sizes * (sizes - 1) // 2), pairs)) + 1])
    return Blocks(part.order, part.starts[use], part.ends[use], part.hubs)


def inside(part: Blocks) -> tuple[Ints, Ints]:
    """All pairs of the blocks, smaller row first; a pair appears once per block that has it."""
    sizes = part.ends - part.starts
    place = np.repeat(part.starts, sizes) + within(sizes)
    partners = np.repeat(part.ends, sizes) - place - 1
    left = np.repeat(place, partners)
    first, second = part.order[left], part.order[left + 1 + within(partners)]
    return np.minimum(first, second), np.maximum(first, second)


def within(sizes: Ints) -> Ints:
    """0 1 2 … within each group of the given sizes."""
    return np.arange(sizes.sum(), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)


Share = tuple[int, int, int, tuple[int, int] | None]
"""Rule, first block, block after the last; of a single large block, the lines (first rows) of this share."""


def shares(blocks: Sequence[Blocks], parts: int) -> list[Share]:
    """The work cut into about ``parts`` equal shares."""
    total = max(sum(part.pairs for part in blocks), 1)
    cut: list[Share] = []
    for rule, part in enumerate(blocks):
        sizes = part.ends - part.starts
        if len(sizes) == 1 and part.pairs > total // parts:
            left = np.cumsum(np.arange(sizes[0] - 1, -1, -1))
            edges = np.unique(np.r_[0, np.searchsorted(left, np.arange(1, parts) * (left[-1] / parts)), sizes[0] - 1])
            cut += [(rule, 0, 1, (int(low), int(high))) for low, high in pairwise(edges)]
        elif len(sizes):
            done = np.cumsum(sizes * (sizes - 1) // 2)
            many = max(round(parts * part.pairs / total), 1)
            edges = np.unique(np.r_[0, np.searchsorted(done, np.arange(1, many) * (part.pairs / many)), len(sizes)])
            cut += [(rule, int(low), int(high), None) for low, high in pairwise(edges)]
    return cut
