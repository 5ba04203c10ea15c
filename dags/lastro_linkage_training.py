"""**Treino dos pesos de vinculação, todo mês**: aprende de todos os contatos ativos; a próxima execução diária usa o modelo novo.

**Training of the linkage weights, every month**: learns from all active contacts; the next daily run takes the new model up.

Trigger it by hand once after the first delivery, and after a change of `linkage.yml`: until then the documented weights stand.
Where there are too few records the task is skipped and says so. Only names and counts leave it, never a value.
"""

from datetime import timedelta

from airflow.sdk import Asset, CronTriggerTimetable, dag, task

from dags import tasks

RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=1), "retry_exponential_backoff": True, "max_retry_delay": timedelta(minutes=30)}


@dag(
    # well before the daily run of the same morning, which is the first to use what was learned; nothing is made up for when it is unpaused
    schedule=CronTriggerTimetable("0 2 1 * *", timezone="America/Sao_Paulo", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "contact-data", **RETRIES},
    tags=["lastro", "linkage"],
    doc_md=__doc__,
)
def lastro_linkage_training() -> None:
    lineage = {"inlets": [Asset("lastro://contact"), Asset("lastro://contact_point")], "outlets": [Asset("lastro://link_model")]}
    task(task_id="learn", doc_md=f"**treinar / train**: {tasks.learn_weights.__doc__}", **lineage)(tasks.learn_weights)()  # type: ignore[call-overload]


lastro_linkage_training()
