"""The expectations Great Expectations does not ship: check digits, spans of dates, reasons noted, agreement of two fields, sharing, alternatives.

Importing this module imports Great Expectations (some seconds): do it inside the stage only.
"""

# Great Expectations re-exports its classes without saying so, and its decorators have no types
# mypy: disable-error-code="attr-defined,untyped-decorator"

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider import (
    ColumnMapMetricProvider,
    ColumnPairMapMetricProvider,
    MulticolumnMapMetricProvider,
    column_condition_partial,
    column_pair_condition_partial,
    multicolumn_condition_partial,
)
from stdnum.br import cnpj, cpf

from contacts.values.document import LENGTH, Kind, check_digits_hold, digits_of
from contacts.warehouse import TEXT
from expectations.geography import CEP_RANGES, CPF_UFS, DDD_UFS
from expectations.masks import text

ISO = r"\A[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?\z"
DOCUMENTS = {"cpf": cpf, "cnpj": cnpj}
TELLING = {"ddd": r"\A\+55(?P<part>..)", "cep": r"\A(?P<part>[0-9]{3})[0-9]{5}\z", "cpf": r"\A[0-9]{8}(?P<part>[0-9])[0-9]{2}\z"}
"""The part of a phone number, postal code or CPF that tells the state."""


def by_value(column: pd.Series, holds: Callable[[str], bool]) -> pd.Series:
    """Ask once for every different value."""
    codes, distinct = pd.factorize(column)
    return pd.Series(np.array([holds(value) for value in distinct.tolist()], dtype=bool)[codes], index=column.index)


def is_document(value: str, document: str) -> bool:
    """Whether python-stdnum accepts the bare number; unlike it, repeated digits, small letters and signs are refused."""
    return value.isalnum() and value == value.upper() and len(set(value)) > 1 and DOCUMENTS[document].is_valid(value)


def are_documents(column: pd.Series, document: Kind) -> pd.Series:
    """``is_document`` of every row; the library is asked about what is not plainly digits in the right number."""
    words = text(column)
    matches = pc.fill_null(pc.match_substring_regex(words, rf"\A[0-9]{{{LENGTH[document]}}}\z"), False)
    plain, digits = matches.to_numpy(zero_copy_only=False), digits_of(words.filter(matches), document)
    holds = np.zeros(len(column), dtype=bool)
    holds[plain] = check_digits_hold(digits) & (digits != digits[:, :1]).any(axis=1)
    holds[~plain] = by_value(column[~plain], lambda value: is_document(value, document))
    return pd.Series(holds, index=column.index)


def is_in_state(part: str, uf: str, reference: str) -> bool:
    """Whether an area code (``ddd``), the start of a postal code (``cep``) or a CPF's ninth digit is of the state, or of none the tables know."""
    if reference == "cep":
        states = tuple(state for first, last, state in CEP_RANGES if first <= part <= last)
    else:
        states = (DDD_UFS if reference == "ddd" else CPF_UFS).get(part, ())
    return not states or uf in states


def in_state(column: pd.Series, uf: pd.Series, reference: str) -> pd.Series:
    """``is_in_state`` of every row, asked once for every different part and state; a value that tells no state can be of any."""
    found = pc.struct_field(pc.extract_regex(pa.array(column.astype(TEXT)), TELLING[reference]), "part")
    parts, told = pd.factorize(found.to_pandas())
    states, named = pd.factorize(uf)
    known = np.array([[is_in_state(part, state, reference) for state in named] + [True] for part in told] + [[True] * (len(named) + 1)])
    return pd.Series(known[parts, states], index=column.index)


def moments(texts: pd.Series) -> pa.Array:
    """The digits of ISO dates and instants as one number each, a coarser date at the start of its span; null for other text."""
    words = pa.array(texts.astype(TEXT))
    digits = pc.utf8_rpad(pc.replace_substring_regex(words, "[-T:Z]", ""), 14, "0")
    return pc.if_else(pc.match_substring_regex(words, ISO), digits, None).cast(pa.int64())


class DatesBetween(ColumnMapMetricProvider):
    condition_metric_name = "column_values.dates_between"
    condition_value_keys = ("earliest", "latest")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, earliest: str | None = None, latest: str | None = None, **_: Any) -> pd.Series:
        when, (first, last) = moments(column), moments(pd.Series([earliest, latest], dtype=TEXT))
        after = pc.greater_equal(when, first) if earliest else pc.is_valid(when)
        before = pc.less_equal(when, last) if latest else pc.is_valid(when)
        return pd.Series(pc.fill_null(pc.and_(after, before), False).to_numpy(zero_copy_only=False), index=column.index)


class ExpectColumnDatesToBeBetween(ColumnMapExpectation):
    """The values of a column are ISO dates or instants between two others (the shipped expectation takes no text)."""

    map_metric = "column_values.dates_between"
    success_keys = ("earliest", "latest", "mostly")
    earliest: str | None = None
    latest: str | None = None


class DocumentCheckDigits(ColumnMapMetricProvider):
    condition_metric_name = "column_values.document_check_digits"
    condition_value_keys = ("document",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, document: Kind, **_: Any) -> pd.Series:
        return are_documents(column, document)


class ExpectDocumentCheckDigitsToHold(ColumnMapExpectation):
    """The values of a column are CPF or CNPJ numbers whose check digits hold."""

    map_metric = "column_values.document_check_digits"
    success_keys = ("document", "mostly")
    document: str


class ReasonsNoted(ColumnMapMetricProvider):
    condition_metric_name = "column_values.without_reasons"
    condition_value_keys = ("reasons",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, reasons: list[str], **_: Any) -> pd.Series:
        return by_value(column, lambda noted: not set(noted.split(" ")) & set(reasons))


class ExpectReasonsNotToBeNoted(ColumnMapExpectation):
    """None of these reasons is among those standardising noted, codes between blanks."""

    map_metric = "column_values.without_reasons"
    success_keys = ("reasons", "mostly")
    reasons: list[str]


class PairDiffers(ColumnPairMapMetricProvider):
    condition_metric_name = "column_pair_values.differ"

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series, column_B: pd.Series, **_: Any) -> pd.Series:
        return pd.Series([one != other for one, other in zip(column_A, column_B, strict=True)], index=column_A.index, dtype=bool)


class ExpectColumnPairToDiffer(ColumnPairMapExpectation):
    """The values of two columns are not the same (the shipped expectation wants them equal)."""

    map_metric = "column_pair_values.differ"
    success_keys = ("ignore_row_if", "mostly")
    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"]


class PairInState(ColumnPairMapMetricProvider):
    condition_metric_name = "column_pair_values.in_state"
    condition_value_keys = ("reference",)

    @column_pair_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_A: pd.Series, column_B: pd.Series, reference: str, **_: Any) -> pd.Series:
        return in_state(column_A, column_B, reference)


class ExpectColumnPairToBeInState(ColumnPairMapExpectation):
    """A phone number's area code or a postal code belongs to the state in the other column."""

    map_metric = "column_pair_values.in_state"
    success_keys = ("reference", "ignore_row_if", "mostly")
    ignore_row_if: Literal["both_values_are_missing", "either_value_is_missing", "neither"]
    reference: str


class SomeInState(MulticolumnMapMetricProvider):
    condition_metric_name = "multicolumn_values.some_in_state"
    condition_value_keys = ("references",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, references: list[str], **_: Any) -> pd.Series:
        *values, uf = column_list.columns
        held = [in_state(column_list[name], column_list[uf], reference) for name, reference in zip(values, references, strict=True)]
        return pd.concat(held, axis="columns").any(axis="columns")


class ExpectSomeColumnToBeInState(MulticolumnMapExpectation):
    """At least one value belongs to the state in the last column; ``references`` say how each of the others tells its state."""

    map_metric = "multicolumn_values.some_in_state"
    success_keys = ("references", "mostly")
    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"]
    references: list[str]


class ValueSharedBy(MulticolumnMapMetricProvider):
    condition_metric_name = "multicolumn_values.shared_by_at_most"
    condition_value_keys = ("limit",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, limit: int, **_: Any) -> pd.Series:
        key, by = column_list.columns
        places = pd.DataFrame({name: pd.factorize(column_list[name])[0] for name in (key, by)}, index=column_list.index)
        return places[key].map(places.drop_duplicates()[key].value_counts()) <= limit


class ExpectValueToBeSharedByAtMost(MulticolumnMapExpectation):
    """Rows with the same value in the first column show at most ``limit`` different values in the second."""

    map_metric = "multicolumn_values.shared_by_at_most"
    success_keys = ("limit", "mostly")
    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"]
    limit: int


class AnyColumnGiven(MulticolumnMapMetricProvider):
    condition_metric_name = "multicolumn_values.any_given"
    condition_value_keys = ("groups",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column_list: pd.DataFrame, groups: list[list[str]], **_: Any) -> pd.Series:
        return pd.concat([column_list[group].notna().any(axis="columns") for group in groups], axis="columns").all(axis="columns")


class ExpectAnyColumnToBeGiven(MulticolumnMapExpectation):
    """In each group of columns at least one value is given."""

    map_metric = "multicolumn_values.any_given"
    success_keys = ("groups", "mostly")
    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"]
    groups: list[list[str]]
