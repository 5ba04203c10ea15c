"""What each level weighs, learned without labels: u from value counts and random pairs, m by expectation maximisation, the prior solved.

Every blocking rule gives a sample of pairs. Pairs of one rule agree on its keys by construction, so a comparison on one of
its columns learns nothing from them; all others share one m, while each rule has its own share of matches (Winkler 1988;
Splink's rounds of training, taken at once).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dedup.kernel.blocks import Blocks, inside, sample
from dedup.kernel.columns import Column, Ints
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
    """``m`` and ``u`` (K, 8) per comparison and level, ``match_rate`` over all pairs; ``origin`` is trained or prior, ``reason`` why a prior stands."""

    match_rate: float
    m: Floats
    u: Floats
    origin: str
    reason: str = ""

    @property
    def prior(self) -> float:
        """Log-odds in bits of any pair before it was looked at."""
        return float(np.log2(self.match_rate / (1 - self.match_rate)))

    @property
    def bits(self) -> Floats:
        """Weight of every level in bits: (K, 8), zero for levels there are not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((self.m > 0) & (self.u > 0), np.log2(self.m / self.u), 0.0)

    def as_dict(self, table: Table) -> dict[str, Any]:
        """Plain values by comparison and level, rounded so that the stored and the used model are the same."""

        def sides(at: int, part: Any) -> dict[str, dict[str, float]]:
            return {level: {"m": _round(self.m[at, place]), "u": _round(self.u[at, place])} for place, level in enumerate(part.names)}

        told = {name: sides(at, part) for at, (name, part) in enumerate(table.comparisons.items())}
        return {"match_rate": _round(self.match_rate), "origin": self.origin, "reason": self.reason, "comparisons": told}


def from_dict(stored: Mapping[str, Any], table: Table) -> Weights:
    """The weights ``as_dict`` wrote. Raises KeyError when they are of another table."""
    m, u = np.zeros((len(table.comparisons), MOST_LEVELS)), np.zeros((len(table.comparisons), MOST_LEVELS))
    for at, (name, part) in enumerate(table.comparisons.items()):
        for place, level in enumerate(part.names):
            m[at, place], u[at, place] = (stored["comparisons"][name][level][side] for side in ("m", "u"))
    return Weights(stored["match_rate"], m, u, stored["origin"], stored["reason"])


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


def train(table: Table, program: Program, columns: Mapping[str, Column], blocks: Sequence[Blocks], full: bool = False, seed: int = 20240229) -> Weights:
    """Weights for ``program``. ``full``: the blocks are not those of the rules but all pairs."""
    n = len(program.rows)
    begin = starting(table)
    if n < table.train_from:
        return starting(table, "too few rows")
    chance = np.random.default_rng(seed)
    u = _learn_u(program, begin, chance)
    samples, rates, drawn_from = [], [], []
    for rule, part in enumerate(blocks):
        drawn = sample(part, _SAMPLE_PAIRS, chance)
        a, b = inside(drawn)
        if len(a) > 2 * _SAMPLE_PAIRS:
            use = np.sort(chance.choice(len(a), _SAMPLE_PAIRS, replace=False))
            a, b = a[use], b[use]
        if len(a) < 50:
            continue
        levels = levels_of(program, a, b)
        if not full:
            levels[:, _determined(table, rule)] = -1
        patterns, counts = np.unique(pack(levels), return_counts=True)
        samples.append((unpack(patterns, levels.shape[1]), counts.astype(np.float64)))
        rates.append(table.match_rate if full else 0.3)
        drawn_from.append(part)
    if not samples:
        return starting(table, "no pairs to learn from")
    m = _maximise(samples, rates, begin.m, u)
    matches = sum(rate * part.pairs for rate, part in zip(rates, drawn_from, strict=True))  # at most: a pair two rules find counts twice
    return Weights(float(np.clip(matches / (n * (n - 1) / 2), 1e-12, 0.5)), m, u, "trained")


def rarity(table: Table, program: Program, columns: Mapping[str, Column], weights: Weights) -> Floats:
    """Bits added to the exact level by value: what agreeing on this value says beyond agreeing on any (0 without term frequency)."""
    added = np.zeros(program.texts.base[-1])
    for k, (name, part) in enumerate(table.comparisons.items()):
        if part.term_frequency and part.compare != "custom":
            counts = columns[part.column or name].counts
            low = program.base[program.cols[k, 0]]
            added[low : low + len(counts)] = np.log2(weights.u[k, 0] / (np.maximum(counts, 2) / max(counts.sum(), 1)))
    return added


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
    return [at for at, (name, part) in enumerate(table.comparisons.items()) if (part.column or name) in keys]


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


def _maximise(samples: Sequence[tuple[npt.NDArray[np.int8], Floats]], rates: list[float], m: Floats, u: Floats) -> Floats:
    """m shared by all samples, each with its own share of matches; the starting m is worth ``_PULL_M`` pairs."""
    start, m = m, m.copy()
    hot = [np.stack([pattern == level for level in range(MOST_LEVELS)], axis=2).astype(np.float64) for pattern, _ in samples]  # (patterns, K, 8)
    for _ in range(_ROUNDS):
        before = m
        with np.errstate(divide="ignore", invalid="ignore"):
            bits = np.where((m > 0) & (u > 0), np.log2(m / u), 0.0)
        gathered = _PULL_M * start
        for at, ((_, counts), here) in enumerate(zip(samples, hot, strict=True)):
            weight = np.einsum("pkl,kl->p", here, bits)
            posterior = 1 / (1 + np.exp2(-np.clip(weight + np.log2(rates[at] / (1 - rates[at])), -60, 60)))
            expected = posterior * counts
            rates[at] = float(np.clip(expected.sum() / counts.sum(), 1e-9, 1 - 1e-6))
            gathered = gathered + np.einsum("p,pkl->kl", expected, here)
        m = gathered / gathered.sum(axis=1, keepdims=True)
        if np.abs(m - before).max() < 1e-5:
            break
    return m


def _round(value: float) -> float:
    return float(f"{value:.9g}")
