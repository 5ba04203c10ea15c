"""A third opinion, inside the database: Great Expectations' SQL engine judges the stored tables and names every failing record.

The daily gate judges frames in memory. Here nothing is read out: the rules that need no Python become SQL by Great Expectations' own
hand, on SQLite and PostgreSQL alike. Importing this module imports Great Expectations (some seconds): do it inside a command only.
"""

# Great Expectations re-exports its classes without saying so
# mypy: disable-error-code="attr-defined"

import warnings
from datetime import datetime
from typing import Any

import great_expectations as gx
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.validator.validator import Validator

from contacts.warehouse import Warehouse
from expectations import conditions as c
from expectations.parts import reads
from expectations.rules import RULES, Rule
from expectations.rules.words import HOME
from expectations.suite import COUNTS_ONLY, context, expectation

IDS_ONLY = COUNTS_ONLY | {"result_format": "COMPLETE", "unexpected_index_column_names": ["record_id"], "partial_unexpected_count": 1_000_000_000}
"""Every failing record and no value; on SQL the library stops at twenty ids unless it is told how many may come."""
IN_SQL = (c.NotNull, c.IsNull, c.Matches, c.NotContains, c.LengthBetween, c.InSet, c.NotInSet, c.AtLeast, c.Unique)
"""Conditions Great Expectations ships in SQL; check digits, states, sharing and reasons noted are ours and run on frames only."""
_OWNERS = "contact WHERE state IN ('active', 'quarantined')"
_CONTACT = (
    "record_id", "kind", "full_name", "given_name", "family_name", "social_name", "company", "birth_date", "birth_precision", "cpf", "cnpj",
    "street", "city", "uf", "postal_code", "country", "name_key", "source_created_at", "source_updated_at",
)  # fmt: skip
_POINT = ("record_id", "type", "value", "match_key", "subtype", "status", "verified_at")
_CONSENT = ("record_id", "purpose", "channel", "type", "effective_at", "recorded_at", "actor", "method", "text_version", "text_hash")
_INTERACTION = ("channel", "status", "opened_at", "updated_at")
_NAMED = "(record_id, point_ref) IN (SELECT record_id, point_ref FROM contact_point)"
COLUMNS: dict[str, dict[str, str]] = {
    "contact": {name: name for name in _CONTACT}
    | {"place": f"COALESCE(country, '{HOME}')", "postal_address": "CASE WHEN city IS NOT NULL OR postal_code IS NOT NULL THEN street END"},
    "contact_point": {name: f"p.{name}" for name in _POINT} | {"uf": "o.uf", "kind": "o.kind", "place": f"COALESCE(o.country, '{HOME}')"},
    "consent": {name: name for name in _CONSENT},
    "interaction": {"record_id": "i.interaction_id", "requester": "i.record_id", "requester_kind": "o.kind"} | {name: f"i.{name}" for name in _INTERACTION},
}
"""Column of a rule's frame -> the SQL that gives it; a rule that reads any other column is left to the frames."""
_FROM: dict[str, str] = {
    "contact": _OWNERS,
    "contact_point": f"contact_point p JOIN (SELECT record_id, uf, kind, country FROM {_OWNERS}) o ON o.record_id = p.record_id",
    # as in the frames: what a record says last of a purpose and channel, all of it when it says several things at once
    "consent": "(SELECT *, COALESCE(effective_at, recorded_at) AS said_at,"
    " MAX(COALESCE(effective_at, recorded_at)) OVER (PARTITION BY record_id, purpose, channel) AS last_at"
    f" FROM consent_event WHERE record_id IN (SELECT record_id FROM {_OWNERS})) e WHERE said_at = last_at",
    "interaction": f"interaction i LEFT JOIN (SELECT record_id, kind FROM {_OWNERS}) o ON o.record_id = i.record_id",
}


def judged_in_sql(rules: tuple[Rule, ...] = RULES) -> list[Rule]:
    """The rules Great Expectations can judge by SQL alone: a shipped condition on columns the tables have."""
    return [rule for rule in rules if rule.severity != "halt" and isinstance(rule.condition, IN_SQL) and set(reads(rule)) <= set(COLUMNS[rule.table])]


def failing_records(warehouse: Warehouse, as_of: datetime, rules: tuple[Rule, ...] = RULES) -> dict[str, set[int] | None]:
    """Rule id -> every record that fails it as Great Expectations' SQL sees it, or None where it could not judge.

    Values never leave the database: results hold record ids only. Reads, and writes nothing.
    """
    wanted = judged_in_sql(rules)
    found: dict[str, set[int] | None] = {}
    for table in COLUMNS:
        mine = [rule for rule in wanted if rule.table == table]
        if not mine:
            continue
        results = _run(warehouse, table, [expectation(rule, as_of, None) for rule in mine])
        found |= {rule.id: _ids([one for one in results if one["expectation_config"]["meta"]["rule"] == rule.id]) for rule in mine}
    return found


def _run(warehouse: Warehouse, table: str, expectations: list[Any]) -> list[dict[str, Any]]:
    named = ", ".join(f'{sql} AS "{name}"' for name, sql in COLUMNS[table].items())
    engine = SqlAlchemyExecutionEngine(engine=warehouse.read_only_engine(), create_temp_table=False)
    query = f"SELECT {named} FROM {_FROM[table]}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that a subquery is no table
        engine.load_batch_data("rows", SqlAlchemyBatchData(execution_engine=engine, query=query, create_temp_table=False))
        validator = Validator(engine, data_context=context())
        suite = gx.ExpectationSuite(table, expectations=expectations)
        results = validator.graph_validate(configurations=suite.expectation_configurations, runtime_configuration={"result_format": dict(IDS_ONLY)})
    engine.close()
    return [one.to_json_dict() for one in results]


def _ids(results: list[dict[str, Any]]) -> set[int] | None:
    # the exception's text may quote a value, so only that there was one is kept
    if len(results) != 1 or "unexpected_count" not in results[0]["result"]:
        return None
    found = results[0]["result"].get("unexpected_index_list") or []
    return {int(number) for columns in found for number in columns["record_id"]}
