"""Raw records to contacts: only what a batch brought, changed or lost; every raw row stays, every contact stays.

What a record says today takes the place of what it said before, except consent: its events are only ever added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from contacts import tables
from contacts.model import Batch, Outcome, Run
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import SINGLE_FIELDS
from contacts.values.date import Layout
from contacts.warehouse import TEXT
from pipelines import mending, repairs
from pipelines.beside import Beside, second_process
from pipelines.sources.attempts import add_attempts, forget_attempts
from pipelines.sources.birth_layout import birth_forms, birth_layout, remembered
from pipelines.sources.columns import UNKNOWN, words
from pipelines.sources.consents import TEXTS, consent_events, unread_consents
from pipelines.sources.contact_words import Interaction
from pipelines.sources.fields import NOTES, contact_fields, notes
from pipelines.sources.points import clock_of_phones, contact_points
from pipelines.sources.preferences import forget_preferences, preferences_of, write_preferences
from pipelines.sources.rows import RawRows, Rows
from pipelines.sources.spec import load_sources
from pipelines.sources.staff import entered_by, teams
from pipelines.sources.versions import record_ids
from pipelines.sources.words import Source

raw = tables.raw_record
PART = 50_000
"""Rows standardised at a time: what is made of them has to fit in memory, and what they share is worth reading once."""
COUNTED = (
    "contacts", "gone", "contact_points", "fixed", "suggested", "rejected", "patched", "repaired", "texts", "interactions", "attempts", "consent_events",
    "consents_not_read", "preferences", "preferences_not_read",
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Some raw rows of one object and all it takes to standardise them, so that another process can."""

    raw: RawRows
    mending: mending.Mending | None
    layout: Layout | None
    batch: Batch
    key: bytes


@dataclass(frozen=True)
class Standard:
    """The standardised rows of one object, a frame per table; ``free_text`` also has a row for every text that is missing."""

    contact: pd.DataFrame
    contact_point: pd.DataFrame
    value_note: pd.DataFrame
    consent_event: pd.DataFrame
    contact_preference: pd.DataFrame
    interaction: pd.DataFrame
    free_text: pd.DataFrame


def standardise_batch(run: Run) -> Outcome:
    """Standardise what changed since the last finished batch. Counts what was written per table and per outcome of a value."""
    sources = load_sources(run.settings.sources)
    again = pd.concat([_forget_this_batch(run, list(sources)), mending.begin(run, sources)])
    counts = dict.fromkeys(COUNTED, 0)
    work = [(source, name) for source in sources.values() for name in source.objects]
    with second_process() as beside, run.db.filling(tables.contact, tables.contact_point, tables.value_note, tables.consent_event):
        for place, (source, name) in enumerate(work):
            run.progress(f"{source.name}.{name}", place, len(work))
            raw, layout = _to_do(run, source, name, again, beside)
            if raw.heads.empty:
                continue
            mended = mending.mend(run, raw) if raw.spec.kind == "contact" else None
            for found in beside.each(_standardised, _parts(run, raw, mended, layout)):
                for name, number in _write(run, found).items():
                    counts[name] += number
    if not run.since:
        _drop_unsaid(run, list(sources))
    run.progress("", len(work), len(work))
    return Outcome(counts, repairs.notes(run))


def _to_do(run: Run, source: Source, name: str, again: pd.Series, beside: Beside) -> tuple[RawRows, Layout | None]:
    """The rows of an object to standardise, ``again`` among them, and how the object writes birth dates when it has any."""
    rows, layout = _changed(run, source, name, again), None
    if "birth_date" in rows.spec.fields:
        for _ in range(2):  # what an older Lastro read is evidence only once it is read again
            layout, otherwise = birth_layout(run, source, name, rows.heads["record_id"], list(beside.each(_birth_forms, rows.parts(PART))))
            if otherwise.empty:
                break
            again = pd.concat([again, otherwise])
            rows = _changed(run, source, name, again)
    return rows, layout


def _birth_forms(raw: RawRows) -> pd.Series:
    return birth_forms(raw.rows(raw.spec.fields["birth_date"]))


def _changed(run: Run, source: Source, name: str, again: pd.Series) -> RawRows:
    """The newest version of every record that came, changed or went since ``run.since``, and of the records ``again``."""
    columns = ("record_id", "version", "batch_no", "raw_id", "source_key", "gone_batch_no", "is_current", "payload")
    mine = (raw.c.source == source.name) & (raw.c.object == name)
    moved = ((raw.c.batch_no > run.since) & raw.c.is_current) | (raw.c.gone_batch_no > run.since)
    found = run.db.read(raw, *columns, where=mine & moved)
    if len(again):
        others = run.db.read_for(raw, "record_id", again, *columns, "source", "object")
        others = others[(others["source"] == source.name) & (others["object"] == name)]
        found = pd.concat([found, others[list(columns)]], ignore_index=True)
    newest = found[["record_id", "version"]].sort_values(["record_id", "version"]).drop_duplicates("record_id", keep="last").index.to_numpy()
    heads = found[["record_id", "raw_id", "source_key", "version", "batch_no"]].assign(gone=~found["is_current"].astype(bool))
    return RawRows(source, name, heads, found["payload"]).chosen(newest)


def _parts(run: Run, raw: RawRows, mended: mending.Mending | None, layout: Layout | None) -> Iterator[Part]:
    for some in raw.parts(PART):
        yield Part(some, mended.among(some.heads["record_id"]) if mended else None, layout, run.batch, run.settings.key)


def _standardised(part: Part) -> Standard:
    rows = part.raw.rows()
    if part.mending is not None:
        return _contacts(part.mending.over(rows), part)
    interactions = _interactions(rows, part)
    owner = interactions["record_id"].fillna(interactions["interaction_id"])
    none = pd.DataFrame()
    return Standard(none, none, none, none, none, interactions, _texts(part, rows, interactions["interaction_id"], owner))


def _contacts(mended: mending.Mended, part: Part) -> Standard:
    rows, layout = mended.rows, part.layout
    key, spec = part.key, rows.spec
    fields, noted, points = read_values(rows, key, part.batch.as_of.date(), layout)
    gone = rows.heads["gone"] | rows.holds(spec.removed)
    contact = rows.heads[["record_id", "raw_id"]].assign(
        source=rows.source.name,
        batch_no=part.batch.number,
        state=np.where(gone, "gone", "active"),
        **(remembered(mended.said, layout) if layout else {}),
        source_created_at=rows.instants(spec.created_at),
        source_updated_at=rows.instants(spec.updated_at),
        team=teams(rows),
        entered_by=entered_by(rows, key),
        **{column: fields[column] for column in (*SINGLE_FIELDS, "name_key", "birth_precision", "kind")},
    )
    verified = pd.Series(rows.instants(spec.verified_at).array, index=rows.heads["record_id"])
    kept = points.drop(columns="suggestion").assign(verified_at=verified.reindex(points["record_id"]).array)
    preferences, preference_notes = preferences_of(rows, key)
    parts = [noted, notes(points.rename(columns={"type": "field"})), _consent_notes(rows), preference_notes, mended.notes]
    told = pd.concat([some for some in parts if len(some)] or parts[:1], ignore_index=True)  # an empty part would have a say in the dtypes
    said = consent_events(mended.said, mended.granted_points(points, key), key)
    events = said.assign(source=rows.source.name, recorded_at=part.batch.as_of_text, batch_no=part.batch.number)
    texts = _texts(part, rows, rows.heads["record_id"], rows.heads["record_id"])
    return Standard(contact, _by_record(kept), _by_record(told), events, preferences, pd.DataFrame(), texts)


def _by_record(frame: pd.DataFrame) -> pd.DataFrame:
    """Record by record, so that the pages of the database fill one after the other."""
    return frame.take(np.argsort(frame["record_id"].to_numpy(), kind="stable"))


def read_values(rows: Rows, key: bytes, as_of: date, layout: Layout | None) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What the rows of contacts say once standardised: single fields, notes and contact points; nothing is written."""
    fields, noted = contact_fields(rows, as_of, layout)
    points = contact_points(rows, key)
    at_home = fields["country"].fillna(rows.source.country) == "BR"
    unknown = at_home & fields["time_zone"].isna()
    if unknown.any():
        fields.loc[unknown, "time_zone"] = clock_of_phones(points, rows.heads["record_id"][unknown])
    return fields, noted, points


def _consent_notes(rows: Rows) -> pd.DataFrame:
    unread = rows.heads.loc[unread_consents(rows), ["record_id"]]
    return unread.assign(field="consents", position=0, reason="CONSENT_NOT_READ", outcome="rejected", suggestion=None)[NOTES]


def _write(run: Run, found: Standard) -> dict[str, int]:
    """Put what was found in the place of what its records said before; what was counted."""
    counts: dict[str, int] = {}
    if len(found.contact):
        _write_contacts(run, found)
        counts |= {"contacts": len(found.contact), "gone": int((found.contact["state"] == "gone").sum()), "contact_points": len(found.contact_point)}
        counts |= {str(outcome): int(number) for outcome, number in found.value_note["outcome"].value_counts().items()}
        for name, reason in (("consents_not_read", "CONSENT_NOT_READ"), ("preferences_not_read", "PREFERENCE_NOT_READ")):
            counts[name] = int((found.value_note["reason"] == reason).sum())
        counts["consent_events"] = _add_events(run, found.consent_event)
        counts["preferences"] = write_preferences(run, found.contact["record_id"], found.contact_preference)
    if len(found.interaction):
        counts["interactions"] = run.db.upsert(tables.interaction, found.interaction)
        counts["attempts"] = add_attempts(run, found.interaction)
    return counts | {"texts": _write_texts(run, found.free_text)}


def _write_contacts(run: Run, found: Standard) -> None:
    ids = found.contact["record_id"]
    for table, rows in ((tables.contact, found.contact), (tables.contact_point, found.contact_point), (tables.value_note, found.value_note)):
        run.db.delete_for(table, "record_id", ids)
        run.db.append(table, rows)


def _add_events(run: Run, events: pd.DataFrame) -> int:
    """Add the consent events not known yet; those of earlier batches stay as they were first heard. Returns how many are new."""
    known = run.db.read_for(tables.consent_event, "event_id", events["event_id"], "event_id")["event_id"]
    fresh = events[~events["event_id"].isin(known)]
    columns = ["event_id", "record_id", "point_ref", "source", *TEXTS, "recorded_at", "evidence_raw_id", "batch_no"]
    return run.db.append(tables.consent_event, fresh[columns])


def _interactions(rows: Rows, part: Part) -> pd.DataFrame:
    how = rows.spec.interaction
    assert how is not None  # noqa: S101  # an object of kind interaction has it, or the source file was refused
    asked = rows.text(how.requester)
    owner = record_ids(part.key, rows.source.name, how.requester_object, asked.fillna("").tolist())
    channel = rows.text(how.channel).str.casefold()
    return pd.DataFrame(
        {
            "interaction_id": rows.heads["record_id"],
            "record_id": pd.Series(owner, dtype="Int64").mask(asked.isna().to_numpy()),
            "source": rows.source.name,
            "channel": channel.map({word.casefold(): ours for word, ours in how.channels.items()}).astype(TEXT).fillna(words(channel)).fillna(UNKNOWN),
            "direction": how.direction,
            "purpose": _purposes(rows, how),
            "status": words(rows.text(how.status)),
            "opened_at": rows.instants(rows.spec.created_at),
            "updated_at": rows.instants(rows.spec.updated_at),
            "batch_no": part.batch.number,
        }
    )


def _purposes(rows: Rows, how: Interaction) -> pd.Series:
    """What each contact was for; missing where the source does not say, or says it in words its file does not explain."""
    if how.purpose_is:
        return pd.Series(how.purpose_is, index=rows.heads.index, dtype=TEXT)
    ours = {word.strip().casefold(): purpose for word, purpose in how.purposes.items()}
    return rows.text(how.purpose).str.casefold().map(ours).astype(TEXT)


def _texts(part: Part, rows: Rows, said_in: pd.Series, owner: pd.Series) -> pd.DataFrame:
    """The free texts of these rows, also those that are missing now. ``said_in`` makes the id: a ticket's texts are the ticket's."""
    found = []
    for column in rows.spec.texts:
        field = f"{rows.source.name}.{column.rsplit('.', 1)[-1]}"
        identity = said_in.astype(str) + SEPARATOR + field + SEPARATOR + "0"
        frame = pd.DataFrame({"text_id": pseudonyms(part.key, "text", identity), "record_id": owner.array, "text": rows.text(column).array})
        frame["interaction_id"] = said_in.array if rows.spec.kind == "interaction" else None
        found.append(frame.astype({"record_id": "int64"}).assign(source=rows.source.name, field=field, redacted=None, batch_no=part.batch.number))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _write_texts(run: Run, found: pd.DataFrame) -> int:
    """Put free texts in the place of the ones their rows had."""
    if found.empty:
        return 0
    run.db.delete_for(tables.free_text, "text_id", found["text_id"])
    return run.db.append(tables.free_text, found.dropna(subset=["text"]))


def _forget_this_batch(run: Run, sources: list[str]) -> pd.Series:
    """Take back what an earlier attempt at this batch wrote and return the records it has to look at again.

    Those are records whose newest raw version is another one now, or was none of this batch (something else made it look at them),
    and all interactions; what has no raw record any more goes.
    """
    db, number = run.db, run.batch.number
    events, contact, interaction = tables.consent_event, tables.contact, tables.interaction
    db.delete(events, (events.c.batch_no == number) & events.c.evidence_raw_id.is_not(None) & events.c.source.in_(sources))
    forget_attempts(run, sources)
    db.delete(tables.free_text, (tables.free_text.c.batch_no == number) & tables.free_text.c.source.in_(sources))
    written = db.read(contact, "record_id", "raw_id", "state", where=(contact.c.batch_no == number) & contact.c.source.in_(sources))
    asked = db.read(interaction, "interaction_id", where=(interaction.c.batch_no == number) & interaction.c.source.in_(sources))["interaction_id"]
    versions = db.read_for(raw, "record_id", pd.concat([written["record_id"], asked]), "record_id", "raw_id", "version", "batch_no")
    last = versions.sort_values("version").drop_duplicates("record_id", keep="last").set_index("record_id")
    newest = last["raw_id"].astype("Int64")
    orphans = written.loc[~written["record_id"].isin(newest.index), "record_id"]
    for table in (contact, tables.contact_point, tables.value_note):
        db.delete_for(table, "record_id", orphans)
    forget_preferences(db, orphans)
    db.delete_for(interaction, "interaction_id", asked[~asked.isin(newest.index)])
    stale = (written["raw_id"].to_numpy() != newest.reindex(written["record_id"]).fillna(0).to_numpy(dtype="int64")) | (written["state"] == "gone")
    stale |= written["record_id"].isin(last.index[last["batch_no"] <= run.since])
    return pd.concat([written.loc[stale, "record_id"], asked])


def _drop_unsaid(run: Run, sources: list[str]) -> None:
    """After all was standardised anew: what was not is said by no object or column any more, because its source file was changed."""
    db, number, contact = run.db, run.batch.number, tables.contact
    unsaid = db.read(contact, "record_id", where=(contact.c.batch_no < number) & contact.c.source.in_(sources))["record_id"]
    for table in (contact, tables.contact_point, tables.value_note):
        db.delete_for(table, "record_id", unsaid)
    forget_preferences(db, unsaid)
    for table in (tables.interaction, tables.free_text):
        db.delete(table, (table.c.batch_no < number) & table.c.source.in_(sources))
