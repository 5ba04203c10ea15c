"""`python -m benchmarks linkage`: one table per set, and the list of them."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.linkage.labels import as_table as labels_table
from benchmarks.linkage.labels import calibrated
from benchmarks.linkage.run import OURS, PEERS, as_json, as_table, cache_folder, environment, measure
from benchmarks.linkage.sets import benches

TABLES = {
    "contacts-1m": (OURS, "splink"),
    "contacts-1m-std": (f"{OURS}-std", "splink-std"),
    "contacts-100k": (OURS, "splink", "goldenmatch-prob", "goldenmatch-zero", "recordlinkage", "custmatch"),
    "contacts-100k-seed4": (OURS, "splink"),
    "contacts-eu-100k": (OURS, "splink"),
    "contacts-nohubs-100k": (OURS, "splink"),
    "contacts-5m": (OURS, "splink"),
    "febrl3": (OURS, "splink", "goldenmatch-prob", "goldenmatch-zero", "recordlinkage", "custmatch"),
    "febrl4": (OURS, "splink"),
    "fake_1000": (OURS, "splink", "goldenmatch-prob", "goldenmatch-zero", "custmatch", "dedupe"),
    "historical_50k": (OURS, "splink", "goldenmatch-prob", "goldenmatch-zero", "custmatch"),
    "dupehell-medium": (OURS, "splink"),
    "dupehell-hell": (OURS, "splink"),
}
"""Set and engines of every table."""


def linkage(
    which: Annotated[list[str] | None, typer.Option("--set", help="Which set; repeat the option.")] = None,
    peer: Annotated[list[str] | None, typer.Option(help=f"Which other engines instead of the table's: {', '.join(PEERS)}.")] = None,
    ours: Annotated[bool, typer.Option(help="Run our engine too.")] = True,
    runs: Annotated[int, typer.Option(min=1, help="Runs of every engine, in turn; the median counts.")] = 3,
    limit: Annotated[float, typer.Option(help="Seconds after which a run is stopped.")] = 900.0,
    data: Annotated[Path | None, typer.Option(help="Folder with fake_1000.parquet and historical_50k.parquet; else LASTRO_BENCH_DATA.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the figures as JSON.")] = None,
    labels: Annotated[int, typer.Option(help="Instead of running engines: calibrate ours by so many pairs judged from the truth.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="With --labels: samples drawn; their mean and the worst are told.")] = 5,
    show: Annotated[bool, typer.Option("--list", help="List the tables and stop.")] = False,
) -> None:
    """Link the same records with our engine and with others, in turn; print time, memory and how right each was, losses too."""
    folder = data or (Path(os.environ["LASTRO_BENCH_DATA"]) if "LASTRO_BENCH_DATA" in os.environ else None)
    known = benches(folder, lambda: environment("dupehell"))
    tables = {name: engines for name, engines in TABLES.items() if name.removesuffix("-std") in known}
    if show:
        print("\n".join(f"python -m benchmarks linkage --set {name}   # {', '.join(engines)}" for name, engines in tables.items()))
        return
    chosen = which or ["contacts-100k"]
    unknown = [name for name in chosen if name not in tables]
    strange = [name for name in peer or () if name not in PEERS]
    if unknown or strange:
        hint = f"Sets: {', '.join(tables)}." if unknown else f"Peers: {', '.join(PEERS)}."
        print(f"There is no {', '.join(unknown or strange)} here. {hint}", file=sys.stderr)
        raise typer.Exit(2)
    if labels:
        for name in chosen:
            before, draws = calibrated(known[name.removesuffix("-std")], labels, seeds, say=lambda line: print(line, file=sys.stderr))
            print(labels_table(name, labels, before, draws) + "\n", flush=True)
        return
    target = out or cache_folder() / "results"
    target.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        own = [engine for engine in tables[name] if engine.startswith(OURS)]
        engines = [*(own if ours else []), *(peer or [engine for engine in tables[name] if engine not in own])]
        measured = measure(known[name.removesuffix("-std")], engines, runs, limit, say=lambda line: print(line, file=sys.stderr))
        print(as_table(name, measured) + "\n")
        (target / f"{name}.json").write_text(as_json(name, measured), encoding="utf-8")
