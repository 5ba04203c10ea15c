"""Languages as lower-case BCP 47 tags (RFC 5646): ``pt-br``, ``en``."""

import re

import pandas as pd

from contacts.values.address import COUNTRIES, COUNTRY_BY_NAME
from contacts.values.placeholders import is_placeholder
from contacts.values.reading import Reading, by_text, folded, read_one, rejected, table, texts, usable

_TABLE = table("language")
LANGUAGES = frozenset(_TABLE["code"])
_NAMES = {
    folded(name): code
    for code, *columns in _TABLE[["code", "name_pt", "name_en", "name_own", "aliases"]].itertuples(index=False)
    for column in columns
    for name in column.split("|")
    if name
} | {"br": "pt-br", "brasileiro": "pt-br", "portugues do brasil": "pt-br", "portugues brasileiro": "pt-br", "brazilian portuguese": "pt-br"}
_TAG = re.compile(r"([a-z]{2})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|419))?(?:[.@].*)?")
_NAMED_REGION = re.compile(r"(.+?)\s*[(\-–]\s*(.+?)\)?")


def standardise(values: pd.Series) -> pd.DataFrame:
    """Tags of language, script and region in lower case; the key is the language alone."""
    return by_text(values, _read)


def is_valid(text: str) -> bool:
    """Whether ``text`` names a language."""
    return usable(read_one(text, _read))


def mask(values: pd.Series) -> pd.Series:
    """The language without its region: ``pt-***``."""
    column = texts(values)
    return (column.str.extract(r"^([A-Za-z]{2})(?:[-_]|$)")[0].fillna("") + "-***").where(column.notna())


def _read(text: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    plain = folded(text)
    tag = _TAG.fullmatch(plain)
    if tag and tag[1] in LANGUAGES and plain != "br":  # Breton is spoken, but here "br" is Brazil
        region = tag[3]
        if region and region != "419" and region.upper() not in COUNTRIES:
            return rejected("UNKNOWN_LANGUAGE")
        return _tagged("-".join(part for part in (tag[1], tag[2], region) if part))
    if plain in _NAMES:
        return _tagged(_NAMES[plain])
    named = _NAMED_REGION.fullmatch(plain)
    if named and named[1].strip() in _NAMES:
        region = COUNTRY_BY_NAME.get(named[2].strip())
        return _tagged(_NAMES[named[1].strip()].partition("-")[0] + (f"-{region.lower()}" if region else ""))
    return rejected("UNKNOWN_LANGUAGE")


def _tagged(tag: str) -> Reading:
    return Reading(tag, tag[:2])
