"""`lastro audit`: a sample is drawn, judged and signed; what it says is an estimate with its interval, and the ledger knows who."""

import json

import pytest
from worlds import deliver, run_all

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import auditing


@pytest.fixture
def golden(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    monkeypatch.setenv("LASTRO_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("LASTRO_LANGUAGE", "en")
    deliver(settings, people=60)
    run_all(warehouse, settings)
    return settings


def said(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_an_audit_is_drawn_judged_and_signed(golden: Settings, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    auditing.draw(20, 7, "dpo", True)
    drawn = said(capsys)
    assert drawn["items"] == 20 < drawn["population"]
    auditing.listing(False, True)
    masked = said(capsys)["items"]
    auditing.listing(True, True)
    shown = said(capsys)["items"]
    names = {row["item"]: row["value"] for row in shown if row["field"] in ("full name", "family name", "street")}
    assert names and all(names[row["item"]] != row["value"] for row in masked if row["item"] in names)

    with pytest.raises(ConfigurationError, match="not judged"):
        auditing.sign("dpo", True)
    for item in range(1, 21):
        auditing.judge(item, "wrong" if item == 3 else "unknown" if item == 4 else "right", "steward-1", True)
    capsys.readouterr()
    auditing.sign("dpo", True)
    found = said(capsys)
    assert (found["judged"], found["right"], found["unknown"]) == (19, 18, 1)
    assert 0 < found["low"] < found["share"] < found["high"] <= 1

    with pytest.raises(ConfigurationError, match="signed"):
        auditing.judge(3, "right", "steward-1", True)
    with warehouse.transaction() as db:
        actions = db.read(tables.ledger, "action", "actor", "detail")
        assert ledger.verify(db, golden).problem == ""
    signed = actions[actions["action"] == "audit.signed"].iloc[0]
    assert signed["actor"] == "dpo" and json.loads(signed["detail"]) == {"audit_no": 1, "judged": 19, "right": 18, "unknown": 1}
    assert set(actions["action"]) >= {"audit.opened", "audit.judged", "audit.revealed"}


def test_the_same_seed_draws_the_same_values(golden: Settings, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    samples = []
    for _ in range(2):
        auditing.draw(15, 3, "dpo", True)
        number = said(capsys)["audit_no"]
        with warehouse.transaction() as db:
            samples.append(db.read(tables.audit_item, "item_no", "person_id", "field", "weight", where=tables.audit_item.c.audit_no == number))
            db.update(tables.audit, signed_by="dpo")
    assert samples[0].equals(samples[1])


def test_one_audit_is_open_at_a_time_and_mistakes_are_told(golden: Settings) -> None:
    with pytest.raises(NotFound):
        auditing.judge(1, "right", "dpo", True)
    auditing.draw(10, 1, "dpo", True)
    with pytest.raises(ConfigurationError, match="open already"):
        auditing.draw(10, 1, "dpo", True)
    with pytest.raises(NotFound, match="no such item"):
        auditing.judge(11, "right", "dpo", True)
    with pytest.raises(ConfigurationError, match="verdict"):
        auditing.judge(1, "maybe", "dpo", True)
    with pytest.raises(ConfigurationError, match="staff id"):
        auditing.judge(1, "right", "Maria da Silva", True)
