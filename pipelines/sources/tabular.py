"""Readers of tables: CSV in any encoding and delimiter, Excel workbooks; every cell comes out as text."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, WorksheetNotFound

from pipelines.sources.decode import decode
from pipelines.sources.reading import MAX_CELL, FileContent, FileRefused, check_header, header_names
from pipelines.sources.words import Object, Read

_DELIMITERS = ",;\t|"
_MALFORMED = "a quotation mark does not close where it should"


def read_csv(content: bytes, spec: Object) -> FileContent:
    """Rows of a CSV file; a row with more or fewer cells than the header is set aside, never shifted."""
    text, lost = decode(content, spec.read.encoding)
    if "\0" in text:
        raise FileRefused("WRONG_ENCODING", "the text holds zero bytes")
    delimiter = spec.read.delimiter or _delimiter(text, spec)
    table = _parse(text, delimiter)
    skip = spec.read.header
    if len(table) < skip:
        raise FileRefused("EMPTY_FILE", "the file ends before its header")
    names = header_names(table[skip - 1])
    found = FileContent(notes=[f"{lost} characters were lost before it came here"] if lost else [])
    width = len(names)
    body = [(number, row) for number, row in enumerate(table[skip:], start=skip + 1) if any(row)]
    check_header(names, _used(row for _, row in body if len(row) == width) or [False] * width)
    found.columns = tuple(name for name in names if name)
    for number, row in body:
        if len(row) == width and not _one_cell_line(row, delimiter):
            found.rows.append((number, dict(zip(names, row, strict=True))))
        else:
            found.refused.append((number, "COLUMN_COUNT", delimiter.join(row)))
    return _without_unnamed(found)


def read_excel(content: bytes, spec: Object) -> FileContent:
    """Rows of one sheet of a workbook (xlsx, xls, xlsb, ods)."""
    if not content:
        raise FileRefused("EMPTY_FILE", "the file is empty")
    try:
        sheet = _sheet(CalamineWorkbook.from_filelike(io.BytesIO(content)), spec.read)
        table = sheet.to_python(skip_empty_area=False)
    except PasswordError:
        raise FileRefused("PASSWORD_PROTECTED", "the workbook is protected by a password") from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise FileRefused("UNREADABLE_WORKBOOK", "the file is not a workbook, or only half of one") from None
    skip = spec.read.header
    if len(table) < skip:
        raise FileRefused("EMPTY_FILE", "the sheet ends before its header")
    if any(first[0] <= skip - 1 <= last[0] and last[1] > first[1] for first, last in sheet.merged_cell_ranges or ()):
        raise FileRefused("MERGED_HEADER", f"row {skip} has merged cells, so it cannot name the columns; `header:` says which row does")
    names = header_names(_text(cell) for cell in table[skip - 1])
    body = [(number, [_text(cell) for cell in row]) for number, row in enumerate(table[skip:], start=skip + 1)]
    body = [(number, row) for number, row in body if any(row)]
    check_header(names, _used(row for _, row in body) or [False] * len(names))
    rows = [(number, dict(zip(names, row, strict=True))) for number, row in body]
    return _without_unnamed(FileContent(tuple(name for name in names if name), rows))


def _without_unnamed(found: FileContent) -> FileContent:
    for _, row in found.rows:
        row.pop("", None)
    return found


def _used(rows: Iterator[list[str]]) -> list[bool]:
    """Which columns hold anything, for rows of equal width; empty without rows."""
    return [any(column) for column in zip(*rows, strict=True)]


def _delimiter(text: str, spec: Object) -> str:
    """The delimiter under which the header names most of the columns we know, else most columns."""
    known = set(spec.mapped) | set(spec.contract.allowed) | set(spec.contract.ignored)
    lines = text.splitlines()[: spec.read.header]
    head = lines[-1] if lines else ""

    def fit(delimiter: str) -> tuple[int, int]:
        names = header_names(next(csv.reader([head], delimiter=delimiter), []))
        return len(known & set(names)), len(names)

    return max(_DELIMITERS, key=fit)


def _parse(text: str, delimiter: str) -> list[list[str]]:
    """All rows. Quotes are doubled (RFC 4180) or, where that cannot be, escaped by a backslash."""
    csv.field_size_limit(MAX_CELL)
    failed_at = 0
    for options in ({"doublequote": True}, {"doublequote": False, "escapechar": "\\"}):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, **options)
        try:
            return list(reader)
        except csv.Error as error:
            if "limit" in str(error):
                raise FileRefused("CELL_TOO_LARGE", f"a cell near line {reader.line_num} has more than {MAX_CELL:,} characters") from None
            failed_at = failed_at or reader.line_num
    raise FileRefused("MALFORMED_CSV", f"{_MALFORMED}, near line {failed_at}")


def _one_cell_line(row: list[str], delimiter: str) -> bool:
    """A whole line that was quoted into its first cell: the rest is empty and the cell holds the delimiters."""
    return len(row) > 3 and not any(row[1:]) and row[0].count(delimiter) >= len(row) - 1


def _sheet(book: CalamineWorkbook, read: Read) -> CalamineSheet:
    try:
        return book.get_sheet_by_name(read.sheet) if read.sheet else book.get_sheet_by_index(0)
    except (WorksheetNotFound, IndexError):
        raise FileRefused("MISSING_SHEET", f"the workbook has no sheet {read.sheet!r}" if read.sheet else "the workbook has no sheet") from None


def _text(cell: Any) -> str:
    """A cell as text: whole numbers without ``.0``, dates as ISO 8601; text stays as typed, leading zeros included."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell.total_seconds()) if isinstance(cell, timedelta) else str(cell)
