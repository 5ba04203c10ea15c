"""Which events count at a moment: what was known then, what had taken effect, and which restrictions were lifted again.

Two clocks (bitemporal): an event has the moment it takes effect and the moment it was recorded here. `as known at` asks the second,
`as effective at` the first. A grant of the future waits; a no that is known already counts at once, whatever date it bears.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from contacts.model import instant
from privacy.columns import NEVER, blank, seconds
from privacy.scope import ALL, LIFTABLE, RESTRICTIONS


@dataclass(frozen=True)
class Event:
    """One consent event as the ledger of consents holds it. ``origin`` says over which link a restriction came: own, possible or departed."""

    record_id: int
    type: str
    purpose: str
    channel: str = ALL
    point_ref: int | None = None
    purpose_version: str | None = None
    effective_at: str | None = None
    recorded_at: str = "1970-01-01T00:00:00Z"
    actor: str = "import"
    method: str | None = None
    text_version: str | None = None
    text_hash: str | None = None
    controller: str | None = "own"
    expires_at: str | None = None
    origin: str = "own"


def exact(moment: str | None) -> str | None:
    """The moment if it is an exact one as the warehouse writes it, else None: a date without a time is not exact."""
    try:
        datetime.strptime(moment or "", "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=None)
    except ValueError:
        return None
    return moment


def said_at(event: Event) -> str:
    """When a no counts from: its exact moment, or, where it has none, when it was recorded."""
    return exact(event.effective_at) or event.recorded_at


def counting(events: Iterable[Event], as_of: datetime, known_at: datetime | None = None) -> tuple[Event, ...]:
    """The events that count at ``as_of`` as far as they were known at ``known_at`` (all that are known, when left out)."""
    known = [event for event in events if known_at is None or event.recorded_at <= instant(known_at)]
    now = instant(as_of)
    found = [event for event in known if event.type not in RESTRICTIONS or not (said_at(event) > now and event.recorded_at > now)]
    lifts = [event for event in found if event.type == "lifted" and exact(event.effective_at) and str(event.effective_at) <= now and event.text_hash]
    return tuple(event for event in found if event.type not in LIFTABLE or not any(_lifts(lift, event) for lift in lifts))


def _lifts(lift: Event, restriction: Event) -> bool:
    """A restriction is lifted by a later notice to the same person about the same thing (GDPR art. 18(3)); nothing wider, nothing over a weaker link."""
    return (
        lift.record_id == restriction.record_id
        and lift.purpose in (ALL, restriction.purpose)
        and lift.channel in (ALL, restriction.channel)
        and lift.point_ref in (None, restriction.point_ref)
        and str(lift.effective_at) > said_at(restriction)
    )


def counting_rows(events: pd.DataFrame, as_of: datetime, known_at: datetime | None = None) -> pd.DataFrame:
    """The same for a frame of consent_event, in the order it has."""
    if known_at is not None:
        events = events[(events["recorded_at"] <= instant(known_at)).to_numpy(dtype=bool, na_value=False)]
    now = int(as_of.timestamp())
    restricts = events["type"].isin(RESTRICTIONS).to_numpy(dtype=bool)
    at, recorded = seconds(events["effective_at"]), seconds(events["recorded_at"])
    said = pd.Series(at, index=events.index).where(at != NEVER, recorded)
    keep = ~(restricts & (said > now).to_numpy() & (recorded > now))
    lifts = events[(events["type"].eq("lifted").to_numpy(dtype=bool)) & (at != NEVER) & (at <= now) & ~blank(events["text_hash"])]
    if lifts.empty:
        return events[keep]
    liftable = events[events["type"].isin(LIFTABLE).to_numpy(dtype=bool)][["record_id", "purpose", "channel", "point_ref"]]
    liftable = liftable.assign(row=liftable.index, said=said.loc[liftable.index].to_numpy())
    lifts = lifts[["record_id", "purpose", "channel", "point_ref"]].assign(lifted=seconds(lifts["effective_at"]))
    both = liftable.merge(lifts, on="record_id", suffixes=("", "_lift"))
    point = both["point_ref_lift"].isna() | both["point_ref_lift"].eq(both["point_ref"]).fillna(False)
    same = both["purpose_lift"].isin([ALL]) | both["purpose_lift"].eq(both["purpose"])
    same &= both["channel_lift"].isin([ALL]) | both["channel_lift"].eq(both["channel"])
    gone = both.loc[(same & point).to_numpy(dtype=bool) & (both["lifted"] > both["said"]).to_numpy(dtype=bool), "row"]
    return events[keep & ~events.index.isin(gone)]
