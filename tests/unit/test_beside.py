"""The second process only saves time: with it, without it, and when it dies, every item is worked exactly once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipelines.beside import Beside, second_process


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def dies_elsewhere(number: int) -> int:
    if os.environ.get("LASTRO_TEST_MAIN") != str(os.getpid()):
        os._exit(9)
    return number * number


def fails(number: int) -> int:
    raise ValueError(number)


def slow(number: int) -> int:
    time.sleep(0.05)
    return number


@pytest.fixture(autouse=True)
def importable_and_two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTRO_TEST_MAIN", str(os.getpid()))
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent), *sys.path])
    for function in (square, dies_elsewhere, fails, slow):
        monkeypatch.setattr(function, "__module__", Path(__file__).stem)
    monkeypatch.setitem(sys.modules, Path(__file__).stem, sys.modules[__name__])
    monkeypatch.setattr(Beside, "processors", staticmethod(lambda: 2))


def test_every_item_is_worked_once_and_some_of_them_beside() -> None:
    with second_process() as helper:
        found = sorted(number for number, _ in helper.each(square, range(40)))
        assert helper.process is not None
    assert found == [number * number for number in range(40)]


def test_one_item_needs_no_second_process() -> None:
    with second_process() as helper:
        assert [number for number, _ in helper.each(square, [3])] == [9]
        assert list(helper.each(square, [])) == []
        assert helper.process is None


def test_what_the_second_process_dies_of_is_worked_here() -> None:
    with second_process() as helper:
        assert sorted(helper.each(dies_elsewhere, range(10))) == [number * number for number in range(10)]


def test_an_error_is_the_one_this_process_meets() -> None:
    with pytest.raises(ValueError, match=r"^[012]$"), second_process() as helper:
        list(helper.each(fails, range(3)))


def test_it_is_gone_when_the_block_ends_by_an_error() -> None:
    with pytest.raises(KeyError), second_process() as helper:
        for _ in helper.each(slow, range(20)):
            raise KeyError
    assert helper.process is None or helper.process.poll() is not None


def test_it_ends_by_itself_when_the_first_process_is_killed() -> None:
    started = (
        "import sys, os, time; from pipelines import beside; beside.Beside.processors = staticmethod(lambda: 2); from operator import neg\n"
        "helper = beside.Beside(); list(helper.each(neg, range(30)))\n"
        "helper.process or helper._ask(neg, 1); print(helper.process.pid, flush=True); time.sleep(60)"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    first = subprocess.Popen([sys.executable, "-c", started], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path})
    assert first.stdout is not None
    second = psutil.Process(int(first.stdout.readline()))
    first.kill()
    first.wait()
    psutil.wait_procs([second], timeout=20)
    assert not second.is_running() or second.status() == psutil.STATUS_ZOMBIE


def test_nothing_is_started_where_there_is_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Beside, "processors", staticmethod(lambda: 1))
    with second_process() as helper:
        assert [pid for _, pid in helper.each(square, range(5))] == [os.getpid()] * 5
        assert helper.process is None


def test_work_handed_over_ahead_is_done_once_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    with second_process() as helper:
        joined = helper.ahead(square, range(40))
        found = list(joined)
    assert sorted(number for number, _ in found) == [number * number for number in range(40)]
    assert os.getpid() in {pid for _, pid in found}


def test_work_handed_over_ahead_goes_on_while_this_process_does_something_else() -> None:
    with second_process() as helper:
        helper.meanwhile(os.getpid)
        joined = helper.ahead(square, range(5))
        helper.thread.submit(os.getpid).result()  # the thread asks in turn, so all that was handed over is answered
        pids = {pid for _, pid in joined}
        assert helper.process is not None and pids == {helper.process.pid}


def test_what_dies_of_work_handed_over_ahead_is_worked_here() -> None:
    with second_process() as helper:
        assert sorted(helper.ahead(dies_elsewhere, range(10))) == [number * number for number in range(10)]


def test_work_handed_over_ahead_is_done_here_where_there_is_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Beside, "processors", staticmethod(lambda: 1))
    with second_process() as helper:
        helper.meanwhile(os.getpid)
        assert [pid for _, pid in helper.ahead(square, range(5))] == [os.getpid()] * 5
        assert helper.process is None
