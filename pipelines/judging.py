"""The steward's queue: pairs the model is unsure of, and the judgements that override it."""

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.model import instant
from contacts.settings import load
from contacts.warehouse import Transaction
from pipelines import screen
from pipelines.explain import HEADS_PT, masked
from pipelines.run import connect, staff_id

VERDICTS = ("same", "different", "unsure")
SHOWN = {"full_name": "name", "birth_date": "date", "city": "address", "postal_code": "address"}
"""What is shown of a record, and the value type whose mask hides it."""


def queue(most: int, reveal: bool, as_json: bool) -> None:
    """List unsure pairs without a judgement, the most telling first (nearest to one half), both records side by side."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction(read_only=not reveal) as db:
        pairs = db.read(tables.pair, where=tables.pair.c.zone == "unsure")
        judged = db.read(tables.judgement, "record_a", "record_b")
        keys = set(zip(judged["record_a"], judged["record_b"], strict=True))
        pairs = pairs[pd.Series([key not in keys for key in zip(pairs["record_a"], pairs["record_b"], strict=True)], index=pairs.index, dtype=bool)]
        persons = db.read(tables.membership, "record_id", "person_id").set_index("record_id")["person_id"]
        # a pair already in one person by other bonds changes least, so it is asked last
        settled = pairs["record_a"].map(persons).eq(pairs["record_b"].map(persons))
        order = pairs.assign(settled=settled, distance=(pairs["probability"] - 0.5).abs()).sort_values(["settled", "distance", "record_a", "record_b"])
        nearest = order.head(most)
        told = _side_by_side(db, nearest, reveal, settings.language)
        if reveal:
            ledger.append(db, "pairs.revealed", "operator", None, {"pairs": len(told)})
    if reveal:
        with warehouse.transaction() as db:
            ledger.checkpoint(db, settings)
    heads = HEADS_PT if settings.language == "pt" else {}
    rows = [{heads.get(name, name): value for name, value in row.items()} for pair in told for row in _two_lines(pair)]
    says = [f"{len(pairs):,} pairs wait for a judgement." + ("" if reveal else " Values are masked; --reveal shows them, and the ledger records it.")]
    screen.show(
        as_json, {"waiting": len(pairs), "pairs": told}, [("", rows)], says, "lastro judge RECORD RECORD same|different --by YOU   ·   lastro explain RECORD"
    )


def judge(record_a: int, record_b: int, verdict: str, by: str, as_json: bool) -> None:
    """Append one judgement; nothing is ever overwritten, the newest one counts."""
    if verdict not in VERDICTS:
        raise ConfigurationError("The verdict is not one Lastro knows.", f"Say one of {', '.join(VERDICTS)}.")
    if record_a == record_b:
        raise ConfigurationError("Both ids name the same record.", "`lastro review` lists pairs of two records.")
    first, second = sorted((record_a, record_b))
    settings = load()
    who = staff_id(by)
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        known = db.count(tables.contact, tables.contact.c.record_id.in_([first, second]))
        if known != 2:
            raise NotFound("One of the two records does not exist.", "`lastro review` lists pairs with their record ids.")
        db.lock(tables.judgement)
        number = (db.maximum(tables.judgement, "judgement_no") or 0) + 1
        row = {"judgement_no": number, "record_a": first, "record_b": second, "verdict": verdict, "judged_by": who}
        db.append(tables.judgement, [row | {"judged_at": instant(datetime.now(UTC))}])
        ledger.append(db, "pair.judged", who, None, {"judgement_no": number, "verdict": verdict})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    says = [f"Judgement {number} is recorded; the next link stage follows it."]
    screen.show(as_json, {"judgement_no": number, "verdict": verdict}, [], says, "lastro review   ·   lastro run")


def _side_by_side(db: Transaction, pairs: pd.DataFrame, reveal: bool, language: str) -> list[dict[str, Any]]:
    """Each pair with what is known of both records."""
    from dedup.explain import evidence_in_words

    ids = pd.concat([pairs["record_a"], pairs["record_b"]])
    records = db.read_for(tables.contact, "record_id", ids, "record_id", "source", *SHOWN).set_index("record_id")
    persons = db.read_for(tables.membership, "record_id", ids, "record_id", "person_id").set_index("record_id")["person_id"]

    def record(number: int) -> dict[str, Any]:
        row = records.loc[number]
        values = {name: masked(kind, row[name], reveal) for name, kind in SHOWN.items()}
        return {"record": str(number), "person": persons.get(number, ""), "source": row["source"], **values}

    return [
        {
            "record a": str(row["record_a"]),
            "record b": str(row["record_b"]),
            "probability": round(row["probability"], 3),
            "evidence": evidence_in_words(json.loads(row["evidence"]), language),
            "a": record(row["record_a"]),
            "b": record(row["record_b"]),
        }
        for row in pairs.to_dict("records")
    ]


def _two_lines(pair: dict[str, Any]) -> list[dict[str, Any]]:
    """A pair as two lines of a table, the evidence beside the first."""
    said = {"evidence": "; ".join(pair["evidence"]), "probability": f"{pair['probability']:.2f}"}
    return [pair["a"] | said, pair["b"] | dict.fromkeys(said, "")]
