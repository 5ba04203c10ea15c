"""Patch files: what a source's owner fills in to mend records, written as a template and read back whole or not at all.

No value is ever repeated in a message: a mistake is told by its line and column, and by the nearest word that is allowed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import perhaps
from contacts.errors import ConfigurationError, LastroError, NotFound
from contacts.model import instant
from contacts.pseudonym import SEPARATOR, pseudonym
from contacts.schema import POINT_TYPES
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from expectations import repair
from pipelines import patches, private_csv, screen
from pipelines.private_csv import HINT
from pipelines.quarantining import MESSAGES, held_records, in_language, known, source_rows, today
from pipelines.run import connect, staff_id
from pipelines.sources.fields import contact_fields
from pipelines.sources.names import source_names
from pipelines.sources.overlay import CELLS, READ_WITH, mendable, overlaid
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows
from pipelines.sources.spec import load_sources
from pipelines.sources.suppressed import suppressed
from pipelines.sources.words import Source

COLUMNS = ("source", "object", "key", "record", "field", "problem", "value", "by", "reason")
"""Of a patch file. A record is named by source, object and key, or by its record id; ``problem`` is for the reader and not read back."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMPTY = (repair.TAKEN_BACK, repair.NOT_THEIRS)


@dataclass(frozen=True)
class Line:
    """One filled line of a patch file; ``value`` is empty where the reason says that nothing takes the value's place."""

    number: int
    record_id: int
    field: str
    value: str
    by: str
    because: str


def template(source: str, out: str, as_json: bool) -> None:
    """Write a patch file for the quarantined records of a source: their keys and the fields to mend, no values; mode 0600."""
    settings = load()
    known(source, source_names(settings), "a source", needed=True)
    spec, file = load_sources(settings.sources)[source], Path(out) if out else settings.home / "quarantine" / f"{source}.csv"
    with connect(settings).transaction() as db:
        held = held_records(db)
        held = held[held["source"] == source]
        raw = db.read_for(tables.raw_record, "record_id", held["record_id"], "record_id", "version", "object", "source_key")
    raw = raw.sort_values("version").drop_duplicates("record_id", keep="last").set_index("record_id")
    rows = []
    for record, rule in held.sort_values(["record_id", "rule"])[["record_id", "rule"]].itertuples(index=False):
        name, key = raw.loc[record, "object"], raw.loc[record, "source_key"]
        fields = [field for field in repair.fields_to_mend(rule) if name in spec.objects and field in mendable(spec.objects[name])]
        start = {"source": source, "object": name, "key": "" if SEPARATOR in key else private_csv.harmless(key), "record": str(record)}
        rows += [start | {"field": field, "problem": MESSAGES[rule][settings.language]} for field in fields]
    private_csv.write(file, COLUMNS, rows, "template", "--out")
    count = held["record_id"].nunique()
    told = {"file": str(file), "records": count, "lines": len(rows)}
    pt = settings.language == "pt"
    said = f"{count:,} registros, {len(rows):,} linhas em {file}" if pt else f"{count:,} records, {len(rows):,} lines in {file}"
    asks = "Preencha `value` onde souber o valor certo, e `by` e `reason`." if pt else "Fill in `value` where you know the right one, and `by` and `reason`."
    screen.show(as_json, told, [], [said, asks], f"lastro quarantine patch {file}")


def patch(file: Path, by: str, because: str, as_json: bool) -> None:
    """Keep every filled line of a patch file as a patch; one wrong line, and nothing is kept. Raises ConfigurationError, NotFound."""
    settings = load()
    if because:
        known(because, repair.PATCH_REASONS, "a reason for a patch")
    who = by and staff_id(by)
    rows = private_csv.read(file, "patch file", COLUMNS, ("field", "value"), "lastro quarantine template")
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        lines = _lines(settings, rows, who, because)
        _check(db, settings, lines)
        made = _keep(db, settings, lines)
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    fields = {str(field): int(n) for field, n in pd.Series([line.field for line in lines]).value_counts().sort_index().items()}
    told = {"patches": len(made), "records": len({line.record_id for line in lines}), "left_empty": len(rows) - len(lines), "fields": fields}
    table = in_language([{"field": field, "records": number} for field, number in fields.items()], settings.language)
    pt = settings.language == "pt"
    says = [f"{len(made):,} remendos guardados; valem no próximo lote." if pt else f"{len(made):,} patches kept; they hold from the next batch on."]
    screen.show(as_json, told, [("", table)], says, "lastro run   ·   lastro quarantine list")


def _lines(settings: Settings, rows: list[tuple[int, dict[str, str]]], by: str, because: str) -> list[Line]:
    """The lines somebody filled in, each held to the words that are allowed."""
    sources, lines = load_sources(settings.sources), list[Line]()
    seen: dict[tuple[int, str], int] = {}
    for number, row in rows:
        if not row["value"] and not row["reason"]:
            continue  # nobody knew the value
        reason = row["reason"] or because
        if reason not in repair.PATCH_REASONS:
            raise _wrong(number, "reason", reason, repair.PATCH_REASONS)
        if (reason in _EMPTY) == bool(row["value"]):
            raise ConfigurationError(f"Patch file, line {number}: the reason {reason} stands with {'an empty' if row['value'] else 'a'} value.", HINT)
        try:
            who = staff_id(row["by"] or by)
        except LastroError as error:
            raise ConfigurationError(f"Patch file, line {number}, column by: {error.sentence}", error.hint) from None
        line = Line(number, _record(settings.key, sources, number, row), row["field"], row["value"], who, reason)
        if (line.record_id, line.field) in seen:
            raise ConfigurationError(f"Patch file, line {number}: line {seen[line.record_id, line.field]} patches the same field of the same record.", HINT)
        seen[line.record_id, line.field] = number
        lines.append(line)
    if not lines:
        raise ConfigurationError("No line of the patch file is filled in.", "Write the right value in column value, and why in column reason.")
    return lines


def _record(secret: bytes, sources: dict[str, Source], number: int, row: dict[str, str]) -> int:
    """The record a line names: by its key, as spreadsheets round long record ids; else by its record id."""
    if row["key"]:
        if row["source"] not in sources:
            raise _wrong(number, "source", row["source"], sources)
        if row["object"] not in sources[row["source"]].objects:
            raise _wrong(number, "object", row["object"], sources[row["source"]].objects)
        key = row["key"][1:] if row["key"][:1] == "'" and row["key"][1:].startswith(private_csv.FORMULA) else row["key"]
        return pseudonym(secret, "record", row["source"], row["object"], key)
    if row["record"].isdecimal() and int(row["record"]) < 2**63:
        return int(row["record"])
    raise ConfigurationError(f"Patch file, line {number}: it names no record.", "Give source, object and key, or the record id.")


def _wrong(number: int, column: str, word: str, allowed: Iterable[str]) -> ConfigurationError:
    """A word that is not allowed, not repeated: in a shifted column it may be somebody's name."""
    words = tuple(allowed)
    told = perhaps(word, words) or f"; it is one of {', '.join(words)}"
    return ConfigurationError(f"Patch file, line {number}, column {column}: not a word for it{told}{'' if told.endswith('?') else '.'}", HINT)


def _check(db: Transaction, settings: Settings, lines: list[Line]) -> None:
    """Every line against the record it names: the record is there, its source has the field, the value can be read and may be kept."""
    ids = pd.Series([line.record_id for line in lines])
    there = db.read_for(tables.raw_record, "record_id", ids, "record_id", "source", "object").drop_duplicates("record_id").set_index("record_id")
    contacts = set(db.read_for(tables.contact, "record_id", ids, "record_id")["record_id"])
    holding = patches.in_force(db, ids).set_index(["record_id", "field"]).index
    for line in lines:
        if line.record_id not in there.index or line.record_id not in contacts:
            raise NotFound(f"Patch file, line {line.number}: no such record.", "Keys are compared letter by letter. " + HINT)
        if line.because == repair.TAKEN_BACK and (line.record_id, line.field) not in holding:
            raise ConfigurationError(f"Patch file, line {line.number}: no patch of this field is in force.", HINT)
    for _, part in there.groupby(["source", "object"]):
        mine = [line for line in lines if line.record_id in part.index]
        rows = source_rows(db, settings, part.index)
        if rows is None:
            raise ConfigurationError(f"Patch file, line {mine[0].number}: the record's source is no longer declared.", HINT)
        for line in mine:
            if line.field not in mendable(rows.spec):
                raise _wrong(line.number, "field", line.field, mendable(rows.spec))
            if line.field == "birth_date" and line.value and not _DAY.fullmatch(line.value):
                raise ConfigurationError(f"Patch file, line {line.number}: the birth date is not written year-month-day.", "Write it like 1985-03-07.")
        cells = [
            (line.record_id, line.field, column, line.value if place == 0 and line.value else None)
            for line in mine
            if line.because != repair.TAKEN_BACK
            for place, column in enumerate(rows.spec.fields[line.field])
        ]
        patched = overlaid(rows, pd.DataFrame(cells, columns=CELLS))
        _check_readable(db, settings, patched, [line for line in mine if line.value])
        barred = set(patched.heads.loc[suppressed(db, settings.key, patched), "record_id"])
        if hit := [line for line in mine if line.value and line.record_id in barred]:
            raise ConfigurationError(f"Patch file, line {hit[0].number}: somebody asked that this value is not kept.", HINT)


def _check_readable(db: Transaction, settings: Settings, rows: Rows, lines: list[Line]) -> None:
    """Refuse a value that standardising could not read either."""
    fields, _ = contact_fields(rows, today(db))
    fields.index = pd.Index(rows.heads["record_id"])
    points = contact_points(rows, settings.key)
    unread = points[points["value"].isna()]
    unreadable = set(zip(unread["record_id"], unread["type"], strict=True))
    for line in lines:
        mine = READ_WITH.get(line.field, line.field)
        if line.field in POINT_TYPES:
            readable = (line.record_id, line.field) not in unreadable
        else:
            readable = mine == "street" or not fields[mine].isna().loc[line.record_id]
        if not readable:
            raise ConfigurationError(f"Patch file, line {line.number}: the value of {line.field} cannot be used as it is written.", HINT)


def _keep(db: Transaction, settings: Settings, lines: list[Line]) -> list[dict[str, Any]]:
    """Append the patches, and to the ledger one entry per person who answers for some of them."""
    db.lock(tables.patch)
    first, batch_no = (db.maximum(tables.patch, "patch_no") or 0) + 1, db.maximum(tables.batch, "number") or 0
    over: dict[tuple[int, str], str] = {}
    there = db.read_for(tables.raw_record, "record_id", [line.record_id for line in lines], "record_id", "source", "object").drop_duplicates("record_id")
    for _, part in there.groupby(["source", "object"]):
        rows = source_rows(db, settings, part["record_id"])
        if rows is not None:
            for field in {line.field for line in lines} & set(rows.spec.fields):
                over |= patches.over_hashes(settings.key, rows, field, part["record_id"])
    moment = instant(datetime.now(UTC))
    made = [
        {"patch_no": number, "record_id": line.record_id, "field": line.field, "value": line.value or None, "over_hash": over[line.record_id, line.field]}
        | {"patched_by": line.by, "because": line.because, "batch_no": batch_no, "patched_at": moment}
        for number, line in enumerate(lines, start=first)
    ]
    db.append(tables.patch, made)
    for who, part in pd.DataFrame(made).groupby("patched_by"):
        counts = {name: {word: int(n) for word, n in part[name].value_counts().items()} for name in ("field", "because")}
        detail = {"first": int(part["patch_no"].min()), "last": int(part["patch_no"].max()), "patches": len(part), "records": part["record_id"].nunique()}
        ledger.append(db, "values.patched", str(who), None, detail | counts)
    return made
