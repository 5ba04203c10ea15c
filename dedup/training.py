"""What each level weighs, learned without labels: u from value counts and random pairs, m by expectation maximisation, the prior solved.

Every blocking rule gives a sample of pairs. Pairs of one rule agree on its keys by construction, so a comparison on one of
its columns learns nothing from them; all others share one m, while each rule has its own share of matches (Winkler 1988;
Splink's rounds of training, taken at once).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from dedup.kernel.blocks import Blocks, inside, membership, sample
from dedup.kernel.columns import Column
from dedup.kernel.program import CUSTOM, MOST_LEVELS, Program, pack, unpack
from dedup.kernel.run import levels_of
from dedup.table import Table, split_key

Floats = npt.NDArray[np.float64]
_SAMPLE_ROWS, _PARTNERS = 4_000, 100
_SAMPLE_PAIRS = 60_000
_PULL_M, _PULL_U = 20.0, 20.0
"""How many pairs the starting values are worth."""
_ROUNDS = 200


@dataclass(frozen=True)
class Weights:
    """``m`` and ``u`` (K, 8) per comparison and level, ``match_rate`` over all pairs; ``origin`` is trained or prior, ``reason`` why a prior stands.

    ``related``: per relation (household, …) its share of all pairs and its level shares (K, 8). ``judged`` (K, 8), ``judged_prior``: bits that
    judged pairs add to each level and to every pair (``calibration``); None where nobody judged.
    """

    match_rate: float
    m: Floats
    u: Floats
    origin: str
    reason: str = ""
    related: Mapping[str, tuple[float, Floats]] = field(default_factory=dict)
    judged: Floats | None = None
    judged_prior: float = 0.0

    @property
    def prior(self) -> float:
        """Log-odds in bits of any pair before it was looked at."""
        return float(np.log2(self.match_rate / (1 - self.match_rate))) + self.judged_prior

    @property
    def bits(self) -> Floats:
        """Weight of every level in bits: (K, 8), zero for levels there are not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = np.where((self.m > 0) & (self.u > 0), np.log2(self.m / self.u), 0.0)
        return bits if self.judged is None else bits + self.judged

    @property
    def related_bits(self) -> Floats:
        """Weights of related pairs against strangers: (R, K, 8)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            made = [np.where((r > 0) & (self.u > 0), np.log2(r / self.u), 0.0) for _, r in self.related.values()]
        return np.stack(made) if made else np.zeros((0, *self.u.shape))

    @property
    def related_prior(self) -> Floats:
        """Log-odds in bits of being related rather than strangers, per relation: (R,)."""
        return np.array([np.log2(rate) for rate, _ in self.related.values()])

    def as_dict(self, table: Table) -> dict[str, Any]:
        """Plain values by comparison and level, rounded so that the stored and the used model are the same."""

        def sides(at: int, part: Any) -> dict[str, dict[str, float]]:
            known = {"m": self.m, "u": self.u} | ({} if self.judged is None else {"judged": self.judged})
            return {level: {name: _round(values[at, place]) for name, values in known.items()} for place, level in enumerate(part.names)}

        parts = list(enumerate(table.comparisons.items()))
        told = {name: sides(at, part) for at, (name, part) in enumerate(table.comparisons.items())}
        model = {"match_rate": _round(self.match_rate), "origin": self.origin, "reason": self.reason, "comparisons": told}
        if self.judged is not None:
            model["judged_prior"] = _round(self.judged_prior)
        if self.related:
            model["related"] = {
                relation: {"rate": _round(rate), "comparisons": {name: [_round(value) for value in r[at, : len(part.names)]] for at, (name, part) in parts}}
                for relation, (rate, r) in self.related.items()
            }
        return model


def from_dict(stored: Mapping[str, Any], table: Table) -> Weights:
    """The weights ``as_dict`` wrote. Raises KeyError when they are of another table."""
    m, u, judged = (np.zeros((len(table.comparisons), MOST_LEVELS)) for _ in range(3))
    for at, (name, part) in enumerate(table.comparisons.items()):
        for place, level in enumerate(part.names):
            known = stored["comparisons"][name][level]
            m[at, place], u[at, place], judged[at, place] = known["m"], known["u"], known.get("judged", 0.0)
    related = {}
    for relation, part in stored.get("related", {}).items():
        r = np.zeros_like(m)
        for at, name in enumerate(table.comparisons):
            values = part["comparisons"][name]
            r[at, : len(values)] = values
        related[relation] = (part["rate"], r)
    by_people = (judged, stored["judged_prior"]) if "judged_prior" in stored else (None, 0.0)
    return Weights(stored["match_rate"], m, u, stored["origin"], stored["reason"], related, *by_people)


def starting(table: Table, reason: str = "") -> Weights:
    """The weights before anything was learned: those of the file, else general ones."""
    m, u = np.zeros((len(table.comparisons), MOST_LEVELS)), np.zeros((len(table.comparisons), MOST_LEVELS))
    for at, part in enumerate(table.comparisons.values()):
        many = len(part.names)
        if part.levels:
            m[at, :many] = [part.levels[name].m for name in part.names]
            u[at, :many] = [part.levels[name].u for name in part.names]
        else:
            m[at, :many] = [0.8, *[0.15 / (many - 2)] * (many - 2), 0.05] if many > 2 else [0.9, 0.1]
            u[at, :many] = [0.001, *[0.01 / (many - 2)] * (many - 2), 0.989] if many > 2 else [0.001, 0.999]
    return Weights(table.match_rate, m, u, "prior", reason)


def train(
    table: Table, program: Program, columns: Mapping[str, Column], blocks: Sequence[Blocks], full: bool = False, seed: int = 20240229, ids: Any = None
) -> Weights:
    """Weights for ``program``. ``full``: the blocks are not those of the rules but all pairs. ``ids``: the rows' ``membership``, where it is known."""
    n = len(program.rows)
    begin = starting(table)
    if n < table.train_from:
        return starting(table, "too few rows")
    chance = np.random.default_rng(seed)
    u = _learn_u(program, begin, chance)
    ids = membership(n, blocks) if ids is None else ids
    samples = [drawn for rule, part in enumerate(blocks) if (drawn := _draw(table, program, part, rule, ids, full, chance))]
    if not samples:
        return starting(table, "no pairs to learn from")
    # the products are small: threads cost more than they save, and their number would show in the last digit
    with threadpool_limits(limits=1, user_api="blas"):
        return _fit(table, samples, begin.m, u, table.match_rate if full else 0.3, n)


def _fit(table: Table, samples: Sequence["Sample"], begin: Floats, u: Floats, rate: float, n: int) -> Weights:
    """Weights from the samples, with relations where the table names some and the data show them."""
    two = _maximise(samples, begin, u, {}, rate)
    learned = _solve(samples, two, u, {}, n)
    if not table.related or table.use_related == "never":
        return learned
    free = {name: np.isin(np.arange(len(u)), [list(table.comparisons).index(part) for part in parts]) for name, parts in table.related.items()}
    m, related = _maximise(samples, two[0], u, free, 0.3)
    more = _solve(samples, (m, related), u, free, n)
    # the guard: relations that swallow the matches are no relations
    if more.match_rate < learned.match_rate / 2:
        return replace(learned, reason="relations would take over half of the matches")
    shown = sum(rate for rate, _ in more.related.values()) > 0.05 * more.match_rate
    return more if shown or table.use_related == "always" else replace(learned, reason="no relations seen")


@dataclass(frozen=True)
class Sample:
    """Distinct patterns of pairs of one rule: ``learn`` hides what the rule determines, ``whole`` does not; ``counts`` of each, and how many
    pairs of the whole table a first-found pair stands for: ``mass``."""

    learn: npt.NDArray[np.int8]
    counts: Floats
    whole: npt.NDArray[np.int8]
    mass: Floats


def _draw(table: Table, program: Program, part: Blocks, rule: int, ids: Any, full: bool, chance: np.random.Generator) -> Sample | None:
    many = _SAMPLE_PAIRS * 8 if full else _SAMPLE_PAIRS
    if full and part.pairs > many:
        a, b = chance.integers(0, len(program.rows), (2, many))
        a, b = np.minimum(a, b)[a != b], np.maximum(a, b)[a != b]
    else:
        a, b = inside(sample(part, many, chance))
        if len(a) > 2 * many:
            use = np.sort(chance.choice(len(a), many, replace=False))
            a, b = a[use], b[use]
    if len(a) < 50:
        return None
    levels = levels_of(program, a, b)
    first = np.ones(len(a), dtype=bool)
    for q in range(rule):
        first &= (ids[a, q] < 0) | (ids[a, q] != ids[b, q])
    whole, found = np.unique(pack(levels[first]), return_counts=True)
    if not full:
        levels[:, _determined(table, rule)] = -1
    learn, counts = np.unique(pack(levels), return_counts=True)
    mass = found * (part.pairs / len(a))
    return Sample(unpack(learn, levels.shape[1]), counts.astype(np.float64), unpack(whole, levels.shape[1]), mass.astype(np.float64))


def rarity(table: Table, program: Program, columns: Mapping[str, Column], exact: Floats, total: Mapping[str, int] | None = None) -> Floats:
    """Bits added to the exact level by value: what agreeing on this value says beyond agreeing on any (0 without term frequency).

    ``exact`` (K,): u of the exact levels. ``total``: how many rows hold any value of a column, where these rows are not all there are.
    """
    added = np.zeros(program.texts.base[-1])
    for k, (name, part) in enumerate(table.comparisons.items()):
        if part.term_frequency and part.compare != "custom":
            counts = columns[part.column or name].counts
            held = total[part.column or name] if total else counts.sum()
            low = program.base[program.cols[k, 0]]
            added[low : low + len(counts)] = np.log2(exact[k] / (np.maximum(counts, 2) / max(held, 1)))
    return added


def from_labels(learned: Weights, levels: npt.NDArray[np.int8], same: npt.NDArray[np.bool_]) -> Weights:
    """``learned`` with m counted over pairs known to be one entity; the learned m is worth ``_PULL_M`` pairs."""
    counted = np.stack([np.bincount(column[column >= 0], minlength=MOST_LEVELS) for column in levels[same].T])
    m = counted + _PULL_M * learned.m
    return replace(learned, m=m / m.sum(axis=1, keepdims=True), reason="m counted from labels")


def log_odds(weights: Weights, program: Program, levels: npt.NDArray[np.int8], rare: Floats) -> Floats:
    """Log-odds in bits of pairs with these levels (pairs, K); ``rare`` (pairs, K): -log2 of how frequent the value agreed on is, or 0."""
    agreed = (levels == 0) & (rare != 0)
    extra = np.where(agreed, rare + np.log2(weights.u[:, 0]), 0.0)
    hot = one_hot(levels)
    total = hot @ weights.bits.ravel() + extra.sum(axis=1) + weights.prior
    odds = np.ones(len(levels))
    for bits, prior in zip(weights.related_bits, weights.related_prior, strict=True):
        odds += np.exp2(hot @ bits.ravel() + (extra * (bits[:, 0] != 0)).sum(axis=1) + prior)
    return np.asarray(total - np.log2(odds))


def solve_rate(bits: npt.NDArray[Any], prior: float, pairs: float) -> float:
    """The match rate at which the matches expected among ``bits`` (log-odds under ``prior``) are that share of all ``pairs``."""
    bare = bits.astype(np.float64) - prior
    rate = max(2.0**prior, 1e-12)
    for _ in range(60):
        now = np.log2(rate / (1 - rate))
        expected = (1 / (1 + np.exp2(-np.clip(bare + now, -60, 60)))).sum()
        new = min(max(expected / pairs, 1e-12), 0.5)
        if abs(new - rate) < 1e-6 * rate:
            return float(new)
        rate = new
    return float(rate)


def _determined(table: Table, rule: int) -> list[int]:
    """Comparisons on a column that the keys of this rule are made of."""
    keys = {split_key(key)[0] for key in table.blocking.rules[rule]}
    return [at for at, (name, part) in enumerate(table.comparisons.items()) if keys & {part.column or name, part.street or None, part.number or None}]


def _learn_u(program: Program, begin: Weights, chance: np.random.Generator) -> Floats:
    """Shares of the levels among random pairs; exact agreement is counted over all pairs there are.

    The sample takes few rows and many pairs among them, so that all it touches stays in the processor's cache.
    """
    n = len(program.rows)
    rows = chance.choice(n, min(n, _SAMPLE_ROWS), replace=False)
    partners = min(_PARTNERS, (len(rows) - 1) // 2)
    a = np.tile(rows, partners)
    b = np.concatenate([np.roll(rows, -at) for at in range(1, partners + 1)]) if partners else a
    levels = levels_of(program, a, b)
    u = begin.u.copy()
    for k in range(len(program.operation)):
        if program.operation[k] == CUSTOM:
            continue
        many = program.levels[k]
        codes = program.rows[:, program.cols[k, 0]]
        counts = np.bincount(codes[codes >= 0]).astype(np.float64)
        held = counts.sum()
        exact = ((counts * (counts - 1)).sum() + 1.0) / (held * (held - 1) + 1.0) if held > 1 else begin.u[k, 0]
        rest = np.bincount(levels[levels[:, k] > 0, k], minlength=many)[1:many].astype(np.float64)
        pull = _PULL_U * begin.u[k, 1:many] / begin.u[k, 1:many].sum()
        rest = (rest + pull) / (rest + pull).sum()
        exact = min(max(exact, 1e-9), 0.999)
        u[k, 0], u[k, 1:many] = exact, rest * (1 - exact)
    return u


Classes = tuple[Floats, dict[str, Floats]]
"""m of the matches (K, 8), and that of every relation."""


def _maximise(samples: Sequence[Sample], m: Floats, u: Floats, free: Mapping[str, Any], rate: float) -> Any:
    """Level shares by expectation maximisation, common to all samples; each sample has its own shares of matches and relations.

    A relation is free in the comparisons it agrees on, in all others it is fixed at chance: a household does not share
    birth dates. Starting values are worth ``_PULL_M`` pairs. Without relations: m alone beside an empty mapping.
    """
    names = list(free)
    start = np.stack([m, *[np.where(free[name][:, None], m, u) for name in names]])  # (classes, K, 8)
    now = start.copy()
    shares = np.full((len(samples), len(start)), rate / len(start))
    hot = [one_hot(part.learn) for part in samples]
    seen = np.any([part.any(axis=0) for part in hot], axis=0)  # half the levels there could be are shown by no pair
    shown = [np.ascontiguousarray(part[:, seen]) for part in hot]
    for _ in range(_ROUNDS):
        before = now
        gathered = _PULL_M * start
        bits = _bits(now, u)[:, seen]
        for at, part in enumerate(samples):
            posterior = _posterior(shown[at], bits, np.log2(shares[at] / max(1 - shares[at].sum(), 1e-9)))
            expected = posterior * part.counts
            shares[at] = np.clip(expected.sum(axis=1) / part.counts.sum(), 1e-9, (1 - 1e-6) / len(start))
            gathered = gathered + (expected @ hot[at]).reshape(start.shape)
        now = gathered / gathered.sum(axis=2, keepdims=True)
        for at, name in enumerate(names, 1):
            now[at] = np.where(free[name][:, None], now[at], u)
        if np.abs(now - before).max() < 1e-4:
            break
    return now[0], dict(zip(names, now[1:], strict=True))


def _solve(samples: Sequence[Sample], classes: Classes, u: Floats, free: Mapping[str, Any], n: int) -> Weights:
    """Shares of matches and relations over all pairs: those at which the expected number among the candidates is that share."""
    m, related = classes
    now = np.stack([m, *related.values()])
    bits = _bits(now, u)
    hot, mass = np.concatenate([one_hot(part.whole) for part in samples]), np.concatenate([part.mass for part in samples])
    possible = n * (n - 1) / 2
    rates = np.full(len(now), min(mass.sum() / possible / len(now), 0.1))
    for _ in range(100):
        posterior = _posterior(hot, bits, np.log2(rates))
        new = np.clip((posterior @ mass) / possible, 1e-12, 0.5)
        done = np.abs(new - rates).max() < 1e-4 * rates.max()
        rates = new
        if done:
            break
    return Weights(float(rates[0]), m, u, "trained", "", {name: (float(rate), r) for (name, r), rate in zip(related.items(), rates[1:], strict=True)})


def one_hot(patterns: npt.NDArray[np.int8]) -> Floats:
    """(patterns, K x 8): which level each comparison is at."""
    return np.stack([patterns == level for level in range(MOST_LEVELS)], axis=2).reshape(len(patterns), patterns.shape[1] * MOST_LEVELS).astype(np.float64)


def _bits(now: Floats, u: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((now > 0) & (u > 0), np.log2(now / u), 0.0).reshape(len(now), -1)


def _posterior(hot: Floats, bits: Floats, prior: Floats) -> Floats:
    """Probability of every class but strangers: (classes, patterns)."""
    odds = bits @ hot.T
    odds += prior[:, None]
    np.exp2(np.clip(odds, -100, 100, out=odds), out=odds)
    odds /= 1 + odds.sum(axis=0)
    return np.asarray(odds)


def _round(value: float) -> float:
    return float(f"{value:.9g}")
