"""Put every row of a delivery in one class: new, changed, unchanged, or set aside because another row says otherwise."""

import numpy as np
import pandas as pd

from pipelines.sources.columns import UTC, instants


def one_row_per_key(rows: pd.DataFrame, delivery: str, zone: str = UTC) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to go on with, one per ``record_id``, and those set aside with a ``reason``.

    Of several rows with one key and different content the one the source changed last goes on. Where none is the last,
    nobody can say which is true, and all are set aside: order in a file proves nothing.
    """
    several = rows["record_id"].duplicated(keep=False)
    rivals = rows[several]
    at = instants(rivals["updated"], zone).fillna("").astype(object)
    last = at.groupby(rivals["record_id"]).transform("max")
    leading = (at == last) & (last != "")
    alone = leading.groupby(rivals["record_id"]).transform("sum") == 1
    losing = ~(leading & alone)
    reason = np.where(alone & (delivery == "changes"), "OLDER_VERSION", "DUPLICATE_KEY")
    aside = rivals.assign(reason=reason)[losing]
    return rows.drop(aside.index), aside


def against_known(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add ``class``, ``version`` to write, and ``old_raw_id`` of the newest version there is (``known``, by ``record_id``).

    A row that was gone and says the same again is changed: it came back.
    """
    old = known.reindex(rows["record_id"])
    there = old["version"].notna().to_numpy()
    same = old["content_hash"].eq(rows["content_hash"].array).to_numpy(dtype=bool, na_value=False)
    current = old["is_current"].eq(True).to_numpy(dtype=bool)
    rows = rows.assign(version=old["version"].fillna(0).to_numpy(dtype="int64") + 1, old_raw_id=old["raw_id"].array)
    rows["class"] = np.select([~there, same & current], ["new", "unchanged"], "changed")
    return rows


def is_older(now: pd.Series, before: pd.Series, zone: str = UTC) -> pd.Series:
    """Where the source's own time of change lies before the one we hold already; unknown times are not older."""
    now, before = instants(now, zone), instants(before, zone)
    return (now < before).fillna(False).astype(bool)
