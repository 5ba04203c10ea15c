"""The only door to the database: open it, hold one transaction, read and write whole columns at a time.

SQLite (write-ahead log, foreign keys, secure delete) and PostgreSQL behave alike: text comes back as Arrow
strings with NaN for NULL, whole numbers as int64 (Int64 where NULL occurs), truth values as bool.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import ARRAY, BigInteger, Column, Connection, Engine, MetaData, Table, bindparam, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.sql import ColumnElement

from contacts.driver_values import FAULT, collector_at_rest, piece, python_values, series
from contacts.driver_values import TEXT as TEXT
from contacts.errors import ConfigurationError, WarehouseRefused, WarehouseUnavailable
from contacts.settings import private_folder

_FETCH = 2_000
"""Rows fetched at a time: few enough that they are still in the processor's cache when they are turned into columns."""
_TIMEOUT_S = 120
_CACHE_KB = 256 * 1024
"""What SQLite may keep of the file in memory; with less it writes the pages of an index once per thousand rows instead of once."""
READ_ONLY = "postgresql_readonly"
"""SQLAlchemy's name of the option; we give it a meaning on SQLite too."""
FORBIDDEN = (
    "The database does not let this login do that.",
    "Let the database's owner run `lastro roles`, then GRANT lastro_pipeline TO the login that runs Lastro.",
)


class Transaction:
    """One open transaction; everything written through it becomes visible together or not at all."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_postgres = connection.dialect.name == "postgresql"

    def read(self, table: Table, *columns: str, where: ColumnElement[bool] | None = None) -> pd.DataFrame:
        """Rows of ``table`` as a frame, in the order of its primary key, so that a stage never depends on storage order."""
        chosen = [table.c[name] for name in columns] or list(table.c)
        query = select(*chosen).order_by(*table.primary_key.columns)
        if where is not None:
            query = query.where(where)
        return self._frame(query, chosen)

    def read_for(self, table: Table, key: str, ids: Any, *columns: str) -> pd.DataFrame:
        """Rows of ``table`` whose ``key`` is in ``ids``, in one statement, whatever the number of ids."""
        return self.read(table, *columns, where=self._among(table.c[key], ids))

    def count(self, table: Table, where: ColumnElement[bool] | None = None) -> int:
        """Number of rows."""
        query = select(func.count()).select_from(table)
        return int(self.connection.execute(query if where is None else query.where(where)).scalar_one())

    def counts(self, table: Table, *by: str, where: ColumnElement[bool] | None = None, distinct: str = "") -> pd.DataFrame:
        """Rows counted by the columns ``by`` (or, with ``distinct``, the different values of that column); the count is in column ``n``."""
        columns = [table.c[name] for name in by]
        n = (func.count(table.c[distinct].distinct()) if distinct else func.count()).label("n")
        query = select(*columns, n).select_from(table).group_by(*columns).order_by(*columns)
        if where is not None:
            query = query.where(where)
        return self._frame(query, [*columns, Column("n", BigInteger, nullable=False)])

    def maximum(self, table: Table, column: str, where: ColumnElement[bool] | None = None) -> Any:
        """Largest value of a column, None in an empty table."""
        query = select(func.max(table.c[column]))
        return self.connection.execute(query if where is None else query.where(where)).scalar_one()

    def append(self, table: Table, rows: pd.DataFrame | Sequence[dict[str, Any]]) -> int:
        """Add rows; a row that exists is an error. Returns how many."""
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
        return self._insert(table, frame)

    def upsert(self, table: Table, rows: pd.DataFrame | Sequence[dict[str, Any]]) -> int:
        """Add rows, or overwrite those with the same primary key."""
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
        if frame.empty:
            return 0
        keys = [column.name for column in table.primary_key.columns]
        names = list(frame.columns)
        staging = Table(f"staging_{table.name}", MetaData(), *[Column(name, table.c[name].type) for name in names], prefixes=["TEMPORARY"])
        staging.drop(self.connection, checkfirst=True)
        staging.create(self.connection, checkfirst=False)
        self._insert(staging, frame)
        if self.is_postgres:
            from sqlalchemy.dialects.postgresql import insert
        else:
            from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
        # SQLite needs a WHERE to tell an upsert's ON CONFLICT from a join's ON
        statement = insert(table).from_select(names, select(*staging.c).where(staging.c[keys[0]].is_not(None)))
        rest = {name: statement.excluded[name] for name in names if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=rest) if rest else statement.on_conflict_do_nothing()
        self.connection.execute(statement)
        staging.drop(self.connection)
        return len(frame)

    def delete(self, table: Table, where: ColumnElement[bool] | None = None) -> int:
        """Remove rows; returns how many."""
        statement = table.delete()
        return int(self.connection.execute(statement if where is None else statement.where(where)).rowcount)

    def delete_for(self, table: Table, key: str, ids: Any) -> int:
        """Remove the rows whose ``key`` is in ``ids``, in one statement."""
        return self.delete(table, self._among(table.c[key], ids))

    def replace(self, table: Table, rows: pd.DataFrame, where: ColumnElement[bool] | None = None) -> int:
        """Put ``rows`` in the place of those matching ``where`` (all, without it)."""
        self.delete(table, where)
        return self._insert(table, rows)

    def update(self, table: Table, where: ColumnElement[bool] | None = None, **values: Any) -> int:
        """Set columns of the rows matching ``where``; returns how many."""
        statement = table.update().values(**values)
        return int(self.connection.execute(statement if where is None else statement.where(where)).rowcount)

    def update_for(self, table: Table, key: str, ids: Any, **values: Any) -> int:
        """Set columns of the rows whose ``key`` is in ``ids``, in one statement; returns how many."""
        return self.update(table, self._among(table.c[key], ids), **values)

    @contextmanager
    def filling(self, *tables: Table) -> Iterator[None]:
        """While the block runs, tables that are empty now do without their secondary indexes, which are made in one go at its end.

        An index on pseudonyms is written all over the place row by row, and in order when it is sorted once. It is part of the
        transaction like everything else. PostgreSQL keeps its indexes: taking one away would keep every reader out until the end.
        """
        empty = [table for table in tables if not self.is_postgres and self.connection.execute(select(1).select_from(table).limit(1)).first() is None]
        indexes = [index for table in empty for index in sorted(table.indexes, key=lambda index: str(index.name))]
        for index in indexes:
            index.drop(self.connection)
        yield
        for index in indexes:
            index.create(self.connection)

    def execute(self, statement: Any) -> Any:
        """Run a statement of the SQL expression language, for the rare work the bulk calls do not cover."""
        return self.connection.execute(statement)

    def lock(self, table: Table) -> None:
        """Keep other writers out of ``table`` until this transaction ends (SQLite has one writer anyway)."""
        if self.is_postgres:
            self.connection.exec_driver_sql(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE')

    def take_turn(self, part: str = "") -> None:
        """Wait until nobody else works on this warehouse, and keep others waiting until this transaction ends.

        Workers that name different parts work side by side. SQLite has one writer anyway. Raises WarehouseUnavailable after two minutes.
        """
        if not self.is_postgres:
            return
        whole = func.hashtextextended(func.current_schema(), 0)  # the lock's number counts in one database, and a schema is a warehouse
        self.connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TIMEOUT_S}s'")
        if part:
            self.connection.execute(select(func.pg_advisory_xact_lock_shared(whole)))
            self.connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(part, whole))))
        else:
            self.connection.execute(select(func.pg_advisory_xact_lock(whole)))
        self.connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")

    def _among(self, column: Column[Any], ids: Any) -> ColumnElement[bool]:
        """``column`` is one of ``ids``, handed over as one list: the number of parameters has a limit, a temporary table writes."""
        wanted = python_values(column, pd.Series(pd.unique(pd.Series(ids))).dropna())
        if self.is_postgres:
            return column.in_(select(func.unnest(bindparam(None, wanted, ARRAY(column.type)))))
        return column.in_(select(func.json_each(json.dumps(wanted)).table_valued("value").c.value))

    def _insert(self, table: Table, frame: pd.DataFrame) -> int:
        if frame.empty:
            return 0
        # a column of nothing is what the database puts there by itself
        names = [str(name) for place, name in enumerate(frame.columns) if not place or frame[name].notna().any()]
        rows = zip(*(python_values(table.c[name], frame[name]) for name in names), strict=True)
        quoted = ", ".join(f'"{name}"' for name in names)
        driver = self.connection.dialect.loaded_dbapi
        cursor: Any = self.connection.connection.cursor()
        try:
            if self.is_postgres:
                with cursor.copy(f'COPY "{table.name}" ({quoted}) FROM STDIN') as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(names))
                cursor.executemany(f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks})', rows)
        except driver.OperationalError as error:
            raise _unavailable(error) from None
        except driver.Error as error:
            if _is_forbidden(error):
                raise ConfigurationError(*FORBIDDEN) from None
            raise _refused(error, table.name) from None
        finally:
            cursor.close()
        return len(frame)

    def _frame(self, query: Any, columns: Sequence[Any]) -> pd.DataFrame:
        result = self.connection.execute(query, execution_options={"stream_results": self.is_postgres})
        # SQLite's own rows: none of our types needs translating, and a wrapper around each row costs as much as the query
        fetch = result.fetchmany if self.is_postgres else result.cursor.fetchmany
        pieces: list[list[Any]] = [[] for _ in columns]
        with collector_at_rest():
            while rows := fetch(_FETCH):
                for found, column, values in zip(pieces, columns, zip(*rows, strict=True), strict=True):
                    found.append(piece(values, column.type))
        result.close()
        return pd.DataFrame({column.name: series(found, column.type) for found, column in zip(pieces, columns, strict=True)})


class Warehouse:
    """A database Lastro may use; ``transaction`` is the way in."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def transaction(self, read_only: bool = False) -> Iterator[Transaction]:
        """One transaction: committed at the end, rolled back by any exception. One that only reads waits for no writer."""
        try:
            with (self.read_only_engine() if read_only else self.engine).begin() as connection:
                yield Transaction(connection)
        except (OperationalError, InterfaceError) as error:
            raise _unavailable(error.orig) from None
        except (IntegrityError, DataError) as error:
            raise _refused(error.orig) from None
        except ProgrammingError as error:
            if _is_forbidden(error.orig):
                raise ConfigurationError(*FORBIDDEN) from None
            raise

    def read_only_engine(self) -> Engine:
        """For a library that brings its own SQL: the same database, and nothing it may write."""
        return self.engine.execution_options(**{READ_ONLY: True})

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_warehouse(url: str) -> Warehouse:
    """Connect lazily to the database at ``url``. Raises ConfigurationError for what is neither SQLite nor PostgreSQL."""
    # at DEBUG SQLAlchemy logs every fetched row, whatever hide_parameters says
    logging.getLogger("sqlalchemy").setLevel(logging.WARNING)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigurationError("LASTRO_DATABASE_URL is not a database URL.", "Write sqlite:///path/to/file.db or postgresql://user@host/database.") from None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database:
            raise ConfigurationError("LASTRO_DATABASE_URL names no SQLite file.", "Write sqlite:///path/to/file.db.")
        try:
            file = Path(parsed.database)
            private_folder(file.parent)
            if parsed.database != ":memory:" and not file.exists():
                file.touch(0o600)  # the files SQLite puts beside it take after it
        except OSError as error:
            raise ConfigurationError(f"The warehouse's folder cannot be made ({error.strerror}).", "Set LASTRO_HOME to a folder you own.") from None
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": _TIMEOUT_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    else:
        raise ConfigurationError(f"Lastro does not keep its warehouse in {parsed.get_backend_name()}.", "Use SQLite or PostgreSQL.")
    return Warehouse(engine)


def _unavailable(error: BaseException | None) -> WarehouseUnavailable:
    # a driver's text can quote whole rows, so here and below only its class is passed on
    sentence = f"The warehouse did not answer ({type(error).__name__})."
    return WarehouseUnavailable(sentence, "Is the database up, reachable and not locked by another run? `lastro check` tells.")


def _refused(error: BaseException | None, table: str = "") -> WarehouseRefused:
    sentence = f"The warehouse refused rows{f' of {table}' if table else ''} ({type(error).__name__})."
    return WarehouseRefused(sentence, FAULT)


def _is_forbidden(error: BaseException | None) -> bool:
    return getattr(error, "sqlstate", None) == "42501"  # insufficient_privilege of the SQL standard


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, so that DDL is part of them
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=NORMAL", "temp_store=MEMORY", f"cache_size=-{_CACHE_KB}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")  # a writer takes its lock at once: a later upgrade could deadlock
