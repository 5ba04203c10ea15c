"""What Airflow tells of a run in this process, task by task, as plain facts."""

from collections.abc import Callable
from typing import Any

from airflow.listeners import hookimpl


class Listener:
    """Registered with Airflow, hears when a task starts or ends, and announces it."""

    def __init__(self, announce: Callable[..., None], approved_by: str) -> None:
        self.announce = announce
        self.approved_by = approved_by

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        """A task starts."""
        self.announce("start", task=task_instance.task_id, part=_part(task_instance))

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        """A stage left its receipt, or the gate its colour."""
        name = task_instance.task_id
        if name == "gate":
            colour = task_instance.xcom_pull(task_ids=name, key="colour")
            self.announce("gate", colour=colour, approved_by=self.approved_by if colour == "amber" else "")
            return
        mapped = {"map_indexes": task_instance.map_index} if task_instance.map_index >= 0 else {}
        told = task_instance.xcom_pull(task_ids=name, **mapped)
        if isinstance(told, dict) and "counts" in told:
            self.announce("receipt", **told)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        """A task failed; every body is value-free (``tasks.value_free``), so its text may be shown."""
        self.announce("failed", task=task_instance.task_id, part=_part(task_instance), error=str(error))


def _part(task_instance: Any) -> str:
    return str(task_instance.task.op_kwargs.get("part", "")) if task_instance.map_index >= 0 else ""
