"""The gate of a batch: what closes it, what asks for a person, and which records go into quarantine or leave it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.rules import RULES
from expectations.rules.words import AMBER_QUARANTINED_SHARE, AMBER_REFUSED_ROWS_SHARE

MOSTLY = {rule.id: rule.mostly for rule in RULES if rule.severity == "halt"}


@dataclass(frozen=True)
class Verdict:
    """What Great Expectations says of one rule: failing rows, and sources whose share of failing rows is too large."""

    failed_rows: int
    failed_sources: int


@dataclass(frozen=True)
class Gate:
    """``green`` publishes, ``amber`` waits for a person, ``red`` publishes nothing; ``notes`` say why, without values."""

    colour: Literal["green", "amber", "red"]
    notes: tuple[str, ...]
    disagreements: int


def failing_sources(counts: pd.DataFrame) -> pd.DataFrame:
    """Halt rules and the sources in which too few rows hold: the rows of ``findings.counts`` that close the gate."""
    halt = counts[counts["rule"].isin(list(MOSTLY)) & (counts["evaluated"] > 0)]
    held = (halt["evaluated"] - halt["failed"]) / halt["evaluated"]
    return halt[held < halt["rule"].map(MOSTLY)]


def gate_results(counts: pd.DataFrame, verdicts: dict[str, Verdict]) -> pd.DataFrame:
    """One row per rule: rule, severity, evaluated, failed, gx_failed. A halt rule counts sources, every other rule counts rows.

    ``counts`` come from ``findings.counts``, ``verdicts`` from ``suite.validate_frames``: the two judges meet here.
    """
    totals = counts.groupby("rule")[["evaluated", "failed"]].sum()
    sources = counts[counts["evaluated"] > 0].groupby("rule").size()
    failing = failing_sources(counts).groupby("rule").size()
    rows = []
    for rule in RULES:
        if rule.severity == "halt":
            evaluated, failed, gx_failed = sources.get(rule.id, 0), failing.get(rule.id, 0), verdicts[rule.id].failed_sources
        else:
            evaluated, failed, gx_failed = totals["evaluated"].get(rule.id, 0), totals["failed"].get(rule.id, 0), verdicts[rule.id].failed_rows
        rows.append((rule.id, rule.severity, int(evaluated), int(failed), gx_failed))
    return pd.DataFrame(rows, columns=["rule", "severity", "evaluated", "failed", "gx_failed"])


def decide(
    results: pd.DataFrame, counts: pd.DataFrame, deliveries: pd.DataFrame, breaches: pd.DataFrame, odd: pd.DataFrame, contacts: int, quarantined: int
) -> Gate:
    """The gate from ``gate_results``, ``findings.counts``, this batch's deliveries, ``anomalies.anomalies`` and the number of contacts.

    ``deliveries``: source, object, status, reason, rows_read, files_refused, and ``rows_lost``, the rows nothing was kept of.
    ``breaches``: source, object, clause, source_column of the contract clauses a delivery broke although it was read.
    Two judges that disagree are as bad as a failed halt rule: one of them must be wrong, and nobody knows which.
    """
    disagree = results.loc[results["failed"] != results["gx_failed"], "rule"]
    red = [f"gate: red: {rule} counts disagree" for rule in disagree]
    red += [f"gate: red: {rule} source {source}" for rule, source in failing_sources(counts)[["rule", "source"]].itertuples(index=False)]
    unsafe = deliveries[_unsafe(deliveries)].sort_values(["source", "object"])
    amber = [f"gate: amber: delivery {source}.{name} {status}" for source, name, status in unsafe[["source", "object", "status"]].itertuples(index=False)]
    broken = breaches[["source", "object", "clause", "source_column"]].sort_values(["source", "object", "clause", "source_column"])
    amber += [f"gate: amber: contract {source}.{name} {clause} {column}".rstrip() for source, name, clause, column in broken.itertuples(index=False)]
    amber += [f"gate: amber: anomaly {source} {metric}" for source, metric in odd[["source", "metric"]].itertuples(index=False)]
    if quarantined > AMBER_QUARANTINED_SHARE * contacts:
        amber.append(f"gate: amber: {quarantined} of {contacts} contacts quarantined")
    colour: Literal["green", "amber", "red"] = "red" if red else "amber" if amber else "green"
    return Gate(colour, tuple(red + amber) or ("gate: green",), len(disagree))


def _unsafe(deliveries: pd.DataFrame) -> pd.Series:
    """Deliveries a person must look at: stopped, or partial for want of a file, a page or many rows, or of more rows than a few."""
    short = deliveries["reason"].fillna("").str.contains("INCOMPLETE_DELIVERY|TOO_FEW_ROWS")
    lacking = deliveries["files_refused"].fillna(0).gt(0) | short
    many = deliveries["rows_lost"] > AMBER_REFUSED_ROWS_SHARE * deliveries["rows_read"].fillna(0)
    return deliveries["status"].eq("stopped") | (deliveries["status"].eq("partial") & (lacking | many))


def turn_over(history: pd.DataFrame, held: npt.NDArray[np.int64], present: npt.NDArray[np.int64], batch_no: int) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Bring the quarantine's history (record_id, since_batch, until_batch) up to date, and the records released in this batch.

    What an earlier execution of the same batch wrote is undone first, so a repeated stage gives the same rows.
    ``held`` are the records quarantined now; ``present`` all records judged, since one that is gone is not released.
    """
    known = history[history["since_batch"] < batch_no].reset_index(drop=True)
    until = known["until_batch"].astype("Int64").where(known["until_batch"] < batch_no)
    inside = until.isna()
    leaves = inside & ~known["record_id"].isin(held)
    known["until_batch"] = until.mask(leaves, batch_no)
    entering = np.setdiff1d(held, known.loc[inside, "record_id"])
    new = pd.DataFrame({"record_id": entering, "since_batch": batch_no, "until_batch": pd.array([None] * len(entering), dtype="Int64")})
    released = np.intersect1d(known.loc[leaves, "record_id"].to_numpy(), present)
    return pd.concat([known, new], ignore_index=True), released
