"""Execute one stage: one transaction holding its work, its receipt and its ledger entry; and the batches stages belong to."""

import hashlib
import json
import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from contacts import ledger, tables
from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError, NotFound
from contacts.model import Batch, Progress, Receipt, Run, instant, no_progress
from contacts.pseudonym import fingerprint
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse, open_warehouse
from pipelines.sources.names import source_names
from pipelines.stages import STAGES, Stage

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SEVERAL = "several"
"""Stands for the configuration or version of a batch whose stages did not all run under the same."""
ORDER = {stage.name: place for place, stage in enumerate(STAGES)}


def connect(settings: Settings) -> Warehouse:
    """Open the warehouse and bring its schema up to date."""
    from contacts.migrations.upgrade import upgrade

    warehouse = open_warehouse(settings.database_url)
    if upgrade(warehouse):
        _remake_views(warehouse, settings)
    return warehouse


def open_batch(warehouse: Warehouse, settings: Settings, batch_id: str = "", as_of: datetime | None = None) -> Batch:
    """The batch with this id, or a new one after all others; without an id, today's date and a running number."""
    check_configuration(settings)
    moment = (as_of or datetime.now(UTC)).replace(microsecond=0)
    if moment.tzinfo is None:
        raise ConfigurationError("The moment the batch stands for has no offset from UTC.", "Write it like 2026-11-22T06:00:00+00:00.")
    moment = moment.astimezone(UTC)
    if batch_id and not NAME.fullmatch(batch_id):
        raise ConfigurationError("The batch id is not a plain name.", "Use letters, digits, dot, dash and underscore, 40 at most; it becomes a folder's name.")
    with warehouse.transaction() as db:
        db.lock(tables.batch)
        check_key(db, settings)
        if batch_id and (known := _batch(db, batch_id)):
            return known
        number = (db.maximum(tables.batch, "number") or 0) + 1
        last = db.maximum(tables.batch, "as_of")
        if last and instant(moment) < last:
            raise ConfigurationError(
                f"The batch would stand for {instant(moment)}, before the last one ({last}).", f"Say a later moment: --as-of {last[:-1]}+00:00."
            )
        new = Batch(batch_id or f"{moment:%Y-%m-%d}.{number}", number, moment)
        row = {"number": number, "batch_id": new.batch_id, "as_of": instant(moment), "code_version": version("lastro")}
        db.append(tables.batch, [row | {"config_hash": config_hash(settings), "opened_at": instant(datetime.now(UTC))}])
        detail = {"batch_id": new.batch_id, "config_hash": config_hash(settings), "key": fingerprint(settings.key)}
        ledger.append(db, "batch.open", "pipeline", number, detail)
        return new


def check_configuration(settings: Settings) -> None:
    """Read the officer's, the steward's and every source's file, so that a mistake is refused before anything runs."""
    from dedup.linkage import load_linkage
    from pipelines.sources.spec import load_sources
    from privacy.policy import load_policy

    load_policy(settings.policy)
    load_linkage(settings.linkage)
    load_sources(settings.sources)


def check_key(db: Transaction, settings: Settings) -> None:
    """Compare the pseudonym key with the one earlier batches were opened with. Raises ConfigurationError, and makes no new key, when it is another."""
    opened = tables.ledger.c.action == "batch.open"
    newest = db.read(tables.ledger, "detail", where=tables.ledger.c.entry_no == db.maximum(tables.ledger, "entry_no", opened))["detail"]
    known = json.loads(newest.iloc[0]).get("key") if len(newest) else None
    if known and not (settings.key_file.exists() and fingerprint(settings.key) == known):
        raise ConfigurationError(
            "The pseudonym key is not the one this warehouse was filled with.",
            f"Restore {settings.key_file} from your copy: under another key every person is a stranger, and who was erased comes back.",
        )


def staff_id(who: str) -> str:
    """``who`` when it can stand in the ledger: a role or staff id, no name or address. Raises ConfigurationError."""
    if not NAME.fullmatch(who):
        raise ConfigurationError("Who decides is told by a role or staff id.", "Use letters, digits, dot, dash and underscore, for example dpo or steward-2.")
    return who


def staff_id_or(neutral: str, *known_as: str) -> str:
    """The first name of ``known_as`` that can stand in the ledger, else ``neutral``: other systems' user names may be e-mail addresses."""
    return next((name for name in known_as if NAME.fullmatch(name)), neutral)


def find_batch(warehouse: Warehouse, batch_id: str = "") -> Batch:
    """The batch with this id, or the newest. Raises NotFound."""
    with warehouse.transaction(read_only=True) as db:
        found = _batch(db, batch_id)
        if found is None:
            raise NotFound(
                f"There is no batch {batch_id!r}." if batch_id else "No batch has run yet.", "`lastro status` lists the batches; `lastro run` makes one."
            )
        return found


def execute(
    warehouse: Warehouse, settings: Settings, stage_name: str, batch: Batch, part: str = "", approved_by: str = "", progress: Progress = no_progress
) -> Receipt:
    """Run one stage of a batch. Everything it did becomes visible together, or nothing.

    Raises what the stage raises; NotFound for an unknown stage; ConfigurationError when an earlier stage has no receipt yet.
    """
    stage = find_stage(stage_name)
    started = time.perf_counter()
    with warehouse.transaction() as db:
        db.take_turn(part)  # sources are read side by side, everything else one by one
        _check_order(db, stage, batch, settings)
        check_key(db, settings)
        rules = _note_rules(db, stage, batch, settings)
        run = Run(batch, settings, db, part, _since(db, stage, batch, rules), approved_by, progress)
        outcome = stage.function(run)
        receipt = Receipt(batch.batch_id, stage.name, part, dict(outcome.counts), outcome.notes, round(time.perf_counter() - started, 3))
        row = {"batch_no": batch.number, "stage": stage.name, "part": part, "counts": canonical_json(receipt.counts)}
        db.upsert(tables.receipt, [row | {"notes": canonical_json(receipt.notes), "seconds": receipt.seconds}])
        _forget_later_receipts(db, stage, batch)
        ledger.append(db, f"stage.{stage.name}", "pipeline", batch.number, {"part": part, "counts": receipt.counts, "rules": rules})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    return replace(receipt, seconds=round(time.perf_counter() - started, 3))


def receipts(db: Transaction, batch: Batch) -> list[Receipt]:
    """The receipts of a batch in the order of the stages."""
    rows = db.read(tables.receipt, where=tables.receipt.c.batch_no == batch.number).to_dict("records")
    found = [Receipt(batch.batch_id, row["stage"], row["part"], json.loads(row["counts"]), tuple(json.loads(row["notes"])), row["seconds"]) for row in rows]
    return sorted(found, key=lambda receipt: (ORDER[receipt.stage], receipt.part))


def find_stage(name: str) -> Stage:
    """The stage with this name. Raises NotFound with the names there are."""
    for stage in STAGES:
        if stage.name == name:
            return stage
    raise NotFound(f"There is no stage {name!r}.", "The stages are " + ", ".join(ORDER) + ".")


def _remake_views(warehouse: Warehouse, settings: Settings) -> None:
    """A migration drops the clean views, and who may read them with it; readers get both back at once, not with the next publish."""
    from privacy.policy import load_policy
    from privacy.roles import grant_views
    from privacy.views import refresh_views

    policy = load_policy(settings.policy)
    with warehouse.transaction() as db:
        db.take_turn()
        refresh_views(db, policy)
        if db.is_postgres:
            grant_views(db, policy)


def config_hash(settings: Settings) -> str:
    """One hash over every configuration file, so that a batch says under which rules it ran."""
    digest = hashlib.sha256()
    for file in [settings.policy, settings.linkage, *sorted(Path(settings.sources).glob("*.yml"))]:
        digest.update(file.name.encode() + b"\0" + (file.read_bytes() if file.exists() else b"") + b"\0")
    return digest.hexdigest()[:16]


def _batch(db: Transaction, batch_id: str) -> Batch | None:
    number = db.maximum(tables.batch, "number", tables.batch.c.batch_id == batch_id if batch_id else None)
    if number is None:
        return None
    row = db.read(tables.batch, where=tables.batch.c.number == number).iloc[0]
    return Batch(row["batch_id"], int(number), datetime.fromisoformat(row["as_of"]))


def _note_rules(db: Transaction, stage: Stage, batch: Batch, settings: Settings) -> str:
    """The rules this stage runs under, the configuration and the version of Lastro; the batch says so, or that its stages ran under several."""
    now = {"config_hash": config_hash(settings), "code_version": version("lastro")}
    this = tables.batch.c.number == batch.number
    noted = db.read(tables.batch, *now, where=this).to_dict("records")[0]
    if noted != now and stage.name != "report":  # a report decides nothing, and may be written of any batch
        ran = db.count(tables.receipt, tables.receipt.c.batch_no == batch.number)
        db.update(tables.batch, this, **{name: value if noted[name] == value or not ran else SEVERAL for name, value in now.items()})
    return f"{now['config_hash']} {now['code_version']}"


def _since(db: Transaction, stage: Stage, batch: Batch, rules: str) -> int:
    """The last batch this stage finished; 0 when it ran under other rules: what they would say of an unchanged record is not known."""
    mine = tables.receipt.c.stage == stage.name
    last = db.maximum(tables.receipt, "batch_no", mine & (tables.receipt.c.batch_no < batch.number))
    under = db.read(tables.batch, "config_hash", "code_version", where=tables.batch.c.number.in_([last or 0, batch.number]))
    same = (under["config_hash"] + " " + under["code_version"]).eq(rules).all()
    return last if last and same else 0


def _check_order(db: Transaction, stage: Stage, batch: Batch, settings: Settings) -> None:
    newest = db.maximum(tables.batch, "number")
    if newest != batch.number and stage.name != "report":
        raise ConfigurationError(f"Batch {batch.batch_id} is not the newest.", "Stages run only on the newest batch; leave out --batch.")
    place = ORDER[stage.name]
    if not place:
        return
    before = STAGES[place - 1]
    if before.name == "publish":
        return  # a batch that waits for approval still gets its report
    of_before = (tables.receipt.c.batch_no == batch.number) & (tables.receipt.c.stage == before.name)
    done = set(db.read(tables.receipt, "part", where=of_before)["part"])
    missing = [part for part in (source_names(settings) if before.per_source else ("",)) if part not in done]
    if missing:
        raise ConfigurationError(
            f"Stage {stage.name} comes after {f'{before.name} {missing[0]}'.strip()}, which has no receipt for batch {batch.batch_id}.",
            f"Run `lastro stage {before.name}` first, or `lastro run`.",
        )


def _forget_later_receipts(db: Transaction, stage: Stage, batch: Batch) -> None:
    later = [name for name, place in ORDER.items() if place > ORDER[stage.name]]
    db.delete(tables.receipt, (tables.receipt.c.batch_no == batch.number) & tables.receipt.c.stage.in_(later))
