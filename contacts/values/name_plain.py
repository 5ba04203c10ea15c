"""The fast way through names: one of ordinary words needs nothing but its words, and each word is looked at once.

Any word that could mean something else (a legal form, a form of address, a suffix, a placeholder) leaves the name to the careful reading,
which gives the same answer more slowly; a test holds the two together.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from contacts.values.name_case import recased
from contacts.values.name_key import PARTICLES, SUFFIXES, sound
from contacts.values.placeholders import NAME
from contacts.values.reading import Reading, folded

LEGAL_WORDS = frozenset(
    ("ltda", "eireli", "epp", "mei", "slu", "inc", "incorporated", "llc", "llp", "corp", "corporation", "gmbh", "plc", "cnpj", "lda", "unipessoal",
     "companhia", "cia", "me")
)  # fmt: skip
ADDRESS_WORDS = frozenset(
    ("exma", "exmo", "ilma", "ilmo", "sr", "sra", "srta", "snr", "dr", "dra", "prof", "profa", "eng", "enga", "adv", "arq", "rev", "mr", "mrs", "ms",
     "miss", "senhor", "senhora", "doutor", "doutora", "professor", "professora", "dona", "padre", "pastor", "pastora", "frei", "pe", "fr", "pr", "cel",
     "cap", "ten", "maj", "sgt", "gal", "des", "dep", "sen", "ver")
)  # fmt: skip
AFTER_WORDS = frozenset(("phd", "msc", "mba", "oab", "crm", "crea", "cro", "crp", "crc", "coren"))
"""Degrees and professional bodies people write behind a name."""
_SPECIAL = LEGAL_WORDS | ADDRESS_WORDS | AFTER_WORDS | frozenset(SUFFIXES) | {"cpf", "nome", "social"}
_SPECIAL |= {word for phrase in NAME for word in phrase.split() if word not in PARTICLES}
_PLAIN_WORD = re.compile("[A-Za-zÀ-ÅÇ-ÖØ-öø-ÿ]+")


class Word(NamedTuple):
    """What one word adds to a name: its sound in the key, how it is written at the front and inside, and whether it is in one case."""

    sound: str
    first: str
    inside: str
    upper: bool
    lower: bool


def read_plain(text: str, whole: bool) -> Reading | None:
    """A person's name of plain words; None when anything in it needs care. ``whole``: a full name is expected, not one word."""
    if len(text) > 200:
        return None
    written = text.split(" ")
    words = [_word(each) for each in written]
    if None in words:
        return None
    known: list[Word] = words  # type: ignore[assignment]  # no None among them
    telling = [word for word in known if word.sound]
    if len(telling) < (2 if whole else 1) or not known[0].sound or (len(telling) == 1 and len(telling[0].first) == 1):
        return None
    key = " ".join([word.sound for word in telling])
    reason = None
    if all(word.upper for word in telling) or all(word.lower for word in telling):
        written = [known[0].first, *(word.inside for word in known[1:])]
        cased = " ".join(written)
        if cased != text:
            text, reason = cased, "CASING"
    extra = (written[0], " ".join(written[1:]) or None, None, key, "person", None)
    return Reading(text, key, "fixed" if reason else "ok", reason, extra=extra)


@lru_cache(maxsize=500_000)
def _word(word: str) -> Word | None:
    if _PLAIN_WORD.fullmatch(word) is None or word[-1] == "Ã":
        return None
    plain = folded(word)
    one_sign = len(set(plain)) == 1 and (len(plain) > 1 or plain == "x")
    heard = sound(word.casefold())
    if plain in _SPECIAL or one_sign or len(plain) != len(word) or bool(heard) == (word.lower() in PARTICLES):
        return None
    return Word(heard, recased(word), recased(f"a {word}")[2:], word.isupper(), word.islower())
