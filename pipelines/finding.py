"""`lastro find`: who is meant by an e-mail or a phone, by the model of the last batch; every look is in the ledger."""

import json
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.pseudonym import pseudonym
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from pipelines import screen
from pipelines.explain import masked
from pipelines.run import connect

_HOLDERS = 1_000
"""Records with one contact point beyond which it says nothing about who is meant."""
_SHOWN = {"full_name": "name", "birth_date": "date", "city": "address"}
_HEADS = {
    "pt": {
        "person": "pessoa",
        "probability": "probabilidade",
        "evidence": "evidência",
        "records": "registros",
        "name": "nome",
        "birth": "nascimento",
        "city": "município",
    },
    "en": {},
}


def show(email: str, phone: str, name: str, reveal: bool, as_json: bool) -> None:
    """Print the persons that may be meant, the likeliest first."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        found = find(db, settings, email, phone, name, reveal)
        asked = [kind for kind, value in (("email", email), ("phone", phone), ("name", name)) if value]
        ledger.append(db, "person.looked_up", "operator", None, {"asked": asked, "found": [row["person"] for row in found], "revealed": reveal})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    heads = _HEADS[settings.language]
    rows = [{heads.get(at, at): "; ".join(value) if at == "evidence" else value for at, value in row.items()} for row in found]
    following = f"lastro explain {found[0]['person']}" if found else "lastro review"
    pt = settings.language == "pt"
    says = [] if found else ["Ninguém com este contato." if pt else "Nobody has this e-mail or phone."]
    screen.show(as_json, found, [("", rows)] if found else [], says, following)


def find(db: Transaction, settings: Settings, email: str = "", phone: str = "", name: str = "", reveal: bool = False) -> list[dict[str, Any]]:
    """Persons that hold the e-mail or phone: person, probability, evidence in words, values masked unless ``reveal``; the likeliest first.

    The probability is that of the person's record that agrees best. A name alone finds nobody: it only weighs.
    Raises ConfigurationError when neither e-mail nor phone can be read, NotFound before the first batch was linked.
    """
    from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS
    from dedup.explain import evidence_in_words
    from dedup.linkage import load_linkage
    from dedup.lookup import weigh_candidates

    points = _points(settings, email, phone)
    linkage = load_linkage(settings.linkage)
    newest = db.maximum(tables.link_model, "batch_no", tables.link_model.c.batch_no > 0)  # a model that waits has weighed nothing yet
    if newest is None:
        raise NotFound("Nothing was linked yet.", "`lastro run` links what the sources hold.")
    model = json.loads(db.read(tables.link_model, "parameters", where=tables.link_model.c.batch_no == newest)["parameters"].iloc[0])["kinds"]
    held = db.read_for(tables.contact_point, "point_ref", points["point_ref"], "record_id", "point_ref")
    crowded = held.groupby("point_ref")["record_id"].size()
    ids = held.loc[~held["point_ref"].isin(crowded[crowded > _HOLDERS].index), "record_id"].drop_duplicates()
    persons = db.read_for(tables.membership, "record_id", ids, "record_id", "person_id")
    contacts = db.read_for(tables.contact, "record_id", persons["record_id"], *CONTACT_COLUMNS, "full_name", "city")
    contacts = contacts.loc[:, ~contacts.columns.duplicated()]
    others = db.read_for(tables.contact_point, "record_id", persons["record_id"], *POINT_COLUMNS)
    asked = _asked(name)
    parts = [
        weigh_candidates(
            asked | {"kind": kind},
            points,
            some,
            others[others["record_id"].isin(some["record_id"])],
            linkage.kind(str(kind)),
            model[str(kind)],
            linkage.sharing,
        )
        for kind, some in contacts.groupby("kind")
    ]
    if not parts:
        return []
    told = pd.concat(parts).merge(persons, on="record_id").sort_values(["probability", "record_id"], ascending=[False, True])
    many = told.groupby("person_id")["record_id"].size()
    best = told.drop_duplicates("person_id").merge(contacts[["record_id", *_SHOWN]], on="record_id")
    return [
        {
            "person": row["person_id"],
            "probability": round(row["probability"], 4),
            "evidence": evidence_in_words(row["evidence"], settings.language),
            "records": int(many[row["person_id"]]),
            **{short: masked(kind, row[field], reveal) for short, (field, kind) in zip(("name", "birth", "city"), _SHOWN.items(), strict=True)},
        }
        for row in best.to_dict("records")
    ]


def _points(settings: Settings, email: str, phone: str) -> pd.DataFrame:
    """The contact points asked for, by their pseudonyms."""
    from contacts.values import email as emails
    from contacts.values import phone as phones
    from dedup.lookup import asked_point

    lines = []
    for kind, module, text in (("email", emails, email), ("phone", phones, phone)):
        if not text:
            continue
        read = module.standardise(pd.Series([text], dtype="string[pyarrow]")).iloc[0]
        if pd.notna(read["match_key"]):
            lines.append(asked_point(kind, read, pseudonym(settings.key, "point", kind, str(read["match_key"]))))
    if not lines:
        raise ConfigurationError("There is no e-mail or phone that can be read.", "Give --email or --phone as it would stand in a source, with area code.")
    return pd.DataFrame(lines)


def _asked(name: str) -> dict[str, Any]:
    """The name as a record would hold it."""
    from contacts.values import name as names

    if not name:
        return {}
    read = names.standardise(pd.Series([name], dtype="string[pyarrow]")).iloc[0]
    plain = read.where(read.notna(), None)
    return {"name_key": plain["match_key"], "name_suffix": plain.get("suffix"), "social_name": plain.get("social_name")}
