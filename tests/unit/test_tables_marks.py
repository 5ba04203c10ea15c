"""Invariant 6: every column says whether it holds personal data, and personal ones of which category and for how long."""

from contacts.schema import FIELDS
from contacts.tables import metadata

COLUMNS = [(f"{table.name}.{column.name}", column) for table in metadata.tables.values() for column in table.columns]


def test_every_column_is_marked_personal_pseudonym_or_plain() -> None:
    assert [name for name, column in COLUMNS if column.info.get("mark") not in {"personal", "pseudonym", "plain"}] == []


def test_personal_columns_name_their_category_and_retention() -> None:
    marked = [(name, column) for name, column in COLUMNS if column.info["mark"] != "plain"]
    assert [name for name, column in marked if not (column.info.get("category") and column.info.get("retention"))] == []


def test_columns_named_like_a_field_of_a_contact_are_marked_personal() -> None:
    fields = {field.name for field in FIELDS}
    about_people = [(name, column) for name, column in COLUMNS if {"record_id", "person_id"} & set(column.table.columns.keys())]
    assert [name for name, column in about_people if column.name in fields and column.info["mark"] != "personal"] == []
