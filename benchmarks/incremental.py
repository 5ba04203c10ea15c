"""New records against a large list: what each costs, what one look-up takes, and how many edges differ from one full run."""

import resource
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from contacts.settings import ROOT
from dedup import engine
from dedup.frozen import freeze, full_run, indexable
from dedup.index import Index
from dedup.table import Table, load_table

_LOOKUPS = 2_000


def measure(file: Path, base: int, batches: Sequence[tuple[int, int]], linkage: Path) -> str:
    """Figures for the first ``base`` rows of ``file`` and then batches of (rows, how many of them), as a table; a full run of the engine beside it."""
    table = load_table(linkage)
    frame = pq.read_table(file, columns=list(table.columns)).to_pandas()
    frame["id"] = np.arange(len(frame))
    if missing := max(base + sum(size * many for size, many in batches) - len(frame), 0):
        raise ValueError(f"the file has {missing:,} rows too few")
    learned, trained = _timed(lambda: engine.link_frame(frame.iloc[:base], indexable(table)))
    frozen = freeze(frame.iloc[:base], table, learned.model, b"benchmark")
    del learned
    _warm(frozen, frame)
    index = Index(frozen)
    _, built = _timed(lambda: index.add(frame.iloc[:base]))
    lines = [f"base {base:,}: full run that learns {trained[1]:.1f} s CPU, index built {built[1]:.1f} s CPU, {index.nbytes / 1e6:,.0f} MB of arrays"]
    lines += ["| batches | µs each (CPU) | µs each (wall) | encode / index / probe / score / cluster, µs (wall) |", "|---|---|---|---|"]
    at = base
    for size, many in batches:
        lines.append(_batches(index, frame, at, size, many))
        at += size * many
    lines += [_lookups(index, frame, table, at), _beside(index, frozen, frame.iloc[:at])]
    lines.append(f"peak memory of the whole comparison {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return "\n".join(lines)


def _batches(index: Index, frame: pd.DataFrame, at: int, size: int, many: int) -> str:
    wall = cpu = 0.0
    parts: dict[str, float] = {}
    for start in range(at, at + size * many, size):
        batch = frame.iloc[start : start + size]
        change, took = _timed(lambda batch=batch: index.add(batch))
        wall, cpu = wall + took[0], cpu + took[1]
        parts = {name: parts.get(name, 0.0) + seconds for name, seconds in change.timings.items()}
    each = 1e6 / (size * many)
    told = " / ".join(f"{seconds * each:.1f}" for seconds in parts.values())
    return f"| {many} x {size:,} | {cpu * each:.1f} | {wall * each:.1f} | {told} |"


def _lookups(index: Index, frame: pd.DataFrame, table: Table, known: int) -> str:
    """Look-ups by e-mail and phone only, of rows that are known."""
    named = [name for name in ("email", "phone") if name in table.columns]
    rows = frame[named].iloc[np.random.default_rng(5).integers(0, known, _LOOKUPS)].to_dict("records")
    taken = np.array([_timed(lambda row=row: index.find({str(name): value for name, value in row.items()}))[1] for row in rows]) * 1e3
    told = [f"{name} p50 {np.percentile(taken[:, at], 50):.2f} ms, p95 {np.percentile(taken[:, at], 95):.2f} ms" for at, name in enumerate(("wall", "CPU"))]
    return f"one look-up by {' and '.join(named)} among {known:,}: {'; '.join(told)}"


def _beside(index: Index, frozen: Any, frame: pd.DataFrame) -> str:
    (labels, edges), took = _timed(lambda: full_run(frame, frozen))
    full = pd.DataFrame({"a": edges.a, "b": edges.b, "bits": edges.bits}).astype({"a": np.int64, "b": np.int64})
    both = full.merge(index.edges(), how="outer", on=["a", "b", "bits"], indicator=True)
    differ = int((both["_merge"] != "both").sum())
    moved = int((labels != index.labels().to_numpy()).sum())
    told = f"of its {len(full):,} edges {differ:,} differ, {moved:,} rows are in another cluster"
    return f"one full run of the engine, as each batch would need: {took[1]:.1f} s CPU ({took[0]:.1f} s wall); {told}"


def _warm(frozen: Any, frame: pd.DataFrame) -> None:
    """Have everything compiled before the clock runs."""
    small = Index(frozen)
    small.add(frame.iloc[:2_000])
    small.add(frame.iloc[1_000:3_000], gone=range(500))
    small.find({str(name): value for name, value in frame.drop(columns="id").iloc[0].dropna().items()})


def _timed(work: Any) -> tuple[Any, tuple[float, float]]:
    """What ``work`` returns, and its wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, (time.perf_counter() - wall, time.process_time() - cpu)


LINKAGE = ROOT / "benchmarks" / "incremental.yml"
