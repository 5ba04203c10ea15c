"""The few facts that travel between modules, frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contacts.settings import Settings
    from contacts.warehouse import Transaction

Progress = Callable[[str, int, int], None]


def no_progress(label: str, done: int, total: int) -> None:
    """The progress of a run nobody watches."""


@dataclass(frozen=True)
class Batch:
    """One run over all sources. ``number`` orders batches; ``as_of`` (UTC) is the only clock a stage may read."""

    batch_id: str
    number: int
    as_of: datetime

    @property
    def as_of_text(self) -> str:
        return instant(self.as_of)


@dataclass(frozen=True)
class Receipt:
    """What a stage did: names and counts, never values (Airflow logs and keeps it)."""

    batch_id: str
    stage: str
    part: str
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Run:
    """All a stage may use: its batch, the settings, one open transaction, where to report progress."""

    batch: Batch
    settings: "Settings"
    db: "Transaction"
    part: str = ""
    since: int = 0
    """Number of the last earlier batch this stage finished; rows with a higher ``batch_no`` are its work."""
    approved_by: str = ""
    progress: Progress = field(default=no_progress, compare=False)


@dataclass(frozen=True)
class Outcome:
    """What a stage function returns; ``run.execute`` turns it into a Receipt."""

    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()


def instant(moment: datetime) -> str:
    """A moment as the warehouse keeps it: ISO 8601, UTC, whole seconds, ``Z``; it sorts as text.

    Raises ValueError for a moment without an offset: it could be meant anywhere on earth.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset from UTC")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
