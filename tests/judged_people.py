"""A few made-up people for tests of judgements and acts: written as standardise leaves them, linked by the stages themselves."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from contacts import tables
from contacts.model import Batch, Run
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from pipelines.stages import consent, link, merge
from tests.integration.test_link import contacts

ANA = {"name": "ana beatriz moreira", "birth_date": "1984-03-07", "email": "ana.moreira@mail.example"}
PEOPLE: tuple[dict[str, Any], ...] = (
    ANA | {"record": 1},
    ANA | {"record": 2, "name": "ana b moreira"},
    {"record": 3, "name": "bruno tavares lima", "birth_date": "1971-11-23", "phone": "1187654321"},
    {"record": 4, "name": "bruno tavares lima", "birth_date": "1971-11-23", "email": "bruno@mail.example"},
    {"record": 5, "name": "carla prado", "email": "carla@mail.example"},
    {"record": 6, "name": "carla prado reis", "email": "carla@mail.example"},
    {"record": 7, "name": "davi rocha melo", "phone": "2199990000", "cpf": "52998224725", "birth_date": "1980-01-02"},
    {"record": 8, "name": "davi souto neri", "phone": "2199990000", "cpf": "52998224725", "birth_date": "1955-10-30"},
    {"record": 9, "name": "=cmd|calc", "cpf": "15350946056", "birth_date": "1990-05-17"},
    {"record": 10, "name": "+cmd|zeta", "cpf": "15350946056", "birth_date": "1961-08-03"},
)
VALUES = ("moreira", "tavares", "prado", "rocha", "1984-03-07", "mail.example", "1187654321", "52998224725", "cmd|calc")
"""Of which none may be seen where values are masked."""


def open_people(settings: Settings, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> None:
    """Commands find the warehouse by the environment."""
    for name, value in {"HOME": settings.home, "DATABASE_URL": settings.database_url, "LANGUAGE": language, "POLICY": settings.policy}.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))


def write(warehouse: Warehouse, *people: dict[str, Any], number: int = 1) -> None:
    """Put these people in the warehouse with batch ``number``."""
    with warehouse.transaction() as db:
        contacts(db, number, *(people or PEOPLE))


def run(warehouse: Warehouse, settings: Settings, number: int, upto: str = "link") -> None:
    """Link, or all from link to merge, as batch ``number``."""
    batch = Batch(f"b{number}", number, datetime(2026, 11, number, tzinfo=UTC))
    with warehouse.transaction() as db:
        if not db.count(tables.batch, tables.batch.c.number == number):
            db.append(tables.batch, [{"number": number, "batch_id": batch.batch_id, "as_of": batch.as_of_text}])
        for stage in (link,) if upto == "link" else (link, consent, merge):
            stage(Run(batch, settings, db, since=number - 1))


def persons(warehouse: Warehouse) -> dict[int, str]:
    with warehouse.transaction() as db:
        return dict(db.read(tables.membership, "record_id", "person_id").itertuples(index=False))


def state(db: Transaction) -> dict[str, pd.DataFrame]:
    """What a steward's act may change, without the number of the batch that wrote it."""
    kept = (tables.pair, tables.membership, tables.permission, tables.golden_contact, tables.golden_attribute, tables.golden_point)
    return {table.name: db.read(table, *[column.name for column in table.columns if column.name != "batch_no"]) for table in kept}
