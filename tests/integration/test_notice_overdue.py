"""The officer sees who of bought data is still in time to be told and whose notice is overdue; on both databases."""

from datetime import timedelta
from typing import Any

from contacts import tables
from contacts.model import Batch, instant
from contacts.settings import ROOT, Settings
from contacts.warehouse import Transaction, Warehouse
from privacy.policy import load_policy
from privacy.policy_parts import Notice
from privacy.report import consents, needs
from tests.integration.privacy_batch import AS_OF, add_events, no

POLICY = load_policy(ROOT / "privacy" / "policy.yml").model_copy(update={"notice": Notice(sources=("leads",), days=30, source="GDPR art. 14(3)")})
DAYS_AGO = {1: 31, 2: 30, 3: 0}
"""When each batch was: the first is too long ago, the second is just in time."""


def add_leads(db: Transaction) -> None:
    """Six people bought in each batch, one record each, and a customer nobody has to be told of."""
    batches = [{"number": number, "batch_id": f"b{number}", "as_of": instant(AS_OF - timedelta(days=days))} for number, days in DAYS_AGO.items()]
    db.append(tables.batch, batches)
    for number in range(1, 20):
        source, batch_no = ("leads", 1 + (number - 1) // 6) if number < 19 else ("crm", 1)
        both: dict[str, Any] = {"record_id": number, "raw_id": number, "source": source, "batch_no": batch_no}
        db.append(tables.contact, [both | {"state": "active", "kind": "person"}])
        raw = {"object": "o", "source_key": "k", "version": 1, "content_hash": "h", "payload": "{}", "is_current": True}
        db.append(tables.raw_record, [both | raw])
        db.append(tables.membership, [{"record_id": number, "person_id": f"P-{number:02}", "batch_no": batch_no}])


def figures(warehouse: Warehouse) -> list[dict[str, Any]]:
    with warehouse.transaction() as db:
        return consents.notices(db, Batch("b3", 3, AS_OF), POLICY)


def test_who_was_not_told_in_time_is_counted_apart_from_who_is_still_in_time(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        add_leads(db)
    assert figures(warehouse) == [{"source": "leads", "within": 12, "overdue": 6, "days": 30}]
    with warehouse.transaction() as db:
        add_events(db, [no(number, number, "notified", "2026-11-01T10:00:00Z", "*") for number in range(1, 8)])
    assert figures(warehouse) == [{"source": "leads", "within": 11, "overdue": 0, "days": 30}]


def test_a_newer_version_of_a_row_gives_no_more_time(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        add_leads(db)
        newer = {"raw_id": 91, "record_id": 1, "source": "leads", "object": "o", "source_key": "k", "version": 2, "content_hash": "i", "payload": "{}"}
        db.append(tables.raw_record, [newer | {"batch_no": 3, "is_current": True}])
    assert figures(warehouse)[0]["overdue"] == 6


def test_an_overdue_notice_waits_for_the_officer() -> None:
    late = {"notices": [{"source": "leads", "within": 12, "overdue": 6, "days": 30}], "breaches": []}
    told = needs._people({"merges": {"unsure_pairs": 0}, "purposes": [], "consents": late, "personal_data": {"found": []}})
    assert [(need["code"], need["level"], need["values"]) for need in told] == [("notice_overdue", "amber", {"by": [{"source": "leads", "n": 6}]})]
