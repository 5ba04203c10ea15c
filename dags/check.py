"""``python -m dags.standalone --check``: the DAG once through a real Airflow, as an operator would run it, gate included."""

import time
from collections.abc import Callable

from contacts.settings import Settings
from dags.airflow_client import AirflowClient
from dags.standalone import DAG_ID, airflow

RUN_S = 300
REST_S = 8  # an answer given while the asking task is still being put to rest makes Airflow fail it
PEOPLE, SEED = 60, 7


def check(settings: Settings, port: int, say: Callable[[str], None]) -> int:
    """Make up an inbox where there is none, run, approve an amber gate, report each step; 0 when the run succeeded."""
    if not settings.inbox.exists():
        from pipelines.demo.write import write_demo

        write_demo(settings.inbox, PEOPLE, SEED)
    started = time.monotonic()
    with airflow(settings, port) as running:
        say(f"healthy after {time.monotonic() - started:.0f} s: {', '.join(running.processes)}")
        client = running.client()
        client.unpause(DAG_ID)
        run_id = client.trigger(DAG_ID, {})
        state = follow(client, run_id, say)
        for task, reached in client.task_states(DAG_ID, run_id).items():
            say(f"  {task:<14}{reached}")
        say(f"run {state} after {time.monotonic() - started:.0f} s")
    say("stopped")
    return 0 if state == "success" else 1


def follow(client: AirflowClient, run_id: str, say: Callable[[str], None], option: str = "Approve") -> str:
    """Wait for the end of a run, answering its question with ``option``; returns the state, ``timeout`` after five minutes."""
    deadline = time.monotonic() + RUN_S
    while time.monotonic() < deadline:
        state = client.run_state(DAG_ID, run_id)
        if state in ("success", "failed"):
            return state
        for question in client.waiting():
            if question["run"] == run_id and question["state"] == "awaiting_input":
                say("the gate is amber: a question waits")
                time.sleep(REST_S)
                client.answer(question, option)
                say(f"answered: {option}")
        time.sleep(1)
    return "timeout"
