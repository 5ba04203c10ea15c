"""The expectations Great Expectations does not ship: check digits, spans of dates, reasons noted, agreement of two fields, sharing, alternatives.

Importing this module imports Great Expectations (some seconds): do it inside the stage only.
"""

# Great Expectations re-exports its classes without saying so, and its decorators have no types
# mypy: disable-error-code="attr-defined,untyped-decorator"

import re
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
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

from expectations.geography import CEP_RANGES, CPF_UFS, DDD_UFS

ISO = re.compile("[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?)?)?")
SIGNS = str.maketrans("", "", "-T:Z")
DOCUMENTS = {"cpf": cpf, "cnpj": cnpj}


def by_value(column: pd.Series, holds: Callable[[str], bool]) -> pd.Series:
    """Ask once for every different value."""
    codes, distinct = pd.factorize(column)
    return pd.Series(np.array([holds(value) for value in distinct.tolist()], dtype=bool)[codes], index=column.index)


def is_document(value: str, document: str) -> bool:
    """Whether python-stdnum accepts the bare number; unlike it, repeated digits, small letters and signs are refused."""
    return value.isalnum() and value == value.upper() and len(set(value)) > 1 and DOCUMENTS[document].is_valid(value)


def is_in_state(value: str, uf: str, reference: str) -> bool:
    """Whether a phone number (``ddd``), postal code (``cep``) or CPF (``cpf``) can be of the state; what the table does not know can be."""
    if reference == "ddd":
        states = DDD_UFS.get(value[3:5], ()) if value.startswith("+55") else ()
        return not states or uf in states
    if reference == "cpf":
        return not re.fullmatch("[0-9]{11}", value) or uf in CPF_UFS[value[8]]
    if not (value.isascii() and value.isdigit() and len(value) == 8):
        return True
    found = [state for start, end, state in CEP_RANGES if start <= value[: len(start)] <= end]
    return not found or uf in found


def moment(iso: str) -> int | None:
    """The digits of an ISO date or instant as one number, a coarser date at the start of its span; None for other text."""
    return int(iso.translate(SIGNS).ljust(14, "0")) if ISO.fullmatch(iso) else None


def lies_between(when: int | None, first: int | None, last: int | None) -> bool:
    """Whether a moment lies between two others."""
    return when is not None and (first is None or first <= when) and (last is None or when <= last)


class DatesBetween(ColumnMapMetricProvider):
    condition_metric_name = "column_values.dates_between"
    condition_value_keys = ("earliest", "latest")

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series, earliest: str | None = None, latest: str | None = None, **_: Any) -> pd.Series:
        first, last = moment(earliest or ""), moment(latest or "")
        return by_value(column, lambda value: lies_between(moment(value), first, last))


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
    def _pandas(cls, column: pd.Series, document: str, **_: Any) -> pd.Series:
        return by_value(column, lambda value: is_document(value, document))


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
        pairs = list(zip(column_A, column_B, strict=True))
        known = {pair: is_in_state(*pair, reference) for pair in set(pairs)}
        return pd.Series([known[pair] for pair in pairs], index=column_A.index, dtype=bool)


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
        rows = zip(*(column_list[name] for name in column_list.columns), strict=True)
        found = [any(is_in_state(value, uf, reference) for value, reference in zip(values, references, strict=True)) for *values, uf in rows]
        return pd.Series(found, index=column_list.index, dtype=bool)


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
        return column_list.groupby(key, observed=True)[by].transform("nunique") <= limit


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
        return pd.concat([column_list[group].count(axis="columns") > 0 for group in groups], axis="columns").all(axis="columns")


class ExpectAnyColumnToBeGiven(MulticolumnMapExpectation):
    """In each group of columns at least one value is given."""

    map_metric = "multicolumn_values.any_given"
    success_keys = ("groups", "mostly")
    ignore_row_if: Literal["all_values_are_missing", "any_value_is_missing", "never"]
    groups: list[list[str]]
