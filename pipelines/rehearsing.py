"""Rules listed, and the dry run of a change to them: what the next batch would find on the data that is here, writing nothing.

The comparison is with what the last batch left in the warehouse, on the same day, so that only the rules differ. Rows are judged
once, by our own code; whether Great Expectations counts the same is for the batch itself to see.
"""

import json
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from contacts import tables
from contacts.errors import NotFound
from contacts.model import Batch, Run
from contacts.schema import POINT_TYPES, SINGLE_FIELDS
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from expectations import findings, frames, gate, repair
from expectations.rules import RULES, describe_rules
from expectations.rules.words import AMBER_QUARANTINED_SHARE
from pipelines import mending, screen
from pipelines.quarantining import in_language
from pipelines.run import connect
from pipelines.sources.birth_layout import birth_forms, birth_layout
from pipelines.sources.columns import decoded
from pipelines.sources.rows import Rows
from pipelines.sources.spec import load_sources
from pipelines.standardising import read_values
from pipelines.validating import inputs

QUARANTINED = "contacts quarantined"
"""How the gate ends the note that too many records are set aside."""


def list_rules(as_json: bool) -> None:
    """Print every rule as the code has it, with the records that failed it in the last batch."""
    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        counted = db.counts(tables.finding, "rule").set_index("rule")["n"]
    language = settings.language
    rows: list[dict[str, Any]] = [
        {"rule": rule["id"], "severity": rule["severity"], "field": rule["field"], "dimension": rule["dimension"], "owner": rule["owner"]}
        | {"waivable": repair.is_waivable(rule["id"]), "records": int(counted.get(rule["id"], 0)), "why": rule[f"message_{language}"]}
        for rule in describe_rules()
    ]
    shown = [row | {"waivable": "✓" if row["waivable"] else ""} for row in rows]
    said = f"{len(rows)} {'regras' if language == 'pt' else 'rules'}."
    screen.show(as_json, rows, [("", in_language(shown, language))], [said], "lastro rules diff")


def diff(ids: bool, values: bool, as_json: bool) -> None:
    """Print what the rules as they are in the code would change: rows per rule, records in quarantine, the gate; and with ``values`` what is read."""
    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        batch = last_validated(db)
        told = compare(db, batch, ids)
        if values:
            told["values"] = value_changes(db, settings, batch)
    pt = settings.language == "pt"
    moved = told["quarantine"]
    rows = [{name: value for name, value in row.items() if not isinstance(value, list)} for row in told["rules"]]
    says = [
        f"{'Quarentena' if pt else 'Quarantine'}: +{moved['enter']:,} −{moved['leave']:,} ({moved['before']:,} → {moved['after']:,})",
        f"{'Porta de qualidade' if pt else 'Gate'}: {told['gate']['before']} → {told['gate']['after']}",
        "Nada foi gravado." if pt else "Nothing was written.",
    ]
    if not rows:
        says.insert(0, "As regras não mudam nada nestes dados." if pt else "The rules change nothing on these data.")
    blocks = [("", in_language(rows, settings.language)), ("", in_language(told.get("values", []), settings.language))]
    screen.show(as_json, told, blocks, says, "lastro rules diff --ids   ·   lastro run")


def compare(db: Transaction, batch: Batch, ids: bool = False) -> dict[str, Any]:
    """Findings of the rules in the code against those the last batch kept: ``rules`` that differ, ``quarantine`` and ``gate``."""
    given = inputs(db)
    built = frames.build_frames(given)
    judged = findings.judge(built, batch.as_of)
    counts = findings.counts(judged, built)
    now, _ = repair.with_exceptions(findings.findings(judged, built), db.read(tables.waiver, *repair.WAIVER_COLUMNS), batch.as_of.date())
    before = db.read(tables.finding, "record_id", "rule", "severity")
    both = before.merge(now[["record_id", "rule", "severity"]], on=["record_id", "rule"], how="outer", suffixes=("_before", "_after"), indicator="side")
    known = {rule.id: rule.severity for rule in RULES}
    rules = []
    for rule, part in both.groupby("rule", sort=True):
        new, gone = part.loc[part["side"] == "right_only", "record_id"], part.loc[part["side"] == "left_only", "record_id"]
        stay = part[part["side"] == "both"]
        other = stay.loc[stay["severity_before"] != stay["severity_after"], "record_id"]
        if len(new) or len(gone) or len(other):
            row: dict[str, Any] = {"rule": rule, "severity": known.get(str(rule), "–"), "before": len(stay) + len(gone), "after": len(stay) + len(new)}
            row |= {"appear": len(new), "disappear": len(gone), "other severity": len(other)}
            rules.append(row | _named(ids, {"appearing": new, "disappearing": gone}))
    was = np.sort(before.loc[before["severity"] == "quarantine", "record_id"].unique())
    held = np.sort(now.loc[now["severity"] == "quarantine", "record_id"].unique())
    enter, leave = np.setdiff1d(held, was), np.setdiff1d(was, held)
    moved = {"before": len(was), "after": len(held), "enter": len(enter), "leave": len(leave)}
    return {
        "batch": batch.batch_id,
        "rules": rules,
        "quarantine": moved | _named(ids, {"entering": pd.Series(enter), "leaving": pd.Series(leave)}),
        "gate": _gate(db, batch, counts, len(held), len(given.contacts)),
    }


def _named(ids: bool, records: dict[str, pd.Series]) -> dict[str, list[str]]:
    return {name: [str(record) for record in found] for name, found in records.items()} if ids else {}


def _gate(db: Transaction, batch: Batch, counts: pd.DataFrame, held: int, contacts: int) -> dict[str, Any]:
    """The gate's colour before and after. What asks for a person for other reasons than rules goes on asking."""
    here = (tables.receipt.c.batch_no == batch.number) & (tables.receipt.c.stage == "validate")
    notes = json.loads(db.read(tables.receipt, "notes", where=here)["notes"].iloc[0])
    others = [note for note in notes if note.startswith("gate: amber:") and not note.endswith(QUARANTINED)]
    failing = gate.failing_sources(counts)
    red = [f"{rule} {source}" for rule, source in failing[["rule", "source"]].itertuples(index=False)]
    amber = bool(others) or held > AMBER_QUARANTINED_SHARE * contacts
    before = db.read(tables.batch, "gate", where=tables.batch.c.number == batch.number)["gate"].iloc[0]
    return {"before": before, "after": "red" if red else "amber" if amber else "green", "closed_by": red}


def value_changes(db: Transaction, settings: Settings, batch: Batch) -> list[dict[str, Any]]:
    """Read every raw row again in memory and count per source and field what would be read otherwise; values stay where they are."""
    run = Run(batch, settings, db)
    found = []
    for source in load_sources(settings.sources).values():
        for name, spec in source.objects.items():
            if spec.kind != "contact":
                continue
            rows = _current(db, source.name, name, settings)
            if rows is None:
                continue
            layout = birth_layout(run, rows.source, name, rows.heads["record_id"], [birth_forms(rows)])[0] if "birth_date" in spec.fields else None
            fields, _, points = read_values(mending.as_laid(db, rows), settings.key, batch.as_of.date(), layout)
            records = rows.heads["record_id"]
            held = db.read_for(tables.contact, "record_id", records, "record_id", *SINGLE_FIELDS).set_index("record_id").reindex(records)
            pairs = {field: (held[field], fields[field]) for field in SINGLE_FIELDS}
            kept = db.read_for(tables.contact_point, "record_id", records, "record_id", "type", "position", "value")
            pairs |= {kind: (_joined(kept, kind, records), _joined(points, kind, records)) for kind in POINT_TYPES}
            found += [row for field, (old, new) in pairs.items() if (row := _changes(source.name, field, old, new))]
    return found


def _current(db: Transaction, source: str, name: str, settings: Settings) -> Rows | None:
    raw = tables.raw_record
    spec = load_sources(settings.sources)[source]
    found = db.read(raw, "record_id", "raw_id", "source_key", "payload", where=(raw.c.source == source) & (raw.c.object == name) & raw.c.is_current)
    known = db.read(tables.contact, "raw_id", where=tables.contact.c.source == source)["raw_id"]
    found = found[found["raw_id"].isin(known)].reset_index(drop=True)  # what no batch has standardised yet cannot change
    return Rows(spec, spec.objects[name], found[["record_id", "raw_id", "source_key"]].assign(gone=False), decoded(found["payload"])) if len(found) else None


def _joined(points: pd.DataFrame, kind: str, records: pd.Series) -> pd.Series:
    """The values of one type of contact point, all of a record's as one text, in the order of ``records``."""
    mine = points[(points["type"] == kind) & points["value"].notna()].sort_values(["record_id", "position"])
    return mine.groupby("record_id")["value"].agg("\x1f".join).reindex(records)


def _changes(source: str, field: str, old: pd.Series, new: pd.Series) -> dict[str, Any] | None:
    was, becomes = old.fillna("").to_numpy(dtype=object), new.fillna("").to_numpy(dtype=object)
    changed = was != becomes
    if not changed.any():
        return None
    filled, emptied = changed & (was == ""), changed & (becomes == "")
    told = {"changed": int((changed & ~filled & ~emptied).sum()), "filled": int(filled.sum()), "emptied": int(emptied.sum())}
    return {"source": source, "field": field} | told


def last_validated(db: Transaction) -> Batch:
    number = db.maximum(tables.receipt, "batch_no", tables.receipt.c.stage == "validate")
    if number is None:
        raise NotFound("No batch has been validated yet.", "`lastro run` makes one; then there is something to compare with.")
    row = db.read(tables.batch, "batch_id", "as_of", where=tables.batch.c.number == number).iloc[0]
    return Batch(row["batch_id"], int(number), datetime.fromisoformat(row["as_of"]))
