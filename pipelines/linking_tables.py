"""Flat tables from file to file: train a model, link rows, compile the kernel."""

import json
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.settings import load
from dedup.kernel.process import one_run
from dedup.table import Table, load_table
from pipelines import screen

VERSION = 2
"""Of the model's format."""
NEXT = "lastro linkage rows FILE TABLE --model MODEL --out clusters.csv   ·   lastro linkage ask FILE TABLE --model MODEL --out pairs.csv"


def warm_up(as_json: bool) -> None:
    """Run every compiled function once on a made-up table."""
    from dedup.kernel import run

    start = time.perf_counter()
    compiled = run.is_compiled()
    if compiled:
        run.warm_up()
    seconds = round(time.perf_counter() - start, 1)
    says = [f"The kernel is ready ({seconds} s)." if compiled else "LASTRO_KERNEL=numpy, or numba is not installed: there is nothing to compile."]
    screen.show(as_json, {"compiled": compiled, "seconds": seconds}, [], says, "lastro linkage rows FILE TABLE --out clusters.csv")


def train(spec: Path, data: Path, model: Path, as_json: bool) -> None:
    """Learn a model and write it: version, date, linkage file's hash, profile of the table, weights."""
    from dedup.engine import link_frame

    table = load_table(spec)
    frame = read_rows(data, table)
    learned = link_frame(frame, table)  # match rate and thresholds are read off the linked rows, so `rows` links the same with the model as without
    profile = {name: {"filled": int(frame[name].notna().sum()), "distinct": int(frame[name].nunique())} for name in table.columns}
    told = {"version": VERSION, "trained_at": instant(datetime.now(UTC)), "linkage": table.fingerprint, "rows": len(frame), "columns": profile}
    stored = told | {"blocking": learned.rules, "model": learned.model}
    write_model(model, stored)
    facts = {"rows": len(frame)} | {name: learned.model.get(name) for name in ("origin", "reason", "match_rate", "thresholds")}
    facts["related"] = sorted(learned.model.get("related", {}))
    screen.show(as_json, facts, [("", learned.rules)], [f"The model is {facts['origin']}."], NEXT)


@one_run()
def link(spec: Path, data: Path, out: Path, model: Path | None, as_json: bool) -> None:
    """Link the rows and write row number and cluster: no value of the table."""
    from dedup.engine import link_frame

    table = load_table(spec)
    frame, weights = read_rows(data, table), read_model(model, table)["model"] if model else None
    if load().engine == "spark":
        clusters, facts = _on_spark(frame, table, weights)
    else:
        result = link_frame(frame, table, weights)
        clusters = result.clusters
        facts = {"candidate_pairs": result.candidates, "edges": len(result.edges), "blocking": result.rules}
    pd.DataFrame({"row": range(len(clusters)), "cluster": clusters}).to_csv(out, index=False)
    facts = {"rows": len(clusters), "clusters": len(np.unique(clusters))} | facts
    says = [f"{facts['rows']:,} rows are {facts['clusters']:,} entities."]
    screen.show(as_json, facts, [("", facts.get("blocking", []))], says, "")


def _on_spark(frame: pd.DataFrame, table: Table, model: dict[str, Any] | None) -> tuple[npt.NDArray[np.int64], dict[str, Any]]:
    """Clusters from a Spark on this machine. Raises ConfigurationError without a model, Java or pyspark."""
    if model is None:
        raise ConfigurationError("Spark links with a model learned before.", "Run `lastro linkage train` on a sample, then add --model.")
    if find_spec("pyspark") is None or which("java") is None:
        raise ConfigurationError("LASTRO_ENGINE=spark needs pyspark and Java 17.", "Install lastro[spark] and Java 17, or set LASTRO_ENGINE=local.")
    from dedup import distributed

    spark = distributed.session()
    try:
        columns = [name for name in frame.columns if name in {*table.columns, table.duplicate_free}]
        numbered = frame[columns].astype(object).where(frame[columns].notna(), None).assign(row=np.arange(len(frame)))
        schema = ", ".join([*(f"`{name}` string" for name in columns), "row long"])
        linked = distributed.link_spark(spark.createDataFrame(numbered, schema=schema), table, model, "row")
        found = linked.clusters.toPandas().sort_values("row")
        return found["cluster"].to_numpy(np.int64), {"edges": linked.edges.count()}
    finally:
        spark.stop()


def read_rows(data: Path, table: Table) -> pd.DataFrame:
    """The columns the table's file names, as text."""
    try:
        if data.suffix == ".parquet":
            return pd.read_parquet(data)
        return pd.read_csv(data, dtype=str, keep_default_na=False, na_values=[""])
    except (OSError, ValueError):
        raise ConfigurationError(
            f"{data.name} cannot be read as {'Parquet' if data.suffix == '.parquet' else 'CSV'}.", "Look at the path and the format."
        ) from None


def read_model(file: Path, table: Table) -> dict[str, Any]:
    """What `train` or `calibrate` wrote: facts, and the ``model`` itself. Raises ConfigurationError for another table's, or another format."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(f"{file.name} is not a model.", "`lastro linkage train` writes one.") from None
    if not isinstance(stored, dict) or "model" not in stored:
        raise ConfigurationError(f"{file.name} is not a model.", "`lastro linkage train` writes one.")
    if stored.get("version") != VERSION or stored.get("linkage") != table.fingerprint:
        raise ConfigurationError(f"{file.name} was trained under another linkage file, or by another version.", "Run `lastro linkage train` again.")
    return stored


def write_model(file: Path, stored: dict[str, Any]) -> None:
    """JSON with one value a line in a fixed order, so that two models can be compared line by line."""
    file.write_text(json.dumps(json.loads(canonical_json(stored)), indent=2, sort_keys=True) + "\n", encoding="utf-8")
