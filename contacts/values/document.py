"""CPF and CNPJ: always text, check digits verified (CNPJ also alphanumeric), documents that nobody has refused.

Sources: Receita Federal IN RFB 2.172/2024 (CPF) and IN RFB 2.229/2024 (alphanumeric CNPJ); single values are checked by ``stdnum.br``.
"""

import re
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.br import cnpj as stdnum_cnpj
from stdnum.br import cpf as stdnum_cpf

from contacts.values.placeholders import is_placeholder
from contacts.values.reading import COLUMNS, Reading, arrow, by_text, read_one, rejected, texts, usable, with_careful
from contacts.warehouse import TEXT

Kind = Literal["cpf", "cnpj"]

NOBODY = frozenset(["12345678909", "01234567890", "98765432100", *(digit * 11 for digit in "0123456789"), *(digit * 14 for digit in "0123456789")])
"""Documents of manuals and test forms; their check digits hold."""

_USUAL = {
    "cpf": r"\A\s*[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}\s*\z",
    "cnpj": r"\A\s*[0-9A-Za-z]{2}\.?[0-9A-Za-z]{3}\.?[0-9A-Za-z]{3}/?[0-9A-Za-z]{4}-?[0-9]{2}\s*\z",
}
"""The usual writings, in which a document needs nothing but its check digits."""

_NOBODY = pa.array(sorted(NOBODY), type=pa.large_string())
LENGTH = {"cpf": 11, "cnpj": 14}
_FEWEST = {"cpf": 8, "cnpj": 11}
_LABEL = re.compile(r"^(?:cpf|cnpj)(?:/(?:cpf|cnpj|mf))?\s*(?:n[º°o.]*)?\s*[:.-]?\s*", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s.\-–/_]")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]{1,2}", re.IGNORECASE)


def standardise(values: pd.Series, kind: Kind = "cpf", numeric_typed: bool = False) -> pd.DataFrame:
    """Documents without punctuation; the key is the document, ``subtype`` its kind.

    ``numeric_typed`` says the column came from a numeric cell type: zeros lost at the front are put back (``LOST_ZEROS``) when the
    check digits then hold. In a text column the same is only suggested.
    """
    column = texts(values)
    answers, plain = _plain_digits(arrow(column), kind)

    def careful(rest: np.ndarray) -> pd.DataFrame:
        return standardise_each(column[rest], kind, numeric_typed)

    return with_careful(answers, plain, careful, column.index)


def standardise_each(values: pd.Series, kind: Kind = "cpf", numeric_typed: bool = False) -> pd.DataFrame:
    """What ``standardise`` answers, each distinct value read on its own: slower, and the judge of the fast reading."""
    return by_text(values, lambda text: _read(text, kind, numeric_typed))


def is_valid(text: str, kind: Kind = "cpf") -> bool:
    """Whether the check digits hold and the document is not one of those that nobody has."""
    return usable(read_one(text, lambda clean: _read(clean, kind, False)))


def mask(values: pd.Series) -> pd.Series:
    """The last digits only: ``***.***.*47-09`` for a CPF, ``**.***.***/****-95`` for a CNPJ, ``***`` for anything else."""
    column = texts(values)
    plain = column.str.upper().str.replace(r"[\s.\-/]", "", regex=True)
    cpf = "***.***.*" + plain.str[7:9] + "-" + plain.str[9:11]
    cnpj = "**.***.***/****-" + plain.str[12:14]
    hidden = pd.Series("***", index=column.index, dtype=TEXT)
    hidden = hidden.where(~plain.str.fullmatch("[0-9]{11}").fillna(False).astype(bool), cpf)
    hidden = hidden.where(~plain.str.fullmatch("[0-9A-Z]{12}[0-9]{2}").fillna(False).astype(bool), cnpj)
    return hidden.where(column.notna())


def digits_of(bare: pa.LargeStringArray, kind: Kind) -> np.ndarray:
    """Bare documents of full length, none missing, as rows of numbers for ``check_digits_hold``."""
    signs = np.frombuffer(bare.cast(pa.large_binary()).buffers()[2] or b"", dtype=np.uint8)
    return signs[: len(bare) * LENGTH[kind]].reshape(-1, LENGTH[kind]) - ord("0")


def check_digits_hold(digits: np.ndarray) -> np.ndarray:
    """For rows of 11 (CPF) or 14 (CNPJ) numbers 0-9, or ASCII - 48 for letters: whether both check digits hold (modulus 11)."""
    rows = digits.astype(np.int16)
    width = rows.shape[1]
    if width == 11:
        first, second = np.arange(10, 1, -1, dtype=np.int16), np.arange(11, 1, -1, dtype=np.int16)
    else:
        second = np.array([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2], dtype=np.int16)
        first = second[1:]
    held = np.ones(len(rows), dtype=bool)
    for weights in (first, second):
        rest = rows[:, : len(weights)] @ weights % 11
        held &= np.where(rest < 2, 0, 11 - rest) == rows[:, len(weights)]
    return held


def _plain_digits(text: pa.LargeStringArray, kind: Kind) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for documents in their usual writing, check digits verified, as columns, and which rows they are for."""
    bare = pc.ascii_upper(pc.replace_substring_regex(pc.if_else(pc.match_substring_regex(text, _USUAL[kind]), text, None), r"[\s.\-/]", ""))
    value = pc.if_else(pc.is_in(bare, value_set=_NOBODY), None, bare)
    plain = pc.is_valid(value).to_numpy(zero_copy_only=False)
    holds = np.zeros(len(text), dtype=bool)
    holds[plain] = check_digits_hold(digits_of(pc.drop_null(value), kind))
    held = pa.array(holds)
    kept = pc.if_else(held, value, None)
    none = pa.nulls(len(text), pa.large_string())
    answers = (kept, kept, pc.if_else(held, "ok", "rejected"), pc.if_else(held, None, "CHECK_DIGITS"), none, pc.if_else(held, kind, None))
    return {name: answer.cast(pa.large_string()) for name, answer in zip(COLUMNS, answers, strict=True)}, plain


def _read(text: str, kind: Kind, numeric_typed: bool) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    if _SCIENTIFIC.fullmatch(text):
        return rejected("NUMERIC_LOSS")
    written = _LABEL.sub("", text)
    as_float = re.fullmatch(r"([0-9]{5,14})\.0+", written)
    plain = as_float[1] if as_float else _PUNCTUATION.sub("", written).upper()
    if not (plain.isascii() and plain.isalnum()) or (kind == "cpf" and not plain.isdigit()):
        return rejected("INVALID_CHARACTERS")
    width = LENGTH[kind]
    if len(set(plain)) == 1 or plain in NOBODY:
        return rejected("PLACEHOLDER")
    if len(plain) == width:
        if not _holds(plain, kind):
            return rejected("CHECK_DIGITS")
        return Reading(plain, plain, "fixed" if as_float else "ok", "NUMERIC_FORMAT" if as_float else None, None, kind)
    if kind == "cpf" and len(plain) == 14 and _holds(plain, "cnpj"):
        return rejected("CNPJ_IN_CPF")
    if kind == "cnpj" and len(plain) == 11 and plain.isdigit() and _holds(plain, "cpf"):
        return rejected("CPF_IN_CNPJ")
    filled = plain.zfill(width)
    if plain.isdigit() and _FEWEST[kind] <= len(plain) < width and filled not in NOBODY and _holds(filled, kind):
        if numeric_typed or as_float:
            return Reading(filled, filled, "fixed", "LOST_ZEROS", None, kind)
        return Reading(None, None, "suggested", "LOST_ZEROS", filled, kind)
    return rejected("WRONG_LENGTH")


def _holds(plain: str, kind: Kind) -> bool:
    return bool((stdnum_cpf if kind == "cpf" else stdnum_cnpj).is_valid(plain))
