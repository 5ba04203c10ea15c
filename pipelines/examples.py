"""Masked examples of training needs: a few records of those who stand out, drawn the same each time, with what came and what was read of it."""

import pandas as pd

from contacts import tables
from contacts.schema import SINGLE_FIELDS
from contacts.settings import Settings
from contacts.warehouse import Transaction
from expectations import repair
from expectations.blame import Need
from pipelines.quarantining import field_evidence, source_rows
from pipelines.sources.rows import Rows

EXAMPLES = 3
"""Records of each need: enough to see what is meant."""


def examples(db: Transaction, settings: Settings, needs: list[Need], number: int) -> list[list[dict[str, str]]]:
    """For each need, per record drawn and field to mend: column, what came, what was read of it and why in words; all of it masked."""
    drawn = _drawn(db, needs, number)
    ids = pd.concat(drawn) if drawn else pd.Series(dtype="int64")
    contacts = db.read_for(tables.contact, "record_id", ids, "record_id", *SINGLE_FIELDS).set_index("record_id")
    points = db.read_for(tables.contact_point, "record_id", ids, "record_id", "type", "value").groupby(["record_id", "type"])["value"].agg(list).to_dict()
    notes = db.read_for(tables.value_note, "record_id", ids, "record_id", "field", "reason").groupby(["record_id", "field"])["reason"].agg(list).to_dict()
    came = _as_it_came(db, settings, ids)
    told = []
    for need, records in zip(needs, drawn, strict=True):
        lines = []
        for record in records:
            rows, place = came.get(record, (None, 0))
            for field in repair.fields_to_mend(need.rule) if rows else ():
                cells = {column: rows.text(column).iloc[place] for column in rows.spec.fields.get(field, ())} if rows else {}
                values = points.get((record, field)) or [contacts.at[record, field] if field in contacts else None]
                if cells:
                    lines.append({"record": str(record)} | field_evidence(field, cells, values, notes.get((record, field), ()), settings.language))
        told.append(lines)
    return told


def _drawn(db: Transaction, needs: list[Need], number: int) -> list[pd.Series]:
    """The record ids drawn for each need; batch and need decide them, nothing else."""
    contact, finding = tables.contact, tables.finding
    theirs = contact.c.entered_by.in_({need.user for need in needs}) | contact.c.team.in_({need.team for need in needs})
    mine = theirs & contact.c.source.in_({need.source for need in needs}) & contact.c.state.in_(("active", "quarantined"))
    people = db.read(contact, "record_id", "source", "team", "entered_by", where=mine)
    found = db.read(finding, "record_id", "rule", where=finding.c.rule.in_({need.rule for need in needs})).merge(people, on="record_id")
    drawn = []
    for need in needs:
        whose = found["entered_by"] == need.user if need.user else found["team"] == need.team
        ids = found.loc[(found["rule"] == need.rule) & (found["source"] == need.source) & whose, "record_id"].sort_values()
        drawn.append(ids.sample(min(EXAMPLES, len(ids)), random_state=number).sort_values())
    return drawn


def _as_it_came(db: Transaction, settings: Settings, ids: pd.Series) -> dict[int, tuple[Rows, int]]:
    """By record: the rows of its object and its place among them; nothing where the source is no longer declared."""
    objects = db.read_for(tables.raw_record, "record_id", ids, "record_id", "source", "object").drop_duplicates("record_id")
    found: dict[int, tuple[Rows, int]] = {}
    for _, part in objects.groupby(["source", "object"]):
        rows = source_rows(db, settings, part["record_id"])
        if rows is not None:
            found |= {record: (rows, place) for place, record in enumerate(rows.heads["record_id"])}
    return found
