"""Tell a damaged value from one somebody emptied or changed: only damage may be mended from an earlier delivery.

A cell is damaged when a letter became U+FFFD or a question mark inside a word (CHAR_LOSS), a number was rounded to
``5,29982E+10`` (NUMERIC_LOSS) or lost the zeros at its front (LOST_ZEROS), and when what the same cell said before
proves it: the earlier text must read as the damaged one once it is damaged the same way. Another name with a lost
letter is a new name, and stays as it came. An empty cell is damage only when the column went dark for nearly
everybody at once (COLUMN_WENT_DARK); a single cell that was emptied was emptied on purpose, and stays empty.
"""

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.values.mojibake import LOST, mend

WENT_DARK = "COLUMN_WENT_DARK"
DARK_SHARE = 0.95
"""A column went dark when so many of the records that had a value lost it in one delivery."""
DARK_LEAST = 20
"""Fewer records than this prove nothing: they may all have asked to be forgotten."""
DARK_DAYS = 14
"""A column that stays dark for longer is meant to be empty, and the values kept for it go."""
DIGITS = {"cpf": 11, "cnpj": 14, "postal_code": 8}
"""Fields that are digits to us and a number to a spreadsheet, with their length."""

_SCIENTIFIC = re.compile(r"\+?([0-9])[.,]([0-9]+)E\+?([0-9]{1,2})", re.IGNORECASE)
_RUN = re.compile(rf"(?<=[^\W\d_])\?+(?=[^\W\d_])|{LOST}+")
_MARKED = rf"{LOST}|[^\W\d_]\?+[^\W\d_]|^\+?[0-9][.,][0-9]+[eE]\+?[0-9]{{1,2}}$"
_BARE = re.compile(r"([1-9][0-9]*)(?:\.0+)?")
Mask = npt.NDArray[np.bool_]


def looks_damaged(cells: pd.Series, field: str) -> Mask:
    """Cells worth comparing with what they said before; shape (n,). Missing cells are not."""
    marked = cells.str.contains(_MARKED, regex=True).fillna(False).to_numpy(dtype=bool)
    if field in DIGITS:
        bare = cells.str.extract(r"^([1-9][0-9]*)(?:\.0+)?$", expand=False)
        marked |= bare.str.len().between(DIGITS[field] - 4, DIGITS[field] - 1).fillna(False).to_numpy(dtype=bool)
    return marked


def damage(now: str, before: str) -> str | None:
    """How ``before`` was damaged to give ``now``: CHAR_LOSS, NUMERIC_LOSS or LOST_ZEROS; None when ``now`` is not ``before`` damaged."""
    if LOST in before:
        return None
    if (number := _SCIENTIFIC.fullmatch(now.strip())) is not None:
        return "NUMERIC_LOSS" if _rounds_to(_digits(before), number[1] + number[2], int(number[3])) else None
    if (bare := _BARE.fullmatch(now.strip())) is not None:
        digits = _digits(before)
        return "LOST_ZEROS" if digits.startswith("0") and digits.lstrip("0") == bare[1] else None
    return "CHAR_LOSS" if _loses_letters(now, before) else None


def went_dark(lost: int, kept: int) -> bool:
    """Whether a column went dark: of the records that had a value, ``lost`` have none in this delivery and ``kept`` still have one."""
    return lost >= DARK_LEAST and lost >= DARK_SHARE * (lost + kept)


def _digits(text: str) -> str:
    """The digits of a text of digits and punctuation; nothing when it holds anything else."""
    plain = re.sub(r"[\s.\-/()+]", "", text)
    return plain if plain.isascii() and plain.isdigit() else ""


def _rounds_to(digits: str, mantissa: str, exponent: int) -> bool:
    """Whether a spreadsheet shows the number ``digits`` as ``mantissa`` E ``exponent``, having dropped digits."""
    dropped = exponent - len(mantissa) + 1
    whole = digits.lstrip("0")
    if dropped <= 0 or len(whole) not in (exponent, exponent + 1):
        return False
    unit = 10**dropped
    return 2 * abs(int(whole) - int(mantissa) * unit) <= unit


def _loses_letters(now: str, before: str) -> bool:
    """Whether ``now`` is ``before`` with some of its letters beyond ASCII lost; each may have left one mark per byte."""
    meant, shown = _plain(mend(before)), _plain(now)
    parts, runs = _RUN.split(shown), [len(run) for run in _RUN.findall(shown)]
    if not runs or not any(letter.isalpha() for part in parts for letter in part):
        return False
    pattern = re.escape(parts[0]) + "".join(rf"[^\x00-\x7f]{{1,{run}}}{re.escape(part)}" for run, part in zip(runs, parts[1:], strict=True))
    return re.fullmatch(pattern, meant) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
