"""Values a person put in the place of a source's: they hold until the source says something else about that field than what was patched over.

A patch is data, not an edit: the raw record stays, the patch is laid over it whenever its row is standardised, and the
value note, `lastro explain` and the ledger say so. Of several patches of one field the newest counts.
"""

import hashlib

import numpy as np
import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.pseudonym import SEPARATOR
from contacts.warehouse import Transaction
from expectations.repair import TAKEN_BACK
from pipelines.sources.overlay import CELLS, mendable, taken
from pipelines.sources.rows import Rows

patch = tables.patch
PATCHED = "PATCHED"


def forget(run: Run) -> None:
    """Take back what an earlier attempt at this batch ended."""
    run.db.update(patch, patch.c.ended_batch == run.batch.number, ended_batch=None)


def waiting(run: Run) -> pd.Series:
    """Records patched since they were standardised last."""
    return run.db.read(patch, "record_id", where=patch.c.batch_no >= run.since)["record_id"].drop_duplicates()


def in_force(db: Transaction, record_ids: pd.Series, in_batch: int | None = None) -> pd.DataFrame:
    """The newest patch per record and field, unless it has ended or was taken back; ``in_batch``: as that batch laid them."""
    found = db.read_for(patch, "record_id", record_ids)
    if in_batch is not None:
        # made after a batch, a patch is laid by the next one
        found = found[found["batch_no"] < in_batch].assign(ended_batch=found["ended_batch"].where(found["ended_batch"] <= in_batch))
    found = found.sort_values("patch_no").drop_duplicates(["record_id", "field"], keep="last")
    return found[found["ended_batch"].isna() & (found["because"] != TAKEN_BACK)]


def patched_cells(run: Run, rows: Rows) -> pd.DataFrame:
    """The cells (``CELLS``) patches put into ``rows``; a patch whose field says something else now ends with this batch."""
    if not run.db.count(patch):
        return pd.DataFrame(columns=CELLS)
    columns = mendable(rows.spec)
    found = in_force(run.db, rows.heads["record_id"])
    found = found[found["field"].isin(list(columns))]
    said: dict[tuple[int, str], str] = {}
    for field in columns:
        said |= over_hashes(run.settings.key, rows, field, found.loc[found["field"] == field, "record_id"])
    ended = np.array(
        [said.get((record, field)) != over for record, field, over in found[["record_id", "field", "over_hash"]].itertuples(index=False)], dtype=bool
    )
    run.db.update_for(patch, "patch_no", found.loc[ended, "patch_no"], ended_batch=run.batch.number)
    return cells_of(rows, found[~ended])


def cells_of(rows: Rows, found: pd.DataFrame) -> pd.DataFrame:
    """The cells (``CELLS``) of patches: the first column of the field holds all of the value, its others nothing."""
    columns = mendable(rows.spec)
    cells = [
        (record, field, column, value if place == 0 else None)
        for record, field, value in found[["record_id", "field", "value"]].itertuples(index=False)
        for place, column in enumerate(columns.get(field, ()))
    ]
    return pd.DataFrame(cells, columns=CELLS)


def over_hashes(key: bytes, rows: Rows, field: str, record_ids: pd.Series) -> dict[tuple[int, str], str]:
    """By record and field the keyed hash of what the field's columns say of these records."""
    mine = taken(rows, rows.heads["record_id"].isin(record_ids).to_numpy())
    cells = zip(*(mine.text(column).fillna("") for column in rows.spec.fields[field]), strict=True)
    start = hashlib.blake2b(digest_size=16, key=key, person=b"patched")

    def one(row: tuple[str, ...]) -> str:
        state = start.copy()
        state.update(SEPARATOR.join(row).encode())
        return state.hexdigest()

    return {(int(record), field): one(row) for record, row in zip(mine.heads["record_id"], cells, strict=True)}
