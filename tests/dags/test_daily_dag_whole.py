"""The DAG is the pipeline: run by Airflow or stage by stage, the warehouse ends up the same to the last column."""

from pathlib import Path
from typing import Any

import pytest
from airflow_runs import task_states
from conftest import make_settings
from worlds import APPROVER, AS_OF, assert_same, deliver, picture, run_all

from contacts import tables
from contacts.settings import SETTINGS, Settings
from dags.in_process import _answer
from pipelines.run import connect


def test_airflow_and_the_plain_run_leave_the_same_warehouse(daily: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, by_airflow = (make_settings(tmp_path / name, LASTRO_INBOX=str(tmp_path / "inbox")) for name in ("plain", "airflow"))
    deliver(plain, people=60)
    expected, _ = run_all(connect(plain), plain, "first", AS_OF)
    for name in (setting.name for setting in SETTINGS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LASTRO_HOME", str(by_airflow.home))
    monkeypatch.setenv("LASTRO_INBOX", str(by_airflow.inbox))

    _answer(daily.get_task("approval"), APPROVER)
    run = daily.test(run_conf={"batch_id": expected.batch_id, "as_of": AS_OF.isoformat()})

    assert run.state == "success", task_states(run)
    assert task_states(run)["publish"] == "success"
    assert_same(*(picture(connect(home), leave_out=("ledger",)) for home in (by_airflow, plain)), "by Airflow and by hand")
    assert recorded(by_airflow) == recorded(plain)


def recorded(settings: Settings) -> list[tuple[str, ...]]:
    """What the ledger says was done; sources arrive in any order, so the order of the entries is not compared."""
    with connect(settings).transaction() as db:
        entries = db.read(tables.ledger, "action", "actor", "detail")
    entries.loc[entries["action"] == "report.write", "detail"] = ""  # a report's hash covers the ledger's head, and that the time
    return sorted(entries.itertuples(index=False, name=None))
