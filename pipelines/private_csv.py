"""CSV files for people to fill in: readable by their owner only, never over one that is there, harmless to open in a spreadsheet."""

import csv
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from contacts.errors import ConfigurationError
from contacts.settings import private_folder

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


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


def harmless(text: str) -> str:
    """A cell as a spreadsheet may open it: what begins like a formula is marked as text."""
    return f"'{text}" if text.startswith(FORMULA) else text
