"""Phone numbers: to E.164, with Brazil's plan (67 area codes, ninth digit, carrier codes) read by our own table.

Sources: ITU-T E.164; Anatel Resolution 749/2022 (numbering plan) and 553/2010 (ninth digit); other countries by ``phonenumbers``.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.phone_br import DDD_PATTERN, KEYBOARD, RUNS, UF_OF_DDD, UNIQUE_NUMBER, national
from contacts.values.phone_cell import area_code_beside as area_code_beside
from contacts.values.phone_cell import split as split
from contacts.values.phone_text import without_clutter
from contacts.values.placeholders import is_placeholder
from contacts.values.reading import COLUMNS, Reading, arrow, frame, read_one, rejected, standardise_distinct, texts, usable, with_careful
from contacts.warehouse import TEXT

_KIND = {
    phonenumbers.PhoneNumberType.MOBILE: "mobile",
    phonenumbers.PhoneNumberType.FIXED_LINE: "fixed",
    phonenumbers.PhoneNumberType.TOLL_FREE: "service",
    phonenumbers.PhoneNumberType.PREMIUM_RATE: "service",
    phonenumbers.PhoneNumberType.SHARED_COST: "service",
    phonenumbers.PhoneNumberType.UAN: "service",
}
_JOIN = "\x1f"
_FOUR = re.compile("[0-9]{4}")
"""A text with these is no word for nothing; digits that are nobody's are found by themselves."""

_PLAIN = (
    rf"^\s*(?:(?:\+?55[\s.-]?)?(?:\(0?(?:{DDD_PATTERN})\)|0?(?:{DDD_PATTERN}))[\s.-]?\s?)?"
    r"(?:9[\s.]?[0-9]{4}|[2-9][0-9]{3})(?:[\s-]?[0-9]{4}|\.[1-9][0-9]{3})\s*$"
)
"""The usual writings of a Brazilian number; a dot before zeros may be the decimals of a spreadsheet and is left to the careful reading."""

_FRONT = re.compile(rf"(?:(?:55)?0?(?P<ddd>{DDD_PATTERN}))?(?P<nine>9?)")
"""What stands before the last eight digits of one of those."""

_FAKE = pa.array([digit * 8 for digit in "0123456789"] + list(RUNS), type=pa.large_string())
_DDDS = pa.array(list(UF_OF_DDD), type=pa.large_string())
_COUNTRY, _NONE = pa.scalar("+55", type=pa.large_string()), pa.scalar("", type=pa.large_string())
_NOTHING = pa.scalar(None, type=pa.string())
_PERHAPS_SERVICE = pa.array([*(f"{first}00{last}" for first in "34" for last in range(10)), "4020", "4370", *UNIQUE_NUMBER], type=pa.large_string())


def standardise(values: pd.Series, country: pd.Series | str | None = "BR", area_code: pd.Series | None = None) -> pd.DataFrame:
    """E.164 numbers; ``subtype`` mobile, fixed, service or unknown.

    ``country`` (ISO-2, per value or for all; missing = BR) is where a number without ``+`` is dialled from. ``area_code`` is the DDD of
    the person's address: it only ever makes a suggestion. The key of a Brazilian number is DDD + last eight digits, so that a number
    with and without its ninth digit meets (a WhatsApp account keeps the form it was opened with); service numbers (0800, 4004) are
    nobody's and get no key.
    """
    column, place, ddd = _aligned(values, country, area_code)
    answers, plain = _plain_brazilian(column, ddd)
    plain = plain & (place == "BR").to_numpy(dtype=bool)
    return with_careful(answers, plain, lambda rest: _each(column[rest], place[rest], ddd[rest]), column.index)


def standardise_each(values: pd.Series, country: pd.Series | str | None = "BR", area_code: pd.Series | None = None) -> pd.DataFrame:
    """What ``standardise`` answers, each distinct value read on its own: slower, and the judge of the fast reading."""
    return _each(*_aligned(values, country, area_code))


def is_valid(text: str) -> bool:
    """Whether ``text`` is a dialable number, read from Brazil when it has no ``+``."""
    return usable(read_one(text, lambda clean: _read(clean, "BR", "")))


def mask(values: pd.Series) -> pd.Series:
    """Only the last two digits: ``*******47``."""
    column = texts(values)
    digits = column.str.replace(r"[^0-9]", "", regex=True)
    return ("*******" + digits.str[-2:].where(digits.str.len() > 5, "")).where(column.notna())


def _aligned(values: pd.Series, country: pd.Series | str | None, area_code: pd.Series | None) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Numbers, countries and area codes on the index of the numbers."""
    column = texts(values)

    def beside(value: pd.Series | str | None) -> pd.Series:
        if isinstance(value, pd.Series):
            return pd.Series(texts(value).array, index=column.index)
        return pd.Series(pd.array(pa.repeat(pa.scalar(value, pa.large_string()), len(column)), dtype=TEXT), index=column.index)

    return column, beside(country).fillna("BR").str.upper(), beside(area_code).fillna("")


def _each(column: pd.Series, place: pd.Series, ddd: pd.Series) -> pd.DataFrame:
    """Every distinct number, country and area code through ``_read``."""
    joined = column + _JOIN + place.str.replace(_JOIN, "", regex=False) + _JOIN + ddd.str.replace(_JOIN, "", regex=False)

    def read(distinct: pd.Series) -> pd.DataFrame:
        cells = (cell.rsplit(_JOIN, 2) for cell in distinct)
        return frame(read_one(text, partial(_read, country=where, ddd=area)) for text, where, area in cells)

    return standardise_distinct(joined, read)


def _plain_brazilian(column: pd.Series, ddd: pd.Series) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for usual writings of Brazilian mobile and fixed numbers as columns, and which rows they are for."""
    text = arrow(column)
    digits = pc.replace_substring_regex(pc.if_else(pc.match_substring_regex(text, _PLAIN), text, None), "[^0-9]+", "")
    eight, fronts = pc.utf8_slice_codeunits(digits, -8), pc.utf8_slice_codeunits(digits, 0, -8).dictionary_encode()
    # a few hundred, whatever the length of the column
    parsed = [found.groupdict("") for front in fronts.dictionary.to_pylist() if (found := _FRONT.fullmatch(front))]

    def front(texts: Iterable[str]) -> pa.Array:
        return pa.array(texts, type=pa.large_string()).take(fronts.indices)

    area, nine = front(found["ddd"] for found in parsed), front(found["nine"] for found in parsed)
    local, short = pc.equal(area, ""), pc.equal(nine, "")
    odd = pc.or_(pc.is_in(eight, value_set=_FAKE), pc.and_(short, pc.is_in(pc.utf8_slice_codeunits(eight, 0, 4), value_set=_PERHAPS_SERVICE)))
    plain = pc.fill_null(pc.invert(odd), False)

    first = pc.utf8_slice_codeunits(eight, 0, 1)
    lacks = pc.and_(short, pc.is_in(first, value_set=pa.array(["6", "8", "9"], type=first.type)))
    mobile = pc.or_(pc.or_(pc.invert(short), lacks), pc.equal(first, "7"))
    nine = pc.if_else(lacks, "9", nine)
    lent = arrow(ddd)
    helped = pc.and_(local, pc.is_in(lent, value_set=_DDDS))
    answers = (
        pc.if_else(local, None, _joined(_COUNTRY, area, nine, eight)),
        pc.if_else(local, None, _joined(area, eight)),
        pc.if_else(local, pc.if_else(helped, "suggested", "rejected"), pc.if_else(lacks, "fixed", "ok")),
        pc.if_else(local, "MISSING_DDD", pc.if_else(lacks, "NINTH_DIGIT", _NOTHING)),
        pc.if_else(helped, _joined(_COUNTRY, lent, nine, eight), None),
        pc.if_else(mobile, "mobile", "fixed"),
    )
    return {name: answer.cast(pa.large_string()) for name, answer in zip(COLUMNS, answers, strict=True)}, plain.to_numpy(zero_copy_only=False)


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _NONE)


def _read(text: str, country: str, ddd: str) -> Reading:
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in unicodedata.normalize("NFKC", text))
    if not _FOUR.search(text) and is_placeholder(text):
        return rejected("PLACEHOLDER")
    number, reason = without_clutter(text)
    if number is None:
        return rejected(reason or "NOT_A_PHONE")
    plus = number.lstrip("( ").startswith("+")
    digits = re.sub(r"[^0-9]", "", number)
    if not digits:
        return rejected("NOT_A_PHONE")
    if len(set(digits)) == 1 or (len(digits) > 4 and any(digits in row for row in KEYBOARD)):
        return rejected("PLACEHOLDER")
    if len(digits) > 17:
        return rejected("TOO_LONG")
    if plus and digits.startswith("55"):
        reading = national(digits[2:], "", with_country=True)
    elif plus:
        reading = _international("+" + digits, None)
    elif digits.startswith("00"):
        reading = _after_international_prefix(digits, country)
    elif country == "BR":
        reading = national(digits, ddd)
    else:
        reading = _international(digits, country)
    return reading._replace(status="fixed", reason=reason) if reason and reading.status == "ok" else reading


def _after_international_prefix(digits: str, country: str) -> Reading:
    """After 00 comes the country; in Brazil a carrier code (two digits) may stand between them."""
    whole = digits.lstrip("0")
    reading = national(whole[2:], "", with_country=True) if whole.startswith("55") else _international("+" + whole, None)
    if reading.status == "rejected" and country == "BR" and not whole.startswith("55"):
        reading = _international(digits, "BR")
    return reading._replace(status="fixed", reason="INTERNATIONAL_PREFIX") if usable(reading) else rejected("INVALID_NUMBER")


def _international(digits: str, region: str | None) -> Reading:
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        return rejected("UNKNOWN_COUNTRY")
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return rejected("INVALID_NUMBER")
    significant = phonenumbers.national_significant_number(parsed)
    if len(set(significant)) == 1 or any(significant in row for row in KEYBOARD):
        return rejected("PLACEHOLDER")
    kind = phonenumbers.number_type(parsed)
    if kind != phonenumbers.PhoneNumberType.UNKNOWN:  # which is what the library's is_valid_number looks for, at half the cost
        value, subtype = f"+{parsed.country_code}{significant}", _KIND.get(kind, "unknown")
        return Reading(value, None if subtype == "service" else value, subtype=subtype)
    if region is not None and phonenumbers.is_valid_short_number_for_region(parsed, region):
        return rejected("SHORT_CODE", subtype="service")
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if region is not None and possible == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        # no number to dial, but the same seven digits in one country still say something to linkage
        return rejected("MISSING_AREA_CODE", match_key=f"{region.lower()}:{significant}", subtype="unknown")
    return rejected("INVALID_NUMBER")
