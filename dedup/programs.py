"""From the steward's file and a table's columns to the numbers the kernel follows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.kernel.columns import Column, Ints, Texts, derive, flatten
from dedup.kernel.program import MOST_LEVELS, ONE_SIDED, OPERATIONS, Program
from dedup.kernel.run import letter_masks
from dedup.phonetic import phonetic
from dedup.table import Compared, Table, split_key


def derived(columns: Mapping[str, Column], key: str) -> Column:
    """The column of a blocking key: the value itself, or what ``column.derivation`` makes of it."""
    name, derivation, count = split_key(key)
    column = columns[name]
    if not derivation or not len(column.values):
        return column
    return derive(column, derived_texts(column.values, derivation, count))


def derived_texts(values: pa.Array, derivation: str, count: int) -> pa.Array:
    """What a derivation makes of texts, one each; null where there is none."""
    if derivation == "first":
        return pc.utf8_slice_codeunits(values, 0, count)
    if derivation == "last":
        return pc.utf8_slice_codeunits(values, -count, None)
    if derivation in ("year", "month"):
        digits = pc.replace_substring(values, "-", "")
        whole = pc.match_substring_regex(digits, r"^\d{8}$")
        return pc.if_else(whole, pc.utf8_slice_codeunits(digits, 0, 4 if derivation == "year" else 6), pa.scalar(None, pa.large_string()))
    if derivation == "user":
        return pc.list_element(pc.split_pattern(values, "@", max_splits=1), 0)
    if derivation == "digits":
        return pc.replace_substring_regex(values, r"\D", "")
    if derivation == "word":
        return pc.replace_substring_regex(values, r"\s.*$", "")
    change = phonetic if derivation == "phonetic" else lambda text: "".join(sorted(text))
    return pa.array([change(text) for text in values.to_pylist()], pa.large_string())


def build(table: Table, columns: Mapping[str, Column], silent_values: Mapping[str, Any] | None = None) -> Program:
    """A program without weights: every comparison of ``table`` on ``columns``.

    ``silent_values``: by comparison, which values of its column say nothing, where these rows are not all there are.
    """
    places: dict[tuple[str, str], int] = {}
    coded: dict[str, Column] = {}
    codes: list[Ints] = []

    def place(name: str, column: Column, view: str = "", off: Any = None) -> int:
        """Column of ``rows`` for a coded column, with the values ``off`` taken out."""
        if (name, view) not in places:
            coded[name] = column
            places[name, view] = len(codes)
            codes.append(column.codes if off is None else np.append(np.where(off, -1, np.arange(len(off), dtype=np.int32)), -1).astype(np.int32)[column.codes])
        return places[name, view]

    parts = list(table.comparisons.items())
    cols = np.full((len(parts), 3), -1, dtype=np.int32)
    steps = np.zeros((len(parts), 4))
    count = np.zeros(len(parts), dtype=np.int32)
    for k, (name, part) in enumerate(parts):
        if part.compare == "custom":
            continue
        column = part.column or name
        off = silent(columns, column, part.hub, part.shared_by, part.shared_most) if silent_values is None else silent_values[name]
        cols[k, 0] = place(column, columns[column], name if off is not None else "", off)
        if part.swap:
            cols[k, 1] = place(part.swap, columns[part.swap])
        if part.compare == "address":
            cols[k, 1], cols[k, 2] = place(part.street, columns[part.street]), place(part.number, columns[part.number])
            count[k], steps[k, :2] = 1, (part.alike[0], part.letters[0])
            continue
        if part.compare == "email":
            cols[k, 1] = place(f"{column}.user", derived(columns, f"{column}.user"))
        ladders: dict[str, list[Any]] = {"text": part.alike, "edits": part.edits, "date": part.days, "email": part.alike, "prefix": part.letters}
        chosen = ladders.get(part.compare, [])
        count[k] = len(chosen)
        steps[k, : len(chosen)] = chosen
    dates = frozenset(part.column or name for name, part in parts if part.compare == "date")
    read = {name for (name, _), at in places.items() if at in _read(parts, cols)}
    texts: Texts = flatten(coded, dates, frozenset(read))
    names = list(coded)
    where = np.array([names.index(name) for name, _ in places], dtype=np.int64)
    rows = np.ascontiguousarray(np.stack(codes, axis=1)) if codes else np.empty((0, 0), dtype=np.int32)
    cross = np.full(texts.base[-1], -1, dtype=np.int32)
    for name, part in parts:
        if part.swap:
            low, mine = texts.base[names.index(part.column or name)], columns[part.column or name].values
            found = pc.index_in(mine, columns[part.swap].values)
            cross[low : low + len(mine)] = found.fill_null(-1).to_numpy(zero_copy_only=False)
    operation = np.array([ONE_SIDED if part.one_sided else OPERATIONS[part.compare] for _, part in parts], dtype=np.int32)
    levels = np.array([len(part.names) for _, part in parts], dtype=np.int32)
    nothing = np.zeros((len(parts), MOST_LEVELS))
    program = Program(
        rows,
        operation,
        cols,
        steps,
        count,
        levels,
        texts.base[where],
        where,
        texts,
        np.zeros(texts.base[-1]),
        nothing,
        np.arange(len(parts)),
        np.zeros((0, *nothing.shape)),
        np.zeros(0),
        letter_masks(texts),
        cross,
    )
    return program.weighing(nothing, program.rarity)


def _read(parts: list[tuple[str, Compared]], cols: Ints) -> set[int]:
    """Columns of ``rows`` whose texts are looked at letter by letter; of all others the codes are enough."""
    looked = {"text": (0,), "edits": (0,), "email": (1,), "prefix": (0,), "address": (0, 1)}
    return {int(cols[k, side]) for k, (_, part) in enumerate(parts) for side in looked.get(part.compare, ())}


def silent(columns: Mapping[str, Column], column: str, hub: int, shared_by: str, most: int) -> Any:
    """Values of a column that say nothing: held by more than ``hub`` rows, or with more than ``most`` values of ``shared_by``; None for none."""
    held = columns[column]
    off = held.counts > hub if hub else np.zeros(len(held.counts), dtype=bool)
    if shared_by:
        other = columns[shared_by]
        both = (held.codes >= 0) & (other.codes >= 0)
        both &= np.append(held.counts, 0)[held.codes] > most  # fewer holders than that cannot have more names
        pairs = np.unique(held.codes[both].astype(np.int64) * len(other.values) + other.codes[both])
        off |= np.bincount(pairs // max(len(other.values), 1), minlength=len(off)) > most
    return off if off.any() else None
