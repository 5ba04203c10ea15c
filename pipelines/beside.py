"""A second process that works beside this one on what is pure calculation, so that two processors share it.

It is given its work by a pipe and answers by a pipe: nothing of it is on disk, it has no connection to the database, and it ends when
this process does, however that happens. It only ever saves time: what it fails to answer is worked out here.
"""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from contacts.driver_values import collector_at_rest

Item = TypeVar("Item")
Result = TypeVar("Result")
_AHEAD = 4
"""Pieces of work handed over at a time, so that it need not wait while this process is busy with one of its own."""


class Beside:
    """The second process; it is started when there is work for two."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.usable = self.processors() > 1
        self.thread = ThreadPoolExecutor(max_workers=1)

    @staticmethod
    def processors() -> int:
        """How many processors this process may use."""
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """``work`` of every item, in the order in which they get ready. ``work`` is a function of a module, items and results are pickled."""
        left = iter(items)
        first = list(zip(range(2), left, strict=False))
        left = chain([item for _, item in first], left)
        if len(first) < 2 or not self.usable:
            yield from (_at_rest(work, item) for item in left)
            return
        handed: deque[tuple[Item, Future[Any]]] = deque()
        for item in left:
            while handed and handed[0][1].done():
                yield self._answer(work, *handed.popleft())
            if self.usable and len(handed) < _AHEAD:
                handed.append((item, self.thread.submit(self._ask, work, item)))
            else:
                yield _at_rest(work, item)
        while handed:
            yield self._answer(work, *handed.popleft())

    def meanwhile(self, work: Callable[[], object]) -> None:
        """Let it do ``work`` for its own sake, such as importing what is slow to import."""
        if self.usable:
            self.thread.submit(self._ask, _done, work)

    def ahead(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """``work`` of every item, all of them handed over at once: it works while this process does something else.

        Whoever iterates takes part, from the other end. All items are held in memory until then.
        """
        if not self.usable:
            return (_at_rest(work, item) for item in items)
        return self._together(work, deque((item, self.thread.submit(self._ask, work, item)) for item in items))

    def _together(self, work: Callable[[Item], Result], handed: deque[tuple[Item, Future[Any]]]) -> Iterator[Result]:
        while handed:
            if handed[0][1].done():
                yield self._answer(work, *handed.popleft())
            elif handed[-1][1].cancel():
                yield _at_rest(work, handed.pop()[0])
            else:  # the last one, which it is busy with
                yield self._answer(work, *handed.pop())

    def close(self) -> None:
        """End the process; what it is busy with nobody waits for any more."""
        if self.process is not None:
            self.process.kill()
        self.thread.shutdown(cancel_futures=True)
        if self.process is not None:
            self.process.communicate()

    def _answer(self, work: Callable[[Item], Result], item: Item, asked: Future[Any]) -> Result:
        try:
            return asked.result()
        except Exception:
            self.usable = False
            return _at_rest(work, item)

    def _ask(self, work: Callable[[Any], Any], item: Any) -> Any:
        if self.process is None:
            path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
            command = [sys.executable, "-P", "-m", "pipelines.beside"]
            self.process = subprocess.Popen(  # noqa: S603  # our own module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": path}
            )
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101  # both were asked for
        pickle.dump((work, item), self.process.stdin, protocol=5)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)  # noqa: S301  # written by our own process


def _at_rest(work: Callable[[Item], Result], item: Item) -> Result:
    with collector_at_rest():
        return work(item)


def _done(work: Callable[[], object]) -> None:
    work()


@contextmanager
def second_process() -> Iterator[Beside]:
    """A second process for as long as the block runs."""
    beside = Beside()
    try:
        yield beside
    finally:
        beside.close()


def main() -> None:
    """Work for the process that started this one until it goes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not be taken for an answer
    with suppress(EOFError, BrokenPipeError):
        while True:
            work, item = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by the process that started this one
            pickle.dump(_at_rest(work, item), answers, protocol=5)
            answers.flush()


if __name__ == "__main__":
    main()
