"""What a rule is: one line that says which rows must satisfy what, how bad it is when they do not, and who mends it."""

from dataclasses import dataclass
from typing import Literal

from expectations.conditions import Condition, Precondition

Table = Literal["contact", "contact_point", "consent", "interaction"]
Dimension = Literal["completeness", "validity", "uniqueness", "consistency", "timeliness", "accuracy"]
Severity = Literal["warn", "quarantine", "halt"]
Owner = Literal["source-owner", "data-steward", "privacy-officer"]

SOURCE: Owner = "source-owner"
"""Mends the value where it was entered: only there it stays mended."""
STEWARD: Owner = "data-steward"
"""Decides what a value means, chooses between records, asks the person again."""
OFFICER: Owner = "privacy-officer"
"""Answers for what the law asks: evidence of consent, minors, values where they must not be."""


@dataclass(frozen=True)
class Rule:
    """One rule. ``table`` is what a row of it is: a contact, one of its contact points, a standing consent statement, an interaction.

    ``field`` is the field to mend, ``owner`` the role that mends it, ``reason`` the code that stays on the record, ``when`` the rows
    it speaks of. ``weight`` is its part in a score: 3 spoils a record, 2 costs something, 1 is untidy, 0.5 is a hint; halt rules have
    none, they judge sources. ``mostly`` (halt rules only) is the share of a source's rows that must satisfy the condition.
    """

    id: str
    table: Table
    field: str
    dimension: Dimension
    severity: Severity
    owner: Owner
    weight: float
    reason: str
    condition: Condition
    message_pt: str
    message_en: str
    when: tuple[Precondition, ...] = ()
    mostly: float = 1.0
