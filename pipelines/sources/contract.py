"""Hold one file against its contract: required columns, new columns, columns that changed their meaning."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.sources.reading import FileContent, FileRefused
from pipelines.sources.words import Object

_TYPES = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "date": re.compile(r"(?=.*\d{2})[\d./\-T:Z+ ]{6,35}"),
    "digits": re.compile(r"[\d.\-/ ()+]*\d[\d.\-/ ()+]*"),
    "boolean": re.compile(r"true|false|sim|s|n[ãa]o|n|yes|y|no|0|1|t|f", re.IGNORECASE),
}
_PLAUSIBLE = 0.5
_ONE_WORD = re.compile(r"(?!.*\d{4})[^\W\d][\w.]{0,39}")


@dataclass(frozen=True)
class Checked:
    """One file held against the clauses that refuse it: columns in names, cells in counts.

    ``told`` are the new columns as they may be named; ``types`` has, per typed column, cells that look different and cells that are filled.
    """

    missing: tuple[str, ...]
    new: tuple[str, ...]
    told: tuple[str, ...]
    types: dict[str, tuple[int, int]]

    @property
    def redefined(self) -> tuple[str, ...]:
        """Columns most of whose cells are not what the contract says."""
        return tuple(name for name, (different, filled) in self.types.items() if filled and filled - different < _PLAUSIBLE * filled)


def look(found: FileContent, spec: Object) -> Checked:
    """Hold a file against its contract, and drop from its rows what is not to be stored."""
    stored = spec.stored
    new = [name for name in found.columns if name not in stored and name not in spec.contract.ignored]
    judged = found.rows or spec.read.format in ("csv", "excel")  # an empty page of JSON names no column
    missing = tuple(name for name in spec.required if name not in found.columns) if judged else ()
    unwanted = [name for name in found.columns if name not in stored]
    if unwanted:
        for _, row in found.rows:
            for name in unwanted:
                row.pop(name, None)
    return Checked(missing, tuple(new), tuple(shown(new, found.columns)), {name: _types(found, name, kind) for name, kind in spec.contract.types.items()})


def refuse(seen: Checked, spec: Object) -> None:
    """Raise FileRefused for the first clause the file breaks: MISSING_COLUMN, UNDECLARED_COLUMN, WRONG_TYPE."""
    if seen.missing:
        others = f"; columns the contract does not know: {', '.join(seen.told)}" if seen.told else ""
        raise FileRefused("MISSING_COLUMN", f"required column {', '.join(seen.missing)} is missing{others}")
    if seen.new and spec.contract.on_new_column == "stop":
        raise FileRefused("UNDECLARED_COLUMN", f"the contract does not know column {', '.join(seen.told)}")
    if wrong := [f"{name} ({spec.contract.types[name]})" for name in seen.redefined]:
        raise FileRefused("WRONG_TYPE", f"most values are not what the contract says in column {', '.join(wrong)}")


def shown(new: list[str], columns: Sequence[str]) -> list[str]:
    """Names of new columns as they may be told: one word, in a header we mostly know. Of others only the place is told.

    The first line of a file without a header is somebody's row, and a heading of several words may be somebody's name.
    """
    is_header = 2 * len(new) < len(columns)
    return [name if is_header and _ONE_WORD.fullmatch(name) else f"(name not told, column {columns.index(name) + 1})" for name in new]


def _types(found: FileContent, name: str, kind: str) -> tuple[int, int]:
    values = [_as_text(row[name]) for _, row in found.rows if row.get(name) not in (None, "")]
    return sum(1 for value in values if not _TYPES[kind].fullmatch(value.strip())), len(values)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
