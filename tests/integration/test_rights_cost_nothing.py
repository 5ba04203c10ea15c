"""Who exercises a right is linked, consolidated and published as if they had not, but for what the right itself takes away (LGPD art. 21)."""

from typing import Any

import pandas as pd
import pytest

from contacts import tables
from contacts.schema import PUBLISHED
from contacts.settings import ROOT, Settings
from contacts.warehouse import Transaction, Warehouse
from dedup import batch as linked
from pipelines.stages import STAGES, consent, link, merge, publish
from privacy import views
from privacy.policy import load_policy
from tests import judged_people
from tests.integration.privacy_batch import add_events, no, run_stage

RIGHTS = {"consent_event", "permission", "suppression", "contact_preference", "contact_attempt"}
"""Tables that hold what people asked of us."""
CLEAN = (tables.clean_row, tables.clean_masked, tables.clean_officer)
MADE = (tables.pair, tables.membership, tables.identity_event, tables.golden_contact, tables.golden_attribute, tables.golden_point, *CLEAN)
EXERCISED = [
    no(1, 1, "withdrawn", "2026-05-01T10:00:00Z"),
    no(2, 3, "objected", "2026-06-01T10:00:00Z", "partner_offers"),
    no(3, 7, "refused", "2026-06-02T10:00:00Z"),
    no(4, 4, "restricted", "2026-06-03T10:00:00Z", "*"),
    no(5, 4, "lifted", "2026-06-05T10:00:00Z", "*") | {"actor": "agent", "text_hash": "cc"},
]
ABOUT_CONTACT = {
    "person_id", "kind", "purpose", "channel", "point_ref", "contact_value", "basis", "valid_until", "policy_version", "derived_at", "stale_after",
    "batch_no", "records", "sources", "email", "phone", "emails", "phones", "source", "field", "text", "opened_at", "contactable_until",
    "contact_language", "opens_at", "closes_at", "computed_at", "reasons",
}  # fmt: skip
"""Columns of published tables and views that are no field of a person: none says what they asked of us. Who adds one has to say so here."""


def publish_all(warehouse: Warehouse, settings: Settings) -> dict[str, pd.DataFrame]:
    """Link, decide, consolidate and publish; every table that was made."""
    with warehouse.transaction() as db:
        db.append(tables.batch, [{"number": 1, "batch_id": "b1", "as_of": "2026-11-22T12:00:00Z", "gate": "green"}])
    for stage in (link, consent, merge, publish):
        run_stage(stage, warehouse, settings)
    with warehouse.transaction() as db:
        return {table.name: db.read(table) for table in MADE}


def start_again(db: Transaction) -> None:
    for table in tables.metadata.tables.values():
        if table.name not in ("contact", "contact_point", "ledger"):
            db.delete(table)


def test_nothing_made_tells_who_exercised_a_right(warehouse: Warehouse, settings: Settings) -> None:
    judged_people.write(warehouse)
    before = publish_all(warehouse, settings)
    with warehouse.transaction() as db:
        start_again(db)
        add_events(db, EXERCISED)
    after = publish_all(warehouse, settings)
    with warehouse.transaction() as db:
        counted = db.counts(tables.permission, "state", where=~tables.permission.c.allowed)
    assert {"WITHDRAWN", "OBJECTED", "REFUSED"} <= set(counted["state"]), "the rights did take effect"
    assert len(before["clean_row"]) and len(before["pair"]) and len(before["clean_officer"]) < len(judged_people.PEOPLE)
    kept = {name: frame for name, frame in after.items() if name != "clean_row"}
    for name, frame in kept.items():
        pd.testing.assert_frame_equal(*(part.sort_values(list(part.columns), ignore_index=True) for part in (frame, before[name])), obj=name)
    rows = [part["clean_row"].loc[part["clean_row"]["purpose"].isin(["service", "billing"])] for part in (before, after)]
    assert len(rows[0])
    pd.testing.assert_frame_equal(*(part.sort_values(list(part.columns), ignore_index=True) for part in rows), obj="clean_row")


def test_published_columns_are_fields_of_a_person_or_about_the_contact(settings: Settings) -> None:
    shown = {column.name for table in CLEAN for column in table.columns}
    shown |= {column.name for query in views.views(load_policy(ROOT / "privacy" / "policy.yml")).values() for column in query.selected_columns}
    assert shown - {*PUBLISHED} - ABOUT_CONTACT == set()
    assert shown >= ABOUT_CONTACT, "a column that is no more is not excused"


def test_linking_and_consolidating_read_nothing_people_asked_of_us(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    judged_people.write(warehouse)
    read: dict[str, set[str]] = {}
    running = ["before"]
    for name in ("read", "read_for", "count", "counts", "maximum"):
        original = getattr(Transaction, name)

        def noting(self: Transaction, table: Any, *rest: Any, original: Any = original, **more: Any) -> Any:
            read.setdefault(running[-1], set()).add(table.name)
            return original(self, table, *rest, **more)

        monkeypatch.setattr(Transaction, name, noting)
    with warehouse.transaction() as db:
        db.append(tables.batch, [{"number": 1, "batch_id": "b1", "as_of": "2026-11-22T12:00:00Z", "gate": "green"}])
    for stage in (link, consent, merge):
        running.append(stage.__name__)
        run_stage(stage, warehouse, settings)
    assert read["consent"] & RIGHTS, "what is read is noted"
    assert (read["link"] | read["merge"]) & RIGHTS == set()
    assert {"contact", "contact_point"} <= read["link"]
    declared = {one.name: set(one.reads) for one in STAGES}
    assert (declared["link"] | declared["merge"]) & RIGHTS == set()
    assert {*linked.CONTACT_COLUMNS, *linked.POINT_COLUMNS} <= {column.name for table in (tables.contact, tables.contact_point) for column in table.columns}
