"""Fold case and accents without moving a single character, so that places in the folded text are places in the text."""

import unicodedata

_FOLD = {
    code: base
    for code in range(0xC0, 0x250)
    if len(base := unicodedata.normalize("NFD", chr(code))[0].lower()) == 1 and base.isascii()
} | {0xA0: " "}  # fmt: skip


def folded(text: str) -> str:
    """Lower case without accents, same length."""
    plain = text.translate(_FOLD)
    lower = plain.lower()
    return lower if len(lower) == len(text) else "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in plain)
