"""The same work as ``compiled`` in numpy and rapidfuzz, for machines without a compiler: slower, the same results."""

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from dedup.kernel.columns import Ints, Texts
from dedup.kernel.program import ADDRESS, COMPOSITE, CUSTOM, DATE, EDITS, EMAIL, IDENTIFIER, ONE_SIDED, PREFIX, TEXT, Program

_CHUNK = 500_000
_NOBODY = np.array([None], dtype=object)


class Words:
    """The distinct texts as Python strings, decoded when a column is first asked for."""

    def __init__(self, texts: Texts) -> None:
        self.texts, self.columns = texts, {}  # type: ignore[var-annotated]

    def of(self, column: int) -> npt.NDArray[np.object_]:
        """All values of a column of ``base``."""
        if column not in self.columns:
            low, high = self.texts.base[column], self.texts.base[column + 1]
            whole = self.texts.chars[self.texts.begin[low] : self.texts.begin[high]].tobytes().decode("utf-16-le", "surrogatepass")
            at = self.texts.begin[low : high + 1] - self.texts.begin[low]
            if len(whole) != at[-1]:  # stand-ins for letters beyond the basic plane were read as pairs
                units = self.texts.chars[self.texts.begin[low] : self.texts.begin[high]]
                whole = "".join(map(chr, units.tolist()))
            self.columns[column] = np.array([whole[a:b] for a, b in pairwise(at)], dtype=object)
        return self.columns[column]


def levels_of(program: Program, words: Words, a: Ints, b: Ints) -> npt.NDArray[np.int8]:
    """Levels of all comparisons for given pairs of rows: (pairs, K)."""
    parts = [_levels(program, words, a[at : at + _CHUNK], b[at : at + _CHUNK]) for at in range(0, len(a), _CHUNK)]
    return np.vstack(parts) if parts else np.empty((0, len(program.operation)), dtype=np.int8)


def weigh(program: Program, levels: npt.NDArray[np.int8], a: Ints, prior: float) -> npt.NDArray[np.float64]:
    """Log-odds in bits of pairs with these levels; ``a`` gives the values agreed on."""
    total = np.full(len(levels), prior)
    for k in range(levels.shape[1]):
        found = levels[:, k]
        at = np.flatnonzero(found > 0)
        total[at] += program.weights[k, found[at]]
        at = np.flatnonzero(found == 0)
        total[at] += program.weights[k, 0] + (_rarity(program, k, a[at]) if program.operation[k] < COMPOSITE and program.cols[k, 0] >= 0 else 0.0)
    if not len(program.related_prior):
        return total
    odds = np.ones(len(levels))
    for prior, weights in zip(program.related_prior, program.related, strict=True):
        bits = np.full(len(levels), prior)
        for k in range(levels.shape[1]):
            at = np.flatnonzero(levels[:, k] >= 0)
            bits[at] += weights[k, levels[at, k]]
            at = np.flatnonzero(levels[:, k] == 0)
            if program.operation[k] < COMPOSITE and program.cols[k, 0] >= 0 and weights[k, 0] != 0.0:
                bits[at] += _rarity(program, k, a[at])
        odds += np.exp2(bits)
    return np.asarray(total - np.log2(odds))


def _rarity(program: Program, k: int, a: Ints) -> npt.NDArray[np.float64]:
    c = program.cols[k, 0]
    return program.rarity[program.base[c] + program.rows[a, c]]


def _levels(program: Program, words: Words, a: Ints, b: Ints) -> npt.NDArray[np.int8]:
    out = np.full((len(a), len(program.operation)), -1, dtype=np.int8)
    for k, what in enumerate(program.operation):
        if what == CUSTOM:
            continue
        c = program.cols[k, 0]
        x, y = program.rows[a, c], program.rows[b, c]
        if what == ONE_SIDED:
            out[:, k] = np.select([(x < 0) & (y < 0), (x < 0) | (y < 0), x == y], [-1, 1, 0], 2)
            continue
        if what == ADDRESS:
            out[:, k] = _address(program, words, k, a, b)
            continue
        both = (x >= 0) & (y >= 0)
        out[both & (x == y), k] = 0
        at = np.flatnonzero(both & (x != y))
        out[at, k] = _differing(program, words, k, int(what), a[at], b[at], x[at], y[at])
    return out


def _differing(program: Program, words: Words, k: int, what: int, a: Ints, b: Ints, x: Ints, y: Ints) -> Any:
    if what == IDENTIFIER:
        return 1
    c, other = program.cols[k, :2]
    count = program.count[k]
    steps = program.steps[k, :count]
    if what == DATE:
        return _date(program.texts.numbers[program.base[c] + x], program.texts.numbers[program.base[c] + y], steps)
    values = words.of(int(program.place[c]))
    first, swapped = 1, np.zeros(len(a), dtype=bool)
    if other >= 0 and what in (TEXT, EDITS):
        x2, y2 = program.rows[a, other], program.rows[b, other]
        beside = np.append(words.of(int(program.place[other])), _NOBODY)
        swapped = (x2 >= 0) & (y2 >= 0) & (x2 != y2) & (values[x] == beside[y2]) & (values[y] == beside[x2])
        first = 2
    if what == TEXT:
        found = first + _step(process.cpdist(values[x], values[y], scorer=JaroWinkler.similarity, dtype=np.float64), steps)
    elif what == EDITS:
        found = first + _step(-process.cpdist(values[x], values[y], scorer=OSA.distance, dtype=np.int32), -steps)
    elif what == EMAIL:
        x2, y2 = program.rows[a, other], program.rows[b, other]
        users = np.append(words.of(int(program.place[other])), _NOBODY)
        known = (x2 >= 0) & (y2 >= 0)
        found = np.full(len(a), 2 + count)
        found[known] = 2 + _step(process.cpdist(users[x2[known]], users[y2[known]], scorer=JaroWinkler.similarity, dtype=np.float64), steps)
        found[known & (x2 == y2)] = 1
    elif what == PREFIX:
        alike = [
            np.array([p[: int(step)] == q[: int(step)] and len(p) >= step and len(q) >= step for p, q in zip(values[x], values[y], strict=True)], dtype=bool)
            for step in steps
        ]
        found = 1 + np.select(alike, range(len(alike)), len(alike))
    else:
        raise ValueError(f"operation {what}")
    return np.where(swapped, 1, found)


def _address(program: Program, words: Words, k: int, a: Ints, b: Ints) -> Ints:
    (p, q), (s, t), (u, v) = ((program.rows[a, c], program.rows[b, c]) for c in program.cols[k])
    postal, street = (p >= 0) & (q >= 0), (s >= 0) & (t >= 0)
    same = (postal & (p == q)) | (street & (s == t))
    at = np.flatnonzero(street & ~same)
    values = words.of(int(program.place[program.cols[k, 1]]))
    same[at] = process.cpdist(values[s[at]], values[t[at]], scorer=JaroWinkler.similarity, dtype=np.float64) >= program.steps[k, 0]
    area = np.zeros(len(a), dtype=bool)
    at = np.flatnonzero(postal & ~same)
    codes, size = words.of(int(program.place[program.cols[k, 0]])), int(program.steps[k, 1])
    area[at] = [len(one) >= size and one[:size] == other[:size] for one, other in zip(codes[p[at]], codes[q[at]], strict=True)]
    return np.select([~postal & ~street, same & (u >= 0) & (u == v), same, area], [-1, 0, 1, 2], 3)


def _step(score: Any, steps: Any) -> Ints:
    """0 where the first step is reached, 1 where the second is, …"""
    return np.select([score >= step for step in steps], range(len(steps)), len(steps)).astype(np.int64)


def _date(x: Ints, y: Ints, steps: Any) -> Ints:
    x, y = x.astype(np.int64), y.astype(np.int64)
    exchanged = (x // 10000 == y // 10000) & (x // 100 % 100 == y % 100) & (x % 100 == y // 100 % 100)
    digits = [(x // 10**at % 10, y // 10**at % 10) for at in range(8)]
    wrong = np.stack([p != q for p, q in digits])
    neighbours = np.zeros(len(x), dtype=bool)
    for (p, q), (r, s) in pairwise(digits):
        neighbours |= (p != q) & (p == s) & (r == q)
    slip = exchanged | (wrong.sum(axis=0) == 1) | ((wrong.sum(axis=0) == 2) & neighbours)
    apart = np.abs(_days(x) - _days(y))
    found = np.select([x == y, slip, *[apart <= step for step in steps]], range(2 + len(steps)), 2 + len(steps))
    return np.where((x < 0) | (y < 0), -1, found)


def _days(number: Ints) -> Ints:
    y, m, d = number // 10000, number // 100 % 100, number % 100
    early = m <= 2
    y, m = y - early, m + 12 * early
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d
