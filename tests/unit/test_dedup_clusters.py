"""From pairs to persons: chains are looked at, complete components are taken as they are, too many records are never one person."""

import numpy as np
import numpy.typing as npt

from dedup.clusters import partition
from dedup.linkage import Clusters

Ints = npt.NDArray[np.int64]


def clusters(n: int, pairs: list[tuple[int, int]], others: float = 0.0, largest: int = 60, bond: float = -1.0, conflicts: tuple[int, ...] = ()) -> list[int]:
    """Cluster of each record where the listed pairs weigh 10 bits and all others ``others``."""
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    known = {tuple(pair) for pair in pairs}

    def score(first: Ints, second: Ints) -> npt.NDArray[np.float64]:
        return np.array([10.0 if pair in known else others for pair in zip(first.tolist(), second.tolist(), strict=True)])

    rules = Clusters(bond=bond, largest=largest)
    return partition(n, edges[:, 0], edges[:, 1], np.full(len(edges), 10.0), rules, score, np.array(conflicts, dtype=np.int64)).tolist()


def test_nobody_to_join_leaves_everybody_alone() -> None:
    assert clusters(3, []) == [0, 1, 2]


def test_a_chain_holds_only_if_its_ends_may_be_one_person() -> None:
    assert clusters(3, [(0, 1), (1, 2)], others=0.0) == [0, 0, 0]
    assert clusters(3, [(0, 1), (1, 2)], others=-np.inf) == [0, 0, 2]


def test_two_groups_joined_by_one_bridge_come_apart() -> None:
    bridged = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]
    assert clusters(6, bridged, others=-8.0) == [0, 0, 0, 3, 3, 3]
    assert clusters(6, bridged, others=-8.0, bond=-7.0) == [0] * 6


def test_a_complete_component_larger_than_a_person_can_be_is_taken_apart() -> None:
    every = [(a, b) for a in range(5) for b in range(a + 1, 5)]
    assert clusters(5, every) == [0] * 5
    assert max(np.bincount(clusters(5, every, largest=3))) <= 3


def test_a_component_too_large_to_look_into_falls_back_to_single_records() -> None:
    star = [(0, at) for at in range(1, 400)]
    assert clusters(400, star) == list(range(400))


def test_a_judged_conflict_is_looked_at_even_where_all_pairs_match() -> None:
    assert clusters(2, [(0, 1)], conflicts=(0,)) == [0, 0]
