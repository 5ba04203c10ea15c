"""A batch as the stages before would leave it: a few invented people, their records, points, consents and golden values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Batch, Outcome, Run
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = ("P-ANA", "P-BIA")
EMAIL = {"P-ANA": 101, "P-BIA": 102}


def batch(number: int = 1) -> Batch:
    return Batch(f"b{number}", number, AS_OF)


def yes(event_id: int, record_id: int, point_ref: int, at: str = "2026-03-01T10:00:00Z", **other: Any) -> dict[str, Any]:
    """A proven grant of the newsletter by e-mail."""
    return no(event_id, record_id, "granted", at) | {
        "point_ref": point_ref, "channel": "email", "purpose_version": "1", "actor": "self", "method": "web form", "text_version": "v3", "text_hash": "aa",
    } | other  # fmt: skip


def no(event_id: int, record_id: int, kind: str, at: str | None, purpose: str = "newsletter", channel: str = "*") -> dict[str, Any]:
    """A no without more words, for the whole person."""
    return {
        "event_id": event_id, "record_id": record_id, "point_ref": None, "source": "crm", "purpose": purpose, "purpose_version": None,
        "channel": channel, "type": kind,
        "effective_at": at, "recorded_at": "2026-11-22T12:00:00Z", "actor": "self", "method": None, "text_version": None, "text_hash": None,
        "controller": "own", "expires_at": None, "batch_no": 1,
    }  # fmt: skip


def add_people(db: Transaction, number: int = 1, gate: str | None = "green") -> None:
    """Ana (CRM and form record 1, 2; address) and Bia (marketing, record 3); as the stages up to link leave them."""
    opened = {"number": number, "batch_id": f"b{number}", "as_of": "2026-11-22T12:00:00Z", "gate": gate}
    db.append(tables.batch, [opened])
    if number > 1:
        return
    records = [(1, "crm", "P-ANA"), (2, "form", "P-ANA"), (3, "marketing", "P-BIA")]
    contact = {"raw_id": 1, "batch_no": 1, "state": "active", "kind": "person", "birth_date": "1980-01-02"}
    db.append(
        tables.contact,
        [
            contact | {"record_id": key, "source": source, "country": "BR", "street": "Rua A" if key == 1 else None, "city": "Cidade"}
            for key, source, _ in records
        ],
    )
    db.append(tables.membership, [{"record_id": key, "person_id": person, "batch_no": 1} for key, _, person in records])
    point = {"type": "email", "position": 0, "status": "ok"}
    db.append(tables.contact_point, [point | {"record_id": key, "point_ref": EMAIL[person]} for key, _, person in records])


def add_golden(db: Transaction, number: int = 1) -> None:
    """What merge leaves."""
    for person, name in zip(PEOPLE, ("Ana Souza", "Bia Costa"), strict=True):
        fields = {
            "full_name": name,
            "given_name": name.split()[0],
            "birth_date": "1980-01-02",
            "cpf": "11144477735",
            "city": "Cidade",
            "uf": "SP",
            "postal_code": "01310100",
            "country": "BR",
        }
        row = {"person_id": person, "kind": "person", "records": 1, "sources": 1, "batch_no": number, "street": "Rua A" if person == "P-ANA" else None}
        db.upsert(tables.golden_contact, [row | fields])
        point = {"type": "email", "value": f"{name.split()[0].lower()}@example.com", "rank": 1, "record_id": 1, "raw_id": 1, "rule": "r", "records": 1}
        db.upsert(tables.golden_point, [point | {"person_id": person, "point_ref": EMAIL[person], "batch_no": number}])


def run_stage(stage: Any, warehouse: Warehouse, settings: Settings, number: int = 1, approved_by: str = "") -> Outcome:
    with warehouse.transaction() as db:
        return stage(Run(batch(number), settings, db, approved_by=approved_by))


def query(warehouse: Warehouse, sql: str) -> pd.DataFrame:
    """What a reader sees."""
    with warehouse.transaction() as db:
        result = db.connection.exec_driver_sql(sql)
        return pd.DataFrame(result.fetchall(), columns=list(result.keys()))


def add_events(db: Transaction, events: Sequence[dict[str, Any]]) -> None:
    db.append(tables.consent_event, pd.DataFrame(list(events)).astype({"point_ref": "Int64"}))
