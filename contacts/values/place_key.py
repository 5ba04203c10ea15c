"""The key places and streets are compared by: no accents, no case, no punctuation; an apostrophe joins (d'Oeste, D Oeste)."""

import re

from contacts.values.reading import folded

_APOSTROPHE = re.compile(r"(?<=[a-z])\s?['’`´]\s?(?=[a-z])|(?<=\bd)\s(?=[aeiouh])")
_NOT_A_SIGN = re.compile(r"[^a-z0-9]+")


def place_key(text: str) -> str:
    """Words of letters and digits; a place in another script keeps its own letters."""
    plain = folded(text)
    return _NOT_A_SIGN.sub(" ", _APOSTROPHE.sub("", plain)).strip() or plain
