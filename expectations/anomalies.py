"""Whether a batch looks unlike the ones before it: robust distance from their median, per source and metric.

The batch judged is never among those it is judged by, and a batch that was odd itself only counts once a person has approved it:
else an incident would become what is usual. Before ``ENOUGH`` earlier batches nothing is said: it is too early.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.warehouse import TEXT

ENOUGH = 5
"""Earlier batches it takes to know what is usual."""
KEPT = 30
"""Older batches than this many say nothing of today."""
LIMIT = 4.0
"""Distances from the median, in robust standard deviations, beyond which a batch is odd."""
VOLUMES = ("rows", "contacts")
FLOOR_VOLUME = 0.05
"""Share of the usual volume every batch may differ by; a source that never varied must not ring at one row more."""
FLOOR_SHARE = 0.01
"""Share of empty cells every batch may differ by."""
FLOOR_SPREAD = 0.005
"""Jensen-Shannon divergence (bits) every batch may have from what is usual."""
MAD_TO_SD = 1.4826
COLUMNS = ["source", "metric", "observed", "usual", "distance"]


def anomalies(now: pd.DataFrame, earlier: pd.DataFrame, odd: pd.DataFrame) -> pd.DataFrame:
    """One row per source and metric that is unlike before: COLUMNS.

    ``now``: ``profile.profile`` of this batch; ``earlier``: those of earlier batches, with batch_no. ``odd``: batch_no, source and metric that
    were anomalies nobody approved. A distribution's ``observed`` and ``usual`` are its divergence and the usual one.
    """
    batches = np.sort(earlier["batch_no"].unique())[-KEPT:]
    known = earlier[earlier["batch_no"].isin(batches)].merge(odd.assign(was_odd=True), on=["batch_no", "source", "metric"], how="left")
    known = known[known["was_odd"].isna()]
    rows = []
    present = dict(list(now.groupby(["source", "metric"], observed=True)))
    for (source, metric), before in known.groupby(["source", "metric"], observed=True, sort=True):
        if before["batch_no"].nunique() < ENOUGH:
            continue
        found = _compare(str(metric), present.get((source, metric), before.iloc[:0]), before)
        if found and found[2] > LIMIT:
            rows.append((source, metric, *found))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"source": TEXT, "metric": TEXT} | dict.fromkeys(COLUMNS[2:], "float64"))


def earlier_batches(earlier: pd.DataFrame) -> int:
    """How many earlier batches have left a profile; under ENOUGH it is too early to call anything odd."""
    return int(earlier["batch_no"].nunique())


def _compare(metric: str, now: pd.DataFrame, before: pd.DataFrame) -> tuple[float, float, float] | None:
    """Observed, usual and distance; None when a source that said nothing today has nothing to compare."""
    if metric in VOLUMES:
        history = before["n"].to_numpy(dtype=np.float64)
        floor = max(FLOOR_VOLUME * float(np.median(history)), float(np.sqrt(np.median(history))), 1.0)
        return _distance(float(now["n"].sum()), history, floor)
    if now.empty:
        return None
    if metric.startswith("missing."):
        observed, history = float(now["n"].iloc[0] / now["of"].iloc[0]), (before["n"] / before["of"]).to_numpy(dtype=np.float64)
        usual = float(np.median(history))
        return _distance(observed, history, max(FLOOR_SHARE, _noise(usual, float(now["of"].iloc[0]))))
    shares = before.assign(share=before["n"] / before["of"]).pivot_table(index="batch_no", columns="category", values="share", fill_value=0.0)
    today = now.set_index("category")["n"] / now["of"].iloc[0]
    shares = shares.reindex(columns=shares.columns.union(today.index), fill_value=0.0)
    table, latest = shares.to_numpy(), today.reindex(shares.columns, fill_value=0.0).to_numpy()
    others = (table.sum(axis=0) - table) / (len(table) - 1)  # each batch against the rest, as this one is against all of them
    history = np.array([divergence(one, rest) for one, rest in zip(table, others, strict=True)])
    floor = max(FLOOR_SPREAD, len(latest) / float(now["of"].iloc[0]))  # what sampling alone makes of few values in many categories
    observed, usual, distance = _distance(divergence(latest, table.mean(axis=0)), history, floor)
    return observed, usual, distance if observed > usual else 0.0


def divergence(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Jensen-Shannon divergence of two distributions in bits: 0 the same, 1 nothing in common (Lin 1991)."""
    middle = (one + other) / 2

    def from_middle(part: npt.NDArray[np.float64]) -> float:
        there = part > 0
        return float(np.sum(part[there] * np.log2(part[there] / middle[there])))

    return (from_middle(one) + from_middle(other)) / 2


def _distance(observed: float, history: npt.NDArray[np.float64], floor: float) -> tuple[float, float, float]:
    usual = float(np.median(history))
    spread = max(MAD_TO_SD * float(np.median(np.abs(history - usual))), floor)
    return observed, usual, abs(observed - usual) / spread


def _noise(share: float, n: float) -> float:
    """Standard deviation of a share of ``n`` cells; near 0 and 1 that of one cell."""
    return float(np.sqrt(max(share * (1 - share), 1 / n) / n))
