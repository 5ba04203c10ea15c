"""What people prefer, out of source rows: channel, hours and language of contact, each with the moment it was said."""

import re
from collections.abc import Callable

import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import CHANNELS
from contacts.values import language
from contacts.warehouse import TEXT, Transaction
from pipelines.sources.fields import NOTES
from pipelines.sources.rows import Rows
from privacy.contact_rules.model import is_window

_BETWEEN = re.compile(r"[,;|/]")


def preferences_of(rows: Rows, key: bytes) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each row says today, and a note (``NOTES``) for each row that says something nobody can read.

    Preferences: ``preference_id``, ``record_id``, ``kind`` (channel, hours or language), ``value``, ``said_at``, ``source``, ``recorded_by``.
    """
    spec = rows.spec.preferences
    if spec is None:
        return pd.DataFrame(columns=["record_id"]), pd.DataFrame(columns=NOTES)
    told = {
        "channel": _read(rows.text(spec.channel), {**{name: name for name in CHANNELS}, **spec.channels}),
        "hours": _hours(rows.text(spec.hours), spec.windows),
        "language": _language(rows.text(spec.language)),
    }
    said, kinds, unread = rows.instants(spec.said_at), [], pd.Series(False, index=rows.heads.index)
    for kind, column in (("channel", spec.channel), ("hours", spec.hours), ("language", spec.language)):
        given = rows.text(column).notna()
        good = told[kind].notna() & said.notna()
        unread |= given & ~good
        kinds.append(pd.DataFrame({"record_id": rows.heads["record_id"], "kind": kind, "value": told[kind], "said_at": said})[good])
    found = pd.concat(kinds, ignore_index=True)
    told_in = zip(*(found[name].astype(str) for name in ("record_id", "kind", "value", "said_at")), strict=True)
    found["preference_id"] = pseudonyms(key, "preference", [SEPARATOR.join((rows.source.name, *parts)) for parts in told_in])
    noted = rows.heads.loc[unread, ["record_id"]].assign(field="preferences", position=0, reason="PREFERENCE_NOT_READ", outcome="rejected", suggestion=None)
    return found.assign(source=rows.source.name, recorded_by=rows.source.name), noted[NOTES]


def write_preferences(run: Run, records: pd.Series, found: pd.DataFrame) -> int:
    """Put what the rows of these records say in the place of what they said before; what a person told us otherwise stays."""
    forget_preferences(run.db, records)
    return run.db.append(tables.contact_preference, found.assign(recorded_at=run.batch.as_of_text)) if len(found) else 0


def forget_preferences(db: Transaction, records: pd.Series) -> None:
    """Take back what the rows of these records said."""
    held = db.read_for(tables.contact_preference, "record_id", records, "preference_id", "source")
    db.delete_for(tables.contact_preference, "preference_id", held.loc[held["source"].notna().to_numpy(dtype=bool), "preference_id"])


def _read(texts: pd.Series, words: dict[str, str]) -> pd.Series:
    """Channels, sorted and between commas; missing where any of the words means none."""
    ours = {word.strip().casefold(): channel for word, channel in words.items()}
    return _each(texts, lambda text: _together([ours.get(part.strip().casefold(), "") for part in _BETWEEN.split(text) if part.strip()]))


def _together(channels: list[str]) -> str | None:
    return ",".join(sorted(set(channels))) if channels and all(channels) else None


def _hours(texts: pd.Series, windows: dict[str, str]) -> pd.Series:
    ours = {word.strip().casefold(): window for word, window in windows.items()}
    return _each(texts, lambda text: ours.get(text.casefold()) or (text if is_window(text) else None))


def _language(texts: pd.Series) -> pd.Series:
    return language.standardise(texts)["value"]


def _each(texts: pd.Series, read: Callable[[str], str | None]) -> pd.Series:
    return texts.map({text: read(text) for text in texts.dropna().unique()}).astype(TEXT)
