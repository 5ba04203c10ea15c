"""The migrated schema is the one the code declares, and can be taken back, on both databases."""

import re

import pytest
from sqlalchemy import inspect

from contacts.migrations.upgrade import downgrade, head, upgrade
from contacts.settings import Settings
from contacts.tables import metadata
from contacts.warehouse import Warehouse, open_warehouse


def test_migrations_lead_to_the_declared_tables(warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        inspector = inspect(db.connection)
        assert set(inspector.get_table_names()) == {*metadata.tables, "alembic_version"}
        for table in metadata.tables.values():
            found = {column["name"]: (column["nullable"], str(column["type"]).split("(")[0]) for column in inspector.get_columns(table.name)}
            declared = {column.name: bool(column.nullable) for column in table.columns}
            assert {name: nullable for name, (nullable, _) in found.items()} == declared, table.name
            assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [column.name for column in table.primary_key.columns]
            assert {index["name"] for index in inspector.get_indexes(table.name) if not index.get("duplicates_constraint")} == {
                index.name for index in table.indexes
            }, table.name


def test_migrations_go_down_and_up_again(warehouse: Warehouse) -> None:
    downgrade(warehouse, "base")
    with warehouse.transaction() as db:
        assert inspect(db.connection).get_table_names() == ["alembic_version"]
    upgrade(warehouse)
    with warehouse.transaction() as db:
        assert "raw_record" in inspect(db.connection).get_table_names()


def test_migrating_a_current_schema_changes_nothing_and_needs_no_alembic(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contacts.migrations.upgrade._alembic", lambda *_: pytest.fail("migrated again"))
    upgrade(warehouse)


def test_revisions_are_numbered_in_a_row(settings: Settings) -> None:
    assert re.fullmatch(r"\d{4}", head())
    fresh = open_warehouse(settings.database_url)
    upgrade(fresh, head())
    fresh.close()
