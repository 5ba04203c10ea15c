"""Writing a shouted or whispered name as its owner would."""

import re
import unicodedata
from functools import lru_cache

from contacts.values.name_key import PARTICLES

_ROMAN = re.compile(r"(?:ii|iii|iv|vi|vii|viii|ix|xi|xii|xiii|x{1,2}iv|x{1,2}vi{0,3}|x{1,2}ix|xxi{0,3})\.?")
_PIECE = re.compile(r"[^\s\-'’`´.]+|[\s\-'’`´.]")


def has_one_case(text: str) -> bool:
    """All capitals or all small letters but for particles, in more than one character; only then the casing carries no information."""
    if len(text) < 2 or (text[0].isupper() and text[1].islower()):
        return False
    if text.isupper() or text.islower():
        return True
    telling = " ".join(word for word in text.split() if word.lower() not in PARTICLES)
    return len(telling) > 1 and (telling.isupper() or telling.islower())


def recased(text: str) -> str:
    """Title case, particles small (not at the front), Roman numerals, McX and O'X."""
    words = text.split(" ")
    cased = " ".join(_word(word, first=position == 0) for position, word in enumerate(words))
    return cased if cased.isascii() else unicodedata.normalize("NFC", cased)


@lru_cache(maxsize=500_000)
def _word(word: str, first: bool) -> str:
    lower = word.lower()
    if not first and lower in PARTICLES:
        return lower
    if _ROMAN.fullmatch(lower):
        return word.upper()
    pieces = _PIECE.findall(lower)
    if len(pieces) > 2 and pieces[1] in "'’`´" and pieces[0] == "d":
        # D'Ávila is written D'Ávila at the front and d'Ávila inside
        return ("D" if first else "d") + "".join(_capital(piece) for piece in pieces[1:])
    return "".join(_capital(piece) for piece in pieces)


def _capital(piece: str) -> str:
    if piece.startswith("mc") and len(piece) > 3:
        return "Mc" + piece[2:3].upper() + piece[3:]
    return piece[:1].upper() + piece[1:]
