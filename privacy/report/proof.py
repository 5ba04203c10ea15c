"""Figures that prove the others: the audit ledger, the history of publications, and what changed since the batch before."""

import json
from collections.abc import Mapping
from typing import Any

from contacts import ledger, tables
from contacts.model import Batch
from contacts.settings import Settings
from contacts.warehouse import Transaction

STAGES = ("ingest", "standardise", "validate", "scan", "link", "consent", "merge", "publish")
PUBLICATIONS_SHOWN = 10


def integrity(db: Transaction, settings: Settings, batch: Batch) -> dict[str, Any]:
    """The ledger verified now, from its first entry, against every checkpoint; and which version was made public when."""
    verdict = ledger.verify(db, settings)
    names = _batch_ids(db)
    history = db.read(tables.publication, "publication_no", "batch_no", "action").tail(PUBLICATIONS_SHOWN)
    finished = set(db.counts(tables.receipt, "stage", where=tables.receipt.c.batch_no == batch.number)["stage"])
    return {
        "entries": verdict.entries,
        "checkpoints": verdict.checkpoints,
        "head": verdict.head,
        "problem": verdict.problem,
        "verified_in": batch.batch_id,
        "publications": [{"number": int(number), "batch": names[int(of)], "action": action} for number, of, action in history.itertuples(index=False)],
        "stages": [{"stage": stage, "finished": stage in finished} for stage in STAGES],
    }


def state_of_batch(db: Transaction, batch: Batch) -> dict[str, Any]:
    """The batch, its gate, the version that is live, and whether newer batches have run."""
    row = db.read(tables.batch, "gate", "approved_by", "code_version", "config_hash", where=tables.batch.c.number == batch.number).to_dict("records")[0]
    live = db.maximum(tables.live, "batch_no")
    names = _batch_ids(db)
    before = [number for number in names if number < batch.number]
    published = tables.publication.c.batch_no == batch.number
    return {
        "batch_id": batch.batch_id,
        "number": batch.number,
        "as_of": batch.as_of_text,
        "gate": _text(row["gate"]),
        "approved": _text(row["approved_by"]) is not None,
        "code_version": _text(row["code_version"]),
        "config_hash": _text(row["config_hash"]),
        "live_number": live,
        "live_batch": names.get(live) if live is not None else None,
        "once_published": db.count(tables.publication, published) > 0,
        "previous": names[max(before)] if before else None,
        "newest": batch.number == max(names),
    }


def changes(db: Transaction, batch: Batch, now: Mapping[str, int]) -> list[dict[str, Any]]:
    """Main figures now and in the report of the last earlier batch; those are read from that report's receipt."""
    mine = tables.receipt.c
    earlier = db.maximum(tables.receipt, "batch_no", (mine.stage == "report") & (mine.batch_no < batch.number))
    if earlier is None:
        return []
    row = db.read(tables.receipt, "counts", where=(mine.stage == "report") & (mine.batch_no == earlier)).iloc[0]
    then = json.loads(row["counts"])
    return [{"figure": name, "then": int(then[name]), "now": count, "batch": _batch_ids(db)[earlier]} for name, count in now.items() if name in then]


def _batch_ids(db: Transaction) -> dict[int, str]:
    return {int(number): batch_id for number, batch_id in db.read(tables.batch, "number", "batch_id").itertuples(index=False)}


def _text(value: Any) -> str | None:
    return None if value is None or value != value else str(value)
