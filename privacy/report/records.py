"""Figures about records: deliveries, what was set aside and why, and what must add up."""

import re
from collections.abc import Mapping
from typing import Any

from contacts import tables
from contacts.model import Batch
from contacts.warehouse import Transaction
from privacy.report.disclosure import protect, whole
from privacy.report.people import permitted_now

PARTS = ("new", "changed", "unchanged", "suppressed", "refused")


def deliveries(db: Transaction, batch: Batch) -> list[dict[str, Any]]:
    """Per source and object: status, reason, files refused whole, rows read and what became of them; ``holds`` says whether the parts add up."""
    found = []
    for row in db.read(tables.delivery, where=tables.delivery.c.batch_no == batch.number).to_dict("records"):
        counts = {name: 0 if row[name] != row[name] else int(row[name]) for name in ("files", "rows_read", *PARTS, "gone")}
        told = {name: None if row[name] != row[name] else row[name] for name in ("source", "object", "status", "reason")}
        # how many, not which: the header of a file without one is its first row
        told["dropped_columns"] = len(row["dropped_columns"].split(", ")) if isinstance(row["dropped_columns"], str) else 0
        told["files_refused"] = files_refused(row)
        found.append({**told, **counts, "holds": counts["rows_read"] == sum(counts[name] for name in PARTS)})
    return found


def contracts(db: Transaction, batch: Batch) -> list[dict[str, Any]]:
    """Per source and object: clauses of its contract held against the delivery, and those it broke; of columns nobody declared no name."""
    found = []
    kept = db.read(tables.contract_result, where=tables.contract_result.c.batch_no == batch.number)
    for (source, thing), part in kept.groupby(["source", "object"], sort=True):
        broken = part[part["status"] == "breached"].sort_values(["clause", "source_column"])
        told = [
            {"clause": row["clause"], "column": "" if row["clause"] == "on_new_column" else row["source_column"], "bound": row["bound"]}
            | {"failed": int(row["failed"]), "of": int(row["of"])}
            for row in broken.to_dict("records")
        ]
        found.append({"source": source, "object": thing, "clauses": len(part), "breached": told})
    return found


def files_refused(row: Mapping[Any, Any]) -> int:
    """Files of a delivery refused whole, whose rows are in no other count; without a count of their own, one ``file N: why`` each in its detail."""
    told, detail = row.get("files_refused"), row["detail"]
    if told is not None and told == told:
        return int(told)
    return len(set(re.findall(r"(?:^|; )file (\d+): ", detail))) if isinstance(detail, str) else 0


def set_aside(db: Transaction) -> dict[str, Any]:
    """Quarantined contacts by source and by reason (a contact may have several reasons; small counts hidden)."""
    quarantined = tables.contact.c.state == "quarantined"
    ids = tables.contact.select().with_only_columns(tables.contact.c.record_id).where(quarantined)
    by_source = db.counts(tables.contact, "source", where=quarantined)
    stopping = tables.finding.c.record_id.in_(ids) & (tables.finding.c.severity == "quarantine")
    by_reason = db.counts(tables.finding, "rule", "reason", where=stopping, distinct="record_id")
    sources = protect({source: int(n) for source, n in by_source.itertuples(index=False)})
    reasons = protect({f"{rule}\t{reason}": int(n) for rule, reason, n in by_reason.itertuples(index=False)})
    refused = db.counts(tables.refused_row, "source", "object", "reason")
    return {
        "by_source": [{"source": source, "contacts": count} for source, count in sources.items()],
        "by_reason": [dict(zip(("rule", "reason"), key.split("\t"), strict=True)) | {"contacts": count} for key, count in reasons.items()],
        "contacts": whole(int(by_source["n"].sum()), sources),
        "refused_rows": [{"source": source, "object": thing, "reason": reason, "rows": int(n)} for source, thing, reason, n in refused.itertuples(index=False)],
    }


def conservation(db: Transaction, funnel: dict[str, Any], published_no: int | None, batch: Batch) -> list[dict[str, Any]]:
    """What must add up across the warehouse: no record lost, and nothing in this batch's own version without a permission."""
    golden = db.count(tables.golden_contact)
    checks: list[dict[str, Any]] = [
        {
            "check": "contacts",
            "left": funnel["records"],
            "right": {"linked": funnel["linked_records"], "quarantined": funnel["quarantined"], "gone": funnel["gone"]},
        },
        {"check": "golden", "left": funnel["persons"], "right": {"golden": golden}},
    ]
    if published_no == batch.number:
        checks.append({"check": "published", "left": lapsed(db, published_no), "right": {}})
    return [check | {"holds": check["left"] == sum(check["right"].values())} for check in checks]


def lapsed(db: Transaction, published_no: int | None) -> int:
    """Rows of the live version no permission allows any more; the clean views leave them out."""
    if published_no is None:
        return 0
    return db.count(tables.clean_row, (tables.clean_row.c.batch_no == published_no) & ~permitted_now())
