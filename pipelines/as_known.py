"""What records said as far as it was known at a moment: the version of each that was the newest then, read as it would be read today.

Source files, normal forms and the layout of birth dates are those of today; patches and repairs are those in force then. A record of which no
version is held any more says what it says today.
"""

from datetime import datetime

import pandas as pd

from contacts import tables
from contacts.model import instant
from contacts.settings import Settings
from contacts.warehouse import Transaction
from pipelines import mending
from pipelines.sources.birth_layout import known_layout
from pipelines.sources.rows import RawRows
from pipelines.sources.spec import load_sources
from pipelines.standardising import read_values
from privacy.consent import CONTACT_COLUMNS

POINT_COLUMNS = ("record_id", "type", "point_ref")
raw = tables.raw_record


def last_batch(db: Transaction, known_at: datetime) -> int:
    """The number of the last batch at or before a moment; 0 before the first."""
    return db.maximum(tables.batch, "number", tables.batch.c.as_of <= instant(known_at)) or 0


def values_known(db: Transaction, settings: Settings, record_ids: pd.Series, known_at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``CONTACT_COLUMNS`` and ``POINT_COLUMNS`` of these records as the last batch by ``known_at`` knew them; who came later is in neither."""
    number, sources = last_batch(db, known_at), load_sources(settings.sources)
    held = db.read_for(raw, "record_id", record_ids, "record_id", "raw_id", "source_key", "version", "batch_no", "source", "object", "gone_batch_no", "payload")
    lost = record_ids[~record_ids.isin(held["record_id"])]
    contacts = [db.read_for(tables.contact, "record_id", lost, *CONTACT_COLUMNS)]
    points = [db.read_for(tables.contact_point, "record_id", lost, *POINT_COLUMNS)]
    then = held[held["batch_no"] <= number].sort_values(["record_id", "version"]).drop_duplicates("record_id", keep="last")
    for place, part in then.groupby(["source", "object"]):
        name, thing = map(str, place)
        spec = sources[name].objects.get(thing) if name in sources else None
        if spec is None or spec.kind != "contact":
            continue
        heads = part[["record_id", "raw_id", "source_key", "version", "batch_no"]].assign(gone=(part["gone_batch_no"] <= number).fillna(False).astype(bool))
        found = RawRows(sources[name], thing, heads.reset_index(drop=True), part["payload"].reset_index(drop=True)).rows()
        rows = mending.as_laid(db, found, number)
        layout = known_layout(db, sources[name], thing) if "birth_date" in spec.fields else None
        fields, _, at = read_values(rows, settings.key, known_at.date(), layout)
        contacts.append(fields.assign(record_id=rows.heads["record_id"], source=name)[list(CONTACT_COLUMNS)])
        points.append(at[list(POINT_COLUMNS)])
    return pd.concat(contacts, ignore_index=True), pd.concat(points, ignore_index=True)
