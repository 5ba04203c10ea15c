"""The list of rules is complete, unambiguous and told in both languages; only what it names can be judged."""

import re
import subprocess
import sys

import pandas as pd
import pytest
from rule_rows import AS_OF, frames, person

from expectations.conditions import NotNull, YearsAgo, bounds, columns_of
from expectations.gate import turn_over
from expectations.rules import RULES, describe_rules

DIMENSIONS = {"completeness", "validity", "uniqueness", "consistency", "timeliness", "accuracy"}


def test_ids_are_unique_and_in_order() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("DQ-[1-9][0-9]{2}", one) for one in ids)


def test_reasons_are_stable_codes_of_one_rule_each() -> None:
    reasons = [rule.reason for rule in RULES]
    assert len(set(reasons)) == len(reasons)
    assert all(re.fullmatch("[A-Z][A-Z0-9_]+", reason) for reason in reasons)


def test_at_least_sixty_rules_cover_the_six_dimensions_all_tables_and_all_severities() -> None:
    assert len(RULES) >= 60
    assert {rule.table for rule in RULES} == {"contact", "contact_point", "consent", "interaction"}
    assert {rule.dimension for rule in RULES} == DIMENSIONS
    assert {rule.severity for rule in RULES} == {"warn", "quarantine", "halt"}


def test_a_share_is_given_to_halt_rules_only() -> None:
    assert [rule.id for rule in RULES if rule.mostly != 1.0 and rule.severity != "halt"] == []


def test_a_rule_has_an_owner_and_counts_in_a_score_unless_it_judges_sources() -> None:
    assert {rule.owner for rule in RULES} == {"source-owner", "data-steward", "privacy-officer"}
    assert [rule.id for rule in RULES if (rule.weight > 0) != (rule.severity != "halt")] == []


def test_what_quarantines_is_a_contact() -> None:
    assert {rule.table for rule in RULES if rule.severity == "quarantine"} == {"contact"}


def test_every_rule_reads_columns_its_frame_has() -> None:
    built = frames([person()])
    for rule in RULES:
        named = {*columns_of(rule.condition), *(one.column for one in rule.when)}
        assert named <= set(built[rule.table].columns), rule.id


def test_descriptions_speak_both_languages() -> None:
    described = describe_rules()
    assert [row["id"] for row in described] == [rule.id for rule in RULES]
    assert all(set(row) == {"id", "field", "dimension", "severity", "owner", "weight", "reason", "message_pt", "message_en"} for row in described)
    assert all(row["message_pt"] and row["message_en"] and row["message_pt"] != row["message_en"] for row in described)


@pytest.mark.parametrize(
    ("condition", "earliest", "latest"),
    [
        (YearsAgo("birth_date", least=18), None, "2008-11-22"),
        (YearsAgo("source_updated_at", least=0, slack_days=1), None, "2026-11-23T06:00:00Z"),
        (YearsAgo("source_updated_at", most=5), "2021-11-22T06:00:00Z", None),
    ],
)
def test_years_ago_counts_from_the_batch(condition: YearsAgo, earliest: str | None, latest: str | None) -> None:
    assert bounds(condition, AS_OF) == (earliest, latest)


def test_years_before_a_leap_day_end_on_the_28th() -> None:
    assert bounds(YearsAgo("birth_date", least=1), AS_OF.replace(year=2028, month=2, day=29)) == (None, "2027-02-28")


def test_the_quarantines_history_can_be_written_twice() -> None:
    empty = pd.DataFrame({"record_id": [], "since_batch": [], "until_batch": []}).astype({"record_id": "int64", "since_batch": "int64", "until_batch": "Int64"})
    ids = pd.Series([1, 2, 3]).to_numpy()
    first, _ = turn_over(empty, ids[:2], ids, 1)
    second, released = turn_over(first, ids[1:], ids, 2)
    again, released_again = turn_over(second, ids[1:], ids, 2)
    pd.testing.assert_frame_equal(second, again)
    assert released.tolist() == released_again.tolist() == [1]
    assert second.fillna(0).to_numpy().tolist() == [[1, 1, 2], [2, 1, 0], [3, 2, 0]]


def test_reading_the_rules_does_not_import_great_expectations() -> None:
    code = (
        "import sys; import expectations.rules, expectations.gate, expectations.findings, pipelines.validating; sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_preconditions_are_sets_or_presence() -> None:
    assert all(isinstance(one, NotNull) or one.values for rule in RULES for one in rule.when)
