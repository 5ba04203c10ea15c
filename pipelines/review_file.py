"""Pairs to judge as a CSV file: written most useful first with values masked, filled in by a steward, read back whole or not at all.

No value is ever repeated in a message: a mistake is told by its line and column, and by the nearest word that is allowed.
"""

import re
from pathlib import Path

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import perhaps
from contacts.errors import ConfigurationError, LastroError, NotFound
from contacts.schema import POINT_TYPES
from contacts.settings import load
from dedup import judgements as rules
from pipelines import judging, pair_view, private_csv, reviewing, screen
from pipelines.private_csv import HINT
from pipelines.run import connect, staff_id

FILLED = ("pair", "verdict", "reason", "by")
"""The columns that are read back; a steward fills in the last three. The others are for the eye."""
SIDES = ("source", *pair_view.SHOWN, *POINT_TYPES)
COLUMNS = ("pair", "why", "evidence", *(f"{name} {side}" for name in SIDES for side in ("1", "2")), "verdict", "reason", "by")
_PAIR = re.compile(r"r(\d{1,19})-r(\d{1,19})")


def export(file: Path, most: int, reveal: bool, sample: bool, as_json: bool) -> None:
    """Write the pairs that wait; values are masked unless ``reveal``, which the ledger records."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        pairs = reviewing.waiting(db, settings.key, sample=sample).head(most)
        told = reviewing.shown(db, pairs, reveal, settings.language)
        rows = [
            {"pair": f"r{pair['record a']}-r{pair['record b']}", "why": pair["why"], "evidence": "; ".join(pair["evidence"])}
            | {f"{name} {number}": private_csv.harmless(pair[side][name].replace("–", "")) for name in SIDES for number, side in (("1", "a"), ("2", "b"))}
            for pair in told
        ]
        private_csv.write(file, COLUMNS, rows, "review", "--export")
        ledger.append(db, "pairs.exported", "operator", None, {"pairs": len(rows), "revealed": reveal})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    pt = settings.language == "pt"
    said = f"{len(rows):,} pares em {file}" if pt else f"{len(rows):,} pairs in {file}"
    asks = (
        f"Preencha `verdict` ({', '.join(rules.VERDICTS)}) e `reason` (docs/reference/reasons.md, Julgamentos)."
        if pt
        else f"Fill in `verdict` ({', '.join(rules.VERDICTS)}) and `reason` (docs/reference/reasons.md, Judgements)."
    )
    screen.show(as_json, {"file": str(file), "pairs": len(rows), "revealed": reveal}, [], [said, asks], f"lastro review --import {file} --by YOU")


def take_in(file: Path, by: str, as_json: bool) -> None:
    """Record every filled line as a judgement; one wrong line, and nothing is kept. Raises ConfigurationError, NotFound."""
    settings = load()
    who = by and staff_id(by)
    lines = _lines(private_csv.read(file, "review file", FILLED, FILLED[:3], "lastro review --export FILE", strict=False), who)
    warehouse = connect(settings)
    done: list[judging.Recorded] = []
    with warehouse.transaction() as db:
        there = set(db.read_for(tables.contact, "record_id", pd.concat([lines["record_a"], lines["record_b"]]), "record_id")["record_id"])
        if len(strange := lines[~(lines["record_a"].isin(there) & lines["record_b"].isin(there))]):
            raise NotFound(f"Review file, line {strange['line'].iloc[0]}, column pair: no such record.", HINT)
        for judge, part in lines.groupby("by", sort=True):
            done += judging.record(db, settings, part[[*rules.PAIR, "verdict", "reason"]], str(judge))
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    verdicts = {verdict: int((lines["verdict"] == verdict).sum()) for verdict in rules.VERDICTS}
    against, second = sum(bool(one.against) for one in done), sum(not one.counts for one in done)
    told = {"judgements": len(done), **verdicts, "contradict_others": against, "wait_for_a_second": second}
    pt = settings.language == "pt"
    says = [f"{len(done):,} julgamentos guardados." if pt else f"{len(done):,} judgements recorded."]
    says += [f"⚠ {against:,} contradizem outros." if pt else f"⚠ {against:,} contradict others."] if against else []
    says += [f"{second:,} esperam uma segunda opinião." if pt else f"{second:,} wait for a second opinion."] if second else []
    screen.show(as_json, told, [], says, "lastro run   ·   lastro linkage evaluate")


def _lines(rows: list[tuple[int, dict[str, str]]], by: str) -> pd.DataFrame:
    """The lines somebody filled in (record_a, record_b, verdict, reason, by, line), each held to the words that are allowed."""
    lines: list[dict[str, object]] = []
    seen: dict[tuple[int, int, str], int] = {}
    for number, row in rows:
        verdict, because = row["verdict"].lower(), row["reason"].upper()
        if not verdict and not because:
            continue  # nobody could tell
        if verdict not in rules.VERDICTS:
            raise _wrong(number, "verdict", verdict, rules.VERDICTS)
        if because not in rules.reasons_for(verdict):
            raise _wrong(number, "reason", because, rules.reasons_for(verdict))
        pair = _PAIR.fullmatch(row["pair"])
        a, b = sorted(map(int, pair.groups())) if pair else (0, 0)
        if a == b or b >= 2**63:
            raise ConfigurationError(f"Review file, line {number}, column pair: it names no pair.", "Leave the column as it was exported. " + HINT)
        try:
            who = staff_id(row["by"] or by)
        except LastroError as error:
            raise ConfigurationError(f"Review file, line {number}, column by: {error.sentence}", error.hint) from None
        if (a, b, who) in seen:
            raise ConfigurationError(f"Review file, line {number}: line {seen[a, b, who]} judges the same pair.", HINT)
        seen[a, b, who] = number
        lines.append({"record_a": a, "record_b": b, "verdict": verdict, "reason": because, "by": who, "line": number})
    if not lines:
        raise ConfigurationError("No line of the review file is filled in.", "Write a verdict in column verdict, and why in column reason.")
    return pd.DataFrame(lines)


def _wrong(number: int, column: str, word: str, allowed: tuple[str, ...]) -> ConfigurationError:
    """A word that is not allowed, not repeated: in a shifted column it may be somebody's name."""
    told = perhaps(word, allowed) or f"; it is one of {', '.join(allowed)}"
    return ConfigurationError(f"Review file, line {number}, column {column}: not a word for it{told}{'' if told.endswith('?') else '.'}", HINT)
