"""How alike two names are, word by word: the level of agreement of one pair of name keys.

Names are compared as a steward would: the same three words or more (namesakes are rare), the same two; all but a
letter; one side leaves words out or abbreviates; all but a Júnior or Filho agrees; only the first name agrees;
different. Letters that tell Paulo from Paula are never a slip, and Ana Paula Reis is not Ana Clara Reis.
``kernel.words`` is the same as compiled code, for millions of pairs.
"""

from rapidfuzz.distance import OSA

FULL, EXACT, CLOSE, PARTIAL, SUFFIX, GIVEN, DIFFERENT = range(7)
"""Codes of the levels, as in ``linkage.LEVELS['person_name']``."""


def name_level(a: str, b: str) -> int:
    """Level of two name keys (words without accents, separated by blanks); symmetric."""
    short, long = sorted((a.split(), b.split()), key=lambda words: (len(words), words))
    if short == long:
        return FULL if len(short) > 2 else EXACT
    if not short:
        return DIFFERENT
    given = alike(short[0], long[0])
    first_name_only = GIVEN if given and min(len(short[0]), len(long[0])) > 1 else DIFFERENT
    if len(short) == 1:
        return CLOSE if len(long) == 1 and first_name_only == GIVEN else first_name_only
    aligned, abbreviated = _align(short, long)
    if aligned == len(short):
        if not given:
            return GIVEN  # goes by a later name
        return CLOSE if len(short) == len(long) and not abbreviated else PARTIAL
    if _same_words(short, long):
        return CLOSE if len(short) == len(long) else PARTIAL
    siblings = alike(short[-1], long[-1])  # another second name before the same family name
    return DIFFERENT if siblings else first_name_only


def alike(a: str, b: str) -> bool:
    """The same word, an initial of it, or a slip of one letter (two in long words)."""
    if a == b or _initial(a, b):
        return True
    if len(a) > len(b):
        a, b = b, a
    if len(a) < 4 or b == a + "a" or (a[:-1] == b[:-1] and a[-1] + b[-1] in ("ao", "oa")):
        return False
    return OSA.distance(a, b, score_cutoff=2) <= (1 if len(a) < 9 else 2)


def _initial(a: str, b: str) -> bool:
    return (len(a) == 1 or len(b) == 1) and a[:1] == b[:1] and a != b


def _align(short: list[str], long: list[str]) -> tuple[int, bool]:
    """How many words of ``short`` are found in ``long`` in the same order, and whether by an initial."""
    place, aligned, abbreviated = 0, 0, False
    for word in short:
        found = next((at for at in range(place, len(long)) if alike(word, long[at])), None)
        if found is None:
            continue
        aligned, place, abbreviated = aligned + 1, found + 1, abbreviated or _initial(word, long[found])
    return aligned, abbreviated


def _same_words(short: list[str], long: list[str]) -> bool:
    """Every word of ``short`` is in ``long``, whatever the order: family name first, for example."""
    rest = list(long)
    for word in short:
        found = next((other for other in rest if alike(word, other) and not _initial(word, other)), None)
        if found is None:
            return False
        rest.remove(found)
    return True
