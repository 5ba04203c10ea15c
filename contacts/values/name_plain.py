"""The fast way through names: one of ordinary words needs nothing but its words, and each word is looked at once.

Any word that could mean something else (a legal form, a form of address, a suffix, a placeholder) leaves the name to the careful reading,
which gives the same answer more slowly; a test holds the two together.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.name_case import recased
from contacts.values.name_key import PARTICLES, SUFFIXES, sound
from contacts.values.placeholders import NAME
from contacts.values.reading import COLUMNS, folded

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
EXTRA = ("given_name", "family_name", "name_suffix", "name_key", "kind", "social_name")
"""What a name is read into besides ``COLUMNS``."""
_LONGEST = 200
_PLAIN_WORD = re.compile("[A-Za-zÀ-ÅÇ-ÖØ-öø-ÿ]+")


class Word(NamedTuple):
    """What one word adds to a name: its sound in the key, how it is written at the front and inside, and whether it is in one case."""

    sound: str
    first: str
    inside: str
    upper: bool
    lower: bool


def plain_names(text: pa.LargeStringArray, whole: bool) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for persons' names of plain words as columns, and which rows they are for. ``whole``: a full name is expected, not one word."""
    words = pc.split_pattern(text, " ")
    coded, offsets = words.flatten().dictionary_encode(), words.offsets.to_numpy().astype(np.int64)
    known, at, start, end = [_word(word) for word in coded.dictionary.to_pylist()], coded.indices.to_numpy(), offsets[:-1], offsets[1:]

    def each(flag: Callable[[Word], bool]) -> np.ndarray:
        """What is said of a word, on every place it stands at."""
        return np.array([word is not None and flag(word) for word in known], dtype=bool)[at]

    def count(flags: np.ndarray) -> np.ndarray:
        """How many words of each name; shape (n,)."""
        before = np.append(0, np.cumsum(flags))
        return before[end] - before[start]

    telling, sure = each(lambda word: word.sound != ""), count(each(lambda word: True)) == end - start
    told, first = count(telling), np.minimum(start, max(len(at) - 1, 0))
    plain = (end > start) & sure & (told >= (2 if whole else 1)) & (pc.utf8_length(text).fill_null(0).to_numpy() <= _LONGEST)
    if not plain.any():
        return dict.fromkeys((*COLUMNS, *EXTRA), pa.nulls(len(text), pa.large_string())), plain
    plain &= telling[first] & ~((told == 1) & each(lambda word: len(word.first) == 1)[first])

    def join(words: pa.Array, kept: np.ndarray) -> pa.Array:
        """The ``kept`` of all words as names again."""
        bounds = pa.array(np.append(0, np.cumsum(kept))[offsets], type=pa.int32())
        return pc.binary_join(pa.ListArray.from_arrays(bounds, words.filter(pa.array(kept))), " ").cast(pa.large_string())

    def written(column: Iterable[str]) -> pa.Array:
        return pa.array(column, type=pa.string()).take(coded.indices)

    one_case = plain & ((count(each(lambda word: word.upper) & telling) == told) | (count(each(lambda word: word.lower) & telling) == told))
    value, reason = text, pa.nulls(len(text), pa.large_string())
    if one_case.any():
        front_words, inside_words = ([getattr(word, form) if word else "" for word in known] for form in ("first", "inside"))
        front = np.zeros(len(at), dtype=bool)
        front[start[one_case]] = True
        value = pc.if_else(
            pa.array(one_case), join(pc.if_else(pa.array(front), written(front_words), written(inside_words)), np.ones(len(at), dtype=bool)), text
        )
        reason = pc.if_else(pc.not_equal(value, text), pa.scalar("CASING", pa.large_string()), None)
    key = join(written(word.sound if word else "" for word in known), telling)
    parts = pc.extract_regex(value, "^(?P<given>[^ ]*) ?(?P<family>.*)$")
    family = pc.struct_field(parts, "family")
    status = pc.if_else(pc.is_valid(reason), "fixed", "ok").cast(pa.large_string())
    none, kind = pa.nulls(len(text), pa.large_string()), pa.repeat(pa.scalar("person", pa.large_string()), len(text))
    answers = (value, key, status, reason, none, none, pc.struct_field(parts, "given"), pc.if_else(pc.equal(family, ""), None, family), none, key, kind, none)
    return dict(zip((*COLUMNS, *EXTRA), answers, strict=True)), plain


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
