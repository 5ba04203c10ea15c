"""Mend raw rows on their way to contacts, and say where: damage from what an earlier delivery said, anything by a person's patch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.schema import POINT_TYPES
from contacts.values.reasons import reason_text
from contacts.warehouse import Transaction
from expectations.repair import PATCH_REASONS
from pipelines import patches, repairs
from pipelines.sources.overlay import CELLS, READ_WITH, overlaid, taken, told, unsuppressed
from pipelines.sources.points import contact_points
from pipelines.sources.rows import RawRows, Rows
from pipelines.sources.words import Source


@dataclass(frozen=True)
class Mended:
    """``rows`` as they are read, ``said`` as they came, and the value ``notes`` that tell the difference."""

    rows: Rows
    said: Rows
    notes: pd.DataFrame
    moved: frozenset[int] = frozenset()
    """Records whose contact points are not the ones that came."""

    def granted_points(self, points: pd.DataFrame, key: bytes) -> pd.DataFrame:
        """The contact points consent was given for: those that came. A mended address is another one, and no grant moves to it."""
        if not self.moved:
            return points
        came = contact_points(taken(self.said, self.said.heads["record_id"].isin(self.moved).to_numpy()), key)
        return pd.concat([points[~points["record_id"].isin(self.moved)], came], ignore_index=True)


@dataclass(frozen=True)
class Mending:
    """What is laid over the rows of one object: ``cells`` (``CELLS``), and the value ``notes`` that tell so."""

    cells: pd.DataFrame
    notes: pd.DataFrame

    def among(self, record_ids: pd.Series) -> "Mending":
        """What is laid over these records."""
        return Mending(*(part[part["record_id"].isin(record_ids)] for part in (self.cells, self.notes)))

    def over(self, rows: Rows) -> Mended:
        """``rows`` with it laid over them."""
        moved = self.cells.loc[self.cells["field"].isin(POINT_TYPES), "record_id"]
        return Mended(overlaid(rows, self.cells), rows, self.notes, frozenset(moved))


def begin(run: Run, sources: Mapping[str, Source]) -> pd.Series:
    """Take back what an earlier attempt at this batch mended; returns the records to look at though their rows did not change."""
    patches.forget(run)
    repairs.forget(run)
    return pd.concat([patches.waiting(run), repairs.end_of_darkness(run, sources)])


def mend(run: Run, raw: RawRows) -> Mending:
    """What mends rows of one contact object: damage undone where an earlier delivery proves it, and a person's patch over everything."""
    rows = _perhaps_mended(run, raw).rows()
    repaired, patched = repairs.repaired_cells(run, rows), patches.patched_cells(run, rows)
    covered = pd.MultiIndex.from_frame(repaired[["record_id", "column"]]).isin(pd.MultiIndex.from_frame(patched[["record_id", "column"]]))
    cells = unsuppressed(run, rows, pd.concat([repaired.loc[~covered, CELLS], patched], ignore_index=True))
    kept = repaired[~covered & repaired["record_id"].isin(cells["record_id"]).to_numpy()]
    repairs.remember(run, rows, kept)
    patched = patched[patched["record_id"].isin(cells["record_id"])]
    return Mending(cells, pd.concat([told(kept, repairs.REPAIRED, "repaired"), told(patched, patches.PATCHED, "patched")], ignore_index=True))


def _perhaps_mended(run: Run, raw: RawRows) -> RawRows:
    """Rows with an earlier version, which may prove damage, and rows somebody patched or an earlier batch repaired."""
    held = [run.db.read(table, "record_id")["record_id"] for table in (tables.patch, tables.repair)]
    perhaps = raw.heads["version"].gt(1) | raw.heads["record_id"].isin(pd.concat(held))
    return raw.chosen(np.flatnonzero(perhaps))


def as_laid(db: Transaction, rows: Rows, in_batch: int | None = None) -> Rows:
    """``rows`` with the repairs and patches in force on them, today or in an earlier batch; nothing begins, ends or is checked anew."""
    patched = patches.cells_of(rows, patches.in_force(db, rows.heads["record_id"], in_batch))
    cells = pd.concat([repairs.in_force(db, rows, in_batch), patched], ignore_index=True)
    return overlaid(rows, cells)


def provenance(db: Transaction, record_ids: pd.Series, language: str) -> dict[tuple[int, str], str]:
    """In words, by record and field that carries the note: whose patch a value is, or which delivery it is from."""
    pt = language == "pt"
    found: dict[tuple[int, str], str] = {}
    held = db.read_for(tables.repair, "record_id", record_ids)
    held = held[held["until_batch"].isna()]
    came = db.read_for(tables.raw_record, "raw_id", held["from_raw_id"], "raw_id", "batch_no").set_index("raw_id")["batch_no"]
    batches = db.read(tables.batch, "number", "batch_id").set_index("number")["batch_id"]
    for row in held.to_dict("records"):
        batch = batches.get(came.get(row["from_raw_id"]), "–")
        where = f"da entrega do lote {batch}" if pt else f"from the delivery of batch {batch}"
        found[int(row["record_id"]), READ_WITH.get(row["field"], row["field"])] = f"{where} ({reason_text(row['reason'], language)})"
    for row in patches.in_force(db, record_ids).to_dict("records"):
        why = PATCH_REASONS[row["because"]][not pt] if row["because"] in PATCH_REASONS else row["because"]
        found[int(row["record_id"]), READ_WITH.get(row["field"], row["field"])] = f"{'remendado por' if pt else 'patched by'} {row['patched_by']}: {why}"
    notes = db.read_for(tables.value_note, "record_id", record_ids, "record_id", "field", "outcome")
    applied = notes[notes["outcome"].isin(["patched", "repaired"])]
    said = set(zip(applied["record_id"], applied["field"], strict=True))
    return {key: words for key, words in found.items() if key in said}
