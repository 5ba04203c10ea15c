"""**Contatos, todo dia**: de fontes desencontradas a um registro de ouro auditado, publicado só quando o portão de qualidade permite.

**Contacts, every day**: messy sources in, an audited golden record out, published only when the quality gate allows.

Green is published at once, amber waits for a person (`approval`), red fails the run and the last version stays.
The report is written in every case. Nothing personal is ever in a parameter, a log or an XCom: names and counts only.
"""

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, CronTriggerTimetable, Param, TriggerRule, chain, dag, task

from dags import tasks
from pipelines.stages import STAGES

PARAMS = {
    "batch_id": Param("", type="string", pattern="^[A-Za-z0-9._-]{0,40}$", title="Lote / Batch", description="Vazio: um lote novo. / Empty: a new batch."),
    "as_of": Param(None, type=["null", "string"], format="date-time", title="Momento / As of", description="Vazio: agora. / Empty: now."),
    "approval": Param(
        "ask",
        enum=["ask", "hold"],
        title="Portão âmbar / Amber gate",
        values_display={"ask": "perguntar a uma pessoa / ask a person", "hold": "não publicar / do not publish"},
    ),
}
OUTCOME = "O relatório sai sempre; esta tarefa guarda a cor da execução. / The report always runs; this task keeps the colour of the run."
RETRIES = {"retries": 3, "retry_delay": timedelta(seconds=30), "retry_exponential_backoff": True, "max_retry_delay": timedelta(minutes=10)}


@dag(
    # with a start date Airflow would make up for this morning's run the moment the DAG is unpaused
    schedule=CronTriggerTimetable("0 5 * * *", timezone="America/Sao_Paulo", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "contact-data", **RETRIES},
    tags=["lastro", "contacts", "lgpd", "gdpr"],
    params=PARAMS,
    doc_md=__doc__,
)
def contacts_daily() -> None:
    opened = task(tasks.open_batch, doc_md=tasks.open_batch.__doc__)(  # type: ignore[call-overload]
        "{{ params.batch_id or dag_run.run_after.strftime('%Y-%m-%d.%H%M%S') }}", "{{ params.as_of or dag_run.run_after.isoformat() }}"
    )
    gate = task.branch(task_id="gate", doc_md=tasks.read_gate.__doc__)(tasks.read_gate)(opened, "{{ params.approval }}")
    approval = ApprovalOperator(
        task_id="approval",
        subject="Publicar com o portão âmbar? / Publish although the gate is amber?",
        body="{{ ti.xcom_pull(task_ids='gate', key='question') }}",
        defaults="Reject",
        response_timeout=timedelta(hours=20),  # answered or not, the way is free for the next day's run
        doc_md="Uma pessoa decide se um lote âmbar é publicado. / A person decides whether an amber batch is published.",
    )
    steps = {}
    for stage in STAGES:
        lineage = {"inlets": [Asset(f"lastro://{table}") for table in stage.reads], "outlets": [Asset(f"lastro://{table}") for table in stage.writes]}
        step = task(task_id=stage.name, doc_md=f"**{stage.title_pt} / {stage.title_en}**: {stage.function.__doc__}", **lineage)(tasks.run_stage)  # type: ignore[call-overload]
        if stage.per_source:
            mapped = step.override(map_index_template="{{ task.op_kwargs['part'] }}").partial(stage=stage.name, batch_id=opened)
            steps[stage.name] = mapped.expand(part=task(tasks.list_sources)())
        elif stage.name == "publish":
            judged = step.override(trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
            steps[stage.name] = judged(stage.name, steps["merge"]["batch"], answer=approval.output)
        else:
            steps[stage.name] = step(stage.name, opened)
    *before, publish, report = steps.values()
    outcome = EmptyOperator(task_id="outcome", trigger_rule=TriggerRule.NONE_FAILED, doc_md=OUTCOME)
    chain(*before, gate, [approval, publish])
    chain(approval, publish, [report, outcome])
    report.as_teardown(setups=opened, on_failure_fail_dagrun=True)  # runs whatever happened, once there is a batch


contacts_daily()
