"""Tax numbers of people and companies abroad, the European Union first: which a country issues is a table, each is judged by ``stdnum``."""

from functools import lru_cache
from importlib import import_module
from typing import Any

import pandas as pd
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from contacts.values.placeholders import is_placeholder
from contacts.values.reading import Reading, frame, read_one, rejected, standardise_distinct, table, texts, usable
from contacts.warehouse import TEXT

_TABLE = table("tax_number")
SCHEMES: dict[str, tuple[str, ...]] = {str(country): tuple(rows["scheme"]) for country, rows in _TABLE.groupby("country", sort=False)}
"""Country -> the numbers it issues, those of natural persons first."""


def standardise(values: pd.Series, country: pd.Series | str | None) -> pd.DataFrame:
    """Numbers as ``stdnum`` writes them, ``subtype`` the scheme (``pt.nif``); the key is the country and the number.

    ``country`` says whose numbers they are; one that is missing may be read from a VAT prefix (``PT501964843``). A number nobody here
    can check is kept with a doubt (``NOT_VERIFIED``) and is no key.
    """
    column = texts(values)
    place = country if isinstance(country, pd.Series) else pd.Series(pd.array([country] * len(column), dtype=TEXT), index=column.index)
    joined = column + "\x1f" + pd.Series(texts(place).array, index=column.index).fillna("").str.upper().str.replace("\x1f", "", regex=False)

    def read(cell: str) -> Reading:
        text, _, where = cell.rpartition("\x1f")
        return read_one(text, lambda clean: _read(clean, where))

    return standardise_distinct(joined, lambda distinct: frame(read(cell) for cell in distinct))


def is_valid(text: str, country: str = "PT") -> bool:
    """Whether ``text`` is a number this country issues."""
    return usable(read_one(text, lambda clean: _read(clean, country)))


def _read(text: str, country: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    plain = text.upper().replace(" ", "")
    if len(plain) > 30:
        return rejected("TOO_LONG")
    if len({char for char in plain if char.isdigit()}) == 1 and sum(char.isdigit() for char in plain) > 6:
        return rejected("PLACEHOLDER")
    if not any(char.isdigit() for char in plain) or not all(char.isascii() and (char.isalnum() or char in ".-/+") for char in plain):
        return rejected("INVALID_CHARACTERS")
    issuer = country or ("GR" if plain[:2] == "EL" else plain[:2])
    if issuer not in SCHEMES:
        return Reading(plain, None, "suggested", "NOT_VERIFIED")
    faults: list[type] = []
    for scheme in SCHEMES[issuer]:
        try:
            number = _module(scheme).validate(plain)
        except ValidationError as fault:
            faults.append(type(fault))
        else:
            return Reading(number, f"{issuer} {number}", subtype=scheme)
    if any(issubclass(fault, InvalidChecksum) for fault in faults):
        return rejected("CHECK_DIGITS")
    return rejected("WRONG_LENGTH" if all(issubclass(fault, InvalidLength) for fault in faults) else "INVALID_CHARACTERS")


@lru_cache
def _module(scheme: str) -> Any:
    return import_module(f"stdnum.{scheme}")
