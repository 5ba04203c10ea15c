"""SipHash-2-4 (Aumasson and Bernstein 2012) of many texts at once, straight from their bytes."""

import numpy as np
from numba import njit

from dedup.kernel.text import JIT


@njit(forceinline=True, **JIT)
def _turn(x, by):
    return (x << np.uint64(by)) | (x >> np.uint64(64 - by))


@njit(forceinline=True, **JIT)
def _round(a, b, c, d):
    a += b
    c += d
    b = _turn(b, 13) ^ a
    d = _turn(d, 16) ^ c
    a = _turn(a, 32)
    c += b
    a += d
    b = _turn(b, 17) ^ c
    d = _turn(d, 21) ^ a
    return a, b, _turn(c, 32), d


@njit(**JIT)
def siphash(data, begin, key, out):
    """``out`` (n,): the 64-bit hash of ``data[begin[i] : begin[i + 1]]`` under ``key`` (two 64-bit halves, little-endian)."""
    for at in range(len(begin) - 1):
        start, end = begin[at], begin[at + 1]
        a = key[0] ^ np.uint64(0x736F6D6570736575)
        b = key[1] ^ np.uint64(0x646F72616E646F6D)
        c = key[0] ^ np.uint64(0x6C7967656E657261)
        d = key[1] ^ np.uint64(0x7465646279746573)
        place = start
        while place + 8 <= end:
            word = np.uint64(0)
            for byte in range(8):
                word |= np.uint64(data[place + byte]) << np.uint64(8 * byte)
            d ^= word
            a, b, c, d = _round(a, b, c, d)
            a, b, c, d = _round(a, b, c, d)
            a ^= word
            place += 8
        word = np.uint64((end - start) & 255) << np.uint64(56)
        for byte in range(end - place):
            word |= np.uint64(data[place + byte]) << np.uint64(8 * byte)
        d ^= word
        a, b, c, d = _round(a, b, c, d)
        a, b, c, d = _round(a, b, c, d)
        a ^= word
        c ^= np.uint64(255)
        for _ in range(4):
            a, b, c, d = _round(a, b, c, d)
        out[at] = a ^ b ^ c ^ d
