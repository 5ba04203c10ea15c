"""Blocking: the pairs are those of recordlinkage's Block, each once, hubs left out, and only what was touched when asked."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from recordlinkage.index import Block

from dedup.blocking import KeyBlocking, agreeing, hubs_near
from dedup.records import Column, Points, Records


def records(seed: int, n: int = 300) -> tuple[Records, pd.DataFrame]:
    chance = np.random.default_rng(seed)
    frame = pd.DataFrame({name: chance.integers(-1, size, n) for name, size in (("cpf", 120), ("given", 15), ("uf", 4))})
    columns = {name: Column(frame[name].to_numpy(np.int64), np.arange(200).astype(str).astype(object)) for name in frame}
    rows = np.sort(chance.integers(0, n, 400))
    points = pd.DataFrame({"row": rows, "code": chance.integers(0, 90, 400)}).drop_duplicates().sort_values(["row"], kind="stable")
    telling = np.arange(90) > 4
    first = np.full(n, -1)
    held = Points(points["row"].to_numpy(), points["code"].to_numpy(), np.arange(90).astype(str).astype(object), np.arange(90), telling, first)
    return Records(np.arange(n), columns, {"email": held}), frame.where(frame >= 0)


def index(records: Records, rules: list[list[str]], cap: int = 1000, **options: Any) -> tuple[set[tuple[int, int]], KeyBlocking]:
    blocking = KeyBlocking(records, rules, cap, **options)
    pairs = recordlinkage.Index(blocking).index(pd.DataFrame(index=pd.RangeIndex(len(records))))
    assert pairs.is_unique
    return set(pairs.tolist()), blocking


@pytest.mark.parametrize("rules", [[["cpf"]], [["given", "uf"]], [["cpf"], ["given", "uf"]]])
def test_pairs_are_those_of_recordlinkages_block(rules: list[list[str]]) -> None:
    coded, frame = records(1)
    library = recordlinkage.Index([Block(rule) for rule in rules]).index(frame)
    assert index(coded, rules)[0] == {(min(pair), max(pair)) for pair in library}


def test_a_record_is_blocked_by_each_of_its_contact_points_but_not_by_shared_ones() -> None:
    coded, _ = records(2)
    points = coded.points["email"]
    held = pd.DataFrame({"row": points.rows, "code": points.codes})
    held = held[points.telling[held["code"]]]
    both = held.merge(held, on="code")
    assert index(coded, [["email"]])[0] == set(both.loc[both["row_x"] < both["row_y"], ["row_x", "row_y"]].itertuples(index=False, name=None))


def test_blocks_above_the_cap_are_dropped_and_counted() -> None:
    coded, frame = records(3)
    sizes = frame["given"].value_counts()
    pairs, blocking = index(coded, [["given"]], cap=18)
    assert blocking.dropped == [int((sizes > 18).sum())]
    assert len(pairs) == sum(size * (size - 1) // 2 for size in sizes[sizes <= 18])


def test_every_pair_says_which_rules_found_it() -> None:
    coded, _ = records(4)
    rules = [["cpf"], ["given", "uf"], ["email"]]
    pairs, blocking = index(coded, rules)
    alone = [index(coded, [rule])[0] for rule in rules]
    ordered = sorted(pairs)
    assert blocking.found_by.tolist() == [sum((pair in found) << bit for bit, found in enumerate(alone)) for pair in ordered]
    a, b = np.array(ordered).T
    assert agreeing(coded, rules, 1000, a, b).tolist() == blocking.found_by.tolist()


def test_touched_gives_the_pairs_of_touched_records_and_no_others() -> None:
    coded, _ = records(5)
    touched = np.zeros(len(coded), dtype=bool)
    touched[::37] = True
    rules = [["cpf"], ["given", "uf"], ["email"]]
    every = index(coded, rules)[0]
    assert index(coded, rules, touched=touched)[0] == {(a, b) for a, b in every if touched[a] or touched[b]}


def test_blocks_that_may_have_been_hubs_are_looked_at_again() -> None:
    coded, frame = records(6)
    sizes = frame["given"].map(frame["given"].value_counts())
    near = hubs_near(coded, [["given"]], 20, leaving=3)
    assert near.tolist() == ((sizes <= 20) & (sizes > 17)).tolist()
