"""Small deliveries for tests: a source file in plain words, its files, and the batches that read them. All people are invented."""

import dataclasses
import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pandas as pd
from openpyxl import Workbook

from contacts import tables
from contacts.model import Receipt
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from pipelines.run import execute, open_batch
from pipelines.sources import source_names

SHOP = """
    title: {pt: Loja, en: Shop}
    owner: tests
    trust: 50
    country: BR
    objects:
      customers:
        kind: contact
        read: {format: csv, files: shop/*.csv, delivery: full}
        key: id
        updated_at: changed
        contract:
          required: [id, name, email]
          types: {email: email}
        fields: {full_name: name, email: email, phone: phone, cpf: cpf}
        texts: [note]
"""
HEADER = "id,name,email,phone,cpf,note,changed\n"
ANA = "1,Ana Prado,ana@example.com,(11) 96412-0001,,,2026-01-01T10:00:00Z\n"
RUI = "2,Rui Sá,rui@example.com,(11) 96412-0002,,,2026-01-01T10:00:00Z\n"
EVA = "3,Eva Luz,eva@example.com,(11) 96412-0003,,,2026-01-01T10:00:00Z\n"


def declare(settings: Settings, **sources: str) -> Settings:
    """Settings whose sources are these YAML texts, with an empty inbox."""
    folder = settings.home / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    settings.inbox.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (folder / f"{name}.yml").write_text(dedent(text), encoding="utf-8")
    return dataclasses.replace(settings, sources=folder)


def put(settings: Settings, name: str, content: str | bytes | Any) -> Path:
    """Put a file into the inbox: text, bytes, or anything else as JSON."""
    file = settings.inbox / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, str | bytes):
        content = json.dumps(content, ensure_ascii=False)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def workbook(rows: list[list[Any]], merge: str = "") -> bytes:
    """A workbook with these rows in its only sheet; ``merge`` is a range of cells to merge."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    whole = BytesIO()
    book.save(whole)
    return whole.getvalue()


def ingest(warehouse: Warehouse, settings: Settings, number: int = 1, standardise: bool = False) -> dict[str, Receipt]:
    """Ingest every source in batch ``number`` (a known one is repeated), and standardise when asked; receipts by part."""
    batch = open_batch(warehouse, settings, f"batch-{number}", datetime(2026, 11, number, 6, tzinfo=UTC))
    done = {part: execute(warehouse, settings, "ingest", batch, part) for part in source_names(settings)}
    return done | ({"standardise": execute(warehouse, settings, "standardise", batch)} if standardise else {})


def counted(receipt: Receipt) -> dict[str, int]:
    """The counts of a receipt that are not zero."""
    return {name: count for name, count in receipt.counts.items() if count}


def read(warehouse: Warehouse, table: str, *columns: str) -> pd.DataFrame:
    """A whole table."""
    with warehouse.transaction() as db:
        return rows_of(db, table, *columns)


def rows_of(db: Transaction, table: str, *columns: str) -> pd.DataFrame:
    """A whole table inside an open transaction."""
    return db.read(tables.metadata.tables[table], *columns)


def conserved(warehouse: Warehouse) -> None:
    """Every row read is in exactly one class, and every refused one is kept with its reason."""
    deliveries, refused = read(warehouse, "delivery"), read(warehouse, "refused_row", "batch_no", "reason")
    classes = ["new", "changed", "unchanged", "suppressed", "refused"]
    assert (deliveries["rows_read"] == deliveries[classes].sum(axis=1)).all()
    assert len(refused) == deliveries["refused"].sum()
    assert refused["reason"].str.fullmatch("[A-Z_]+").all()
