"""Figures about what people mend: how long records wait in quarantine, what is excepted, patched and repaired, and what audits found."""

from datetime import date, datetime
from typing import Any

from contacts import tables
from contacts.model import Batch
from contacts.warehouse import Transaction
from privacy.report.disclosure import THRESHOLD, few, protect
from privacy.report.facts import Facts

AGES = (("0–6", 0, 6), ("7–29", 7, 29), ("30–89", 30, 89), ("90+", 90, 10**6))
"""Classes of age, in days from and to."""
SHOWN = 12
"""Training needs on the page, the largest first; the command has them all."""
OLD = 30
"""Days after which a record in quarantine is forgotten rather than waiting."""


def ageing(db: Transaction, batch: Batch) -> dict[str, Any]:
    """Records in quarantine by the days they have been there, the oldest's days, how many are old, and how many this batch let out."""
    history = tables.quarantine.c
    inside = db.read(tables.quarantine, where=(history.since_batch <= batch.number) & (history.until_batch.is_(None) | (history.until_batch > batch.number)))
    opened = db.read(tables.batch, "number", "as_of").set_index("number")["as_of"]
    age = {int(number): (batch.as_of - datetime.fromisoformat(opened[number])).days for number in inside["since_batch"].unique()}
    days = inside["since_batch"].map(age)
    counts = {name: int(days.between(least, most).sum()) for name, least, most in AGES}
    return {
        "records": len(inside),
        "by_age": [{"days": name, "records": count} for name, count in protect(counts).items()],
        "oldest": int(days.max()) if len(days) else 0,
        "old": few(int((days >= OLD).sum())),
        "released": few(db.count(tables.quarantine, history.until_batch == batch.number)),
    }


def exceptions(db: Transaction, facts: Facts) -> dict[str, Any]:
    """Exceptions from rules, values patched by a person and cells repaired from an earlier delivery, as far as they hold today."""
    patched = db.counts(tables.patch, "field", where=tables.patch.c.ended_batch.is_(None))
    repaired = db.counts(tables.repair, "source", "field", where=tables.repair.c.until_batch.is_(None))
    return {
        "waived": [{"rule": one.rule, "records": few(one.records), "until": one.until} for one in facts.waivers],
        "patched": [{"field": field, "values": few(int(n))} for field, n in patched.itertuples(index=False)],
        "repaired": [{"source": source, "field": field, "values": int(n)} for source, field, n in repaired.itertuples(index=False)],
    }


def training(facts: Facts) -> list[dict[str, Any]]:
    """Where people or teams of a source type what goes wrong more than the others do; how many people, never who (small counts hidden)."""
    found = []
    for one in facts.training[:SHOWN]:
        counts = {"people": few(one.people), "records": few(one.n), "of": one.of}
        rates = {"rate": round(one.n / one.of, 4), "rest_rate": round(one.rest_n / one.rest_of, 4)} if one.n >= THRESHOLD else {"rate": None, "rest_rate": None}
        found.append({"source": one.source, "team": one.team, "rule": one.rule, **counts, **rates, "batches": one.batches})
    return found


def audit(batch: Batch, facts: Facts) -> dict[str, Any] | None:
    """The newest signed audit: how many values were compared with the world, how many were right, and the interval for all of them."""
    found = facts.audit
    if found is None:
        return None
    told = {name: getattr(found, name) for name in ("number", "batch", "signed_on", "size", "population", "judged", "right", "unknown")}
    told["days"] = (batch.as_of.date() - date.fromisoformat(found.signed_on)).days
    return told | {name: None if (share := getattr(found, name)) is None else round(share, 4) for name in ("share", "low", "high")}
