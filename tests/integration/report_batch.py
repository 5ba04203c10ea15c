"""A made-up batch, seeded straight into the tables: what the report sees after two days' runs over five sources."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Table

from contacts import ledger, tables
from contacts.canonical import canonical_json
from contacts.model import Batch, instant
from contacts.settings import ROOT, Settings
from contacts.warehouse import Transaction, Warehouse
from privacy.policy import load_policy
from privacy.report.facts import Audit, Errors, Facts, JudgedSample, NameGroup, Rule, Title, Training, Waiver
from privacy.report.proof import STAGES
from privacy.report.write import write

FIRST = Batch("2026-11-21.1", 1, datetime(2026, 11, 21, 6, tzinfo=UTC))
SECOND = Batch("2026-11-22.1", 2, datetime(2026, 11, 22, 6, tzinfo=UTC))
POLICY = load_policy(ROOT / "privacy" / "policy.yml")
SOURCE, STEWARD = "source-owner", "data-steward"
FACTS = Facts(
    sources={
        "crm": Title("CRM (Salesforce)", "CRM (Salesforce)"),
        "marketing": Title("Marketing (HubSpot)", "Marketing (HubSpot)"),
        "tickets": Title("Atendimento (Zendesk)", "Support (Zendesk)"),
        "form": Title("Formulário do site", "Website form"),
        "spreadsheet": Title("Planilha das lojas", "Shops' spreadsheet"),
    },
    rules={
        "DQ-101": Rule("completeness", "quarantine", Title("nenhum nome", "no name at all"), SOURCE, 3.0),
        "DQ-102": Rule("completeness", "quarantine", Title("nenhum meio de contato utilizável", "no usable way to reach"), SOURCE, 3.0),
        "DQ-201": Rule("validity", "quarantine", Title("dígitos verificadores do CPF não conferem", "check digits of the CPF do not hold"), SOURCE, 3.0),
        "DQ-206": Rule("validity", "warn", Title("telefone recebido não pôde ser aproveitado", "phone as it came could not be used"), SOURCE, 1.0),
        "DQ-304": Rule("uniqueness", "warn", Title("e-mail usado por mais de dois primeiros nomes", "e-mail used by more than two first names"), SOURCE, 1.0),
        "DQ-402": Rule("consistency", "warn", Title("CEP é de outra UF", "CEP belongs to another state"), SOURCE, 1.0),
        "DQ-502": Rule("timeliness", "warn", Title("sem atualização há mais de cinco anos", "not updated for more than five years"), SOURCE, 1.0),
        "DQ-606": Rule("accuracy", "warn", Title("pode ser menor de idade: LGPD art. 14", "may be a minor: LGPD art. 14"), SOURCE, 1.0),
        "DQ-901": Rule("uniqueness", "halt", Title("registro repetido na mesma fonte", "record id repeated within a source"), STEWARD, 1.0),
    },
    waivers=(Waiver("DQ-102", 7, "2027-03-31"), Waiver("DQ-201", 1, "2026-12-31")),
    audit=Audit(3, FIRST.batch_id, "2026-11-21", 200, 5321, 192, 183, 8, 0.9612, 0.9201, 0.9815),
    training=(
        Training("spreadsheet", "Loja Norte", "DQ-206", 0, 31, 88, 13, 128, 2),
        Training("crm", "", "DQ-402", 1, 7, 60, 9, 372, 1),
        Training("crm", "", "DQ-102", 6, 4, 60, 9, 372, 1),
    ),
    name_groups={
        "compound": NameGroup(
            Title("sobrenomes compostos", "compound surnames"), 311, 19, Errors(64, 6, 0.0812, 0.0391, 0.1607), Errors(88, 9, 0.0964, 0.05, 0.17)
        ),
        "foreign": NameGroup(Title("nomes do exterior", "people of other countries"), 41, 7, Errors(12, 0, 0.0, 0.0, 0.2425), Errors(9, 2, 0.2, 0.06, 0.5)),
        "social": NameGroup(Title("nome social", "social name"), 9, 3),
        "none": NameGroup(Title("nenhum destes grupos", "none of these groups"), 1020, 21, Errors(97, 5, 0.041, 0.02, 0.09), Errors(120, 7, 0.05, 0.02, 0.1)),
    },
    judged_sample=JudgedSample(2, 300, 251),
)
OBJECTS = {"crm": "contacts", "marketing": "contacts", "tickets": "users", "form": "submissions", "spreadsheet": "clientes"}
SHARES = {"crm": 0.3, "marketing": 0.3, "tickets": 0.15, "form": 0.1, "spreadsheet": 0.15}
STATES: dict[str, dict[str, float]] = {
    "newsletter": {"GRANTED": 0.46, "NEVER_ASKED": 0.25, "WITHDRAWN": 0.1, "UNPROVEN": 0.12, "OBJECTED": 0.03, "EXPIRED": 0.04},
    "partner_offers": {"GRANTED": 0.08, "NEVER_ASKED": 0.78, "REFUSED": 0.1, "UNPROVEN": 0.02, "CONFLICT": 0.02},
    "service": {"BASIS": 0.63, "NO_RELATION": 0.37},
    "billing": {"BASIS": 0.41, "NO_RELATION": 0.59},
    "satisfaction_survey": {"BASIS": 0.53, "OBJECTED": 0.14, "NO_RELATION": 0.33},
    "fraud_prevention": {"BASIS": 1.0},
}
REASONS = {"UNPROVEN": "PROOF_WITHOUT_METHOD,PROOF_WITHOUT_TEXT", "GRANTED": "GRANT_VALID", "BASIS": "RELATION_PROVEN", "CONFLICT": "REFUSED,ORDER_UNKNOWN"}
FOUND = (
    ("tickets", "tickets.description", "BR_CPF", 23), ("tickets", "tickets.description", "PHONE", 61), ("tickets", "tickets.description", "PERSON", 88),
    ("crm", "crm.Description", "EMAIL", 17), ("crm", "crm.Description", "SENSITIVE_HEALTH", 2), ("form", "form.mensagem", "CARD", 1),
    ("spreadsheet", "spreadsheet.Observações", "BR_CPF", 9),
)  # fmt: skip
FAILED = {"DQ-101": 2, "DQ-102": 31, "DQ-201": 16, "DQ-206": 44, "DQ-304": 12, "DQ-402": 0, "DQ-502": 57, "DQ-606": 3, "DQ-901": 0}
ASIDE, GONE, REFUSED = 47, 12, 6


def seed(warehouse: Warehouse, settings: Settings, gate: str = "green", published: bool = True, persons: int = 900) -> Batch:
    """Two batches, the first with its report; with ``published`` false the first one stays live. Returns the second."""
    with warehouse.transaction() as db:
        _operations(db, FIRST, "green", persons)
        _people(db, persons, np.random.default_rng(7))
        publish(db, FIRST, 1)
        _receipts(db, FIRST, STAGES)
        db.append(tables.receipt, [_receipt(FIRST, "report", write(db, settings, FIRST, POLICY, FACTS))])
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
        _operations(db, SECOND, gate, persons)
        _second_day(db)
        if published:
            publish(db, SECOND, 2)
        _receipts(db, SECOND, STAGES if published else STAGES[:-1])
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    return SECOND


def plant(db: Transaction, value: Callable[[str, str], str]) -> list[str]:
    """Overwrite every personal column of every row; returns the columns of tables that have no row to plant in."""
    marked = [(table, column.name) for table in tables.metadata.sorted_tables for column in table.columns if column.info.get("mark") == "personal"]
    return [f"{table.name}.{name}" for table, name in marked if not db.update(table, None, **{name: value(table.name, name)})]


def publish(db: Transaction, batch: Batch, number: int) -> None:
    """Copy what is permitted now into the batch's version and move the pointer, as the publish stage does."""
    yes = db.read(tables.permission, "person_id", "purpose", "channel", "point_ref", where=tables.permission.c.allowed)
    db.append(tables.clean_row, yes.assign(batch_no=batch.number, contact_value="v", full_name="v"))
    people = yes[["person_id"]].drop_duplicates().assign(batch_no=batch.number, kind="person", full_name="v")
    db.append(tables.clean_masked, people.assign(email="v", phone="v"))
    db.append(tables.clean_officer, people.assign(emails="v", phones="v"))
    _fill(db, tables.publication, publication_no=[number], batch_no=batch.number, action="publish", actor="pipeline", at="2026-11-22T06:10:00Z")
    db.upsert(tables.live, [{"slot": 1, "batch_no": batch.number}])
    ledger.append(db, "publication", "pipeline", batch.number, {"batch_id": batch.batch_id})


def _operations(db: Transaction, batch: Batch, gate: str, persons: int) -> None:
    first = batch is FIRST
    told = {"code_version": "0.1.0", "config_hash": "5f2d9c07a1b44e83"}
    db.append(tables.batch, [{"number": batch.number, "batch_id": batch.batch_id, "as_of": instant(batch.as_of), "gate": gate, **told}])
    ledger.append(db, "batch.open", "pipeline", batch.number, {"batch_id": batch.batch_id})
    read = {source: int(persons * 1.6 * share) for source, share in SHARES.items()}
    deliveries = []
    for source, rows in read.items():
        parts = {"new": rows - REFUSED - 1, "changed": 0, "refused": REFUSED} if first else {"new": rows // 50, "changed": rows // 33, "refused": 0}
        parts |= {"suppressed": 1, "unchanged": rows - sum(parts.values()) - 1}
        verdict = (
            {"status": "partial", "reason": "MISSING_COLUMN", "detail": "file 2: the column is missing: E-mail", "dropped_columns": "Correio"}
            if source == "spreadsheet" and not first
            else {"status": "ok"}
        )
        row = {"batch_no": batch.number, "source": source, "object": OBJECTS[source], "files": 2, "rows_read": rows, "gone": 0}
        deliveries.append({"reason": None, "detail": None, "dropped_columns": None} | row | parts | verdict)
    db.append(tables.delivery, deliveries)
    for source, rows in read.items():
        broken = source == "spreadsheet" and not first
        clauses: dict[str, Any] = {"clause": ["required", "filled", "at_least"], "source_column": ["E-mail", "E-mail", ""], "of": [2, rows, rows]}
        told = {"status": ["breached" if broken else "met", "met", "met"], "failed": [int(broken), 3, 0], "bound": ["required", "0.6", "1"]}
        _fill(db, tables.contract_result, batch_no=batch.number, source=source, object=OBJECTS[source], **clauses, **told)
    if first:
        where = [(source, thing, row) for source, thing in OBJECTS.items() for row in range(REFUSED)]
        sources, things, rows = zip(*where, strict=True)
        _fill(db, tables.refused_row, batch_no=1, source=sources, object=things, file_no=1, row_no=rows, reason="NOT_AN_OBJECT", payload="{}")
    _scores(db, batch, read)
    for rule, failed in FAILED.items():
        split = [failed // 5 + (failed % 5 if not place else 0) for place in range(len(SHARES))]
        _fill(db, tables.rule_result, batch_no=batch.number, rule=rule, source=list(SHARES), evaluated=list(read.values()), failed=split)
        severity = FACTS.rules[rule].severity
        units = len(SHARES) if severity == "halt" else sum(read.values())  # a halt rule judges whole sources
        judged = {"severity": severity, "evaluated": [units], "failed": failed, "gx_failed": failed}
        _fill(db, tables.gate_result, batch_no=batch.number, rule=rule, **judged)


def _scores(db: Transaction, batch: Batch, read: dict[str, int]) -> None:
    """Scores a little better than the day before, and on the second day something odd."""
    better = 0.004 * batch.number
    for scope, name, records in [("run", "", sum(read.values())), *(("source", source, rows) for source, rows in read.items())]:
        shares = {"completeness": 0.91, "validity": 0.97, "uniqueness": 0.99, "consistency": 0.95, "timeliness": 0.61, "accuracy": 0.98}
        whole = {"all": 8 * (0.92 + better)}
        for dimension, numerator, denominator in [*((name, share * records, records) for name, share in shares.items()), ("all", whole["all"], 8)]:
            told = {"numerator": float(numerator), "denominator": float(denominator)}
            _fill(db, tables.quality_score, batch_no=[batch.number], scope=scope, scope_value=name, dimension=dimension, **told)
    if batch is SECOND:
        odd = {"metric": ["rows", "missing.phone", "email_domain"], "observed": [120.0, 0.41, 0.22], "usual": [219.0, 0.12, 0.01], "distance": [7.4, 9.1, 5.2]}
        _fill(db, tables.anomaly, batch_no=batch.number, source="spreadsheet", **odd)


def _people(db: Transaction, persons: int, draw: np.random.Generator) -> None:
    sizes = np.minimum(draw.geometric(0.62, persons) + (draw.random(persons) < 0.02) * 4, 12)
    codes = [f"P-{number:013d}" for number in range(persons)]
    members = int(sizes.sum())
    ids = np.arange(1, members + ASIDE + GONE + 1)
    states = np.repeat(["active", "quarantined", "gone"], [members, ASIDE, GONE])
    source = draw.choice(list(SHARES), len(ids), p=list(SHARES.values()))
    both: dict[str, Any] = {"record_id": ids, "raw_id": ids, "source": source, "batch_no": 1}
    _fill(db, tables.contact, **both, state=states, kind="person", full_name="v")
    _fill(db, tables.raw_record, **both, object="contacts", source_key="k", version=1, content_hash="h", payload="{}", is_current=True)
    point = {"type": "email", "value": "v", "point_ref": ids}
    _fill(db, tables.contact_point, record_id=ids, position=0, match_key="v", raw="v", status="ok", **point)
    _fill(db, tables.value_note, record_id=ids[:9], field="email", position=0, reason="TYPO_DOMAIN", outcome="suggested", suggestion="v")
    mended = {"value": "v", "over_hash": "h", "patched_by": "steward", "because": SOURCE, "patched_at": "2026-11-20T09:00:00Z"}
    _fill(db, tables.patch, patch_no=[1], record_id=1, field="email", batch_no=1, **mended)
    held = ids[states == "quarantined"]
    _fill(db, tables.quarantine, record_id=held, since_batch=1, until_batch=[2] * 6 + [None] * (len(held) - 6))
    cell = {"source_column": "Email", "since_batch": 1, "source": "crm", "object": "contacts", "field": "email", "reason": "CELL_LOST"}
    _fill(db, tables.repair, record_id=ids[:4], from_raw_id=ids[:4], **cell)
    _fill(db, tables.membership, record_id=ids[:members], person_id=np.repeat(codes, sizes), batch_no=1)
    rules, reasons, times = ["DQ-102", "DQ-201", "DQ-101"], ["NO_CONTACT_POINT", "CPF_CHECK_DIGITS", "NO_NAME"], [28, 17, 2]
    judged = {"rule": np.repeat(rules, times), "reason": np.repeat(reasons, times), "severity": "quarantine"}
    _fill(db, tables.finding, record_id=ids[states == "quarantined"], field="email", dimension="validity", batch_no=1, **judged)
    won = {"person_id": codes, "record_id": 1, "raw_id": 1, "batch_no": 1}
    _fill(db, tables.golden_contact, person_id=codes, kind="person", full_name="v", records=sizes, sources=1, batch_no=1)
    _fill(db, tables.golden_attribute, **won, field="full_name", value="v", rule="MOST_RECENT", candidates=1, distinct_values=1)
    _fill(db, tables.golden_point, **won, point_ref=range(persons), type="email", value="v", rank=1, rule="RANKED", records=1)
    for purpose, shares in STATES.items():
        drawn = draw.choice(list(shares), persons, p=list(shares.values()))
        for channel in POLICY.purposes[purpose].channels or ("none",):
            _permissions(db, purpose, channel, codes, np.where((drawn == "GRANTED") & (channel not in ("email", "none")), "NEVER_ASKED", drawn))
    _fill(db, tables.free_text, text_id=ids[:400], record_id=ids[:400], source="tickets", field="tickets.description", text="v", redacted="v", batch_no=1)
    for place, (origin, field, entity, count) in enumerate(FOUND):
        number = np.arange(count)
        span = {"start": 1000 * place + number, "end": 1000 * place + number + 5, "score": 0.9, "recogniser": "r"}
        _fill(
            db, tables.pii_finding, text_id=1 + (number * 7 + place) % 150, record_id=number + 1, source=origin, field=field, entity=entity, batch_no=1, **span
        )
    _fill(db, tables.pair, record_a=range(1, 19), record_b=range(2, 20), probability=0.7, zone="unsure", evidence="{}", batch_no=1)
    _fill(db, tables.pair, record_a=range(100, 400), record_b=range(101, 401), probability=0.99, zone="match", evidence="{}", batch_no=1)
    prefers = {"kind": "channel", "value": "email", "said_at": "2026-11-20T09:00:00Z", "recorded_by": "desk", "recorded_at": "2026-11-20T09:00:00Z"}
    _fill(db, tables.contact_preference, preference_id=[1], record_id=1, **prefers)
    hours = {"opens_at": "2026-11-22T12:00:00Z", "closes_at": "2026-11-22T22:00:00Z", "computed_at": "2026-11-22T06:00:00Z", "reasons": "NOW"}
    case = {"person_id": codes[:1], "purpose": "newsletter", "channel": "email", "point_ref": 0}
    _fill(db, tables.contact_window, **case, **hours, contact_language="pt", policy_version="1")
    _fill(db, tables.judgement, judgement_no=[1], record_a=1, record_b=2, verdict="different", judged_by="steward", judged_at="2026-11-21T09:00:00Z")


def _permissions(db: Transaction, purpose: str, channel: str, codes: list[str], states: Any) -> None:
    allowed = np.isin(states, ["GRANTED", "BASIS"])
    soon = allowed & (np.arange(len(codes)) % 40 == 0) & (purpose == "newsletter")
    decided = {
        "allowed": allowed,
        "state": states,
        "reasons": [REASONS.get(state, state) for state in states],
        "policy_version": "1",
        "batch_no": 1,
        "regimes": "LGPD",
    }
    case = {"person_id": codes, "purpose": purpose, "channel": channel, "point_ref": range(len(codes)) if channel != "none" else 0}
    _fill(db, tables.permission, **case, **decided, valid_until=np.where(soon, "2026-12-10T00:00:00Z", None))


def _second_day(db: Transaction) -> None:
    """Identities move, fifteen people withdraw, five more pairs are unsure."""
    kinds = ["born"] * 9 + ["joined"] * 14 + ["left"] * 2 + ["merged"] * 3
    _fill(db, tables.identity_event, batch_no=2, record_id=range(len(kinds)), kind=kinds, to_person="P-0000000000001")
    some = tables.permission.c.person_id.in_([f"P-{number:013d}" for number in range(0, 60, 4)])
    db.update(tables.permission, (tables.permission.c.purpose == "newsletter") & some, allowed=False, state="WITHDRAWN", reasons="WITHDRAWN")
    _fill(db, tables.pair, record_a=range(500, 505), record_b=range(501, 506), probability=0.6, zone="unsure", evidence="{}", batch_no=2)


def _receipts(db: Transaction, batch: Batch, stages: tuple[str, ...]) -> None:
    db.append(tables.receipt, [_receipt(batch, stage, {}) for stage in stages])
    for stage in stages:
        ledger.append(db, f"stage.{stage}", "pipeline", batch.number, {"counts": {}})


def _receipt(batch: Batch, stage: str, counts: Any) -> dict[str, Any]:
    return {"batch_no": batch.number, "stage": stage, "part": "", "counts": canonical_json(dict(counts)), "notes": "[]", "seconds": 0.5}


def _fill(db: Transaction, table: Table, **columns: Any) -> None:
    """Append rows given as columns; a single value is repeated."""
    db.append(table, pd.DataFrame(columns))
