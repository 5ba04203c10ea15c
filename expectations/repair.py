"""What may be mended, by whom it is decided and how far: exceptions from quarantine rules, and the fields a rule asks to mend.

This is the one place that says which rules may be waived. A rule that is not named here may not be: whoever adds a
quarantine rule decides it here, and a rule that keeps an identifier from being exposed is never named.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from contacts.schema import FIELDS
from expectations.conditions import AnyGiven
from expectations.rules import RULES, Rule

WAIVABLE = ("DQ-106", "DQ-201", "DQ-202")
"""Quarantine rules a person may overrule for one record. DQ-607 is not among them: the name would show a CPF to whoever reads it."""
LONGEST_WAIVER_DAYS = 365
"""An exception ends after this many days at the latest, and is asked for again: what is forgotten must not stay allowed."""
WAIVER_COLUMNS = ("waiver_no", "record_id", "rule", "until")

Words = Mapping[str, tuple[str, str]]

WAIVER_REASONS: Words = {
    "CONFIRMED_BY_SOURCE": ("o responsável pela fonte confirma que está certo assim", "the source's owner confirms it is right as it is"),
    "CONFIRMED_WITH_PERSON": ("a própria pessoa confirma que está certo assim", "the person confirms it is right as it is"),
    "LEGACY_RECORD": ("registro antigo que não se pode mais completar", "old record that can no longer be completed"),
    "LEGAL_OBLIGATION": ("a lei obriga a manter o registro em uso", "the law obliges to keep the record in use"),
    "RULE_TOO_STRICT": ("a regra não previu este caso", "the rule did not foresee this case"),
}
"""Why an exception was made: a closed list, because words typed freely would bring personal data into the ledger."""

TAKEN_BACK, NOT_THEIRS = "TAKEN_BACK", "NOT_THEIRS"
PATCH_REASONS: Words = {
    "CONFIRMED_BY_DOCUMENT": ("conferido em documento", "checked against a document"),
    "CONFIRMED_BY_SOURCE": ("conferido pelo responsável pela fonte", "checked by the source's owner"),
    "CONFIRMED_WITH_PERSON": ("conferido com a própria pessoa", "checked with the person"),
    "TYPING_ERROR": ("erro de digitação evidente", "plain typing error"),
    NOT_THEIRS: ("o valor não é desta pessoa: fica vazio", "the value is not this person's: it is left empty"),
    TAKEN_BACK: ("o remendo estava errado: volta a valer o que a fonte diz", "the patch was wrong: what the source says counts again"),
}
"""Why a value was patched; the last two stand with an empty value."""

_TOGETHER = {"full_name": ("full_name", "given_name", "family_name", "social_name"), "street": ("street", "number", "complement")}
_NAMES = tuple(field.name for field in FIELDS)
_RULES = {rule.id: rule for rule in RULES}


def holding_rules() -> tuple[Rule, ...]:
    """The rules that can hold a record in quarantine."""
    return tuple(rule for rule in RULES if rule.severity == "quarantine")


def is_waivable(rule: str) -> bool:
    """Whether a person may overrule this rule for one record."""
    return rule in WAIVABLE


def latest_end(today: date) -> date:
    """The last day an exception made today may hold."""
    return today + timedelta(days=LONGEST_WAIVER_DAYS)


def in_force(waivers: pd.DataFrame, today: date) -> pd.DataFrame:
    """The exceptions (``WAIVER_COLUMNS``) that hold on ``today``: the newest per record and rule, its last day not past.

    A rule that may no longer be waived takes the exceptions made before with it.
    """
    newest = waivers.sort_values("waiver_no").drop_duplicates(["record_id", "rule"], keep="last")
    return newest[(newest["until"] >= today.isoformat()) & newest["rule"].isin(WAIVABLE)]


def with_exceptions(findings: pd.DataFrame, waivers: pd.DataFrame, today: date) -> tuple[pd.DataFrame, int]:
    """``findings`` where a waived rule warns instead of holding the record, and how many rows that concerned.

    The finding stays: what is wrong with the record is still told, it only goes on.
    """
    excepted = pd.MultiIndex.from_frame(in_force(waivers, today)[["record_id", "rule"]])
    waived = (findings["severity"] == "quarantine") & pd.MultiIndex.from_frame(findings[["record_id", "rule"]]).isin(excepted)
    return findings.assign(severity=findings["severity"].mask(waived, "warn")), int(waived.sum())


def fields_to_mend(rule: str) -> tuple[str, ...]:
    """The fields of a contact whose value could end what ``rule`` found, in the order of the schema."""
    found = _RULES[rule]
    if found.field in _NAMES:
        return _TOGETHER.get(found.field, (found.field,))
    named = [name for group in found.condition.groups for name in group] if isinstance(found.condition, AnyGiven) else []
    wanted = {part for name in named for part in _TOGETHER.get(name, (name,))}
    return tuple(name for name in _NAMES if name in wanted)
