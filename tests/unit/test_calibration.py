"""Calibration by judged pairs: the sample stands for all pairs, thresholds are judged on whole clusters, weights move only where that wins."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.linkage.evaluate import evaluate
from benchmarks.linkage.records import draw_contacts
from contacts.errors import ConfigurationError
from dedup import calibration, training
from dedup.engine import link_frame
from dedup.frozen import freeze, full_run
from dedup.table import Table, load_table

SPEC = Path(calibration.__file__).parents[1] / "benchmarks" / "linkage" / "specs" / "contacts.yml"


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, Table, dict[str, Any], np.ndarray]:
    """Made-up contacts, their table, the model learned from them (under the file's thresholds) and their truth."""
    rows = draw_contacts(1_500, 5).to_pandas()
    frame, table = rows.drop(columns=["truth"]), load_table(SPEC)
    table = with_clusters(table.model_copy(update={"blocking": table.blocking.model_copy(update={"full": 0})}), thresholds="given")
    return frame, table, link_frame(frame, table).model, rows["truth"].to_numpy()


def judged(frame: pd.DataFrame, table: Table, model: dict[str, Any], truth: np.ndarray, size: int = 200, seed: int = 1) -> pd.DataFrame:
    pairs = calibration.sample(frame, table, model, size, seed)
    return pairs.assign(same=truth[pairs["a"]] == truth[pairs["b"]])


def with_clusters(table: Table, **chosen: Any) -> Table:
    return table.model_copy(update={"clusters": table.clusters.model_copy(update=chosen)})


def test_the_same_seed_asks_about_the_same_pairs_and_they_stand_for_all(world: Any) -> None:
    frame, table, model, truth = world
    one, again, other = (calibration.sample(frame, table, model, 200, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    assert len(one) == 200 and (one["a"] < one["b"]).all() and not one.duplicated(["a", "b"]).any()
    everyone = calibration.sample(frame, table, model, 10**6, 1)
    assert abs(one["weight"].sum() - len(everyone)) < 1e-6 and (everyone["weight"] == 1).all()
    same = truth[everyone["a"]] == truth[everyone["b"]]
    assert same.any() and not same.all(), "both sides of every threshold are asked about"
    scored = {tuple(pair) for pair in link_frame(frame, table, model, keep=calibration.THRESHOLDS[0]).pairs[["a", "b"]].to_numpy()}
    assert scored <= {tuple(pair) for pair in everyone[["a", "b"]].to_numpy()}, "no pair that any threshold could tie is left out"


def test_rows_of_one_source_are_never_asked_about(world: Any) -> None:
    frame, table, model, _ = world
    sources = frame.assign(source=np.where(np.arange(len(frame)) % 2 == 0, "crm", "shop"))
    linking = table.model_copy(update={"duplicate_free": "source"})
    pairs = calibration.sample(sources, linking, model, 10**6)
    assert len(pairs) and ((pairs["a"] + pairs["b"]) % 2 == 1).all()


def test_thresholds_far_off_are_found_by_labels(world: Any) -> None:
    frame, table, model, truth = world
    off = with_clusters(table, edge=25.0, bond=11.0)
    before = evaluate(link_frame(frame, off, model).clusters, truth).f1
    calibrated = calibration.calibrate(frame, off, model, judged(frame, off, model, truth))
    after = link_frame(frame, off, calibrated)
    assert evaluate(after.clusters, truth).f1 > before + 0.05
    told = calibrated["calibration"]
    row = next(row for row in told["thresholds"] if {name: row[name] for name in ("edge", "bond")} == calibrated["thresholds"])
    sizes = np.bincount(after.clusters)
    assert (row["clusters"], row["pairs"]) == (int((sizes > 1).sum()), int((sizes * (sizes - 1) // 2).sum())), "the figures are of the clusters one gets"
    assert all(row["f1"] <= max(other["f1"] or 0 for other in told["thresholds"]) for row in told["thresholds"] if row["f1"])
    assert after.model == calibrated, "a result hands on the calibrated model whole"


def test_every_pair_judged_gives_the_figures_of_the_truth(world: Any) -> None:
    frame, table, model, truth = world
    everything = judged(frame, table, model, truth, 10**6)
    told = calibration.calibrate(frame, table, model, everything)["calibration"]
    kept = next(row for row in told["thresholds"] if (row["edge"], row["bond"]) == (table.clusters.edge, table.clusters.bond))
    if told["weights"] == "learned":
        assert kept["precision"] == round(evaluate(link_frame(frame, table, model).clusters, truth).precision, 4)
    learned = next(trial for trial in told["trials"] if trial["weights"] == "learned")
    best = max(evaluate(link_frame(frame, with_clusters(table, edge=bits, bond=bits), model).clusters, truth).f1 for bits in calibration.THRESHOLDS)
    assert learned["f1"] >= best - 0.01, "recall among the pairs asked about leaves out only those that no threshold could tie"


def spoilt(model: dict[str, Any]) -> dict[str, Any]:
    """The model with one comparison turned round: the same address speaks against a match, and hard."""
    address = {level: {"m": known["u"], "u": max(known["m"], 1e-6)} for level, known in model["comparisons"]["address"].items()}
    return model | {"comparisons": model["comparisons"] | {"address": address}}


def test_weights_that_mislead_are_mended_and_survive_being_stored(world: Any) -> None:
    frame, table, model, truth = world
    wrong = spoilt(model)
    calibrated = calibration.calibrate(frame, table, wrong, judged(frame, table, wrong, truth, 300))
    told = calibrated["calibration"]
    assert told["weights"] != "learned"
    at_best = max(evaluate(link_frame(frame, with_clusters(table, edge=bits, bond=bits), wrong).clusters, truth).f1 for bits in calibration.THRESHOLDS)
    assert evaluate(link_frame(frame, table, calibrated).clusters, truth).f1 > at_best
    weights = training.from_dict(calibrated, table)
    assert weights.as_dict(table) == {name: value for name, value in calibrated.items() if name not in ("calibration", "thresholds")}


def test_calibrating_again_begins_with_the_trained_weights(world: Any) -> None:
    frame, table, model, truth = world
    wrong = spoilt(model)
    verdicts = judged(frame, table, wrong, truth, 300)
    once = calibration.calibrate(frame, table, wrong, verdicts)
    assert calibration.calibrate(frame, table, once, verdicts) == once


def test_an_index_keeps_the_calibrated_thresholds_and_weights(world: Any) -> None:
    frame, table, model, _ = world
    corrected = replace(training.from_dict(model, table), judged=np.full((len(table.comparisons), 8), 0.25), judged_prior=-2.0).as_dict(table)
    calibrated = corrected | {"thresholds": {"edge": 3.0, "bond": 4.0}}
    clusters, _ = full_run(frame, freeze(frame, table, calibrated, b"a key for tests"))
    assert (clusters == link_frame(frame, table, calibrated).clusters).all()
    assert (clusters != link_frame(frame, table, model).clusters).any()


def test_weights_stay_as_learned_where_others_do_not_win() -> None:
    """Numbers tell everybody apart, so at some threshold the learned weights are right about every pair."""
    frame = pd.DataFrame({"name": 12 * ["ana", "bruno", "carla", "davi", "elisa"], "number": [*range(30), *range(30)]}).astype(str)
    compared = {"name": {"compare": "text"}, "number": {"compare": "identifier"}}
    table = Table.model_validate({"blocking": {"full": 0, "rules": [["name"], ["number"]]}, "comparisons": compared})
    model = training.starting(table).as_dict(table)
    pairs = calibration.sample(frame, table, model, 60)
    verdicts = pairs.assign(same=pairs["a"] % 30 == pairs["b"] % 30)
    calibrated = calibration.calibrate(frame, table, model, verdicts)
    assert calibrated["calibration"]["weights"] == "learned"
    assert {name: value for name, value in calibrated.items() if name not in ("calibration", "thresholds")} == model


@pytest.mark.parametrize("verdicts", ["few", "all the same"])
def test_too_few_verdicts_or_of_one_kind_are_refused(world: Any, verdicts: str) -> None:
    frame, table, model, truth = world
    found = judged(frame, table, model, truth)
    found = found.head(calibration.FEWEST_JUDGED - 1) if verdicts == "few" else found[found["same"]]
    with pytest.raises(ConfigurationError, match="too few to calibrate by"):
        calibration.calibrate(frame, table, model, found)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 50)), min_size=1, max_size=40))
def test_f1_is_the_harmonic_mean_of_precision_and_recall_and_lies_in_its_interval(pairs: list[tuple[bool, bool, int]]) -> None:
    together, same, weight = (np.array(side) for side in zip(*pairs, strict=True))
    told = calibration._figures(together, 0, pd.DataFrame({"same": same, "weight": weight}))
    right, found, true = (float(weight[mask].sum()) for mask in (together & same, together, same))
    assert told["wrong"] == found - right and told["missed"] == true - right
    assert told["precision"] == (round(right / found, 4) if found else None)
    if found or true:
        assert told["f1"] == pytest.approx(2 * right / (found + true), abs=1e-4)
        assert told["f1 low"] <= told["f1"] <= told["f1 high"]
    else:
        assert told["f1"] is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_pairs_inside_clusters_are_those_a_loop_finds(groups: list[int]) -> None:
    labels = np.array([groups.index(group) for group in groups])
    a, b = calibration._inside(labels)
    loop = {(i, j) for i in range(len(groups)) for j in range(i + 1, len(groups)) if groups[i] == groups[j]}
    assert {(min(pair), max(pair)) for pair in zip(a.tolist(), b.tolist(), strict=True)} == loop and len(a) == len(loop)
