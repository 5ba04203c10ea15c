"""Readers of documents: JSON pages as an API gives them, and JSON lines; a column is the dotted path of a value."""

import json
from typing import Any

import orjson

from pipelines.sources.decode import decode
from pipelines.sources.reading import FileContent, FileRefused
from pipelines.sources.words import Object


def read_json(content: bytes, spec: Object) -> FileContent:
    """Rows of one JSON page, found at ``records``; a page cut off in the middle is refused whole."""
    page = _load(content, spec)
    try:
        rows = _at(page, spec.read.records)
        total = _at(page, spec.read.total) if spec.read.total else None
    except KeyError as missing:
        raise FileRefused("NO_RECORDS", f"the page has no {missing.args[0]!r}") from None
    if not isinstance(rows, list):
        raise FileRefused("NO_RECORDS", f"{spec.read.records or 'the page'} is not a list of rows")
    found = FileContent(total=total if isinstance(total, int) else None)
    seen: set[str] = set()
    columns = _Columns(spec)
    for number, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            flat = columns.flat(row)
            seen.update(flat)
            found.rows.append((number, flat))
        else:
            found.refused.append((number, "NOT_AN_OBJECT", orjson.dumps(row).decode()))
    found.columns = tuple(sorted(seen))
    return found


def read_jsonl(content: bytes, spec: Object) -> FileContent:
    """Rows of a file with one JSON object per line; a line that is none is set aside, the others count."""
    if not content.strip():
        raise FileRefused("EMPTY_FILE", "the file is empty")
    if spec.read.encoding or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = decode(content, spec.read.encoding)[0].encode()
    found = FileContent()
    seen: set[str] = set()
    columns = _Columns(spec)
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _json(line)
        except orjson.JSONDecodeError:
            found.refused.append((number, "NOT_JSON", line.decode("utf-8", "replace")))
            continue
        if not isinstance(row, dict):
            found.refused.append((number, "NOT_AN_OBJECT", line.decode("utf-8", "replace")))
            continue
        flat = columns.flat(row)
        seen.update(flat)
        found.rows.append((number, flat))
    if not found.rows:
        raise FileRefused("NOT_JSON", "no line of the file is a JSON object")
    found.columns = tuple(sorted(seen))
    return found


def _load(content: bytes, spec: Object) -> Any:
    if not content.strip():
        raise FileRefused("EMPTY_FILE", "the file is empty")
    if spec.read.encoding or content[:3] == b"\xef\xbb\xbf" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = decode(content, spec.read.encoding)[0].encode()
    try:
        content.decode()
    except UnicodeDecodeError:
        raise FileRefused("WRONG_ENCODING", "JSON is UTF-8 (RFC 8259), and this file is not") from None
    try:
        return _json(content)
    except orjson.JSONDecodeError as error:
        raise FileRefused("NOT_JSON", f"the page breaks off or is no JSON, at character {error.pos} of {len(content)}") from None


def _json(content: bytes) -> Any:
    """JSON as the standard has it; half an emoji, which cutting a text leaves behind, becomes U+FFFD instead of costing the page."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        if b"\\ud" not in content.lower():
            raise
        try:
            return orjson.loads(json.dumps(json.loads(content), ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            pass
        raise


def _at(page: Any, path: str) -> Any:
    for part in path.split(".") if path else ():
        if not isinstance(page, dict) or part not in page:
            raise KeyError(path)
        page = page[part]
    return page


class _Columns:
    """Flattens rows to dotted paths; a path the mapping names stays whole, an ignored one is never looked into."""

    def __init__(self, spec: Object) -> None:
        self.whole = spec.stored
        self.ignored = frozenset(spec.contract.ignored)
        self.inner = frozenset(name[: place + 1] for name in spec.stored | self.ignored for place, letter in enumerate(name) if letter == ".")

    def flat(self, row: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in row.items():
            name = prefix + key
            if name in self.whole:
                out[name] = value
            elif name in self.ignored:
                continue
            elif f"{name}." in self.inner and (value is None or type(value) is dict):
                out.update(self.flat(value or {}, f"{name}."))
            else:
                out[name] = value
        return out
