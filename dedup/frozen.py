"""A model at rest: level weights and value frequencies as they were when it was learned, so that adding records moves no weight.

Frequencies are kept by keyed hash, and only of values that three rows or more held: no text, and nothing about a value
that is one person's own. So are the values that say nothing (``hub``, ``shared_by``): which ones is part of the model, and what
becomes one later is seen when the model is learned again.
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
from dedup.table import Table, under

Hashes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Frozen:
    """``table`` and ``weights`` (as ``Result.model``); ``known``: per column of a comparison with term frequency the hashes of frequent
    values, sorted, their rarity in bits, and the rarity of all others; ``silent``: per comparison with ``hub`` or ``shared_by`` the
    hashes of the values that say nothing, sorted. ``secret`` keys every hash."""

    table: Table
    weights: Mapping[str, Any]
    known: Mapping[str, tuple[Hashes, npt.NDArray[np.float64], float]]
    silent: Mapping[str, Hashes]
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

    def __call__(self, texts: pa.Array) -> Hashes:
        """One hash per text; -1 for null and blank ones."""
        texts = texts if pa.types.is_large_string(texts.type) else texts.cast(pa.large_string())
        texts = pc.fill_null(texts, "") if texts.null_count else texts
        plain = self._compiled(texts) if run.is_compiled() else self._plain(texts)
        blank = pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
        return np.where(blank, -1, (plain & np.uint64(2**63 - 1)).astype(np.int64))

    def _plain(self, texts: pa.Array) -> npt.NDArray[np.uint64]:
        plain = np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)
        return np.asarray(pd.util.hash_array(plain, hash_key=self._key, categorize=False), dtype=np.uint64)

    def _compiled(self, texts: pa.Array) -> npt.NDArray[np.uint64]:
        from dedup.kernel.siphash import siphash

        _, offsets, data = texts.buffers()
        begin = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1] if len(texts) else np.zeros(1, np.int64)
        out = np.empty(len(texts), dtype=np.uint64)
        siphash(np.frombuffer(data or b"", np.uint8), begin, np.frombuffer(self._key.encode(), np.uint64), out)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # pandas spreads every hash so once more
            out ^= out >> np.uint64(shift)
            out *= np.uint64(factor)
        return out ^ (out >> np.uint64(31))


def freeze(frame: pd.DataFrame, table: Table, weights: Mapping[str, Any], secret: bytes) -> Frozen:
    """The model with the frequencies of these rows. Raises LastroError for what an index cannot follow."""
    table = indexable(under(table, weights))
    learned = training.from_dict(weights, table)
    hasher = Hasher(secret)
    known, silent = {}, {}
    for k, (name, part) in enumerate(table.comparisons.items()):
        column = part.column or name
        columns = encode(frame, [column, part.shared_by] if part.shared_by else [column]) if part.hub or part.shared_by or part.term_frequency else {}
        if part.hub or part.shared_by:
            off = programs.silent(columns, column, part.hub, part.shared_by, part.shared_most)
            silent[name] = np.sort(hasher(columns[column].values.filter(pa.array(off)))) if off is not None else np.empty(0, dtype=np.int64)
        if not part.term_frequency:
            continue
        held = columns[column]
        total = max(held.counts.sum(), 1)
        many = int((held.counts > 2).sum())  # the most frequent come first
        hashes = hasher(held.values.slice(0, many))
        by = np.argsort(hashes)
        bits = np.log2(learned.u[k, 0] / (held.counts[:many] / total))
        known[column] = hashes[by], bits[by], float(np.log2(learned.u[k, 0] / (2 / total)))
    return Frozen(table, weights, known, silent, secret)


def indexable(table: Table) -> Table:
    """``table`` without the full index of small tables. Raises LastroError for a custom comparison: an index keeps no whole texts to give to it."""
    for name, part in table.comparisons.items():
        if part.compare == "custom":
            raise LastroError(f"The comparison {name} cannot be kept in an index.", "An index follows no custom feature.")
    return table.model_copy(update={"blocking": table.blocking.model_copy(update={"full": 0})})


def full_run(frame: pd.DataFrame, frozen: Frozen) -> tuple[Ints, run.Edges]:
    """Clusters (n,) and edges of one run of the engine over all rows, in their order, under a frozen model."""
    table, weights = frozen.table, frozen.learned
    if len(frame) < 2:
        return np.arange(len(frame)), engine.nothing()
    ready = engine.prepare(frame, table)
    hasher, plain = frozen.hasher, ready.program
    if frozen.silent:  # those of the model, not those of these rows
        off = {
            name: _off(ready.columns[part.column or name].values, frozen.silent[name], hasher) if name in frozen.silent else None
            for name, part in table.comparisons.items()
        }
        plain = programs.build(table, ready.columns, off)
    rarity = np.zeros(plain.texts.base[-1])
    for k, (name, part) in enumerate(table.comparisons.items()):
        column = part.column or name
        if column in frozen.known:
            values = ready.columns[column].values
            low = plain.base[plain.cols[k, 0]]
            rarity[low : low + len(values)] = frozen.rarity(column, hasher(values))
    program = weighed(plain, weights, rarity)
    source = engine.source_of(frame, table)
    edges = run.score_blocks(program, ready.blocks, weights.prior, table.clusters.edge, source)
    return engine.clusters(frame, table, program, weights.prior, edges, source, len(frame)), edges


def _off(values: pa.Array, silent: Hashes, hasher: Hasher) -> npt.NDArray[np.bool_] | None:
    found = np.isin(hasher(values), silent)
    return found if found.any() else None


def weighed(program: Program, weights: training.Weights, rarity: npt.NDArray[np.float64]) -> Program:
    """``program`` with the model's weights, and those of its relations where it has any."""
    return program.weighing(weights.bits, rarity, weights.related_bits, weights.related_prior)
