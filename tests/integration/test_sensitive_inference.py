"""Hints at sensitive data are findings the officer sees counted, and nothing else knows of them; on both databases."""

import json

import pandas as pd
from deliveries import SHOP, declare, put, read, rows_of
from worlds import run_all

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Warehouse

HEADER = "id,name,email,phone,cpf,note,changed\n"
LINE = "{n},Ana Prado{n},ana{n}@{domain},(11) 96412-00{n:02},,,2026-01-0{day}T10:00:00Z\n"


def lines(domains: dict[int, str], day: int = 1) -> str:
    return HEADER + "".join(LINE.format(n=number, domain=domain, day=day) for number, domain in domains.items())


def test_hints_are_counted_for_the_officer_and_written_nowhere_else(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", lines(dict.fromkeys(range(1, 8), "sindicatometal.org.br") | {8: "example.com"}))
    _, receipts = run_all(warehouse, settings)
    scanned = next(receipt for receipt in receipts if receipt.stage == "scan")
    assert scanned.counts["found.INFERRED_UNION"] == 7 and scanned.counts["findings"] == 0
    told = json.loads((settings.home / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["figures"]
    assert told["personal_data"]["inferred"] == [{"source": "shop", "field": "shop.email", "kind": "SENSITIVE_UNION", "records": 7}]
    assert told["personal_data"]["found"] == [] and told["personal_data"]["texts_with"] == 0
    assert [need["level"] for need in told["needs"] if need["code"] == "inferred"] == ["info"]
    with warehouse.transaction() as db:
        texts = {name: rows_of(db, name).astype(str).to_csv(index=False) for name in tables.metadata.tables}
    assert {name for name, text in texts.items() if "INFERRED_" in text} <= {"pii_finding", "receipt", "ledger"}
    assert "sindicato" not in texts["pii_finding"]


def test_a_hint_goes_with_the_value_that_gave_it(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", lines({1: "sindicatometal.org.br", 2: "pt.org.br", 3: "example.com"}))
    run_all(warehouse, settings)
    put(settings, "shop/1.csv", lines({1: "example.com", 2: "pt.org.br", 3: "paroquiasaojose.org.br"}, day=2))
    run_all(warehouse, settings, "second", pd.Timestamp("2026-11-23T06:00:00Z").to_pydatetime())
    assert sorted(read(warehouse, "pii_finding", "entity")["entity"]) == ["INFERRED_POLITICS", "INFERRED_RELIGION"]
    put(settings, "shop/1.csv", lines({3: "paroquiasaojose.org.br"}, day=2))
    run_all(warehouse, settings, "third", pd.Timestamp("2026-11-24T06:00:00Z").to_pydatetime())
    assert read(warehouse, "pii_finding", "entity")["entity"].tolist() == ["INFERRED_RELIGION"]
