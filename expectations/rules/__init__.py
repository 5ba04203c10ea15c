"""THE RULES: what a contact record must be like, one line each; findings, gate, scores, report and docs follow from here.

``quarantine`` keeps a record out of the golden record until it is mended at its source; ``warn`` lets it through
and says why; ``halt`` judges a whole source's data and closes the gate, so that nothing is published.
"""

from expectations.rules import accuracy, completeness, consistency, halting, timeliness, uniqueness, validity
from expectations.rules.rule import Rule as Rule

RULES: tuple[Rule, ...] = (
    *completeness.RULES, *validity.RULES, *uniqueness.RULES, *consistency.RULES, *timeliness.RULES, *accuracy.RULES, *halting.RULES,
)  # fmt: skip


def describe_rules() -> list[dict[str, str]]:
    """The rules in order, in words, for docs and report."""
    wanted = ("id", "field", "dimension", "severity", "owner", "weight", "reason", "message_pt", "message_en")
    return [{name: str(getattr(rule, name)) for name in wanted} for rule in RULES]
