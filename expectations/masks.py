"""Conditions as masks over columns: in which rows can a condition be judged, and in which of them does it hold.

Columns of few different values come as categoricals (``frames.encoded``) and are judged value by value, not row by row.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import assert_never

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations import conditions as c
from expectations.geography import CEP_RANGES, CPF_UFS, DDD_UFS

Mask = npt.NDArray[np.bool_]
Kernel = Callable[[pa.Array], pa.Array]
ISO = r"\A[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?\z"
CPF_WEIGHTS = np.array([[10, 9, 8, 7, 6, 5, 4, 3, 2, 0, 0], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0]])
CNPJ_WEIGHTS = np.array([[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 0, 0], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 0]])


def holds(condition: c.Condition, frame: pd.DataFrame, as_of: datetime) -> tuple[Mask, Mask]:
    """Which rows can be judged, and in which of them the condition holds; ``frame`` has the columns it reads."""
    everywhere = np.ones(len(frame), dtype=bool)
    judged = np.logical_and.reduce([given(frame[column]) for column in c.columns_of(condition)])
    match condition:
        case c.NotNull():
            return everywhere, judged
        case c.IsNull():
            return everywhere, ~judged
        case c.AnyGiven(groups):
            return everywhere, np.logical_and.reduce([np.logical_or.reduce([given(frame[column]) for column in group]) for group in groups])
        case c.Matches(column, regex):
            return judged, _regex(frame[column], rf"\A(?:{regex})\z")
        case c.NotContains(column, regex):
            return judged, ~_regex(frame[column], regex)
        case c.LengthBetween(column, least, most):
            return judged, _per_value(
                frame[column], lambda words: pc.and_(pc.greater_equal(pc.utf8_length(words), least), pc.less_equal(pc.utf8_length(words), most))
            )
        case c.InSet(column, values):
            return judged, is_in(frame[column], values)
        case c.NotInSet(column, values):
            return judged, ~is_in(frame[column], values)
        case c.YearsAgo(column):
            return judged, _between(frame[column], *c.bounds(condition, as_of))
        case c.AtLeast(column, other):
            return judged, _flags(pc.greater_equal(text(frame[column]), text(frame[other])))
        case c.Differs(column, other):
            return judged, _flags(pc.not_equal(text(frame[column]), text(frame[other])))
        case c.CheckDigits(column, document):
            return judged, _check_digits(frame[column], document)
        case c.PairAgrees(column, uf, reference):
            return judged, _agrees(frame[column], frame[uf], reference)
        case c.SomePairAgrees(pairs, uf):
            return judged, np.logical_or.reduce([_agrees(frame[column], frame[uf], reference) for column, reference in pairs])
        case c.NotNoted(_, reasons):
            return everywhere, ~_regex(frame[condition.column], rf"(?:\A| )(?:{'|'.join(reasons)})(?: |\z)")
        case c.Unique(columns):
            return judged, ~_spread(_codes(frame[judged], columns).duplicated(keep=False).to_numpy(), judged)
        case c.SharedByAtMost(column, by, limit):
            codes = _codes(frame, (column, by))
            different = codes[judged].drop_duplicates()[column]
            return judged, (np.bincount(different, minlength=codes[column].max() + 2 if len(codes) else 1) <= limit)[codes[column]]
        case _:
            assert_never(condition)


def given(column: pd.Series) -> Mask:
    """Where there is a value."""
    return column.notna().to_numpy()


def is_in(column: pd.Series, values: Sequence[str]) -> Mask:
    """Where the value is one of these."""
    return _per_value(column, lambda words: pc.is_in(words, pa.array(values, type=pa.large_string())))


def _codes(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Numbers for values: the same for the same, from 0 on, -1 for none."""
    return pd.DataFrame({column: pd.factorize(frame[column])[0] for column in columns})


def text(column: pd.Series) -> pa.Array:
    """A column as one Arrow array of text."""
    values = column.astype(str).where(column.notna(), None) if isinstance(column.dtype, pd.CategoricalDtype) else column
    found = pa.array(values, type=pa.large_string(), from_pandas=True)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _flags(answers: pa.Array) -> Mask:
    return pc.fill_null(answers, False).to_numpy(zero_copy_only=False)


def _per_value(column: pd.Series, judge: Kernel) -> Mask:
    """An Arrow kernel over the values of a column, over its categories where it has some; False where the value is missing."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return _flags(judge(text(column)))
    answers = _flags(judge(pa.array(column.cat.categories, type=pa.large_string())))
    return np.append(answers, False)[column.cat.codes.to_numpy()]


def _spread(values: Mask, rows: Mask) -> Mask:
    """Values of the chosen rows at their places, False elsewhere."""
    spread = np.zeros(len(rows), dtype=bool)
    spread[rows] = values
    return spread


def _regex(column: pd.Series, regex: str) -> Mask:
    """Where RE2 finds the regex."""
    return _per_value(column, lambda words: pc.match_substring_regex(words, regex))


def _between(column: pd.Series, earliest: str | None, latest: str | None) -> Mask:
    """ISO dates and instants between two others: of one form, they sort as text."""

    def judge(words: pa.Array) -> pa.Array:
        found = pc.match_substring_regex(words, ISO)
        found = found if earliest is None else pc.and_(found, pc.greater_equal(words, earliest))
        return found if latest is None else pc.and_(found, pc.less_equal(words, latest))

    return _per_value(column, judge)


def _check_digits(column: pd.Series, document: str) -> Mask:
    """Modulus 11 over the characters' codes; the alphanumeric CNPJ counts ``A`` as 17 (IN RFB 2.229/2024)."""
    form, weights = (r"\A[0-9]{11}\z", CPF_WEIGHTS) if document == "cpf" else (r"\A[0-9A-Z]{12}[0-9]{2}\z", CNPJ_WEIGHTS)
    formed = _regex(column, form)
    digits = np.frombuffer("".join(column[formed]).encode("ascii"), dtype=np.uint8).reshape(-1, weights.shape[1]).astype(np.int64) - ord("0")
    rest = (digits @ weights.T) % 11
    expected = np.where(rest < 2, 0, 11 - rest)
    repeated = (digits == digits[:, :1]).all(axis=1)  # 111.111.111-11 passes the arithmetic and is nobody's
    return _spread((digits[:, -2:] == expected).all(axis=1) & ~repeated, formed)


def _agrees(column: pd.Series, uf: pd.Series, reference: str) -> Mask:
    """Value of the state, or of a kind the reference says nothing about."""
    place, served = PLACES[reference](text(column))
    state, states = pd.factorize(uf)
    table = np.array([[one in some for one in [*states, None]] for some in served] + [[True] * (len(states) + 1)], dtype=bool)
    return table[place, state]


def _ddd(words: pa.Array) -> tuple[npt.NDArray[np.int64], list[tuple[str, ...]]]:
    """The area code's place in the table, -1 for numbers of other countries and unknown codes."""
    brazilian = pc.if_else(pc.starts_with(words, "+55"), pc.utf8_slice_codeunits(words, 3, 5), None)
    return _place(brazilian, list(DDD_UFS)), list(DDD_UFS.values())


def _cpf(words: pa.Array) -> tuple[npt.NDArray[np.int64], list[tuple[str, ...]]]:
    """The ninth digit's place in the table, -1 for what is no CPF."""
    formed = pc.if_else(pc.match_substring_regex(words, r"\A[0-9]{11}\z"), pc.utf8_slice_codeunits(words, 8, 9), None)
    return _place(formed, list(CPF_UFS)), list(CPF_UFS.values())


def _cep(words: pa.Array) -> tuple[npt.NDArray[np.int64], list[tuple[str, ...]]]:
    """The postal code's range, -1 for what is no CEP or in no range."""
    formed = pc.if_else(pc.match_substring_regex(words, r"\A[0-9]{8}\z"), pc.utf8_slice_codeunits(words, 0, 3), "000")
    prefix = pc.fill_null(formed, "000").cast(pa.int64()).to_numpy(zero_copy_only=False)
    first, last = (np.array([int(one[end]) for one in CEP_RANGES]) for end in (0, 1))
    place = np.searchsorted(first, prefix, side="right") - 1
    return np.where((place >= 0) & (prefix <= last[place]), place, -1), [(state,) for _, _, state in CEP_RANGES]


def _place(words: pa.Array, known: list[str]) -> npt.NDArray[np.int64]:
    return pc.fill_null(pc.index_in(words, pa.array(known, type=pa.large_string())), -1).to_numpy(zero_copy_only=False)


PLACES = {"ddd": _ddd, "cpf": _cpf, "cep": _cep}
