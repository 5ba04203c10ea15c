"""A model at rest: level weights and value frequencies as they were when it was learned, so that adding records moves no weight.

Frequencies are kept by keyed hash, and only of values that three rows or more held: no text, and nothing about a value
that is one person's own.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.errors import LastroError
from dedup import engine, programs, training
from dedup.kernel import run
from dedup.kernel.columns import Ints, encode
from dedup.kernel.program import Program
from dedup.table import Table

Hashes = npt.NDArray[np.int64]
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


@dataclass(frozen=True)
class Frozen:
    """``table`` and ``weights`` (as ``Result.model``); ``known``: per column of a comparison with term frequency the hashes of frequent
    values, sorted, their rarity in bits, and the rarity of all others. ``secret`` keys every hash."""

    table: Table
    weights: Mapping[str, Any]
    known: Mapping[str, tuple[Hashes, npt.NDArray[np.float64], float]]
    secret: bytes

    @property
    def learned(self) -> training.Weights:
        """The weights as arrays."""
        return training.from_dict(self.weights, self.table)

    def rarity(self, column: str, hashes: Hashes) -> npt.NDArray[np.float64]:
        """Bits that agreeing on each value adds."""
        if column not in self.known:
            return np.zeros(len(hashes))
        keys, bits, other = self.known[column]
        at = np.minimum(np.searchsorted(keys, hashes), max(len(keys) - 1, 0))
        return np.where(keys[at] == hashes, bits[at], other) if len(keys) else np.full(len(hashes), other)

    @property
    def hasher(self) -> "Hasher":
        """Keyed hashes of texts."""
        return Hasher(self.secret)


class Hasher:
    """SipHash-2-4 under a key of its own for this use (Aumasson and Bernstein 2012): 63 bits, so that among 5 million values
    two share one with a probability of about one in a million."""

    def __init__(self, secret: bytes) -> None:
        digest = hashlib.blake2b(digest_size=12, key=secret, person=b"linkage index").digest()
        self._key = base64.urlsafe_b64encode(digest).decode()

    def __call__(self, texts: npt.NDArray[np.object_]) -> Hashes:
        """One hash per text; -1 for blank ones."""
        plain = pd.util.hash_array(texts, hash_key=self._key, categorize=False) & np.uint64(2**63 - 1)
        hashes: Hashes = plain.astype(np.int64)
        hashes[[not text or text.isspace() for text in texts.tolist()]] = -1
        return hashes


def mixed(seed: int, *parts: Hashes) -> Hashes:
    """One key from the hashes of several values, different for every ``seed``; -1 where one is missing (splitmix64)."""
    missing = np.zeros(len(parts[0]), dtype=bool)
    key = np.full(len(parts[0]), seed + 1, dtype=np.uint64)
    for part in parts:
        missing |= part < 0
        key = (key * np.uint64(0x9E3779B97F4A7C15)) ^ part.astype(np.uint64)
        key = (key ^ (key >> np.uint64(30))) * _MIX[0]
        key = (key ^ (key >> np.uint64(27))) * _MIX[1]
        key ^= key >> np.uint64(31)
    return np.where(missing, -1, (key >> np.uint64(1)).astype(np.int64))


def freeze(frame: pd.DataFrame, table: Table, weights: Mapping[str, Any], secret: bytes) -> Frozen:
    """The model with the frequencies of these rows. Raises LastroError for what an index cannot follow."""
    table = indexable(table)
    learned = training.from_dict(weights, table)
    hasher = Hasher(secret)
    known = {}
    for k, (name, part) in enumerate(table.comparisons.items()):
        if not part.term_frequency:
            continue
        column = encode(frame, [part.column or name])[part.column or name]
        total = max(column.counts.sum(), 1)
        many = int((column.counts > 2).sum())  # the most frequent come first
        hashes = hasher(_objects(column.values.slice(0, many)))
        by = np.argsort(hashes)
        bits = np.log2(learned.u[k, 0] / (column.counts[:many] / total))
        known[part.column or name] = hashes[by], bits[by], float(np.log2(learned.u[k, 0] / (2 / total)))
    return Frozen(table, weights, known, secret)


def indexable(table: Table) -> Table:
    """``table`` without the full index of small tables. Raises LastroError for comparisons whose weight hangs on all other rows."""
    for name, part in table.comparisons.items():
        if part.compare == "custom" or part.hub or part.shared_by:
            raise LastroError(f"The comparison {name} cannot be kept in an index.", "An index follows no custom feature, hub or shared_by.")
    return table.model_copy(update={"blocking": table.blocking.model_copy(update={"full": 0})})


def full_run(frame: pd.DataFrame, frozen: Frozen) -> tuple[Ints, run.Edges]:
    """Clusters (n,) and edges of one run of the engine over all rows, in their order, under a frozen model."""
    table, weights = frozen.table, frozen.learned
    if len(frame) < 2:
        return np.arange(len(frame)), engine._nothing()
    ready = engine.prepare(frame, table)
    hasher = frozen.hasher
    rarity = np.zeros(ready.program.texts.base[-1])
    for k, (name, part) in enumerate(table.comparisons.items()):
        column = part.column or name
        if column in frozen.known:
            values = ready.columns[column].values
            low = ready.program.base[ready.program.cols[k, 0]]
            rarity[low : low + len(values)] = frozen.rarity(column, hasher(_objects(values)))
    program = weighed(ready.program, weights, rarity)
    source = engine._source(frame, table)
    edges = run.score_blocks(program, ready.blocks, weights.prior, table.clusters.edge, source)
    return engine._clusters(frame, table, program, weights.prior, edges, source, len(frame)), edges


def weighed(program: Program, weights: training.Weights, rarity: npt.NDArray[np.float64]) -> Program:
    """``program`` with the model's weights, and those of its relations where it has any."""
    related = (weights.related_bits, weights.related_prior) if hasattr(weights, "related_bits") else ()
    return program.weighing(weights.bits, rarity, *related)


def texts_of(frame: pd.DataFrame | Mapping[str, Any], names: tuple[str, ...]) -> dict[str, pa.Array]:
    """Columns as texts, blank where missing."""
    found = {}
    for name in names:
        array = pa.array(frame[name], from_pandas=True)
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        found[name] = pc.fill_null(array.cast(pa.large_string()), "")
    return found


def hashed(texts: Mapping[str, pa.Array], keys: tuple[tuple[str, str, int], ...], hasher: Hasher) -> tuple[dict[tuple[str, str, int], Hashes], dict[Any, Any]]:
    """Hashes of every key (column, derivation, count), and the derived texts: all of one length."""
    derived = {(name, how, count): programs.derived_texts(texts[name], how, count) if how else texts[name] for name, how, count in keys}
    flat = np.concatenate([_objects(array) for array in derived.values()])
    hashes = hasher(flat)
    size = len(flat) // max(len(keys), 1)
    return {key: hashes[at * size : (at + 1) * size] for at, key in enumerate(derived)}, derived


def _objects(array: pa.Array) -> npt.NDArray[np.object_]:
    plain = np.asarray(array.to_numpy(zero_copy_only=False), dtype=object)
    plain[plain == None] = ""  # noqa: E711
    return plain
