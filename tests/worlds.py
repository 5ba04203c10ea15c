"""Small worlds for tests: generate an inbox, run stages on it, and take pictures of the whole warehouse to compare."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Batch, Receipt
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.run import execute, open_batch
from pipelines.sources.names import source_names
from pipelines.stages import STAGES

AS_OF = datetime(2026, 11, 20, 6, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 21, 6, tzinfo=UTC)
APPROVER = "tester"


def deliver(settings: Settings, people: int = 150, seed: int = 3) -> Path:
    """Write a generated inbox where the settings look for it."""
    from pipelines.demo.write import write_demo

    write_demo(settings.inbox, people, seed)
    return settings.inbox


def deliver_next_day(settings: Settings) -> None:
    """Change the inbox as a day of work would: a row gone, a name, a street and an e-mail changed, a consent taken back."""

    def rewrite(pattern: str, key: str, change: Callable[[list[dict[str, Any]]], None]) -> None:
        file = min(settings.inbox.glob(pattern))
        page = json.loads(file.read_text(encoding="utf-8"))
        change(page[key])
        file.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")

    def crm(rows: list[dict[str, Any]]) -> None:
        rows.pop(0)
        rows[0]["MailingStreet"] = "Rua Que Mudou, 99"
        rows[1]["LastName"] = "Que Mudou"

    def marketing(rows: list[dict[str, Any]]) -> None:
        rows[0]["properties"]["email"] = "novo.endereco@exemplo.com.br"

    rewrite("crm/*.json", "records", crm)
    rewrite("marketing/*.json", "results", marketing)
    file = min(settings.inbox.glob("form/*.jsonl"))
    lines = file.read_text(encoding="utf-8").splitlines()
    again = next(line for line in map(json.loads, lines) if line["consents"])
    again |= {"submission_id": "sub_next_day", "submitted_at": "2026-11-20T18:00:00Z", "consents": [box | {"checked": False} for box in again["consents"]]}
    file.write_text("\n".join([*lines, json.dumps(again, ensure_ascii=False)]) + "\n", encoding="utf-8")


def steps(settings: Settings) -> list[tuple[str, str]]:
    """(stage, part) of a whole run, in order."""
    return [(stage.name, part) for stage in STAGES for part in (source_names(settings) if stage.per_source else ("",))]


def run_all(warehouse: Warehouse, settings: Settings, batch_id: str = "first", as_of: datetime = AS_OF) -> tuple[Batch, list[Receipt]]:
    """Every stage once, approved."""
    batch = open_batch(warehouse, settings, batch_id, as_of)
    return batch, [execute(warehouse, settings, stage, batch, part, APPROVER) for stage, part in steps(settings)]


def picture(warehouse: Warehouse, leave_out: Iterable[str] = ()) -> dict[str, pd.DataFrame]:
    """Every table as a frame in primary-key order, without the columns that depend on the machine's clock."""
    skipped = set(leave_out)
    taken = {}
    with warehouse.transaction() as db:
        for name, table in sorted(tables.metadata.tables.items()):
            columns = [column.name for column in table.columns if not column.info.get("clock") and f"{name}.{column.name}" not in skipped]
            if name not in skipped:
                taken[name] = db.read(table, *columns)
    return taken


def assert_same(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame], told: str) -> None:
    """Both pictures hold the same rows, table by table."""
    assert found.keys() == expected.keys()
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(found[name], frame, check_exact=True, obj=f"{told}: table {name}")
