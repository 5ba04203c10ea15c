"""Run Airflow natively on this machine: ``python -m dags.standalone``; API server, scheduler, DAG processor and triggerer as four processes.

They are started one by one instead of through ``airflow standalone`` because that opens its log ports to the whole
network and leaves the scheduler running when it is terminated. Everything here listens on loopback only.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from contacts.errors import LastroError
from contacts.settings import Settings, load, private_folder
from dags.airflow_client import AirflowClient
from dags.airflow_home import USER, environment, password

DAG_ID = "contacts_daily"
TRAINING_DAG_ID = "lastro_linkage_training"
COMPONENTS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
START_S = 180
STOP_S = 20


@dataclass(frozen=True)
class Running:
    """An Airflow that answers: where, with which password, and its processes by component."""

    url: str
    password: str
    processes: dict[str, subprocess.Popen[bytes]]

    def client(self) -> AirflowClient:
        """A logged-in client of its REST API."""
        return AirflowClient(self.url, USER, self.password)


@contextmanager
def airflow(settings: Settings, port: int = 0) -> Iterator[Running]:
    """Start Airflow in this home, wait until every component is healthy, stop all of it at the end.

    Raises LastroError when a component ends or does not become healthy within three minutes.
    """
    port = port or _free_port()
    variables = os.environ | environment(settings, port)
    secret = password(settings)
    logs = private_folder(settings.home / "logs")
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        _airflow(("db", "migrate"), variables, logs / "airflow-migrate.log").wait()
        for name, command in COMPONENTS.items():
            processes[name] = _airflow(command, variables, logs / f"airflow-{name}.log")
        running = Running(f"http://127.0.0.1:{port}", secret, processes)
        _wait_until_healthy(running, logs)
        yield running
    finally:
        _stop(list(processes.values()))


def main() -> int:
    """Start, say where and what to do, stay until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m dags.standalone", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port of the web interface; 8080 or a free one when left out")
    parser.add_argument("--check", action="store_true", help="run the DAG once over the REST API on a small made-up inbox, then stop")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that the children are stopped on SIGTERM too
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job started in the background of a shell ignores it otherwise
    settings = load()
    try:
        if arguments.check:
            from dags.check import check

            return check(settings, arguments.port, _say)
        _say("Starting Airflow (about half a minute; Ctrl-C stops it) ...")
        with airflow(settings, arguments.port) as running:
            for dag_id in (DAG_ID, TRAINING_DAG_ID):
                running.client().unpause(dag_id)
            _say(_welcome(running, settings))
            while all(process.poll() is None for process in running.processes.values()):
                time.sleep(1)
            _say("A component of Airflow ended; stopping the rest.")
            return 1
    except KeyboardInterrupt:
        _say("Airflow has stopped.")
        return 0
    except LastroError as error:
        _say(f"{error.sentence}\n  {error.hint}")
        return error.exit_code


def _airflow(command: tuple[str, ...], variables: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:  # a session of its own, so that Ctrl-C reaches only us and we stop it in order
        return subprocess.Popen([sys.executable, "-m", "airflow", *command], env=variables, stdout=output, stderr=output, start_new_session=True)  # noqa: S603


def _wait_until_healthy(running: Running, logs: Path) -> None:
    deadline = time.monotonic() + START_S
    missing = ["api-server"]
    while time.monotonic() < deadline:
        for name, process in running.processes.items():
            if process.poll() is not None:
                raise LastroError(f"Airflow's {name} ended at once (exit code {process.returncode}).", f"Its log is {logs / f'airflow-{name}.log'}.")
        missing = AirflowClient.unhealthy(running.url)
        with suppress(OSError):  # it says it is healthy and does not answer yet
            if not missing and all(map(running.client().knows, (DAG_ID, TRAINING_DAG_ID))):
                return
        time.sleep(0.5)
    raise LastroError(f"Airflow is not healthy after {START_S} s ({', '.join(missing) or 'the DAG is missing'}).", f"The logs are in {logs}.")


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask every component to end, then end what is left of it: workers, also those that made a session of their own."""
    family = [member for process in processes for member in descendants(process.pid)]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + STOP_S
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()


def descendants(pid: int) -> list[psutil.Process]:
    """A process and everything it started, as long as they run."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    """8080, or a free one where that is taken."""
    for wanted in (8080, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LastroError("There is no free port on this machine.")


def _welcome(running: Running, settings: Settings) -> str:
    return (
        f"\n  Airflow   {running.url}\n  Login     {USER}   {running.password}\n  Inbox     {settings.inbox}\n\n"
        f"  Open {running.url}/dags/{DAG_ID} and press Trigger. An amber gate waits under Required Actions.\n"
        f"  After the first delivery trigger {TRAINING_DAG_ID} once, then {DAG_ID} again: no run learns how to link by itself.\n"
        f"  Ctrl-C stops everything. Logs: {settings.home / 'logs'}\n"
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
