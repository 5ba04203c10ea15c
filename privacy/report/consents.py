"""Figures an officer answers for: what each permission rests on, how soon a no counted, and contacts made against a rule or a no."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from contacts import tables
from contacts.model import Batch, instant
from contacts.warehouse import Transaction
from privacy.columns import NEVER, seconds
from privacy.grants import unnoticed
from privacy.policy import Policy
from privacy.reasons import STATES
from privacy.report.disclosure import THRESHOLD, Count, few, hidden_too, protect, whole
from privacy.report.facts import Breach
from privacy.report.people import ALLOWED, EXPIRING

TAKEN_BACK = ("withdrawn", "objected", "restricted")
"""The kinds of no that take back what was allowed; a refusal takes nothing back."""
_DAY = 86_400


def coverage(db: Transaction, batch: Batch, policy: Policy, purposes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Contact points by state, for every purpose, channel and law that decided, with the articles it rests on.

    ``purposes`` is the same page's breakdown of people: what is hidden there is hidden here too.
    """
    row = tables.permission.c
    key = ("purpose", "channel", "regimes")
    soon = row.allowed & (row.valid_until >= batch.as_of_text) & (row.valid_until < instant(batch.as_of + EXPIRING))
    ending = {tuple(words): int(n) for *words, n in db.counts(tables.permission, *key, where=soon).fillna({"regimes": ""}).itertuples(index=False)}
    cells: dict[tuple[str, ...], dict[str, int]] = {}
    for *words, state, n in db.counts(tables.permission, *key, "state").fillna({"regimes": ""}).itertuples(index=False):
        cells.setdefault(tuple(words), {})[state] = int(n)
    people = {row_["purpose"]: {ALLOWED: row_["allowed"]} | {denied["state"]: denied["persons"] for denied in row_["denied"]} for row_ in purposes}
    order = {state: place for place, state in enumerate(STATES)}
    found = []
    for case in sorted(cells, key=lambda case: (list(policy.purposes).index(case[0]) if case[0] in policy.purposes else len(policy.purposes), *case)):
        purpose, channel, laws = case
        counts = dict(sorted(cells[case].items(), key=lambda cell: order.get(cell[0], len(order))))
        told: dict[str, Count] = people.get(purpose, {})
        shown = protect(counts)
        for state, count in counts.items():
            if shown[state] == count:
                shown[state] = hidden_too(count, [told.get(ALLOWED if state in ("GRANTED", "BASIS") else state, count)])
        found.append(
            {
                "purpose": purpose,
                "channel": channel,
                "law": laws,
                "basis": policy.purposes[purpose].basis(laws) if purpose in policy.purposes and laws else "",
                "contact_points": whole(sum(counts.values()), shown),
                "states": [{"state": state, "n": count} for state, count in shown.items()],
                "expiring": few(ending.get(case, 0)),
            }
        )
    return found


def withdrawals(db: Transaction) -> dict[str, Any]:
    """How long a no that takes something back waited: from its effective moment to the first batch whose permissions counted it.

    Lengths are in days, of those said after the first batch only: what older systems knew before tells nothing of this one. They are
    None for fewer than five. A batch counts what was recorded by its ``as_of``, once its consent stage has a receipt. LGPD art. 8 §5, 18 §6; GDPR art. 12(3).
    """
    said = db.read(
        tables.consent_event, "event_id", "effective_at", "recorded_at", "batch_no", where=tables.consent_event.c.type.in_(TAKEN_BACK)
    ).drop_duplicates("event_id")
    decided = db.read(tables.receipt, "batch_no", where=tables.receipt.c.stage == "consent")["batch_no"]
    batches = db.read(tables.batch, "number", "as_of").sort_values("number")
    batches = batches[batches["number"].isin(decided)]
    numbers, moments = batches["number"].to_numpy(dtype="int64"), np.maximum.accumulate(seconds(batches["as_of"]))
    effective, recorded = seconds(said["effective_at"]), seconds(said["recorded_at"])
    first = np.maximum(np.searchsorted(moments, recorded), np.searchsorted(numbers, said["batch_no"].to_numpy(dtype="int64")))
    dated, counted = effective != NEVER, first < len(numbers)
    early = dated & (effective < (moments[0] if len(moments) else 0))
    measured = dated & counted & ~early
    days = np.maximum(moments[first[measured]] - effective[measured], 0) / _DAY if measured.any() else np.array([])
    enough = len(days) >= THRESHOLD
    return {
        "measured": few(len(days)),
        "median": round(float(np.median(days)), 2) if enough else None,
        "p95": round(float(np.quantile(days, 0.95)), 2) if enough else None,
        "longest": round(float(days.max()), 2) if enough else None,
        "before": few(int(early.sum())),
        "undated": few(int((~dated).sum())),
        "waiting": few(int((dated & ~counted & ~early).sum())),
    }


def notices(db: Transaction, batch: Batch, policy: Policy) -> list[dict[str, Any]]:
    """People whose data came from others and who were not told yet, by source: ``within`` the days of the policy's ``notice``, and ``overdue``.

    The days run from the batch that first brought the record (LGPD art. 9; GDPR art. 14(3)(a)). A person with a record of each kind is overdue.
    """
    if not policy.notice or not policy.notice.sources:
        return []
    contact, event, first = tables.contact, tables.consent_event, tables.raw_record
    held = db.read(contact, "record_id", "source", where=contact.c.source.in_(policy.notice.sources) & (contact.c.state == "active"))
    held = held.merge(db.read(tables.membership, "record_id", "person_id"), on="record_id")
    told = db.read(event, "record_id", "type", "effective_at", "recorded_at", where=event.c.type == "notified")
    held = held[held["record_id"].isin(unnoticed(policy, batch.as_of, told, held))]
    came = db.read(first, "record_id", "batch_no", where=first.c.source.in_(policy.notice.sources) & (first.c.version == 1))
    opened = db.read(tables.batch, "number", "as_of").set_index("number")["as_of"]
    since = held["record_id"].map(came.set_index("record_id")["batch_no"]).map(opened)
    held = held.assign(late=(since < instant(batch.as_of - timedelta(days=policy.notice.days))).to_numpy(dtype=bool, na_value=False))
    people = held.groupby(["source", "person_id"], sort=True)["late"].any()
    return [
        {"source": source, "within": few(int((~part).sum())), "overdue": few(int(part.sum())), "days": policy.notice.days}
        for source, part in people.groupby(level="source", sort=True)
    ]


def volumes(db: Transaction, batch: Batch, policy: Policy) -> list[dict[str, Any]]:
    """Rules of volume in force, each with the outbound contacts that count for it: rule, title, above, days, n, source."""
    attempt, told = tables.contact_attempt, []
    for rule in policy.contact_rules.volumes:
        if any(list(policy.contact_rules.in_force((rule,), None, channel, batch.as_of.date())) for channel in rule.channels):
            since = instant(batch.as_of - timedelta(days=rule.days))
            mine = attempt.c.channel.in_(rule.channels) & (attempt.c.direction == "outbound") & (attempt.c.at > since) & (attempt.c.at <= batch.as_of_text)
            told.append({"rule": rule.id, "title": rule.title, "above": rule.above, "days": rule.days, "n": db.count(attempt, mine), "source": rule.source})
    return told


def breaches(found: Sequence[Breach]) -> list[dict[str, Any]]:
    """Contacts against a rule or a no, by rule and channel, the no first; small counts hidden."""
    ordered = sorted(found, key=lambda row: (row.rule != "AFTER_NO", row.rule, row.channel))
    return [{"rule": row.rule, "channel": row.channel, "n": few(row.n), "of": few(row.of)} for row in ordered]
