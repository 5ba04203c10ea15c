"""Know an erased person again before anything is written: by CPF, e-mail, phone or the source's own key, all as keyed tokens."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.warehouse import Transaction
from pipelines.sources.columns import decoded
from pipelines.sources.normal_forms import references
from pipelines.sources.rows import Rows
from pipelines.sources.words import Object, Source


def is_suppressed(run: Run, source: Source, spec: Object, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which of ``rows`` (``record_id``, ``payload``) carry a token of the suppression table; shape (n,)."""
    if rows.empty or not run.db.count(tables.suppression):
        return np.zeros(len(rows), dtype=bool)
    heads = pd.DataFrame({"record_id": rows["record_id"].to_numpy()})
    return suppressed(run.db, run.settings.key, Rows(source, spec, heads, decoded(rows["payload"])))


def suppressed(db: Transaction, key: bytes, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which of ``rows`` carry a token of the suppression table, under the normal form each token was made under; shape (n,).

    Raises ConfigurationError for a token made under a normal form nobody kept.
    """
    hit = np.zeros(len(rows.heads), dtype=bool)
    if rows.heads.empty:
        return hit
    known = db.read(tables.suppression, "token", "normal_form")
    for version in sorted(known["normal_form"].unique()):
        found, listed = references(rows, key, int(version)), known.loc[known["normal_form"] == version, "token"]
        hit |= rows.heads["record_id"].isin(found.loc[found["token"].isin(listed), "record_id"]).to_numpy()
    return hit
