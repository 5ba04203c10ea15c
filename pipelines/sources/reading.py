"""What reading one file gives, and why a file is refused: the words every reader shares."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MAX_CELL = 1_000_000
"""Characters in one cell or row; more is a broken export, not a contact."""


class FileRefused(Exception):
    """This file cannot be trusted; the others go on. ``reason`` is stable, ``detail`` names columns, never values."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass
class FileContent:
    """The rows of one file: position and columns of each, what could not be read as a row, and every column seen."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    total: int | None = None
    """Rows the source says the whole delivery has, when it says so."""


def header_names(cells: Iterable[str]) -> list[str]:
    """Column names as people mean them: composed letters, no blanks around, no line feed inside."""
    return [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in cells]


def check_header(names: list[str], used: list[bool]) -> None:
    """Refuse a header that does not name each used column once. ``used[i]``: column i holds something below the header."""
    if unnamed := [number for number, name in enumerate(names, start=1) if not name and used[number - 1]]:
        places = ", ".join(map(str, unnamed[:5]))
        raise FileRefused("UNNAMED_COLUMN", f"column {places} has no name in the header; a merged header row, perhaps (`header:` says which row it is)")
    named = [name for name in names if name]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        raise FileRefused("DUPLICATE_COLUMN", f"{len(twice)} column names come twice in the header")
