"""Link the rows of any flat table: encode, block, compare, weigh, cluster, in one call."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from contacts.errors import LastroError
from dedup import grouping, programs, steadiness, training
from dedup.kernel import blocks as blocking
from dedup.kernel import run
from dedup.kernel.blocks import Blocks
from dedup.kernel.columns import Column, Ints, encode
from dedup.kernel.program import Program, pack, unpack
from dedup.table import Table, at_thresholds, under

Rows: TypeAlias = pd.DataFrame | pa.Table


@dataclass(frozen=True)
class Result:
    """``clusters`` (n,) one label per row; ``pairs``: a, b (row numbers), bits, probability, one level per comparison; the model and what it took."""

    clusters: npt.NDArray[np.int64]
    edges: run.Edges
    table: Table
    model: dict[str, Any]
    timings: dict[str, float]
    candidates: int
    rules: list[dict[str, Any]]

    @property
    def pairs(self) -> pd.DataFrame:
        """The surviving pairs as a table."""
        levels = unpack(self.edges.pattern, len(self.table.comparisons))
        probability = 1 / (1 + np.exp2(-self.edges.bits.astype(np.float64)))
        told = {"a": self.edges.a, "b": self.edges.b, "bits": self.edges.bits, "probability": probability}
        return pd.DataFrame(told | {name: levels[:, at] for at, name in enumerate(self.table.comparisons)})


@dataclass(frozen=True)
class Prepared:
    """A table ready to be compared: coded columns, program, blocks of every rule (one block of all rows for the full index)."""

    table: Table
    columns: Mapping[str, Column]
    program: Program
    blocks: list[Blocks]
    rules: list[dict[str, Any]]
    full: bool


def link_frame(frame: Rows, table: Table, model: Mapping[str, Any] | None = None, keep: float | None = None) -> Result:
    """Link the rows of ``frame``, a data frame or an Arrow table; an Arrow table need not be turned into anything first.

    ``model``: weights from an earlier ``Result.model``, and the thresholds that go with them; else both are learned from these rows
    (``training``, ``steadiness``). ``keep``: log-odds in bits from which a pair is kept (default: those that tie rows together).
    Raises LastroError when the rules give more pairs than the budget.
    """
    timings: dict[str, float] = {}
    table = under(table, model)
    ready = prepare(frame, table, timings)
    n = len(frame)
    if n < 2:
        return Result(np.arange(n), nothing(), table, training.starting(table).as_dict(table), timings, 0, ready.rules)
    with _timed(timings, "train"):
        ids = blocking.membership(n, ready.blocks)
        given = (table, ready.program, ready.columns, ready.blocks, ready.full)
        weights = training.from_dict(model, table) if model else training.train(*given, ids=ids)
        rarity = training.rarity(table, ready.program, ready.columns, weights.u[:, 0])
        program = ready.program.weighing(weights.bits, rarity, weights.related_bits, weights.related_prior)
    apart = source_of(frame, table)
    steady = not model and weights.origin == "trained" and table.clusters.thresholds == "steady"
    cut = min(table.clusters.edge - (steadiness.REACH if steady else 0.0), table.clusters.edge if keep is None else keep)
    with _timed(timings, "score"):
        slack = 0.0 if model or weights.related else 2.0  # the rate learned is an upper bound: below the cut lie pairs that still count when it is solved
        edges = run.score_blocks(program, ready.blocks, weights.prior, cut - slack, apart, ids)
        edges = custom(frame, table, program, edges)
    if not model and weights.origin == "trained" and not weights.related:
        with _timed(timings, "prior"):
            possible = n * (n - 1) / 2
            rate = training.solve_rate(edges.bits[edges.bits >= table.clusters.edge - slack], weights.prior, possible)
            shift = np.log2(rate / (1 - rate)) - weights.prior
            weights = training.Weights(rate, weights.m, weights.u, weights.origin, weights.reason)
            edges = run.Edges(edges.a, edges.b, edges.bits + np.float32(shift), edges.pattern, edges.seen)
    told = dict(model) if model else weights.as_dict(table)
    if steady:
        with _timed(timings, "settle"):
            found = steadiness.settled(table, n, edges, lambda rows: among(frame, program, weights.prior, apart, rows))
        told, table = told | {"thresholds": found}, at_thresholds(table, **found)
        cut = min(table.clusters.edge, table.clusters.edge if keep is None else keep)
    edges = edges.above(cut)
    with _timed(timings, "cluster"):
        labels = clusters(frame, table, program, weights.prior, edges.above(table.clusters.edge), apart, n)
    return Result(labels, edges, table, told, timings, edges.seen, ready.rules)


def prepare(frame: Rows, table: Table, timings: dict[str, float] | None = None) -> Prepared:
    """Code the columns, make keys and blocks, and check the pair budget. Raises LastroError above it, or for a column the frame lacks."""
    timings = {} if timings is None else timings
    there = frame.column_names if isinstance(frame, pa.Table) else frame.columns
    if missing := [name for name in table.columns if name not in there]:
        raise LastroError(f"The table has no column {missing[0]!r}.", "Every column named in the linkage file must be there.")
    n = len(frame)
    full = n * (n - 1) // 2 <= table.blocking.full
    with ThreadPoolExecutor(1) as beside:
        beside.submit(run.load)  # needs the interpreter, which coding the columns mostly does not
        with _timed(timings, "encode"):
            columns = encode(frame, table.columns)
        keyed = beside.submit(lambda: [blocking.whole(n)] if full else rule_blocks(table, columns))
        with _timed(timings, "program"):
            program = programs.build(table, columns)
        with _timed(timings, "block"):
            blocks = keyed.result()
    rules = [{"rule": "full index", "pairs": n * (n - 1) // 2, "hubs": 0}] if full else _estimate(table, blocks)
    total = sum(part.pairs for part in blocks)
    if total > table.blocking.budget:
        worst = max(rules, key=lambda rule: rule["pairs"])
        raise LastroError(
            f"The blocking rules give {total:,} pairs, above the budget of {table.blocking.budget:,}.",
            f"The rule [{worst['rule']}] alone gives {worst['pairs']:,}; add a key to it, lower the cap, or raise the budget.",
        )
    return Prepared(table, columns, program, blocks, rules, full)


def rule_blocks(table: Table, columns: Mapping[str, Column]) -> list[Blocks]:
    """Blocks of every rule."""
    made: dict[str, Column] = {}
    keyed = []
    for rule in table.blocking.rules:
        for key in rule:
            if key not in made:
                made[key] = programs.derived(columns, key)
        keyed.append(run.group_keys(blocking.rule_keys([made[key] for key in rule]), table.blocking.cap))
    return keyed


def _estimate(table: Table, blocks: list[Blocks]) -> list[dict[str, Any]]:
    """Pairs and hubs of every rule, before any pair is made; a pair found by two rules counts twice here."""
    return [{"rule": ", ".join(rule), "pairs": part.pairs, "hubs": len(part.hubs)} for rule, part in zip(table.blocking.rules, blocks, strict=True)]


def source_of(rows: Rows, table: Table) -> Ints | None:
    """The source of every row as a number, where the file names a column of sources that hold nobody twice; else None."""
    if not table.duplicate_free:
        return None
    column = rows[table.duplicate_free]
    return pd.factorize(column if isinstance(column, pd.Series) else column.to_pandas())[0].astype(np.int32)


def joining(frame: Rows, table: Table, program: Program, prior: float, source: Ints | None) -> tuple[grouping.Rules, grouping.Look]:
    """What joins groups of rows: the file's limits and forbidden patterns, and how any two rows are looked at."""
    forbidden = never(table)

    def look(first: Ints, second: Ints) -> Ints:
        bits, pattern = run.weigh(program, first, second, prior)
        if any(part.compare == "custom" for part in table.comparisons.values()):
            made = run.Edges(first.astype(np.int32), second.astype(np.int32), bits.astype(np.float32), pattern, 0)
            return custom(frame, table, program, made).pattern
        return pattern

    def apart(first: Ints, second: Ints, pattern: Ints) -> npt.NDArray[np.bool_]:
        found = forbidden(pattern) if forbidden is not None else np.zeros(len(pattern), dtype=bool)
        return found | (source[first] == source[second]) if source is not None else found

    return grouping.Rules(table.clusters.bond, table.clusters.strongest, table.clusters.largest, apart), look


def clusters(frame: Rows, table: Table, program: Program, prior: float, edges: run.Edges, source: Ints | None, n: int) -> Ints:
    """Cluster of every row from the pairs that survived: (n,) named by its smallest row."""
    rules, look = joining(frame, table, program, prior, source)
    keep = ~rules.apart(edges.a, edges.b, edges.pattern)
    return grouping.clusters(n, edges.a[keep], edges.b[keep], edges.bits[keep], program, prior, rules, look)


def among(frame: Rows, program: Program, prior: float, source: Ints | None, rows: Ints) -> steadiness.Clusters:
    """What makes clusters of some ``rows`` alone, numbered from 0 in their order."""
    few = frame.take(pa.array(rows)) if isinstance(frame, pa.Table) else frame.iloc[rows]
    part, own = replace(program, rows=program.rows[rows]), None if source is None else source[rows]
    return lambda table, edges: clusters(few, table, part, prior, edges, own, len(rows))


def never(table: Table) -> Any:
    """Which patterns are never one cluster; None when the file has no such line."""
    if not table.cannot_link:
        return None
    names = list(table.comparisons)

    def forbidden(pattern: Ints) -> npt.NDArray[np.bool_]:
        found = np.zeros(len(pattern), dtype=bool)
        for line in table.cannot_link:
            here = np.ones(len(pattern), dtype=bool)
            for name, levels in line.items():
                codes = [15 if level == "missing" else table.comparisons[name].names.index(level) for level in levels]
                here &= np.isin((pattern >> (4 * names.index(name))) & 15, codes)
            found |= here
        return found

    return forbidden


def custom(frame: Rows, table: Table, program: Program, edges: run.Edges) -> run.Edges:
    """Edges with the custom comparisons evaluated on them: recordlinkage features, only on what survived so far."""
    chosen = [(k, name, part) for k, (name, part) in enumerate(table.comparisons.items()) if part.compare == "custom"]
    if not chosen or not len(edges):
        return edges
    from dedup.custom import levels as custom_levels

    levels = unpack(edges.pattern, len(table.comparisons))
    bits = edges.bits.astype(np.float64)
    pairs = pd.MultiIndex.from_arrays([edges.a, edges.b])
    plain = frame.to_pandas() if isinstance(frame, pa.Table) else frame.reset_index(drop=True)
    for k, name, part in chosen:
        levels[:, k] = custom_levels(part.feature, part.column or name, part.cuts, pairs, plain)
        at = levels[:, k] >= 0
        bits[at] += program.weights[k, levels[at, k]]
    return run.Edges(edges.a, edges.b, bits.astype(np.float32), pack(levels), edges.seen)


def nothing() -> run.Edges:
    """No pairs."""
    return run.Edges(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.int64), 0)


@contextmanager
def _timed(timings: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[name] = timings.get(name, 0.0) + time.perf_counter() - start
