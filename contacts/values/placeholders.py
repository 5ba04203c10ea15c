"""Words people type when they have nothing to say; they are no value, whatever the field."""

import re

from contacts.values.reading import folded, table

_WORDS = table("placeholder")
ANY = frozenset(_WORDS.loc[_WORDS["field"] == "any", "word"])
NAME = ANY | frozenset(_WORDS.loc[_WORDS["field"] == "name", "word"])
EMAIL_LOCAL = frozenset(_WORDS.loc[_WORDS["field"] == "email_local", "word"])
EMAIL_DOMAIN = frozenset(_WORDS.loc[_WORDS["field"] == "email_domain", "word"])

_REPEATED = re.compile(r"([^\w\s]|_|x|0)\1*")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def is_placeholder(text: str, words: frozenset[str] = ANY) -> bool:
    """Whether ``text`` says "nothing": only punctuation, one sign repeated, or a listed word with or without punctuation around it."""
    plain = folded(text)
    if plain in words:
        return True
    if plain and plain[0].isalpha() and plain[0] != "x" and plain[-1].isalnum():
        return False  # neither a sign repeated nor anything around a word
    if _REPEATED.fullmatch(plain.replace(" ", "")):
        return True
    bare = _EDGES.sub("", plain)
    return not bare or bare in words
