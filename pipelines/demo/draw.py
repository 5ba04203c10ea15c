"""Chance and tables: one independent random stream per purpose and block, and weighted draws from the files in ``tables/``."""

import csv
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Texts = NDArray[np.object_]
"""A column of str; the empty string means "has none"."""
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Columns = dict[str, Any]
"""Arrays of one length by name: a frame without an index, since rows here are only ever met by position."""

TABLES = Path(__file__).parent / "tables"
AS_OF = np.datetime64("2026-11-20")
"""Today in the made-up world; nothing in it is younger."""


def stream(seed: int, block: int, purpose: str) -> np.random.Generator:
    """A random stream of its own for one purpose, so that a change in one place never shifts the draws of another."""
    return np.random.default_rng([seed, block, zlib.crc32(purpose.encode())])


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of ``tables/<name>.csv``."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def document(name: str) -> Any:
    """The content of ``tables/<name>.yml``."""
    return yaml.safe_load((TABLES / f"{name}.yml").read_text(encoding="utf-8"))


def texts(values: Sequence[str]) -> Texts:
    """A column of str; plain ``np.array`` would cut it to fixed-width characters."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def pick(rng: np.random.Generator, weights: Sequence[float] | NDArray[np.float64], size: int) -> Ints:
    """``size`` positions drawn by weight."""
    bounds = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(bounds / bounds[-1], rng.random(size), side="right").clip(0, len(bounds) - 1)


def pick_by_country(rng: np.random.Generator, name: str, value: str, country: Texts, **only: str) -> Texts:
    """For each row a ``value`` of the weighted table ``name`` among those of its country."""
    drawn = texts([""] * len(country))
    for code in sorted(set(country)):
        choices = [row for row in table(name) if row["country"] == code and all(row[key] == wanted for key, wanted in only.items())]
        here = np.flatnonzero(country == code)
        drawn[here] = texts([row[value] for row in choices])[pick(rng, [float(row.get("weight", 1)) for row in choices], len(here))]
    return drawn


def struck(rng: np.random.Generator, rate: float, among: Flags) -> Ints:
    """Positions among the eligible rows that chance strikes."""
    return np.flatnonzero(among & (rng.random(len(among)) < rate))


def change(column: Texts, where: Ints, how: Callable[[str], str]) -> None:
    """Rewrite the values at some positions, in place."""
    column[where] = texts([how(value) for value in column[where]])


def scatter(first: int, count: int, seed: int, modulus: int) -> Ints:
    """Distinct numbers below a prime ``modulus`` for ``count`` things in a row, without visible order (an affine permutation)."""
    step = 2_654_435_761 % modulus
    return ((np.arange(first, first + count, dtype=np.int64) % modulus) * step + seed * 7_919 + 1_013) % modulus
