"""Cells that hold several phone numbers: cut apart, and the area code one number lends to the next."""

import re

import pandas as pd
import pyarrow.compute as pc

from contacts.values.phone_br import DDD_PATTERN
from contacts.values.phone_text import LINK
from contacts.values.reading import arrow, missing, split_cells, texts
from contacts.warehouse import TEXT

_WHOLE = r"(?:(?<=[0-9][\s.-][0-9]{4})|(?<=[0-9]{8}))"
"""Behind the last digits of a number that is complete, so that a blank or hyphen can be more than a blank or hyphen."""

_KIND = (
    r"(?:cel(?:ular)?|m[oó]vel|tel(?:efone)?|fone|fixo|casa|res(?:idencial|id)?|com(?:ercial|l)?|trab(?:alho)?"
    r"|whats(?:app)?|zap|wpp|fax|recados?|mobile|home|work|phone)"
)
_SEPARATOR = (
    r"\s*(?:[/;|\\\n\r]|:::|,(?![0-9]+E)|\s(?:ou|e|or|and|y|&)\s"
    rf"|{_WHOLE}\s*(?=\(0?[1-9][0-9]\))|{_WHOLE}\s+(?=\+[0-9])"
    rf"|{_WHOLE}\s+[-–]\s+(?=\(?0?[1-9][0-9]\)?\s*9?[0-9]{{4}}[\s.-]?[0-9]{{4}}(?![0-9]))"
    rf"|{_WHOLE}[\s,-]*(?={_KIND}\b\s*[.:]?\s*[(+0-9]))\s*"
)
_SPLIT = re.compile(_SEPARATOR, re.IGNORECASE)
_PERHAPS = rf"[/;|,\\\n\r]|:::|\s(?:ou|e|or|and|y|&)\s|[0-9]\s*\(|[0-9]\s+\+|[0-9]{{4}}\s+[-–]\s|[0-9][\s-]*{_KIND}\b"
_AREA_SLASH = re.compile(r"(?<![0-9])(\(?0?[1-9][0-9]\)?)\s*[/|]\s*(?=9?[0-9]{4}[\s.-]?[0-9]{4}(?![0-9]))")
_EXTENSIONS = re.compile(r"((?:ramal|ramais|ext|ram|r)\b\.?\s*[0-9]{1,5})\s*[/,]\s*(?=[0-9]{1,5}(?![0-9-]))", re.IGNORECASE)
_THOUSANDS = re.compile(r"\s*[0-9]{1,3}(?:,[0-9]{3}){2,4}\s*")
_PARAMETER = re.compile(r";(?:ext|isub|phone-context)=[^;]*$", re.IGNORECASE)
_COMPLETE = rf"^(?:0?55)?0?(?P<ddd>{DDD_PATTERN})(?:9[0-9]{{8}}|[2-9][0-9]{{7}})$"


def split(values: pd.Series) -> pd.Series:
    """The numbers of each cell, one row each, the index repeated; a cell without a separator stays as it is."""
    column = texts(values)
    several = pc.fill_null(pc.match_substring_regex(arrow(column), _PERHAPS, ignore_case=True), False).to_numpy(zero_copy_only=False)
    return split_cells(column, several, _parts) if several.any() else column


def area_code_beside(parts: pd.Series) -> pd.Series:
    """For numbers without area code: the DDD of the first complete number that shares their index; good for a suggestion only.

    ``parts`` is what ``split`` answers, or the numbers of several columns on the index of their rows.
    """
    lent = missing(parts.index)
    digits = texts(parts).str.replace(r"[^0-9]", "", regex=True)
    bare = digits.str.len().isin((8, 9)).to_numpy() & parts.index.duplicated(keep=False)
    if bare.any():
        ddd = digits[parts.index.isin(parts.index[bare])].str.extract(_COMPLETE)["ddd"].dropna()
        first = ddd[~ddd.index.duplicated()]
        lent[bare] = first.reindex(parts.index[bare]).astype(TEXT).array
    return lent


def _parts(cell: str) -> list[str]:
    if LINK.fullmatch(cell.strip()) or _THOUSANDS.fullmatch(cell) or (_PARAMETER.search(cell) and cell.count(";") == 1):
        return [cell]
    bare = cell.strip().strip("[]{}").replace('"', "").replace("'", "")
    while (joined := _EXTENSIONS.sub(r"\1.", bare)) != bare:
        bare = joined
    bare = _AREA_SLASH.sub(r"\1 ", bare)
    found = [part for part in _SPLIT.split(bare) if part.strip()]
    return found if len(found) > 1 or bare != cell else [cell]
