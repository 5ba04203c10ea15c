"""A small shop for tests of the quarantine: its source file, its deliveries and its batches. All people are invented."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from deliveries import declare, put, read

from contacts.pseudonym import pseudonym
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.run import execute, open_batch
from pipelines.stages import STAGES

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
        contract: {allowed: [flag]}
        fields: {full_name: name, email: [email, email2], phone: phone, cpf: cpf, birth_date: birth, street: street, postal_code: cep, uf: uf}
        consents:
          - {when: {column: news, equals: "yes"}, says: granted, purposes: newsletter, channels: email, actor: self, effective_at: news_at,
             text_version: text, texts: {v1: Quero novidades.}, purpose_versions: {v1: "1"}, method_is: form}
          - {when: {column: news, equals: "no"}, says: withdrawn, purposes: newsletter, channels: "*", actor: self, effective_at: news_at}
"""
COLUMNS = ("id", "name", "email", "email2", "phone", "cpf", "birth", "street", "cep", "uf", "news", "news_at", "text", "flag")
ANA = {"id": "1", "name": "Ana Prado", "email": "ana@example.com", "phone": "(11) 96412-0001"}
RUI = {"id": "2", "name": "Rui Sá", "email": "rui@example.com", "phone": "(11) 96412-0002"}
NOTHING = {"id": "3", "name": "Zoraquel Vimbrasto", "email": "nao@tem", "phone": "(11) 0000", "cpf": "529.982.247-99"}
"""Nobody could be reached or recognised by this one."""
Row = Mapping[str, str]


def open_shop(settings: Settings, monkeypatch: pytest.MonkeyPatch, *rows: Row) -> Settings:
    """The shop declared and delivered; commands find it by the environment."""
    declared = declare(settings, shop=SHOP)
    names = {"HOME": declared.home, "DATABASE_URL": declared.database_url, "INBOX": declared.inbox, "SOURCES": declared.sources, "LANGUAGE": "en"}
    for name, value in names.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    sell(declared, *(rows or (ANA, RUI, NOTHING)))
    return declared


def sell(shop: Settings, *rows: Row, columns: tuple[str, ...] = COLUMNS) -> None:
    """Put a full delivery of these rows in the inbox."""
    put(shop, "shop/all.csv", pd.DataFrame([{name: row.get(name, "") for name in columns} for row in rows]).to_csv(index=False))


def batch(warehouse: Warehouse, shop: Settings, number: int, until: str = "publish") -> None:
    """Every stage of the batch of this day of November up to ``until``, approved; a known batch is run again."""
    opened = open_batch(warehouse, shop, f"b{number}", datetime(2026, 11, number, 6, tzinfo=UTC))
    for stage in STAGES:
        execute(warehouse, shop, stage.name, opened, "shop" if stage.per_source else "", "tester")
        if stage.name == until:
            return


def record(shop: Settings, key: str) -> int:
    return pseudonym(shop.key, "record", "shop", "customers", key)


def contact(warehouse: Warehouse, shop: Settings, key: str) -> dict[str, Any]:
    """What the warehouse says of one record, missing as None."""
    row = read(warehouse, "contact").set_index("record_id").loc[record(shop, key)]
    return {str(name): None if pd.isna(value) else value for name, value in row.items()}


def points(warehouse: Warehouse, shop: Settings, key: str, kind: str) -> list[str]:
    found = read(warehouse, "contact_point")
    return found.loc[(found["record_id"] == record(shop, key)) & (found["type"] == kind), "value"].dropna().tolist()


def entries(warehouse: Warehouse, action: str) -> list[dict[str, Any]]:
    """Entries of the ledger, each with its detail read."""
    found = read(warehouse, "ledger")
    return [row | {"detail": json.loads(row["detail"])} for row in found[found["action"] == action].to_dict("records")]
