"""JSON pages in the shape each system delivers them; page sizes are ours (files), not the systems' request limits."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

Row = dict[str, Any]
Envelope = Callable[[list[Row], "Page"], Row]


@dataclass(frozen=True)
class Place:
    """Where one block's records stand among all records of a source: pages and rows before it, rows in all, rows per page."""

    pages: int
    rows: int
    total: int
    size: int

    def after(self, rows: int) -> "Place":
        """The place of what comes behind ``rows`` more records."""
        return Place(self.pages + -(-rows // self.size), self.rows + rows, self.total, self.size)


@dataclass(frozen=True)
class Page:
    """One page: its number, records up to and with it, records in all, and whether it is the last of the delivery."""

    number: int
    until: int
    total: int
    last: bool


def salesforce(rows: list[Row], page: Page) -> Row:
    """A page of a REST query: ``{totalSize, done, nextRecordsUrl, records}``."""
    following = {} if page.last else {"nextRecordsUrl": f"/services/data/v62.0/query/01gHs00000DEMO0IAQ-{page.until}"}
    return {"totalSize": page.total, "done": page.last} | following | {"records": rows}


def hubspot(rows: list[Row], page: Page) -> Row:
    """A page of a v3 list: ``{results, paging}``, the last without ``paging``."""
    if page.last:
        return {"results": rows}
    after = str(page.until)
    return {"results": rows, "paging": {"next": {"after": after, "link": f"https://api.hubapi.example/crm/v3/objects/contacts?after={after}"}}}


def zendesk(name: str) -> Envelope:
    """A page of a cursor export: ``{<name>, after_cursor, end_of_stream}``."""

    def envelope(rows: list[Row], page: Page) -> Row:
        cursor = base64.b64encode(f"{page.until}|demo".encode()).decode()
        return {name: rows, "after_cursor": cursor, "end_of_stream": page.last}

    return envelope


def write_pages(folder: Path, name: str, rows: list[Row], place: Place, envelope: Envelope, last: bool = False) -> None:
    """Write ``<name>-00000.json`` and so on; ``last`` closes the delivery."""
    for number, until, part in _parts(rows, place):
        page = Page(number, until, place.total, last and until == place.total)
        (folder / f"{name}-{number:05d}.json").write_bytes(orjson.dumps(envelope(part, page)))


def write_lines(folder: Path, name: str, rows: list[Row], place: Place) -> None:
    """Write ``<name>-00000.jsonl`` and so on, one JSON object per line."""
    for number, _, part in _parts(rows, place):
        (folder / f"{name}-{number:05d}.jsonl").write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in part))


def _parts(rows: list[Row], place: Place) -> Iterator[tuple[int, int, list[Row]]]:
    for number, start in enumerate(range(0, len(rows), place.size), start=place.pages):
        part = rows[start : start + place.size]
        yield number, place.rows + start + len(part), part
