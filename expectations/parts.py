"""The work of the second judge in parts, so that another process can take some of them; nothing heavy is imported before one is judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from expectations.conditions import Condition, columns_of
from expectations.gate import Verdict
from expectations.rules import RULES, Rule


@dataclass(frozen=True)
class Part:
    """Rules about the same rows that read the same columns of one table, and those columns: what Great Expectations judges in one go."""

    rules: tuple[Rule, ...]
    frame: pd.DataFrame
    as_of: datetime


def parts(frames: Mapping[str, pd.DataFrame], as_of: datetime, rules: tuple[Rule, ...] = RULES) -> Iterator[Part]:
    """All the work there is; frames as in ``frames.build_frames``. Columns only: Great Expectations copies the whole frame for every condition."""
    alike: dict[tuple[str, tuple[str, ...], tuple[Condition, ...]], list[Rule]] = {}
    for rule in rules:
        alike.setdefault((rule.table, reads(rule), rule.when), []).append(rule)
    for (table, columns, _), wanted in alike.items():
        yield Part(tuple(wanted), frames[table][list(columns)], as_of)


def reads(rule: Rule) -> tuple[str, ...]:
    """The columns a rule looks at, each once, in the order of the alphabet."""
    named = {*columns_of(rule.condition), *(one.column for one in rule.when)}
    return tuple(sorted(named | ({"source"} if rule.severity == "halt" else set())))


def verdicts(part: Part) -> dict[str, Verdict]:
    """Great Expectations' verdict per rule id of one part."""
    from expectations import suite

    return suite.verdicts(part)


def validate_frames(frames: Mapping[str, pd.DataFrame], as_of: datetime, rules: tuple[Rule, ...] = RULES) -> dict[str, Verdict]:
    """Verdict per rule id, all parts judged here."""
    return {rule: verdict for part in parts(frames, as_of, rules) for rule, verdict in verdicts(part).items()}


def prepare() -> None:
    """Import Great Expectations, which takes some seconds."""
    import expectations.suite  # noqa: F401
