"""The sample of pairs to judge: reproducible, over all scores, and an estimate from it covers the truth."""

import numpy as np
import pandas as pd

from contacts.estimate import estimate
from contacts.warehouse import TEXT
from dedup.judged_sample import EDGES, draw, population, regrouped
from dedup.linkage import Clusters

PEOPLE = 900


def world() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Stored pairs (with ``same``, the truth), members, and a value that some records share."""
    dice = np.random.default_rng(3)
    a = np.arange(0, 2 * PEOPLE, 2)
    probability = np.concatenate([dice.uniform(0.4, 0.95, 150), dice.uniform(0.95, 1, PEOPLE - 150)])
    stored = pd.DataFrame({"record_a": a, "record_b": a + 1, "probability": probability, "same": dice.random(PEOPLE) < probability})
    person = [f"P-{record if record % 2 == 0 or probability[record // 2] < 0.95 else record - 1}" for record in range(2 * PEOPLE)]
    members = pd.DataFrame({"record_id": np.arange(2 * PEOPLE), "person_id": pd.Series(person, dtype=TEXT)})
    return stored, members, pd.DataFrame({"record_id": [1, 2, 3, 4], "value": ["x", "x", "y", "y"]})


def test_the_population_holds_stored_pairs_pairs_of_a_person_and_pairs_that_share_a_value() -> None:
    stored, members, value = world()
    pairs = population(stored.iloc[1:], members, [value]).set_index(["record_a", "record_b"])
    assert {(1, 2), (3, 4)} <= set(pairs.index) and pairs.loc[(1, 2), "stratum"] == "none apart"
    assert len(pairs) == len(stored) - 1 + 2, "the first pair is nobody's any more"
    assert pairs["stratum"].str.contains(f"<{EDGES[0]}").any() and pairs["together"].sum() == PEOPLE - 150


def test_the_same_seed_draws_the_same_pairs_and_they_stand_for_all() -> None:
    stored, members, value = world()
    pairs = population(stored, members, [value])
    one, again, other = (
        draw(pairs, 200, 4),
        draw(pairs.sample(frac=1, random_state=1).sort_values(["record_a", "record_b"], ignore_index=True), 200, 4),
        draw(pairs, 200, 5),
    )
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    assert len(one) == 200 and set(one["stratum"]) == set(pairs["stratum"])
    assert abs(one["weight"].sum() - len(pairs)) < 1e-6
    assert len(draw(pairs, 10_000, 1)) == len(pairs)
    assert len(draw(pairs, 5, 1)) == 5


def test_the_interval_of_a_sample_covers_the_truth_nearly_always() -> None:
    stored, members, value = world()
    pairs = population(stored, members, [value]).merge(stored[["record_a", "record_b", "same"]], how="left").fillna({"same": False})
    together, same = pairs["together"], pairs["same"].astype(bool)
    truth = {"precision": (together & same).sum() / together.sum(), "recall": (together & same).sum() / same.sum()}
    covered = dict.fromkeys(truth, 0)
    for seed in range(60):
        drawn = draw(pairs, 150, seed)
        mine, right = drawn["together"], drawn["same"].astype(bool)
        for name, over, hit in (("precision", mine, right), ("recall", right, mine)):
            found = estimate(drawn[over].assign(right=hit[over]))
            assert found is not None
            covered[name] += found.low <= truth[name] <= found.high
    assert min(covered.values()) >= 54, covered


def test_a_threshold_is_tried_on_whole_clusters() -> None:
    records, rules = np.array([1, 2, 3, 4, 8, 9]), Clusters(bond=-3.0, largest=60)
    stored = pd.DataFrame({"record_a": [1, 3, 2, 8], "record_b": [2, 4, 3, 9], "probability": [0.9999, 0.9999, 0.97, 0.97], "barred": False})
    assert regrouped(stored, records, 0.95, rules).tolist() == [0, 0, 2, 2, 4, 4], "one weak bond does not join two pairs of which nothing else is known"
    assert regrouped(stored, records, 0.99, rules).tolist() == [0, 0, 2, 2, 4, 5]
    barred = stored.assign(barred=[True, False, False, False])
    assert regrouped(barred, records, 0.95, rules).tolist()[0] != regrouped(barred, records, 0.95, rules).tolist()[1]
