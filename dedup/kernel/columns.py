"""A table's columns as whole numbers: one code per distinct value, the most frequent first, and the texts as one flat array of UTF-16 units."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[Any]
_SURROGATES = 0xD800
"""Letters outside the first 65 thousand get places here, which no text uses."""


@dataclass(frozen=True)
class Column:
    """``codes`` (n,) int32 with -1 for missing; ``values`` the distinct texts, most frequent first; ``counts`` how many rows hold each."""

    codes: Ints
    values: pa.Array
    counts: Ints


@dataclass(frozen=True)
class Texts:
    """Distinct values of several columns as one array: value v of column c is ``chars[begin[base[c] + v] : begin[base[c] + v + 1]]``.

    ``numbers``: a date as yyyymmdd, -1 for what is none.
    """

    chars: npt.NDArray[np.uint16]
    begin: Ints
    base: Ints
    numbers: Ints


def encode(frame: pd.DataFrame | pa.Table, names: Sequence[str], workers: int = 2) -> dict[str, Column]:
    """Columns ``names`` of ``frame`` by name. Raises KeyError for one it does not have. Blank text is missing."""

    def one(name: str) -> Column:
        series = frame[name]
        return encode_array(series if isinstance(series, pa.ChunkedArray) else _arrow(series))

    with ThreadPoolExecutor(workers) as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def encode_array(array: pa.Array | pa.ChunkedArray) -> Column:
    """One column; codes by falling frequency, equal ones in the order of the values."""
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    coded = (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).dictionary_encode()
    raw, values = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), coded.dictionary
    counts = np.bincount(raw[raw >= 0], minlength=len(values)).astype(np.int64)
    blank = pc.equal(pc.utf8_trim_whitespace(values), "").to_numpy(zero_copy_only=False) if len(values) else np.empty(0, dtype=bool)
    counts[blank] = 0
    order = np.argsort(-counts, kind="stable")
    order = order[: len(order) - int(blank.sum())]
    rank = np.full(len(values) + 1, -1, dtype=np.int32)  # the last place serves -1
    rank[order] = np.arange(len(order), dtype=np.int32)
    return Column(rank[raw], values.take(pa.array(order)), counts[order])


def derive(column: Column, texts: pa.Array) -> Column:
    """A column whose value is worked out from another's distinct values: ``texts`` one per value, null or blank for missing."""
    made = encode_array(texts)
    table = np.append(made.codes, np.int32(-1))
    codes = table[column.codes]
    counts = np.bincount(made.codes[made.codes >= 0], weights=column.counts[made.codes >= 0], minlength=len(made.values)).astype(np.int64)
    return Column(codes, made.values, counts)


def flatten(columns: Mapping[str, Column], dates: frozenset[str], read: frozenset[str]) -> Texts:
    """The distinct values of all columns in one array, in the order of ``columns``; of those not in ``read`` the texts are left out."""
    parts, lengths, base, astral = [], [], [0], {}  # type: ignore[var-annotated]
    for name, column in columns.items():
        nothing = np.empty(0, dtype=np.uint16), np.zeros(len(column.values), dtype=np.int64)
        letters, sizes = units(column.values, astral) if name in read else nothing
        parts.append(letters)
        lengths.append(sizes)
        base.append(base[-1] + len(column.values))
    sizes = np.concatenate(lengths) if lengths else np.empty(0, dtype=np.int64)
    begin = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=begin[1:])
    numbers = np.full(len(sizes), -1, dtype=np.int32)
    for name, start, column in zip(columns, base, columns.values(), strict=False):
        if name in dates:
            numbers[start : start + len(column.values)] = day_numbers(column.values)
    chars = np.concatenate(parts) if parts else np.empty(0, dtype=np.uint16)
    return Texts(chars, begin, np.array(base, dtype=np.int64), numbers)


def day_numbers(values: pa.Array) -> Ints:
    """yyyymmdd of texts like 1990-05-17 or 19900517, -1 for all else (also for a day no calendar has: 31 at most)."""
    if not len(values):
        return np.empty(0, dtype=np.int32)
    digits = pc.replace_substring(values, "-", "")
    good = pc.match_substring_regex(values, r"^\d{4}-\d{2}-\d{2}$|^\d{8}$")
    return pc.if_else(good, digits, "-1").cast(pa.int64()).to_numpy(zero_copy_only=False).astype(np.int32)


def _arrow(series: pd.Series) -> pa.Array | pa.ChunkedArray:
    return pa.array(series, from_pandas=True) if series.dtype == object else pa.Array.from_pandas(series)


def units(values: pa.Array, astral: dict[int, int]) -> tuple[npt.NDArray[np.uint16], Ints]:
    """All texts end to end as 16-bit units, one per letter, and the number of letters of each."""
    values = pc.fill_null(values, "")
    _, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    if not len(values) or bounds[-1] == bounds[0]:
        return np.empty(0, dtype=np.uint16), np.zeros(len(values), dtype=np.int64)
    raw = np.frombuffer(data, dtype=np.uint8)[bounds[0] : bounds[-1]]
    if raw.max() < 0x80:
        return raw.astype(np.uint16), np.diff(bounds)
    points = np.frombuffer(raw.tobytes().decode("utf-8").encode("utf-32-le"), dtype=np.uint32)
    outside = points > 0xFFFF
    if outside.any():
        for point in np.unique(points[outside]).tolist():
            astral.setdefault(point, _SURROGATES + len(astral))
        if len(astral) > 2048:
            raise ValueError("more than 2,048 different letters beyond the basic plane")
        points = points.copy()
        points[outside] = [astral[point] for point in points[outside].tolist()]
    return points.astype(np.uint16), pc.utf8_length(values).to_numpy(zero_copy_only=False).astype(np.int64)
