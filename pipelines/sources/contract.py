"""Hold one file against its contract: required columns, new columns, columns that changed their meaning."""

import re
from collections.abc import Sequence
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


def check(found: FileContent, spec: Object) -> list[str]:
    """Drop columns the contract does not know and return their names, in order.

    Raises FileRefused: MISSING_COLUMN, UNDECLARED_COLUMN (``on_new_column: stop``), WRONG_TYPE.
    """
    stored = spec.stored
    new = [name for name in found.columns if name not in stored and name not in spec.contract.ignored]
    told = shown(new, found.columns)
    missing = [name for name in spec.required if name not in found.columns]
    if missing and (found.rows or spec.read.format in ("csv", "excel")):
        others = f"; columns the contract does not know: {', '.join(told)}" if told else ""
        raise FileRefused("MISSING_COLUMN", f"required column {', '.join(missing)} is missing{others}")
    if new and spec.contract.on_new_column == "stop":
        raise FileRefused("UNDECLARED_COLUMN", f"the contract does not know column {', '.join(told)}")
    unwanted = [name for name in found.columns if name not in stored]
    if unwanted:
        for _, row in found.rows:
            for name in unwanted:
                row.pop(name, None)
    _check_types(found, spec)
    return told


def shown(new: list[str], columns: Sequence[str]) -> list[str]:
    """Names of new columns as they may be told: one word, in a header we mostly know. Of others only the place is told.

    The first line of a file without a header is somebody's row, and a heading of several words may be somebody's name.
    """
    is_header = 2 * len(new) < len(columns)
    return [name if is_header and _ONE_WORD.fullmatch(name) else f"(name not told, column {columns.index(name) + 1})" for name in new]


def _check_types(found: FileContent, spec: Object) -> None:
    wrong = []
    for name, kind in spec.contract.types.items():
        values = [_as_text(row[name]) for _, row in found.rows if row.get(name) not in (None, "")]
        fitting = sum(1 for value in values if _TYPES[kind].fullmatch(value.strip()))
        if values and fitting < _PLAUSIBLE * len(values):
            wrong.append(f"{name} ({kind})")
    if wrong:
        raise FileRefused("WRONG_TYPE", f"most values are not what the contract says in column {', '.join(wrong)}")


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
