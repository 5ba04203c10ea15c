"""Database roles: a reader sees the views of its purposes and nothing else; creating them twice changes nothing."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError
from worlds import deliver, run_all

from contacts import tables
from contacts.errors import ConfigurationError
from contacts.migrations.upgrade import downgrade
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse, open_warehouse
from pipelines.run import connect
from pipelines.stages import consent, publish
from privacy.policy import load_policy
from privacy.roles import create_roles, grant_views, may_read
from privacy.views import refresh_views
from tests.integration.privacy_batch import add_events, add_golden, add_people, run_stage, yes

POLICY = load_policy(ROOT / "privacy" / "policy.yml")


@pytest.fixture
def prefix(warehouse: Warehouse) -> Iterator[str]:
    """Roles live outside the schema, so every test has its own and takes them away."""
    if warehouse.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no roles")
    name = f"t{uuid.uuid4().hex[:8]}"
    yield name
    with warehouse.transaction() as db:
        for role in db.connection.exec_driver_sql(f"SELECT rolname FROM pg_roles WHERE starts_with(rolname, '{name}')").scalars().all():
            db.connection.exec_driver_sql(f'DROP OWNED BY "{role}"')
            db.connection.exec_driver_sql(f'DROP ROLE "{role}"')


@pytest.fixture
def published(warehouse: Warehouse, settings: Settings) -> Warehouse:
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 2, 101)])
        add_golden(db)
    run_stage(consent, warehouse, settings)
    run_stage(publish, warehouse, settings)
    return warehouse


def as_role(warehouse: Warehouse, role: str, sql: str) -> int:
    """Number of rows (or rows changed) as that role."""
    with warehouse.transaction() as db:
        db.connection.exec_driver_sql(f'SET LOCAL ROLE "{role}"')
        result = db.connection.exec_driver_sql(sql)
        return len(result.fetchall()) if result.returns_rows else result.rowcount


def test_a_reader_reads_its_views_and_nothing_else(published: Warehouse, prefix: str) -> None:
    made = create_roles(published, POLICY, prefix)
    assert made[f"{prefix}_reader_mailing_tool"] == ["clean_newsletter", "clean_newsletter_now"]
    reader = f"{prefix}_reader_mailing_tool"
    assert as_role(published, reader, "SELECT * FROM clean_newsletter") == 1
    hidden = {name for name in may_read(POLICY, prefix)[f"{prefix}_officer"] if name.startswith("clean_")} - {"clean_newsletter"}
    for relation in sorted(hidden | set(tables.metadata.tables)):
        with pytest.raises(ConfigurationError, match="does not let"):
            as_role(published, reader, f'SELECT 1 FROM "{relation}"')
    for write in ("DELETE FROM clean_newsletter", "CREATE TABLE mine (a int)", "UPDATE live SET batch_no = 9"):
        with pytest.raises(ConfigurationError, match="does not let"):
            as_role(published, reader, write)


def test_analyst_officer_and_pipeline_see_what_they_should(published: Warehouse, prefix: str) -> None:
    create_roles(published, POLICY, prefix)
    assert as_role(published, f"{prefix}_analyst", "SELECT * FROM clean_analyst") == 2
    assert as_role(published, f"{prefix}_officer", "SELECT * FROM clean_officer_view") == 2
    assert as_role(published, f"{prefix}_officer", "SELECT * FROM permission") > 0
    assert as_role(published, f"{prefix}_pipeline", "SELECT * FROM contact") == 3
    for role, relation in (("analyst", "clean_officer_view"), ("analyst", "contact"), ("officer", "raw_record"), ("officer", "free_text")):
        with pytest.raises(ConfigurationError, match="does not let"):
            as_role(published, f"{prefix}_{role}", f"SELECT 1 FROM {relation}")


def test_creating_twice_and_a_changed_policy_leave_exactly_what_it_says(published: Warehouse, prefix: str) -> None:
    create_roles(published, POLICY, prefix)
    assert create_roles(published, POLICY, prefix) == create_roles(published, POLICY, prefix)
    consumers = {name: consumer for name, consumer in POLICY.consumers.items() if name != "mailing_tool"}
    narrower = POLICY.model_copy(update={"consumers": consumers, "analyst": POLICY.analyst | {"uf": "drop"}})
    with published.transaction() as db:
        assert refresh_views(db, narrower)
        grant_views(db, narrower, prefix)
    assert as_role(published, f"{prefix}_analyst", "SELECT * FROM clean_analyst") == 2
    with pytest.raises(ProgrammingError, match="does not exist"):  # without the schema it does not even find it
        as_role(published, f"{prefix}_reader_mailing_tool", "SELECT * FROM clean_newsletter")


@pytest.fixture
def login(warehouse: Warehouse, settings: Settings, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a new login that is a member of the pipeline's role and of nothing else; the policy is a copy to change."""
    create_roles(warehouse, POLICY, prefix)
    monkeypatch.setattr(grant_views, "__defaults__", (prefix,))  # what publish and connect call has the names of this test
    with warehouse.transaction() as db:
        db.connection.exec_driver_sql(f"CREATE ROLE {prefix}_login LOGIN PASSWORD 'made-up'")
        db.connection.exec_driver_sql(f"GRANT {prefix}_pipeline TO {prefix}_login")
    url = make_url(settings.database_url).set(username=f"{prefix}_login", password="made-up")  # noqa: S106
    policy = settings.home / "policy.yml"
    policy.write_text(settings.policy.read_text())
    return replace(settings, database_url=url.render_as_string(hide_password=False), policy=policy)


def test_a_member_of_the_pipeline_s_role_runs_every_stage_migrates_and_replaces_views(warehouse: Warehouse, login: Settings, prefix: str) -> None:
    deliver(login, people=30)
    mine = connect(login)
    run_all(mine, login)
    reader, analyst = f"{prefix}_reader_mailing_tool", f"{prefix}_analyst"
    people = as_role(warehouse, analyst, "SELECT * FROM clean_analyst")
    assert people and as_role(warehouse, reader, "SELECT * FROM clean_newsletter") > 0

    downgrade(mine, "0003")  # a release that brings a migration: the login that runs Lastro applies it
    mine.close()
    mine = connect(login)
    assert as_role(warehouse, analyst, "SELECT * FROM clean_analyst") == people, "readers have their views back at once"

    login.policy.write_text(login.policy.read_text().replace("uf: keep", "uf: drop"))
    with mine.transaction() as db:
        assert refresh_views(db, load_policy(login.policy)), "the policy changed no view"
        grant_views(db, load_policy(login.policy))
    assert as_role(warehouse, analyst, "SELECT * FROM clean_analyst") == people
    with pytest.raises(ConfigurationError, match="does not let"):
        as_role(warehouse, reader, "SELECT * FROM clean_analyst")
    with warehouse.transaction() as db:
        owners = "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'v')"
        assert db.connection.exec_driver_sql(owners).scalars().all() == [f"{prefix}_pipeline"], "the next login of the role may do the same"
    mine.close()


def test_a_login_without_the_role_is_refused_in_one_sentence(warehouse: Warehouse, login: Settings, prefix: str) -> None:
    with warehouse.transaction() as db:
        db.connection.exec_driver_sql(f"REVOKE {prefix}_pipeline FROM {prefix}_login")
        db.connection.exec_driver_sql(f"GRANT {prefix}_analyst TO {prefix}_login")
    with pytest.raises(ConfigurationError, match="does not let this login") as refused:
        connect(login)
    assert "GRANT lastro_pipeline" in refused.value.hint and refused.value.exit_code == 2
    with open_warehouse(login.database_url).transaction() as db, pytest.raises(ConfigurationError, match="does not let this login"):
        db.append(tables.live, [{"slot": 1, "batch_no": 1}])


def test_sqlite_refuses_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="SQLite has no roles") as refused:
        create_roles(open_warehouse(f"sqlite:///{tmp_path / 'w.db'}"), POLICY)
    assert "PostgreSQL" in refused.value.hint
