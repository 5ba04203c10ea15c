"""Birth dates: ISO 8601 with their precision; day and month are told apart per column, never guessed per cell."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.placeholders import is_placeholder
from contacts.values.reading import EMPTY, LONGEST, Reading, arrow, folded, frame, rejected, standardise_distinct, texts, tidy
from contacts.warehouse import TEXT

Order = Literal["auto", "dmy", "mdy"]

OLDEST = 115
"""Years; an older living person is a typing error."""
ADULT = 18
"""Years; below it a person is a minor, whose data LGPD art. 14 protects apart."""
NOBODY = frozenset(["1900-01-01", "1970-01-01", "1899-12-30", "1899-12-31", "0001-01-01", "1753-01-01", "1800-01-01", "9999-12-31", "1111-11-11", "2222-02-22"])
"""What spreadsheets, databases and bored typists leave in place of a date."""

_EXCEL_EPOCH = date(1899, 12, 30)
_DAY_MS = 86_400_000
_TIME = r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_YMD = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}}){_TIME}", re.IGNORECASE)
_TRIPLE = re.compile(rf"([0-9]{{1,2}})\s?([-/. ])\s?([0-9]{{1,2}})\s?\2\s?([0-9]{{4}}|[0-9]{{2}}){_TIME}", re.IGNORECASE)
_EIGHT = re.compile(r"[0-9]{8}")
_YEARLESS = re.compile(r"--([0-9]{2})-?([0-9]{2})")
_YEAR_MONTH = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})|([0-9]{1,2})[-/]([0-9]{4})")
_YEAR = re.compile(r"[0-9]{4}")
_WHOLE = re.compile(r"(-?[0-9]{1,14})(?:\.0+)?")
_WORDS = re.compile(
    r"([0-9]{1,2})[ºo°]?[\s./-]*(?:de\s+)?([a-z]{3,10})\.?[\s,./-]*(?:de\s+)?([0-9]{4}|[0-9]{2})|([a-z]{3,10})\.?\s+([0-9]{1,2})(?:st|nd|rd|th)?,?\s+([0-9]{4})"
)
_MONTH_WORD = re.compile(r"([a-z]{3,10})\.?(?:[\s/-]+|\s+de\s+)([0-9]{4})")
_WEEKDAY = re.compile(r"^(?:(?:segunda|terca|quarta|quinta|sexta)(?:[ -]feira)?|sabado|domingo|(?:mon|tues|wednes|thurs|fri|satur|sun)day),?\s+")
_MONTH_NAMES = (
    # Portuguese, English, Spanish, Italian, French, German
    "jan janeiro january ene enero gen gennaio janvier januar", "fev fevereiro feb february febrero febbraio fevrier februar",
    "mar marco march marzo mars marz", "abr abril apr april aprile avril", "mai maio may mayo mag maggio", "jun junho june junio giu giugno juin juni",
    "jul julho july julio lug luglio juillet juli", "ago agosto aug august aout", "set setembro sep sept september septiembre settembre septembre",
    "out outubro oct october octubre ott ottobre octobre okt oktober", "nov novembro november noviembre novembre",
    "dez dezembro dec december dic diciembre dicembre decembre dezember",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


DEPENDING = ("dmy", "mdy", "either", "serial", "year")
"""Ways of writing (``forms``) whose reading depends on the layout of the column; only the first three on the order of day and month."""


class Layout(NamedTuple):
    """What a column as a whole says about its cells: ``order`` is dmy, mdy or undecided; ``serial``: most are days counted by Excel."""

    order: str
    serial: bool


class Column(NamedTuple):
    """What a cell is read with."""

    as_of: date
    order: str
    serial: bool


def forms(values: pd.Series) -> pd.Series:
    """How each cell is written: proof of ``dmy`` or ``mdy``, ``either``, a ``serial``, a ``year`` that may be one, ``other``; missing where empty."""
    column = texts(values)
    coded = arrow(column).dictionary_encode()
    found = pa.array(map(_form, _cells(coded.dictionary)), type=pa.large_string()).take(coded.indices)
    return pd.Series(pd.array(found, dtype=TEXT), index=column.index)


def layout(counts: Mapping[str, int], order: Order = "auto") -> Layout:
    """The layout of a column of which so many cells have each form; an ``order`` other than auto is the source's word, and stands."""
    proven = [each for each in ("dmy", "mdy") if counts.get(each, 0) > 0]
    decided = order if order != "auto" else proven[0] if len(proven) == 1 else "undecided"
    return Layout(decided, counts.get("serial", 0) * 2 > sum(counts.values()))


def standardise(values: pd.Series, as_of: date, order: Order = "auto", of_column: Layout | None = None) -> pd.DataFrame:
    """ISO dates with extra column ``precision``: day ``YYYY-MM-DD``, month ``YYYY-MM``, year ``YYYY``, yearless ``--MM-DD``.

    ``order`` of day and month is that of the column; ``auto`` takes it from the values that allow only one (25/03/1985) and reads
    nothing ambiguous in a column where none does (``DATE_ORDER_UNDECIDED``). Excel serials are read only where most values are
    serials. Placeholders, dates after ``as_of`` and ages over 115 years are rejected. Only whole dates get a key. ``subtype`` is minor
    where the person may be under 18 on ``as_of``.
    ``of_column`` is the layout of the whole column, where ``values`` are only some of it.
    """
    today = as_of.date() if isinstance(as_of, datetime) else as_of

    def read(distinct: pd.Series) -> pd.DataFrame:
        cells = _cells(arrow(distinct))
        column = Column(today, *(of_column or layout(Counter(filter(None, map(_form, cells))), order)))
        too_long = pc.greater(pc.utf8_length(arrow(distinct)), LONGEST).to_pylist()
        return frame((rejected("TOO_LONG") if long else _read(text, column) for text, long in zip(cells, too_long, strict=True)), ("precision",))

    return standardise_distinct(values, read, ("precision",))


def is_valid(text: str) -> bool:
    """Whether ``text`` is a standard date of any precision; whether it lies in the future only ``standardise`` can say."""
    if (yearless := _YEARLESS.fullmatch(text)) is not None:
        return _date(2000, int(yearless[1]), int(yearless[2])) is not None and text[4] == "-"
    if re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", text) is None:
        return False
    year, month, day = ([int(part) for part in text.split("-")] + [1, 1])[:3]
    return text not in NOBODY and _date(year, month, day) is not None


def mask(values: pd.Series) -> pd.Series:
    """Only the birth year: ``1985-**-**``; the decade where nothing but a year is known, nothing of a yearless date."""
    column = texts(values)
    year = column.str[:4]
    whole = column.str.fullmatch(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?").fillna(False).astype(bool)
    only_year = column.str.fullmatch("[0-9]{4}").fillna(False).astype(bool)
    masked = pd.Series("****-**-**", index=column.index, dtype=TEXT)
    return masked.where(~whole, year + "-**-**").where(~only_year, column.str[:3] + "*").where(column.notna())


def age_on(values: pd.Series, as_of: date) -> pd.Series:
    """Completed years (Int64) on ``as_of``; a month or year alone counts as its last day, so that nobody is made older; yearless: missing."""
    parts = texts(values).str.extract(r"^([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?$").astype("Float64")
    year, month, day = parts[0], parts[1].fillna(12), parts[2].fillna(31)
    before = (month * 100 + day) > as_of.month * 100 + as_of.day
    return (as_of.year - year - before.astype("Float64")).clip(lower=0).astype("Int64")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _cells(distinct: pa.LargeStringArray) -> list[str]:
    return ["" if len(text) > LONGEST else tidy(text) for text in distinct.to_numpy(zero_copy_only=False)]


@lru_cache(maxsize=100_000)
def _form(text: str) -> str | None:
    if not text:
        return None
    if (match := _TRIPLE.fullmatch(text)) is not None:
        first, second = int(match[1]), int(match[3])
        if 12 < first <= 31 and 1 <= second <= 12:
            return "dmy"
        return "mdy" if 12 < second <= 31 and 1 <= first <= 12 else "either"
    if (whole := _WHOLE.fullmatch(text)) is not None and 1 <= int(whole[1]) <= 60_000:
        return "year" if _plausible_year(whole[1]) else "serial"
    return "either" if _EIGHT.fullmatch(text) else "other"


def _plausible_year(digits: str) -> bool:
    return len(digits) == 4 and 1890 <= int(digits) <= 2100


@lru_cache(maxsize=100_000)
def _read(text: str, column: Column) -> Reading:
    if not text:
        return EMPTY
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    if (ymd := _YMD.fullmatch(text)) is not None:
        return _whole(_date(int(ymd[1]), int(ymd[3]), int(ymd[4])), column, iso=f"{ymd[1]}-{int(ymd[3]):02d}-{int(ymd[4]):02d}")
    if (triple := _TRIPLE.fullmatch(text)) is not None:
        return _ordered(int(triple[1]), int(triple[3]), triple[4], column)
    if (words := _WORDS.fullmatch(_WEEKDAY.sub("", folded(text)))) is not None:
        day, name, year = (words[1], words[2], words[3]) if words[1] else (words[5], words[4], words[6])
        if name not in _MONTHS:
            return rejected("UNREADABLE_DATE")
        found = [_whole(_date(century + int(year), _MONTHS[name], int(day)), column) for century in ((1900, 2000) if len(year) == 2 else (0,))]
        return found[0] if len(found) == 1 else _of_one_century(found)
    if (words := _MONTH_WORD.fullmatch(folded(text))) is not None and (month := _MONTHS.get(words[1])) is not None:
        return _partial(int(words[2]), month, f"{words[2]}-{month:02d}", "month", column)
    if (yearless := _YEARLESS.fullmatch(text)) is not None:
        if _date(2000, int(yearless[1]), int(yearless[2])) is None:
            return rejected("INVALID_DATE")
        return Reading(f"--{yearless[1]}-{yearless[2]}", extra=("yearless",))
    return _digits(text, column)


def _digits(text: str, column: Column) -> Reading:
    if (whole := _WHOLE.fullmatch(text)) is not None and column.serial and 1 <= int(whole[1]) <= 60_000:
        serial = int(whole[1])
        # Lotus 1-2-3 believed in 29 February 1900, and Excel kept the day
        return _whole(_EXCEL_EPOCH + timedelta(days=serial + (serial < 60)), column, "EXCEL_SERIAL")
    if _EIGHT.fullmatch(text):
        if 1850 <= int(text[:4]) <= 2100 and (found := _date(int(text[:4]), int(text[4:6]), int(text[6:]))) is not None:
            return _whole(found, column)
        return _ordered(int(text[:2]), int(text[2:4]), text[4:], column)
    if (pair := _YEAR_MONTH.fullmatch(text)) is not None:
        year, month = (int(pair[1]), int(pair[2])) if pair[1] else (int(pair[4]), int(pair[3]))
        return _partial(year, month, f"{year:04d}-{month:02d}", "month", column)
    if _YEAR.fullmatch(text):
        return _partial(int(text), 1, text, "year", column)
    if whole is not None and abs(int(whole[1])) > 60_000 and int(whole[1]) % _DAY_MS == 0 and abs(int(whole[1]) // _DAY_MS) < 60_000:
        return _whole(date(1970, 1, 1) + timedelta(days=int(whole[1]) // _DAY_MS), column, "EPOCH_MILLISECONDS")
    return rejected("UNREADABLE_DATE")


def _ordered(first: int, second: int, year: str, column: Column) -> Reading:
    """Two numbers and a year, day and month told apart by the column."""
    if len(year) == 2:
        return _short_year(first, second, int(year), column)
    day_first, month_first = _date(int(year), second, first), _date(int(year), first, second)
    if day_first is None and month_first is None:
        return rejected("PLACEHOLDER" if first == second == 0 else "INVALID_DATE")
    if day_first == month_first or (column.order == "undecided" and (day_first is None or month_first is None)):
        return _whole(day_first or month_first, column)
    if column.order == "undecided":
        return rejected("DATE_ORDER_UNDECIDED")
    wanted, other = (day_first, month_first) if column.order == "dmy" else (month_first, day_first)
    if wanted is not None:
        return _whole(wanted, column)
    reading = _whole(other, column)
    return reading if reading.value is None else Reading(None, None, "suggested", "DATE_ORDER", reading.value, extra=(None,))


def _short_year(first: int, second: int, year: int, column: Column) -> Reading:
    return _of_one_century([_ordered(first, second, str(century + year), column) for century in (1900, 2000)])


def _of_one_century(found: list[Reading]) -> Reading:
    """A two-digit year stands when only one century makes a possible age, and is a suggestion otherwise."""
    possible = [reading for reading in found if reading.value is not None]
    if len(possible) == 1:
        return possible[0]._replace(status="fixed", reason="TWO_DIGIT_YEAR")
    if possible:
        return Reading(None, None, "suggested", "TWO_DIGIT_YEAR", possible[1].value, extra=(None,))
    return rejected(found[0].reason or "INVALID_DATE")


def _partial(year: int, month: int, value: str, precision: str, column: Column) -> Reading:
    first = _date(year, month, 1)
    if first is None:
        return rejected("INVALID_DATE")
    if first > column.as_of:
        return rejected("FUTURE_DATE")
    if column.as_of.year - year > OLDEST:
        return rejected("TOO_OLD")
    last = date(year + 1, 1, 1) if precision == "year" else date(year + month // 12, month % 12 + 1, 1)
    return Reading(value, subtype=_minor(last - timedelta(days=1), column), extra=(precision,))


def _minor(latest: date, column: Column) -> str | None:
    return "minor" if _age(latest, column) < ADULT else None


def _age(born: date, column: Column) -> int:
    """Completed years."""
    return column.as_of.year - born.year - ((column.as_of.month, column.as_of.day) < (born.month, born.day))


def _whole(found: date | None, column: Column, reason: str | None = None, iso: str | None = None) -> Reading:
    if found is None:
        return rejected("PLACEHOLDER" if iso is not None and (iso in NOBODY or iso.startswith("0000")) else "INVALID_DATE")
    value = found.isoformat()
    if value in NOBODY:
        return rejected("PLACEHOLDER")
    if found > column.as_of:
        return rejected("FUTURE_DATE")
    if _age(found, column) > OLDEST:
        return rejected("TOO_OLD")
    return Reading(value, value, "fixed" if reason else "ok", reason, None, _minor(found, column), extra=("day",))
