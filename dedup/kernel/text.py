"""Compiled string measures on arrays of UTF-16 units: Jaro-Winkler and optimal string alignment, as rapidfuzz computes them."""

from typing import Any

import numpy as np
from numba import njit

LONGEST = 512
"""Texts up to this many letters use the scratch space; longer ones get their own."""
JIT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": True}
BARE: dict[str, Any] = JIT | {"_nrt": False}
"""For functions called per pair, which allocate nothing: without it numba counts references to each array at each call, three quarters of all time."""


@njit(**BARE)
def popcount(bits):
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(**BARE)
def common_prefix(chars, a, ae, b, be, most):
    """How many first letters of two slices agree, ``most`` at most."""
    most = min(most, min(ae - a, be - b))
    same = 0
    while same < most and chars[a + same] == chars[b + same]:
        same += 1
    return same


@njit(**BARE)
def alike_letters(la, lb, prefix, least):
    """How many letters of texts of these lengths must have a partner for a similarity of ``least``, when ``prefix`` first letters agree; at most four count."""
    jaro = (least - prefix * 0.1) / (1.0 - prefix * 0.1)  # the similarity is jaro + prefix * 0.1 * (1 - jaro)
    return np.int64(np.ceil((3.0 * jaro - 1.0) * la * lb / max(la + lb, 1) - 1e-6))  # jaro is at most (m / la + m / lb + 1) / 3


@njit(**BARE)
def jaro_winkler(chars, a, ae, b, be):
    """Jaro-Winkler similarity (prefix weight 0.1, at most four letters, boost above 0.7; Winkler 1990) of two slices of ``chars``."""
    return jaro_winkler_from(chars, a, ae, b, be, 0)


@njit(**BARE)
def jaro_winkler_from(chars, a, ae, b, be, needed):
    """The same, given up with 0 as soon as fewer than ``needed`` letters can have a partner."""
    la, lb = ae - a, be - b
    if la == 0 and lb == 0:
        return 1.0
    if la == 0 or lb == 0:
        return 0.0
    reach = max(max(la, lb) // 2 - 1, 0)
    if la > 64 or lb > 64:
        common, half = _partners_long(chars, a, b, la, lb, reach)
    else:
        common, half = _partners(chars, a, b, la, lb, reach, needed)
    if common == 0 or common < needed:
        return 0.0
    similarity = (common / la + common / lb + (common - half // 2) / common) / 3.0
    if similarity > 0.7:
        similarity += common_prefix(chars, a, ae, b, be, 4) * 0.1 * (1.0 - similarity)
    return similarity


@njit(**BARE)
def _partners(chars, a, b, la, lb, reach, needed):
    """Letters with a partner at most ``reach`` away, and how many of them stand in another order; texts of up to 64 letters."""
    common = 0
    half = 0
    in_a = np.uint64(0)
    in_b = np.uint64(0)
    for i in range(la):
        letter = chars[a + i]
        low = i - reach
        if low < 0:
            low = 0
        high = i + reach + 1
        if high > lb:
            high = lb
        for j in range(low, high):
            if chars[b + j] == letter and not (in_b >> np.uint64(j)) & np.uint64(1):
                in_a |= np.uint64(1) << np.uint64(i)
                in_b |= np.uint64(1) << np.uint64(j)
                common += 1
                break
        if common + la - i - 1 < needed:
            return 0, 0
    j = 0
    for i in range(la):
        if (in_a >> np.uint64(i)) & np.uint64(1):
            while not (in_b >> np.uint64(j)) & np.uint64(1):
                j += 1
            if chars[a + i] != chars[b + j]:
                half += 1
            j += 1
    return common, half


@njit(**JIT)
def _partners_long(chars, a, b, la, lb, reach):
    """The same for texts of any length."""
    common = 0
    half = 0
    used_a = np.zeros(la, dtype=np.uint8)
    used_b = np.zeros(lb, dtype=np.uint8)
    for i in range(la):
        low = max(0, i - reach)
        high = min(lb, i + reach + 1)
        for j in range(low, high):
            if used_b[j] == 0 and chars[b + j] == chars[a + i]:
                used_a[i] = 1
                used_b[j] = 1
                common += 1
                break
    j = 0
    for i in range(la):
        if used_a[i]:
            while not used_b[j]:
                j += 1
            if chars[a + i] != chars[b + j]:
                half += 1
            j += 1
    return common, half


@njit(**BARE)
def osa(chars, a, ae, b, be, most, scratch):
    """Optimal string alignment distance (insert, delete, substitute, swap neighbours) of two slices, ``most`` + 1 when above ``most``."""
    while a < ae and b < be and chars[a] == chars[b]:
        a += 1
        b += 1
    while ae > a and be > b and chars[ae - 1] == chars[be - 1]:
        ae -= 1
        be -= 1
    if ae - a > be - b:
        a, ae, b, be = b, be, a, ae
    if be - b - (ae - a) > most:
        return most + 1
    if be - b < LONGEST:
        return _aligned(chars, a, ae - a, b, be - b, most, scratch)
    return _aligned_long(chars, a, ae - a, b, be - b, most)


@njit(**JIT)
def _aligned_long(chars, a, la, b, lb, most):
    return _aligned(chars, a, la, b, lb, most, np.empty((3, lb + 1), dtype=np.int32))


@njit(**BARE)
def _aligned(chars, a, la, b, lb, most, rows):
    """The distance of two texts, the first not longer; only cells up to ``most`` from the diagonal are looked at (Ukkonen 1985)."""
    two, one, now = 0, 1, 2
    for j in range(min(lb, most + 1) + 1):
        rows[one, j] = j
    before = 0
    for i in range(1, la + 1):
        low, high = max(1, i - most), min(lb, i + most)
        rows[now, low - 1] = i if low == 1 else most + 1
        least = rows[now, low - 1]
        for j in range(low, high + 1):
            if chars[a + i - 1] == chars[b + j - 1]:
                best = rows[one, j - 1]
            else:
                best = min(rows[one, j - 1], min(rows[one, j], rows[now, j - 1])) + 1
                if i > 1 and j > 1 and chars[a + i - 1] == chars[b + j - 2] and chars[a + i - 2] == chars[b + j - 1]:
                    best = min(best, rows[two, j - 2] + 1)
            rows[now, j] = best
            least = min(least, best)
        if high < lb:
            rows[now, high + 1] = most + 1
        # a swap may still reach back one row, so only give up when the row before was above as well
        if least > most and before > most:
            return most + 1
        before = least
        two, one, now = one, now, two
    return min(rows[one, lb], most + 1)
