"""What tests of the DAGs share: stages with a chosen outcome, and what Airflow knows of a run afterwards."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contacts import tables
from contacts.model import Outcome, Run


def gate_turns(colour: str) -> Callable[[Run], Outcome]:
    """A validate stage that leaves this colour, with one failed rule."""

    def validate(run: Run) -> Outcome:
        run.db.update(tables.batch, tables.batch.c.number == run.batch.number, gate=colour)
        row = {"batch_no": run.batch.number, "rule": "cpf_valid", "severity": "error", "evaluated": 90, "failed": 12, "gx_failed": 12}
        run.db.upsert(tables.gate_result, [row])
        return Outcome({"failed": 12})

    return validate


def task_states(run: Any) -> dict[str, str]:
    """State of every task of a DAG run; of a mapped task the set of its instances' states, joined."""
    states: dict[str, set[str]] = {}
    for instance in run.get_task_instances():
        states.setdefault(instance.task_id, set()).add(str(instance.state))
    return {task: "|".join(sorted(found)) for task, found in states.items()}


def asset_events(home: Path, uri: str, run: Any) -> int:
    """How often a DAG run told the rest of Airflow that an asset changed."""
    query = "SELECT count(*) FROM asset_event JOIN asset ON asset.id = asset_event.asset_id WHERE uri = ? AND source_run_id = ?"
    with sqlite3.connect(home / "airflow" / "airflow.db") as connection:
        return int(connection.execute(query, (uri, run.run_id)).fetchone()[0])


def everything_airflow_keeps(home: Path) -> str:
    """Airflow's metadata database and its log files as one text."""
    with sqlite3.connect(home / "airflow" / "airflow.db") as connection:
        parts = list(connection.iterdump())
    parts += [file.read_text(errors="replace") for file in (home / "airflow" / "logs").rglob("*") if file.is_file()]
    return "\n".join(parts)
