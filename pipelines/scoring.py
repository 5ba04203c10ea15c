"""`lastro quality`: scores of the run, its sources, its fields or single records, with their trend and what is odd about the newest batch."""

from datetime import datetime
from typing import Any

import pandas as pd

from contacts import tables
from contacts.errors import NotFound
from contacts.model import Batch
from contacts.schema import FIELDS
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from expectations import findings, frames, scores
from pipelines import screen
from pipelines.quarantining import find_record, known
from pipelines.run import connect
from pipelines.validating import inputs
from privacy.report import quality

BARS = "▁▂▃▄▅▆▇█"
_LEAST_SPAN = 0.05
_LABELS = {"pt": {field.name: field.label_pt for field in FIELDS}, "en": {field.name: field.label_en for field in FIELDS}}
_HEADS = {
    "completeness": ("compl.", "compl."), "validity": ("valid.", "valid."), "uniqueness": ("unic.", "uniq."), "consistency": ("cons.", "cons."),
    "timeliness": ("atual.", "timel."), "accuracy": ("exat.", "accur."), "source": ("fonte", "source"), "field": ("campo", "field"),
    "record": ("registro", "record"), "score": ("nota", "score"), "trend": ("tend.", "trend"), "change": ("p.p.", "pts"), "contacts": ("reg.", "records"),
}  # fmt: skip
"""Short, so that a table of six dimensions fits a terminal; in percent."""


def show(by: str, record: str, worst: int, as_json: bool) -> None:
    """Print the scores of the newest batch judged: by source or by field; of one record; or of the records with the lowest."""
    settings = load()
    known(by, ("source", "field"), "a way to group scores")
    with connect(settings).transaction(read_only=True) as db:
        batch = newest_judged(db)
        if record or worst:
            _records(db, settings, batch, record, worst, as_json)
            return
        told = quality.scores(db, batch, ("run", "source") if by == "source" else ("field",))
        odd = quality.odd(db, batch)
    pt = settings.language == "pt"
    rows = [_row(row, by, settings.language) for row in told]
    unlike = [f"{row['source']} {row['kind']} {row['of'] or ''}".strip() for row in odd["found"]]
    if odd["until"]:
        says = [f"Faltam {odd['until']} lotes para saber o que é habitual." if pt else f"{odd['until']} more batches until it is known what is usual."]
    else:
        says = [f"{'Diferente do habitual' if pt else 'Unlike earlier batches'}: {', '.join(unlike) or '–'}"]
    screen.show(as_json, {"batch": batch.batch_id, "scores": told, "odd": odd}, [(batch.batch_id, rows)], says, "lastro quality --worst 20   ·   lastro report")


def newest_judged(db: Transaction) -> Batch:
    """The newest batch that has scores. Raises NotFound before the first."""
    number = db.maximum(tables.quality_score, "batch_no")
    if number is None:
        raise NotFound("No batch has been judged yet.", "`lastro run` makes one.")
    row = db.read(tables.batch, "batch_id", "as_of", where=tables.batch.c.number == number).iloc[0]
    return Batch(row["batch_id"], int(number), datetime.fromisoformat(row["as_of"]))


def sparkline(shares: list[float]) -> str:
    """Shares as bars of eighths; their height spans at least five points, so that a wobble does not look like a fall."""
    low, high = min(shares), max(shares)
    if high - low < _LEAST_SPAN:
        low, high = (low + high - _LEAST_SPAN) / 2, (low + high + _LEAST_SPAN) / 2
    return "".join(BARS[min(int((share - low) / (high - low) * len(BARS)), len(BARS) - 1)] for share in shares)


def of_records(db: Transaction, as_of: datetime) -> pd.DataFrame:
    """Scores of every contact by its id, worked out now from the rules as they are: ``all`` and the six dimensions."""
    built = frames.build_frames(inputs(db))
    return scores.of_records(scores.parts(findings.judge(built, as_of), built, as_of), built).set_index("record_id")


def _records(db: Transaction, settings: Settings, batch: Batch, record: str, worst: int, as_json: bool) -> None:
    found = of_records(db, batch.as_of)
    if record:
        wanted = find_record(db, settings, record)
        if wanted not in found.index:
            raise NotFound("The record is gone at its source, so it has no score.", "`lastro explain` tells what was known of it.")
        chosen = found.loc[[wanted]]
    else:
        chosen = found.sort_values("all", kind="stable").head(worst)
    sources = db.read_for(tables.contact, "record_id", chosen.index, "record_id", "source").set_index("record_id")["source"]
    rows = [
        {"record": str(number), "source": sources[number], "score": round(row[scores.WHOLE], 4)}
        | {dimension: None if row[dimension] != row[dimension] else round(row[dimension], 4) for dimension in scores.DIMENSIONS}
        for number, row in zip(chosen.index, chosen.to_dict("records"), strict=True)
    ]
    shown = [_headed({name: value if isinstance(value, str) else _percent(value) for name, value in row.items()}, settings.language) for row in rows]
    screen.show(as_json, {"batch": batch.batch_id, "records": rows}, [(batch.batch_id, shown)], [], "lastro explain RECORD   ·   lastro quarantine show RECORD")


def _row(row: dict[str, Any], by: str, language: str) -> dict[str, Any]:
    name = row.get(by) or ("todas" if language == "pt" else "all")
    told = {by: _LABELS[language].get(name, name) if by == "field" else name}
    told |= {"contacts": row["contacts"]} if by == "source" else {}
    trend = row["trend"]
    told |= {"score": _percent(row["score"]), "trend": sparkline(trend) if trend else "–"}
    told["change"] = f"{round(100 * (trend[-1] - trend[-2]), 1) + 0.0:+.1f}" if len(trend) > 1 else "–"
    told |= {dimension: _percent(row["dimensions"].get(dimension)) for dimension in scores.DIMENSIONS}
    return _headed(told, language)


def _headed(row: dict[str, Any], language: str) -> dict[str, Any]:
    return {_HEADS[head][language == "en"]: value for head, value in row.items()}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"
