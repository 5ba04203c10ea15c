"""Brazilian documents besides CPF and CNPJ, where a source declares them: RG, CNH, PIS (PASEP, NIT) and the voter's registration.

Check digits by the published rules of Senatran, Caixa and the electoral courts. An RG is unique only within the state that issued it:
without the state it is kept and is no key. The new national identity card (CIN) carries the CPF as its number.
"""

import re
from collections.abc import Callable
from typing import Literal

import pandas as pd
from stdnum.br import cpf

from contacts.values.placeholders import is_placeholder
from contacts.values.reading import Reading, by_text, read_one, rejected, table, usable

Kind = Literal["rg", "cnh", "pis", "voter_id"]

_UFS = "|".join(table("uf")["uf"])
_LABEL = re.compile(
    r"^(?:rg|r\.g\.|cnh|habilita[cç][aã]o|pis(?:/pasep)?|pasep|nis|nit|t[ií]tulo(?:\s+de\s+eleitor|\s+eleitoral)?|identidade|registro)\b\s*(?:n[º°o.]*)?\s*[:.-]?\s*",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]{1,2}", re.IGNORECASE)
_FLOAT = re.compile(r"([0-9]{5,13})\.0+")
_ISSUER = "SSPDS|SSP|SESP|SESDEC|SEJUSP|SDS|SJS|SJTC|SJTS|PCII|PC|DETRAN|DIC|IFP|IIFP|IGP|ITEP|ITB|II|IPF|POLITEC|SPTC|DGPC|GEJSPC"
_RG = re.compile(
    rf"(?:(?:(?:{_ISSUER})[\s/-]*)?(?P<before>{_UFS})[\s./-]*)?(?P<number>[0-9][0-9.\s]*[0-9](?:\s*-?\s*[0-9X]{{1,2}})?)"
    rf"(?:[\s,/-]*\(?(?:{_ISSUER})?[\s/-]*(?P<after>{_UFS})?\)?)?",
    re.IGNORECASE,
)


def standardise(values: pd.Series, kind: Kind, numeric_typed: bool = False) -> pd.DataFrame:
    """Documents without punctuation, ``subtype`` their kind; an RG with its state behind it (``123456789 SP``).

    ``numeric_typed``: the column may have come from number cells, which lose zeros at the front; they come back when the check digits hold.
    """
    return by_text(values, lambda text: _read(text, kind, numeric_typed))


def is_valid(text: str, kind: Kind = "pis") -> bool:
    """Whether ``text`` is a document of this kind whose check digits, where it has some, hold."""
    return usable(read_one(text, lambda clean: _read(clean, kind, False)))


def _read(text: str, kind: Kind, numeric_typed: bool) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    if _SCIENTIFIC.fullmatch(text):
        return rejected("NUMERIC_LOSS")
    written = _LABEL.sub("", text)
    as_float = _FLOAT.fullmatch(written)
    plain = as_float[1] if as_float else written
    return _read_rg(plain) if kind == "rg" else _read_checked(re.sub(r"[\s.\-–/_]", "", plain), kind, numeric_typed, as_float is not None)


def _read_rg(text: str) -> Reading:
    found = _RG.fullmatch(text.strip())
    if found is None:
        return rejected("INVALID_CHARACTERS")
    number = re.sub(r"[\s.\-]", "", found["number"]).upper()
    state = (found["after"] or found["before"] or "").upper()
    if len(set(number)) == 1 or number in ("123456789", "12345678"):
        return rejected("PLACEHOLDER")
    if len(number) == 11 and cpf.is_valid(number):
        return Reading(number, number, subtype="cin")
    if not 5 <= len(number) <= 11:
        return rejected("WRONG_LENGTH")
    value = f"{number} {state}".strip()
    if state == "SP" and len(number) == 9 and number[8] != _sao_paulo_digit(number):
        return Reading(value, None, "suggested", "CHECK_DIGITS", subtype="rg")  # the rule is custom, not law: a doubt, no refusal
    return Reading(value, value, subtype="rg") if state else Reading(value, None, "suggested", "NO_ISSUING_UF", subtype="rg")


def _sao_paulo_digit(number: str) -> str:
    rest = -sum(int(digit) * weight for digit, weight in zip(number[:8], range(2, 10), strict=True)) % 11
    # the weight of the check digit itself is 100, which is 1 modulo 11
    return "X" if rest == 10 else str(rest)


def _read_checked(plain: str, kind: Kind, numeric_typed: bool, as_float: bool) -> Reading:
    if not (plain.isascii() and plain.isdigit()):
        return rejected("INVALID_CHARACTERS")
    width, holds = _CHECKED[kind]
    if len(set(plain)) == 1:
        return rejected("PLACEHOLDER")
    if len(plain) == width or (kind == "voter_id" and len(plain) == 13 and plain[9:11] in ("01", "02")):
        if not holds(plain):
            return rejected("CHECK_DIGITS")
        return Reading(plain, plain, "fixed" if as_float else "ok", "NUMERIC_FORMAT" if as_float else None, None, kind)
    filled = plain.zfill(width)
    if width - 4 <= len(plain) < width and holds(filled):
        return (
            Reading(filled, filled, "fixed", "LOST_ZEROS", None, kind)
            if numeric_typed or as_float
            else Reading(None, None, "suggested", "LOST_ZEROS", filled, kind)
        )
    return rejected("WRONG_LENGTH")


def _cnh_holds(digits: str) -> bool:
    number = [int(digit) for digit in digits]
    first = sum(digit * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True)) % 11
    second = sum(digit * weight for digit, weight in zip(number[:9], range(1, 10), strict=True)) % 11
    if first > 9:
        first, second = 0, (second - 2) % 11
    return number[9:] == [first, second if second < 10 else 0]


def _pis_holds(digits: str) -> bool:
    rest = sum(int(digit) * weight for digit, weight in zip(digits[:10], (3, 2, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return int(digits[10]) == (0 if rest < 2 else 11 - rest)


def _voter_id_holds(digits: str) -> bool:
    """Eight digits of the sequence (nine in SP and MG), two of the state, two check digits."""
    state, checks = digits[-4:-2], digits[-2:]
    if not 1 <= int(state) <= 28:
        return False
    first = sum(int(digit) * weight for digit, weight in zip(digits[:8], range(2, 10), strict=True)) % 11
    first = _voter_digit(first, state)
    second = _voter_digit((int(state[0]) * 7 + int(state[1]) * 8 + first * 9) % 11, state)
    return checks == f"{first}{second}"


def _voter_digit(rest: int, state: str) -> int:
    return 1 if rest == 0 and state in ("01", "02") else rest % 10


_CHECKED: dict[str, tuple[int, Callable[[str], bool]]] = {"cnh": (11, _cnh_holds), "pis": (11, _pis_holds), "voter_id": (12, _voter_id_holds)}
