"""Comparisons as numbers a compiled loop can follow: what to compare, on which columns, with which steps."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.kernel.columns import Ints, Texts

IDENTIFIER, TEXT, EDITS, DATE, EMAIL, PREFIX, CUSTOM, ADDRESS, ONE_SIDED = range(9)
COMPOSITE = ADDRESS
"""Operations from this one on look at more than one column, or at what is missing, so equal codes do not settle them."""
OPERATIONS = {"identifier": IDENTIFIER, "text": TEXT, "edits": EDITS, "date": DATE, "email": EMAIL, "prefix": PREFIX, "custom": CUSTOM, "address": ADDRESS}
COST = (1, 6, 8, 2, 7, 2, 1, 4, 1)
"""About how dear each operation is, relative to each other: decides which field is looked at first."""
MOST_LEVELS = 8


class Comparing(NamedTuple):
    """What a compiled loop needs to compare two rows; see Program and Texts."""

    rows: npt.NDArray[np.int32]
    operation: npt.NDArray[np.int32]
    cols: npt.NDArray[np.int32]
    steps: npt.NDArray[np.float64]
    step_count: npt.NDArray[np.int32]
    base: npt.NDArray[np.int64]
    chars: npt.NDArray[np.uint16]
    begin: Ints
    numbers: Ints
    masks: npt.NDArray[np.uint64]
    cross: npt.NDArray[np.int32]


class Weighing(NamedTuple):
    """What a compiled loop needs to weigh two rows; ``best`` (K,): the most a comparison can add when its codes differ."""

    prior: float
    weights: npt.NDArray[np.float64]
    rarity: npt.NDArray[np.float64]
    related: npt.NDArray[np.float64]
    related_prior: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    best: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Program:
    """``rows`` (n, C) codes, one line per record; ``place`` (C,): which column of ``texts`` each is; ``base`` (C,): where its values begin.

    Per comparison k: ``operation``, ``cols`` (K, 3), ``steps`` (K, 4) and their ``count``, number of ``levels``, ``weights`` (K, 8) in
    bits; ``order``: as they are looked at. ``rarity``: bits added per value. ``related`` (R, K, 8), ``related_prior`` (R,): the same of
    pairs that are related without being one (households), against strangers. ``masks``: which letters a value has (compiled
    path only). ``cross``: the code of the same text in the column it is sometimes exchanged with, -1 for none.
    """

    rows: npt.NDArray[np.int32]
    operation: npt.NDArray[np.int32]
    cols: npt.NDArray[np.int32]
    steps: npt.NDArray[np.float64]
    count: npt.NDArray[np.int32]
    levels: npt.NDArray[np.int32]
    base: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    texts: Texts
    rarity: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    order: npt.NDArray[np.int64]
    related: npt.NDArray[np.float64]
    related_prior: npt.NDArray[np.float64]
    masks: npt.NDArray[np.uint64]
    cross: npt.NDArray[np.int32]

    @property
    def comparing(self) -> Comparing:
        """The part that compares."""
        texts = self.texts
        codes = self.rows, self.operation, self.cols, self.steps, self.count, self.base
        return Comparing(*codes, texts.chars, texts.begin, texts.numbers, self.masks, self.cross)

    def hoping(self, prior: float) -> Weighing:
        """The part that weighs, from ``prior`` bits on, with what each comparison whose codes differ can add at most.

        That is nothing below zero, since a custom or unreadable value may say nothing.
        """
        best = np.maximum(np.where(np.arange(self.weights.shape[1]) > 0, self.weights, -np.inf).max(axis=1), 0.0)
        every = (self.operation == DATE) | (self.operation == CUSTOM) | (self.operation >= COMPOSITE)
        best[every] = np.maximum(self.weights[every].max(axis=1), 0.0)
        return Weighing(prior, self.weights, self.rarity, self.related, self.related_prior, self.order, best)

    def weighing(self, weights: npt.NDArray[np.float64], rarity: npt.NDArray[np.float64], related: Any = None, related_prior: Any = None) -> "Program":
        """The same comparisons with other ``weights`` (K, 8) and ``rarity``: bits added per value to the exact level."""
        if related is None:
            related, related_prior = np.zeros((0, *weights.shape)), np.zeros(0)
        spread = weights[:, 1:].max(axis=1) - weights[:, 1:].min(axis=1)  # how far below its hope a stranger's level falls
        cost = np.array([COST[operation] for operation in self.operation])
        order = np.argsort(-spread / np.maximum(cost, 0.1), kind="stable").astype(np.int64)
        return replace(self, weights=weights, rarity=rarity, order=order, related=related, related_prior=related_prior)


def pack(levels: npt.NDArray[np.int8]) -> Ints:
    """Patterns as whole numbers, four bits per comparison, missing as 15: (pairs,)."""
    packed = np.zeros(len(levels), dtype=np.int64)
    for at in range(levels.shape[1]):
        packed |= (levels[:, at].astype(np.int64) & 15) << (4 * at)
    return packed


def unpack(patterns: Ints, count: int) -> npt.NDArray[np.int8]:
    """Levels (pairs, comparisons) of packed patterns."""
    levels = ((patterns[:, None] >> (4 * np.arange(count))) & 15).astype(np.int8)
    levels[levels == 15] = -1
    return levels
