"""Bring a warehouse's schema to the newest revision, or back, inside one transaction."""

from pathlib import Path

from sqlalchemy import inspect, text

from contacts.tables import OUR_VIEWS
from contacts.warehouse import Transaction, Warehouse

HERE = Path(__file__).resolve().parent


def head() -> str:
    """The newest revision: revisions are files named ``0001_what.py``, so no import is needed to know it."""
    return max(file.name[:4] for file in (HERE / "versions").glob("[0-9]*.py"))


def current(db: Transaction) -> str:
    """The revision the database is at; empty for a database without Lastro's tables."""
    if not inspect(db.connection).has_table("alembic_version"):
        return ""
    return db.connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def upgrade(warehouse: Warehouse, revision: str = "head") -> bool:
    """Migrate up to ``revision``; costs one query when the schema is new enough already. True when anything was migrated."""
    wanted = head() if revision == "head" else revision
    with warehouse.transaction(read_only=True) as db:
        if current(db) == wanted:
            return False
    with warehouse.transaction() as db:
        db.take_turn()
        if current(db) != wanted:  # another process may have been faster
            _drop_views(db)
            _alembic("upgrade", db, revision)
            return True
    return False


def downgrade(warehouse: Warehouse, revision: str) -> None:
    """Migrate down to ``revision`` (``base`` removes every table)."""
    with warehouse.transaction() as db:
        db.take_turn()
        _drop_views(db)
        _alembic("downgrade", db, revision)


def _drop_views(db: Transaction) -> None:
    """PostgreSQL changes no table a view reads; the clean views are made anew by the caller or the next publish."""
    for name in inspect(db.connection).get_view_names():
        if name.startswith(OUR_VIEWS):
            db.connection.execute(text(f'DROP VIEW "{name}"'))


def _alembic(direction: str, db: Transaction, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = db.connection
    getattr(command, direction)(config, revision)
