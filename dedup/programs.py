"""From the steward's file and a table's columns to the numbers the kernel follows."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dedup.kernel.columns import Column, Ints, Texts, derive, flatten
from dedup.kernel.program import MOST_LEVELS, OPERATIONS, Program
from dedup.phonetic import phonetic
from dedup.table import Table, split_key


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
        return pc.replace_substring_regex(values, "@.*$", "")
    if derivation == "digits":
        return pc.replace_substring_regex(values, r"\D", "")
    if derivation == "word":
        return pc.replace_substring_regex(values, r"\s.*$", "")
    change = phonetic if derivation == "phonetic" else lambda text: "".join(sorted(text))
    return pa.array([change(text) for text in values.to_pylist()], pa.large_string())


def build(table: Table, columns: Mapping[str, Column]) -> Program:
    """A program without weights: every comparison of ``table`` on ``columns``."""
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
    cols = np.full((len(parts), 2), -1, dtype=np.int32)
    steps = np.zeros((len(parts), 4))
    count = np.zeros(len(parts), dtype=np.int32)
    for k, (name, part) in enumerate(parts):
        if part.compare == "custom":
            continue
        column = part.column or name
        off = silent(columns, column, part.hub, part.shared_by, part.shared_most)
        cols[k, 0] = place(column, columns[column], name if off is not None else "", off)
        if part.swap:
            cols[k, 1] = place(part.swap, columns[part.swap])
        if part.compare == "email":
            cols[k, 1] = place(f"{column}.user", derived(columns, f"{column}.user"))
        chosen = {"text": part.alike, "edits": part.edits, "date": part.days, "email": part.alike, "prefix": part.letters}.get(part.compare, [])
        count[k] = len(chosen)
        steps[k, : len(chosen)] = chosen
    dates = frozenset(part.column or name for name, part in parts if part.compare == "date")
    texts: Texts = flatten(coded, dates)
    names = list(coded)
    where = np.array([names.index(name) for name, _ in places], dtype=np.int64)
    rows = np.ascontiguousarray(np.stack(codes, axis=1)) if codes else np.empty((0, 0), dtype=np.int32)
    operation = np.array([OPERATIONS[part.compare] for _, part in parts], dtype=np.int32)
    levels = np.array([len(part.names) for _, part in parts], dtype=np.int32)
    nothing = np.zeros((len(parts), MOST_LEVELS))
    program = Program(rows, operation, cols, steps, count, levels, texts.base[where], where, texts, np.zeros(texts.base[-1]), nothing, np.arange(len(parts)))
    return program.weighing(nothing, program.rarity)


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
