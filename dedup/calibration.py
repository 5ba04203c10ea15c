"""Calibration by judged pairs: a sample of them drawn over all scores, and from their verdicts thresholds and weights for a model.

A threshold is judged on the whole clusters it gives, never on single pairs: two rows are together or apart, whatever their own
score says. Weights are changed only where clusters of changed weights, fitted on other judged pairs, agree with the verdicts
better than clusters of the learned ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit

from contacts.errors import ConfigurationError
from contacts.estimate import estimate
from dedup import engine, judged_sample, training
from dedup.grouping import components
from dedup.kernel import run
from dedup.kernel.blocks import Blocks, inside
from dedup.kernel.columns import Ints
from dedup.kernel.program import Program, unpack
from dedup.table import Table, at_thresholds, under

Floats = npt.NDArray[np.float64]
THRESHOLDS = (-12.0, -9.0, -7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
"""Log-odds in bits tried, each for pairs (``edge``) and groups (``bond``) alike."""
FEWEST_JUDGED = 20
"""Judged pairs below which nothing is calibrated."""
FOLDS = 4
_SCORES = (-9.0, -6.0, -3.0, 0.0, 3.0, 6.0)
"""Bits between strata of pairs that no threshold puts together."""
_SPREAD, _SPREAD_PRIOR = 2.0, 6.0
"""Bits: standard deviation of what judged pairs may be expected to change about one level, and about the log-odds of any pair."""


@dataclass(frozen=True)
class Scene:
    """Rows ready to be linked again and again: what ``engine.prepare`` made of them, and each row's source where sources hold nobody twice."""

    frame: engine.Rows
    table: Table
    ready: engine.Prepared
    source: Ints | None


@dataclass(frozen=True)
class Weighed:
    """A scene under some weights: the program, their prior, and every pair from the lowest threshold on."""

    program: Program
    prior: float
    edges: run.Edges


def sample(frame: engine.Rows, table: Table, model: Mapping[str, Any], size: int = 300, seed: int = 1) -> pd.DataFrame:
    """Pairs to be judged: row numbers ``a`` < ``b``, ``stratum`` (a number that tells nothing of the score) and ``weight``, how many pairs each stands for.

    Drawn from all pairs that any threshold could tie or put together. Strata are the highest threshold at which two rows are together
    and whether their own score speaks for it; how many to draw of each follows Neyman (1934), see ``judged_sample``. The same rows,
    model and seed give the same sample. Raises ConfigurationError where no two rows come near each other.
    """
    scene = _scene(frame, table, model)
    pairs = _population(scene, _weigh(scene, training.from_dict(model, table)))
    if pairs.empty:
        raise ConfigurationError("There are no pairs to judge: no two rows come near each other.", "Look at the blocking rules of the linkage file.")
    drawn = judged_sample.draw(pairs, size, seed)
    names = np.random.default_rng(seed).permutation(pairs["stratum"].unique())
    return drawn.assign(stratum=drawn["stratum"].map({name: at for at, name in enumerate(names, 1)}))[["a", "b", "stratum", "weight"]]


def calibrate(frame: engine.Rows, table: Table, model: Mapping[str, Any], judged: pd.DataFrame) -> dict[str, Any]:
    """``model`` with the thresholds, and where they win the weights, that agree best with ``judged``: a, b (row numbers), same, weight.

    ``thresholds`` in the result holds edge and bond; ``calibration`` the thresholds ``before``, the number of judged pairs, which
    ``weights`` were taken, the ``trials`` of all of them, and per threshold of the taken ones clusters, pairs together, precision, recall
    and F1 with 95 % intervals (Wilson on Kish's effective sample size), and how many pairs would be wrong or missed. A model calibrated
    before is calibrated anew, from the weights it was trained with. Raises ConfigurationError for too few verdicts, or of one kind only.
    """
    same = judged["same"].to_numpy(bool)
    if len(judged) < FEWEST_JUDGED or same.all() or not same.any():
        raise ConfigurationError(
            f"{len(judged)} judged pairs, {int(same.sum())} of them the same, are too few to calibrate by.",
            f"It takes {FEWEST_JUDGED} with both kinds among them; 200 to 300 serve well.",
        )
    before = model["calibration"]["before"] if "calibration" in model else model.get("thresholds")
    scene = _scene(frame, table, {"thresholds": before})
    learned = replace(training.from_dict(model, table), judged=None, judged_prior=0.0)
    begin = _weigh(scene, learned)
    levels, bits = _levels_and_bits(scene, begin, judged)
    worth = np.sqrt(judged["weight"].to_numpy(np.float64))  # half way between the sample as drawn (biased) and as weighted (a few pairs rule all others)
    worth *= worth.sum() / (worth**2).sum()

    def corrected(of: npt.NDArray[np.bool_]) -> training.Weights:
        return _corrected(learned, levels[of], same[of], worth[of], bits[of])

    fold = _folds(scene, begin, judged)
    asked = _asked(scene, begin)
    kept, unasked = _together(scene, begin, judged, asked)
    tried = {"learned": (kept, unasked)}
    held_out, beyond = kept.copy(), np.zeros(len(unasked))
    for part in range(FOLDS):
        together, more = _together(scene, _weigh(scene, corrected(fold != part)), judged, asked)
        held_out[:, fold == part] = together[:, fold == part]
        beyond += more / FOLDS
    tried["levels corrected"] = held_out, beyond
    trials = [{"weights": name} | _best(*found, judged) for name, found in tried.items()]
    best = max(trials, key=lambda trial: trial["f1"])["weights"]  # of equals the first: the learned ones
    weights = learned if best == "learned" else corrected(np.ones(len(judged), dtype=bool))
    rows = _rows(scene, begin if best == "learned" else _weigh(scene, weights), judged, *tried[best])
    chosen = max(rows, key=lambda row: row["f1"] or 0.0)
    told = {"before": before, "judged": len(judged), "same": int(same.sum()), "weights": best, "trials": trials, "thresholds": rows}
    return weights.as_dict(table) | {"thresholds": {"edge": chosen["edge"], "bond": chosen["bond"]}, "calibration": told}


def _scene(frame: engine.Rows, table: Table, model: Mapping[str, Any]) -> Scene:
    table = under(table, model)
    return Scene(frame, table, engine.prepare(frame, table), engine.source_of(frame, table))


def _weigh(scene: Scene, weights: training.Weights) -> Weighed:
    table, ready = scene.table, scene.ready
    rarity = training.rarity(table, ready.program, ready.columns, weights.u[:, 0])
    program = ready.program.weighing(weights.bits, rarity, weights.related_bits, weights.related_prior)
    edges = run.score_blocks(program, ready.blocks, weights.prior, THRESHOLDS[0], scene.source)
    return Weighed(program, weights.prior, engine.custom(scene.frame, table, program, edges))


def _clusterings(scene: Scene, weighed: Weighed) -> Iterator[tuple[float, float, Ints]]:
    """``edge``, ``bond`` and the clusters they give: first those in force, then every threshold."""
    given = scene.table.clusters
    for edge, bond in [(given.edge, given.bond), *((bits, bits) for bits in THRESHOLDS)]:
        table = at_thresholds(scene.table, edge, bond)
        yield edge, bond, engine.clusters(scene.frame, table, weighed.program, weighed.prior, weighed.edges.above(edge), scene.source, len(scene.frame))


def _asked(scene: Scene, weighed: Weighed, widest: Ints | None = None) -> tuple[Ints, Ints]:
    """Every pair that may be asked about: those scored, and those inside the clusters of the lowest threshold."""
    n = len(scene.frame)
    if widest is None:
        widest = next(labels for edge, bond, labels in _clusterings(scene, weighed) if edge == bond == THRESHOLDS[0])
    a, b = _inside(widest)
    key = np.unique(np.r_[weighed.edges.a.astype(np.int64) * n + weighed.edges.b, a * n + b])
    a, b = np.divmod(key, n)
    if scene.source is None:
        return a, b
    apart = scene.source[a] != scene.source[b]
    return a[apart], b[apart]


def _population(scene: Scene, weighed: Weighed) -> pd.DataFrame:
    """Every pair that may be drawn: a, b, together (at any threshold), probability (a guess of how likely they are one), stratum."""
    made = list(_clusterings(scene, weighed))[1:]
    a, b = _asked(scene, weighed, made[0][2])
    level = np.full(len(a), -1)
    for at, (_, _, labels) in enumerate(made):
        level[labels[a] == labels[b]] = at
    bits = _look(scene, weighed.program, weighed.prior, a, b).bits.astype(np.float64)
    together = level >= 0
    own = np.digitize(bits, _SCORES)
    stratum = np.where(together, 100 + 2 * level + (bits >= 0), own)
    # learned weights are too sure of themselves, so both what they say of the pair and of its cluster count half
    guess = np.where(together, np.array(THRESHOLDS)[np.maximum(level, 0)], 0.0) / 2 + np.clip(bits, -10, 10) / 2
    probability = np.clip(expit(guess * np.log(2)), 0.02, 0.98)
    return pd.DataFrame({"a": a, "b": b, "together": together, "probability": probability, "stratum": stratum.astype(str)})


def _inside(labels: Ints) -> tuple[Ints, Ints]:
    """All pairs inside clusters, smaller row first."""
    counts = np.bincount(labels, minlength=len(labels))
    rows = np.flatnonzero(counts[labels] > 1)
    members = rows[np.argsort(labels[rows], kind="stable")]
    ends = np.cumsum(counts[counts > 1])
    return inside(Blocks(members, ends - counts[counts > 1], ends, np.empty(0, dtype=np.int64)))


def _look(scene: Scene, program: Program, prior: float, a: Ints, b: Ints) -> run.Edges:
    bits, pattern = run.weigh(program, a, b, prior)
    made = run.Edges(a.astype(np.int32), b.astype(np.int32), bits.astype(np.float32), pattern, 0)
    return engine.custom(scene.frame, scene.table, program, made)


def _levels_and_bits(scene: Scene, weighed: Weighed, judged: pd.DataFrame) -> tuple[npt.NDArray[np.int8], Floats]:
    found = _look(scene, weighed.program, weighed.prior, judged["a"].to_numpy(np.int64), judged["b"].to_numpy(np.int64))
    return unpack(found.pattern, len(scene.table.comparisons)), found.bits.astype(np.float64)


def _corrected(learned: training.Weights, levels: npt.NDArray[np.int8], same: npt.NDArray[np.bool_], worth: Floats, bits: Floats) -> training.Weights:
    """``learned`` with bits added to every level seen: logistic regression of the verdicts on the levels, beginning at the learned log-odds
    ``bits`` and drawn back to them by a normal prior (a ridge), so that few labels change little."""
    hot = training.one_hot(levels)
    seen = np.flatnonzero(hot.any(axis=0))
    x = np.c_[np.ones(len(hot)), hot[:, seen]] * np.log(2)  # so that coefficients are bits
    offset, y = bits * np.log(2), same.astype(np.float64)
    narrow = np.r_[_SPREAD_PRIOR, np.full(len(seen), _SPREAD)] ** -2.0

    def loss(change: Floats) -> tuple[float, Floats]:
        odds = offset + x @ change
        value = (worth * (np.logaddexp(0, odds) - y * odds)).sum() + 0.5 * (narrow * change**2).sum()
        return float(value), x.T @ (worth * (expit(odds) - y)) + narrow * change

    change = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x
    added = np.zeros(hot.shape[1])
    added[seen] = change[1:]
    return replace(learned, judged=added.reshape(learned.m.shape), judged_prior=float(change[0]))


def _folds(scene: Scene, weighed: Weighed, judged: pd.DataFrame) -> Ints:
    """Which part each judged pair is held out in: (pairs,). Pairs of one component stay in one part, so that none is judged by its own cluster."""
    use = weighed.edges.bits >= 0
    place = components(len(scene.frame), weighed.edges.a[use], weighed.edges.b[use])[judged["a"].to_numpy()]
    group = np.unique(place, return_inverse=True)[1]
    return np.random.default_rng(FOLDS).permutation(group.max() + 1)[group] % FOLDS


def _together(scene: Scene, weighed: Weighed, judged: pd.DataFrame, asked: tuple[Ints, Ints]) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Whether each judged pair is in one cluster, (clusterings, pairs), and how many pairs are that nobody could have been asked about.

    Changed weights may join rows that lay below every threshold before: no verdict speaks for such a pair, so it counts as wrong.
    """
    a, b = judged["a"].to_numpy(), judged["b"].to_numpy()
    found, unasked = [], []
    for _, _, labels in _clusterings(scene, weighed):
        found.append(labels[a] == labels[b])
        sizes = np.bincount(labels).astype(np.float64)
        unasked.append((sizes * (sizes - 1) / 2).sum() - (labels[asked[0]] == labels[asked[1]]).sum())
    return np.stack(found), np.array(unasked)


def _best(together: npt.NDArray[np.bool_], unasked: Floats, judged: pd.DataFrame) -> dict[str, Any]:
    """F1 at the threshold where it is highest."""
    figures = [_figures(row, more, judged) for row, more in zip(together, unasked, strict=True)]
    best = max(figures, key=lambda found: found["f1"] or 0.0)
    return {name: best[name] for name in ("f1", "f1 low", "f1 high")}


def _figures(together: npt.NDArray[np.bool_], unasked: float, judged: pd.DataFrame) -> dict[str, Any]:
    """Precision, recall and F1 with their intervals. F1 is a share too: of all verdicts for a pair, its cluster's and the judge's, those that agree."""
    together, same = np.append(together, True), np.append(judged["same"].to_numpy(bool), False)
    weight = np.append(judged["weight"].to_numpy(np.float64), unasked)
    told: dict[str, Any] = {}
    for name, over in (("precision", together.astype(float)), ("recall", same.astype(float)), ("f1", together.astype(float) + same)):
        at = weight * over > 0
        found = estimate(pd.DataFrame({"weight": (weight * over)[at], "right": (together & same)[at]}))
        told |= {name: None, f"{name} low": None, f"{name} high": None} if found is None else _rounded(name, found)
    return told | {"wrong": round(float(weight[together & ~same].sum())), "missed": round(float(weight[~together & same].sum()))}


def _rounded(name: str, found: Any) -> dict[str, float]:
    return {name: round(found.share, 4), f"{name} low": round(found.low, 4), f"{name} high": round(found.high, 4)}


def _rows(scene: Scene, weighed: Weighed, judged: pd.DataFrame, together: npt.NDArray[np.bool_], unasked: Floats) -> list[dict[str, Any]]:
    """Per threshold what it gives: clusters of two rows or more, the largest, pairs together, and the figures of ``together``."""
    rows = []
    for (edge, bond, labels), found, more in zip(_clusterings(scene, weighed), together, unasked, strict=True):
        sizes = np.bincount(labels)
        sizes = sizes[sizes > 1].astype(np.int64)
        known = {"edge": edge, "bond": bond, "clusters": len(sizes), "largest": int(sizes.max(initial=1)), "pairs": int((sizes * (sizes - 1) // 2).sum())}
        rows.append(known | _figures(found, more, judged))
    return rows
