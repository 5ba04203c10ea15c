"""A real Airflow on this machine: four components, a run over the REST API, a person's answer at the gate, and no trace of anybody."""

import re
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from conftest import make_settings
from worlds import deliver

from contacts import tables
from contacts.settings import Settings
from dags.airflow_home import USER, environment
from dags.check import follow
from dags.standalone import COMPONENTS, DAG_ID, airflow, descendants
from pipelines.run import connect

EVERYWHERE = {"0.0.0.0", "::", "*"}  # noqa: S104


@dataclass(frozen=True)
class Seen:
    """What was seen of one run from start to stop."""

    settings: Settings
    state: str
    said: list[str]
    tasks: dict[str, str]
    listening: set[str]
    survivors: list[int]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    settings = make_settings(tmp_path_factory.mktemp("native") / "home")
    deliver(settings, people=60)
    said: list[str] = []
    with airflow(settings) as running:
        client = running.client()
        client.unpause(DAG_ID)
        run_id = client.trigger(DAG_ID, {"batch_id": "native"})
        state = follow(client, run_id, said.append)
        tasks = client.task_states(DAG_ID, run_id)
        family = [member for process in running.processes.values() for member in descendants(process.pid)]
        listening = {socket.laddr.ip for member in family for socket in member.net_connections("inet") if socket.status == psutil.CONN_LISTEN}
    _, alive = psutil.wait_procs(family, timeout=5)
    return Seen(settings, state, said, tasks, listening, [member.pid for member in alive if still_runs(member)])


def still_runs(process: psutil.Process) -> bool:
    """Whether a process does anything still: one that ended and that nobody has asked about yet does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_the_run_succeeds_through_api_server_scheduler_dag_processor_and_triggerer(seen: Seen) -> None:
    assert set(COMPONENTS) == {"api-server", "scheduler", "dag-processor", "triggerer"}
    assert seen.state == "success", seen.tasks
    assert {seen.tasks[task] for task in ("ingest", "validate", "link", "publish", "report")} == {"success"}


def test_an_amber_gate_waited_for_a_person_whose_name_is_recorded(seen: Seen) -> None:
    assert seen.said == ["the gate is amber: a question waits", "answered: Approve"]
    with connect(seen.settings).transaction() as db:
        batch = db.read(tables.batch).iloc[0]
    assert (batch["batch_id"], batch["gate"], batch["approved_by"]) == ("native", "amber", USER)


def test_nothing_listens_beyond_this_machine(seen: Seen) -> None:
    assert seen.listening
    assert not seen.listening & EVERYWHERE
    assert seen.listening <= {"127.0.0.1", "::1"}


def test_stopping_leaves_no_process_behind(seen: Seen) -> None:
    assert seen.survivors == []


def test_airflow_keeps_nobodys_address_document_or_number(seen: Seen) -> None:
    """Every e-mail address, CPF and phone number delivered is looked for in Airflow's database and in every log."""
    delivered = "\n".join(file.read_text(encoding="utf-8") for file in seen.settings.inbox.rglob("*.json*") if "truth" not in file.parts)
    wanted = set(re.findall(r"[\w.+-]{3,}@[\w-]+\.[\w.-]+", delivered))
    wanted |= {re.sub(r"\D", "", number) for number in re.findall(r"\d{3}\.\d{3}\.\d{3}-\d{2}|\(\d{2}\) ?9?\d{4}-?\d{4}", delivered)}
    assert len(wanted) > 60
    files = [file for folder in ("airflow", "logs") for file in (seen.settings.home / folder).rglob("*") if file.is_file()]
    kept = "\n".join(file.read_bytes().decode("utf-8", "replace") for file in files)
    assert DAG_ID in kept
    assert not sorted(value for value in wanted if value in kept)


def test_the_password_is_for_its_owner_only(seen: Seen) -> None:
    home = Path(environment(seen.settings)["AIRFLOW_HOME"])
    assert home.stat().st_mode & 0o077 == 0
    assert (home / "passwords.json").stat().st_mode & 0o077 == 0
