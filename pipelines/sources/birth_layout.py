"""How an object writes birth dates, decided over all of its records, so that a day's changes are read as the whole delivery would be."""

from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Run
from contacts.values import date
from contacts.warehouse import Transaction
from pipelines.sources.rows import Rows
from pipelines.sources.words import Source

contact, raw = tables.contact, tables.raw_record


def birth_layout(run: Run, source: Source, name: str, ids: pd.Series, written: list[pd.Series]) -> tuple[date.Layout, pd.Series]:
    """The layout of the object's birth dates once the records ``ids`` say what they say now, and the records to read again.

    ``written``: how often each form occurs in what they say now (``birth_forms``), some of them at a time. To read again are the records outside ``ids`` that
    were read under another layout and would now be read otherwise, and those an older Lastro read. Contacts remember how their date was
    written and under which layout it was read: one count, no second look at every raw record.
    """
    held = run.db.counts(contact, "birth_form", "birth_layout", where=_mine(source, name))
    counts = held.groupby("birth_form")["n"].sum()
    if len(ids) and len(held):
        before = run.db.read_for(contact, "record_id", ids, "birth_form")["birth_form"].value_counts()
        counts = counts.sub(before, fill_value=0)
    for some in written:
        counts = counts.add(some, fill_value=0)
    found = date.layout({str(form): int(n) for form, n in counts.items()}, source.objects[name].date_order)
    right = ["any", _named(found)]
    if held["birth_layout"].isin(right).all():
        return found, ids.iloc[:0]
    otherwise = contact.c.birth_layout.is_(None) | contact.c.birth_layout.not_in(right)
    again = run.db.read(contact, "record_id", where=_mine(source, name) & otherwise)["record_id"]
    return found, again[~again.isin(ids)]


def known_layout(db: Transaction, source: Source, name: str) -> date.Layout:
    """The layout by the contacts the warehouse holds now."""
    counts = db.counts(contact, "birth_form", where=_mine(source, name)).dropna(subset=["birth_form"])
    return date.layout({str(form): int(n) for form, n in counts.itertuples(index=False)}, source.objects[name].date_order)


def birth_forms(rows: Rows) -> pd.Series:
    """How many birth dates of ``rows`` are written in each form."""
    return date.forms(rows.one("birth_date")).value_counts()


def remembered(rows: Rows, layout: date.Layout) -> dict[str, pd.Series]:
    """The columns by which the contacts of ``rows`` remember how their birth date was written and read."""
    form = date.forms(rows.one("birth_date"))
    depending = form.isin(date.DEPENDING)
    return {"birth_form": form, "birth_layout": pd.Series("any", index=form.index).mask(depending, _named(layout))}


def _named(layout: date.Layout) -> str:
    return layout.order + ("+serial" if layout.serial else "")


def _mine(source: Source, name: str) -> Any:
    """The contacts of this object."""
    mine = contact.c.source == source.name
    if sum(spec.kind == "contact" for spec in source.objects.values()) == 1:
        return mine
    of_object = raw.select().with_only_columns(raw.c.raw_id).where((raw.c.source == source.name) & (raw.c.object == name))
    return mine & contact.c.raw_id.in_(of_object)
