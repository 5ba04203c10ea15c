"""Compiled string measures on arrays of UTF-16 units: Jaro-Winkler and optimal string alignment, as rapidfuzz computes them."""

from typing import Any

import numpy as np
from numba import njit

LONGEST = 512
"""Texts up to this many letters use the scratch space; longer ones get their own."""
JIT: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit(**JIT)
def popcount(bits):
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(**JIT)
def jaro_winkler_most(la, lb, only_a, only_b):
    """An upper bound of the similarity from the lengths and the number of distinct letters found on one side only."""
    m = min(la - only_a, lb - only_b)
    if m <= 0 or la == 0 or lb == 0:
        return 1.0 if la == lb == 0 else 0.0
    jaro = (m / la + m / lb + 1.0) / 3.0
    return jaro + 0.4 * (1.0 - jaro)


@njit(**JIT)
def jaro_winkler(chars, a, ae, b, be):
    """Jaro-Winkler similarity (prefix weight 0.1, at most four letters, boost above 0.7; Winkler 1990) of two slices of ``chars``."""
    la, lb = ae - a, be - b
    if la == 0 and lb == 0:
        return 1.0
    if la == 0 or lb == 0:
        return 0.0
    reach = max(la, lb) // 2 - 1
    if reach < 0:
        reach = 0
    common = 0
    half = 0
    if la <= 64 and lb <= 64:
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
        if common == 0:
            return 0.0
        j = 0
        for i in range(la):
            if (in_a >> np.uint64(i)) & np.uint64(1):
                while not (in_b >> np.uint64(j)) & np.uint64(1):
                    j += 1
                if chars[a + i] != chars[b + j]:
                    half += 1
                j += 1
    else:
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
        if common == 0:
            return 0.0
        j = 0
        for i in range(la):
            if used_a[i]:
                while not used_b[j]:
                    j += 1
                if chars[a + i] != chars[b + j]:
                    half += 1
                j += 1
    similarity = (common / la + common / lb + (common - half // 2) / common) / 3.0
    if similarity > 0.7:
        prefix = 0
        most = min(4, min(la, lb))
        while prefix < most and chars[a + prefix] == chars[b + prefix]:
            prefix += 1
        similarity += prefix * 0.1 * (1.0 - similarity)
    return similarity


@njit(**JIT)
def osa(chars, a, ae, b, be, most, scratch):
    """Optimal string alignment distance (insert, delete, substitute, swap neighbours) of two slices, ``most`` + 1 when above ``most``."""
    while a < ae and b < be and chars[a] == chars[b]:
        a += 1
        b += 1
    while ae > a and be > b and chars[ae - 1] == chars[be - 1]:
        ae -= 1
        be -= 1
    la, lb = ae - a, be - b
    if la > lb:
        a, ae, b, be = b, be, a, ae
        la, lb = lb, la
    if lb - la > most:
        return most + 1
    if la == 0:
        return lb
    rows = scratch if lb < LONGEST else np.empty((3, lb + 1), dtype=np.int32)
    two, one, now = 0, 1, 2
    for j in range(lb + 1):
        rows[one, j] = j
    for i in range(1, la + 1):
        rows[now, 0] = i
        least = i
        for j in range(1, lb + 1):
            if chars[a + i - 1] == chars[b + j - 1]:
                best = rows[one, j - 1]
            else:
                best = min(rows[one, j - 1], min(rows[one, j], rows[now, j - 1])) + 1
                if i > 1 and j > 1 and chars[a + i - 1] == chars[b + j - 2] and chars[a + i - 2] == chars[b + j - 1]:
                    best = min(best, rows[two, j - 2] + 1)
            rows[now, j] = best
            least = min(least, best)
        if least > most:
            # a swap may still reach back one row, so only give up when the row before was above as well
            before = rows[one, 0]
            for j in range(1, lb + 1):
                before = min(before, rows[one, j])
            if before > most:
                return most + 1
        two, one, now = one, now, two
    return min(rows[one, lb], most + 1)
