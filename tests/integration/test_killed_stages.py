"""Invariant 2, all or nothing: a stage killed at any point and run again leaves what an unkilled run leaves, row by row."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import make_settings
from worlds import APPROVER, AS_OF, NEXT_DAY, assert_same, deliver, deliver_next_day, picture, run_all, steps

from contacts import ledger
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse, open_warehouse
from pipelines.run import execute, open_batch

WRITES = ("_insert", "delete", "update", "execute")


def die() -> None:
    """The process is gone at once: no exception handler, no rollback by Python, no buffers flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


def in_killed_child(work: Callable[[], None]) -> None:
    """Run ``work`` in a forked process that must end by SIGKILL."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)  # reached only when the kill did not come
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, "the child was not killed"


def count_writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count every write of this process from now on."""
    counter = [0]

    def counting(original: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object, **kwargs: object) -> object:
            counter[0] += 1
            return original(*args, **kwargs)

        return wrapper

    for name in WRITES:
        monkeypatch.setattr(Transaction, name, counting(getattr(Transaction, name)))
    return counter


def kill_at_write(number: int) -> None:
    """In this process, die just before the write with this number."""
    done = [0]

    def deadly(original: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object, **kwargs: object) -> object:
            done[0] += 1
            if done[0] >= number:
                die()
            return original(*args, **kwargs)

        return wrapper

    for name in WRITES:
        setattr(Transaction, name, deadly(getattr(Transaction, name)))


@pytest.mark.parametrize("day", ["first", "next"])
def test_a_stage_killed_before_in_the_middle_and_after_its_transaction_equals_an_unkilled_one(
    warehouse: Warehouse, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    calm_settings = make_settings(tmp_path / "calm", LASTRO_INBOX=str(settings.inbox))
    deliver(settings)
    calm = open_warehouse(calm_settings.database_url)
    from contacts.migrations.upgrade import upgrade

    upgrade(calm)
    as_of = AS_OF
    if day == "next":
        run_all(calm, calm_settings)
        run_all(warehouse, settings)
        deliver_next_day(settings)
        as_of = NEXT_DAY
    calm_batch = open_batch(calm, calm_settings, day, as_of)
    batch = open_batch(warehouse, settings, day, as_of)
    writes = count_writes(monkeypatch)

    for stage, part in steps(settings):
        writes[0] = 0
        execute(calm, calm_settings, stage, calm_batch, part, APPROVER)
        middle = max(2, writes[0] // 2)

        def attempt(stage: str = stage, part: str = part) -> None:
            own = open_warehouse(settings.database_url)  # a connection must not be shared over a fork
            execute(own, settings, stage, batch, part, APPROVER)

        def killed_before() -> None:
            kill_at_write(1)
            attempt()

        def killed_in_the_middle(middle: int = middle) -> None:
            kill_at_write(middle)
            attempt()

        def killed_after() -> None:
            ledger.checkpoint = lambda *_: die()  # type: ignore[assignment]
            attempt()

        warehouse.close()
        for kill in (killed_before, killed_in_the_middle, killed_after):
            in_killed_child(kill)
        execute(warehouse, settings, stage, batch, part, APPROVER)
        # the ledger rightly remembers that the stage ran twice; everything else is as if it ran once
        without = ("ledger", "batch.config_hash", "publication.publication_no", "publication.actor")
        assert_same(picture(warehouse, without), picture(calm, without), f"after {stage} {part}")

    with warehouse.transaction() as db:
        assert ledger.verify(db, settings).problem == ""
    calm_report = calm_settings.home / "reports" / "latest" / "report.json"
    assert (settings.home / "reports" / "latest" / "report.json").exists() and calm_report.exists()
    calm.close()
