"""`lastro rules cross-check`: the stored tables judged once more inside the database, failing record by failing record."""

from typing import Any

from contacts import tables
from contacts.errors import LastroError
from contacts.settings import load
from pipelines import screen
from pipelines.quarantining import in_language
from pipelines.rehearsing import last_validated
from pipelines.run import connect


def cross_check(ids: bool, as_json: bool) -> None:
    """Print, per rule that needs no Python, the records the last batch found and those Great Expectations' SQL finds now.

    Raises LastroError when they are not the same records, after printing which rules differ.
    """
    from expectations import in_database  # Great Expectations: some seconds

    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction(read_only=True) as db:
        batch = last_validated(db)
        found = db.read(tables.finding, "record_id", "rule")
    ours = {str(rule): set(records) for rule, records in found.groupby("rule")["record_id"]}
    theirs = in_database.failing_records(warehouse, batch.as_of)
    rows: list[dict[str, Any]] = []
    for rule, records in theirs.items():
        mine = ours.get(rule, set())
        row: dict[str, Any] = {"rule": rule, "batch": len(mine), "database": "–" if records is None else len(records), "agree": records == mine}
        rows.append(row | ({"records": sorted(str(one) for one in records or ())} if ids else {}))
    apart = [row["rule"] for row in rows if not row["agree"]]
    pt = settings.language == "pt"
    said = f"{len(rows)} regras julgadas no banco, {len(apart)} divergem." if pt else f"{len(rows)} rules judged in the database, {len(apart)} differ."
    shown = [{name: value for name, value in row.items() if name != "records"} | {"agree": "✓" if row["agree"] else "✗"} for row in rows]
    screen.show(as_json, rows, [("", in_language(shown, settings.language))], [said], "lastro rules list")
    if apart:
        told = f"Great Expectations finds other records inside the database: {', '.join(apart)}."
        raise LastroError(told, "Did contacts change since `validate`? `lastro stage validate` judges them anew; else report it as a fault.")
