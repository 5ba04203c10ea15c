"""What goes wrong is tried again only when that can help, and never tells a value."""

from pathlib import Path
from typing import Any

import pytest
from airflow_runs import everything_airflow_keeps, task_states

from contacts.errors import NotFound, WarehouseUnavailable
from contacts.model import Outcome, Run
from contacts.settings import Settings

CANARY = "maria.canario@exemplo.invalid"


def test_a_busy_warehouse_is_tried_again(daily: Any, stage_bodies: dict[str, Any]) -> None:
    calls = []

    def link(run: Run) -> Outcome:
        calls.append(run.batch.number)
        if len(calls) < 3:
            raise WarehouseUnavailable("The warehouse did not answer (OperationalError).")
        return Outcome({"people": 1})

    stage_bodies["link"] = link
    assert daily.test().state == "success"
    assert len(calls) == 3


@pytest.mark.parametrize("error", [NotFound("There is no such source."), ValueError("a bug")])
def test_what_a_retry_cannot_mend_is_not_tried_again(error: Exception, daily: Any, stage_bodies: dict[str, Any]) -> None:
    calls = []

    def link(run: Run) -> Outcome:
        calls.append(run.batch.number)
        raise error

    stage_bodies["link"] = link
    states = task_states(run := daily.test())
    assert run.state == "failed"
    assert len(calls) == 1
    assert (states["link"], states["publish"]) == ("failed", "upstream_failed")


def test_one_broken_source_is_red_and_nothing_is_published(daily: Any, stage_bodies: dict[str, Any]) -> None:
    def ingest(run: Run) -> Outcome:
        if run.part == "crm":
            raise NotFound("There is no source crm.")
        return Outcome({"read": 1})

    stage_bodies["ingest"] = ingest
    states = task_states(run := daily.test())
    assert run.state == "failed"
    assert states["ingest"] == "failed|success"
    assert states["publish"] == "upstream_failed"


def test_a_value_in_an_exception_reaches_neither_log_nor_xcom_nor_database(
    daily: Any, stage_bodies: dict[str, Any], airflow_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def scan(run: Run) -> Outcome:
        text = f"contact {CANARY}"
        try:
            raise KeyError(text)
        except KeyError as cause:
            raise ValueError(f"cannot read {text}") from cause

    stage_bodies["scan"] = scan
    assert daily.test().state == "failed"
    said = "".join(capfd.readouterr())
    kept = everything_airflow_keeps(airflow_home)
    assert "A fault in Lastro itself: ValueError at dags/test_daily_dag_failures.py" in said  # the log is really what we look at
    assert "contacts_daily" in kept
    for text in (said, kept):
        assert CANARY not in text
        assert "canario" not in text


def test_nothing_of_the_original_exception_hangs_on_to_the_one_airflow_sees() -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from dags.tasks import value_free

    @value_free
    def body() -> None:
        read = CANARY
        raise ValueError(read)

    with pytest.raises(AirflowFailException) as caught:
        body()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    frames = [entry.frame.f_locals for entry in caught.traceback[1:]]
    assert frames
    assert CANARY not in repr(frames)


def test_xcom_holds_the_receipt_and_nothing_else(daily: Any, stage_bodies: dict[str, Any]) -> None:
    stage_bodies["link"] = lambda run: Outcome({"people": 902}, notes=("12 wait for a judgement",))
    run = daily.test()
    told = run.get_task_instance("link").xcom_pull(task_ids="link")
    assert set(told) == {"batch", "stage", "part", "counts", "notes", "seconds"}
    assert told["counts"] == {"people": 902}


def test_a_pipeline_without_sources_is_a_failure_not_an_empty_success(daily: Any, stage_bodies: dict[str, Any], home: Settings) -> None:
    for file in home.sources.glob("*.yml"):
        file.unlink()
    assert daily.test().state == "failed"
