"""A street line taken apart: type and name, number, complement (Brazilian usage; other lines are left whole)."""

import re
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.mojibake import LOST
from contacts.values.name_case import has_one_case, recased
from contacts.values.place_key import place_key
from contacts.values.placeholders import is_placeholder
from contacts.values.reading import COLUMNS, Reading, arrow, by_text, folded, frame, read_one, rejected, standardise_distinct, texts, with_careful
from contacts.warehouse import TEXT

EXTRA = ("street", "number", "complement")

_PORTUGUESE = ("BR", "PT", "AO", "CV", "GW", "MZ", "ST", "TL")

_WRITTEN = {
    "Acesso": "ac", "Alameda": "al", "Avenida": "av ave aven", "Balneário": "bal", "Beco": "bc", "Boulevard": "blvd bvd", "Caminho": "cam", "Chácara": "chac",
    "Condomínio": "cond", "Conjunto": "conj", "Escadaria": "", "Esplanada": "espl", "Estrada": "est estr", "Fazenda": "faz", "Jardim": "jd jard",
    "Ladeira": "lad", "Largo": "lgo lg", "Loteamento": "lot lotm", "Parque": "pq pque", "Passagem": "pass", "Praça": "pc pca", "Praia": "", "Quadra": "qd",
    "Recanto": "", "Rodovia": "rod", "Rua": "r", "Servidão": "serv", "Setor": "", "Sítio": "sit", "Travessa": "tv trav", "Trevo": "", "Vale": "",
    "Vereda": "", "Via": "", "Viaduto": "vd viad", "Viela": "vie", "Vila": "vl",
}  # fmt: skip
_TYPES = {word: kind for kind, short in _WRITTEN.items() for word in (*short.split(), folded(kind))}
_SHORT, _KINDS = (pa.array(some, type=pa.large_string()) for some in (list(_TYPES), list(_TYPES.values())))
_LEADING_TYPE = re.compile(r"([A-Za-zçÇãÃ]{1,9})\b\s?\.?:?\s*(.+)")
_NO_NUMBER = re.compile(r"^(?:s\s*/?\s*n[º°o]?\.?|sn|sem n[uú]mero|0+|-)$", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:,|\s-\s|\bn[º°o]\.?|\bn[uú]mero|\bn\.?\s?(?=[0-9]))\s*(?:n[º°o]?\.?\s*)?"
    r"(?P<number>[0-9]{1,3}\.[0-9]{3}(?![0-9A-Za-z])|[0-9]{1,6}\s?/\s?[0-9]{1,6}(?![0-9A-Za-z])|[0-9]{1,6}-[A-Za-z](?![0-9A-Za-z])"
    r"|[0-9]{1,6}\s?[A-Za-z]?(?![0-9A-Za-z])|s\s*/\s*n[º°o]?\.?|s\.?n\.?(?![A-Za-z])|sem n[uú]mero)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[,;/–-]?\s*")
_DIGIT = re.compile("[0-9]")
_LAST_NUMBER = re.compile(
    r"(?P<street>[^\W\d_].*?[^\W\d_]\.?)\s+(?P<number>[0-9]{1,5}(?:\s?[A-Za-z](?![0-9A-Za-z]))?)"
    r"(?:\s*,\s*(?P<beside>[^\W\d_].+)|\s*[;-]?\s+(?P<complement>(?:ap|apto|apt|apartamento|bloco|bl|casa|cs|sala|sl|loja|lj|fundos|fds|andar|conj|cj)\b.*))?",
    re.IGNORECASE,
)
_BRASILIA = re.compile(r"(?:SQ[NSW]{1,2}|S[CGH][A-Z]{1,3}|Q[A-Z]{1,3}|CL[NSRW]{1,2}|EQ[NS]{1,2}|S[MP]PW|SEP[NS]|SIA|SOF|AE)\b[\s,.-]*[0-9]", re.IGNORECASE)
"""Sectors and blocks of the Federal District; their numbers name the place, not the house."""
_NOT_BEFORE_A_NUMBER = frozenset(("lote", "lt", "quadra", "qd", "km", "br", "bloco", "bl", "conjunto", "conj", "cj", "casa", "sala", "apto", "ap"))
"""A number after these words is part of the place, not of the house."""
_LONGEST = 250
_NONE, _BLANK = (pa.scalar(sign, type=pa.large_string()) for sign in ("", " "))
_AS_FIRST = tuple(pa.scalar(f"1\x1f{where}", type=pa.large_string()) for where in ("pt", ""))
_LETTERS = "[A-Za-zÀ-ÖØ-öø-ÿ.']+"
_PLAIN = (
    rf"\A(?P<front>{_LETTERS}(?: {_LETTERS})*,? )(?P<number>[0-9]{{1,5}}|[Ss]/[Nn])"
    r"(?:, (?P<beside>[A-Za-z0-9](?:[A-Za-z0-9,./ -]*[A-Za-z0-9])?))?\z"
)
"""The usual writings of a line: ``Rua das Flores, 123, apto 4``."""

_FORMED = (
    rf"\A(?P<written>(?P<type>{'|'.join(kind for kind in _WRITTEN if not kind.isascii())}|[A-Za-zçÇãÃ]{{1,9}})\.?"
    r" (?P<name>(?:(?:d[aeo]s?|e) )?[A-ZÁÉÍÓÔÚÇ][a-záâàãéêíóôõúüç]{2,}(?: (?:(?:d[aeo]s?|e) )?[A-ZÁÉÍÓÔÚÇ][a-záâàãéêíóôõúüç]{2,})*)), 1\x1f(?P<where>(?:pt)?)\z"
)
"""A street as its owner would write it, before the number 1: type or its abbreviation, names, small words between them."""
_ODD = rf"(?:\A|[ .])(?:{'|'.join(sorted(_NOT_BEFORE_A_NUMBER))})\z|sn\b|sem n"


def standardise_street(values: pd.Series, country: pd.Series | str = "BR") -> pd.DataFrame:
    """Lines like ``R. das Flores, 123, apto 4`` with extra columns ``street number complement``; ``value`` is the street.

    Types are written out (``R.`` → Rua) where Portuguese is spoken: in another ``country`` Al is no Alameda. ``S/N``, ``SN`` and ``0``
    mean a street without numbers: number missing, subtype ``no_number``. The key is type and name without accents.
    """
    column, portuguese = _aligned(values, country)
    answers, plain = _plain_lines(arrow(column), portuguese)
    return with_careful(answers, plain, lambda rest: _each(column[rest], portuguese[rest]), column.index)


def standardise_each(values: pd.Series, country: pd.Series | str = "BR") -> pd.DataFrame:
    """What ``standardise_street`` answers, each distinct line read on its own: slower, and the judge of the fast reading."""
    return _each(*_aligned(values, country))


def standardise_number(values: pd.Series) -> pd.DataFrame:
    """House numbers of a column of their own; ``S/N`` is no number (``NO_NUMBER``), ``12.0`` is 12."""
    return by_text(values, _read_number)


def _aligned(values: pd.Series, country: pd.Series | str) -> tuple[pd.Series, np.ndarray]:
    """The lines, and where Portuguese is spoken."""
    column = texts(values)
    if not isinstance(country, pd.Series):
        return column, np.full(len(column), (country or "BR") in _PORTUGUESE)
    return column, texts(country).fillna("BR").isin(_PORTUGUESE).to_numpy(dtype=bool)


def _each(column: pd.Series, portuguese: np.ndarray) -> pd.DataFrame:
    """Every distinct line through ``_read``."""
    joined = column + pd.Series("\x1fpt", index=column.index, dtype=TEXT).where(portuguese, "\x1f")
    return standardise_distinct(joined, lambda distinct: frame((_read_line(cell) for cell in distinct), EXTRA), EXTRA)


@lru_cache(maxsize=100_000)
def _read_line(cell: str) -> Reading:
    text, _, where = cell.rpartition("\x1f")
    return read_one(text, lambda clean: _read(clean, where == "pt"), words=True)


def _plain_lines(text: pa.LargeStringArray, portuguese: np.ndarray) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for lines of a street of words, one number and perhaps a complement, as columns, and which rows they are for.

    All houses of a street share its reading: it is read once, as the house with the number 1. What number and complement add is seen
    from their writing.
    """
    line = pc.if_else(pc.and_(pc.less_equal(pc.utf8_length(text), _LONGEST), pc.invert(pc.match_substring(text, "  "))), text, None)
    parts = pc.extract_regex(line, _PLAIN)
    front, number, beside = (pc.struct_field(parts, name) for name in ("front", "number", "beside"))
    alone = pc.invert(pc.ends_with(front, ", "))  # what stands behind a comma may be the number, where there is no comma before this one
    front = pc.if_else(pc.and_(alone, pc.or_(pc.not_equal(beside, ""), pc.match_substring(number, "/"))), None, front)
    coded = pc.binary_join_element_wise(front, pc.if_else(pa.array(portuguese), *_AS_FIRST), _NONE).dictionary_encode()
    streets = _streets(coded.dictionary)
    shared = (streets["number"] == "1") & streets["complement"].isna() & streets["status"].isin(["ok", "fixed"]) & (streets["reason"] != "MOJIBAKE")
    answers = {name: arrow(streets[name]).take(coded.indices) for name in (*COLUMNS, *EXTRA)}
    plain = pc.fill_null(pa.array(shared.to_numpy(dtype=bool)).take(coded.indices), False)
    unnumbered = pc.match_substring_regex(number, "^0+$|/")
    answers["subtype"] = pc.if_else(unnumbered, "no_number", None).cast(pa.large_string())
    answers["number"] = pc.if_else(unnumbered, None, number)
    answers["complement"] = pc.if_else(pc.equal(beside, ""), None, beside)
    return answers, plain.to_numpy(zero_copy_only=False)


def _streets(lines: pa.LargeStringArray) -> pd.DataFrame:
    """The reading of distinct lines with the number 1; of those in their best form it is seen from the writing."""
    written, kind, name, where = (pc.struct_field(pc.extract_regex(lines, _FORMED), part) for part in ("written", "type", "name", "where"))
    kind = _KINDS.take(pc.index_in(_folded(kind), _SHORT))
    street = pc.binary_join_element_wise(kind, name, _BLANK)
    same, key = pc.equal(street, written), _folded(street)
    formed = pc.and_(pc.or_(same, pc.equal(where, "pt")), pc.invert(pc.match_substring_regex(key, _ODD)))
    formed, none = pc.fill_null(formed, False), pa.nulls(len(lines), pa.large_string())
    columns = (street, key, pc.if_else(same, "ok", "fixed"), pc.if_else(same, None, "STREET_TYPE"), none, none, street, pc.if_else(formed, "1", None), none)
    answers = {name: column.cast(pa.large_string()) for name, column in zip((*COLUMNS, *EXTRA), columns, strict=True)}

    def careful(rest: np.ndarray) -> pd.DataFrame:
        return frame(map(_read_line, lines.filter(pa.array(rest)).to_pylist()), EXTRA)

    return with_careful(answers, formed.to_numpy(zero_copy_only=False), careful, pd.RangeIndex(len(lines)))


def _folded(words: pa.Array) -> pa.LargeStringArray:
    """``folded`` of words that are letters, accents and single blanks."""
    return pc.replace_substring_regex(pc.utf8_normalize(pc.utf8_lower(words), form="NFD"), r"\p{Mn}", "").cast(pa.large_string())


def _read_number(text: str) -> Reading:
    if _NO_NUMBER.fullmatch(text):
        return rejected("NO_NUMBER")
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    plain = re.sub(r"^(?:n[uú]mero|n[º°o.]*)\s*", "", re.sub(r"^([0-9]+)\.0{1,2}$", r"\1", text), flags=re.IGNORECASE)
    plain = re.sub(r"^([0-9]{1,3})\.([0-9]{3})$", r"\1\2", plain)
    return Reading(plain, folded(plain)) if plain and len(plain) <= 20 else rejected("NOT_A_NUMBER")


def _read(text: str, portuguese: bool) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    if len(text) > _LONGEST:
        return rejected("TOO_LONG")
    if not (text[0].isalpha() or any(char.isalpha() for char in text)):
        return rejected("NOT_A_STREET")
    written, number, complement = _parts(text)
    street, key, reason = _named(written, portuguese)
    if not street:
        return rejected("NOT_A_STREET")
    subtype = None
    if number is not None and _NO_NUMBER.fullmatch(number.strip()):
        number, subtype = None, "no_number"
    status = "ok" if reason is None else "fixed"
    if LOST in text:
        status, reason = "suggested", "CHAR_LOSS"
    extra = (street, re.sub(r"[\s.]", "", number) if number else None, (complement or "").strip(" ,;-") or None)
    return Reading(street, key, status, reason, None, subtype, extra=extra)


@lru_cache(maxsize=20_000)
def _named(written: str, portuguese: bool) -> tuple[str, str, str | None]:
    """A street as its owner would write it, its key, and what was done; houses of one street share the answer."""
    street, reason = written.strip(" ,;-"), None
    if has_one_case(street) and (cased := _cased(street)) != street:
        street, reason = cased, "CASING"
    if portuguese and (typed := _typed(street)) != street:
        street, reason = typed, "STREET_TYPE"
    return street, place_key(street), reason


def _parts(text: str) -> tuple[str, str | None, str | None]:
    """Street, number and complement; the line whole where it has no number or two that could be it."""
    if _BRASILIA.match(text):
        return text, None, None
    found = _NUMBERED.search(text, 1)
    if found is not None and _is_street(street := text[: found.start()].strip()):
        inner = _LAST_NUMBER.fullmatch(street)
        if inner is not None and _is_street(inner["street"]):
            return text, None, None
        return street, found["number"], _SEPARATOR.sub("", text[found.end() :], count=1)
    found = _LAST_NUMBER.fullmatch(text) if _DIGIT.search(text) else None
    return (found["street"], found["number"], found["beside"] or found["complement"]) if found and _is_street(found["street"]) else (text, None, None)


def _cased(street: str) -> str:
    """Title case; sectors of Brasília stay abbreviations."""
    head, _, rest = recased(street).partition(" ")
    return f"{head.upper()} {rest}" if _BRASILIA.match(street) else recased(street)


def _is_street(text: str) -> bool:
    """Whether what stands before a number is a street and not only its type, a block or a lot."""
    words = folded(text).replace(".", " ").split()
    return bool(words) and words[-1] not in _NOT_BEFORE_A_NUMBER and not (len(words) == 1 and words[0] in _TYPES)


def _typed(street: str) -> str:
    """The type of street written out; a lone letter counts only with its dot or before another word."""
    found = _LEADING_TYPE.fullmatch(street)
    kind = _TYPES.get(folded(found[1])) if found else None
    return f"{kind} {found[2]}" if found and kind else street
