"""Read one delivery: every file an object's spec names, one after the other; a bad file is refused, the others go on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pandas as pd

from contacts.pseudonym import SEPARATOR
from contacts.warehouse import TEXT
from pipelines.sources.columns import column, holds
from pipelines.sources.contract import Checked, look, refuse
from pipelines.sources.documents import read_json, read_jsonl
from pipelines.sources.reading import MAX_CELL, FileContent, FileRefused
from pipelines.sources.tabular import read_csv, read_excel
from pipelines.sources.words import Object

READERS: dict[str, tuple[Callable[[bytes, Object], FileContent], tuple[str, ...]]] = {
    "csv": (read_csv, (".csv", ".tsv", ".txt")),
    "excel": (read_excel, (".xlsx", ".xls", ".xlsb", ".ods")),
    "json": (read_json, (".json",)),
    "jsonl": (read_jsonl, (".jsonl", ".ndjson")),
}
UNREADABLE = ("NOT_JSON", "NOT_AN_OBJECT", "COLUMN_COUNT", "NO_KEY")
"""Reasons of rows nobody can say the key of."""
_DRIFT = 0.05
_FORMULA = re.compile(r"\s*(=|[@+\-][A-Za-z]+[(|!])")


@dataclass
class Delivery:
    """All rows of one object's delivery as parallel columns, and what happened to its files."""

    files: int = 0
    refused_files: list[tuple[int, FileRefused]] = field(default_factory=list)
    file_no: list[int] = field(default_factory=list)
    row_no: list[int] = field(default_factory=list)
    source_key: list[str] = field(default_factory=list)
    payload: list[str] = field(default_factory=list)
    updated: list[str | None] = field(default_factory=list)
    refused_rows: list[tuple[int, int, str, str]] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: int = 0
    largest: int = 0
    checked: list[Checked] = field(default_factory=list)
    judged: dict[str, list[pd.Series]] = field(default_factory=dict)

    def cells(self, name: str) -> pd.Series:
        """A column the contract counts (``Object.judged``), over all rows of the files that were read; missing and blank are NaN."""
        parts = self.judged.get(name)
        return pd.concat(parts, ignore_index=True) if parts else pd.Series([], dtype=TEXT)

    @property
    def complete(self) -> bool:
        """Whether what is not in it can be taken for gone: every file and row was read, and no page is missing."""
        whole = not self.refused_files and not any(reason in UNREADABLE for _, _, reason, _ in self.refused_rows)
        return bool(whole and self.source_key and not self.lacks_a_page)

    @property
    def lacks_a_page(self) -> bool:
        """Whether the source told of so many more rows (``read.total``) that a page must be missing; a few are deleted while pages are fetched."""
        short = self.told - self.rows_read
        return short > 0 and (short >= self.largest or short > _DRIFT * self.told)

    @property
    def rows_read(self) -> int:
        return len(self.source_key) + len(self.refused_rows)


def read_delivery(spec: Object, inbox: Path) -> Delivery:
    """Read every file of ``spec`` below ``inbox``; no file is an empty delivery, not an error."""
    delivery = Delivery()
    reader, _ = READERS[spec.read.format]
    for number, file in enumerate(find_files(spec, inbox), start=1):
        delivery.files = number
        try:
            found = reader(_content(file), spec)
            seen = look(found, spec)
            delivery.checked.append(seen)
            refuse(seen, spec)
            _empty_guardian_only(found, spec)
            kept = _rows(found, spec)
        except FileRefused as refusal:
            delivery.refused_files.append((number, refusal))
            continue
        _add(delivery, number, found, kept)
        _keep_judged(delivery, found, spec)
        delivery.dropped += [name for name in seen.told if name not in delivery.dropped]
    return delivery


def find_files(spec: Object, inbox: Path) -> list[Path]:
    """The files ``read.files`` means (a path, a folder, or a pattern), in order of their names; lock files of office programs are none."""
    place = inbox / spec.read.files
    endings = READERS[spec.read.format][1]
    found = [file for file in place.iterdir() if file.suffix.lower() in endings] if place.is_dir() else list(inbox.glob(spec.read.files))
    return sorted(file for file in found if file.is_file() and not file.name.startswith((".", "~$")))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileRefused("UNREADABLE_FILE", f"the file cannot be opened ({type(error).__name__})") from None


def _empty_guardian_only(found: FileContent, spec: Object) -> None:
    """Empty what was given only to reach a child's parent or guardian, before anything is stored (LGPD art. 14 §3)."""
    if spec.guardian_only is None:
        return
    rows = [row for _, row in found.rows]
    flagged = holds(column(rows, spec.guardian_only.when.column), spec.guardian_only.when).to_numpy(dtype=bool)
    for place in flagged.nonzero()[0]:
        rows[place] |= dict.fromkeys(name for name in spec.not_kept if name in rows[place])
    if flagged.any():
        found.notes.append(f"contact data of {flagged.sum()} rows were given only to reach a child's guardian and were not kept")


@dataclass
class _Kept:
    """The rows of one file in the form the raw record keeps."""

    row_no: list[int] = field(default_factory=list)
    source_key: list[str] = field(default_factory=list)
    payload: list[str] = field(default_factory=list)
    updated: list[str | None] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    formulas: int = 0


def _rows(found: FileContent, spec: Object) -> _Kept:
    kept = _Kept(refused=list(found.refused))
    tabular = spec.read.format in ("csv", "excel")
    for number, row in found.rows:
        payload = orjson.dumps(row, option=orjson.OPT_SORT_KEYS).decode()
        if len(payload) > MAX_CELL:
            raise FileRefused("CELL_TOO_LARGE", f"row {number} has more than {MAX_CELL:,} characters")
        if tabular:
            kept.formulas += sum(1 for value in row.values() if value and value[0] in "=@+-\t\r\n " and _FORMULA.match(value))
        key = SEPARATOR.join(_key(row.get(name)) for name in spec.key)
        if not key.strip(SEPARATOR):
            kept.refused.append((number, "NO_KEY", payload))
            continue
        kept.row_no.append(number)
        kept.source_key.append(key)
        kept.payload.append(payload)
        kept.updated.append(_key(row.get(spec.updated_at)) if spec.updated_at else None)
    return kept


def _key(value: object) -> str:
    return value.strip().replace("\0", "") if isinstance(value, str) else "" if value is None else str(value)


def _add(delivery: Delivery, number: int, found: FileContent, kept: _Kept) -> None:
    delivery.file_no += [number] * len(kept.row_no)
    delivery.row_no += kept.row_no
    delivery.source_key += kept.source_key
    delivery.payload += kept.payload
    delivery.updated += kept.updated
    delivery.refused_rows += [(number, row, reason, text.replace("\0", "")[:MAX_CELL]) for row, reason, text in kept.refused]
    delivery.notes += [f"file {number}: {note}" for note in found.notes]
    if kept.formulas:
        delivery.notes.append(f"file {number}: {kept.formulas} cells begin like a formula and were kept as text")
    delivery.told = max(delivery.told, found.total or 0)
    delivery.largest = max(delivery.largest, len(found.rows) + len(found.refused))


def _keep_judged(delivery: Delivery, found: FileContent, spec: Object) -> None:
    rows = [row for _, row in found.rows] if spec.judged else []
    for name in spec.judged:
        delivery.judged.setdefault(name, []).append(column(rows, name))
