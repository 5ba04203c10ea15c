"""An Airflow of this test process alone; its environment must stand before anything imports Airflow."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow_runs import gate_turns
from conftest import make_settings

from contacts.model import Outcome, Run
from contacts.settings import ROOT, SETTINGS, Settings
from dags.airflow_home import environment

HOME = Path(tempfile.mkdtemp(prefix="lastro-airflow-"))
os.environ.update({name: value for name, value in environment(make_settings(HOME)).items() if name.startswith("AIRFLOW")})


@pytest.fixture(scope="session")
def airflow_home() -> Path:
    """The home of this process's Airflow, its tables made."""
    from dags.airflow_home import migrate

    migrate(HOME)
    return HOME


@pytest.fixture
def bag(airflow_home: Path) -> Any:
    """All DAG files, read as the DAG processor reads them; afresh, because a run in process leaves its parameters in the DAG."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], bundle_name="dags-folder")


@pytest.fixture
def daily(bag: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The daily DAG, not waiting between tries."""
    nap = time.sleep  # dag.test() naps a second whenever there is nothing to start
    monkeypatch.setattr(time, "sleep", lambda seconds: nap(min(seconds, 0.01)))
    dag = bag.dags["contacts_daily"]
    for task in dag.tasks:
        task.retry_delay = timedelta(0)
    return dag


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of an empty SQLite home, also what the tasks read from the environment."""
    settings = make_settings(tmp_path / "home", LASTRO_SOURCES=str(tmp_path / "sources"))
    settings.sources.mkdir()
    for name in (setting.name for setting in SETTINGS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    monkeypatch.setenv("LASTRO_SOURCES", str(settings.sources))
    return settings


@pytest.fixture
def stage_bodies(home: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[Run], Outcome]]:
    """Stages that only count, so that what is tested is the DAG; a test may put another body in the place of one of them."""
    from pipelines import run, stages

    for name in ("crm", "form"):  # a batch opens only on sound configuration
        shutil.copy(ROOT / "pipelines" / "sources" / f"{name}.yml", home.sources)
    bodies: dict[str, Callable[[Run], Outcome]] = {stage.name: lambda _: Outcome({"rows": 3}) for stage in stages.STAGES}
    bodies["validate"] = gate_turns("green")
    stand_ins = tuple(replace(stage, function=lambda run, name=stage.name: bodies[name](run)) for stage in stages.STAGES)
    monkeypatch.setattr(run, "STAGES", stand_ins)
    return bodies
