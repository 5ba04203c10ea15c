"""The consent ledger is append-only: the database refuses to change an event, and a seal in the audit ledger shows what was added or taken away.

After every batch the events it recorded are hashed together; the audit ledger, whose checkpoints lie outside the database, keeps the hash.
"""

import hashlib
import json

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts import ledger, tables
from contacts.values.reading import arrow
from contacts.warehouse import Transaction

ACTION = "consent.sealed"
_BETWEEN = pa.scalar("\x1f", type=pa.large_string())


def digest(events: pd.DataFrame) -> str:
    """SHA-256 over every column of the events, ordered by their id: the order of rows does not count, any other change does."""
    events = events.sort_values("event_id", ignore_index=True)
    columns = [arrow(events[name].astype("string[pyarrow]").fillna("\x00")) for name in sorted(events.columns)]
    lines = pc.binary_join_element_wise(*columns, _BETWEEN)
    return hashlib.sha256("\n".join(lines.to_pylist()).encode()).hexdigest()


def seal(db: Transaction, batch_no: int) -> None:
    """Seal the events a batch recorded; repeated with the same events it adds nothing."""
    events = db.read(tables.consent_event, where=tables.consent_event.c.batch_no == batch_no)
    now = {"events": len(events), "digest": digest(events)}
    if _seals(db).get(batch_no) != now:
        ledger.append(db, ACTION, "pipeline", batch_no, now)


def broken(db: Transaction) -> list[int]:
    """Batches whose events are not those their newest seal names; an event of a batch never sealed is not looked at yet."""
    events = db.read(tables.consent_event)
    of = dict(iter(events.groupby("batch_no")))
    nothing = events[:0]
    return [number for number, seal in _seals(db).items() if seal != {"events": len(of.get(number, nothing)), "digest": digest(of.get(number, nothing))}]


def _seals(db: Transaction) -> dict[int, dict[str, object]]:
    rows = db.read(tables.ledger, "batch_no", "detail", where=tables.ledger.c.action == ACTION)
    return {int(number): json.loads(detail) for number, detail in rows.itertuples(index=False, name=None)}
