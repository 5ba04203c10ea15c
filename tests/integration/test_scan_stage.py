"""The scan stage: findings by place, redacted text, the same when repeated, only what changed, nothing in any log."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import event

from contacts import tables
from contacts.model import Batch, Outcome, Run
from contacts.settings import Settings
from contacts.warehouse import TEXT, Warehouse
from pipelines.stages import scan

BATCH = Batch("b1", 1, datetime(2026, 11, 22, tzinfo=UTC))
CPF = "111.444.777-35"


def texts(values: list[str | None], first: int = 1, batch_no: int = 1) -> pd.DataFrame:
    ids = list(range(first, first + len(values)))
    return pd.DataFrame(
        {"text_id": ids, "record_id": ids, "source": "tickets", "field": "tickets.description", "text": pd.Series(values, dtype=TEXT), "batch_no": batch_no}
    )


def run_scan(warehouse: Warehouse, settings: Settings, batch: Batch = BATCH, since: int = 0) -> Outcome:
    with warehouse.transaction() as db:
        return scan(Run(batch, settings, db, since=since))


def test_findings_and_redacted_texts_are_written_and_repeatable(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        db.append(tables.free_text, texts([f"Meu CPF é {CPF}", "Pedido 123456 não chegou", None, f"Meu CPF é {CPF}", "Ligar (11) 98765-4321, CPF " + CPF]))
    first = run_scan(warehouse, settings)
    assert first.counts == {"texts": 5, "texts_with_findings": 3, "findings": 4, "found.BR_CPF": 3, "found.PHONE": 1}
    with warehouse.transaction() as db:
        rows, found = db.read(tables.free_text), db.read(tables.pii_finding)
    assert rows["redacted"].fillna("-").tolist() == ["Meu CPF é <CPF>", "Pedido 123456 não chegou", "-", "Meu CPF é <CPF>", "Ligar <TELEFONE>, CPF <CPF>"]
    assert found.loc[found["text_id"] == 1, ["start", "end", "recogniser"]].values.tolist() == [[10, 24, "Cpf"]]
    assert run_scan(warehouse, settings).counts == first.counts
    with warehouse.transaction() as db:
        pd.testing.assert_frame_equal(db.read(tables.pii_finding), found)


def test_only_what_changed_is_read_and_findings_of_vanished_texts_go(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        db.append(tables.free_text, texts([f"CPF {CPF}", f"CPF {CPF}"]))
    run_scan(warehouse, settings)
    with warehouse.transaction() as db:
        db.delete(tables.free_text, tables.free_text.c.text_id == 1)
        db.append(tables.free_text, texts(["e-mail ana@example.com"], first=3, batch_no=2))
    second = run_scan(warehouse, settings, replace(BATCH, batch_id="b2", number=2), since=1)
    assert second.counts == {"texts": 1, "texts_with_findings": 1, "findings": 1, "found.EMAIL": 1}
    with warehouse.transaction() as db:
        assert db.read(tables.pii_finding, "text_id", "entity").values.tolist() == [[2, "BR_CPF"], [3, "EMAIL"]]


def test_findings_of_vanished_texts_are_found_by_one_join(warehouse: Warehouse, settings: Settings) -> None:
    """``NOT IN`` goes through all texts once per finding as soon as they do not fit PostgreSQL's working memory."""
    if warehouse.engine.dialect.name != "postgresql":
        pytest.skip("SQLite looks both up by their index")
    deletes: list[tuple[str, Any]] = []
    event.listen(warehouse.engine, "before_cursor_execute", lambda connection, cursor, sql, values, *_: deletes.append((sql, values)))
    run_scan(warehouse, settings)
    sql, values = next(one for one in deletes if one[0].startswith("DELETE FROM pii_finding"))
    with warehouse.transaction() as db:
        plan = "\n".join(db.connection.exec_driver_sql(f"EXPLAIN {sql}", values).scalars())
    assert "Anti Join" in plan and "SubPlan" not in plan


def test_no_word_of_a_text_is_logged(warehouse: Warehouse, settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    with warehouse.transaction() as db:
        db.append(tables.free_text, texts([f"Meu CPF é {CPF}, falar com Maria Canarinho, canarinho@example.com"]))
    caplog.set_level(logging.DEBUG)
    outcome = run_scan(warehouse, settings)
    said = caplog.text + "".join(capfd.readouterr()) + repr(outcome)
    assert "anarinho" not in said
    assert CPF not in said
