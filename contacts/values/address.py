"""Parts of a postal address: postal code, state (UF), municipality, street with number and complement, country.

Sources: Correios (CEP), IBGE (UF), ISO 3166-1 by Unicode CLDR (countries).
"""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.phone_br import UF_OF_DDD
from contacts.values.placeholders import is_placeholder
from contacts.values.reading import (
    COLUMNS,
    Reading,
    arrow,
    by_text,
    folded,
    frame,
    read_one,
    rejected,
    standardise_distinct,
    table,
    texts,
    usable,
    with_careful,
)
from contacts.values.street import standardise_number as standardise_number
from contacts.values.street import standardise_street as standardise_street
from contacts.values.town import ddd_of_city as ddd_of_city
from contacts.values.town import standardise_city as standardise_city
from contacts.warehouse import TEXT

_UF = table("uf")
UFS = frozenset(_UF["uf"])
_UF_BY_NAME = {folded(name): uf for name, uf in zip(_UF["name"], _UF["uf"], strict=True)}
_RANGES = table("postal_code")
_FIRST, _LAST = _RANGES["first"].astype(int).to_numpy(), _RANGES["last"].astype(int).to_numpy()
_ISSUED = frozenset(prefix for first, last in zip(_FIRST, _LAST, strict=True) for prefix in range(first, last + 1))

_PREFIXES = pa.array([f"{prefix:03d}" for prefix in sorted(_ISSUED)], type=pa.large_string())
_COUNTRY = table("country")
COUNTRIES = frozenset(_COUNTRY["code"])
COUNTRY_BY_NAME = {
    folded(name): code
    for code, *columns in _COUNTRY[["code", "alpha3", "name_pt", "name_en", "aliases"]].itertuples(index=False)
    for column in columns
    for name in column.split("|")
    if name
}
_FLOAT = re.compile(r"([0-9]{3,9})\.0+")
_FAKE_CODES = frozenset(
    ["12345678", "12345000", "12345670", "99999000", "11111000", *(digit * 8 for digit in "0123456789"), *(digit * 5 for digit in "0123456789")]
)
_FAKES = pa.array(sorted(_FAKE_CODES), type=pa.large_string())


def standardise_postal_code(values: pd.Series, country: pd.Series | str | None = "BR") -> pd.DataFrame:
    """Postal codes as digits (letters stay where a country has them); ``subtype`` town for a CEP of a whole town, else street.

    A CEP of seven digits lost a zero in a spreadsheet; nothing in it can prove that, so the eight digits are only suggested.
    The key of a US code is its first five digits.
    """
    column = texts(values)
    place = _place(country, column.index)
    answers, plain = _plain_ceps(arrow(column), (place == "BR").to_numpy(dtype=bool))
    return with_careful(answers, plain, lambda rest: _each(column[rest], place[rest]), column.index)


def standardise_postal_code_each(values: pd.Series, country: pd.Series | str | None = "BR") -> pd.DataFrame:
    """What ``standardise_postal_code`` answers, each distinct code read on its own: slower, and the judge of the fast reading."""
    return _each(texts(values), _place(country, values.index))


def standardise_uf(values: pd.Series) -> pd.DataFrame:
    """Brazilian states as two letters, from abbreviation or full name."""
    return by_text(values, _read_uf, words=True)


def standardise_country(values: pd.Series) -> pd.DataFrame:
    """ISO 3166-1 alpha-2 codes, from codes and from names in Portuguese and English."""
    return by_text(values, _read_country, words=True)


def uf_of_postal_code(values: pd.Series) -> pd.Series:
    """The state a CEP of eight digits lies in; missing for anything else."""
    column = texts(values)
    digits = column.str.replace(r"[^0-9]", "", regex=True)
    prefix = pd.to_numeric(digits.where(digits.str.len() == 8).str[:3]).fillna(-1).to_numpy().astype(np.int64)
    place = np.searchsorted(_FIRST, prefix, side="right") - 1
    inside = (place >= 0) & (prefix <= _LAST[np.maximum(place, 0)])
    states = pd.array(_RANGES["uf"].to_numpy()[np.maximum(place, 0)], dtype=TEXT)
    return pd.Series(states, index=column.index).where(inside)


def uf_of_ddd(values: pd.Series) -> pd.Series:
    """The state of an area code; 61 also serves towns in Goiás around the Federal District."""
    return texts(values).map(UF_OF_DDD).astype(TEXT)


def is_valid(text: str) -> bool:
    """Whether ``text`` is a CEP of eight digits inside a range that was issued."""
    return usable(read_one(text, lambda clean: _read_postal_code(clean, "BR")))


def mask(values: pd.Series) -> pd.Series:
    """A CEP keeps its first five digits, ``01310-***``; any other part of an address its first letter."""
    column = texts(values)
    plain = column.str.replace(r"[\s.-]", "", regex=True)
    cep = plain.str.fullmatch("[0-9]{8}").fillna(False).astype(bool)
    other = column.str.strip().str.extract(r"^([^\W\d_])\S\S")[0].fillna("") + "***"
    return other.where(~cep, plain.str[:5] + "-***").where(column.notna()).astype(TEXT)


def _place(country: pd.Series | str | None, index: pd.Index) -> pd.Series:
    """Countries beside values."""
    place = texts(country) if isinstance(country, pd.Series) else pd.Series(country, index=index, dtype=TEXT)
    return pd.Series(place.fillna("BR").str.upper().array, index=index)


def _each(column: pd.Series, place: pd.Series) -> pd.DataFrame:
    """Every distinct code and country through ``_read_postal_code``."""
    joined = column + "\x1f" + place.str.replace("\x1f", "", regex=False)

    def read(cell: str) -> Reading:
        text, _, where = cell.rpartition("\x1f")
        return read_one(text, lambda clean: _read_postal_code(clean, where))

    return standardise_distinct(joined, lambda distinct: frame(read(cell) for cell in distinct))


def _plain_ceps(text: pa.LargeStringArray, brazilian: np.ndarray) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for Brazilian codes in their usual writing and inside a range, as columns, and which rows they are for."""
    usual = pc.if_else(pc.and_(pa.array(brazilian), pc.match_substring_regex(text, r"\A[0-9]{5}-?[0-9]{3}\z")), text, None)
    value = pc.replace_substring(usual, "-", "")
    known = pc.and_(pc.is_in(pc.utf8_slice_codeunits(value, 0, 3), value_set=_PREFIXES), pc.invert(pc.is_in(value, value_set=_FAKES)))
    none, ok = pa.nulls(len(text), pa.large_string()), pa.repeat(pa.scalar("ok", pa.large_string()), len(text))
    subtype = pc.if_else(pc.ends_with(value, "000"), "town", "street").cast(pa.large_string())
    return dict(zip(COLUMNS, (value, value, ok, none, none, subtype), strict=True)), pc.fill_null(known, False).to_numpy(zero_copy_only=False)


def _read_postal_code(text: str, country: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    as_float = _FLOAT.fullmatch(text)
    plain = as_float[1] if as_float else re.sub(r"[\s.\-–]", "", re.sub(r"^(?:cep|zip)\s*:?\s*", "", text, flags=re.IGNORECASE)).upper()
    if not plain.isascii() or not plain.isalnum():
        return rejected("INVALID_CHARACTERS")
    if plain in _FAKE_CODES:
        return rejected("PLACEHOLDER")
    if country == "BR":
        return _read_cep(plain)
    if country == "US":
        return _read_zip(plain)
    return Reading(plain, plain) if 3 <= len(plain) <= 10 and any(char.isdigit() for char in plain) else rejected("WRONG_LENGTH")


def _read_cep(plain: str) -> Reading:
    if not plain.isdigit():
        return rejected("INVALID_CHARACTERS")
    if len(plain) == 7 and _issued("0" + plain):
        return Reading(None, None, "suggested", "LOST_ZEROS", "0" + plain)
    if len(plain) != 8:
        return rejected("WRONG_LENGTH")
    if not _issued(plain):
        return rejected("UNKNOWN_POSTAL_CODE")
    return Reading(plain, plain, subtype="town" if plain.endswith("000") else "street")


def _read_zip(plain: str) -> Reading:
    if not plain.isdigit():
        return rejected("INVALID_CHARACTERS")
    if len(plain) in (4, 8):
        return Reading(None, None, "suggested", "LOST_ZEROS", "0" + plain)
    return Reading(plain, plain[:5]) if len(plain) in (5, 9) else rejected("WRONG_LENGTH")


def _issued(cep: str) -> bool:
    return int(cep[:3]) in _ISSUED


def _read_uf(text: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    plain = folded(text).strip(" .,-/()")
    for candidate in (plain, plain.removeprefix("estado de ").removeprefix("estado do ").removeprefix("estado da "), plain.removeprefix("br-")):
        if candidate in _UF_BY_NAME:
            return Reading(_UF_BY_NAME[candidate], _UF_BY_NAME[candidate])
        if candidate.replace(".", "").upper() in UFS:
            return Reading(candidate.replace(".", "").upper(), candidate.replace(".", "").upper())
    parts = [part.strip() for part in re.split(r"[-–/(),]", plain) if part.strip()]
    states = {_UF_BY_NAME.get(part) or (part.upper() if part.upper() in UFS else None) for part in parts}
    found = sorted(state for state in states if state)
    return Reading(found[0], found[0]) if len(found) == 1 else rejected("UNKNOWN_UF")


def _read_country(text: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    code = text.strip(" .").upper()
    found = code if code in COUNTRIES else COUNTRY_BY_NAME.get(folded(text)) or COUNTRY_BY_NAME.get(folded(text).strip(" ."))
    return Reading(found, found) if found else rejected("UNKNOWN_COUNTRY")
