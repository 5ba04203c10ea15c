"""What the tasks of the DAGs do: open a batch, run one stage, read the quality gate, learn the linkage weights.

Airflow keeps return values, logs and rendered fields for years, out of reach of any erasure, so only names and counts
come back from here, and an exception leaves without its text, its cause and its locals.
"""

import functools
import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from contacts.errors import ConfigurationError, GateClosed, LastroError

if TYPE_CHECKING:
    from contacts.model import Batch
    from contacts.warehouse import Warehouse

P = ParamSpec("P")
T = TypeVar("T")

# libraries that speak at INFO once Airflow has configured logging, some of them about the text they read
QUIET = ("great_expectations", "presidio-analyzer", "presidio-anonymizer", "recordlinkage", "tldextract")


def value_free(body: Callable[P, T]) -> Callable[P, T]:
    """``body``, but a failure leaves as one sentence without values: retried when trying again can help, final otherwise."""

    @functools.wraps(body)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.WARNING)
        try:
            return body(*args, **kwargs)
        except AirflowSkipException:  # a task of ours says in its own words that there is nothing to do
            raise
        except LastroError as error:
            failure: Exception = (AirflowException if error.retryable else AirflowFailException)(f"{error.sentence} {error.hint}".strip())
        except Exception as error:
            failure = AirflowFailException(f"A fault in Lastro itself: {type(error).__name__} at {_place(error)}.")
        raise failure  # outside the handler, so that nothing of the original hangs on to it

    return guarded


@value_free
def open_batch(batch_id: str, as_of: str) -> str:
    """Open the batch of this run, or find it again; returns its id. ``as_of`` is ISO 8601."""
    from contacts.settings import load
    from pipelines import run

    settings = load()
    return run.open_batch(run.connect(settings), settings, batch_id, datetime.fromisoformat(as_of)).batch_id


@value_free
def list_sources() -> list[str]:
    """Names of the declared sources: one ingest task each."""
    from contacts.settings import load
    from pipelines.sources.names import source_names

    names = list(source_names(load()))
    if not names:  # Airflow would skip every task behind an empty mapping and call the run a success
        raise ConfigurationError("There is no source file in the folder LASTRO_SOURCES names.", "Point it at a folder with one YAML file per source.")
    return names


@value_free
def run_stage(stage: str, batch_id: str, part: str = "", answer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run one stage of the batch; returns its receipt. ``answer`` is what the person at the gate replied."""
    from contacts.settings import load
    from pipelines import run

    settings = load()
    warehouse = run.connect(settings)
    receipt = run.execute(warehouse, settings, stage, run.find_batch(warehouse, batch_id), part, approver(answer))
    counts = {name: int(number) for name, number in receipt.counts.items()}
    return {"batch": receipt.batch_id, "stage": receipt.stage, "part": receipt.part, "counts": counts, "notes": list(receipt.notes), "seconds": receipt.seconds}


@value_free
def learn_weights() -> dict[str, Any]:
    """Learn the linkage weights from all active contacts; returns model, number of the training and counts. Skipped where there is too little to learn from."""
    from contacts.settings import load
    from dedup.learning import NothingToLearn
    from pipelines import linkage_training, run

    settings = load()
    nothing = ""
    try:
        told = linkage_training.learn_weights(run.connect(settings), settings)
    except NothingToLearn as error:
        nothing = f"{error.sentence} {error.hint}"
    if nothing:  # outside the handler, so that nothing hangs on to it
        raise AirflowSkipException(nothing)
    counts = {f"{name}.{kind}": int(profile[name]) for kind, profile in told["profile"].items() for name in ("records", "candidate_pairs")}
    return {"model": told["model"], "training": told["training"], "counts": counts | {"weights_moved": len(told["changed"])}}


@value_free
def read_gate(batch_id: str, approval: str, ti: Any = None) -> str | None:
    """The task to go on with: ``publish`` when green, ``approval`` when amber (None when amber batches are to be held).

    Pushes the colour and the question a person will read. Raises when red: the run fails, the last version stays live.
    """
    from contacts.settings import load
    from pipelines import run

    warehouse = run.connect(load())
    colour, reasons, failed = _gate(warehouse, run.find_batch(warehouse, batch_id))
    ti.xcom_push(key="colour", value=colour)
    ti.xcom_push(key="question", value=question(batch_id, reasons, failed))
    if colour == "green":
        return "publish"
    if colour == "amber":
        return "approval" if approval == "ask" else None
    raise GateClosed("The quality gate is red: nothing is published, the last version stays.", "The report names the rules.")


def approver(answer: Mapping[str, Any] | None) -> str:
    """Who approved, by the staff id Airflow knows them by; empty when nobody did, so that a task only marked as done approves nothing.

    Somebody known by no more than an e-mail address or a full name is ``approver`` to the ledger; Airflow knows who it was.
    """
    from pipelines.run import staff_id_or

    if not answer or list(answer.get("chosen_options") or []) != ["Approve"]:
        return ""
    user = answer.get("responded_by_user") or {}
    names = [str(user[known]) for known in ("name", "id") if user.get(known)]
    return staff_id_or("approver", *names) if names else ""


def question(batch_id: str, reasons: list[str], failed: list[tuple[str, int, int]]) -> str:
    """What the person at an amber gate reads, in Portuguese and English: names and counts only."""
    why = "".join(f"- {reason}\n" for reason in reasons)
    rows = "".join(f"| {rule} | {count:,} | {evaluated:,} |\n" for rule, count, evaluated in failed)
    return (
        f"**Lote {batch_id}**: o portão de qualidade está âmbar. Publicar mesmo assim? Se ninguém responder, nada é publicado.\n\n"
        f"**Batch {batch_id}**: the quality gate is amber. Publish anyway? Without an answer nothing is published.\n\n"
        f"{why}\n| regra / rule | falhas / failed | avaliados / evaluated |\n|---|---:|---:|\n{rows}"
    )


def _gate(warehouse: "Warehouse", batch: "Batch") -> tuple[str, list[str], list[tuple[str, int, int]]]:
    """Colour of the batch's gate (red when validate left none), its reasons, and the failed rules with counts, most failures first."""
    from contacts import tables
    from pipelines.run import receipts

    of_batch = tables.gate_result.c.batch_no == batch.number
    with warehouse.transaction(read_only=True) as db:
        colours = db.read(tables.batch, "gate", where=tables.batch.c.number == batch.number)["gate"].dropna()
        results = db.read(tables.gate_result, "rule", "failed", "evaluated", where=of_batch & (tables.gate_result.c.failed > 0))
        reasons = [note for receipt in receipts(db, batch) for note in receipt.notes if note.startswith("gate:")]
    failed = [(str(rule), int(count), int(evaluated)) for rule, count, evaluated in results.itertuples(index=False)]
    return (str(colours.iloc[0]) if len(colours) else "red"), reasons, sorted(failed, key=lambda row: (-row[1], row[0]))


def _place(error: BaseException) -> str:
    """File, line and function of the innermost frame of ours: enough to look, nothing of what was in it."""
    frames = traceback.extract_tb(error.__traceback__)
    innermost = ([frame for frame in frames if "site-packages" not in frame.filename] or frames)[-1]
    return f"{'/'.join(Path(innermost.filename).parts[-2:])}:{innermost.lineno} in {innermost.name}"
