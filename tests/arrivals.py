"""Contacts as ingest and standardise leave them in the warehouse, and the validate stage run on them, for tests of what follows."""

from typing import Any

from rule_rows import AS_OF, columns

from contacts import tables
from contacts.model import Batch, Outcome, Run
from contacts.settings import Settings
from contacts.warehouse import Transaction
from pipelines.validating import validate_batch


def arrive(db: Transaction, people: list[dict[str, Any]], number: int = 1, deliveries: dict[str, str] | None = None) -> None:
    """What ingest and standardise leave: a batch, its deliveries, and these contacts in place of what they were."""
    given = columns([{**one, "batch_no": number} for one in people])
    contacts, points, notes = given.contacts, given.points, given.notes
    db.upsert(tables.batch, [{"number": number, "batch_id": f"b{number}", "as_of": "2026-11-22T06:00:00Z"}])
    rows = [
        {"batch_no": number, "source": source, "object": "contacts", "status": status, "files_refused": int(status == "partial")}
        for source, status in (deliveries or {"crm": "ok"}).items()
    ]
    db.upsert(tables.delivery, rows)
    for table in (tables.contact, tables.contact_point, tables.value_note):
        db.delete_for(table, "record_id", contacts["record_id"])
    db.append(tables.contact, contacts.assign(raw_id=contacts["record_id"]))
    db.append(tables.contact_point, points)
    db.append(tables.value_note, notes.assign(position=0, outcome="fixed"))
    known = db.count(tables.consent_event)
    db.append(tables.consent_event, given.consents.assign(event_id=range(known, known + len(given.consents)), batch_no=number))
    db.upsert(tables.interaction, given.interactions.assign(direction="inbound", batch_no=number))


def validate(db: Transaction, settings: Settings, number: int = 1) -> Outcome:
    return validate_batch(Run(Batch(f"b{number}", number, AS_OF), settings, db))
