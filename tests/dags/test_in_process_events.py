"""`python -m dags.in_process` speaks JSON lines and nothing else; what Airflow says is in the log file."""

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import make_settings
from worlds import deliver

from contacts.settings import ROOT, SETTINGS
from pipelines.stages import STAGES


def test_every_stage_is_announced_and_nothing_else_is_said(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home")
    deliver(settings, people=60)
    environment = {name: value for name, value in os.environ.items() if name not in {setting.name for setting in SETTINGS}}
    command = [sys.executable, "-m", "dags.in_process", "--batch-id", "spoken", "--as-of", "2026-11-20T06:00:00+00:00", "--approved-by", "Ana"]
    done = subprocess.run(command, env=environment | {"LASTRO_HOME": str(settings.home)}, cwd=ROOT, capture_output=True, text=True, check=False)

    events = [json.loads(line) for line in done.stdout.splitlines()]
    receipts = [event["stage"] for event in events if event["event"] == "receipt"]
    assert (done.returncode, events[-1]["event"], events[-1]["state"]) == (0, "end", "success"), events
    assert list(dict.fromkeys(receipts)) == [stage.name for stage in STAGES]
    assert [event for event in events if event["event"] == "gate"] == [{"event": "gate", "colour": "amber", "approved_by": "Ana"}]
    assert done.stderr == ""
    log = settings.home / "logs" / "airflow.log"
    assert "contacts_daily" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
