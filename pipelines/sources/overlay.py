"""Cells of raw rows replaced on their way to contacts; the raw record itself stays as it came."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import tables
from contacts.model import Run
from pipelines.sources.fields import NOTES
from pipelines.sources.rows import Rows
from pipelines.sources.suppressed import suppressed
from pipelines.sources.words import Object

CELLS = ["record_id", "field", "column", "value"]
"""What an overlay says: in the row of this record this column holds this value (missing: nothing) for the sake of this field."""
READ_WITH = {"given_name": "full_name", "family_name": "full_name", "name_suffix": "full_name", "number": "street", "complement": "street"}
"""Fields read out of another one's reading, which carries their notes."""


def mendable(spec: Object) -> dict[str, tuple[str, ...]]:
    """Field -> its columns, for fields whose columns mean nothing else: keys, times, free text and what is said of consent are never mended."""
    other = set(spec.model_copy(update={"fields": {}}).mapped)
    return {field: columns for field, columns in spec.fields.items() if not other & set(columns)}


def object_name(rows: Rows) -> str:
    """The name of the object ``rows`` belong to."""
    return next(name for name, spec in rows.source.objects.items() if spec is rows.spec)


def overlaid(rows: Rows, cells: pd.DataFrame) -> Rows:
    """``rows`` with ``cells`` (``CELLS``) in the place of what they said; a later cell covers an earlier one."""
    if cells.empty:
        return rows
    values = list(rows.values)
    place = pd.Series(np.arange(len(values)), index=rows.heads["record_id"]).reindex(cells["record_id"])
    given = cells["value"].astype(object).where(cells["value"].notna(), None)
    for here, column, value in zip(place, cells["column"], given, strict=True):
        values[here] = {**values[here], column: value}
    return Rows(rows.source, rows.spec, rows.heads, values)


def taken(rows: Rows, chosen: npt.NDArray[np.bool_]) -> Rows:
    """Some of ``rows``; ``chosen`` has shape (n,)."""
    places = np.flatnonzero(chosen)
    return Rows(rows.source, rows.spec, rows.heads.iloc[places].reset_index(drop=True), [rows.values[int(place)] for place in places])


def unsuppressed(run: Run, rows: Rows, cells: pd.DataFrame) -> pd.DataFrame:
    """``cells`` without those that would bring back somebody of the suppression list."""
    if cells.empty or not run.db.count(tables.suppression):
        return cells
    mended = taken(overlaid(rows, cells), rows.heads["record_id"].isin(cells["record_id"]).to_numpy())
    hit = suppressed(run.db, run.settings.key, mended)
    return cells[~cells["record_id"].isin(mended.heads.loc[hit, "record_id"])]


def told(cells: pd.DataFrame, reason: str, outcome: str) -> pd.DataFrame:
    """The value notes of ``cells``: one per record and field that reads them."""
    fields = cells["field"].map(READ_WITH).fillna(cells["field"])
    found = pd.DataFrame({"record_id": cells["record_id"], "field": fields}).drop_duplicates(ignore_index=True)
    return found.assign(position=0, reason=reason, outcome=outcome, suggestion=None)[NOTES]
