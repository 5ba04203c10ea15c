"""The key names are compared by: no accents, no particles, Portuguese spelling variants brought together."""

import re
from functools import lru_cache

from anyascii import anyascii

PARTICLES = frozenset(("de", "da", "do", "das", "dos", "e", "di", "del", "della", "dal", "van", "von", "der", "den", "du", "la", "le", "y"))
SUFFIXES = {
    "jr": "Júnior",
    "junior": "Júnior",
    "filho": "Filho",
    "filha": "Filha",
    "neto": "Neto",
    "neta": "Neta",
    "bisneto": "Bisneto",
    "sobrinho": "Sobrinho",
    "sobrinha": "Sobrinha",
    "segundo": "Segundo",
    "ii": "II",
    "iii": "III",
    "iv": "IV",
}
"""What tells a father from his son: a difference, never noise."""
NEVER_A_FAMILY = frozenset(("jr", "junior", "ii", "iii", "iv"))
"""Suffixes that are one even behind a single given name."""

_SOUNDS = tuple(
    (re.compile(pattern), letters)
    for pattern, letters in (
        (r"ph", "f"),
        (r"[cs]h", "x"),
        (r"(?<=[tdr])h", ""),
        (r"c(?=[eiy])", "s"),
        (r"g(?=[eiy])", "j"),
        (r"ck|k|q(?!u)|qu(?=[ei])", "c"),
        (r"w", "v"),
        (r"y", "i"),
        (r"z", "s"),
        (r"^h(?=[aeiou])", ""),
        (r"(?<=s)c(?=[ei])", ""),
        (r"m(?=[bp])", "n"),
        (r"(?<=[aeiou])m$", "n"),
        (r"(.)\1+", r"\1"),
    )
)
_BETWEEN = re.compile(r"[\s\-_/.,;:]+")


def name_key(text: str) -> str | None:
    """Tokens in their order, each as it sounds; None when nothing is left."""
    return " ".join(filter(None, map(sound, filter(None, _BETWEEN.split(text.casefold()))))) or None


@lru_cache(maxsize=500_000)
def sound(token: str) -> str:
    """One token as it sounds in Portuguese; a particle is silent."""
    plain = re.sub(r"[^a-z0-9]", "", anyascii(token.replace("ç", "s").replace("c\u0327", "s")).casefold())
    if plain in PARTICLES:
        return ""
    if plain in SUFFIXES:
        return anyascii(SUFFIXES[plain]).casefold()
    if not plain.strip("ivx"):
        return plain  # a Roman numeral is counted, not sounded
    for pattern, letters in _SOUNDS:
        plain = pattern.sub(letters, plain)
    return plain
