"""How a Portuguese or Spanish name sounds, so that Souza and Sousa, Thiago and Tiago, Luiz and Luis get one key."""

import re

_RULES = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"), (r"th", "t"), (r"sch|sh|ch", "x"), (r"lh", "l"), (r"nh", "n"), (r"[ck]h", "k"), (r"qu(?=[ei])|q[u]?|ck", "k"),
        (r"c(?=[eiy])|ç|ss|sc(?=[ei])|z", "s"), (r"c", "k"), (r"g(?=[eiy])", "j"), (r"gu(?=[ei])", "g"), (r"w", "v"), (r"y", "i"),
        (r"h", ""), (r"n$|n(?=[bp])", "m"), (r"x", "x"), (r"(.)\1+", r"\1"), (r"(?<=.)[aeiou]", ""),
    )
)  # fmt: skip


def phonetic(text: str) -> str:
    """The sound of a folded name: consonants as they are spoken in Portuguese, vowels after the first letter left out."""
    sound = text.lower()
    for pattern, becomes in _RULES:
        sound = pattern.sub(becomes, sound)
    return sound
