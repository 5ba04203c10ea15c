"""The versions of raw records: what is known, what a batch adds, what is gone, and how all of it is undone."""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.pseudonym import SEPARATOR, pseudonyms

raw = tables.raw_record


def record_ids(key: bytes, source: str, name: str, source_keys: Sequence[str]) -> npt.NDArray[np.int64]:
    """The pseudonyms of source records, whatever their version; shape (n,), int64."""
    start = SEPARATOR.join((source, name, ""))
    return pseudonyms(key, "record", [start + source_key for source_key in source_keys])


def content_hashes(key: bytes, payloads: Sequence[str]) -> list[str]:
    """Keyed hash of what each row says; a plain one would let anybody test a guess about a person."""
    start = hashlib.blake2b(digest_size=16, key=key, person=b"content")

    def one(payload: str) -> str:
        state = start.copy()
        state.update(payload.encode())
        return state.hexdigest()

    return [one(payload) for payload in payloads]


def known_versions(run: Run, name: str) -> pd.DataFrame:
    """The newest version of every record of an object, current or gone, by ``record_id``."""
    newest = (raw.c.source == run.part) & (raw.c.object == name) & (raw.c.is_current | raw.c.gone_batch_no.is_not(None))
    known = run.db.read(raw, "record_id", "version", "content_hash", "raw_id", "is_current", where=newest)
    known["raw_id"] = known["raw_id"].astype("Int64")  # stays whole where a new record has none: a float would round it
    return known.sort_values("version").drop_duplicates("record_id", keep="last").set_index("record_id")


def add_versions(run: Run, name: str, rows: pd.DataFrame) -> None:
    """Write new and changed rows as current versions; the versions they follow stop being current."""
    run.db.update_for(raw, "raw_id", rows["old_raw_id"].dropna(), is_current=False)
    identity = rows["record_id"].astype(str) + SEPARATOR + rows["version"].astype(str) + SEPARATOR + rows["content_hash"].astype(str)
    copied = ["record_id", "version", "file_no", "row_no", "source_key", "content_hash", "payload"]
    fresh = rows[copied].assign(raw_id=pseudonyms(run.settings.key, "raw", identity), source=run.part, object=name, batch_no=run.batch.number, is_current=True)
    run.db.append(raw, fresh.sort_values("raw_id"))


def mark_gone(run: Run, known: pd.DataFrame, seen: npt.NDArray[np.int64]) -> int:
    """Current records that a complete full delivery does not hold are gone from this batch on; returns how many."""
    missing = known.loc[known["is_current"] & ~known.index.isin(seen), "raw_id"]
    run.db.update_for(raw, "raw_id", missing, is_current=False, gone_batch_no=run.batch.number)
    return len(missing)


def undo_batch(run: Run) -> None:
    """Put the raw records of this source back to where this batch found them, so that doing it again gives the same."""
    db, number = run.db, run.batch.number
    mine = raw.c.source == run.part
    brought = db.read(raw, "record_id", where=mine & (raw.c.batch_no == number))
    db.delete(raw, mine & (raw.c.batch_no == number))
    db.update(raw, mine & (raw.c.gone_batch_no == number), gone_batch_no=None, is_current=True)
    older = db.read_for(raw, "record_id", brought["record_id"], "raw_id", "record_id", "version", "gone_batch_no")
    newest = older.sort_values("version").drop_duplicates("record_id", keep="last")
    db.update_for(raw, "raw_id", newest.loc[newest["gone_batch_no"].isna(), "raw_id"], is_current=True)
