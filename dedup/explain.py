"""Why two records are, or may be, one person: the evidence of a pair in words, in Portuguese and English, never a value."""

from collections.abc import Mapping
from typing import Any

from rapidfuzz.distance import OSA

WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "name": {
        "full": ("mesmo nome, com três palavras ou mais", "same name of three words or more"),
        "exact": ("mesmo nome", "same name"),
        "close": ("nome com uma ou duas letras de diferença", "name a letter or two apart"),
        "partial": ("nome abreviado ou sem uma das partes", "name abbreviated or with a part left out"),
        "suffix": ("mesmo nome, mas só um com Júnior, Filho ou Neto", "same name, but only one has a Júnior, Filho or Neto"),
        "given": ("só o primeiro nome coincide", "only the first name agrees"),
        "different": ("nomes diferentes", "different names"),
    },
    "cpf": {"exact": ("mesmo CPF", "same CPF"), "different": ("CPFs diferentes", "different CPFs")},
    "cnpj": {"exact": ("mesmo CNPJ", "same CNPJ"), "different": ("CNPJs diferentes", "different CNPJs")},
    "birth_date": {
        "exact": ("mesma data de nascimento", "same birth date"),
        "close": ("data de nascimento quase igual ou incompleta", "birth date nearly the same or incomplete"),
        "different": ("datas de nascimento diferentes", "different birth dates"),
    },
    "email": {
        "exact": ("mesmo e-mail", "same e-mail"),
        "close": ("e-mail quase igual", "e-mail nearly the same"),
        "different": ("e-mails diferentes", "different e-mails"),
        "shared": ("mesmo e-mail, mas usado por vários nomes", "same e-mail, but used under several names"),
    },
    "phone": {
        "exact": ("mesmo telefone", "same phone"),
        "different": ("telefones diferentes", "different phones"),
        "shared": ("mesmo telefone, mas usado por vários nomes", "same phone, but used under several names"),
    },
    "address": {
        "exact": ("mesmo endereço", "same address"),
        "area": ("mesmo CEP", "same postal code"),
        "different": ("endereços diferentes", "different addresses"),
    },
}
"""Comparison -> level -> (Portuguese, English); what is missing on a side says nothing and is not told."""

LEVEL_WORDS: dict[str, tuple[str, str]] = {
    "exact": ("igual", "the same"),
    "close": ("quase igual", "nearly the same"),
    "partial": ("igual em parte", "partly the same"),
    "different": ("diferente", "different"),
}
"""For comparisons the steward has added."""

JUDGED: dict[str, tuple[str, str]] = {
    "same": ("julgado: mesma pessoa", "judged: the same person"),
    "different": ("julgado: pessoas diferentes", "judged: different people"),
    "unsure": ("julgado: em dúvida", "judged: unsure"),
}


PARTS: dict[str, tuple[str, str]] = {
    "first": ("primeiro nome com {} de diferença", "given name {} apart"),
    "last": ("último sobrenome com {} de diferença", "family name {} apart"),
    "middle": ("nome do meio com {} de diferença", "middle name {} apart"),
}
LETTERS = {1: ("uma letra", "one letter"), 2: ("duas letras", "two letters")}
_FEW_LETTERS = 2


def evidence_in_words(evidence: Mapping[str, Any], language: str, detail: Mapping[str, Any] | None = None) -> list[str]:
    """One phrase per comparison that says something, agreements first; ``language`` is ``pt`` or ``en``.

    ``detail`` says more where it is known: for ``email`` and ``phone`` under how many names the shared one is used, for
    ``name`` what ``name_difference`` found.
    """
    at = 0 if language == "pt" else 1
    judged = [JUDGED[evidence["judged"]][at]] if evidence.get("judged") in JUDGED else []
    levels = [(name, level) for name, level in evidence.items() if name not in ("rules", "judged") and level != "missing"]
    ordered = sorted(levels, key=lambda pair: (pair[1] == "different", pair[1] == "shared", list(WORDS).index(pair[0]) if pair[0] in WORDS else len(WORDS)))
    return judged + [level_in_words(name, level, at) + _more(name, level, at, detail or {}) for name, level in ordered]


def name_difference(first: str, second: str) -> tuple[str, int] | None:
    """Which word of two name keys differs, and by how many letters, when it is one word and at most two letters: never the letters themselves."""
    left, right = first.split(), second.split()
    apart = [place for place, (one, other) in enumerate(zip(left, right, strict=False)) if one != other]
    if len(left) != len(right) or len(apart) != 1:
        return None
    place = apart[0]
    letters = int(OSA.distance(left[place], right[place], score_cutoff=_FEW_LETTERS))
    part = "first" if place == 0 else "last" if place == len(left) - 1 else "middle"
    return (part, letters) if letters <= _FEW_LETTERS else None


def _more(name: str, level: str, at: int, detail: Mapping[str, Any]) -> str:
    if name in ("email", "phone") and detail.get(name):
        number = detail[name]
        if level == "shared":
            return f" ({number})"
        if level == "exact":
            return (", de uma só pessoa", ", used by 1 person")[at] if number == 1 else (f", sob {number} nomes", f", under {number} names")[at]
    if name == "name" and level not in ("full", "exact", "suffix") and "name" in detail:
        part, letters = detail["name"]
        return f" ({PARTS[part][at].format(LETTERS[letters][at])})"
    return ""


def level_in_words(name: str, level: str, at: int) -> str:
    """What a level of a comparison means, in Portuguese (``at`` 0) or English (1)."""
    known = WORDS.get(name, {}).get(level)
    return known[at] if known else f"{name}: {LEVEL_WORDS.get(level, (level, level))[at]}"
