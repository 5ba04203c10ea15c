"""Cells a delivery damaged, taken from an earlier version of the same row; what is damage and what is not, ``expectations.damage`` says.

Nobody is mended against their will: a single cell that was emptied stays empty, a row that is gone or marked as removed is left
alone, and so is one whose contact data may not be kept (``guardian_only``) and, when a whole column goes dark, whoever says a new
no in the same delivery. Values of suppressed people do not come back (``overlay.unsuppressed``). A dark column is over when it is
delivered again, and at the latest after ``DARK_DAYS``: what is empty then was meant to be.
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import tables
from contacts.model import Run, instant
from contacts.warehouse import Transaction
from expectations.damage import DARK_DAYS, DARK_LEAST, DARK_SHARE, WENT_DARK, damage, looks_damaged, went_dark
from pipelines.sources.columns import column, decoded
from pipelines.sources.consents import consent_events
from pipelines.sources.overlay import CELLS, mendable, object_name, taken
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows
from pipelines.sources.words import Source

raw, repair = tables.raw_record, tables.repair
REPAIRED = "FROM_EARLIER_DELIVERY"
REPAIRS = [*CELLS, "reason", "from_raw_id"]
SAMPLE = 2_000
"""Rows looked at before all earlier versions are read. Record ids are pseudonyms, so the first ones are a fair draw."""
Mask = npt.NDArray[np.bool_]


def forget(run: Run) -> None:
    """Take back what an earlier attempt at this batch repaired and ended."""
    run.db.delete(repair, repair.c.since_batch == run.batch.number)
    run.db.update(repair, repair.c.until_batch == run.batch.number, until_batch=None)


def end_of_darkness(run: Run, sources: Mapping[str, Source]) -> pd.Series:
    """End the repairs of columns that are dark no longer, or for too long, or not read any more; returns their records."""
    alive = repair.c.until_batch.is_(None) & (repair.c.reason == WENT_DARK)
    held = run.db.read(repair, "record_id", "source", "object", "source_column", "since_batch", where=alive)
    as_of = run.db.read(tables.batch, "number", "as_of").set_index("number")["as_of"]
    oldest = instant(run.batch.as_of - timedelta(days=DARK_DAYS))
    ended = []
    for place, part in held.groupby(["source", "object", "source_column"]):
        source, name, dark = map(str, place)
        spec = sources[source].objects.get(name) if source in sources else None
        read = spec is not None and any(dark in columns for columns in mendable(spec).values())
        late = as_of[part["since_batch"].min()] < oldest
        if not read or late or _is_back(run, source, name, dark, part["record_id"]):
            mine = alive & (repair.c.source == source) & (repair.c.object == name) & (repair.c.source_column == dark)
            run.db.update(repair, mine, until_batch=run.batch.number)
            ended.append(part["record_id"])
    return pd.concat(ended).drop_duplicates() if ended else pd.Series(dtype="int64")


def _is_back(run: Run, source: str, name: str, dark: str, records: pd.Series) -> bool:
    """Whether this batch's rows fill the column again for more of ``records`` than a dark one would."""
    fresh = (raw.c.source == source) & (raw.c.object == name) & (raw.c.batch_no == run.batch.number) & raw.c.is_current
    found = run.db.read(raw, "record_id", "payload", where=fresh)
    found = found[found["record_id"].isin(records)]
    return bool(column(decoded(found["payload"]), dark).notna().sum() > (1 - DARK_SHARE) * len(records))


def repaired_cells(run: Run, rows: Rows) -> pd.DataFrame:
    """The cells (``REPAIRS``) of ``rows`` that are damaged and that an earlier version of the row proves."""
    heads = rows.heads
    guarded = rows.holds(rows.spec.guardian_only.when if rows.spec.guardian_only else None)
    later = taken(rows, (heads["version"].gt(1) & ~heads["gone"] & ~rows.holds(rows.spec.removed) & ~guarded).to_numpy(dtype=bool))
    if later.heads.empty:
        return pd.DataFrame(columns=REPAIRS)
    field_of = {name: field for field, columns in reversed(mendable(rows.spec).items()) for name in columns}
    now = {name: later.text(name) for name in field_of}
    parts = [_damaged(run, later, field_of, now), _dark(run, later, field_of, now), _still_dark(run, later, field_of, now)]
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return found.drop_duplicates(["record_id", "column"], ignore_index=True)


def remember(run: Run, rows: Rows, cells: pd.DataFrame) -> None:
    """Bring the lineage in line with the ``cells`` (``REPAIRS``) that were laid over ``rows``: what goes on stays, the rest ends or begins."""
    held = run.db.read_for(repair, "record_id", rows.heads["record_id"]) if run.db.count(repair) else pd.DataFrame(columns=["until_batch"])
    held = held[held["until_batch"].isna()]
    if held.empty and cells.empty:
        return
    identity = ["record_id", "source_column", "reason", "from_raw_id"]
    cells = cells.rename(columns={"column": "source_column"})
    was, becomes = (pd.MultiIndex.from_frame(frame.reindex(columns=identity).astype(object)) for frame in (held, cells))
    over = held[~was.isin(becomes)]
    run.db.upsert(repair, over.assign(until_batch=run.batch.number))
    new = cells[~becomes.isin(was)][[*identity, "field"]]
    run.db.append(repair, new.assign(source=rows.source.name, object=object_name(rows), since_batch=run.batch.number, until_batch=None))


def notes(run: Run) -> tuple[str, ...]:
    """What this batch began to take from earlier deliveries: a column that went dark is told here, as its values are not missing."""
    found = run.db.counts(repair, "source", "object", "source_column", "reason", where=repair.c.since_batch == run.batch.number)
    return tuple(f"{row.source}.{row.object}: {row.n} cells of {row.source_column} kept from an earlier delivery: {row.reason}" for row in found.itertuples())


def _damaged(run: Run, later: Rows, field_of: Mapping[str, str], now: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Cells that look damaged and read like a damaged form of what the row said when it last looked sound."""
    marked = {name: looks_damaged(cells, field_of[name]) for name, cells in now.items()}
    wanted = np.logical_or.reduce(list(marked.values()))
    found: list[tuple[int, str, str, str, str, int]] = []
    if wanted.any():
        history = _earlier(run, later, wanted)
        for name, mask in marked.items():
            before = column(history["row"].tolist(), name, history.index)
            sound = history.assign(cell=before)[~looks_damaged(before, field_of[name])]
            last = sound.drop_duplicates("record_id").dropna(subset=["cell"])  # an empty cell is sound, and proves nothing
            said = {record: (cell, raw_id) for record, cell, raw_id in last[["record_id", "cell", "raw_id"]].itertuples(index=False)}
            for record, cell in zip(later.heads["record_id"][mask], now[name][mask], strict=True):
                before_it, raw_id = said.get(record, ("", 0))
                if before_it and (how := damage(cell, before_it)):
                    found.append((int(record), field_of[name], name, before_it, how, int(raw_id)))
    return pd.DataFrame(found, columns=REPAIRS)


def _dark(run: Run, later: Rows, field_of: Mapping[str, str], now: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Cells of columns that this batch's delivery emptied for nearly everybody who had a value."""
    fresh = later.heads["batch_no"].eq(run.batch.number).to_numpy(dtype=bool)
    suspects = [name for name, cells in now.items() if (cells.isna().to_numpy() & fresh).sum() >= DARK_LEAST]
    if not suspects:
        return pd.DataFrame(columns=REPAIRS)
    drawn = fresh & (np.cumsum(fresh) <= SAMPLE)
    suspects = [name for name, (lost, kept) in _losses(_last(run, later, drawn), now, suspects).items() if lost and lost >= 0.9 * (lost + kept)]
    if not suspects:
        return pd.DataFrame(columns=REPAIRS)
    last = _last(run, later, fresh)
    found = []
    for name, (lost, kept) in _losses(last, now, suspects).items():
        if went_dark(lost, kept + _kept_unchanged(run, later, name)):
            said = column(last["row"].tolist(), name, last.index)
            gone = said.notna() & now[name].loc[last["place"]].isna().to_numpy()
            cells = pd.DataFrame({"record_id": last["record_id"], "value": said, "from_raw_id": last["raw_id"]})[gone]
            found.append(cells.assign(field=field_of[name], column=name, reason=WENT_DARK))
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=REPAIRS)
    return whole[~whole["record_id"].isin(_saying_no(run, later, whole["record_id"]))][REPAIRS]


def _still_dark(run: Run, later: Rows, field_of: Mapping[str, str], now: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Cells kept from an earlier delivery whose column is still dark."""
    held = in_force(run.db, later)
    held = held[(held["reason"] == WENT_DARK) & held["column"].isin(list(field_of))]
    empty = [pd.DataFrame({"record_id": later.heads["record_id"][cells.isna()], "column": name}) for name, cells in now.items()]
    return held.merge(pd.concat(empty, ignore_index=True), on=["record_id", "column"])[REPAIRS]


def in_force(db: Transaction, rows: Rows, in_batch: int | None = None) -> pd.DataFrame:
    """The cells (``REPAIRS``) kept from earlier versions of ``rows`` as the last batch left them, or batch ``in_batch``."""
    alive = repair.c.until_batch.is_(None)
    if not db.count(repair, alive if in_batch is None else None):
        return pd.DataFrame(columns=REPAIRS)
    held = db.read_for(repair, "record_id", rows.heads["record_id"]).rename(columns={"source_column": "column"})
    if in_batch is not None:
        held = held[held["since_batch"] <= in_batch].assign(until_batch=held["until_batch"].where(held["until_batch"] <= in_batch))
    held = held[held["until_batch"].isna()]
    before = db.read_for(raw, "raw_id", held["from_raw_id"], "raw_id", "payload").set_index("raw_id")["payload"]
    held = held[held["from_raw_id"].isin(before.index)]  # a version that was erased proves nothing any more
    said = [column([row], name).iloc[0] for row, name in zip(decoded(before.loc[held["from_raw_id"]]), held["column"], strict=True)]
    return held.assign(value=said)[REPAIRS]


def _losses(last: pd.DataFrame, now: Mapping[str, pd.Series], names: list[str]) -> dict[str, tuple[int, int]]:
    """Per column how many of the rows of ``last`` had a value and lost it, and how many had one and still have one."""
    found = {}
    for name in names:
        had = column(last["row"].tolist(), name, last.index).notna().to_numpy()
        empty = now[name].loc[last["place"]].isna().to_numpy()
        found[name] = (int((had & empty).sum()), int((had & ~empty).sum()))
    return found


def _kept_unchanged(run: Run, later: Rows, name: str) -> int:
    """How many rows this batch delivered without a change hold a value in the column; of many rows estimated from a draw."""
    source, spec_name = later.source.name, object_name(later)
    if later.spec.read.delivery == "changes":  # nobody knows which rows came again: all of them are taken as filled
        mine = (tables.delivery.c.batch_no == run.batch.number) & (tables.delivery.c.source == source) & (tables.delivery.c.object == spec_name)
        return int(run.db.read(tables.delivery, "unchanged", where=mine)["unchanged"].sum())
    mine = (raw.c.source == source) & (raw.c.object == spec_name) & raw.c.is_current & (raw.c.batch_no != run.batch.number)
    number = run.db.count(raw, mine)
    limit = 2**63 - 1 if number <= SAMPLE else int((2**63 - 1) * SAMPLE / number)
    drawn = run.db.read(raw, "payload", where=mine & (raw.c.record_id <= limit))["payload"]
    filled = int(column(decoded(drawn), name).notna().sum())
    return round(filled * number / len(drawn)) if len(drawn) else 0


def _saying_no(run: Run, later: Rows, records: pd.Series) -> set[int]:
    """Which of ``records`` say a no in this delivery that was not heard before."""
    mine = taken(later, later.heads["record_id"].isin(records).to_numpy())
    if mine.heads.empty:
        return set()
    events = consent_events(mine, contact_points(mine, run.settings.key), run.settings.key)
    noes = events[events["type"] != "granted"]
    heard = run.db.read_for(tables.consent_event, "event_id", noes["event_id"], "event_id")["event_id"]
    return set(noes.loc[~noes["event_id"].isin(heard), "record_id"])


def _earlier(run: Run, later: Rows, chosen: Mask) -> pd.DataFrame:
    """Every earlier version of the chosen rows, newest first: record_id, raw_id, place (in ``later``) and row, index 0..m-1."""
    heads = later.heads[chosen]
    found = run.db.read_for(raw, "record_id", heads["record_id"], "record_id", "version", "raw_id", "payload")
    mine = heads.assign(place=heads.index).set_index("record_id")[["version", "place"]]
    found = found.join(mine.rename(columns={"version": "newest"}), on="record_id")
    found = found[found["version"] < found["newest"]].sort_values(["record_id", "version"], ascending=[True, False], ignore_index=True)
    return found[["record_id", "raw_id", "place"]].assign(row=pd.Series(decoded(found["payload"]), index=found.index, dtype=object))


def _last(run: Run, later: Rows, chosen: Mask) -> pd.DataFrame:
    """The version just before the newest of each chosen row."""
    return _earlier(run, later, chosen).drop_duplicates("record_id", ignore_index=True)
