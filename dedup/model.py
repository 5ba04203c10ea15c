"""The match model: how much each level of agreement speaks for one person, learned without labels, kept with its file's hash.

Fellegi and Sunter (1969) with levels: ``u`` from random pairs, ``m`` by expectation maximisation over the patterns of
candidate pairs (Winkler 1988), through recordlinkage's ``ECMClassifier``. Weights are pulled towards the documented
priors of ``linkage.yml``; where learning ends somewhere impossible the priors stand and the receipt says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from recordlinkage import ECMClassifier
from recordlinkage.algorithms.nb_sklearn import ECM

from dedup.comparison import Levels, compare
from dedup.linkage import Kind
from dedup.records import Codes, Records

Floats = npt.NDArray[np.float64]
_RANDOM_PAIRS = 500_000
_PULL_U, _PULL_M = 20_000.0, 50.0
"""How many pairs the documented priors are worth."""
_FEWEST_MATCHES = 100
_NO_MATCHES = "too few matches to learn from"


@dataclass(frozen=True)
class Model:
    """``m`` and ``u`` per comparison and level; ``origin`` is trained or prior, ``reason`` why a prior stands."""

    match_rate: float
    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    origin: str = "prior"
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain values, rounded so that the stored and the used model are the same."""
        weights = {side: {name: [float(f"{value:.9g}") for value in values] for name, values in getattr(self, side).items()} for side in ("m", "u")}
        return {"match_rate": float(f"{self.match_rate:.9g}"), "origin": self.origin, "reason": self.reason, **weights}


def from_dict(stored: Mapping[str, Any], kind: Kind) -> Model:
    """The model ``as_dict`` wrote, its comparisons in the order of ``kind`` (stored JSON is sorted by name)."""
    sides = {side: {name: tuple(stored[side][name]) for name in kind.comparisons} for side in ("m", "u")}
    return Model(stored["match_rate"], sides["m"], sides["u"], stored["origin"], stored["reason"])


def prior_model(kind: Kind, reason: str = "") -> Model:
    """The documented weights of ``linkage.yml``."""
    weights = {side: {name: tuple(getattr(part.levels[level], side) for level in part.names) for name, part in kind.comparisons.items()} for side in "mu"}
    return Model(kind.match_rate, weights["m"], weights["u"], "prior", reason)


class LevelECM(ECM):  # type: ignore[misc]  # recordlinkage has no types
    """recordlinkage's ECM kernel for levels: column values are level codes, negative ones are neutral.

    Differs from its parent in the maximisation step only: ``u`` is fixed (random pairs tell it better than pairs
    that share a key), ``m`` is normalised over the levels seen and pulled to the prior, and the match rate
    is over all pairs there are, also those no blocking rule found.
    """

    def __init__(self, prior: Model, all_pairs: float = 0.0, max_iter: int = 200, atol: float = 1e-7) -> None:
        super().__init__(init="jaro", max_iter=max_iter, binarize=None, atol=atol)
        self.prior, self.all_pairs = prior, all_pairs
        self.sizes = [len(values) for values in prior.m.values()]
        self.classes_ = np.array([0, 1])
        self.feature_log_prob_ = np.log([np.concatenate(list(prior.u.values())), np.concatenate(list(prior.m.values()))])
        self.class_log_prior_ = np.log([1 - prior.match_rate, prior.match_rate])

    def _transform_data(self, X: npt.NDArray[Any]) -> Floats:
        return np.hstack([(X[:, [at]] == np.arange(size)).astype(np.float64) for at, size in enumerate(self.sizes)])

    def fit(self, X: npt.NDArray[Any]) -> "LevelECM":
        """Learn ``m`` and the match rate from level codes (pairs, comparisons)."""
        patterns, inverse = distinct(np.asarray(X))
        counts = np.bincount(inverse, minlength=len(patterns)).astype(np.float64)
        seen = self._transform_data(patterns)
        pull = _PULL_M * np.exp(self.feature_log_prob_[1])
        for _ in range(self.max_iter):
            before = self.class_log_prior_, self.feature_log_prob_
            weight = self.predict_proba(patterns)[:, 1] * counts
            rate = min(max(weight.sum() / self.all_pairs, 1e-12), 0.5)
            m = weight @ seen + pull
            for end, size in zip(np.cumsum(self.sizes), self.sizes, strict=True):
                m[end - size : end] /= m[end - size : end].sum()
            self.class_log_prior_ = np.log([1 - rate, rate])
            self.feature_log_prob_ = np.vstack([self.feature_log_prob_[0], np.log(m)])
            if np.allclose(before[0], self.class_log_prior_, atol=self.atol) and np.allclose(before[1], self.feature_log_prob_, atol=self.atol):
                break
        return self


def classifier(model: Model, all_pairs: float = 0.0) -> ECMClassifier:
    """recordlinkage's classifier with the weights of ``model``: ``prob`` at once, or ``fit`` to learn further."""
    ready = ECMClassifier()
    ready.kernel = LevelECM(model, all_pairs)
    return ready


def score(model: Model, levels: Levels) -> tuple[Floats, Floats]:
    """Probability and log-odds in bits that a pair is one person: (pairs,) each, worked out once per distinct pattern."""
    if not len(levels):
        return np.empty(0), np.empty(0)
    patterns, inverse = distinct(levels)
    ready = classifier(model)
    log = ready.kernel.predict_log_proba(patterns)
    return ready.prob(pd.DataFrame(patterns)).to_numpy()[inverse], ((log[:, 1] - log[:, 0]) / np.log(2))[inverse]


def train(records: Records, kind: Kind, levels: Levels) -> Model:
    """A model learned from the levels of all candidate pairs, or the priors with the reason why."""
    n = len(records)
    if n < kind.train_from:
        return prior_model(kind, "too few records")
    if not len(levels):
        return prior_model(kind, _NO_MATCHES)
    names = tuple(kind.comparisons)
    start = prior_model(kind)
    start = Model(kind.match_rate, start.m, _learn_u(records, kind, start), "trained")
    all_pairs = n * (n - 1) / 2
    learner = classifier(start, all_pairs)
    learner.fit(pd.DataFrame(levels, columns=list(names)))
    edges = np.cumsum([0, *learner.kernel.sizes])
    m = np.exp(learner.kernel.feature_log_prob_[1])
    learned = Model(float(learner.p), {name: tuple(m[a:b].tolist()) for name, a, b in zip(names, edges, edges[1:], strict=False)}, start.u, "trained")
    trouble = _trouble(learned, learned.match_rate * all_pairs, n)
    return prior_model(kind, trouble) if trouble else learned


def distinct(levels: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Codes]:
    """Distinct rows of a matrix of small level codes, and which of them each row is."""
    packed = np.zeros(len(levels), dtype=np.int64)
    for column in levels.T:
        packed = packed * 8 + (column.astype(np.int64) + 2)
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    return levels[first], inverse


def _learn_u(records: Records, kind: Kind, start: Model) -> dict[str, tuple[float, ...]]:
    """Level frequencies among random pairs (those that look like one person left out), pulled to the prior.

    Exact agreement on an identifier or contact point is too rare for a sample: it is counted over all pairs of
    differently named holders of a value.
    """
    n, chance = len(records), np.random.default_rng(20240229)
    first, second = chance.integers(0, n, _RANDOM_PAIRS), chance.integers(0, n, _RANDOM_PAIRS)
    apart = first != second
    pairs = pd.MultiIndex.from_arrays([np.minimum(first, second)[apart], np.maximum(first, second)[apart]])
    levels = compare(records, kind, pairs)
    levels = levels[score(start, levels)[0] < 0.5]
    learned = {}
    for at, (name, part) in enumerate(kind.comparisons.items()):
        counts = np.bincount(levels[levels[:, at] >= 0, at], minlength=len(part.names)).astype(np.float64)
        u = (counts + _PULL_U * np.array(start.u[name])) / (counts.sum() + _PULL_U)
        if part.compare in ("identifier", "email", "phone"):
            u[0] = _chance_agreement(records, name, start.u[name][0])
        learned[name] = tuple((u / u.sum()).tolist())
    return learned


def _chance_agreement(records: Records, name: str, prior: float) -> float:
    if name in records.points:
        points = records.points[name]
        use = points.telling[points.codes]
        rows, codes = points.rows[use], points.codes[use]
    else:
        codes = records.columns[name].codes
        rows = np.flatnonzero(codes >= 0)
        codes = codes[rows]
    holders = pd.DataFrame({"value": codes, "name": records.columns["name_key"].codes[rows]}).drop_duplicates()
    counts = holders["value"].value_counts().to_numpy(np.float64)
    pairs = len(holders) * (len(holders) - 1.0) / 2
    return float(((counts * (counts - 1) / 2).sum() + _PULL_U * prior) / (pairs + _PULL_U))


def _trouble(model: Model, matches: float, records: int) -> str:
    """Why a learned model cannot be trusted; empty when it can."""
    if matches < _FEWEST_MATCHES:
        return _NO_MATCHES
    if matches > 10 * records:
        return "learning found more matches than there can be"
    for name in model.m:
        weights: Sequence[float] = [np.log2(m / u) for m, u in zip(model.m[name], model.u[name], strict=True)]
        if weights[0] <= 1 or weights[-1] >= 0 or weights[0] < max(weights[1:]) - 3:
            return f"learning turned the weights of {name} around"
    return ""
