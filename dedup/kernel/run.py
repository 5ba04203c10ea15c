"""One door to both paths: compiled where numba is there, numpy and rapidfuzz with ``LASTRO_KERNEL=numpy``; the same results."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.kernel.blocks import Blocks, Share, group, inside, membership, shares, within
from dedup.kernel.columns import Ints, Texts
from dedup.kernel.program import CUSTOM, Program, Weighing, pack

WORKERS = 2
_SHARES = 24
_PIECE = 200_000
"""Pairs each piece of the fallback looks at together."""


@dataclass(frozen=True)
class Edges:
    """Pairs that survived: rows ``a`` < ``b``, log-odds in ``bits``, packed ``pattern`` of levels; ``seen``: pairs looked at."""

    a: npt.NDArray[np.int32]
    b: npt.NDArray[np.int32]
    bits: npt.NDArray[np.float32]
    pattern: npt.NDArray[np.int64]
    seen: int

    def __len__(self) -> int:
        return len(self.a)

    def above(self, cut: float) -> "Edges":
        """Those whose log-odds reach ``cut`` bits."""
        return self.of(self.bits >= cut)

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Edges":
        """Those of a mask."""
        return Edges(self.a[chosen], self.b[chosen], self.bits[chosen], self.pattern[chosen], self.seen)


def is_compiled() -> bool:
    """Whether the compiled path is taken."""
    return os.environ.get("LASTRO_KERNEL", "numba") != "numpy" and find_spec("numba") is not None


def levels_of(program: Program, a: Ints, b: Ints) -> npt.NDArray[np.int8]:
    """Levels of all comparisons for pairs of row numbers: (pairs, K), -1 where a side is missing."""
    if not is_compiled():
        from dedup.kernel import fallback

        return fallback.levels_of(program, fallback.Words(program.texts), a, b)
    from dedup.kernel import compiled

    out = np.empty((len(a), len(program.operation)), dtype=np.int8)
    comparing = program.comparing
    in_pieces(len(a), lambda low, high: compiled.levels_of(a[low:high], b[low:high], out[low:high], comparing))
    return out


def weigh(program: Program, a: Ints, b: Ints, prior: float) -> tuple[npt.NDArray[np.float64], Ints]:
    """Log-odds in bits and packed patterns of pairs of row numbers."""
    if not is_compiled():
        from dedup.kernel import fallback

        levels = levels_of(program, a, b)
        return fallback.weigh(program, levels, a, prior), pack(levels)
    from dedup.kernel import compiled

    bits, pattern = np.empty(len(a)), np.empty(len(a), dtype=np.int64)
    comparing, weighing = program.comparing, program.hoping(prior)
    in_pieces(len(a), lambda low, high: compiled.weigh(a[low:high], b[low:high], bits[low:high], pattern[low:high], comparing, weighing))
    return bits, pattern


def score_blocks(program: Program, blocks: Sequence[Blocks], prior: float, cut: float, source: Ints | None = None, ids: Any = None) -> Edges:
    """All pairs of all blocks, each once, whose log-odds reach ``cut`` bits. ``source`` (n,): rows of one source are no pairs.

    ``ids`` (n, rules): each row's block by rule, -1 for none, where ``blocks`` do not hold all blocks of these rows.
    """
    ids = membership(len(program.rows), blocks) if ids is None else ids
    source = np.empty(0, dtype=np.int32) if source is None else source.astype(np.int32)
    comparing, weighing = program.comparing, program.hoping(prior)

    def piece(share: Share) -> tuple[Any, ...]:
        rule, low, high, lines = share
        part = blocks[rule]
        if not is_compiled():
            return _piece(program, part, low, high, lines, rule, ids, source, cut, weighing)
        from dedup.kernel import compiled

        starts, stops, ends = part.starts[low:high], part.ends[low:high] - 1, part.ends[low:high]
        if lines is not None:
            starts, stops = starts + lines[0], starts + lines[1]
        return compiled.block_pairs(part.order, starts, stops, ends, rule, ids, source, cut, comparing, weighing)

    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(piece, shares(blocks, _SHARES)))
    if not found:
        return Edges(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int64), 0)
    a, b, bits, pattern = (np.concatenate(part) for part in list(zip(*found, strict=True))[:4])
    return Edges(a, b, bits, pattern, sum(part[4] for part in found))


def pairs_of(blocks: Sequence[Blocks], n: int) -> tuple[Ints, Ints]:
    """All pairs of all blocks, each once, by its first rule: row numbers, the smaller first."""
    ids = membership(n, blocks)
    firsts, seconds = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for rule, part in enumerate(blocks):
        a, b = inside(part)
        new = _new(a, b, rule, ids, np.empty(0))
        firsts.append(a[new])
        seconds.append(b[new])
    return np.concatenate(firsts), np.concatenate(seconds)


def load() -> None:
    """Load the compiler's own tables and the first function, once per process: half a second before the first call of any compiled function."""
    if is_compiled():
        from dedup.kernel import compiled

        compiled.letter_masks(np.empty(0, dtype=np.uint16), np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.uint64))


def letter_masks(texts: Texts) -> npt.NDArray[np.uint64]:
    """Which letters each value has, one bit for each unit modulo 64; empty on the fallback path, which does without."""
    if not is_compiled():
        return np.empty(0, dtype=np.uint64)
    from dedup.kernel import compiled

    masks = np.empty(len(texts.begin) - 1, dtype=np.uint64)
    compiled.letter_masks(texts.chars, texts.begin, masks)
    return masks


def group_keys(keys: npt.NDArray[np.int64], cap: int) -> Blocks:
    """Blocks of equal keys, by ``blocks.group``."""
    if not is_compiled():
        return group(keys, cap)
    from dedup.kernel import compiled

    slots = 1 << max(int(np.ceil(np.log2(max(len(keys), 1) * 4))), 4)
    return group(keys, cap, lambda keys: compiled.seen_twice(keys, slots))


def _piece(
    program: Program, part: Blocks, low: int, high: int, lines: tuple[int, int] | None, rule: int, ids: Any, source: Ints, cut: float, weighing: Weighing
) -> tuple[Any, ...]:
    """Some blocks of one rule by the fallback."""
    from dedup.kernel import fallback

    words = fallback.Words(program.texts)
    if lines is not None:  # a block so large that it was cut: each line is a first row and all rows after it
        return _lines(program, words, part.order[part.starts[low] : part.ends[low]], lines, rule, ids, source, cut, weighing)
    sizes = part.ends[low:high] - part.starts[low:high]
    edges = np.unique(np.r_[0, np.searchsorted(np.cumsum(sizes * (sizes - 1) // 2), np.arange(1, 10_000) * _PIECE), len(sizes)])
    out: list[tuple[Any, ...]] = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int64))]
    seen = 0
    for start, end in pairwise(edges):
        a, b = inside(Blocks(part.order, part.starts[low + start : low + end], part.ends[low + start : low + end], part.hubs))
        new = _new(a, b, rule, ids, source)
        seen += int(new.sum())
        out.append(_surviving(program, words, a[new], b[new], cut, weighing))
    return (*(np.concatenate(side) for side in zip(*out, strict=True)), seen)


def _lines(
    program: Program, words: Any, order: Ints, lines: tuple[int, int], rule: int, ids: Any, source: Ints, cut: float, weighing: Weighing
) -> tuple[Any, ...]:
    """Lines of one large block: each a first row with all rows after it."""
    out = [(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int64))]
    seen = 0
    step = max(_PIECE // max(len(order), 1), 1)
    for low in range(lines[0], lines[1], step):
        firsts = np.arange(low, min(low + step, lines[1]))
        many = len(order) - 1 - firsts
        place = np.repeat(firsts, many)
        a, b = order[place], order[place + 1 + within(many)]
        a, b = np.minimum(a, b), np.maximum(a, b)
        new = _new(a, b, rule, ids, source)
        seen += int(new.sum())
        out.append(_surviving(program, words, a[new], b[new], cut, weighing))
    return (*(np.concatenate(side) for side in zip(*out, strict=True)), seen)


def _new(a: Ints, b: Ints, rule: int, ids: Any, source: Ints) -> npt.NDArray[np.bool_]:
    """Pairs that no earlier rule has, of different sources."""
    new = np.ones(len(a), dtype=bool)
    for q in range(rule):
        new &= (ids[a, q] < 0) | (ids[a, q] != ids[b, q])
    return new & (source[a] != source[b]) if len(source) else new


def _surviving(program: Program, words: Any, a: Ints, b: Ints, cut: float, weighing: Weighing) -> tuple[Any, ...]:
    from dedup.kernel import fallback

    levels = fallback.levels_of(program, words, a, b)
    bits = fallback.weigh(program, levels, a, weighing.prior)
    keep = bits + weighing.best[program.operation == CUSTOM].sum() >= cut
    return a[keep].astype(np.int32), b[keep].astype(np.int32), bits[keep].astype(np.float32), pack(levels[keep])


def in_pieces(n: int, work: Any) -> None:
    """``work(low, high)`` over n pairs, two threads at a time."""
    if n < 20_000:
        work(0, n)
        return
    edges = np.linspace(0, n, 2 * WORKERS + 1).astype(np.int64)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def warm_up() -> None:
    """Compile every function for the types they are called with, and keep the code (numba's cache beside this package, or NUMBA_CACHE_DIR)."""
    import pandas as pd

    from dedup.engine import link_frame
    from dedup.table import Table

    rows = 3 * ["ana", "bia", "caio", "davi", "eva", "gil", "ivo", "lia"]
    frame = pd.DataFrame({"name": rows, "other": rows[::-1], "day": "1990-01-02", "at": [f"{row}{number % 3}@mail.example" for number, row in enumerate(rows)]})
    comparisons = {"name": {"compare": "text", "swap": "other"}, "day": {"compare": "date"}, "at": {"compare": "email"}}
    for full in (0, 10_000):
        blocking = {"full": full, "rules": [["name"], ["at"]]}
        link_frame(frame, Table.model_validate({"blocking": blocking, "comparisons": comparisons, "train_from": 10}))
    if is_compiled():
        from dedup.kernel import words

        names = np.array(rows, dtype=object)
        words.levels(words.split(names), np.arange(len(rows)), np.arange(len(rows))[::-1], in_pieces)
