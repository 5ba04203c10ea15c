"""`lastro demo`: made-up people, five messy sources, and the daily DAG run on them in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from contacts.errors import ConfigurationError, LastroError
from contacts.model import Receipt
from contacts.settings import Settings, load, private_folder
from pipelines import screen
from pipelines.daily import summary

DEMO_KEY = "1a57" * 16
"""Not a secret: the demo's people are made up, and a fixed key makes their pseudonyms the same everywhere."""

MARKER = "DEMO"
AS_OF = "2026-11-20T06:00:00+00:00"
"""The demo's world ends here, so that ages, expiries and the report do not depend on the day it is run."""


def play(people: int, seed: int, only_data: bool, as_json: bool) -> None:
    """Empty the demo's home, write the sources, run the DAG, show the receipts."""
    started = time.perf_counter()
    settings = load()
    _clear(settings)
    written = _write_inbox(settings, people, seed, as_json)
    if only_data:
        screen.show(
            as_json,
            {"inbox": str(settings.inbox), "written": written},
            [],
            [f"{people:,} made-up people in {settings.inbox}: {screen.in_words(written, 12)}"],
            "lastro run",
        )
        return
    receipts, state, gate, learned = _run_dag(settings, as_json)
    seconds = round(time.perf_counter() - started, 1)
    person = _somebody(settings)
    report = settings.home / "reports" / "latest" / "report.html"
    rows = [
        {"stage": receipt.stage, "part": receipt.part, "counts": dict(receipt.counts), "notes": list(receipt.notes), "seconds": receipt.seconds}
        for receipt in receipts
    ]
    data = {"state": state, "seconds": seconds, "gate": gate, "learned": learned, "report": str(report), "person": person}
    data |= {"written": written, "receipts": rows}
    says = [
        f"The DAG ended as {state} after {seconds:.0f} s; Airflow's own log is {_short(settings.home / 'logs' / 'airflow.log')}.",
        *(
            [f"The gate was {gate['colour']}: a person would be asked to approve; the demo approved as '{gate['approved_by']}'."]
            if gate.get("approved_by")
            else []
        ),
        *_trained(learned),
        f"Report: {_short(report)}",
    ]
    screen.show(
        as_json,
        data,
        [(f"contacts_daily on {people:,} made-up people", summary(receipts))],
        says,
        f"lastro explain {person}   ·   lastro review   ·   lastro status",
    )
    if state != "success":
        raise LastroError("The demo's DAG did not succeed.", f"See {settings.home / 'logs' / 'airflow.log'}, then `lastro check`.")


def _clear(settings: Settings) -> None:
    """Empty a home that holds nothing but an earlier demo; refuse any other."""
    inside = (
        settings.database_url.startswith(f"sqlite:///{settings.home}"),
        settings.inbox.is_relative_to(settings.home),
        settings.key_file.is_relative_to(settings.home),
    )
    if not all(inside):
        raise ConfigurationError(
            "The demo keeps its warehouse, inbox and key in its home folder only.",
            "Unset LASTRO_DATABASE_URL, LASTRO_INBOX and LASTRO_KEY_FILE, or deliver files and use `lastro run`.",
        )
    private_folder(settings.home)
    marker = settings.home / MARKER
    if not marker.exists() and any(settings.home.iterdir()):
        raise ConfigurationError(
            f"{settings.home} holds something that is not a demo.", "Set LASTRO_HOME to an empty folder; the demo never overwrites your data."
        )
    for name in ("inbox", "reports", "ledger", "logs"):
        shutil.rmtree(settings.home / name, ignore_errors=True)
    for file in settings.home.glob("warehouse.db*"):
        file.unlink()
    private_folder(settings.key_file.parent)
    marker.write_text("This folder holds made-up people; `lastro demo` empties it.\n", encoding="utf-8")
    settings.key_file.write_text(DEMO_KEY)
    settings.key_file.chmod(0o600)


def _write_inbox(settings: Settings, people: int, seed: int, as_json: bool) -> dict[str, int]:
    from pipelines.demo.write import write_demo

    with screen.progress_bar(as_json) as progress:
        return write_demo(settings.inbox, people, seed, progress)


def _run_dag(settings: Settings, as_json: bool) -> tuple[list[Receipt], str, dict[str, Any], dict[str, Any]]:
    """Run contacts_daily by Airflow in a child process, training once before it links; it tells of every task in one JSON line."""
    environment = os.environ | {"LASTRO_HOME": str(settings.home), "LASTRO_INBOX": str(settings.inbox), "LASTRO_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "dags.in_process", "--batch-id", "demo", "--as-of", AS_OF, "--approved-by", "demo", "--train"]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    receipts: list[Receipt] = []
    state, gate, learned, running = "failed", {}, {}, ""
    with screen.progress_bar(as_json) as progress:
        for line in child.stdout or ():
            event = json.loads(line)
            label = " ".join(word for word in (event.get("task") or event.get("stage"), event.get("part")) if word)
            if event["event"] in ("start", "end"):  # one task at a time: the next begins when the last is done
                if running:
                    progress(running, 1, 1)
                running = label
            if event["event"] == "start":
                progress(label, 0, 1)
            elif event["event"] == "receipt":
                receipts.append(Receipt("demo", event["stage"], event["part"], event["counts"], tuple(event["notes"]), event["seconds"]))
            elif event["event"] == "gate":
                gate = {"colour": event["colour"], "approved_by": event["approved_by"]}
            elif event["event"] == "learned":
                learned = {name: value for name, value in event.items() if name != "event"}
            elif event["event"] == "end":
                state = event["state"]
    child.wait()
    return receipts, state, gate, learned


def _trained(learned: dict[str, Any]) -> list[str]:
    """What the demo did once before its link stage, which a first-time user does by a command: no run learns by itself."""
    if not learned:
        return []
    if not learned["model"]:
        return [f"`lastro linkage learn` before the link stage: {learned['reason']}"]
    kinds = ", ".join(f"{kind} ({records:,} records)" for kind, records in learned["kinds"].items())
    return [f"The demo ran `lastro linkage learn` once before the link stage, in {learned['seconds']:.1f} s: weights of {kinds}. No run learns by itself."]


def _somebody(settings: Settings) -> str:
    """A person worth explaining: the one with most records, smallest id first."""
    from contacts import tables
    from pipelines.run import connect

    with connect(settings).transaction() as db:
        golden = db.read(tables.golden_contact, "person_id", "records")
    if golden.empty:
        return "PERSON"
    return str(golden.sort_values(["records", "person_id"], ascending=[False, True])["person_id"].iloc[0])


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
