"""Whatever Lastro writes below its home is for its owner only, whatever the umask says; a home others may look into is told."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contacts import ledger
from contacts.settings import Settings, load
from pipelines.checks import all_checks
from pipelines.run import connect, execute, find_batch, open_batch

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")


@pytest.fixture(autouse=True)
def generous_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("LASTRO_HOME", str(tmp_path / "new" / "home"))
    for name in ("LASTRO_DATABASE_URL", "LASTRO_KEY_FILE", "LASTRO_INBOX"):
        monkeypatch.delenv(name, raising=False)
    return load()


def test_nobody_else_may_read_warehouse_key_checkpoints_or_report(home: Settings) -> None:
    warehouse = connect(home)
    open_batch(warehouse, home, "first", datetime(2026, 11, 20, tzinfo=UTC))
    execute(warehouse, home, "report", find_batch(warehouse))
    with warehouse.transaction() as db:
        ledger.append(db, "test", "tester", None, {})
        beside = [path for path in home.home.rglob("*") if path.name.startswith("warehouse.db")]
        assert {path.name for path in beside} == {"warehouse.db", "warehouse.db-wal", "warehouse.db-shm"}
        assert {path.stat().st_mode & 0o777 for path in beside} == {0o600}
    folders = {path for path in home.home.rglob("*") if path.is_dir()} | {home.home}
    assert {path.name for path in folders} >= {"home", "keys", "ledger", "reports", "first"}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in (home.home / "reports").rglob("report.*")} == {0o600}
    warehouse.close()


def test_check_hints_at_a_home_and_a_warehouse_others_may_read_without_failing(home: Settings) -> None:
    connect(home).close()

    def told(what: str) -> tuple[bool, str]:
        line = next(line for line in all_checks() if line["what"] == what)
        return line["ok"], line["found"]

    assert "chmod" not in told("home folder")[1] + told("warehouse")[1]
    home.home.chmod(0o755)
    (home.home / "warehouse.db").chmod(0o640)
    assert told("home folder") == (True, f"{home.home} (other users of this machine may read it; to keep them out: chmod 700 {home.home})")
    ok, found = told("warehouse")
    assert ok and f"chmod 600 {home.home / 'warehouse.db'}" in found
