"""The training DAG: monthly and on demand, apart from the daily one, and run by Airflow it stores a model or says why not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from airflow_runs import everything_airflow_keeps, task_states
from training_worlds import crowd, easily_taught

from contacts import tables
from contacts.settings import Settings
from pipelines.run import connect
from pipelines.stages import STAGES
from tests.integration.test_link import contacts


@pytest.fixture
def training(bag: Any) -> Any:
    dag = bag.dags["lastro_linkage_training"]
    for task in dag.tasks:
        task.retries = 0
    return dag


def test_the_weights_are_trained_every_month_and_never_by_the_daily_dag(bag: Any, training: Any) -> None:
    from airflow.sdk import Asset

    assert training.timetable.expression == "0 2 1 * *"
    assert training.max_active_runs == 1 and not training.catchup
    (learn,) = training.tasks
    assert [asset.uri for asset in learn.outlets] == [Asset("lastro://link_model").uri]
    assert "learn" not in {task.task_id for task in bag.dags["contacts_daily"].tasks}
    assert "link_model" in next(stage for stage in STAGES if stage.name == "link").reads


def test_letting_the_training_dag_run_starts_nothing_before_the_next_month(training: Any) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    timetable = coerce_to_core_timetable(training.timetable)
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=TimeRestriction(training.start_date, None, training.catchup))
    assert first is not None and first.run_after > datetime.now(UTC)


def test_triggered_it_stores_a_model_and_airflow_keeps_counts_only(training: Any, home: Settings, airflow_home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    taught = easily_taught(home)
    monkeypatch.setenv("LASTRO_LINKAGE", str(taught.linkage))
    people = crowd(150)
    with connect(taught).transaction() as db:
        contacts(db, 1, *people)
    run = training.test()
    assert task_states(run) == {"learn": "success"}
    with connect(taught).transaction() as db:
        (model,) = db.read(tables.link_model)["model_hash"]
    kept = everything_airflow_keeps(airflow_home)
    assert model in kept
    assert not [row["name"] for row in people if row["name"] in kept or str(row["email"]) in kept]


def test_with_too_few_records_the_task_is_skipped_not_failed(training: Any, home: Settings) -> None:
    with connect(home).transaction() as db:
        contacts(db, 1, *crowd(5))
    run = training.test()
    assert (str(run.state), task_states(run)) == ("success", {"learn": "skipped"})
    with connect(home).transaction() as db:
        assert db.count(tables.link_model) == 0
