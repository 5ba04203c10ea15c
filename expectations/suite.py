"""Judge the same frames by Great Expectations: a suite compiled from the rules, its failing counts, and no value anywhere.

Importing this module imports Great Expectations (some seconds): do it inside the stage only.
"""

# Great Expectations re-exports its classes without saying so
# mypy: disable-error-code="attr-defined"

import logging
import os
from collections.abc import Sequence
from datetime import datetime
from functools import cache, reduce
from operator import and_
from typing import Any, assert_never

import pandas as pd

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
logging.getLogger("great_expectations").setLevel(logging.WARNING)  # else some 180 lines while it registers itself

import great_expectations as gx  # noqa: E402
import great_expectations.expectations as gxe  # noqa: E402
from great_expectations.execution_engine import PandasExecutionEngine  # noqa: E402
from great_expectations.expectations.row_conditions import Column  # noqa: E402
from great_expectations.expectations.row_conditions import Condition as RowCondition  # noqa: E402
from great_expectations.validator.validator import Validator  # noqa: E402

from expectations import conditions as c  # noqa: E402
from expectations import custom  # noqa: E402
from expectations.conditions import columns_of  # noqa: E402
from expectations.gate import Verdict  # noqa: E402
from expectations.parts import Part  # noqa: E402
from expectations.rules import Rule  # noqa: E402

logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)  # sets its own level when imported

COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True, "return_unexpected_index_query": False}
"""Great Expectations puts failing values into results and reports unless told not to; their rows come from ``findings``."""
UNJUDGED = -1
"""Failing count of a rule Great Expectations could not evaluate; it agrees with nothing, so the gate turns red."""


class FilteringOnce(PandasExecutionEngine):
    """Great Expectations' engine, which would choose the rows of a condition anew for every figure of every rule; rules of one part share them."""

    chosen: tuple[str, pd.DataFrame] | None = None

    def get_domain_records(self, domain_kwargs: dict[str, Any]) -> pd.DataFrame:
        """The rows; the same ones again when they are asked for twice in a row."""
        asked = repr({name: value for name, value in domain_kwargs.items() if name != "column"})  # one column chooses no rows
        if self.chosen is None or self.chosen[0] != asked:
            self.chosen = asked, super().get_domain_records(domain_kwargs)
        return self.chosen[1]


def verdicts(part: Part) -> dict[str, Verdict]:
    """Verdict per rule id of one part.

    Text Great Expectations looks into goes over as plain Python strings, which it would make of the column anew for each rule;
    the values stay what they are.
    """
    frame, rules = part.frame, part.rules
    searched = {name for rule in rules if isinstance(rule.condition, c.Matches | c.NotContains | c.LengthBetween) for name in columns_of(rule.condition)}
    results = run_suite(build_suite(rules, frame, part.as_of), frame.astype(dict.fromkeys(searched, object)))
    found: dict[str, Verdict] = {}
    for rule in rules:
        mine = [one for one in results if one["expectation_config"]["meta"]["rule"] == rule.id]
        found[rule.id] = _verdict(mine, expected=frame["source"].nunique() if rule.severity == "halt" else 1)
    return found


def run_suite(expectations: list[Any], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Great Expectations' results for one frame.

    Its validator is handed the frame by itself: a batch definition would first take a fingerprint of every value, which takes as long as judging.
    """
    validator = Validator(FilteringOnce(batch_data_dict={"frame": frame}), data_context=context())
    suite = gx.ExpectationSuite("rules", expectations=expectations)
    results = validator.graph_validate(configurations=suite.expectation_configurations, runtime_configuration={"result_format": dict(COUNTS_ONLY)})
    return [one.to_json_dict() for one in results]


@cache
def context() -> Any:
    """A context that keeps nothing and draws no progress bars."""
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment,unused-ignore]
    return context


def build_suite(rules: Sequence[Rule], frame: pd.DataFrame, as_of: datetime) -> list[Any]:
    """One expectation per rule; a halt rule gets one per source, with the share of rows that must hold."""
    sources = sorted(frame["source"].unique()) if any(rule.severity == "halt" for rule in rules) else []
    return [expectation(rule, as_of, name) for rule in rules for name in (sources if rule.severity == "halt" else [None])]


def _verdict(results: list[dict[str, Any]], expected: int) -> Verdict:
    # the exception's text may quote a value, so only that there was one is kept
    if len(results) != expected or any("unexpected_count" not in one["result"] for one in results):
        return Verdict(UNJUDGED, UNJUDGED)
    return Verdict(sum(one["result"]["unexpected_count"] for one in results), sum(not one["success"] for one in results))


def expectation(rule: Rule, as_of: datetime, source: str | None) -> Any:
    """What a rule is to Great Expectations; with ``source`` (halt rules) it judges that source's rows only."""
    conditions: list[RowCondition] = [] if source is None else [Column("source") == source]
    conditions += [Column(one.column).is_not_null() if isinstance(one, c.NotNull) else Column(one.column).is_in(one.values) for one in rule.when]
    common: dict[str, Any] = {"meta": {"rule": rule.id}, "mostly": rule.mostly, "severity": "critical" if rule.severity == "halt" else "warning"}
    if conditions:
        common["row_condition"] = reduce(and_, conditions)
    match rule.condition:
        case c.NotNull(column):
            return gxe.ExpectColumnValuesToNotBeNull(column=column, **common)
        case c.IsNull(column):
            return gxe.ExpectColumnValuesToBeNull(column=column, **common)
        case c.AnyGiven(groups):
            columns = [name for group in groups for name in group]
            return custom.ExpectAnyColumnToBeGiven(column_list=columns, groups=[list(group) for group in groups], ignore_row_if="never", **common)
        case c.Matches(column, regex):
            return gxe.ExpectColumnValuesToMatchRegex(column=column, regex=rf"\A(?:{regex})\Z", **common)
        case c.NotContains(column, regex):
            return gxe.ExpectColumnValuesToNotMatchRegex(column=column, regex=regex, **common)
        case c.LengthBetween(column, least, most):
            return gxe.ExpectColumnValueLengthsToBeBetween(column=column, min_value=least, max_value=most, **common)
        case c.InSet(column, values):
            return gxe.ExpectColumnValuesToBeInSet(column=column, value_set=list(values), **common)
        case c.NotInSet(column, values):
            return gxe.ExpectColumnValuesToNotBeInSet(column=column, value_set=list(values), **common)
        case c.YearsAgo(column):
            earliest, latest = c.bounds(rule.condition, as_of)
            return custom.ExpectColumnDatesToBeBetween(column=column, earliest=earliest, latest=latest, **common)
        case c.AtLeast(column, other):
            return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=column, column_B=other, or_equal=True, ignore_row_if="either_value_is_missing", **common
            )
        case c.Differs(column, other):
            return custom.ExpectColumnPairToDiffer(column_A=column, column_B=other, ignore_row_if="either_value_is_missing", **common)
        case c.CheckDigits(column, document):
            return custom.ExpectDocumentCheckDigitsToHold(column=column, document=document, **common)
        case c.PairAgrees(column, uf, reference):
            return custom.ExpectColumnPairToBeInState(column_A=column, column_B=uf, reference=reference, ignore_row_if="either_value_is_missing", **common)
        case c.SomePairAgrees(pairs, uf):
            columns, references = [*(column for column, _ in pairs), uf], [reference for _, reference in pairs]
            return custom.ExpectSomeColumnToBeInState(column_list=columns, references=references, ignore_row_if="any_value_is_missing", **common)
        case c.NotNoted(_, reasons):
            return custom.ExpectReasonsNotToBeNoted(column=rule.condition.column, reasons=list(reasons), **common)
        case c.Unique((column,)):
            return gxe.ExpectColumnValuesToBeUnique(column=column, **common)
        case c.Unique(columns):
            return gxe.ExpectCompoundColumnsToBeUnique(column_list=list(columns), ignore_row_if="any_value_is_missing", **common)
        case c.SharedByAtMost(column, by, limit):
            return custom.ExpectValueToBeSharedByAtMost(column_list=[column, by], limit=limit, ignore_row_if="any_value_is_missing", **common)
        case _:
            assert_never(rule.condition)
