"""Judge every row by every rule with column masks: who fails, which rule, why; counts per rule and source."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from contacts.warehouse import TEXT
from expectations import masks
from expectations.conditions import NotNull, columns_of
from expectations.masks import Mask
from expectations.rules import RULES, Rule

COLUMNS = ("record_id", "rule", "field", "dimension", "severity", "reason")


@dataclass(frozen=True)
class Judged:
    """What one rule says of every row of its frame: was it judged, did it fail; arrays in the frame's order."""

    rule: Rule
    evaluated: Mask
    failed: Mask


def judge(frames: dict[str, pd.DataFrame], as_of: datetime, rules: tuple[Rule, ...] = RULES) -> list[Judged]:
    """Every rule on its frame; ``as_of`` (UTC) is today. Shapes as in ``frames.build_frames``."""
    return [_judge(rule, frames[rule.table], as_of) for rule in rules]


def findings(judged: list[Judged], frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per record and rule it fails (halt rules judge sources, not records): record_id, rule, field, dimension, severity, reason."""
    of_records = [one for one in judged if one.rule.severity != "halt"]
    ids = [np.unique(frames[one.rule.table]["record_id"].to_numpy()[one.failed]) for one in of_records]
    number = np.repeat(np.arange(len(of_records)), [len(part) for part in ids])
    records = np.concatenate([*ids, np.array([], dtype="int64")]).astype("int64")
    order = np.lexsort((number, records))  # rules come in the order of their ids
    words = {name: pd.array([getattr(one.rule, name.replace("rule", "id")) for one in of_records], dtype=TEXT) for name in COLUMNS[1:]}
    return pd.DataFrame({"record_id": records[order], **{name: column.take(number[order]) for name, column in words.items()}})


def counts(judged: list[Judged], frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows evaluated and failed per rule and source: rule, source, evaluated, failed."""
    coded = {table: pd.factorize(frame["source"], sort=True) for table, frame in frames.items()}
    parts = []
    for one in judged:
        place, sources = coded[one.rule.table]
        told = {name: np.bincount(place[rows], minlength=len(sources)) for name, rows in (("evaluated", one.evaluated), ("failed", one.failed))}
        parts.append(pd.DataFrame({"rule": one.rule.id, "source": np.asarray(sources, dtype=object), **told}))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["rule", "source", "evaluated", "failed"])
    return found.astype({"rule": TEXT, "source": TEXT, "evaluated": "int64", "failed": "int64"})


def _judge(rule: Rule, frame: pd.DataFrame, as_of: datetime) -> Judged:
    rows = np.ones(len(frame), dtype=bool)
    for one in rule.when:
        rows &= masks.given(frame[one.column]) if isinstance(one, NotNull) else masks.is_in(frame[one.column], one.values)
    columns = frame[list(columns_of(rule.condition))]
    given, holds = masks.holds(rule.condition, columns if rows.all() else columns[rows], as_of)
    evaluated, failed = rows.copy(), rows.copy()
    evaluated[rows] = given
    failed[rows] = given & ~holds
    return Judged(rule, evaluated, failed)
