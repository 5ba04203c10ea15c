"""The compiled path: levels of given pairs, and all pairs of blocks compared, weighed and mostly abandoned in one go."""

import numpy as np
from numba import njit

from dedup.kernel import linkage
from dedup.kernel.program import COMPOSITE, CUSTOM, DATE, EDITS, EMAIL, IDENTIFIER, ONE_SIDED, PREFIX, TEXT
from dedup.kernel.text import JIT, LONGEST, jaro_winkler, jaro_winkler_most, osa, popcount

_SLACK = 1e-3
"""Bits: bounds are added in another order than the weight itself."""


@njit(forceinline=True, **JIT)
def _days(number):
    """Days since a fixed day of a date as yyyymmdd (Hinnant's civil calendar)."""
    y, m, d = number // 10000, number // 100 % 100, number % 100
    if m <= 2:
        y -= 1
        m += 12
    return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d


@njit(forceinline=True, **JIT)
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


@njit(forceinline=True, **JIT)
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


@njit(forceinline=True, **JIT)
def _alike(chars, begin, masks, x, y, steps, count):
    """Step of the Jaro-Winkler similarity: 0 for the closest, ``count`` for none."""
    la, lb = begin[x + 1] - begin[x], begin[y + 1] - begin[y]
    if jaro_winkler_most(la, lb, popcount(masks[x] & ~masks[y]), popcount(masks[y] & ~masks[x])) < steps[count - 1]:
        return count
    similarity = jaro_winkler(chars, begin[x], begin[x + 1], begin[y], begin[y + 1])
    for step in range(count):
        if similarity >= steps[step]:
            return step
    return count


@njit(forceinline=True, **JIT)
def level(k, x, y, a, b, rows, operation, cols, steps, count, base, chars, begin, numbers, masks, cross, tables, corner, scratch):
    """Level of comparison ``k`` for two different present codes ``x`` and ``y`` of rows ``a`` and ``b``; -1 says nothing."""
    what = operation[k]
    if what == IDENTIFIER:
        return 1
    first = 1
    other = cols[k, 1]
    if other >= 0 and what in (TEXT, EDITS):
        y2 = rows[b, other]
        if y2 >= 0 and cross[base[cols[k, 0]] + x] == y2:
            x2 = rows[a, other]
            if x2 >= 0 and x2 == cross[base[cols[k, 0]] + y]:
                return 1
        first = 2
    size = corner[k, 1]
    if x < size and y < size:
        return np.int64(tables[corner[k, 0] + np.int64(x) * size + y])
    gx = base[cols[k, 0]] + x
    gy = base[cols[k, 0]] + y
    many = count[k]
    if what == DATE:
        return _date(numbers[gx], numbers[gy], steps[k], many)
    if what == TEXT:
        return first + _alike(chars, begin, masks, gx, gy, steps[k], many)
    if what == EDITS:
        most = np.int64(steps[k, many - 1])
        if max(popcount(masks[gx] & ~masks[gy]), popcount(masks[gy] & ~masks[gx])) > most:
            return first + many
        apart = osa(chars, begin[gx], begin[gx + 1], begin[gy], begin[gy + 1], most, scratch)
        for step in range(many):
            if apart <= steps[k, step]:
                return first + step
        return first + many
    if what == EMAIL:
        ux, uy = rows[a, other], rows[b, other]
        if ux < 0 or uy < 0:
            return 2 + many
        if ux == uy:
            return 1
        return 2 + _alike(chars, begin, masks, base[other] + ux, base[other] + uy, steps[k], many)
    if what == PREFIX:
        same = 0
        most = min(begin[gx + 1] - begin[gx], begin[gy + 1] - begin[gy])
        while same < most and chars[begin[gx] + same] == chars[begin[gy] + same]:
            same += 1
        for step in range(many):
            if same >= steps[k, step]:
                return 1 + step
        return 1 + many
    return -1


@njit(forceinline=True, **JIT)
def composite(k, a, b, rows, operation, cols, steps, count, base, chars, begin, masks):
    """Level of a comparison of several columns (address), or of one where a missing value says something; -1 says nothing."""
    if operation[k] == ONE_SIDED:
        x, y = rows[a, cols[k, 0]], rows[b, cols[k, 0]]
        if x < 0 and y < 0:
            return -1
        if x < 0 or y < 0:
            return 1
        return 0 if x == y else 2
    p, q = rows[a, cols[k, 0]], rows[b, cols[k, 0]]
    s, t = rows[a, cols[k, 1]], rows[b, cols[k, 1]]
    u, v = rows[a, cols[k, 2]], rows[b, cols[k, 2]]
    postal, street = p >= 0 and q >= 0, s >= 0 and t >= 0
    if not postal and not street:
        return -1
    same = postal and p == q
    if not same and street:
        same = s == t
        if not same:
            low = base[cols[k, 1]]
            same = _alike(chars, begin, masks, low + s, low + t, steps[k], 1) == 0
    if same:
        return 0 if u >= 0 and u == v else 1
    if postal:
        low = base[cols[k, 0]]
        p, q = low + p, low + q
        most = min(begin[p + 1] - begin[p], begin[q + 1] - begin[q])
        at = 0
        while at < most and chars[begin[p] + at] == chars[begin[q] + at]:
            at += 1
        if at >= steps[k, 1]:
            return 2
    return 3


@njit(forceinline=True, **JIT)
def _beside(total, packed, a, base, rows, cols, operation, rarity, related, related_prior):
    """Log-odds against strangers and the related: ``total`` is against strangers alone."""
    if len(related_prior) == 0:
        return total
    odds = 1.0
    for r in range(len(related_prior)):
        bits = related_prior[r]
        for k in range(len(operation)):
            found = (packed >> np.int64(4 * k)) & 15
            if found != 15:
                bits += related[r, k, found]
                if found == 0 and operation[k] < COMPOSITE and related[r, k, 0] != 0.0:
                    bits += rarity[base[cols[k, 0]] + rows[a, cols[k, 0]]]
        odds += 2.0**bits
    return total - np.log2(odds)


@njit(**JIT)
def fill_table(k, size, low, high, out, operation, cols, steps, count, base, chars, begin, numbers, masks, cross):
    """Levels among the ``size`` most frequent values of comparison ``k``, lines ``low`` to ``high`` of the square ``out``."""
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    rows = np.full((1, cols.max() + 1), -1, dtype=np.int32)
    none = np.zeros((len(operation), 2), dtype=np.int64)
    for x in range(low, high):
        for y in range(size):
            step = 0 if x == y else level(k, x, y, 0, 0, rows, operation, cols, steps, count, base, chars, begin, numbers, masks, cross, out, none, scratch)
            out[np.int64(x) * size + y] = step


@njit(**JIT)
def levels_of(a, b, out, rows, operation, cols, steps, count, base, chars, begin, numbers, masks, cross, tables, corner):
    """Levels of all comparisons for given pairs of rows, into ``out`` (pairs, K)."""
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    for at in range(len(a)):
        for k in range(len(operation)):
            if operation[k] == CUSTOM:
                out[at, k] = -1
                continue
            if operation[k] >= COMPOSITE:
                out[at, k] = composite(k, a[at], b[at], rows, operation, cols, steps, count, base, chars, begin, masks)
                continue
            x, y = rows[a[at], cols[k, 0]], rows[b[at], cols[k, 0]]
            if x < 0 or y < 0:
                out[at, k] = -1
            elif x == y:
                out[at, k] = 0
            else:
                out[at, k] = level(
                    k, x, y, a[at], b[at], rows, operation, cols, steps, count, base, chars, begin, numbers, masks, cross, tables, corner, scratch
                )


@njit(**JIT)
def weigh(
    a,
    b,
    out,
    pattern,
    rows,
    operation,
    cols,
    steps,
    count,
    base,
    chars,
    begin,
    numbers,
    masks,
    cross,
    tables,
    corner,
    weights,
    rarity,
    related,
    related_prior,
    prior,
):
    """Log-odds in bits and packed pattern of given pairs of rows."""
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    for at in range(len(a)):
        total = prior
        packed = np.int64(0)
        for k in range(len(operation)):
            found = -1
            if operation[k] >= COMPOSITE:
                found = composite(k, a[at], b[at], rows, operation, cols, steps, count, base, chars, begin, masks)
                if found >= 0:
                    total += weights[k, found]
            elif operation[k] != CUSTOM:
                c = cols[k, 0]
                x, y = rows[a[at], c], rows[b[at], c]
                if x >= 0 and y >= 0:
                    if x == y:
                        found = 0
                        total += weights[k, 0] + rarity[base[c] + x]
                    else:
                        found = level(
                            k, x, y, a[at], b[at], rows, operation, cols, steps, count, base, chars, begin, numbers, masks, cross, tables, corner, scratch
                        )
                        if found >= 0:
                            total += weights[k, found]
            packed |= np.int64(found & 15) << np.int64(4 * k)
        out[at] = _beside(total, packed, a[at], base, rows, cols, operation, rarity, related, related_prior)
        pattern[at] = packed


@njit(**JIT)
def block_pairs(
    order,
    starts,
    stops,
    ends,
    rule,
    blocks,
    source,
    cut,
    prior,
    rows,
    operation,
    cols,
    steps,
    count,
    base,
    chars,
    begin,
    numbers,
    masks,
    cross,
    tables,
    corner,
    weights,
    rarity,
    related,
    related_prior,
    looks,
    best,
):
    """Every pair of the given blocks that no earlier rule has, kept when its log-odds reach ``cut``: a, b, bits, pattern, and how many there were.

    The first of a pair is one of ``order[starts:stops]``, the second any later one before ``ends``.
    ``blocks`` (n, rules): each row's block by rule, -1 for none.
    ``best`` (K,): the most a comparison can add when its codes differ.
    """
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    many = len(operation)
    room = 1024
    out_a, out_b = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    out_w, out_p = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int64)
    differ = np.empty(many, dtype=np.bool_)
    found = np.empty(many, dtype=np.int64)
    size = 0
    seen = 0
    for block in range(len(starts)):
        for i in range(starts[block], stops[block]):
            for j in range(i + 1, ends[block]):
                a, b = order[i], order[j]
                if a > b:
                    a, b = b, a
                earlier = False
                for q in range(rule):
                    if blocks[a, q] >= 0 and blocks[a, q] == blocks[b, q]:
                        earlier = True
                        break
                if earlier or (len(source) > 0 and source[a] == source[b]):
                    continue
                seen += 1
                total = prior
                hope = 0.0
                for k in range(many):
                    c = max(cols[k, 0], 0)
                    x, y = rows[a, c], rows[b, c]
                    differ[k] = False
                    found[k] = -1
                    if operation[k] >= COMPOSITE:
                        differ[k] = True
                        hope += best[k]
                    elif operation[k] == CUSTOM:
                        hope += best[k]
                    elif x >= 0 and y >= 0:
                        if x == y:
                            total += weights[k, 0] + rarity[base[c] + x]
                            found[k] = 0
                        elif operation[k] == IDENTIFIER:
                            total += weights[k, 1]
                            found[k] = 1
                        else:
                            differ[k] = True
                            hope += best[k]
                if total + hope < cut - _SLACK:
                    continue
                given_up = False
                for at in range(many):
                    k = looks[at]
                    if not differ[k]:
                        continue
                    if operation[k] >= COMPOSITE:
                        step = composite(k, a, b, rows, operation, cols, steps, count, base, chars, begin, masks)
                    else:
                        step = level(
                            k,
                            rows[a, cols[k, 0]],
                            rows[b, cols[k, 0]],
                            a,
                            b,
                            rows,
                            operation,
                            cols,
                            steps,
                            count,
                            base,
                            chars,
                            begin,
                            numbers,
                            masks,
                            cross,
                            tables,
                            corner,
                            scratch,
                        )
                    hope -= best[k]
                    found[k] = step
                    if step >= 0:
                        total += weights[k, step]
                    if total + hope < cut - _SLACK:
                        given_up = True
                        break
                if given_up:
                    continue
                # the weight is added up once more in one fixed order, so that every path gives the same number
                total = prior
                packed = np.int64(0)
                for k in range(many):
                    packed |= np.int64(found[k] & 15) << np.int64(4 * k)
                    if found[k] == 0 and operation[k] < COMPOSITE:
                        total += weights[k, 0] + rarity[base[cols[k, 0]] + rows[a, cols[k, 0]]]
                    elif found[k] >= 0:
                        total += weights[k, found[k]]
                total = _beside(total, packed, a, base, rows, cols, operation, rarity, related, related_prior)
                if total + hope < cut:
                    continue
                if size == room:
                    room *= 2
                    new_a, new_b = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
                    new_w, new_p = np.empty(room, dtype=np.float32), np.empty(room, dtype=np.int64)
                    new_a[:size], new_b[:size], new_w[:size], new_p[:size] = out_a, out_b, out_w, out_p
                    out_a, out_b, out_w, out_p = new_a, new_b, new_w, new_p
                out_a[size], out_b[size], out_w[size], out_p[size] = a, b, total, packed
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


linkage._mean = njit(**JIT)(linkage._mean)
link_fieldwise = njit(**JIT)(linkage.link_fieldwise)
