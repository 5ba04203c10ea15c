"""Fixtures every kind of test shares: settings in an empty home, and a warehouse on both databases."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from contacts.settings import ROOT, Settings, load
from contacts.warehouse import Warehouse, open_warehouse

DEMO_KEY = "00" * 32
POSTGRES_HERE = "postgresql://postgres@127.0.0.1:5432/test"


LONGEST = (
    "test_killed_stages", "test_validate", "test_cli", "test_canary", "test_standardise_parts", "test_standardise", "test_contracts", "test_report",
    "test_bad_input", "test_distributed", "test_blame", "test_airflow_native", "test_patches", "test_quarantine", "test_publish_stage", "test_acts_undone",
    "test_conservation", "test_same_input_same_output", "test_acts", "test_dedup_properties", "test_in_process_events", "test_cross_check",
)  # fmt: skip
"""Files that take longest, begun first: two workers then end at about the same time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the order within a file stays."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def postgres_url() -> str | None:
    """Where the PostgreSQL for tests is: LASTRO_TEST_POSTGRES, or a server on this machine; None when neither answers."""
    import psycopg

    url = os.environ.get("LASTRO_TEST_POSTGRES") or POSTGRES_HERE
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        if os.environ.get("LASTRO_TEST_POSTGRES"):
            raise
        return None
    return url


def make_settings(home: Path, **overrides: str) -> Settings:
    """Settings as a process would read them, with a fixed key so that pseudonyms repeat."""
    settings = load({"LASTRO_HOME": str(home), **overrides})
    settings.key_file.parent.mkdir(parents=True, exist_ok=True)
    settings.key_file.write_text(DEMO_KEY)
    settings.key_file.chmod(0o600)
    return settings


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a SQLite file, then a schema of its own in PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'warehouse.db'}"
        return
    url = postgres_url()
    if url is None:
        pytest.skip("no PostgreSQL: set LASTRO_TEST_POSTGRES to run this on it too")
    import psycopg

    schema = f"lastro_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"')
    yield f"{url}?options={quote(f'-csearch_path={schema}')}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of an empty home on either database."""
    return make_settings(tmp_path / "home", LASTRO_DATABASE_URL=database_url)


@pytest.fixture
def warehouse(settings: Settings) -> Iterator[Warehouse]:
    """A migrated, empty warehouse on either database."""
    from contacts.migrations.upgrade import upgrade

    opened = open_warehouse(settings.database_url)
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT
