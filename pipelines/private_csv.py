"""CSV files for people to fill in: readable by their owner only, never over one that is there, harmless to open in a spreadsheet, read back whole.

No value is ever repeated in a message: a mistake is told by its line and column, and by the nearest word that is allowed.
"""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from contacts.configuration import perhaps
from contacts.errors import ConfigurationError
from contacts.settings import private_folder
from pipelines.sources.reading import FileRefused
from pipelines.sources.tabular import read_csv, read_excel
from pipelines.sources.words import Object

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""

HINT = "Nothing of the file was kept; mend the line and give the file again."


def write(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]], what: str, option: str) -> None:
    """Write ``rows`` under ``columns``, mode 0600. Raises ConfigurationError; ``option`` is how another file is named."""
    try:
        private_folder(file.parent)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # never over a file somebody has filled in
    except FileExistsError:
        raise ConfigurationError(
            f"The {what}'s file is there already.", f"Somebody may have filled it in: move it away, or name another with {option}."
        ) from None
    except OSError as error:
        raise ConfigurationError(f"The {what} cannot be written ({error.strerror}).", f"Name a file in a folder you own with {option}.") from None
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:  # with its mark, Excel reads it as UTF-8
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def read(file: Path, what: str, columns: Sequence[str], needed: Sequence[str], writes: str, strict: bool = True) -> list[tuple[int, dict[str, str]]]:
    """Number and cells of every line; ``writes`` is the command that writes such a file.

    The readers of sources read it, so that it may be written by any spreadsheet program. Raises ConfigurationError for a file that is
    none of ours: without the ``needed`` columns or, if ``strict``, with others than ``columns``.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"The {what} cannot be read ({error.strerror}).", "Give the path of a CSV file or workbook.") from None
    how = {"format": "csv", "files": "any.csv", "delivery": "changes"}
    shape = Object.model_validate({"kind": "contact", "read": how, "key": needed[0], "fields": {"full_name": needed[-1]}, "contract": {"allowed": columns}})
    try:
        found = (read_excel if file.suffix.lower() in (".xlsx", ".xls", ".ods") else read_csv)(content, shape)
    except FileRefused as refusal:
        raise ConfigurationError(f"The {what} cannot be used: {refusal.detail}.", f"`{writes}` writes one to fill in.") from None
    name = what.capitalize()
    if found.refused:
        raise ConfigurationError(f"{name}, line {found.refused[0][0]}: more or fewer cells than the header.", HINT)
    if strict and (strange := [column for column in found.columns if column not in columns]):
        nearest = perhaps(strange[0], columns) or f"; they are {', '.join(columns)}."
        place = found.columns.index(strange[0]) + 1
        raise ConfigurationError(f"{name}, line 1: the name of column {place} is not one Lastro knows{nearest}", HINT)
    if lacking := [column for column in needed if column not in found.columns]:
        raise ConfigurationError(f"{name}, line 1: column {lacking[0]} is missing.", f"`{writes}` writes one to fill in.")
    return [(number, {column: str(row.get(column) or "").strip() for column in columns}) for number, row in found.rows]


def harmless(text: str) -> str:
    """A cell as a spreadsheet may open it: what begins like a formula is marked as text."""
    return f"'{text}" if text.startswith(FORMULA) else text
