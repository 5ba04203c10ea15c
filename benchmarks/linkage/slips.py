"""What goes wrong when a value is typed: slips of the keyboard, spellings that sound alike, lost and changed digits; whole columns at once."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.linkage.words import Codes, Flags

Rng = np.random.Generator
_NEAR = {letter: near for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890") for letter, near in zip(row, row[1:] + row[-2], strict=True)}
_NEIGHBOUR = np.arange(256, dtype=np.uint8)
for _letter, _near in _NEAR.items():
    _NEIGHBOUR[ord(_letter)] = ord(_near)
_ALIKE = (
    ("s", "z"), ("z", "s"), ("i", "y"), ("y", "i"), ("t", "th"), ("th", "t"), ("v", "w"), ("w", "v"), ("ss", "s"), ("ph", "f"),
    ("f", "ph"), ("l", "ll"), ("nn", "n"), ("n", "nn"), ("c", "k"), ("qu", "k"), ("h", ""), ("e", "i"), ("o", "u"),
)  # fmt: skip


def struck(rng: Rng, column: pa.Array, rate: float) -> Flags:
    """Where chance strikes a value that is there."""
    return pc.is_valid(column).to_numpy(zero_copy_only=False) & (rng.random(len(column)) < rate)


def either(struck: Flags, one: pa.Array | str | None, other: pa.Array) -> pa.Array:
    """``one`` where struck, else ``other``."""
    return pc.if_else(pa.array(struck), pa.scalar(None, other.type) if one is None else one, other)


def rewritten(column: pa.Array, at: Flags, new: pa.Array) -> pa.Array:
    """The column with ``new`` values, in order, where ``at``."""
    return pc.replace_with_mask(column, pa.array(at), new.cast(column.type))


def mistyped(rng: Rng, column: pa.Array, rate: float, first: int = 1) -> pa.Array:
    """One letter changed for its neighbour on the keyboard, left out, doubled, or swapped with the next; never before place ``first``."""
    at = struck(rng, column, rate) & (pc.utf8_length(column).fill_null(0).to_numpy(zero_copy_only=False) > first + 1)
    if not at.any():
        return column
    words = np.array(column.filter(pa.array(at)).to_pylist(), dtype="S")
    count, width = len(words), words.dtype.itemsize
    letters = np.zeros((count, width + 1), dtype=np.uint8)
    letters[:, :width] = words.view(np.uint8).reshape(count, width)
    length = np.char.str_len(words)
    place = first + (rng.random(count) * (length - first - 1)).astype(np.int64)
    kind = rng.integers(0, 4, count)
    across = np.arange(width + 1)
    shift = np.where((kind == 1)[:, None] & (across >= place[:, None]), 1, 0) - np.where((kind == 2)[:, None] & (across > place[:, None]), 1, 0)
    letters = np.take_along_axis(letters, (across + shift).clip(0, width), axis=1)
    rows = np.flatnonzero(kind == 0)
    letters[rows, place[rows]] = _NEIGHBOUR[letters[rows, place[rows]]]
    rows = np.flatnonzero(kind == 3)
    letters[rows, place[rows]], letters[rows, place[rows] + 1] = letters[rows, place[rows] + 1], letters[rows, place[rows]]
    return rewritten(column, at, pa.array(np.ascontiguousarray(letters).view(f"S{width + 1}").ravel().astype(str)))


def sounding_alike(rng: Rng, column: pa.Array, rate: float) -> pa.Array:
    """Another spelling of the same sound: Luiz and Luis, Thiago and Tiago; a word without the sound stays."""
    at = struck(rng, column, rate)
    words, which = column.filter(pa.array(at)), rng.integers(0, len(_ALIKE), at.sum())
    for place, (sound, other) in enumerate(_ALIKE):
        words = either(which == place, pc.replace_substring(words, sound, other, max_replacements=1), words)
    return rewritten(column, at, either(pc.equal(words, "").to_numpy(zero_copy_only=False), column.filter(pa.array(at)), words))


def digit_changed(rng: Rng, numbers: Codes, rate: float, places: int) -> Codes:
    """One of the last ``places`` digits another one; negative numbers (none) stay."""
    at = np.flatnonzero((numbers >= 0) & (rng.random(len(numbers)) < rate))
    power = 10 ** rng.integers(0, places, len(at))
    changed = numbers.copy()
    old = numbers[at] // power % 10
    changed[at] += ((old + rng.integers(1, 10, len(at))) % 10 - old) * power
    return changed


def digits(numbers: Codes, width: int = 0) -> pa.Array:
    """As text with leading zeros, null where negative."""
    text = pa.array(numbers, mask=numbers < 0).cast(pa.string())
    return pc.utf8_lpad(text, width, "0") if width else text
