"""How alike two names are, word by word, for millions of pairs: ``dedup.names`` as compiled code on coded words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from dedup.kernel.columns import Ints, units
from dedup.kernel.text import BARE, JIT, LONGEST, common_prefix, osa
from dedup.names import CLOSE, DIFFERENT, EXACT, FULL, GIVEN, PARTIAL


@dataclass(frozen=True)
class Words:
    """The words of all texts: text t has the words ``words[first[t] : first[t + 1]]``, numbered in the order of the alphabet;
    word w is ``chars[begin[w] : begin[w + 1]]``."""

    first: Ints
    words: Ints
    begin: Ints
    chars: Ints


def split(texts: npt.NDArray[np.object_]) -> Words:
    """The words of texts, between blanks."""
    parts = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(pa.array(texts, pa.large_string())))
    coded = parts.values.dictionary_encode()
    order = pc.array_sort_indices(coded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    letters, sizes = units(coded.dictionary.take(pa.array(order)), {})
    words = rank[coded.indices.to_numpy()]
    empty = len(coded.dictionary) > 0 and coded.dictionary[int(order[0])].as_py() == ""  # what splitting makes of an empty text
    first = parts.offsets.to_numpy().astype(np.int64)
    if empty:
        first, words = np.r_[0, np.cumsum(words != 0)][first], words[words != 0]
    return Words(first, words, np.r_[0, np.cumsum(sizes)].astype(np.int64), letters)


@njit(forceinline=True, **BARE)
def _initial(x, y, begin, chars):
    one = begin[x + 1] - begin[x] == 1 or begin[y + 1] - begin[y] == 1
    return one and x != y and chars[begin[x]] == chars[begin[y]]


@njit(**BARE)
def _alike(x, y, begin, chars, scratch):
    if x == y or _initial(x, y, begin, chars):
        return True
    if begin[x + 1] - begin[x] > begin[y + 1] - begin[y]:
        x, y = y, x
    a, ae, b, be = begin[x], begin[x + 1], begin[y], begin[y + 1]
    size = ae - a
    if size < 4:
        return False
    same = common_prefix(chars, a, ae, b, be, size)
    if same == size and be - b == size + 1 and chars[be - 1] == ord("a"):
        return False  # Gabriel and Gabriela
    if same == size - 1 and be - b == size:
        p, q = chars[ae - 1], chars[be - 1]
        if (p == ord("a") and q == ord("o")) or (p == ord("o") and q == ord("a")):
            return False  # Paulo and Paula
    most = 1 if size < 9 else 2
    return osa(chars, a, ae, b, be, most, scratch) <= most


@njit(**BARE)
def _level(s, se, t, te, words, begin, chars, scratch, used):
    """Level of the names ``words[s:se]`` and ``words[t:te]``; ``used`` has room for as many words as a name may have."""
    many, more = se - s, te - t
    if many == more:
        at = 0
        while at < many and words[s + at] == words[t + at]:
            at += 1
        if at == many:
            return FULL if many > 2 else EXACT
    swap = many > more
    if many == more:
        swap = words[s + at] > words[t + at]
    if swap:
        s, se, t, te, many, more = t, te, s, se, more, many
    if many == 0:
        return DIFFERENT
    given = _alike(words[s], words[t], begin, chars, scratch)
    x, y = words[s], words[t]
    first_only = GIVEN if given and begin[x + 1] - begin[x] > 1 and begin[y + 1] - begin[y] > 1 else DIFFERENT
    if many == 1:
        return CLOSE if more == 1 and first_only == GIVEN else first_only
    aligned, place, abbreviated = 0, t, False
    for at in range(s, se):
        for other in range(place, te):
            if _alike(words[at], words[other], begin, chars, scratch):
                aligned += 1
                place = other + 1
                abbreviated = abbreviated or _initial(words[at], words[other], begin, chars)
                break
    if aligned == many:
        if not given:
            return GIVEN  # goes by a later name
        return CLOSE if many == more and not abbreviated else PARTIAL
    used[:more] = False
    reordered = True
    for at in range(s, se):
        found = False
        for other in range(t, te):
            if used[other - t] or _initial(words[at], words[other], begin, chars):
                continue
            if _alike(words[at], words[other], begin, chars, scratch):
                used[other - t] = True
                found = True
                break
        if not found:
            reordered = False
            break
    if reordered:
        return CLOSE if many == more else PARTIAL
    siblings = _alike(words[se - 1], words[te - 1], begin, chars, scratch)  # another second name before the same family name
    return DIFFERENT if siblings else first_only


@njit(**JIT)
def _levels(x, y, first, words, begin, chars, most, out):
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    used = np.empty(most, dtype=np.bool_)
    for at in range(len(x)):
        a, b = x[at], y[at]
        out[at] = _level(first[a], first[a + 1], first[b], first[b + 1], words, begin, chars, scratch, used)


def levels(texts: Words, x: Ints, y: Ints, in_pieces: Any) -> npt.NDArray[np.int8]:
    """Level of every pair of texts (numbers of texts, (pairs,) each); ``in_pieces(n, work)`` cuts the work into pieces."""
    out = np.empty(len(x), dtype=np.int8)
    told = (texts.first, texts.words, texts.begin, texts.chars, np.diff(texts.first).max(initial=1))
    in_pieces(len(x), lambda low, high: _levels(x[low:high], y[low:high], *told, out[low:high]))
    return out
