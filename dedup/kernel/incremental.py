"""The loops of the index: hash tables, chains of rows per block, edges per row; each touches what a batch touches, never all rows.

Compiled where numba is there; without it the same functions run as they stand, good enough for small batches.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

try:
    from numba import njit
except ImportError:  # pragma: no cover - the machine of the tests has it

    def njit(**_: Any) -> Callable[[Any], Any]:  # type: ignore[no-redef]
        """Leave a function as it is."""
        return lambda function: function


JIT: dict[str, Any] = {"cache": True, "nogil": True}


class Rows(NamedTuple):
    """Per row: ``ids`` (-1 for a free row); ``block`` (N, R) which block by rule; its neighbours in the chain; first edge; two marks."""

    ids: Any
    block: Any
    after: Any
    before: Any
    edge: Any
    fresh: Any
    seen: Any


class Chains(NamedTuple):
    """Per block: key, first row, number of rows, whether it counted as too large when the last batch was done; ``table`` finds a key."""

    key: Any
    head: Any
    size: Any
    capped: Any
    table: Any


class Edges(NamedTuple):
    """Per edge: both rows, the next edge of either, weight, whether it may tie them together; ``free`` (2,) next new edge, last freed."""

    row: Any
    next: Any
    bits: Any
    tie: Any
    free: Any


@njit(**JIT)
def mix(hashes, seeds, first, parts, out):  # type: ignore[no-untyped-def]
    """``out`` (made, n): one number below 2^63 from the hashes ``parts[first[at]:first[at + 1]]`` of a row, -1 where one is missing (splitmix64)."""
    for at in range(len(seeds)):
        for row in range(hashes.shape[1]):
            key = np.uint64(seeds[at])
            missing = False
            for part in range(first[at], first[at + 1]):
                one = hashes[parts[part], row]
                if one < 0:
                    missing = True
                key = (key * np.uint64(0x9E3779B97F4A7C15)) ^ np.uint64(one)
                key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
                key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
                key ^= key >> np.uint64(31)
            out[at, row] = -1 if missing else np.int64(key >> np.uint64(1))


@njit(**JIT)
def locate(table, keys, key):  # type: ignore[no-untyped-def]
    """Place of ``key`` among ``keys``; where there is none, minus one minus the free slot of ``table`` (0 is free, else place plus one)."""
    mask = len(table) - 1
    slot = ((key * 0x9E3779B97F4A7C1) >> 20) & mask
    while True:
        at = table[slot]
        if at == 0:
            return -1 - slot
        if keys[at - 1] == key:
            return at - 1
        slot = (slot + 1) & mask


@njit(**JIT)
def locate_all(table, keys, wanted, out):  # type: ignore[no-untyped-def]
    """Place of every key, -1 for what is not there; negative keys are not there."""
    for at in range(len(wanted)):
        out[at] = -1
        if wanted[at] >= 0:
            out[at] = max(locate(table, keys, wanted[at]), -1)


@njit(**JIT)
def intern(table, keys, count, wanted, out, new):  # type: ignore[no-untyped-def]
    """Place of every key, -1 for negative ones; unknown keys are put behind the first ``count``. ``new`` gets where each first stood; returns the count."""
    begin = count
    for at in range(len(wanted)):
        if wanted[at] < 0:
            out[at] = -1
            continue
        place = locate(table, keys, wanted[at])
        if place < 0:
            table[-1 - place] = count + 1
            keys[count] = wanted[at]
            new[count - begin] = at
            place = count
            count += 1
        out[at] = place
    return count


@njit(**JIT)
def place_ids(table, ids, rows):  # type: ignore[no-untyped-def]
    """Make the ids of ``rows`` known; returns how many slots were taken."""
    taken = 0
    for row in rows:
        found = locate(table, ids, ids[row])
        if found < 0:
            table[-1 - found] = row + 1
            taken += 1
    return taken


@njit(**JIT)
def rehash(table, keys, count):  # type: ignore[no-untyped-def]
    """Fill an empty table with the keys that still stand for something."""
    for at in range(count):
        if keys[at] >= 0:
            found = locate(table, keys, keys[at])
            if found < 0:
                table[-1 - found] = at + 1


@njit(**JIT)
def count_codes(holders, codes, step):  # type: ignore[no-untyped-def]
    """Add ``step`` to the holders of every code; returns the codes nobody holds any more, some of them twice."""
    gone = np.empty(codes.size, dtype=np.int64)
    many = 0
    for i in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            code = codes[i, j]
            if code >= 0:
                holders[code] += step
                if holders[code] == 0:
                    gone[many] = code
                    many += 1
    return gone[:many]


@njit(**JIT)
def link(rows, chains, added, blocks, cap):  # type: ignore[no-untyped-def]
    """Put rows at the front of their blocks' chains; returns the blocks that crossed the cap."""
    crossed = np.empty(blocks.size, dtype=np.int64)
    many = 0
    for at in range(len(added)):
        row = added[at]
        for rule in range(blocks.shape[1]):
            block = blocks[at, rule]
            rows.block[row, rule] = block
            rows.after[row, rule] = -1
            rows.before[row, rule] = -1
            if block < 0:
                continue
            if chains.size[block] > 0:
                head = chains.head[block]
                rows.after[row, rule] = head
                rows.before[head, rule] = row
            chains.head[block] = row
            chains.size[block] += 1
            if chains.size[block] == cap + 1:
                crossed[many] = block
                many += 1
    return crossed[:many]


@njit(**JIT)
def unlink(rows, chains, removed, cap):  # type: ignore[no-untyped-def]
    """Take rows out of their blocks; returns the blocks that crossed the cap, and those left empty."""
    crossed = np.empty(len(removed) * rows.block.shape[1], dtype=np.int64)
    empty = np.empty(len(removed) * rows.block.shape[1], dtype=np.int64)
    many, none = 0, 0
    for row in removed:
        for rule in range(rows.block.shape[1]):
            block = rows.block[row, rule]
            if block < 0:
                continue
            after, before = rows.after[row, rule], rows.before[row, rule]
            if before >= 0:
                rows.after[before, rule] = after
            else:
                chains.head[block] = after
            if after >= 0:
                rows.before[after, rule] = before
            rows.block[row, rule] = -1
            chains.size[block] -= 1
            if chains.size[block] == cap:
                crossed[many] = block
                many += 1
            if chains.size[block] == 0:
                empty[none] = block
                none += 1
    return crossed[:many], empty[:none]


@njit(**JIT)
def _push(first, second, size, a, b):  # type: ignore[no-untyped-def]
    if size == len(first):
        more_first, more_second = np.empty(2 * size, dtype=np.int64), np.empty(2 * size, dtype=np.int64)
        more_first[:size], more_second[:size] = first, second
        first, second = more_first, more_second
    first[size], second[size] = a, b
    return first, second


@njit(**JIT)
def probe(rows, chains, added):  # type: ignore[no-untyped-def]
    """Pairs of each added row (marked fresh) with all rows of its blocks that are not too large, every pair once."""
    first, second = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int64)
    size = 0
    rules = rows.block.shape[1]
    for row in added:
        for rule in range(rules):
            block = rows.block[row, rule]
            if block < 0 or chains.capped[block]:
                continue
            other = chains.head[block]
            while other >= 0:
                wanted = other != row and (rows.fresh[other] == 0 or other < row)
                if wanted:
                    for q in range(rule):
                        if rows.block[row, q] >= 0 and rows.block[row, q] == rows.block[other, q] and not chains.capped[rows.block[row, q]]:
                            wanted = False
                            break
                if wanted:
                    first, second = _push(first, second, size, row, other)
                    size += 1
                other = rows.after[other, rule]
    return first[:size], second[:size]


@njit(**JIT)
def reopened(rows, chains, edges, blocks, rules):  # type: ignore[no-untyped-def]
    """Pairs of old rows inside blocks that are no longer too large and have no edge yet; a pair of two such blocks appears twice."""
    first, second = np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int64)
    size = 0
    for at in range(len(blocks)):
        rule = rules[at]
        row = chains.head[blocks[at]]
        while row >= 0:
            if rows.fresh[row] == 0:
                edge = rows.edge[row]
                while edge >= 0:
                    rows.seen[_other(edges, edge, row)] = 1
                    edge = _next(edges, edge, row)
                other = rows.after[row, rule]
                while other >= 0:
                    if rows.fresh[other] == 0 and rows.seen[other] == 0:
                        first, second = _push(first, second, size, row, other)
                        size += 1
                    other = rows.after[other, rule]
                edge = rows.edge[row]
                while edge >= 0:
                    rows.seen[_other(edges, edge, row)] = 0
                    edge = _next(edges, edge, row)
            row = rows.after[row, rule]
    return first[:size], second[:size]


@njit(**JIT)
def closed(rows, chains, edges, blocks, rules):  # type: ignore[no-untyped-def]
    """Drop the edges that only blocks now too large had found; returns the rows they tied."""
    first, second = np.empty(64, dtype=np.int64), np.empty(64, dtype=np.int64)
    size = 0
    for at in range(len(blocks)):
        row = chains.head[blocks[at]]
        while row >= 0:
            edge = rows.edge[row]
            while edge >= 0:
                other, after = _other(edges, edge, row), _next(edges, edge, row)
                if row < other:
                    found = False
                    for q in range(rows.block.shape[1]):
                        block = rows.block[row, q]
                        if block >= 0 and block == rows.block[other, q] and not chains.capped[block]:
                            found = True
                            break
                    if not found:
                        drop(rows, edges, edge)
                        first, second = _push(first, second, size, row, other)
                        size += 1
                edge = after
            row = rows.after[row, rules[at]]
    return first[:size], second[:size]


@njit(**JIT)
def _other(edges, edge, row):  # type: ignore[no-untyped-def]
    return edges.row[edge, 1] if edges.row[edge, 0] == row else edges.row[edge, 0]


@njit(**JIT)
def _next(edges, edge, row):  # type: ignore[no-untyped-def]
    return edges.next[edge, 0] if edges.row[edge, 0] == row else edges.next[edge, 1]


@njit(**JIT)
def tie(rows, edges, first, second, bits, may):  # type: ignore[no-untyped-def]
    """Add edges between rows."""
    for at in range(len(first)):
        edge = edges.free[1] - 1
        if edge >= 0:
            edges.free[1] = edges.next[edge, 0]
        else:
            edge = edges.free[0]
            edges.free[0] += 1
        a, b = first[at], second[at]
        edges.row[edge, 0], edges.row[edge, 1] = a, b
        edges.next[edge, 0], edges.next[edge, 1] = rows.edge[a], rows.edge[b]
        edges.bits[edge], edges.tie[edge] = bits[at], may[at]
        rows.edge[a] = edge
        rows.edge[b] = edge


@njit(**JIT)
def drop(rows, edges, edge):  # type: ignore[no-untyped-def]
    """Take one edge away."""
    for side in range(2):
        row = edges.row[edge, side]
        after = edges.next[edge, side]
        at = rows.edge[row]
        if at == edge:
            rows.edge[row] = after
        else:
            while True:
                follower = _next(edges, at, row)
                if follower == edge:
                    if edges.row[at, 0] == row:
                        edges.next[at, 0] = after
                    else:
                        edges.next[at, 1] = after
                    break
                at = follower
    edges.row[edge, 0], edges.row[edge, 1] = -1, -1
    edges.next[edge, 0] = edges.free[1]
    edges.free[1] = edge + 1


@njit(**JIT)
def untie(rows, edges, removed):  # type: ignore[no-untyped-def]
    """Drop all edges of some rows; returns the rows at the other ends."""
    first, second = np.empty(64, dtype=np.int64), np.empty(64, dtype=np.int64)
    size = 0
    for row in removed:
        while rows.edge[row] >= 0:
            edge = rows.edge[row]
            first, second = _push(first, second, size, row, _other(edges, edge, row))
            size += 1
            drop(rows, edges, edge)
    return second[:size]


@njit(**JIT)
def reach(rows, edges, seeds):  # type: ignore[no-untyped-def]
    """All rows tied to ``seeds``, directly or over others, and the edges among them."""
    found, spare = np.empty(max(len(seeds), 64), dtype=np.int64), np.empty(max(len(seeds), 64), dtype=np.int64)
    ties, spare_ties = np.empty(64, dtype=np.int64), np.empty(64, dtype=np.int64)
    size, many = 0, 0
    for seed in seeds:
        if rows.seen[seed] == 0 and rows.ids[seed] >= 0:
            rows.seen[seed] = 1
            found, spare = _push(found, spare, size, seed, 0)
            size += 1
    at = 0
    while at < size:
        row = found[at]
        edge = rows.edge[row]
        while edge >= 0:
            if edges.tie[edge]:
                other = _other(edges, edge, row)
                if edges.row[edge, 0] == row:
                    ties, spare_ties = _push(ties, spare_ties, many, edge, 0)
                    many += 1
                if rows.seen[other] == 0:
                    rows.seen[other] = 1
                    found, spare = _push(found, spare, size, other, 0)
                    size += 1
            edge = _next(edges, edge, row)
        at += 1
    for at in range(size):
        rows.seen[found[at]] = 0
    return found[:size], ties[:many]


@njit(**JIT)
def members(rows, chains, keys, cap):  # type: ignore[no-untyped-def]
    """Rows of the blocks with these keys, one per rule, each row once; a block that one more row makes too large has none."""
    found, spare = np.empty(64, dtype=np.int64), np.empty(64, dtype=np.int64)
    size = 0
    for rule in range(len(keys)):
        if keys[rule] < 0:
            continue
        block = locate(chains.table, chains.key, keys[rule])
        if block < 0 or chains.size[block] >= cap or chains.size[block] == 0:
            continue
        row = chains.head[block]
        while row >= 0:
            if rows.seen[row] == 0:
                rows.seen[row] = 1
                found, spare = _push(found, spare, size, row, 0)
                size += 1
            row = rows.after[row, rule]
    for at in range(size):
        rows.seen[found[at]] = 0
    return found[:size]
