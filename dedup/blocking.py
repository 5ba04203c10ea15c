"""Which pairs are worth comparing: records that agree on every key of at least one blocking rule, hubs left out.

A blocking rule gives every record a key; one sort brings equal keys together and every block emits its pairs.
``KeyBlocking`` is an index algorithm of recordlinkage, so it can stand beside the library's own in an ``Index``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from dedup.records import Codes, Records

Mask = npt.NDArray[np.bool_]


class KeyBlocking(BaseIndexAlgorithm):  # type: ignore[misc]  # recordlinkage has no types
    """All blocking rules at once, every pair once; ``touched`` keeps only pairs with at least one such record.

    After ``index``: ``found_by`` (pairs,) holds one bit per rule, ``dropped`` (rules,) the blocks above ``cap``.
    """

    def __init__(self, records: Records, rules: Sequence[Sequence[str]], cap: int, touched: Mask | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.records, self.rules, self.cap, self.touched = records, rules, cap, touched
        self.found_by: Codes = np.empty(0, dtype=np.int64)
        self.dropped: list[int] = []

    def _dedup_index(self, frame: pd.DataFrame) -> pd.MultiIndex:
        n = np.int64(len(self.records))
        found, self.dropped = [], []
        for rule in self.rules:
            first, second, dropped = _pairs(*block_keys(self.records, rule), self.cap, self.touched, int(n))
            found.append(first * n + second)
            self.dropped.append(dropped)
        pairs = np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)
        self.found_by = np.zeros(len(pairs), dtype=np.int64)
        for bit, one in enumerate(found):
            self.found_by[np.searchsorted(pairs, np.unique(one))] |= 1 << bit
        return pair_index(frame.index, pairs)


def pair_index(rows: Any, pairs: Codes) -> pd.MultiIndex:
    """Pairs (first row x number of rows + second row) as recordlinkage wants them, without looking the labels up."""
    n = max(len(rows), 1)
    codes: Any = [(pairs // n).astype(np.int32), (pairs % n).astype(np.int32)]
    return pd.MultiIndex(levels=[rows, rows], codes=codes, verify_integrity=False)


def block_keys(records: Records, rule: Sequence[str]) -> tuple[Codes, Codes]:
    """Rows and key codes of one rule, (k,) each; a record appears once per contact point, not at all where a key is missing.

    Contact points that do not tell people apart are no keys.
    """
    rows = np.arange(len(records), dtype=np.int64)
    keys = np.zeros(len(records), dtype=np.int64)
    for name in rule:
        if name in records.points:
            points = records.points[name]
            use = points.telling[points.codes]
            mine, codes = points.rows[use], points.codes[use]
            starts, ends = np.searchsorted(mine, rows), np.searchsorted(mine, rows, side="right")
            place = np.repeat(starts, ends - starts) + _within(ends - starts)
            rows, keys = np.repeat(rows, ends - starts), _combine(np.repeat(keys, ends - starts), codes[place])
        else:
            codes = records.columns[name].codes[rows]
            rows, keys = rows[codes >= 0], _combine(keys[codes >= 0], codes[codes >= 0])
    return rows, keys


def hubs_near(records: Records, rules: Sequence[Sequence[str]], cap: int, leaving: int) -> Mask:
    """Records in blocks that are whole now but may have been hubs before ``leaving`` records changed or left: (n,)."""
    near = np.zeros(len(records), dtype=bool)
    for rule in rules:
        rows, keys = block_keys(records, rule)
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        near[rows[((counts <= cap) & (counts + leaving > cap))[inverse]]] = True
    return near


def agreeing(records: Records, rules: Sequence[Sequence[str]], cap: int, first: Codes, second: Codes) -> Codes:
    """For given pairs (row numbers), the bits of the rules that would find them today: (pairs,)."""
    bits = np.zeros(len(first), dtype=np.int64)
    wanted = np.unique(np.concatenate([first, second]))
    n = np.int64(max(len(records), 1))
    pairs = np.minimum(first, second) * n + np.maximum(first, second)
    for bit, rule in enumerate(rules):
        rows, keys = block_keys(records, rule)
        _, keys, counts = np.unique(keys, return_inverse=True, return_counts=True)
        use = (counts[keys] <= cap) & np.isin(rows, wanted)
        left, right, _ = _pairs(rows[use], keys[use], cap, None, int(n))
        bits[np.isin(pairs, left * n + right)] |= 1 << bit
    return bits


def _pairs(rows: Codes, keys: Codes, cap: int, touched: Mask | None, n: int) -> tuple[Codes, Codes, int]:
    """All pairs of rows (first < second) that share a key, and how many blocks were too large."""
    order = np.lexsort((rows, keys))
    rows, keys = rows[order], keys[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.empty(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(keys)])
    hub = sizes > cap
    use = (sizes > 1) & ~hub
    if touched is not None and len(starts):
        use &= np.add.reduceat(touched[rows].astype(np.int64), starts) > 0
    starts, sizes = starts[use], sizes[use]
    place = np.repeat(starts, sizes) + _within(sizes)
    partners = np.repeat(starts + sizes, sizes) - place - 1
    left = np.repeat(place, partners)
    first, second = rows[left], rows[left + 1 + _within(partners)]
    apart = first != second
    if touched is not None:
        apart &= touched[first] | touched[second]
    return first[apart], second[apart], int(hub.sum())


def _within(sizes: Codes) -> Codes:
    """0 1 2 … within each group of the given sizes."""
    return np.arange(sizes.sum(), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _combine(keys: Codes, codes: Codes) -> Codes:
    """One code for each pair of codes."""
    if not len(codes):
        return codes
    _, dense = np.unique(keys, return_inverse=True)
    return dense.astype(np.int64) * (codes.max() + 1) + codes
