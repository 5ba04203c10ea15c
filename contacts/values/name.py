"""Names of people and organisations: mended, never made up; split into given name, family name and generational suffix.

A social name (nome social, Decree 8.727/2016) written beside the civil one is set apart, never cut away. A lost character (U+FFFD)
stays visible in the value, with status ``suggested`` and reason ``CHAR_LOSS``: whoever chooses a golden value passes over it while
another source has the name. A CPF written into a name is cut out and kept nowhere (LGPD art. 6 III).
"""

import re
import unicodedata
from typing import Literal

import pandas as pd

from contacts.values.mojibake import LOST
from contacts.values.name_case import has_one_case, recased
from contacts.values.name_key import NEVER_A_FAMILY, PARTICLES, SUFFIXES, name_key
from contacts.values.name_plain import ADDRESS_WORDS, AFTER_WORDS, EXTRA, LEGAL_WORDS, plain_names
from contacts.values.placeholders import NAME, is_placeholder
from contacts.values.reading import Reading, arrow, by_text, folded, read_one, rejected, texts, usable, with_careful
from contacts.warehouse import TEXT

Kind = Literal["person", "organisation"]

_LONGEST = 200
_UNUSUAL = re.compile(r"[^\w\s'’.\-]|[\d_]")
_QUESTION = re.compile(r"(?<=[^\W\d_])\?+(?=[^\W\d_])|(?<=[A-ZÀ-Ý]{2})\?+(?=\s[^\W\d_])|(?<!\S)\?+(?=[^\W\d_]{2})")
_EMAIL = re.compile(r"[<(\[]?\s*[^\s@<>()\[\],;]+@[^\s@<>()\[\],;]+\s*[>)\]]?")
_CPF = re.compile(r"(?:\bcpf\b\s*[:nº°.]*\s*)?(?<![0-9])(?:[0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}[-/. ]?[0-9]{2})(?![0-9])", re.IGNORECASE)
_CNPJ = re.compile(
    r"(?:\bcnpj\b\s*[:nº°.]*\s*)?(?<![0-9A-Z])[0-9A-Z]{2}\.?[0-9A-Z]{3}\.?[0-9A-Z]{3}/[0-9A-Z]{4}-?[0-9]{2}(?![0-9])|(?:\bcnpj\b\s*[:nº°.]*\s*)?(?<![0-9])[0-9]{14}(?![0-9])",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(
    r"\b(?i:ltda|eireli|epp|mei|s/a|s\.\s?a|s/s|slu|inc|incorporated|llc|llp|corp|corporation|gmbh|plc|cnpj|lda|unipessoal|companhia|cia)\b\.?"
    r"|\b(?:M\.\s?E\.?|ME|E\.\s?P\.\s?P\.?)\s*$"  # "me" as last word is a legal form only when written as one
)
_HONORIFIC = re.compile(
    r"^(?:(?:exm[oa]|ilm[oa]|sr|sra|srta|snr|dr|dra|prof|profa|profº|profª|eng|enga|engº|engª|adv|arq|rev|mr|mrs|ms)\b(?:[ºª]?\.|[ºª]?\s)"
    r"|(?:pe|fr|pr|cel|cap|ten|maj|sgt|gal|des|dep|sen|ver)\."
    r"|(?:senhor|senhora|doutor|doutora|professor|professora|dona|padre|pastor|pastora|frei|miss)\s|(?:sr|dr|prof)\(a\)\.?)\s*(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?<=\w)[\s,;(-]+(?:ph\.?\s?d|m\.?sc|mba|(?:oab|crm|crea|cro|crp|crc|coren)(?:[\s/-]*[a-z]{2})?[\s:nº°.]*[0-9][0-9.\-/]*(?:[\s/-]*[a-z]{2})?)\.?\)?$",
    re.IGNORECASE,
)
"""A degree, or the number at a professional body, behind a name."""
_SOCIAL = re.compile(r"(?P<civil>.*?)[\s,;/(\[-]*\bnome\s+social\b\s*[:=-]*\s*(?P<social>[^()\[\]]*)(?:[)\]](?P<rest>[^()\[\]]*))?", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SAME_LETTER = re.compile(r"(\w)\1{2,}", re.IGNORECASE)
_WORD = re.compile("[a-z]+")
_LATIN = re.compile("[A-Za-zÀ-ÿ]")
_COMMENT = re.compile(r"\([^()]*\)")
_REVERSED = re.compile(r"([^,]+),\s*([^,]+)")
_ALLOWED_SIGNS = frozenset("'’`´-.,/&()ºª°·")


def standardise(values: pd.Series, kind: Kind | None = None, whole: bool = True) -> pd.DataFrame:
    """Names with extra columns ``given_name family_name name_suffix name_key kind social_name``; ``match_key`` is the ``name_key``.

    ``kind`` says what the whole column names (a source of organisations); without it legal forms (LTDA, S.A., Inc) and a CNPJ make
    an organisation. Organisations keep their casing and are not split. ``whole`` False: one word will do (a social name).
    """
    column = texts(values)
    if kind == "organisation":
        return standardise_each(column, kind, whole)
    answers, plain = plain_names(arrow(column), whole)
    return with_careful(answers, plain, lambda rest: standardise_each(column[rest], kind, whole), column.index)


def standardise_each(values: pd.Series, kind: Kind | None = None, whole: bool = True) -> pd.DataFrame:
    """What ``standardise`` answers, each distinct value read on its own: slower, and the judge of the fast reading."""
    return by_text(values, lambda clean: read_carefully(clean, kind, whole), EXTRA, words=True)


def join_names(given: pd.Series, family: pd.Series) -> pd.Series:
    """Given and family name as one name; either may be missing, and a family name repeated in both is written once."""
    first = texts(given).str.strip().fillna("")
    last = pd.Series(texts(family).str.strip().fillna("").array, index=first.index)
    joined = (first + " " + last).str.strip()
    # some forms put the whole name into the first box and the family name again into the second
    lower_first, lower_last = first.str.lower(), last.str.lower()
    repeated = pd.Series([bool(b) and a.endswith(" " + b) for a, b in zip(lower_first, lower_last, strict=True)], index=first.index, dtype=bool)
    return joined.where(~repeated, first).where(joined != "").astype(TEXT)


def is_valid(text: str) -> bool:
    """Whether ``text`` can stand as a name, perhaps after a safe repair."""
    return usable(read_one(text, lambda clean: read_carefully(clean, None, False), words=True))


def mask(values: pd.Series) -> pd.Series:
    """First letters of the first and the last word: ``M*** S***``; a word of one letter shows nothing."""
    column = texts(values)
    words = column.str.strip()
    first, last = words.str.extract(r"^([^\W\d_])\S*[^\W_]")[0].fillna(""), words.str.extract(r"\s([^\W\d_])\S*[^\W_]\S*$")[0]
    return ((first + "***") + (" " + last + "***").fillna("")).where(column.notna()).astype(TEXT)


def read_carefully(text: str, kind: Kind | None, whole: bool) -> Reading:
    """A tidy text as a name, every trap looked for; ``name_plain`` gives the same answer for names of plain words."""
    if len(text) > _LONGEST:
        return rejected("TOO_LONG")
    reasons: list[str] = []
    unusual = _UNUSUAL.search(text) is not None
    if unusual:
        text = _without_symbols(text, reasons)
    if is_placeholder(text, NAME) or _SAME_LETTER.fullmatch(text) or _all_tests(text):
        return rejected("PLACEHOLDER")
    words = frozenset(_WORD.findall(folded(text)))
    if {"nome", "social"} <= words and kind != "organisation" and (said := _SOCIAL.fullmatch(text)) is not None:
        civil = f"{said['civil'].strip(' ,;:/-')} {(said['rest'] or '').strip(' ,;:/-')}".strip()
        return _with_social_name(civil, said["social"].strip(" ,;:/-"), kind)
    if not AFTER_WORDS.isdisjoint(words) or {"ph", "d"} <= words or {"m", "sc"} <= words:
        text = _without(_AFTER, text, "HONORIFIC_CUT", reasons)
    if unusual:
        text = _without_foreign(text, reasons)
        if not text:
            return rejected(reasons[-1])
        if not any(char.isalpha() for char in text):
            return rejected("NOT_A_NAME")
    legal = unusual or "." in text or not LEGAL_WORDS.isdisjoint(words)
    if kind == "organisation" or (kind is None and ("CNPJ_IN_NAME" in reasons or (legal and _LEGAL_FORM.search(text)))):
        return _organisation(text, reasons)
    text = _without(_HONORIFIC, text, "HONORIFIC_CUT", reasons)  # Sr(a). before the comment in it is cut
    if unusual:
        text = _without_digits(_without_comment(text, reasons), reasons)
    text = _in_order(text, reasons)
    if reasons and is_placeholder(text, NAME):
        return rejected("PLACEHOLDER")
    if has_one_case(text) and (cased := recased(text)) != text:
        reasons.append("CASING")
        text = cased
    return _person(text, reasons, whole)


def _with_social_name(civil: str, social: str, kind: Kind | None) -> Reading:
    """``João Lima (nome social: Ana Lima)``, and ``Ana Lima (nome social)`` where only the social name is known."""
    reading, own = read_carefully(civil or social, kind, True), read_carefully(social or civil, "person", False)
    if reading.value is None or own.value is None:
        return reading if reading.value is None else reading._replace(status="fixed", reason="SOCIAL_NAME")
    extra = (*reading.extra[:5], own.value)
    return reading._replace(extra=extra) if reading.status == "suggested" else reading._replace(status="fixed", reason="SOCIAL_NAME", extra=extra)


def _without_symbols(text: str, reasons: list[str]) -> str:
    """Without emoji and the like; a question mark inside a word stands for a letter that was lost."""
    shown = _QUESTION.sub(LOST, text)
    kept = "".join(char if _is_written(char) else " " for char in shown)
    tidy = " ".join(kept.split()).strip(" ,;/&-_")
    if tidy and len("".join(kept.split())) < len("".join(shown.split())):
        reasons.append("SYMBOLS_CUT")
    return tidy or text


def _is_written(char: str) -> bool:
    return char.isalnum() or char in _ALLOWED_SIGNS or char in "\ufffd @+_:<>" or unicodedata.category(char) in ("Mn", "Mc", "Pd")


def _all_tests(text: str) -> bool:
    """``Teste 2``, ``Cliente Teste 01``: every word is a placeholder or a number, and one at least is a word."""
    words = folded(text).split()
    return len(words) > 1 and all(word in NAME or word.isdigit() for word in words) and not all(word.isdigit() for word in words)


def _without_foreign(text: str, reasons: list[str]) -> str:
    """The name without e-mail addresses, CPF and CNPJ; these are personal data in the wrong place."""
    patterns = ((_EMAIL, "EMAIL_IN_NAME", "@"), (_CNPJ, "CNPJ_IN_NAME", ""), (_CPF, "CPF_IN_NAME", ""))
    for pattern, reason, sign in patterns:
        if sign not in text:
            continue
        shorter = pattern.sub(" ", text)
        if shorter != text:
            reasons.append(reason)
            text = " ".join(shorter.split()).strip(" ,;:/-()<>")
    return text


def _without_comment(text: str, reasons: list[str]) -> str:
    shorter = " ".join(_COMMENT.sub(" ", text).split())
    if shorter == text or not any(char.isalpha() for char in shorter):
        return text
    reasons.append("TEXT_CUT")
    return shorter


def _without_digits(text: str, reasons: list[str]) -> str:
    words = text.split()
    kept = [word for word in words if not re.fullmatch(r"[\W_]*[0-9][0-9\W_]*", word)]
    if len(kept) < len(words):
        reasons.append("DIGITS_IN_NAME")
    return " ".join(kept)


def _without(pattern: re.Pattern[str], text: str, reason: str, reasons: list[str]) -> str:
    while (shorter := pattern.sub("", text)) != text:
        text = shorter
        if reason not in reasons:
            reasons.append(reason)
    return text


def _in_order(text: str, reasons: list[str]) -> str:
    """``SILVA, MARIA`` the way it is said; a generational suffix after the comma stays at the end."""
    text = text.strip(" ,;/-")
    found = _REVERSED.fullmatch(text)
    if found is None:
        return " ".join(text.replace(",", " ").split())
    if folded(found[2]).strip(". ") in SUFFIXES:
        return f"{found[1].strip()} {found[2].strip()}"
    reasons.append("REVERSED")
    said = found[2].split()
    tail = said.pop() if len(said) > 1 and folded(said[-1]).strip(".") in SUFFIXES else ""
    return " ".join([*said, found[1].strip(), tail]).strip()


def _person(text: str, reasons: list[str], whole: bool) -> Reading:
    words = text.split()
    if not words:
        return rejected("NOT_A_NAME")
    telling = len([word for word in words if word.lower() not in PARTICLES])
    tail = folded(words[-1]).strip(".")
    if telling == 1 and len(words) == 1 and tail in ADDRESS_WORDS:
        return rejected("NOT_A_NAME")
    # João Neto may be of the family Neto, João Júnior hardly of the family Júnior
    suffix = SUFFIXES.get(tail) if telling > 2 or (telling == 2 and tail in NEVER_A_FAMILY) else None
    rest = words[1:-1] if suffix else words[1:]
    key = name_key(text)
    if key is None:
        return rejected("NOT_A_NAME")
    extra = (words[0], " ".join(rest) or None, suffix, key, "person", None)
    doubt = "CHAR_LOSS" if LOST in text else "DIGITS_IN_NAME" if _DIGIT.search(text) else None
    if doubt is None and whole and telling < 2 and set(reasons) <= {"CASING"} and _LATIN.search(text):  # other scripts write whole names as one
        doubt = "ONE_WORD"
    if doubt is not None:
        return Reading(text, key, "suggested", doubt, extra=extra)
    return Reading(text, key, "fixed" if reasons else "ok", _weightiest(reasons), extra=extra)


def _organisation(text: str, reasons: list[str]) -> Reading:
    key = name_key(_LEGAL_FORM.sub(" ", text)) or name_key(text)
    if key is None:
        return rejected("NOT_A_NAME")
    extra = (None, None, None, key, "organisation", None)
    if LOST in text:
        return Reading(text, key, "suggested", "CHAR_LOSS", extra=extra)
    return Reading(text, key, "fixed" if reasons else "ok", _weightiest(reasons), extra=extra)


_WEIGHT = ("CPF_IN_NAME", "CNPJ_IN_NAME", "EMAIL_IN_NAME", "DIGITS_IN_NAME", "TEXT_CUT", "SYMBOLS_CUT", "REVERSED", "HONORIFIC_CUT", "CASING")


def _weightiest(reasons: list[str]) -> str | None:
    """One reason per value: the one a person would want to know first."""
    return min(reasons, key=_WEIGHT.index) if reasons else None
