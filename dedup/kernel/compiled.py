"""The compiled path: levels of given pairs, and all pairs of blocks compared, weighed and mostly abandoned in one go.

``c`` is the program's ``Comparing``, ``w`` its ``Weighing``.
"""

import numpy as np
from numba import njit

from dedup.kernel import linkage
from dedup.kernel.program import COMPOSITE, CUSTOM, DATE, EDITS, EMAIL, IDENTIFIER, ONE_SIDED, PREFIX, TEXT
from dedup.kernel.text import BARE, JIT, LONGEST, alike_letters, common_prefix, jaro_winkler_from, osa, popcount

_SLACK = 1e-3
"""Bits: bounds are added in another order than the weight itself."""
_OPEN = -2
"""A level not yet looked at."""


@njit(forceinline=True, **BARE)
def _days(number):
    """Days since a fixed day of a date as yyyymmdd (Hinnant's civil calendar)."""
    y, m, d = number // 10000, number // 100 % 100, number % 100
    if m <= 2:
        y -= 1
        m += 12
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d


@njit(forceinline=True, **BARE)
def _slip(x, y):
    """Whether two dates are one digit, two neighbouring digits exchanged, or day and month exchanged apart."""
    if x // 10000 == y // 10000 and x // 100 % 100 == y % 100 and x % 100 == y // 100 % 100:
        return True
    while x % 10 == y % 10:
        x //= 10
        y //= 10
    if x // 10 == y // 10:
        return True
    return x // 100 == y // 100 and x % 10 == y // 10 % 10 and y % 10 == x // 10 % 10


@njit(forceinline=True, **BARE)
def _date(x, y, steps, count):
    if x < 0 or y < 0:
        return -1
    if x == y:  # written in two ways
        return 0
    if _slip(x, y):
        return 1
    if count > 0:
        apart = abs(_days(x) - _days(y))
        for step in range(count):
            if apart <= steps[step]:
                return 2 + step
    return 2 + count


@njit(forceinline=True, **BARE)
def _letters(c, x, y, steps, count):
    """Step of the Jaro-Winkler similarity of two values: 0 for the closest, ``count`` for none."""
    chars = c.chars
    a, ae, b, be = c.begin[x], c.begin[x + 1], c.begin[y], c.begin[y + 1]
    needed = alike_letters(ae - a, be - b, common_prefix(chars, a, ae, b, be, 4), steps[count - 1])
    if min(ae - a - popcount(c.masks[x] & ~c.masks[y]), be - b - popcount(c.masks[y] & ~c.masks[x])) < needed:
        return count
    similarity = jaro_winkler_from(chars, a, ae, b, be, needed)
    for step in range(count):
        if similarity >= steps[step]:
            return step
    return count


@njit(forceinline=True, **BARE)
def _edits(c, x, y, steps, count, scratch):
    """Step of the number of edits between two values: 0 for the fewest, ``count`` for too many."""
    most = np.int64(steps[count - 1])
    if max(popcount(c.masks[x] & ~c.masks[y]), popcount(c.masks[y] & ~c.masks[x])) > most:
        return count
    apart = osa(c.chars, c.begin[x], c.begin[x + 1], c.begin[y], c.begin[y + 1], most, scratch)
    for step in range(count):
        if apart <= steps[step]:
            return step
    return count


@njit(forceinline=True, **BARE)
def _first_letters(c, x, y, most):
    """How many first letters of two values agree, ``most`` at most."""
    return common_prefix(c.chars, c.begin[x], c.begin[x + 1], c.begin[y], c.begin[y + 1], most)


@njit(forceinline=True, **BARE)
def _differing(k, x, y, a, b, c, scratch):
    """Level of comparison ``k`` for two different present codes ``x`` and ``y`` of rows ``a`` and ``b``; -1 says nothing."""
    what = c.operation[k]
    if what == IDENTIFIER:
        return 1
    low = c.base[c.cols[k, 0]]
    first = 1
    other = c.cols[k, 1]
    if other >= 0 and what in (TEXT, EDITS):
        y2 = c.rows[b, other]
        if y2 >= 0 and c.cross[low + x] == y2:
            x2 = c.rows[a, other]
            if x2 >= 0 and x2 == c.cross[low + y]:
                return 1
        first = 2
    many = c.step_count[k]
    if what == DATE:
        return _date(c.numbers[low + x], c.numbers[low + y], c.steps[k], many)
    if what == TEXT:
        return first + _letters(c, low + x, low + y, c.steps[k], many)
    if what == EDITS:
        return first + _edits(c, low + x, low + y, c.steps[k], many, scratch)
    if what == EMAIL:
        ux, uy = c.rows[a, other], c.rows[b, other]
        if ux < 0 or uy < 0:
            return 2 + many
        if ux == uy:
            return 1
        return 2 + _letters(c, c.base[other] + ux, c.base[other] + uy, c.steps[k], many)
    if what == PREFIX:
        same = _first_letters(c, low + x, low + y, np.int64(c.steps[k, 0]))
        for step in range(many):
            if same >= c.steps[k, step]:
                return 1 + step
        return 1 + many
    return -1


@njit(forceinline=True, **BARE)
def _composite(k, a, b, c):
    """Level of a comparison of several columns (address), or of one where a missing value says something; -1 says nothing."""
    p, q = c.rows[a, c.cols[k, 0]], c.rows[b, c.cols[k, 0]]
    if c.operation[k] == ONE_SIDED:
        if p < 0 and q < 0:
            return -1
        if p < 0 or q < 0:
            return 1
        return 0 if p == q else 2
    s, t = c.rows[a, c.cols[k, 1]], c.rows[b, c.cols[k, 1]]
    u, v = c.rows[a, c.cols[k, 2]], c.rows[b, c.cols[k, 2]]
    postal, street = p >= 0 and q >= 0, s >= 0 and t >= 0
    if not postal and not street:
        return -1
    same = postal and p == q
    if not same and street:
        low = c.base[c.cols[k, 1]]
        same = s == t or _letters(c, low + s, low + t, c.steps[k], 1) == 0
    if same:
        return 0 if u >= 0 and u == v else 1
    if postal:
        low, size = c.base[c.cols[k, 0]], np.int64(c.steps[k, 1])
        if _first_letters(c, low + p, low + q, size) >= size:
            return 2
    return 3


@njit(forceinline=True, **BARE)
def _level(k, a, b, c, scratch):
    """Level of comparison ``k`` for two rows; -1 says nothing."""
    if c.operation[k] == CUSTOM:
        return -1
    if c.operation[k] >= COMPOSITE:
        return _composite(k, a, b, c)
    x, y = c.rows[a, c.cols[k, 0]], c.rows[b, c.cols[k, 0]]
    if x < 0 or y < 0:
        return -1
    if x == y:
        return 0
    return _differing(k, x, y, a, b, c, scratch)


@njit(forceinline=True, **BARE)
def _weight(k, found, a, c, w):
    """Bits of level ``found`` of comparison ``k``, the rarity of the value agreed on included; ``a`` is either row."""
    if found == 0 and c.operation[k] < COMPOSITE:
        column = c.cols[k, 0]
        return w.weights[k, 0] + w.rarity[c.base[column] + c.rows[a, column]]
    return w.weights[k, found]


@njit(forceinline=True, **BARE)
def _beside(total, packed, a, c, w):
    """Log-odds against strangers and the related: ``total`` is against strangers alone."""
    if len(w.related_prior) == 0:
        return total
    odds = 1.0
    for r in range(len(w.related_prior)):
        bits = w.related_prior[r]
        for k in range(len(c.operation)):
            found = (packed >> np.int64(4 * k)) & 15
            if found != 15:
                bits += w.related[r, k, found]
                if found == 0 and c.operation[k] < COMPOSITE and w.related[r, k, 0] != 0.0:
                    bits += w.rarity[c.base[c.cols[k, 0]] + c.rows[a, c.cols[k, 0]]]
        odds += 2.0**bits
    return total - np.log2(odds)


@njit(forceinline=True, **BARE)
def _weigh(a, b, cut, c, w, found, scratch):
    """Log-odds in bits and packed pattern of two rows; minus infinity as soon as they cannot reach ``cut``.

    ``found`` (K,) and ``scratch`` are working space. Custom comparisons, evaluated later, are hoped to give their best.
    """
    many = len(c.operation)
    total = w.prior
    hope = 0.0
    for k in range(many):
        column = max(c.cols[k, 0], 0)
        x, y = c.rows[a, column], c.rows[b, column]
        found[k] = -1
        if c.operation[k] == CUSTOM:
            hope += w.best[k]
        elif c.operation[k] >= COMPOSITE:
            found[k] = _OPEN
            hope += w.best[k]
        elif x >= 0 and y >= 0:
            if x == y:
                found[k] = 0
                total += _weight(k, 0, a, c, w)
            elif c.operation[k] == IDENTIFIER:
                found[k] = 1
                total += w.weights[k, 1]
            else:
                found[k] = _OPEN
                hope += w.best[k]
    if total + hope < cut - _SLACK:
        return -np.inf, np.int64(0)
    for at in range(many):
        k = w.order[at]
        if found[k] != _OPEN:
            continue
        found[k] = _level(k, a, b, c, scratch)
        hope -= w.best[k]
        if found[k] >= 0:
            total += w.weights[k, found[k]]
        if total + hope < cut - _SLACK:
            return -np.inf, np.int64(0)
    # the weight is added up once more in one fixed order, so that every path gives the same number
    total = w.prior
    packed = np.int64(0)
    for k in range(many):
        packed |= np.int64(found[k] & 15) << np.int64(4 * k)
        if found[k] >= 0:
            total += _weight(k, found[k], a, c, w)
    total = _beside(total, packed, a, c, w)
    return (total if total + hope >= cut else -np.inf), packed


@njit(**JIT)
def levels_of(a, b, out, c):
    """Levels of all comparisons for given pairs of rows, into ``out`` (pairs, K)."""
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    for at in range(len(a)):
        for k in range(len(c.operation)):
            out[at, k] = _level(k, a[at], b[at], c, scratch)


@njit(**JIT)
def weigh(a, b, out, pattern, c, w):
    """Log-odds in bits and packed pattern of given pairs of rows."""
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    found = np.empty(len(c.operation), dtype=np.int64)
    for at in range(len(a)):
        out[at], pattern[at] = _weigh(a[at], b[at], -np.inf, c, w, found, scratch)


@njit(**BARE)
def _is_new(a, b, rule, blocks, source):
    """Whether no earlier rule has this pair, and its rows are of different sources."""
    for q in range(rule):
        if blocks[a, q] >= 0 and blocks[a, q] == blocks[b, q]:
            return False
    return len(source) == 0 or source[a] != source[b]


@njit(**JIT)
def block_pairs(order, starts, stops, ends, rule, blocks, source, cut, c, w):
    """Every pair of the given blocks that no earlier rule has, kept when its log-odds reach ``cut``: a, b, bits, pattern, and how many there were.

    The first of a pair is one of ``order[starts:stops]``, the second any later one before ``ends``.
    ``blocks`` (n, rules): each row's block by rule, -1 for none.
    """
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    found = np.empty(len(c.operation), dtype=np.int64)
    room = 1024
    out_a, out_b = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    out_w, out_p = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int64)
    size = 0
    seen = 0
    for block in range(len(starts)):
        for i in range(starts[block], stops[block]):
            for j in range(i + 1, ends[block]):
                a, b = min(order[i], order[j]), max(order[i], order[j])
                if not _is_new(a, b, rule, blocks, source):
                    continue
                seen += 1
                bits, packed = _weigh(a, b, cut, c, w, found, scratch)
                if bits == -np.inf:
                    continue
                if size == room:
                    room *= 2
                    new_a, new_b = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
                    new_w, new_p = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int64)
                    new_a[:size], new_b[:size], new_w[:size], new_p[:size] = out_a, out_b, out_w, out_p
                    out_a, out_b, out_w, out_p = new_a, new_b, new_w, new_p
                out_a[size], out_b[size], out_w[size], out_p[size] = a, b, bits, packed
                size += 1
    return out_a[:size], out_b[:size], out_w[:size], out_p[:size], seen


@njit(**JIT)
def letter_masks(chars, begin, out):
    """Which letters each value has, one bit for each unit modulo 64."""
    for at in range(len(out)):
        mask = np.uint64(0)
        for place in range(begin[at], begin[at + 1]):
            mask |= np.uint64(1) << np.uint64(chars[place] & 63)
        out[at] = mask


@njit(**JIT)
def seen_twice(keys, slots):
    """Whether each key (-1 for none) may occur more than once: keys alone in their slot of a hash table do not."""
    once = np.zeros(slots, dtype=np.uint8)
    mask = np.uint64(slots - 1)
    for at in range(len(keys)):
        if keys[at] >= 0:
            slot = (np.uint64(keys[at]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
            if once[slot] < 2:
                once[slot] += 1
    out = np.zeros(len(keys), dtype=np.bool_)
    for at in range(len(keys)):
        if keys[at] >= 0:
            slot = (np.uint64(keys[at]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20) & mask
            out[at] = once[slot] == 2
    return out


@njit(**JIT)
def components(n, a, b):
    """Connected components: (n,) named by their smallest row; the smaller root stays and paths are halved (Tarjan and van Leeuwen 1984)."""
    parent = np.arange(n)
    for at in range(len(a)):
        x, y = a[at], b[at]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        parent[max(x, y)] = min(x, y)
    for row in range(n):
        parent[row] = parent[parent[row]]  # a parent comes before its children, so it is settled
    return parent


linkage._mean = njit(**BARE)(linkage._mean)
link_fieldwise = njit(**JIT)(linkage.link_fieldwise)
