"""The few calls of Airflow's REST API that starting, checking and answering need; standard library only."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 60
"""Generous: on a busy machine the first answer, which imports most of Airflow, takes half a minute."""


class AirflowClient:
    """A logged-in user of one Airflow server."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.token = ""
        self.token = self._call("POST", "/auth/token", {"username": user, "password": password})["access_token"]

    @staticmethod
    def unhealthy(url: str) -> list[str]:
        """The components that do not report healthy; the API server alone when it does not answer."""
        try:
            with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=TIMEOUT_S) as response:  # noqa: S310 - http on loopback
                health = json.load(response)
        except (OSError, ValueError):
            return ["api-server"]
        return [name for name in ("metadatabase", "scheduler", "dag_processor", "triggerer") if (health.get(name) or {}).get("status") != "healthy"]

    def knows(self, dag_id: str) -> bool:
        """Whether the DAG has been read."""
        try:
            self._call("GET", f"/api/v2/dags/{dag_id}")
        except urllib.error.HTTPError:
            return False
        return True

    def unpause(self, dag_id: str) -> None:
        """Let the DAG run."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run; returns its id."""
        return str(self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of a run: queued, running, success or failed."""
        return str(self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """State of every task; of the mapped instances of one task the last one listed."""
        instances = self._call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=200")["task_instances"]
        return {instance["task_id"]: str(instance["state"]) for instance in instances}

    def waiting(self) -> list[dict[str, str]]:
        """Questions nobody has answered yet: dag, run and task."""
        details = self._call("GET", "/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false")["hitl_details"]
        asked = [detail["task_instance"] for detail in details]
        return [{"dag": one["dag_id"], "run": one["dag_run_id"], "task": one["task_id"], "state": str(one["state"])} for one in asked]

    def answer(self, question: dict[str, str], option: str, tries: int = 5) -> None:
        """Answer a question. Airflow refuses while the asking task is still being put to rest, so it is tried again."""
        path = f"/api/v2/dags/{question['dag']}/dagRuns/{question['run']}/taskInstances/{question['task']}/-1/hitlDetails"
        for left in reversed(range(tries)):
            try:
                self._call("PATCH", path, {"chosen_options": [option], "params_input": {}})
                return
            except urllib.error.HTTPError:
                if not left:
                    raise
                time.sleep(2)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)  # noqa: S310 - http on loopback
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return json.load(response)
