"""Run the daily DAG to its end in this process, without a server: ``python -m dags.in_process``, for the demo and for tests.

Standard output carries one JSON object per line and nothing else: ``start`` and ``receipt`` of every task, the ``gate``,
``failed``, with ``--train`` what was ``learned``, and last ``end`` with the state of the run. Whatever Airflow and the libraries say goes to the log file.
"""

import argparse
import functools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from contacts.settings import Settings, load, private_folder
from dags.airflow_home import environment, migrate

Announce = Callable[..., None]


def main() -> int:
    """Read the arguments, run, return 0 when the DAG run succeeded."""
    parser = argparse.ArgumentParser(prog="python -m dags.in_process", description=__doc__)
    parser.add_argument("--batch-id", default="")
    parser.add_argument("--as-of", default="", help="ISO 8601; now when left out")
    parser.add_argument("--approved-by", default="", metavar="WHO", help="answer an amber gate in this name; without it amber is not published")
    parser.add_argument("--train", action="store_true", help="learn the linkage weights once before the link stage, as `lastro linkage learn` does")
    parser.add_argument("--log-file", type=Path, help="default: logs/airflow.log in LASTRO_HOME")
    arguments = parser.parse_args()
    settings = load()
    screen = _keep_screen_clean(arguments.log_file or settings.home / "logs" / "airflow.log")

    def announce(event: str, **facts: Any) -> None:
        screen.write(json.dumps({"event": event, **facts}, ensure_ascii=False) + "\n")
        screen.flush()

    conf = {"batch_id": arguments.batch_id, "as_of": arguments.as_of or None, "approval": "ask" if arguments.approved_by else "hold"}
    return 0 if run_dag(settings, conf, arguments.approved_by, announce, arguments.train) == "success" else 1


def run_dag(settings: Settings, conf: Mapping[str, Any], approved_by: str, announce: Announce, train: bool = False) -> str:
    """Run ``contacts_daily`` once with ``conf``, with ``train`` learning weights before it links; returns the state of the DAG run.

    Airflow must not be imported before.
    """
    started = time.perf_counter()
    os.environ.update(environment(settings))
    announce("start", task="airflow")
    migrate(settings.home)
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk.listener import get_listener_manager

    from dags.events import Listener

    dag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"], bundle_name="dags-folder").dags["contacts_daily"]
    for task in dag.tasks:
        task.retries = 0  # nobody waits minutes at a terminal: a run that failed is started again
    _answer(dag.get_task("approval"), approved_by)
    if train:
        _train_before(dag.get_task("link"), settings, announce)
    get_listener_manager().add_listener(Listener(announce, approved_by))
    run = dag.test(run_conf=dict(conf))
    announce("end", state=str(run.state), seconds=round(time.perf_counter() - started, 2))
    return str(run.state)


def _answer(approval: Any, approved_by: str) -> None:
    """Let ``approved_by`` answer at once; without a server nobody else could, and the task would wait for ever."""
    answer = {"chosen_options": ["Approve"], "params_input": {}, "responded_by_user": {"id": approved_by, "name": approved_by}}
    approval.execute = lambda context: answer


def _train_before(link: Any, settings: Settings, announce: Announce) -> None:
    """Learn the weights when ``link`` is about to run: a first batch has its contacts only then. Training is no task of the daily DAG."""
    run_link = link.python_callable

    @functools.wraps(run_link)
    def learn_then_link(*args: Any, **kwargs: Any) -> Any:
        announce("start", task="linkage learn")
        announce("learned", **_learned(settings))
        announce("start", task=link.task_id)
        return run_link(*args, **kwargs)

    link.python_callable = learn_then_link


def _learned(settings: Settings) -> dict[str, Any]:
    from dedup.learning import NothingToLearn
    from pipelines.linkage_training import learn_weights
    from pipelines.run import connect

    started = time.perf_counter()
    try:
        told = learn_weights(connect(settings), settings)
    except NothingToLearn as error:
        return {"model": "", "reason": error.sentence}
    kinds = {kind: profile["records"] for kind, profile in told["profile"].items() if told["figures"][kind]["learned"]}
    return {"model": told["model"], "reason": "", "kinds": kinds, "seconds": round(time.perf_counter() - started, 1)}


def _keep_screen_clean(log_file: Path) -> TextIO:
    """Send standard output and error of this process, native libraries included, to the log; returns the real output."""
    private_folder(log_file.parent)
    screen = os.fdopen(os.dup(1), "w", encoding="utf-8")
    log = os.open(log_file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for descriptor in (1, 2):
        os.dup2(log, descriptor)
    return screen


if __name__ == "__main__":
    sys.exit(main())
