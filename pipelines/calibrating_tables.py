"""Pairs of a flat table as a CSV file to judge, and the judged file read back to calibrate the model its rows are linked with.

Values stand in that file only, which its owner alone may read; the model keeps counts and weights.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contacts.configuration import perhaps
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.settings import load
from dedup.judgements import SAME, UNSURE, VERDICTS
from dedup.table import Table, load_table
from pipelines import private_csv, screen
from pipelines.linking_tables import NEXT, read_model, read_rows, write_model
from pipelines.private_csv import HINT

READ = ("pair", "stratum", "stratum pairs", "check", "verdict")
"""The columns that are read back; ``verdict`` is filled in, the values between are for the eye."""
_PAIR = re.compile(r"r(\d{1,15})-r(\d{1,15})")
_WRITES = "lastro linkage ask FILE TABLE --model MODEL --out PAIRS"


def ask(spec: Path, data: Path, model: Path, out: Path, size: int, seed: int, as_json: bool) -> None:
    """Draw pairs over all scores and write them down with their values, but without score: it would lead whoever judges."""
    from dedup import calibration

    table = load_table(spec)
    stored, frame = read_model(model, table), read_rows(data, table)
    drawn = calibration.sample(frame, table, stored["model"], size, seed)
    # with weights a spreadsheet of another language would read wrong the file has whole numbers: how many pairs the stratum holds
    held = drawn.groupby("stratum")["weight"].sum().round().astype(int)
    shown = _shown(table, frame)
    sides = [_texts(frame, shown, drawn[side]) for side in ("a", "b")]
    rows = [
        {"pair": f"r{a}-r{b}", "stratum": str(stratum), "stratum pairs": str(held[stratum]), "check": _check(one, other)}
        | {f"{name} {side}": private_csv.harmless(text) for side, texts in (("1", one), ("2", other)) for name, text in zip(shown, texts, strict=True)}
        for a, b, stratum, one, other in zip(drawn["a"], drawn["b"], drawn["stratum"], *sides, strict=True)
    ]
    columns = (*READ[:-1], *(f"{name} {side}" for name in shown for side in ("1", "2")), "verdict")
    private_csv.write(out, columns, rows, "sample", "--out")
    pt = load().language == "pt"
    words = ", ".join(VERDICTS)
    says = [
        f"{len(drawn):,} de {held.sum():,} pares em {out}; preencha `verdict` ({words})."
        if pt
        else f"{len(drawn):,} of {held.sum():,} pairs in {out}; fill in `verdict` ({words})."
    ]
    told = {"file": str(out), "pairs": len(drawn), "population": int(held.sum()), "strata": len(held), "seed": seed}
    screen.show(as_json, told, [], says, f"lastro linkage calibrate FILE TABLE --model MODEL --judged {out}")


def calibrate(spec: Path, data: Path, model: Path, judged: Path, as_json: bool) -> None:
    """Write thresholds, and weights where they win, into the model, and tell what every threshold would cost."""
    from dedup import calibration

    table = load_table(spec)
    stored, frame = read_model(model, table), read_rows(data, table)
    verdicts, unsure = _judged(judged, table, frame)
    calibrated = calibration.calibrate(frame, table, stored["model"], verdicts)
    write_model(model, stored | {"model": calibrated, "calibrated_at": instant(datetime.now(UTC))})
    told = calibrated["calibration"] | {"chosen": calibrated["thresholds"]}
    pt = load().language == "pt"
    heads = HEADS_PT if pt else {}
    shown = [
        (("O que cada limiar custaria" if pt else "What each threshold would cost"), [_written(row, told, heads) for row in told["thresholds"]]),
        (("Pesos experimentados" if pt else "Weights tried"), [_written(row, told, heads) for row in told["trials"]]),
    ]
    edge, bond = (f"{told['chosen'][name]:g}" for name in ("edge", "bond"))
    says = [
        f"{told['judged']} pares julgados, {unsure} em dúvida; intervalos de 95 %. Limiar: {edge} bits para pares, {bond} para grupos."
        if pt
        else f"{told['judged']} pairs judged, {unsure} unsure; intervals of 95 %. Threshold: {edge} bits for pairs, {bond} for groups."
    ]
    screen.show(as_json, told | {"unsure": unsure}, shown, says, NEXT)


HEADS_PT = {
    "edge": "par", "bond": "grupo", "clusters": "grupos", "largest": "maior", "pairs": "pares", "precision": "precisão", "recall": "cobertura",
    "wrong": "juntos por engano", "missed": "perdidos", "taken": "escolhido", "weights": "pesos",
}  # fmt: skip


def _written(row: dict[str, Any], told: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
    """A row for a table on a terminal: F1 with its interval in one cell, and a dot at what was taken."""
    taken = row["weights"] == told["weights"] if "weights" in row else told["chosen"] == {name: row[name] for name in ("edge", "bond")}
    shown: dict[Any, Any] = {heads.get("taken", "taken"): "●" if taken else ""}
    for name, value in row.items():
        if name.endswith((" low", " high")) or name == "largest":
            continue
        if name == "f1" and value is not None:
            shown[name] = f"{value:.1%} ({row['f1 low']:.0%}–{row['f1 high']:.0%})"
        elif name in ("precision", "recall", "f1"):
            shown[heads.get(name, name)] = "–" if value is None else f"{value:.1%}"
        else:
            shown[heads.get(name, name)] = f"{value:g}" if isinstance(value, float) else value
    return shown


def _judged(file: Path, table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The judged pairs (a, b, same, weight) and how many nobody could tell. Within its stratum a pair without a verdict is stood for by the others."""
    lines: list[dict[str, Any]] = []
    unsure = 0
    rows = private_csv.read(file, "sample", READ, READ, _WRITES, strict=False)
    for number, row in rows:
        verdict = row["verdict"].lower()
        if verdict in ("", UNSURE):
            unsure += verdict == UNSURE
            continue
        if verdict not in VERDICTS:
            told = perhaps(verdict, VERDICTS) or f"; it is one of {', '.join(VERDICTS)}."
            raise ConfigurationError(f"Sample, line {number}, column verdict: not a word for it{told}", HINT)
        pair = _PAIR.fullmatch(row["pair"])
        a, b = map(int, pair.groups()) if pair else (0, 0)
        if not a < b < len(frame) or not row["stratum pairs"].isdecimal():
            raise ConfigurationError(f"Sample, line {number}: it names no pair of this table.", "Leave the columns as they were written. " + HINT)
        lines.append(
            {"a": a, "b": b, "same": verdict == SAME, "stratum": row["stratum"], "held": int(row["stratum pairs"]), "check": row["check"], "line": number}
        )
    if not lines:
        raise ConfigurationError("No line of the sample is judged.", f"Write {', '.join(VERDICTS)} in column verdict.")
    found = pd.DataFrame(lines)
    shown = _shown(table, frame)
    sides = [_texts(frame, shown, found[side]) for side in ("a", "b")]
    now = [_check(one, other) for one, other in zip(*sides, strict=True)]
    if (other := found["check"] != now).any():
        line = found.loc[other, "line"].iloc[0]
        raise ConfigurationError(f"Sample, line {line}: these rows of the table are not what they were.", "`lastro linkage ask` draws a new sample of them.")
    return found[["a", "b", "same"]].assign(weight=found["held"] / found.groupby("stratum")["line"].transform("size")), unsure


def _shown(table: Table, frame: pd.DataFrame) -> list[str]:
    """The columns the linkage file speaks of, those of custom comparisons included."""
    custom = [part.column or name for name, part in table.comparisons.items() if part.compare == "custom"]
    return [name for name in dict.fromkeys([*table.columns, *custom]) if name in frame.columns]


def _texts(frame: pd.DataFrame, columns: list[str], rows: pd.Series) -> list[tuple[str, ...]]:
    taken = frame[columns].iloc[rows.to_numpy()].astype(object)
    return [tuple(str(value) for value in line) for line in taken.where(taken.notna(), "").itertuples(index=False)]


def _check(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Shows that a line still speaks of the same two rows; it begins with a letter, so that no spreadsheet takes it for a number."""
    return "c" + hashlib.sha256(repr((one, other)).encode()).hexdigest()[:10]
