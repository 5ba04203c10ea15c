"""Which columns, derivations and keys an index works out of every row, and their keyed hashes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dedup import programs
from dedup.frozen import Hasher
from dedup.kernel import incremental as loops
from dedup.kernel.columns import Ints, encode
from dedup.kernel.program import Program
from dedup.table import Table, split_key

Key = tuple[str, str, int]
"""Column, derivation, count."""


@dataclass(frozen=True)
class Change:
    """Rows whose cluster was worked out again: ``ids`` and ``clusters`` (each the smallest id of its cluster); ``gone`` ids; what it took in seconds."""

    ids: npt.NDArray[np.int64]
    clusters: npt.NDArray[np.int64]
    gone: npt.NDArray[np.int64]
    timings: Mapping[str, float]


@dataclass(frozen=True)
class Found:
    """A known row that may be the one looked for: its id, its cluster (smallest id in it), log-odds in bits, probability, level per comparison."""

    id: int
    cluster: int
    bits: float
    probability: float
    evidence: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """``slots``: what each column of codes holds; ``read``: slots whose letters are compared, ``dates``: those that are dates, ``terms``: slot to column
    with term frequency, ``swaps``: slot to the slot it is sometimes exchanged with, ``silent``: slot to the hashes of values that say nothing there;
    ``keys``: all texts to hash, slots first; ``mix``: how hashes become the numbers of slots and rules; ``bare``: the program without rows."""

    columns: tuple[str, ...]
    slots: tuple[Key, ...]
    read: frozenset[int]
    dates: frozenset[int]
    terms: Mapping[int, str]
    swaps: Mapping[int, int]
    silent: Mapping[int, Ints]
    keys: tuple[Key, ...]
    rules: int
    mix: tuple[Ints, Ints, Ints]
    bare: Program

    def hashes(self, texts: Mapping[str, pa.Array], hasher: Hasher) -> tuple[Ints, list[pa.Array]]:
        """Hash of every key (keys, n), -1 for blank, and the texts they are of."""
        derived = [programs.derived_texts(texts[name], how, count) if how else texts[name] for name, how, count in self.keys]
        hashes = hasher(pa.concat_arrays(derived)).reshape(len(self.keys), -1)
        for slot, off in self.silent.items():
            hashes[slot, np.isin(hashes[slot], off)] = -1
        return hashes, derived

    def mixed(self, hashes: Ints) -> Ints:
        """One number per slot, then one per rule: (slots + rules, n), -1 where a value is missing."""
        out = np.empty((len(self.slots) + self.rules, hashes.shape[1]), dtype=np.int64)
        loops.mix(hashes, *self.mix, out)
        return out


def plan(table: Table, silent: Mapping[str, Ints]) -> Plan:
    """The plan of a table. ``silent``: by comparison the hashes of values that say nothing; such a comparison gets a slot of its own."""
    columns = table.columns
    off = {name: np.zeros(1, dtype=bool) if name in silent else None for name in table.comparisons}
    program = programs.build(table, encode(pd.DataFrame({name: ["x"] for name in columns}), columns), off)
    slots: dict[int, Key] = {}
    read, dates, terms, swaps, quiet = set(), set(), {}, {}, {}
    for k, (name, part) in enumerate(table.comparisons.items()):
        column, cols = part.column or name, [int(at) for at in program.cols[k]]
        named = [column, part.swap or part.street, part.number]
        for at, title in zip(cols, named, strict=False):
            if title:
                slots[at] = (title, "", 0)
        if name in silent:
            slots[cols[0]] = (column, "", k + 1)  # the count, without meaning for a whole value, tells its hashes from those of the column
            quiet[cols[0]] = silent[name]
        if part.compare == "email":
            slots[cols[1]] = (column, "user", 0)
            read.add(cols[1])
        elif part.compare == "date":
            dates.add(cols[0])
        elif part.compare != "identifier":
            read.update(at for at in cols[:2] if at >= 0)
        if part.term_frequency:
            terms[cols[0]] = column
        if part.swap:
            swaps[cols[0]] = cols[1]
    ordered = tuple(slots[at] for at in range(len(slots)))
    rules = [[split_key(key) for key in rule] for rule in table.blocking.rules]
    keys = tuple(dict.fromkeys([*ordered, *(key for rule in rules for key in rule)]))
    parts = [[at] for at in range(len(ordered))] + [[keys.index(key) for key in rule] for rule in rules]
    seeds = np.array([1000 + at for at in range(len(ordered))] + list(range(1, len(rules) + 1)), dtype=np.int64)
    mix = seeds, np.cumsum([0, *map(len, parts)]).astype(np.int64), np.concatenate(parts).astype(np.int64)
    return Plan(columns, ordered, frozenset(read), frozenset(dates), terms, swaps, quiet, keys, len(rules), mix, program)


def texts_of(frame: pd.DataFrame, names: tuple[str, ...]) -> dict[str, pa.Array]:
    """Columns as texts, blank where missing."""
    found = {}
    for name in names:
        array = pa.array(frame[name], from_pandas=True)
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        array = array if pa.types.is_large_string(array.type) else array.cast(pa.large_string())
        found[name] = pc.fill_null(array, "") if array.null_count else array
    return found


def letters(units: npt.NDArray[np.uint16], begin: Ints) -> npt.NDArray[np.uint64]:
    """Which letters each value has, one bit for each unit modulo 64."""
    masks = np.zeros(len(begin) - 1, dtype=np.uint64)
    some = begin[1:] > begin[:-1]
    if some.any():
        masks[some] = np.bitwise_or.reduceat(np.left_shift(np.uint64(1), (units & 63).astype(np.uint64)), begin[:-1][some])
    return masks


def one_row(record: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, pa.Array]:
    """The texts of one record, blank where it says nothing."""
    return {name: pa.array([record.get(name) or ""], pa.large_string()) for name in names}
