"""Invariant 1, conservation: no record is lost between the file and the person, and the receipts say so."""

import json
from pathlib import Path

from worlds import deliver, run_all

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Warehouse


def test_every_row_read_is_new_changed_unchanged_suppressed_or_refused_with_a_reason(warehouse: Warehouse, settings: Settings) -> None:
    deliver(settings)
    _, receipts = run_all(warehouse, settings)
    with warehouse.transaction() as db:
        deliveries = db.read(tables.delivery)
        refused = db.counts(tables.refused_row, "source", "object")
        current = db.count(tables.raw_record, tables.raw_record.c.is_current)
    kinds = ["new", "changed", "unchanged", "suppressed", "refused"]
    assert (deliveries["rows_read"] == deliveries[kinds].sum(axis=1)).all()
    assert deliveries["rows_read"].sum() > 300
    assert refused["n"].sum() == deliveries["refused"].sum()
    assert current == deliveries["new"].sum()
    ingested = [receipt.counts for receipt in receipts if receipt.stage == "ingest"]
    assert sum(counts["read"] for counts in ingested) == deliveries["rows_read"].sum()


def test_contacts_are_members_of_one_person_or_set_aside(warehouse: Warehouse, settings: Settings) -> None:
    deliver(settings)
    run_all(warehouse, settings)
    with warehouse.transaction() as db:
        contacts = db.read(tables.contact, "record_id", "state")
        members = db.read(tables.membership, "record_id", "person_id")
        golden = db.read(tables.golden_contact, "person_id", "records")
    active = contacts[contacts["state"] == "active"]
    assert set(members["record_id"]) == set(active["record_id"])
    assert len(contacts) == len(members) + (contacts["state"] != "active").sum()
    assert golden.set_index("person_id")["records"].to_dict() == members["person_id"].value_counts().to_dict()


def test_the_same_delivery_again_adds_nothing_and_changes_nobody(warehouse: Warehouse, settings: Settings) -> None:
    deliver(settings)
    run_all(warehouse, settings)
    with warehouse.transaction() as db:
        before = db.read(tables.membership, "record_id", "person_id"), db.count(tables.raw_record), db.count(tables.consent_event)
    _, receipts = run_all(warehouse, settings, "second")
    with warehouse.transaction() as db:
        after = db.read(tables.membership, "record_id", "person_id"), db.count(tables.raw_record), db.count(tables.consent_event)
    assert before[0].equals(after[0])
    assert before[1:] == after[1:]
    assert {name: sum(receipt.counts[name] for receipt in receipts if receipt.stage == "ingest") for name in ("new", "changed", "gone")} == {
        "new": 0,
        "changed": 0,
        "gone": 0,
    }


def test_a_row_gone_from_a_full_delivery_leaves_its_person_and_a_changed_row_becomes_a_new_version(warehouse: Warehouse, settings: Settings) -> None:
    deliver(settings)
    run_all(warehouse, settings)
    pages = sorted((settings.inbox / "crm").glob("*.json"))
    page = json.loads(pages[0].read_text(encoding="utf-8"))
    page["records"].pop(0)
    page["records"][0]["MailingStreet"] = "Rua Que Mudou, 99"
    Path(pages[0]).write_text(json.dumps(page), encoding="utf-8")
    batch, receipts = run_all(warehouse, settings, "second")
    crm = next(receipt.counts for receipt in receipts if receipt.stage == "ingest" and receipt.part == "crm")
    assert (crm["changed"], crm["gone"], crm["new"]) == (1, 1, 0)
    with warehouse.transaction() as db:
        gone = db.read(tables.contact, "record_id", where=tables.contact.c.state == "gone")
        assert len(gone) == 1
        assert db.count(tables.membership, tables.membership.c.record_id == int(gone["record_id"].iloc[0])) == 0
        events = db.read(tables.identity_event, where=tables.identity_event.c.batch_no == batch.number)
        assert "left" in set(events["kind"])
        versions = db.read(tables.raw_record, "version", where=tables.raw_record.c.batch_no == batch.number)
        assert versions["version"].tolist() == [2]
