"""What the commands about batches do: run all stages or one, show status, report, rollback, sources, roles."""

import os
import sys
from datetime import datetime
from typing import Any

import typer

from contacts import tables
from contacts.errors import ApprovalNeeded, GateClosed, LastroError
from contacts.model import Batch, Receipt
from contacts.settings import Settings, load
from contacts.warehouse import Warehouse
from pipelines import screen
from pipelines.run import connect, execute, find_batch, find_stage, open_batch, receipts, staff_id, staff_id_or
from pipelines.sources.names import source_names
from pipelines.stages import STAGES


def run_all(batch_id: str, as_of: datetime | None, approved_by: str, as_json: bool) -> None:
    """Run every stage that has no receipt yet; a batch that may not be published still gets its report."""
    settings = load()
    approved_by = approved_by and staff_id(approved_by)
    warehouse = connect(settings)
    batch = open_batch(warehouse, settings, batch_id, as_of)
    refused: LastroError | None = None
    done: list[Receipt] = []
    for stage in STAGES:
        for part in source_names(settings) if stage.per_source else ("",):
            try:
                done.append(_known(warehouse, batch, stage.name, part) or _with_bar(warehouse, settings, stage.name, batch, part, approved_by, as_json))
            except ApprovalNeeded as error:
                approved_by = confirm_amber(batch) if screen.for_people(as_json) and sys.stdin.isatty() else ""
                if approved_by:
                    done.append(_with_bar(warehouse, settings, stage.name, batch, part, approved_by, as_json))
                else:
                    refused = error
            except GateClosed as error:
                refused = error
    following = f"open {settings.home / 'reports' / 'latest' / 'report.html'}   ·   lastro status   ·   lastro review"
    screen.show(
        as_json, {"batch": batch.batch_id, "receipts": [_as_row(receipt) for receipt in done]}, [(f"Batch {batch.batch_id}", summary(done))], [], following
    )
    if refused is not None:
        raise refused


def run_stage(name: str, batch_id: str, source: str, approved_by: str, as_json: bool) -> None:
    """Run one stage again, for one source or all."""
    settings = load()
    warehouse = connect(settings)
    stage = find_stage(name)
    approved_by = approved_by and staff_id(approved_by)
    batch = find_batch(warehouse, batch_id)
    parts = ([source] if source else source_names(settings)) if stage.per_source else [""]
    done = [_with_bar(warehouse, settings, name, batch, part, approved_by, as_json) for part in parts]
    place = [known.name for known in STAGES].index(name)
    following = f"lastro stage {STAGES[place + 1].name} --batch {batch.batch_id}" if place + 1 < len(STAGES) else "lastro status"
    screen.show(as_json, [_as_row(receipt) for receipt in done], [(f"Batch {batch.batch_id}", summary(done))], [], following)


def status(batch_id: str, as_json: bool) -> None:
    """Show batches, gate and live version, and one batch's receipts."""
    settings = load()
    warehouse = connect(settings)
    chosen = find_batch(warehouse, batch_id)
    with warehouse.transaction(read_only=True) as db:
        live = db.maximum(tables.live, "batch_no")
        rows = [
            {
                "batch": row["batch_id"],
                "as of": row["as_of"],
                "gate": _or_dash(row["gate"]),
                "approved by": _or_dash(row["approved_by"]),
                "live": row["number"] == live,
            }
            for row in db.read(tables.batch, "number", "batch_id", "as_of", "gate", "approved_by").to_dict("records")
        ]
        done = receipts(db, chosen)
        waiting = db.count(tables.pair, tables.pair.c.zone == "unsure")
    missing = [stage.name for stage in STAGES if stage.name not in {receipt.stage for receipt in done}]
    following = (
        f"lastro run --batch {chosen.batch_id}   (stages left: {', '.join(missing)})" if missing else "lastro review" if waiting else "lastro explain PERSON"
    )
    data = {"batches": rows, "batch": chosen.batch_id, "receipts": [_as_row(receipt) for receipt in done], "stages_left": missing, "unsure_pairs": waiting}
    people_rows = [row | {"live": "●" if row["live"] else ""} for row in rows[-10:]]
    screen.show(
        as_json, data, [("Batches", people_rows), (f"Batch {chosen.batch_id}", summary(done))], [f"{waiting:,} unsure pairs wait for a judgement."], following
    )


def write_report(batch_id: str, as_json: bool) -> None:
    """Run the report stage again and say where the files are."""
    settings = load()
    warehouse = connect(settings)
    batch = find_batch(warehouse, batch_id)
    _with_bar(warehouse, settings, "report", batch, "", "", as_json)
    folder = settings.home / "reports" / batch.batch_id
    data = {"html": str(folder / "report.html"), "json": str(folder / "report.json")}
    screen.show(as_json, data, [], [f"Report of batch {batch.batch_id}: {folder / 'report.html'}"], "lastro explain PERSON")


def roll_back(as_json: bool) -> None:
    """Move the live pointer one published version back."""
    from privacy.views import rollback

    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        db.take_turn()
        before, after = rollback(db, actor=_operator())
        names: dict[int, str] = dict(db.read(tables.batch, "number", "batch_id").itertuples(index=False))
    _checkpoint(warehouse, settings)
    execute(warehouse, settings, "report", find_batch(warehouse))
    data = {"from": names[before], "to": names[after]}
    screen.show(as_json, data, [], [f"The clean views now show batch {names[after]}; they showed {names[before]}. The report says so."], "lastro status")


def list_sources(as_json: bool) -> None:
    """List the declared sources and their last delivery."""
    from pipelines.sources.spec import load_sources

    settings = load()
    declared = load_sources(settings.sources)
    warehouse = connect(settings)
    with warehouse.transaction(read_only=True) as db:
        deliveries = db.read(tables.delivery).to_dict("records")
    rows: list[dict[str, Any]] = []
    for name, source in declared.items():
        last = {row["object"]: row for row in deliveries if row["source"] == name}
        for thing in source.objects:
            row = last.get(thing, {})
            told = {"source": name, "object": thing, "owner": source.owner, "trust": source.trust}
            rows.append(told | {"last delivery": row.get("status", "never"), "rows": int(row.get("rows_read") or 0), "reason": _or_dash(row.get("reason"))})
    screen.show(as_json, rows, [("Sources", rows)], [], "lastro run")


def create_roles(as_json: bool) -> None:
    """Create roles and grants on PostgreSQL."""
    from privacy.policy import load_policy
    from privacy.roles import create_roles as create

    settings = load()
    warehouse = connect(settings)
    made = create(warehouse, load_policy(settings.policy))
    rows = [{"role": role, "may read": ", ".join(views)} for role, views in made.items()]
    screen.show(as_json, made, [("Roles", rows)], [], "give each consumer's login its role: GRANT lastro_reader_… TO login")


def summary(done: list[Receipt]) -> list[dict[str, Any]]:
    """One row per stage: what it counted (sources added up), how long it took."""
    rows = []
    for stage in STAGES:
        mine = [receipt for receipt in done if receipt.stage == stage.name]
        if mine:
            counts: dict[str, int] = {}
            for receipt in mine:
                for name, value in receipt.counts.items():
                    counts[name] = counts.get(name, 0) + value
            notes = [note for receipt in mine for note in receipt.notes]
            rows.append(
                {"stage": stage.name, "did": "\n".join([screen.in_words(counts), *notes]), "seconds": f"{sum(receipt.seconds for receipt in mine):.1f}"}
            )
    return rows


def _with_bar(warehouse: Warehouse, settings: Settings, name: str, batch: Batch, part: str, approved_by: str, as_json: bool) -> Receipt:
    with screen.progress_bar(as_json) as progress:
        progress(f"{name} {part}".strip(), 0, 1)
        receipt = execute(warehouse, settings, name, batch, part, approved_by, progress)
        progress(f"{name} {part}".strip(), 1, 1)
    return receipt


def _known(warehouse: Warehouse, batch: Batch, stage: str, part: str) -> Receipt | None:
    with warehouse.transaction(read_only=True) as db:
        return next((receipt for receipt in receipts(db, batch) if receipt.stage == stage and receipt.part == part), None)


def _checkpoint(warehouse: Warehouse, settings: Settings) -> None:
    from contacts import ledger

    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)


def _as_row(receipt: Receipt) -> dict[str, Any]:
    return {"stage": receipt.stage, "part": receipt.part, "counts": dict(receipt.counts), "notes": list(receipt.notes), "seconds": receipt.seconds}


def _operator() -> str:
    return staff_id_or("operator", os.environ.get("USER", ""))


def _or_dash(value: Any) -> str:
    return "–" if value is None or value != value else str(value)


def confirm_amber(batch: Batch) -> str:
    """Ask the person at the terminal whether an amber batch may be published; returns their id or nothing."""
    if not typer.confirm(f"The gate of batch {batch.batch_id} is amber. Publish anyway?", default=False):
        return ""
    return staff_id(str(typer.prompt("Your role or staff id, for the ledger")))
