"""Judge all contacts by every rule, keep what was found, set quarantine and gate.

All rows are judged each time, not only the changed ones: a duplicate, a shared number or a birthday may concern a
record nobody touched. Only records whose state moves are written.
"""

import numpy as np
import pandas as pd

from contacts import tables
from contacts.model import Outcome, Run
from contacts.warehouse import Transaction
from expectations import anomalies, blame, findings, frames, gate, parts, profile, repair, scores
from pipelines.beside import second_process
from pipelines.ingest import SUPERSEDED
from pipelines.sources.clauses import REASONS

contact = tables.contact
FEW = 100_000
"""Contacts up to which a second process is not worth the seconds Great Expectations takes to start in it."""


def validate_batch(run: Run) -> Outcome:
    """Findings of all records, counts of this batch, state of the records, colour of the gate."""
    db, number = run.db, run.batch.number
    with second_process() as beside:
        many = db.count(contact) > FEW
        if many:
            beside.meanwhile(parts.prepare)
        given = inputs(db)
        contacts, built = given.contacts, frames.build_frames(given)
        del given
        run.progress("rules", 0, 2)
        judging = (beside.ahead if many else map)(parts.verdicts, parts.parts(built, run.batch.as_of))
        judged = findings.judge(built, run.batch.as_of)
        found, counts = findings.findings(judged, built), findings.counts(judged, built)
        found, waived = repair.with_exceptions(found, db.read(tables.waiver, *repair.WAIVER_COLUMNS), run.batch.as_of.date())
        made = scores.aggregated(scores.parts(judged, built, run.batch.as_of), built)
        run.progress("great expectations", 1, 2)
        verdicts = {rule: verdict for some in judging for rule, verdict in some.items()}
    results = gate.gate_results(counts, verdicts)
    run.progress("", 2, 2)
    db.replace(tables.finding, found.assign(batch_no=number))
    db.replace(tables.rule_result, counts.assign(batch_no=number), tables.rule_result.c.batch_no == number)
    db.replace(tables.gate_result, results.assign(batch_no=number), tables.gate_result.c.batch_no == number)

    db.replace(tables.quality_score, made.assign(batch_no=number), tables.quality_score.c.batch_no == number)
    _keep_blame(run, built["contact"], found)
    deliveries = _deliveries(run)
    odd, before = _trend(run, profile.profile(built, deliveries.groupby("source")["rows_read"].sum()))

    held = found.loc[found["severity"] == "quarantine", "record_id"].unique()
    released = _set_aside(run, contacts, held)
    verdict = gate.decide(results, counts, deliveries, _breaches(run), odd, len(contacts), len(held))
    db.update(tables.batch, tables.batch.c.number == number, gate=verdict.colour)
    warned = found.loc[found["severity"] == "warn", "record_id"].nunique()
    told = {"contacts": len(contacts), "findings": len(found), "warned": warned, "quarantined": len(held), "released": released, "waived": waived}
    told |= {"rules": len(results), "gx_disagreements": verdict.disagreements, "anomalies": len(odd)}
    return Outcome(told | {"batches_until_anomalies": max(anomalies.ENOUGH - before, 0)}, verdict.notes)


def _keep_blame(run: Run, contacts: pd.DataFrame, found: pd.DataFrame) -> None:
    """Count who typed what is wrong, and forget the counts of batches too old to say anything."""
    db, number, kept, raw = run.db, run.batch.number, tables.blame, tables.raw_record
    came = db.read(raw, "record_id", where=raw.c.batch_no == number)["record_id"]
    db.replace(kept, blame.tally(contacts, found, came).assign(batch_no=number), kept.c.batch_no == number)
    db.delete(kept, kept.c.batch_no <= number - blame.KEPT)


def _trend(run: Run, now: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Keep what this batch looks like; what is odd about it, and how many earlier batches that is said from."""
    db, number, seen, odd, batch = run.db, run.batch.number, tables.quality_profile, tables.anomaly, tables.batch
    earlier = db.read(seen, where=(seen.c.batch_no < number) & (seen.c.batch_no >= number - anomalies.KEPT))
    approved = db.read(batch, "number", where=batch.c.approved_by.is_not(None))["number"]
    unusual = db.read(odd, "batch_no", "source", "metric", where=odd.c.batch_no < number)
    found = anomalies.anomalies(now, earlier, unusual[~unusual["batch_no"].isin(approved)])
    db.replace(seen, now.assign(batch_no=number), seen.c.batch_no == number)
    db.replace(odd, found.assign(batch_no=number), odd.c.batch_no == number)
    return found, anomalies.earlier_batches(earlier)


def inputs(db: Transaction) -> frames.Inputs:
    """What the rules look at: contacts that are not gone, and what belongs to them."""
    return frames.Inputs(
        contacts=db.read(contact, *frames.CONTACT_COLUMNS, where=contact.c.state.in_(("active", "quarantined"))),
        points=db.read(tables.contact_point, *frames.POINT_COLUMNS),
        notes=db.read(tables.value_note, *frames.NOTE_COLUMNS, where=tables.value_note.c.field.in_(frames.NOTED_FIELDS)),
        consents=db.read(tables.consent_event, *frames.CONSENT_COLUMNS),
        interactions=db.read(tables.interaction, *frames.INTERACTION_COLUMNS),
    )


def _deliveries(run: Run) -> pd.DataFrame:
    """This batch's deliveries with ``rows_lost``, the rows nothing was kept of; a newer version of the others is held."""
    delivery, refused, number = tables.delivery, tables.refused_row, run.batch.number
    columns = ("source", "object", "status", "reason", "rows_read", "files_refused")
    found = run.db.read(delivery, *columns, where=delivery.c.batch_no == number)
    lost = run.db.counts(refused, "source", "object", where=(refused.c.batch_no == number) & (refused.c.reason != SUPERSEDED))
    found = found.merge(lost.rename(columns={"n": "rows_lost"}), on=["source", "object"], how="left")
    return found.assign(rows_lost=found["rows_lost"].fillna(0).astype("int64"))


def _breaches(run: Run) -> pd.DataFrame:
    """Contract clauses this batch's deliveries broke although they were read; those that refuse a file are in its delivery."""
    kept = tables.contract_result
    broken = (kept.c.batch_no == run.batch.number) & (kept.c.status == "breached") & kept.c.clause.in_(list(REASONS))
    return run.db.read(kept, "source", "object", "clause", "source_column", where=broken)


def _set_aside(run: Run, contacts: pd.DataFrame, held: np.ndarray) -> int:
    """Bring state and quarantine's history in line with ``held``; returns how many records this batch released."""
    db, number = run.db, run.batch.number
    ids = contacts["record_id"].to_numpy()
    history, released = gate.turn_over(db.read(tables.quarantine), held, ids, number)
    db.replace(tables.quarantine, history)
    inside = np.isin(ids, held)
    for state, belongs in (("quarantined", inside), ("active", ~inside)):
        moved = ids[belongs & (contacts["state"] != state).to_numpy()]
        db.update_for(contact, "record_id", moved, state=state, batch_no=number)  # so that link sees what moved, and only that
    return len(released)
