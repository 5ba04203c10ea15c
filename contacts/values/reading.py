"""What standardising one value gives, and how the readings of the distinct values are mapped back to the whole column."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.mojibake import mend
from contacts.warehouse import TEXT

COLUMNS = ("value", "match_key", "status", "reason", "suggestion", "subtype")
LONGEST = 1_000
"""Characters; a longer cell is no single value, and no library is asked about it."""

_BLOCK = 10_000
_TABLES = Path(__file__).parent / "tables"
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPACE = re.compile(r"\s+")


class Reading(NamedTuple):
    """One standardised value; ``extra`` holds what a module adds, in the order of its extra columns."""

    value: str | None = None
    match_key: str | None = None
    status: str = "ok"
    reason: str | None = None
    suggestion: str | None = None
    subtype: str | None = None
    extra: tuple[str | None, ...] = ()


EMPTY = Reading(status="empty")


def rejected(reason: str, match_key: str | None = None, subtype: str | None = None, extra: tuple[str | None, ...] = ()) -> Reading:
    """No value could be read; the raw text stays where it is."""
    return Reading(None, match_key, "rejected", reason, None, subtype, extra)


def texts(values: pd.Series) -> pd.Series:
    """Any column as Arrow text; what cannot be text (a lone surrogate) becomes ``?`` instead of an error."""
    if values.dtype == TEXT:
        return values
    try:
        return values.astype(TEXT)
    except UnicodeError:
        kept = values.map(lambda value: str(value).encode("utf-8", "replace").decode("utf-8"), na_action="ignore")
        return kept.astype(TEXT)


def arrow(column: pd.Series) -> pa.LargeStringArray:
    """A text column as one Arrow array; pandas hands columns that were joined together over in pieces."""
    found = pa.array(column, type=pa.large_string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def tidy(text: str) -> str:
    """Composed Unicode without control and invisible characters, single spaces, none at the ends."""
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return _SPACE.sub(" ", _CONTROL.sub(" ", text)).strip()


def folded(text: str) -> str:
    """Lower case without accents, for looking up in tables."""
    if text.isascii():
        return " ".join(text.lower().split())
    return _folded(text) if _BEYOND_LATIN.search(text) else " ".join(text.translate(_LATIN).split())


@lru_cache(maxsize=20_000)
def _folded(text: str) -> str:
    return _SPACE.sub(" ", _unaccented(text)).strip()


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_BEYOND_LATIN = re.compile("[^\x00-\u017f]")
_LATIN = {code: _unaccented(chr(code)) for code in range(0x180)}
"""Letters that are one sign each, so that a text of them can be folded sign by sign."""


def table(name: str) -> pd.DataFrame:
    """A reference table of this package, all columns text; its first line says where it comes from."""
    return pd.read_csv(_TABLES / f"{name}.csv", skiprows=1, dtype=str, keep_default_na=False)


def read_one(text: str, read: Callable[[str], Reading], words: bool = False) -> Reading:
    """``read`` guarded for any text: nothing and blanks are empty, a whole page is refused, a repair is read again until it stands.

    ``words`` is for fields of words (names, places): their accents are mended first (``MOJIBAKE``), before anything else is touched.
    """
    if len(text) > LONGEST:
        return rejected("TOO_LONG")
    clean = tidy(text)
    # accents first, as tidying takes away half of some; and again when tidying brought two halves together
    if words and ((mended := mend(text)) != text or (mended := mend(clean)) != clean):
        reading = read_one(mended, read, words)
        plain = reading.status == "ok" or reading.reason == "CASING"
        return reading._replace(status="fixed", reason="MOJIBAKE") if plain else reading
    if not clean:
        return EMPTY
    reading = read(clean)
    return _standing(reading, read, words) if reading.status == "fixed" or (words and reading.value not in (None, clean)) else reading


def _standing(reading: Reading, read: Callable[[str], Reading], words: bool) -> Reading:
    """A repaired value read again until it is left alone; one that never comes to rest is no value."""
    for _ in range(4):
        value = reading.value or ""
        clean = tidy(mend(value) if words else value)
        again = read(clean) if clean else EMPTY
        if again.value == value and again.status != "fixed":
            return reading
        if again.value is None:
            return again if again.status == "rejected" else rejected("UNREADABLE")
        reading = again if again.status == "suggested" else again._replace(status=reading.status, reason=reading.reason or again.reason)
    return rejected("UNREADABLE")


def read_all(distinct: Iterable[str], read: Callable[[str], Reading], words: bool = False) -> Iterator[Reading]:
    """``read_one`` over distinct texts."""
    return (read_one(text, read, words) for text in distinct)


def frame(readings: Iterable[Reading], extra: Sequence[str] = ()) -> pd.DataFrame:
    """Readings as a frame of text columns, one row per reading.

    They are taken block by block, best out of a generator: Python's collector looks through all small objects that live, again and
    again, so that a million readings alive at once cost more than ten times a hundred thousand.
    """
    names, source, without = [*COLUMNS, *extra], iter(readings), (None,) * len(extra)
    blocks: list[list[pa.Array]] = [[] for _ in names]
    while block := list(islice(source, _BLOCK)):
        *usual, extras = zip(*block, strict=True)
        for column, values in zip(blocks, chain(usual, zip(*(more or without for more in extras), strict=True)), strict=False):
            column.append(pa.array(values, type=pa.large_string()))
    return as_frame({name: pa.concat_arrays(column) if column else pa.nulls(0, pa.large_string()) for name, column in zip(names, blocks, strict=True)})


def as_frame(answers: Mapping[str, pa.Array], index: pd.Index | None = None) -> pd.DataFrame:
    """Arrow columns as a frame of text columns."""
    return pd.DataFrame({name: pd.array(answer, dtype=TEXT) for name, answer in answers.items()}, index=index)


def with_careful(answers: Mapping[str, pa.Array], plain: np.ndarray, careful: Callable[[np.ndarray], pd.DataFrame], index: pd.Index) -> pd.DataFrame:
    """The ``answers`` of a fast reading for the rows that are ``plain``; ``careful`` is asked about the others, and given where they are."""
    if not plain.all():
        found, chosen = careful(~plain), pa.array(~plain)
        answers = {name: pc.replace_with_mask(answer, chosen, arrow(found[name])) for name, answer in answers.items()}
    return as_frame(answers, index)


def standardise_distinct(values: pd.Series, read: Callable[[pd.Series], pd.DataFrame], extra: Sequence[str] = ()) -> pd.DataFrame:
    """Standardise each distinct text once. ``read`` takes the distinct texts and answers one row for each, in order."""
    coded = arrow(texts(values)).dictionary_encode()
    if not len(coded.dictionary):
        nothing = dict.fromkeys([*COLUMNS, *extra], pa.nulls(len(values), pa.large_string()))
        return as_frame(nothing | {"status": pa.repeat(pa.scalar("empty", pa.large_string()), len(values))}, values.index)
    answers = read(pd.Series(coded.dictionary, dtype=TEXT))
    result = {name: arrow(answers[name]).take(coded.indices) for name in [*COLUMNS, *extra]}
    return as_frame(result | {"status": pc.fill_null(result["status"], "empty")}, values.index)


def by_text(values: pd.Series, read: Callable[[str], Reading], extra: Sequence[str] = (), words: bool = False) -> pd.DataFrame:
    """``standardise_distinct`` for a module that reads one text at a time."""
    return standardise_distinct(values, lambda distinct: frame(read_all(distinct, read, words), extra), extra)


def usable(reading: Reading) -> bool:
    """Whether a text reads as a value without doubt, perhaps after a safe repair."""
    return reading.status in ("ok", "fixed")


def split_cells(column: pd.Series, several: np.ndarray, parts: Callable[[str], list[str]]) -> pd.Series:
    """The cells that hold ``several`` values cut apart, one row each, the index repeated; the others stay as they are."""
    cells = arrow(column)
    coded = cells.filter(pa.array(several)).dictionary_encode()
    distinct = [parts(cell) for cell in coded.dictionary.to_pylist()]
    cut = [distinct[place] for place in coded.indices.to_pylist()]
    number = np.ones(len(cells), dtype=np.int64)
    number[several] = [len(found) for found in cut]
    rows = np.repeat(np.arange(len(cells)), number)
    places = rows.copy()
    places[several[rows]] = len(cells) + np.arange(number[several].sum())
    whole = pa.concat_arrays([cells, pa.array(list(chain.from_iterable(cut)), type=pa.large_string())])
    return pd.Series(pd.array(whole.take(pa.array(places)), dtype=TEXT), index=column.index.take(rows), name=column.name)


def missing(index: pd.Index) -> pd.Series:
    """A text column of nothing."""
    return pd.Series(pd.array(pa.nulls(len(index), pa.large_string()), dtype=TEXT), index=index)
