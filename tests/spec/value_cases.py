"""Reads `cases/<kind>.csv`: what is written, in what context, what becomes of it and why; the same tables are printed in the reference.

`context` is `name=value; name=value`. `normal` is the value kept, `value → suggestion` or `→ suggestion` when one is made.
Signs one cannot see are written as in Python (`\\n`, `\\t`, `\\u200b`).
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

CASES = Path(__file__).parent / "cases"
HEADER = ["input", "context", "normal", "key", "outcome", "reason", "why"]
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|([nrt]))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Case:
    """One line of a table; None where a column is empty, ``written`` apart, which is then the empty text."""

    written: str
    context: dict[str, str]
    value: str | None
    suggestion: str | None
    key: str | None
    outcome: str
    reason: str | None
    why: str

    @property
    def answer(self) -> tuple[str | None, ...]:
        """What ``standardise`` has to say, in the order value, match_key, status, reason, suggestion."""
        return self.value, self.key, self.outcome, self.reason, self.suggestion


def answer(found: pd.DataFrame) -> tuple[str | None, ...]:
    """The first row of what ``standardise`` said, to be compared with ``Case.answer``."""
    row = found.iloc[0]
    return tuple(None if pd.isna(row[name]) else row[name] for name in ("value", "match_key", "status", "reason", "suggestion"))


def read_cases(kind: str) -> list[Case]:
    """The cases of one kind, in the order of the file."""
    with (CASES / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(line for line in file if not line.startswith("# "))
        if (header := next(lines)) != HEADER:
            raise ValueError(f"{kind}.csv: columns are {header}, not {HEADER}")
        return [_case(*line) for line in lines]


def cases(kind: str) -> list[object]:
    """The cases of one kind as parameters, each named by what is written."""
    return [pytest.param(case, id=f"{case.written or 'empty'}{sorted(case.context.items()) or ''}"[:60]) for case in read_cases(kind)]


def _case(written: str, context: str, normal: str, key: str, outcome: str, reason: str, why: str) -> Case:
    value, _, suggestion = (part.strip() for part in normal.partition("→"))
    named = dict(pair.strip().split("=", 1) for pair in context.split(";") if pair.strip())
    return Case(_shown(written), named, _shown(value) or None, _shown(suggestion) or None, _shown(key) or None, outcome, reason or None, why)


def _shown(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _PLAIN[found[2]], text)
