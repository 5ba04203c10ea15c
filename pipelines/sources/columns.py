"""Columns out of raw payloads: text of every shape becomes one text column, instants become ISO 8601 in UTC."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from contacts.values.reading import arrow
from contacts.warehouse import TEXT
from pipelines.sources.words import When

UTC = "UTC"
_OFFSET = r"[Tt ][0-9].*(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)$"
UNKNOWN = "unknown"
_BLOCK = 500
"""Rows that fit in the processor's cache together: looking a column up in rows that have left it takes ten times as long."""
_WORD = re.compile(r"(?!(?:[^0-9]*[0-9]){9})[\w.\-]{1,40}")  # nine digits are a telephone number
_DAY_FIRST = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")


def decoded(payloads: Iterable[str]) -> list[dict[str, Any]]:
    """The payloads of raw records as dictionaries."""
    return [orjson.loads(payload) for payload in payloads]


class Undecoded(Sequence[dict[str, Any]]):
    """The payloads as dictionaries, taken apart only once somebody asks for one: most rows are read column by column."""

    def __init__(self, payloads: pd.Series) -> None:
        self._payloads = payloads

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return decoded(self._payloads)

    def __len__(self) -> int:
        return len(self._payloads)

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]


def decoded_with(payloads: pd.Series, names: Iterable[str]) -> tuple[Sequence[dict[str, Any]], dict[str, pd.Series]]:
    """The payloads as dictionaries and, taken out of each while it is at hand, these columns as text (see ``column``)."""
    texts, wanted = arrow(payloads), tuple(names)
    if (found := _all_text(texts, wanted)) is not None:
        return Undecoded(payloads), {name: _tidied(cells, payloads.index) for name, cells in found.items()}
    rows: list[dict[str, Any]] = []
    pieces = {name: [pa.array([], type=pa.large_string())] for name in wanted}
    for start in range(0, len(texts), _BLOCK):
        block = decoded(texts.slice(start, _BLOCK).to_numpy(zero_copy_only=False))
        rows += block
        for name, cells in pieces.items():
            cells.append(_cells(block, name))
    return rows, {name: _tidied(pa.concat_arrays(cells), payloads.index) for name, cells in pieces.items()}


def _all_text(texts: pa.LargeStringArray, names: tuple[str, ...]) -> dict[str, pa.LargeStringArray] | None:
    """The columns of payloads in which they hold nothing but text, read by Arrow in one go; None where a cell holds anything else."""
    schema = pa.schema([(name, pa.large_string()) for name in names])
    options = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore")
    found = None
    for some in (texts.slice(0, _BLOCK), texts):  # other shapes mostly show in the first rows
        if not names or not len(some) or pc.any(pc.match_substring(some, "\n")).as_py():
            return None
        data = pc.binary_join_element_wise(some, pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string())).buffers()[2]
        try:
            found = arrow_json.read_json(pa.BufferReader(data), arrow_json.ReadOptions(use_threads=False, block_size=max(data.size + 1, 64)), options)
        except pa.ArrowInvalid:
            return None
        if found.num_rows != len(some):
            return None
    assert found is not None  # noqa: S101  # the loop ran
    return {name: found[name].combine_chunks() for name in names}


def column(rows: Sequence[dict[str, Any]], name: str, index: pd.Index | None = None) -> pd.Series:
    """One column as text, missing and blank as NaN; numbers and truth values as JSON writes them, whole floats without ``.0``."""
    return _tidied(_cells(rows, name), index)


def _cells(rows: Sequence[dict[str, Any]], name: str) -> pa.LargeStringArray:
    values = [row.get(name) for row in rows]
    try:
        return pa.array(values, type=pa.large_string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([value if value is None or type(value) is str else _text(value) for value in values], type=pa.large_string())


def _tidied(cells: pa.LargeStringArray, index: pd.Index | None) -> pd.Series:
    cells = pc.utf8_trim_whitespace(cells)
    if pc.any(pc.match_substring(cells, "\0")).as_py():
        cells = pc.replace_substring(cells, "\0", "")  # PostgreSQL cannot hold it, and nobody typed it
    return pd.Series(pd.array(pc.if_else(pc.equal(cells, ""), None, cells), dtype=TEXT), index=index)


def holds(texts: pd.Series, condition: When) -> pd.Series:
    """Where the condition is true of its column's ``texts``; shape (n,), bool."""
    wanted = {word.strip().casefold() for word in condition.equals}
    coded = arrow(texts).dictionary_encode()
    answers = np.array([*(text.casefold() in wanted for text in coded.dictionary.to_pylist()), False])
    return pd.Series(answers[coded.indices.fill_null(-1).to_numpy()], index=texts.index)


def timestamps(texts: pd.Series, zone: str = UTC) -> pd.Series:
    """Moments as datetimes in UTC, NaT where the text is none.

    Reads ISO 8601, Brazilian day-first writing, and milliseconds since 1970 as HubSpot had them. What is written without an offset
    is the time of ``zone`` (an IANA name): in an hour the clocks passed twice it is none, in one they left out the first after it.
    """
    found = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    milliseconds = texts.str.fullmatch(r"[0-9]{12,13}").to_numpy(dtype=bool, na_value=False)
    if milliseconds.any():
        found[milliseconds] = pd.to_datetime(texts[milliseconds].astype("int64"), unit="ms", utc=True, errors="coerce")
    for form in _DAY_FIRST:
        left = found.isna()
        if not left.any():
            break
        found[left] = pd.to_datetime(texts[left], format=form, utc=True, errors="coerce")
    if zone != UTC:
        local = ~milliseconds & ~texts.str.contains(_OFFSET).to_numpy(dtype=bool, na_value=False)
        clock = found[local].dt.tz_localize(None)
        found[local] = clock.dt.tz_localize(ZoneInfo(zone), ambiguous="NaT", nonexistent="shift_forward").dt.tz_convert(UTC)
    return found


def instants(texts: pd.Series, zone: str = UTC) -> pd.Series:
    """``timestamps`` as the warehouse keeps them, ``2026-11-22T00:00:00Z``, NaN where the text is none."""
    coded = arrow(texts).dictionary_encode()
    found = timestamps(pd.Series(coded.dictionary, dtype=TEXT), zone)
    return pd.Series(pd.array(_written(found).take(coded.indices), dtype=TEXT), index=texts.index)


def _written(moments: pd.Series) -> pa.Array:
    """Moments in UTC as ISO 8601 with whole seconds."""
    seconds = moments.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    return pa.array(np.char.add(np.datetime_as_string(seconds), "Z"), mask=np.isnat(seconds)).cast(pa.large_string())


def moments(texts: pd.Series, zone: str = UTC) -> pd.Series:
    """``instants``, but a day without a time stays a day: when somebody said something decides, and midnight would be made up."""
    days = texts.str.fullmatch(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}").fillna(False).astype(bool)
    return instants(texts, zone).mask(days, instants(texts.where(days)).str[:10])


def words(texts: pd.Series, known: Collection[str] = ()) -> pd.Series:
    """Codes of a source as they may stand in a column that is not personal: a ``known`` word, or one short word with few digits.

    Anything else is ``unknown``: people type names and numbers into every field, and the raw record keeps what was there.
    """
    kept = {text: text if text in known or _WORD.fullmatch(text) else UNKNOWN for text in texts.dropna().unique()}
    return texts.map(kept).astype(TEXT)


def joined(parts: Sequence[pd.Series], between: str = " ") -> pd.Series:
    """Columns put together, missing parts left out."""
    whole = parts[0]
    for part in parts[1:]:
        both = whole.notna() & part.notna()
        whole = whole.where(whole.notna(), part).mask(both, whole + between + part)
    return whole


def _text(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and np.isfinite(value) else repr(value)
    return orjson.dumps(value).decode()
