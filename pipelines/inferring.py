"""Find whose e-mail domain or employer hints at sensitive data, among the records of a batch; a finding says kind and field, never the value."""

from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.warehouse import TEXT
from privacy.inference import INFERRED, inferred

FINDING = ["text_id", "record_id", "source", "field", "entity"]


def infer(run: Run) -> pd.DataFrame:
    """Put the findings of records that changed in the place of their earlier ones; returns the new rows of pii_finding."""
    db, finding, contact = run.db, tables.pii_finding, tables.contact
    mine = finding.c.entity.startswith(INFERRED, autoescape=True)
    db.delete(finding, mine & ~contact.select().where(contact.c.record_id == finding.c.record_id).exists())
    heads = db.read(contact, "record_id", "source", "state", "company", where=contact.c.batch_no > run.since)
    held = db.read(finding, "text_id", "record_id", where=mine)
    db.delete_for(finding, "text_id", held.loc[held["record_id"].isin(heads["record_id"]), "text_id"])
    told = heads[heads["state"].ne("gone").to_numpy(dtype=bool)]
    mails = _mails(run, told["record_id"]).merge(told[["record_id", "source"]], on="record_id")
    domains = mails.assign(text=mails["value"].str.replace(r"^.*@", "", regex=True), field="email")
    employers = told.assign(text=told["company"], field="company").dropna(subset=["text"])
    columns = ["record_id", "source", "field", "text"]
    seen = pd.concat([domains[columns], employers[columns]], ignore_index=True)
    found = inferred(seen["text"])
    rows = seen.iloc[found["place"]].reset_index(drop=True).assign(entity=found["entity"]).drop_duplicates(["record_id", "field", "entity"])
    keys = [SEPARATOR.join(("inference", str(record), field)) for record, field in rows[["record_id", "field"]].itertuples(index=False)]
    fields = [f"{source}.{field}" for source, field in rows[["source", "field"]].itertuples(index=False)]
    rows = rows.assign(text_id=pseudonyms(run.settings.key, "text", keys), field=pd.Series(fields, index=rows.index, dtype=TEXT))
    facts: dict[str, Any] = {"start": 0, "end": 0, "score": 0.5, "recogniser": "inference", "batch_no": run.batch.number}
    rows = rows[FINDING].assign(**facts).sort_values(["text_id", "entity"], ignore_index=True)
    db.append(finding, rows)
    return rows


def _mails(run: Run, records: pd.Series) -> pd.DataFrame:
    """The e-mail addresses of records: record_id, value."""
    points = tables.contact_point
    if not run.since:
        return run.db.read(points, "record_id", "value", where=(points.c.type == "email") & points.c.value.is_not(None))
    found = run.db.read_for(points, "record_id", records, "record_id", "type", "value")
    return found.loc[found["type"].eq("email").to_numpy(dtype=bool), ["record_id", "value"]].dropna()
