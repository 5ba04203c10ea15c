"""Interactions that are contacts with a person, into the ledger of attempts: both directions, as they were first heard."""

import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.schema import CHANNELS


def add_attempts(run: Run, interactions: pd.DataFrame) -> int:
    """Append the interactions on a channel of contact at an exact time that are not known yet; returns how many.

    One the source gives a purpose counts for the caps of that purpose's class; an outbound one without counts for every cap.
    """
    found = interactions[interactions["channel"].isin(CHANNELS).to_numpy() & interactions["opened_at"].notna().to_numpy()]
    known = run.db.read_for(tables.contact_attempt, "attempt_id", found["interaction_id"], "attempt_id")["attempt_id"]
    fresh = found[~found["interaction_id"].isin(known)]
    rows = fresh[["record_id", "channel", "direction", "purpose", "batch_no"]].assign(
        attempt_id=fresh["interaction_id"], at=fresh["opened_at"], system=fresh["source"], outcome="unknown", recorded_at=run.batch.as_of_text
    )
    return run.db.append(tables.contact_attempt, rows)


def forget_attempts(run: Run, sources: list[str]) -> None:
    """Take back the attempts an earlier try at this batch added."""
    attempt = tables.contact_attempt
    run.db.delete(attempt, (attempt.c.batch_no == run.batch.number) & attempt.c.system.in_(sources))
