"""Know an erased person again before anything is written: by CPF, e-mail, phone or the source's own key, all as keyed tokens."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.pseudonym import suppression_tokens
from contacts.values import document
from contacts.warehouse import Transaction
from pipelines.sources.columns import decoded
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows
from pipelines.sources.words import Object, Source


def is_suppressed(run: Run, source: Source, spec: Object, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which of ``rows`` (``record_id``, ``payload``) carry a token of the suppression table; shape (n,)."""
    if rows.empty or not run.db.count(tables.suppression):
        return np.zeros(len(rows), dtype=bool)
    heads = pd.DataFrame({"record_id": rows["record_id"].to_numpy()})
    return suppressed(run.db, run.settings.key, Rows(source, spec, heads, decoded(rows["payload"])))


def suppressed(db: Transaction, key: bytes, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which of ``rows`` carry a token of the suppression table; shape (n,)."""
    known = db.read(tables.suppression, "token")["token"]
    heads, hit = rows.heads, np.zeros(len(rows.heads), dtype=bool)
    if known.empty or heads.empty:
        return hit
    hit |= np.isin(suppression_tokens(key, "record", heads["record_id"].astype(str)), known)
    points = contact_points(rows, key).dropna(subset=["match_key"])
    for kind, same in points.groupby("type"):
        tokens = suppression_tokens(key, str(kind), same["match_key"])
        hit |= heads["record_id"].isin(same.loc[np.isin(tokens, known), "record_id"]).to_numpy()
    for column in rows.field("cpf"):
        match_key = document.standardise(column, kind="cpf", numeric_typed=True)["match_key"].dropna()
        hit[match_key.index[np.isin(suppression_tokens(key, "cpf", match_key), known)]] = True
    return hit
