"""The pseudonym key: made once and whole, and never replaced behind the back of the people it stands for."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from contacts import tables
from contacts.errors import ConfigurationError
from contacts.pseudonym import fingerprint
from contacts.settings import Settings, load
from contacts.warehouse import Warehouse
from pipelines.checks import all_checks
from pipelines.run import execute, open_batch


@pytest.mark.parametrize("lost", [True, False])
def test_a_lost_or_changed_key_is_refused_before_anything_is_written_and_no_new_one_is_made(warehouse: Warehouse, settings: Settings, lost: bool) -> None:
    batch = open_batch(warehouse, settings)
    kept = settings.key_file.read_text()
    settings.key_file.unlink() if lost else settings.key_file.write_text("11" * 32)
    with warehouse.transaction() as db:
        before = db.count(tables.ledger)
    for attempt in (
        lambda: open_batch(warehouse, settings),
        lambda: open_batch(warehouse, settings, batch.batch_id),
        lambda: execute(warehouse, settings, "ingest", batch, "crm"),
    ):
        with pytest.raises(ConfigurationError, match="key is not the one") as refused:
            attempt()
        assert "Restore" in refused.value.hint
    with warehouse.transaction() as db:
        assert db.count(tables.ledger) == before and db.count(tables.batch) == 1
    assert settings.key_file.exists() != lost
    settings.key_file.write_text(kept)
    assert open_batch(warehouse, settings).number == 2


def test_check_tells_a_key_that_is_not_the_warehouse_s(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("home", "database_url", "key_file"):
        monkeypatch.setenv(f"LASTRO_{name.upper()}", str(getattr(settings, name)))
    open_batch(warehouse, settings)

    def told() -> dict[str, object]:
        return next(line for line in all_checks() if line["what"] == "pseudonym key")

    assert told()["ok"]
    settings.key_file.write_text("11" * 32)
    assert not told()["ok"] and "not the one" in str(told()["found"]) and "Restore" in str(told()["mend"])


def test_many_processes_starting_at_once_agree_on_one_key(tmp_path: Path) -> None:
    at_once = Barrier(8)

    def start(_: int) -> bytes:
        settings = load({"LASTRO_HOME": str(tmp_path / "home")})
        at_once.wait()
        return settings.key

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(start, range(8)))
    file = load({"LASTRO_HOME": str(tmp_path / "home")}).key_file
    assert keys == {bytes.fromhex(file.read_text())}
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file], "no half-made key stays behind"


def test_a_crash_while_the_key_is_written_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load({"LASTRO_HOME": str(tmp_path / "home")})
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(ConfigurationError, match="No space left"):
            _ = settings.key
    assert list(settings.key_file.parent.iterdir()) == []
    assert len(settings.key) == 32


def test_a_fingerprint_tells_keys_apart_and_is_no_part_of_them() -> None:
    one, other = fingerprint(b"\0" * 32), fingerprint(b"\1" * 32)
    assert one != other and one == fingerprint(b"\0" * 32)
    assert len(one) == 16 and int(one, 16)
