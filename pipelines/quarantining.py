"""The quarantine as a steward works it: what is held and since when, why one record is, and the exceptions a person answers for."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import one_of
from contacts.errors import ConfigurationError, NotFound
from contacts.model import instant
from contacts.pseudonym import pseudonym
from contacts.schema import FIELDS
from contacts.settings import Settings, load
from contacts.values.reasons import reason_text
from contacts.warehouse import Transaction
from expectations import repair
from expectations.rules import RULES
from pipelines import screen
from pipelines.explain import MASKED, masked
from pipelines.run import connect, staff_id
from pipelines.sources.columns import decoded
from pipelines.sources.names import source_names
from pipelines.sources.rows import Rows
from pipelines.sources.spec import load_sources

MESSAGES = {rule.id: {"pt": rule.message_pt, "en": rule.message_en} for rule in RULES}
KINDS = {field.name: field.value_type for field in FIELDS}
SHOWN_IDS = 3
"""Record ids of a group named on a terminal; JSON has them all."""
HEADS_PT = {
    "source": "fonte", "rule": "regra", "field": "campo", "records": "registros", "oldest batch": "lote mais antigo", "days": "dias",
    "why": "por quê", "record ids": "ids", "column": "coluna", "as it came": "como veio", "as it is read": "como se lê", "note": "nota",
    "waivable": "dispensável", "waived until": "dispensada até", "waiver": "dispensa", "record": "registro", "until": "até",
    "severity": "gravidade", "dimension": "dimensão", "owner": "responsável", "before": "antes", "after": "depois", "appear": "aparecem",
    "disappear": "somem", "other severity": "outra gravidade", "changed": "mudam", "filled": "preenchidos", "emptied": "esvaziados",
    "object": "objeto", "clause": "cláusula", "source_column": "coluna da fonte", "bound": "acordado", "failed": "falhas", "of": "de", "do": "o que fazer",
}  # fmt: skip


def held_records(db: Transaction) -> pd.DataFrame:
    """One row per record in quarantine and rule that holds it: record_id, source, rule, field, since_batch, since (batch id), days."""
    records = db.read(tables.contact, "record_id", "source", where=tables.contact.c.state == "quarantined")
    history = db.read(tables.quarantine, "record_id", "since_batch", where=tables.quarantine.c.until_batch.is_(None))
    why = db.read(tables.finding, "record_id", "rule", "field", where=tables.finding.c.severity == "quarantine")
    batches = db.read(tables.batch, "number", "batch_id", "as_of").set_index("number")
    found = records.merge(history, on="record_id").merge(why, on="record_id").sort_values(["source", "rule", "since_batch", "record_id"], ignore_index=True)
    moments = pd.to_datetime(batches["as_of"], utc=True)
    age = (moments.max() - found["since_batch"].map(moments)).dt.days
    return found.assign(since=found["since_batch"].map(batches["batch_id"]), days=age.fillna(0).astype("int64"))


def listing(source: str, rule: str, older_than: int, as_json: bool) -> None:
    """Print what is held: by source and rule with age, and the records."""
    settings = load()
    known(source, source_names(settings), "a source")
    known(rule, [one.id for one in repair.holding_rules()], "a rule that holds records")
    with connect(settings).transaction() as db:
        found = held_records(db)
    chosen = (found["days"] >= older_than) & (found["source"].eq(source) | (not source)) & (found["rule"].eq(rule) | (not rule))
    found, language = found[chosen], settings.language
    groups = [_group(part, language) for _, part in found.groupby(["source", "rule"], sort=True)]
    rules = found.groupby("record_id")["rule"].agg(list)
    records = [
        {"record": str(row["record_id"]), "source": row["source"], "rules": rules[row["record_id"]], "since": row["since"], "days": int(row["days"])}
        for row in found.drop_duplicates("record_id").to_dict("records")
    ]
    shown = [group | {"record ids": " ".join(group["record ids"][:SHOWN_IDS]) + (" …" if group["records"] > SHOWN_IDS else "")} for group in groups]
    says = [f"{len(records):,} {'registros em quarentena' if language == 'pt' else 'records in quarantine'}."]
    following = "lastro quarantine show RECORD   ·   lastro quarantine template --source SOURCE" if records else "lastro status"
    screen.show(as_json, {"held": len(records), "groups": groups, "records": records}, [("", in_language(shown, language))], says, following)


def _group(part: pd.DataFrame, language: str) -> dict[str, Any]:
    oldest = part.sort_values("since_batch").iloc[0]
    rule = str(oldest["rule"])
    told = {
        "source": oldest["source"],
        "rule": rule,
        "field": oldest["field"],
        "records": len(part),
        "oldest batch": oldest["since"],
        "days": int(oldest["days"]),
    }
    return told | {"why": MESSAGES[rule][language] if rule in MESSAGES else rule, "record ids": [str(record) for record in part["record_id"]]}


def show(record: str, reveal: bool, as_json: bool) -> None:
    """Print why one record is held, with its evidence; a look at values is recorded in the ledger."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        record_id = find_record(db, settings, record)
        told = evidence(db, settings, record_id, reveal)
        if reveal:
            ledger.append(db, "record.revealed", "operator", None, {"record_id": record_id})
    if reveal:
        with warehouse.transaction() as db:
            ledger.checkpoint(db, settings)
    language = settings.language
    rows = [reason | {"waivable": "✓" if reason["waivable"] else "✗"} for reason in told["reasons"]]
    blocks = [(f"{told['source']} · {told['record']} · {told['state']}", in_language(rows, language)), ("", in_language(told["evidence"], language))]
    following = "lastro quarantine template --source SOURCE   ·   lastro quarantine waive RECORD --rule RULE --by YOU --because CODE"
    screen.show(as_json, told, blocks, [] if reveal else [MASKED[language]], following)


def evidence(db: Transaction, settings: Settings, record_id: int, reveal: bool) -> dict[str, Any]:
    """Reasons and evidence of one record as plain data: per field to mend, what came and what was read of it."""
    language = settings.language
    contact = db.read(tables.contact, where=tables.contact.c.record_id == record_id).iloc[0]
    found = set(db.read(tables.finding, "rule", where=tables.finding.c.record_id == record_id)["rule"])
    waivers = db.read(tables.waiver, *repair.WAIVER_COLUMNS, where=tables.waiver.c.record_id == record_id)
    until = repair.in_force(waivers, today(db)).set_index("rule")["until"].to_dict()
    holding = [rule.id for rule in repair.holding_rules() if rule.id in found]
    reasons = [{"rule": rule, "why": MESSAGES[rule][language], "waivable": repair.is_waivable(rule), "waived until": until.get(rule, "")} for rule in holding]
    rows = source_rows(db, settings, [record_id])
    points = db.read(tables.contact_point, "type", "value", where=tables.contact_point.c.record_id == record_id)
    notes = db.read(tables.value_note, "field", "reason", where=tables.value_note.c.record_id == record_id)
    told = []
    for field in dict.fromkeys(field for rule in holding for field in repair.fields_to_mend(rule)):
        columns = rows.spec.fields.get(field, ()) if rows else ()
        values = points.loc[points["type"] == field, "value"].tolist() or [contact.get(field)]
        if not columns and all(value is None or value != value for value in values):
            continue  # the source does not deliver it, so nobody could mend it there
        told.append(
            {
                "field": field,
                "column": ", ".join(columns) or "–",
                "as it came": " · ".join(masked(KINDS[field], rows.text(column).iloc[0], reveal) for column in columns) if rows and columns else "–",
                "as it is read": " · ".join(masked(KINDS[field], value, reveal) for value in values),
                "note": "; ".join(reason_text(reason, language) for reason in notes.loc[notes["field"] == field, "reason"].drop_duplicates()),
            }
        )
    return {"record": str(record_id), "source": contact["source"], "state": contact["state"], "reasons": reasons, "evidence": told}


def source_rows(db: Transaction, settings: Settings, record_ids: Iterable[int]) -> Rows | None:
    """The newest raw rows of records of one object, in order of record id; None when its source is no longer declared."""
    raw = db.read_for(tables.raw_record, "record_id", list(record_ids), "record_id", "raw_id", "version", "source", "object", "source_key", "payload")
    raw = raw.sort_values(["record_id", "version"]).drop_duplicates("record_id", keep="last").reset_index(drop=True)
    source = load_sources(settings.sources).get(raw["source"].iloc[0]) if len(raw) else None
    spec = source.objects.get(raw["object"].iloc[0]) if source else None
    if source is None or spec is None:
        return None
    return Rows(source, spec, raw[["record_id", "raw_id", "source_key"]].assign(gone=False), decoded(raw["payload"]))


def waive(record: str, rules: list[str], by: str, because: str, until: str, as_json: bool) -> None:
    """Append one exception per rule; without ``rules``, for every rule that holds the record. The newest one counts.

    Raises NotFound when a rule does not hold the record, ConfigurationError for what the policy of exceptions does not allow.
    """
    settings = load()
    who = staff_id(by)
    known(because, repair.WAIVER_REASONS, "a reason for an exception", needed=True)
    for rule in rules:
        known(rule, [one.id for one in repair.holding_rules()], "a rule that holds records", needed=True)
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        record_id = find_record(db, settings, record)
        last = _last_day(until, today(db))
        found = set(db.read(tables.finding, "rule", where=tables.finding.c.record_id == record_id)["rule"])
        holding = [rule.id for rule in repair.holding_rules() if rule.id in found]
        _check_waivable(rules or holding, holding)
        db.lock(tables.waiver)
        first = (db.maximum(tables.waiver, "waiver_no") or 0) + 1
        common = {"record_id": record_id, "waived_by": who, "because": because, "until": last, "waived_at": instant(datetime.now(UTC))}
        made: list[dict[str, Any]] = [{"waiver_no": number, "rule": rule, **common} for number, rule in enumerate(rules or holding, start=first)]
        db.append(tables.waiver, made)
        for row in made:
            ledger.append(db, "quarantine.waived", who, None, {name: row[name] for name in ("waiver_no", "record_id", "rule", "because", "until")})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    told = [{"waiver": row["waiver_no"], "record": str(record_id), "rule": row["rule"], "until": last} for row in made]
    says = ["Vale a partir do próximo lote." if settings.language == "pt" else "It holds from the next batch on."]
    screen.show(as_json, told, [("", in_language(told, settings.language))], says, "lastro run   ·   lastro quarantine list")


def _check_waivable(wanted: list[str], holding: list[str]) -> None:
    if not holding or not wanted:
        raise NotFound("No rule holds this record.", "`lastro quarantine list` shows the records that are held.")
    if elsewhere := [rule for rule in wanted if rule not in holding]:
        raise NotFound(f"{elsewhere[0]} does not hold this record; {', '.join(holding)} does.", "`lastro quarantine show RECORD` tells why it is held.")
    if never := [rule for rule in wanted if not repair.is_waivable(rule)]:
        told = "; ".join(f"{rule} ({MESSAGES[rule]['en']})" for rule in never)
        raise ConfigurationError(f"Not to be waived: {told}.", "Mend the value: at its source, or with `lastro quarantine patch`.")


def _last_day(until: str, today: date) -> str:
    """The last day of an exception; a day gone by takes an earlier exception back."""
    latest = repair.latest_end(today)
    try:
        last = date.fromisoformat(until) if until else latest
    except ValueError:
        raise ConfigurationError("--until is not a day.", f"Write it like {latest.isoformat()}.") from None
    if last > latest:
        raise ConfigurationError(f"An exception lasts {repair.LONGEST_WAIVER_DAYS} days at most.", f"Say a day until {latest.isoformat()}; it can be renewed.")
    return last.isoformat()


def today(db: Transaction) -> date:
    """The day the newest batch stands for: the only clock exceptions are reckoned by."""
    last = db.maximum(tables.batch, "as_of")
    return datetime.fromisoformat(last).date() if last else datetime.now(UTC).date()


def find_record(db: Transaction, settings: Settings, record: str) -> int:
    """The contact meant by a record id or ``source/object/key``. Raises NotFound, repeating neither."""
    parts = record.split("/", 2)
    if record.isdecimal() or len(parts) == 3:
        record_id = int(record[:19]) if record.isdecimal() else pseudonym(settings.key, "record", *parts)
        if record_id < 2**63 and db.count(tables.contact, tables.contact.c.record_id == record_id):
            return record_id
    raise NotFound("No record matches.", "Give a record id or source/object/key, for example crm/contacts/0031234; `lastro quarantine list` names them.")


def in_language(rows: Iterable[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Rows of a table with their heads in the reader's language."""
    heads = HEADS_PT if language == "pt" else {}
    return [{heads.get(name, name): value for name, value in row.items()} for row in rows]


def known(word: str, allowed: Iterable[str], what: str, needed: bool = False) -> None:
    """Refuse a word that is not allowed, with the nearest one that is; an empty one only when it is needed. Raises ConfigurationError."""
    if not word and not needed:
        return
    try:
        one_of(word, allowed, what)
    except ValueError as error:
        sentence = str(error)
        raise ConfigurationError(sentence if sentence.endswith("?") else f"{sentence}.", "docs/how-to/mend-quarantine.md shows the words in use.") from None
