"""Why a cluster holds together: its weakest bond, and the bridges without which it would fall apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.kernel.columns import Ints


@dataclass(frozen=True)
class Bonds:
    """``weakest``: the bond (row a, row b, bits) that keeps the cluster one when only stronger ones count; ``bridges``: pairs (a, b, bits)
    whose loss alone would part it. Both are empty for a single row."""

    weakest: tuple[int, int, float] | None
    bridges: tuple[tuple[int, int, float], ...]


def bonds(rows: Ints, a: Ints, b: Ints, bits: npt.NDArray[np.float64]) -> Bonds:
    """Bonds of one cluster: ``rows`` its records, ``a``, ``b``, ``bits`` the pairs among them.

    The weakest bond is the last edge of the maximum spanning tree (Kruskal 1956): every way from one side to the other is
    at most as strong. A bridge is an edge of that tree which no other pair doubles.
    """
    order = np.argsort(-bits, kind="stable")
    group = {int(row): int(row) for row in rows}

    def top(row: int) -> int:
        while group[row] != row:
            row = group[row]
        return row

    tree: list[tuple[int, int, float]] = []
    for at in order.tolist():
        one, other = top(int(a[at])), top(int(b[at]))
        if one != other:
            group[other] = one
            tree.append((int(a[at]), int(b[at]), float(bits[at])))
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    return Bonds(tree[-1] if tree else None, tuple(edge for edge in tree if _parts(rows, pairs, edge[:2])))


def _parts(rows: Ints, pairs: list[tuple[int, int]], without: tuple[int, int]) -> bool:
    """Whether the ends of ``without`` are apart once that pair is gone."""
    near: dict[int, list[int]] = {int(row): [] for row in rows}
    for one, other in pairs:
        if (one, other) != without:
            near[one].append(other)
            near[other].append(one)
    seen, todo = {without[0]}, [without[0]]
    while todo:
        for row in near[todo.pop()]:
            if row not in seen:
                seen.add(row)
                todo.append(row)
    return without[1] not in seen
