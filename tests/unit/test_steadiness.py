"""Thresholds found without labels: in the valley where clusters change least, only when that is sure, and the same for the same rows."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.linkage.evaluate import evaluate
from benchmarks.linkage.records import draw_contacts
from dedup import steadiness
from dedup.engine import link_frame
from dedup.kernel.run import Edges
from dedup.table import Table

TABLE = Table.model_validate({"blocking": {"rules": [["name"]]}, "comparisons": {"name": {"compare": "text"}}})


def edges(bits: list[float]) -> Edges:
    """One pair of rows per weight."""
    a = np.arange(0, 2 * len(bits), 2, dtype=np.int32)
    return Edges(a, a + 1, np.array(bits, dtype=np.float32), np.zeros(len(a), dtype=np.int64), 0)


def by_edge(rows: np.ndarray) -> steadiness.Clusters:
    """Clusters that are nothing but the pairs given."""

    def clusters(table: Table, some: Edges) -> np.ndarray:
        labels = np.arange(len(rows))
        labels[some.b] = some.a
        return labels

    return clusters


def settle(bits: list[float]) -> dict[str, float]:
    return steadiness.settled(TABLE, 2 * len(bits), edges(bits), by_edge)


@pytest.mark.parametrize(("valley", "edge"), [((-5.0, -1.0), -3.0), ((-3.5, 0.8), -1.0), ((0.2, 4.3), 2.0), ((1.0, 9.0), 3.0)])
def test_thresholds_move_into_the_valley_between_two_heaps(valley: tuple[float, float], edge: float) -> None:
    dice = np.random.default_rng(1)
    bits = dice.uniform(-9, 12, 3_000)
    found = settle(bits[(bits < valley[0]) | (bits >= valley[1])].tolist())
    assert found == {"edge": edge, "bond": edge + TABLE.clusters.bond - TABLE.clusters.edge}, "both thresholds move alike"


def test_without_a_valley_the_files_thresholds_stand() -> None:
    given = {"edge": TABLE.clusters.edge, "bond": TABLE.clusters.bond}
    assert settle(np.linspace(-9, 12, 3_001).tolist()) == given
    assert settle([9.0] * 200) == given, "nothing changes anywhere"
    assert settle([-1.0, 8.0, 9.0]) == given, "one pair is no evidence"


def test_a_valley_out_of_reach_is_not_searched() -> None:
    dice = np.random.default_rng(3)
    bits = dice.uniform(-9, 20, 4_000)
    assert settle(bits[(bits < 8) | (bits > 13)].tolist())["edge"] <= steadiness.WINDOW


def test_pairs_that_change_are_those_a_loop_counts() -> None:
    dice = np.random.default_rng(4)
    part = np.repeat(np.arange(0, 60, 6), 6)
    one, other = (np.array([min(np.flatnonzero((part == part[row]) & (of == of[row]))) for row in range(60)]) for of in dice.integers(0, 3, (2, 60)))
    pairs = [{(i, j) for i in range(60) for j in range(i) if labels[i] == labels[j]} for labels in (one, other)]
    changed = steadiness._change(one, other, part)
    for name in np.unique(part):
        assert changed[name] == len({pair for pair in pairs[0] ^ pairs[1] if part[pair[0]] == name})
    assert changed.sum() == len(pairs[0] ^ pairs[1]) > 0


def test_of_many_rows_whole_components_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steadiness, "ROWS", 500)
    made = edges(np.random.default_rng(5).uniform(-5, 12, 2_000).tolist())
    some = steadiness._some(np.repeat(made.a, 2), made)
    assert len(some) == 250
    again = steadiness._some(np.repeat(made.a, 2), made)
    assert (some.a == again.a).all()


def linked() -> tuple[pd.DataFrame, Table, np.ndarray]:
    """People twice, each time with a slip, and strangers that share a name or a day: far more alike than the file's thresholds expect."""
    rows = draw_contacts(6_000, 32, "eu").to_pandas()
    compared = {name: {"compare": "text", "term_frequency": True} for name in ("given_name", "surname")}
    compared |= {"birth_date": {"compare": "date"}, "email": {"compare": "email", "alike": [0.92]}, "phone": {"compare": "edits"}}
    rules = [["email"], ["phone"], ["given_name", "surname"], ["birth_date"]]
    spec = {"blocking": {"full": 0, "rules": rules}, "comparisons": compared, "clusters": {"edge": -5.0, "bond": -7.0}}
    return rows.drop(columns=["truth"]), Table.model_validate(spec), rows["truth"].to_numpy()


def test_thresholds_too_low_are_raised_and_a_model_keeps_what_was_found() -> None:
    frame, table, truth = linked()
    given = table.model_copy(update={"clusters": table.clusters.model_copy(update={"thresholds": "given"})})
    steady, stays = link_frame(frame, table), link_frame(frame, given)
    assert steady.model["thresholds"]["edge"] > table.clusters.edge and "thresholds" not in stays.model
    assert evaluate(steady.clusters, truth).f1 > evaluate(stays.clusters, truth).f1
    again = link_frame(frame, table, steady.model)
    assert (again.clusters == steady.clusters).all() and again.model == steady.model
    assert (steady.edges.bits >= steady.model["thresholds"]["edge"]).all(), "only pairs that tie rows together are kept"
    kept = link_frame(frame, table, keep=-9.0)
    assert (kept.clusters == steady.clusters).all() and len(kept.edges) > len(steady.edges), "keeping more pairs changes no cluster"
