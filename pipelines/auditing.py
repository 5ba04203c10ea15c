"""`lastro audit`: draw golden values at risk, let a person compare them with the world, and sign what was seen."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.estimate import estimate
from contacts.model import instant
from contacts.schema import FIELDS
from contacts.settings import load
from contacts.warehouse import Transaction, Warehouse
from pipelines import screen
from pipelines.explain import HEADS_PT, masked
from pipelines.run import connect, find_batch, staff_id
from privacy.report.facts import Audit

VERDICTS = ("right", "wrong", "unknown")
audits, items = tables.audit, tables.audit_item


def draw(size: int, seed: int, by: str, as_json: bool) -> None:
    """Draw a sample of the golden values of the newest batch; the same seed draws the same values."""
    from expectations import accuracy

    settings, who = load(), staff_id(by)
    warehouse = connect(settings)
    batch = find_batch(warehouse)
    with warehouse.transaction() as db:
        db.lock(audits)
        if db.count(audits, audits.c.signed_by.is_(None)):
            raise ConfigurationError("An audit is open already.", "Judge its items and sign it: `lastro audit list`, `lastro audit sign`.")
        values = _values(db, batch.as_of)
        if values.empty:
            raise NotFound("There are no golden values to look at yet.", "`lastro run` makes some.")
        sample = accuracy.draw(values, size, seed)
        number = (db.maximum(audits, "audit_no") or 0) + 1
        row = {"audit_no": number, "batch_no": batch.number, "seed": seed, "size": len(sample), "population": len(values), "opened_by": who}
        db.append(audits, [row | {"opened_at": instant(datetime.now(UTC))}])
        db.append(items, sample.assign(audit_no=number, item_no=range(1, len(sample) + 1)))
        counted = {str(name): int(n) for name, n in sample["stratum"].value_counts().items()}
        ledger.append(db, "audit.opened", who, batch.number, {"audit_no": number, "seed": seed, "items": len(sample), "population": len(values), **counted})
    _checkpoint(warehouse)
    says = [f"Audit {number}: {len(sample):,} of {len(values):,} values drawn ({screen.in_words(counted)})."]
    screen.show(as_json, {"audit_no": number, "items": len(sample), "population": len(values), "strata": counted}, [], says, "lastro audit list")


def listing(reveal: bool, as_json: bool) -> None:
    """The items of the newest audit that nobody has judged yet, and what the judged ones say so far."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        number, signed_by = _newest(db)
        drawn = db.read(items, where=items.c.audit_no == number)
        waiting = drawn[drawn["verdict"].isna()]
        golden = db.read_for(tables.golden_attribute, "person_id", waiting["person_id"], "person_id", "field", "value", "raw_id")
        shown = waiting.merge(golden, on=["person_id", "field", "raw_id"], how="left")
        if reveal:
            ledger.append(db, "audit.revealed", "operator", None, {"audit_no": number, "items": len(shown)})
    if reveal:
        _checkpoint(warehouse)
    kinds = {field.name: field for field in FIELDS}
    pt = settings.language == "pt"
    rows = [
        {
            "item": row["item_no"],
            "person": row["person_id"],
            "field": kinds[row["field"]].label_pt if pt else kinds[row["field"]].label_en,
            "value": masked(kinds[row["field"]].value_type, row["value"], reveal),
            "stratum": row["stratum"],
        }
        for row in shown.to_dict("records")
    ]
    heads = HEADS_PT if pt else {}
    told = _so_far(drawn)
    data = {"audit_no": number, "signed_by": signed_by, "items": rows, **told}
    says = [_in_words(number, told, len(waiting))]
    if len(waiting):
        says += [] if reveal else ["Values are masked; --reveal shows them, and the ledger records it. An empty value has changed since and counts as unknown."]
    following = "lastro audit judge ITEM right|wrong|unknown --by YOU" if len(waiting) else "lastro audit sign --by YOU"
    table = [{heads.get(name, name): value for name, value in row.items()} for row in rows]
    screen.show(as_json, data, [("", table)], says, "lastro report" if signed_by else following)


def judge(item: int, verdict: str, by: str, as_json: bool) -> None:
    """Say whether one value is true; it may be said again until the audit is signed."""
    if verdict not in VERDICTS:
        raise ConfigurationError("The verdict is not one Lastro knows.", f"Say one of {', '.join(VERDICTS)}.")
    who = staff_id(by)
    warehouse = connect(load())
    with warehouse.transaction() as db:
        number = _open(db)
        if not db.update(items, (items.c.audit_no == number) & (items.c.item_no == item), verdict=verdict, judged_by=who):
            raise NotFound("The open audit has no such item.", "`lastro audit list` shows them.")
        left = db.count(items, (items.c.audit_no == number) & items.c.verdict.is_(None))
        ledger.append(db, "audit.judged", who, None, {"audit_no": number, "item_no": item, "verdict": verdict})
    _checkpoint(warehouse)
    following = "lastro audit list" if left else "lastro audit sign --by YOU"
    screen.show(as_json, {"audit_no": number, "item_no": item, "verdict": verdict, "left": left}, [], [f"Recorded; {left:,} items are left."], following)


def sign(by: str, as_json: bool) -> None:
    """Close the audit: nothing of it changes any more, and the report tells what it found."""
    who = staff_id(by)
    warehouse = connect(load())
    with warehouse.transaction() as db:
        number = _open(db)
        drawn = db.read(items, where=items.c.audit_no == number)
        if left := int(drawn["verdict"].isna().sum()):
            raise ConfigurationError(f"{left} items of the audit are not judged.", "`lastro audit list` shows them; `unknown` is an answer too.")
        db.update(audits, audits.c.audit_no == number, signed_by=who, signed_at=instant(datetime.now(UTC)))
        told = _so_far(drawn)
        ledger.append(db, "audit.signed", who, None, {"audit_no": number, **{name: told[name] for name in ("judged", "right", "unknown")}})
    _checkpoint(warehouse)
    screen.show(as_json, {"audit_no": number, "signed_by": who, **told}, [], [_in_words(number, told, 0), "Signed."], "lastro report")


def _values(db: Transaction, as_of: datetime) -> pd.DataFrame:
    """Every golden value a person could check (person_id, field, record_id, raw_id) with its stratum of risk."""
    from expectations import accuracy

    values = db.read(tables.golden_attribute, "person_id", "field", "record_id", "raw_id", "candidates", "distinct_values")
    contact = db.read(tables.contact, "record_id", "source_updated_at")
    notes = db.read(tables.value_note, "record_id", "field", "outcome", where=tables.value_note.c.outcome.in_(accuracy.DAMAGED))
    changed = notes[["record_id", "field"]].drop_duplicates().assign(changed=True)
    known = values.merge(contact, on="record_id", how="left").merge(changed, on=["record_id", "field"], how="left")
    age = (pd.Timestamp(as_of) - pd.to_datetime(known["source_updated_at"], utc=True, errors="coerce")).dt.days
    risk = accuracy.strata(known["distinct_values"] > 1, known["candidates"], known["changed"].eq(True), age)
    return known[["person_id", "field", "record_id", "raw_id"]].assign(stratum=risk)


def _so_far(drawn: pd.DataFrame) -> dict[str, Any]:
    """The estimate from what was judged; what nobody could tell counts neither way."""
    told = drawn[drawn["verdict"].isin(["right", "wrong"])]
    found = estimate(told.assign(right=told["verdict"] == "right"))
    unknown = int((drawn["verdict"] == "unknown").sum())
    if found is None:
        return {"judged": 0, "right": 0, "unknown": unknown, "share": None, "low": None, "high": None}
    return {"judged": found.judged, "right": found.right, "unknown": unknown, "share": found.share, "low": found.low, "high": found.high}


def _in_words(number: int, told: dict[str, Any], left: int) -> str:
    if told["share"] is None:
        return f"Audit {number}: {left:,} items to judge."
    share = f"{told['share']:.1%} of all values are right (95 %: {told['low']:.1%} to {told['high']:.1%})"
    return f"Audit {number}: {told['judged']:,} judged, {told['unknown']:,} unknown, {left:,} left; {share}."


def newest_signed(db: Transaction) -> Audit | None:
    """What the newest signed audit says of all golden values; None before one was signed."""
    number = db.maximum(audits, "audit_no", audits.c.signed_by.is_not(None))
    if number is None:
        return None
    row = db.read(audits, where=audits.c.audit_no == number).iloc[0]
    batch = db.read(tables.batch, "batch_id", where=tables.batch.c.number == int(row["batch_no"]))["batch_id"].iloc[0]
    told = _so_far(db.read(items, where=items.c.audit_no == number))
    return Audit(int(number), str(batch), str(row["signed_at"])[:10], int(row["size"]), int(row["population"]), **told)


def _newest(db: Transaction) -> tuple[int, str]:
    number = db.maximum(audits, "audit_no")
    if number is None:
        raise NotFound("No audit has been drawn yet.", "`lastro audit draw --by YOU` draws one.")
    signed = db.read(audits, "signed_by", where=audits.c.audit_no == number)["signed_by"].iloc[0]
    return int(number), "" if signed != signed else str(signed)


def _open(db: Transaction) -> int:
    db.lock(audits)
    number, signed_by = _newest(db)
    if signed_by:
        raise ConfigurationError("The newest audit is signed.", "`lastro audit draw --by YOU` draws a new one.")
    return number


def _checkpoint(warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        ledger.checkpoint(db, load())
