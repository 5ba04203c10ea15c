"""Learning the weights from every active contact, and which stored model the link stage uses: the newest that serves, else the documented weights."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError
from dedup.comparison import MISSING, Levels, compare
from dedup.linkage import Kind, Linkage
from dedup.linking import candidates
from dedup.model import Model, from_dict, prior_model, score, train
from dedup.records import Records, census, encode

KINDS = ("person", "organisation")
VERSION = 1
"""Of the stored model's format; a model without one was learned by a link stage of old and says no more than its weights."""
UNTRAINED = "no model was trained"
TOO_FEW = "too few records"


class NothingToLearn(ConfigurationError):
    """No kind of record has enough to learn from; the weights in use stay."""


@dataclass(frozen=True)
class Learned:
    """What one kind's records taught: the model, the levels of its candidate pairs, and how many records have each compared field."""

    model: Model
    levels: Levels
    filled: Mapping[str, int]
    records: int


def by_kind(contacts: pd.DataFrame, points: pd.DataFrame, usage: pd.DataFrame) -> dict[str, Records]:
    """Active ``contacts`` (batch.CONTACT_COLUMNS) with their ``points`` as columns, people and organisations apart."""
    return {name: encode(contacts[contacts["kind"] == name], points, usage) for name in KINDS}


def learn(records: Records, kind: Kind) -> Learned:
    """A model from all candidate pairs of these records, or the documented weights with the reason why."""
    nobody = pd.DataFrame({"a": [], "b": []}, dtype="int64")
    levels = compare(records, kind, candidates(records, kind, None, nobody)[0])
    # compared with itself, a record misses only what it does not have
    rows = np.arange(len(records))
    itself = compare(records, kind, pd.MultiIndex.from_arrays([rows, rows]))
    filled = {name: int((itself[:, at] != MISSING).sum()) for at, name in enumerate(kind.comparisons)}
    return Learned(train(records, kind, levels), levels, filled, len(records))


def learn_weights(linkage: Linkage, contacts: pd.DataFrame, points: pd.DataFrame, stored: Iterable[str]) -> dict[str, Any]:
    """A model of both kinds as it is stored, without date: ``contacts`` are active ones, ``points`` theirs, ``stored`` the texts of earlier models.

    A kind that cannot be learned keeps the weights it had. ``profile``: records, candidate pairs and filled fields, counts only;
    ``figures``: pairs expected to match (match rate times all pairs), and candidate pairs from each threshold on, also under the
    weights before. Raises NothingToLearn when neither kind can be learned.
    """
    earlier = list(stored)
    points = points[points["record_id"].isin(contacts["record_id"])]
    records = by_kind(contacts, points, census(contacts, points, linkage.sharing))
    learned = {name: learn(records[name], linkage.kind(name)) for name in KINDS}
    if not any(one.model.origin == "trained" for one in learned.values()):
        told = [f"{name}: {_why(one, linkage.kind(name))}" for name, one in learned.items() if one.records] or ["there is no record"]
        raise NothingToLearn(f"There is not enough to learn weights from ({'; '.join(told)}).", "Nothing was changed; train again when more was delivered.")
    before = json.loads(serving(linkage, earlier))["kinds"]
    kinds = {name: one.model.as_dict() if one.model.origin == "trained" else _kept(before[name], one.model) for name, one in learned.items()}
    return {
        "version": VERSION,
        "training": 1 + max((training_no(text) for text in earlier), default=0),
        "linkage": linkage.fingerprint,
        "profile": {name: {"records": one.records, "candidate_pairs": len(one.levels), "filled": dict(one.filled)} for name, one in learned.items()},
        "figures": {name: _figures(one, linkage.kind(name), before[name], kinds[name]) for name, one in learned.items()},
        "kinds": kinds,
    }


def serving(linkage: Linkage, stored: Iterable[str]) -> str:
    """The text of the newest trained model that serves, in canonical JSON the documented weights when none does.

    A model serves the linkage file it was trained under. ``stored``: texts of models, those of old oldest first.
    """
    fit = [text for text in stored if is_trained(text) and _is_for(json.loads(text), linkage)]
    return max(reversed(fit), key=training_no) if fit else documented(linkage)


def documented(linkage: Linkage) -> str:
    """The weights of ``linkage.yml`` as a model, in canonical JSON."""
    return canonical_json({"linkage": linkage.fingerprint, "kinds": {name: prior_model(linkage.kind(name), UNTRAINED).as_dict() for name in KINDS}})


def is_trained(text: str) -> bool:
    """Whether a stored model was learned, for one kind at least."""
    return any(kind["origin"] == "trained" for kind in json.loads(text)["kinds"].values())


def training_no(text: str) -> int:
    """The running number of the training a stored model is from; 0 for one learned by a link stage of old."""
    return int(json.loads(text).get("training", 0))


def model_hash(text: str) -> str:
    """The name of a model: a hash of its weights and the linkage file they are for, whenever and from whatever they were learned."""
    model = json.loads(text)
    weights = canonical_json({"linkage": model["linkage"], "kinds": model["kinds"]})
    return hashlib.sha256(weights.encode()).hexdigest()[:16]


def notes(linkage: Linkage, text: str, sizes: Mapping[str, int], taken_up: bool) -> tuple[str, ...]:
    """What a receipt says of the model in use: where the documented weights stand and why, which command trains, and that it is new."""
    model = json.loads(text)
    said = [f"trained weights: model {model_hash(text)[:8]} is new, every pair was worked out with it"] if taken_up and is_trained(text) else []
    for name, size in sizes.items():
        reason = model["kinds"][name]["reason"]
        if not size or model["kinds"][name]["origin"] == "trained":
            continue
        if size < linkage.kind(name).train_from:
            reason = TOO_FEW
        elif reason == TOO_FEW:
            reason = "too few records when the model was trained; `lastro linkage learn` trains another"
        elif reason == UNTRAINED:
            reason = f"{UNTRAINED}; `lastro linkage learn` trains one"
        said.append(f"{name}: documented weights ({reason})")
    return tuple(said)


def _is_for(model: Mapping[str, Any], linkage: Linkage) -> bool:
    return bool(model["linkage"] == linkage.fingerprint and model.get("version", VERSION) == VERSION)


def _why(learned: Learned, kind: Kind) -> str:
    return f"{learned.records:,} of the {kind.train_from:,} records needed" if learned.model.reason == TOO_FEW else learned.model.reason


def _kept(before: Mapping[str, Any], failed: Model) -> dict[str, Any]:
    """The weights a kind keeps when nothing could be learned of it: trained ones of before, else the documented ones with today's reason."""
    return dict(before) if before["origin"] == "trained" else failed.as_dict()


def _figures(learned: Learned, kind: Kind, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    pairs = learned.records * (learned.records - 1) / 2
    told: dict[str, Any] = {"learned": learned.model.origin == "trained", "reason": learned.model.reason, "expected_matches": round(now["match_rate"] * pairs)}
    for when, weights in (("before", before), ("now", now)):
        probability, _ = score(from_dict(weights, kind), learned.levels)
        told[when] = {"from_match": int((probability >= kind.zones.match).sum()), "from_unsure": int((probability >= kind.zones.unsure).sum())}
    return told
