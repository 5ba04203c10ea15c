"""`lastro explain`: which records a person is made of, why they were linked, which value won, and what is allowed and why not."""

import json
from datetime import datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import NotFound
from contacts.pseudonym import pseudonym
from contacts.schema import FIELDS
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from pipelines import screen
from pipelines.mending import provenance
from pipelines.run import connect
from pipelines.sources.overlay import READ_WITH


def show(person: str, reveal: bool, as_json: bool) -> None:
    """Print everything known about one person; each look is recorded in the ledger by pseudonym."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        person_id = find_person(db, settings, person)
        told = explain(db, settings, person_id, reveal)
        ledger.append(db, "person.explained", "operator", None, {"person_id": person_id, "revealed": reveal})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    blocks = [(f"{person_id} · {title}", rows) for title, rows in zip(TITLES[settings.language], _for_people(told, settings), strict=True)]
    says = [_household_in_words(told["household"], settings.language)] if told["household"] else []
    says += [] if reveal else [MASKED[settings.language]]
    screen.show(as_json, told, blocks, says, "lastro report   ·   lastro review")


def show_purpose(person: str, purpose: str, known_at: datetime | None, effective_at: datetime | None, as_json: bool) -> None:
    """Print why one purpose is allowed or not; the look is recorded in the ledger by pseudonym."""
    from pipelines.explain_purpose import explain_purpose

    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        person_id = find_person(db, settings, person)
        told = explain_purpose(db, settings, person_id, purpose, known_at, effective_at)
        ledger.append(db, "person.explained", "operator", None, {"person_id": person_id, "purpose": purpose})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    titles = PURPOSE_TITLES[settings.language]
    answers = [
        {"channel": row["channel"], "contact point": row["contact point"], "allowed": f"{'✓' if row['allowed'] else '✗'} {row['state']}",
         "why": "\n".join(reason["text"] for reason in row["reasons"]), "basis": row["basis"], "until": _text(row["until"])[:10]}
        for row in told["decisions"]
    ]  # fmt: skip
    events = [{name: _text(value) if not isinstance(value, list) else "\n".join(value) for name, value in row.items()} for row in told["events"]]
    pt = settings.language == "pt"
    blocks = [
        (f"{person_id} · {purpose} · {title}", [{(HEADS_PT.get(name, name) if pt else name): value for name, value in row.items()} for row in rows])
        for title, rows in zip(titles, (answers, events, told["rules"]), strict=True)
    ]
    says = [f"{told['policy_version']} · {told['effective_at']}" + (f" · {told['known_at']}" if known_at else "")]
    screen.show(as_json, told, blocks, says, "lastro explain P-…   ·   lastro check policy")


PURPOSE_TITLES = {
    "pt": ("Resposta", "O que foi dito, do mais antigo ao mais novo", "Regras"),
    "en": ("Answer", "What was said, oldest first", "Rules"),
}
MASKED = {
    "pt": "Valores mascarados; --reveal os mostra, e o livro de auditoria registra.",
    "en": "Values are masked; --reveal shows them, and the ledger records it.",
}
TITLES = {
    "pt": ("Registros de origem", "Por que são a mesma pessoa", "Em dúvida: talvez a mesma pessoa", "Valores consolidados", "O que é permitido"),
    "en": ("Source records", "Why they are one person", "Unsure: perhaps the same person", "Surviving values", "What is allowed"),
}


HOUSEHOLD_PT = {"address": "endereço", "family": "sobrenome", "phone": "telefone", "email": "e-mail"}
RULES_PT = {
    "agreed": "todos concordam", "only_value": "único valor", "most_recent": "mais recente", "most_trusted": "fonte mais confiável",
    "most_complete": "mais completo", "longest": "mais longo", "verified_first": "verificado primeiro", "majority": "maioria",
}  # fmt: skip
HEADS_PT = {
    "record": "registro", "person": "pessoa", "source": "fonte", "full_name": "nome", "birth_date": "nascimento", "city": "município", "postal_code": "CEP",
    "name here": "registro", "key": "chave", "version": "versão", "name": "nome", "updated": "atualizado", "record a": "registro a",
    "record b": "registro b", "evidence": "evidência", "probability": "probabilidade", "field": "campo", "value": "valor",
    "from record": "do registro", "rule": "regra", "records": "registros", "different values": "valores distintos", "purpose": "finalidade",
    "channel": "canal", "contact point": "contato", "allowed": "permitido", "why": "por quê", "until": "até",
    "mended": "remendado", "basis": "base legal", "effective at": "vale desde", "recorded at": "registrado em", "said": "disse", "by": "por", "how": "como",
    "text": "texto", "own record": "do próprio registro", "does": "efeito", "says": "diz",
}  # fmt: skip


def _for_people(told: dict[str, Any], settings: Settings) -> list[list[dict[str, Any]]]:
    """The blocks as tables in the reader's language: records by short name, and of the links only those that hold the person together."""
    from privacy.policy import load_policy
    from privacy.reasons import state_text

    pt, purposes = settings.language == "pt", load_policy(settings.policy).purposes
    label = {field.name: field.label_pt if pt else field.label_en for field in FIELDS}
    short = {row["record"]: row["name here"] for row in told["records"]}
    named = [row | {"record a": short.get(row["record a"], row["record a"]), "record b": short.get(row["record b"], row["record b"])} for row in told["links"]]
    rules = RULES_PT if pt else {}
    values = [
        row | {"field": label[row["field"]], "from record": short.get(row["from record"], row["from record"]), "rule": rules.get(row["rule"], row["rule"])}
        for row in told["values"]
    ]
    if not any(row["mended"] for row in values):
        values = [{name: value for name, value in row.items() if name != "mended"} for row in values]
    allowed = []
    for row in told["permissions"]:
        title, said = purposes[row["purpose"]].title, state_text(row["state"], settings.language)
        answer = {"purpose": title.pt if pt else title.en, "channel": row["channel"], "contact point": row["contact point"]}
        allowed.append(answer | {"allowed": f"{'✓' if row['allowed'] else '✗'} {said}", "why": row["why"], "until": row["until"]})
    matches = [row for row in named if row["zone"] == "match"]
    joined: dict[str, str] = {}
    bonds = []
    for row in matches:  # strongest first: the links that first bring two parts together hold them
        parts = [_root(joined, row[side]) for side in ("record a", "record b")]
        if parts[0] != parts[1]:
            joined[parts[0]] = parts[1]
            bonds.append({name: row[name] for name in ("record a", "record b", "evidence", "probability")})
    unsure = [{name: row[name] for name in ("record a", "record b", "evidence", "probability")} for row in named if row["zone"] == "unsure"]
    records = [{name: value for name, value in row.items() if name != "record"} for row in told["records"]]
    heads = HEADS_PT if pt else {"name here": "record"}
    return [[{heads.get(name, name): value for name, value in row.items()} for row in rows] for rows in (records, bonds, unsure, values, allowed)]


def _root(joined: dict[str, str], name: str) -> str:
    while name in joined:
        name = joined[name]
    return name


def find_person(db: Transaction, settings: Settings, person: str) -> str:
    """The person_id meant by ``P-…`` or ``source/object/key``. Raises NotFound, repeating neither."""
    if person.upper().startswith("P-"):
        if db.count(tables.membership, tables.membership.c.person_id == person.upper()):
            return person.upper()
        raise NotFound(
            "There is no person with this id.", "Ids look like P-01ABCDEFGHJKM; a person may have been merged: try one of their records as source/object/key."
        )
    parts = person.split("/", 2)
    if len(parts) == 3 or person.isdecimal():
        record_id = int(person[:19]) if person.isdecimal() else pseudonym(settings.key, "record", *parts)
        found = db.read(tables.membership, "person_id", where=tables.membership.c.record_id == record_id)
        if len(found):
            return str(found["person_id"].iloc[0])
        state = db.read(tables.contact, "state", where=tables.contact.c.record_id == record_id)
        if len(state):
            raise NotFound(f"This record is {state['state'].iloc[0]}, so it belongs to no person.", "`lastro quarantine show RECORD` tells why.")
    raise NotFound("No person or record matches.", "Give P-…, a record id, or source/object/key, for example crm/contacts/0031234.")


def explain(db: Transaction, settings: Settings, person_id: str, reveal: bool) -> dict[str, Any]:
    """The explanation as plain data; values are masked unless ``reveal``."""
    language = settings.language
    members = db.read(tables.membership, where=tables.membership.c.person_id == person_id)
    ids = members["record_id"]
    return {
        "person_id": person_id,
        "records": _records(db, ids, reveal),
        "links": _links(db, ids, language),
        "values": _values(db, person_id, ids, reveal, language),
        "household": household(db, person_id),
        "permissions": _permissions(db, person_id, ids, settings),
        "events": db.read_for(tables.identity_event, "record_id", ids, "batch_no", "record_id", "kind").astype(str).to_dict("records"),
    }


def _records(db: Transaction, ids: pd.Series, reveal: bool) -> list[dict[str, Any]]:
    contacts = db.read_for(tables.contact, "record_id", ids, "record_id", "source", "state", "full_name", "source_updated_at")
    raw = db.read_for(tables.raw_record, "record_id", ids, "record_id", "object", "source_key", "version", "is_current")
    rows = contacts.merge(raw[raw["is_current"]], on="record_id", how="left").sort_values(["source", "record_id"])
    rows["place"] = rows.groupby("source").cumcount() + 1
    return [
        {
            "name here": f"{row['source']} {row['place']}",
            "record": str(row["record_id"]),
            "key": masked("key", row["source_key"], reveal),
            "version": int(row["version"]),
            "name": masked("name", row["full_name"], reveal),
            "updated": _text(row["source_updated_at"])[:10],
        }
        for row in rows.to_dict("records")
    ]


def _links(db: Transaction, ids: pd.Series, language: str) -> list[dict[str, Any]]:
    from dedup.explain import evidence_in_words

    pairs = db.read_for(tables.pair, "record_a", ids)
    others = db.read_for(tables.pair, "record_b", ids)
    pairs = pd.concat([pairs, others[~others["record_a"].isin(ids)]])
    inside = pairs["record_a"].isin(ids) & pairs["record_b"].isin(ids)
    pairs = pairs[inside | (pairs["zone"] == "unsure")].sort_values(["probability", "record_a", "record_b"], ascending=[False, True, True])
    return [
        {
            "record a": str(row["record_a"]),
            "record b": str(row["record_b"]),
            "zone": row["zone"],
            "probability": round(row["probability"], 4),
            "evidence": "; ".join(evidence_in_words(json.loads(row["evidence"]), language)),
        }
        for row in pairs.to_dict("records")
    ]


def _values(db: Transaction, person_id: str, ids: pd.Series, reveal: bool, language: str) -> list[dict[str, Any]]:
    mended = provenance(db, ids, language)
    kinds = {field.name: field.value_type for field in FIELDS}
    single = db.read(tables.golden_attribute, where=tables.golden_attribute.c.person_id == person_id)
    points = db.read(tables.golden_point, where=tables.golden_point.c.person_id == person_id).sort_values(["type", "rank"])
    rows = []
    for row in single.to_dict("records"):
        counted = {"records": int(row["candidates"]), "different values": int(row["distinct_values"])}
        value = masked(kinds[row["field"]], row["value"], reveal)
        told = mended.get((row["record_id"], READ_WITH.get(row["field"], row["field"])), "")
        rows.append({"field": row["field"], "value": value, "from record": str(row["record_id"]), "rule": row["rule"], "mended": told} | counted)
    for row in points.to_dict("records"):
        counted = {"records": int(row["records"]), "different values": 1}
        value = masked(row["type"], row["value"], reveal)
        told = mended.get((row["record_id"], row["type"]), "")
        rows.append({"field": row["type"], "value": value, "from record": str(row["record_id"]), "rule": row["rule"], "mended": told} | counted)
    return rows


def household(db: Transaction, person_id: str) -> dict[str, Any] | None:
    """Whom a person lives with, as far as the golden record tells: household_id, persons, and what is shared; None for nobody."""
    golden = tables.golden_contact
    own = db.read(golden, "household_id", "household_shares", where=(golden.c.person_id == person_id) & golden.c.household_id.is_not(None))
    if own.empty:
        return None
    code, shares = own.iloc[0]
    return {"household_id": code, "persons": db.count(golden, golden.c.household_id == code), "shares": [line.split("+") for line in shares.split(", ")]}


def _household_in_words(found: dict[str, Any], language: str) -> str:
    words = HOUSEHOLD_PT if language == "pt" else {"family": "family name"}
    joined = " e " if language == "pt" else " and "
    shared = "; ".join(joined.join(words.get(name, name) for name in line) for line in found["shares"])
    if language == "pt":
        return f"Domicílio {found['household_id']}: {found['persons']} pessoas; em comum com outra: {shared}."
    return f"Household {found['household_id']}: {found['persons']} persons; shared with another: {shared}."


def _permissions(db: Transaction, person_id: str, ids: pd.Series, settings: Settings) -> list[dict[str, Any]]:
    """Every decision with its reasons in words; a relation names the sources that prove it."""
    from privacy.policy import load_policy
    from privacy.reasons import reason_text

    language, policy = settings.language, load_policy(settings.policy)
    found = db.read(tables.permission, where=tables.permission.c.person_id == person_id)
    golden = db.read(tables.golden_point, "point_ref", "type", "rank", where=tables.golden_point.c.person_id == person_id)
    names = {int(row["point_ref"]): f"{row['type']} {row['rank']}" for row in golden.to_dict("records")}
    sources = db.read_for(tables.contact, "record_id", ids, "record_id", "source").set_index("record_id")["source"]
    held = db.read_for(tables.contact_point, "record_id", ids, "record_id", "point_ref").dropna()

    def why(row: Any) -> str:
        told = [reason_text(code, language) for code in row["reasons"].split(",") if code]
        if not row["allowed"] or "RELATION_PROVEN" not in row["reasons"]:
            return "; ".join(told)
        holders = sources if not row["point_ref"] else sources.loc[held.loc[held["point_ref"] == row["point_ref"], "record_id"]]
        proving = sorted(set(holders) & set(policy.purposes[row["purpose"]].relation))
        proof = f"{'relação provada por' if language == 'pt' else 'relation proven by'} {', '.join(proving)} ({row['basis']})"
        return "; ".join([proof, *(reason_text(code, language) for code in row["reasons"].split(",") if code == "SALE_PROVEN")])

    return [
        {
            "purpose": row["purpose"],
            "channel": row["channel"],
            "contact point": names.get(int(row["point_ref"]), "–"),
            "allowed": bool(row["allowed"]),
            "state": row["state"],
            "why": why(row),
            "until": _text(row["valid_until"])[:10],
        }
        for row in found.to_dict("records")
    ]


def masked(kind: str, value: Any, reveal: bool) -> str:
    """One value as it may be shown: masked by its value type's own mask unless revealed; kinds without one show a first letter."""
    from importlib import import_module
    from importlib.util import find_spec

    if value is None or value != value:
        return "–"
    if reveal:
        return str(value)
    if kind != "key" and find_spec(f"contacts.values.{kind}"):
        module = import_module(f"contacts.values.{kind}")
        if hasattr(module, "mask"):
            return str(module.mask(pd.Series([value], dtype="string[pyarrow]")).iloc[0])
    return f"{str(value)[:1]}{'*' * 5}"


def _text(value: Any) -> str:
    return "–" if value is None or value != value else str(value)
