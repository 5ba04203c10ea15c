"""How an object writes birth dates, decided over all of its records, so that a day's changes are read as the whole delivery would be."""

from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.values import date
from pipelines.sources.rows import Rows

contact, raw = tables.contact, tables.raw_record


def birth_layout(run: Run, rows: Rows, name: str) -> tuple[date.Layout, pd.Series]:
    """The layout of the object's birth dates once ``rows`` have taken the place of what their records said, and the records to read again.

    Those are the records outside ``rows`` that were read under another layout and would now be read otherwise, and those an older
    Lastro read. Contacts remember how their date was written and under which layout it was read: one count, no second look at every
    raw record.
    """
    ids = rows.heads["record_id"]
    held = run.db.counts(contact, "birth_form", "birth_layout", where=_mine(rows, name))
    counts = held.groupby("birth_form")["n"].sum()
    if len(ids):
        before = run.db.read_for(contact, "record_id", ids, "birth_form")["birth_form"].value_counts()
        counts = counts.sub(before, fill_value=0).add(date.forms(rows.one("birth_date")).value_counts(), fill_value=0)
    found = date.layout({str(form): int(n) for form, n in counts.items()}, rows.spec.date_order)
    right = ["any", _named(found)]
    if held["birth_layout"].isin(right).all():
        return found, ids.iloc[:0]
    otherwise = contact.c.birth_layout.is_(None) | contact.c.birth_layout.not_in(right)
    again = run.db.read(contact, "record_id", where=_mine(rows, name) & otherwise)["record_id"]
    return found, again[~again.isin(ids)]


def remembered(rows: Rows, layout: date.Layout) -> dict[str, pd.Series]:
    """The columns by which the contacts of ``rows`` remember how their birth date was written and read."""
    form = date.forms(rows.one("birth_date"))
    depending = form.isin(date.DEPENDING)
    return {"birth_form": form, "birth_layout": pd.Series("any", index=form.index).mask(depending, _named(layout))}


def _named(layout: date.Layout) -> str:
    return layout.order + ("+serial" if layout.serial else "")


def _mine(rows: Rows, name: str) -> Any:
    """The contacts of this object."""
    mine = contact.c.source == rows.source.name
    if sum(spec.kind == "contact" for spec in rows.source.objects.values()) == 1:
        return mine
    of_object = raw.select().with_only_columns(raw.c.raw_id).where((raw.c.source == rows.source.name) & (raw.c.object == name))
    return mine & contact.c.raw_id.in_(of_object)
