"""`python -m dags.in_process` speaks JSON lines and nothing else; what Airflow says is in the log file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import make_settings
from training_worlds import easily_taught
from worlds import deliver

from contacts.settings import ROOT, SETTINGS, Settings
from pipelines.stages import STAGES


def in_process(settings: Settings, *arguments: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], list[dict[str, Any]]]:
    """Run the daily DAG in a process of its own; the events it told."""
    environment = {name: value for name, value in os.environ.items() if name not in {setting.name for setting in SETTINGS}}
    command = [sys.executable, "-m", "dags.in_process", "--batch-id", "spoken", "--as-of", "2026-11-20T06:00:00+00:00", "--approved-by", "Ana", *arguments]
    done = subprocess.run(command, env=environment | {"LASTRO_HOME": str(settings.home)} | variables, cwd=ROOT, capture_output=True, text=True, check=False)
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def test_every_stage_is_announced_and_nothing_else_is_said(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home")
    deliver(settings, people=60)
    done, events = in_process(settings)
    receipts = [event["stage"] for event in events if event["event"] == "receipt"]
    assert (done.returncode, events[-1]["event"], events[-1]["state"]) == (0, "end", "success"), events
    assert list(dict.fromkeys(receipts)) == [stage.name for stage in STAGES]
    assert [event for event in events if event["event"] == "gate"] == [{"event": "gate", "colour": "amber", "approved_by": "Ana"}]
    assert done.stderr == ""
    log = settings.home / "logs" / "airflow.log"
    assert "contacts_daily" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_training_is_told_as_a_step_of_its_own_before_the_link_stage_uses_it(tmp_path: Path) -> None:
    settings = easily_taught(make_settings(tmp_path / "home"), 150)
    deliver(settings, people=150)
    _, events = in_process(settings, "--train", LASTRO_LINKAGE=str(settings.linkage))
    (learned,) = [event for event in events if event["event"] == "learned"]
    assert learned["model"] and learned["kinds"]["person"] > 150 and not learned["reason"]
    told = [event.get("task") or event.get("stage") or event["event"] for event in events if event["event"] in ("start", "learned", "receipt")]
    place = told.index("learned")
    assert told[place - 2 : place + 3] == ["link", "linkage learn", "learned", "link", "link"]
    (link,) = [event for event in events if event["event"] == "receipt" and event["stage"] == "link"]
    assert link["notes"][0] == f"trained weights: model {learned['model'][:8]} is new, every pair was worked out with it"
    assert events[-1]["state"] == "success"
