"""House rules of every DAG, and that the daily one is the pipeline: same stages, same order, same tables."""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from pipelines.stages import STAGES

HEAVY = ("great_expectations", "recordlinkage", "presidio_analyzer", "spacy", "sklearn", "splink", "pyspark")


def test_every_dag_file_can_be_read(bag: Any) -> None:
    assert bag.import_errors == {}
    assert "contacts_daily" in bag.dags


def test_every_dag_has_documentation_an_owner_and_tags(bag: Any) -> None:
    for dag in bag.dags.values():
        assert dag.doc_md
        assert dag.tags
        for task in dag.tasks:
            assert task.owner == "contact-data", task.task_id
            assert task.doc_md, task.task_id


def test_the_stages_run_in_the_order_of_the_pipeline(bag: Any) -> None:
    names = [stage.name for stage in STAGES]
    order = [task.task_id for task in bag.dags["contacts_daily"].topological_sort()]
    assert [task for task in order if task in names] == names
    assert set(order) - set(names) == {"open_batch", "list_sources", "gate", "approval", "outcome"}


def test_each_stage_waits_for_the_one_before(bag: Any) -> None:
    dag = bag.dags["contacts_daily"]
    for before, after in pairwise(STAGES):
        assert before.name in dag.get_task(after.name).get_flat_relative_ids(upstream=True)
    assert {"gate", "approval"} <= dag.get_task("publish").upstream_task_ids


def test_assets_are_what_the_stages_read_and_write(bag: Any) -> None:
    from airflow.sdk import Asset

    for stage in STAGES:
        task = bag.dags["contacts_daily"].get_task(stage.name)
        assert [asset.uri for asset in task.inlets] == [Asset(f"lastro://{table}").uri for table in stage.reads]
        assert [asset.uri for asset in task.outlets] == [Asset(f"lastro://{table}").uri for table in stage.writes]


def test_each_source_is_a_task_of_its_own(bag: Any) -> None:
    mapped = {task.task_id for task in bag.dags["contacts_daily"].tasks if task.is_mapped}
    assert mapped == {stage.name for stage in STAGES if stage.per_source}


def test_two_runs_never_overlap_and_an_unanswered_gate_makes_way_for_the_next_day(bag: Any) -> None:
    dag = bag.dags["contacts_daily"]
    assert dag.max_active_runs == 1
    approval = dag.get_task("approval")
    assert approval.response_timeout.total_seconds() < 24 * 3600
    assert approval.defaults == ["Reject"]


def test_letting_the_dag_run_starts_nothing_before_the_next_morning(bag: Any) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    dag = bag.dags["contacts_daily"]
    timetable = coerce_to_core_timetable(dag.timetable)
    first = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=TimeRestriction(dag.start_date, None, dag.catchup))
    assert first is not None
    assert first.run_after > datetime.now(UTC)


def test_reading_the_dag_file_loads_nothing_heavy_and_takes_less_than_two_seconds() -> None:
    code = (
        "import sys, time; import airflow.sdk, airflow.providers.standard.operators.hitl; before = set(sys.modules); started = time.process_time();"
        "import dags.contacts_daily; took = time.process_time() - started;"
        f"print(took, sorted(name for name in {HEAVY!r} + ('pandas', 'sqlalchemy') if name in sys.modules and name not in before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    seconds, loaded = done.stdout.splitlines()[-1].split(" ", 1)
    assert loaded == "[]"
    assert float(seconds) < 2
