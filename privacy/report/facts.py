"""What the report is told from outside its tables: titles of sources, what the quality rules mean, and what only other wings can work out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Title:
    """A name in both languages of the report."""

    pt: str
    en: str


@dataclass(frozen=True)
class Rule:
    """A quality rule: its dimension, severity and message, the role that mends what it finds, its part in a score, and its field."""

    dimension: str
    severity: str
    title: Title
    owner: str = ""
    weight: float = 1.0
    field: str = ""


@dataclass(frozen=True)
class Waiver:
    """Records excepted from a rule today, and the first day one of the exceptions ends."""

    rule: str
    records: int
    until: str


@dataclass(frozen=True)
class Audit:
    """A signed audit: values drawn of all, judged, right; the share right among all values with its 95 % interval, None when nothing could be judged."""

    number: int
    batch: str
    signed_on: str
    size: int
    population: int
    judged: int
    right: int
    unknown: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Training:
    """A rule by which people or a team of a source stand out: ``n`` of their ``of`` records fail it, ``rest_n`` of ``rest_of`` of the others'.

    ``people`` is 0 where a whole team stands out; ``batches`` is in how many batches at most one of them has.
    """

    source: str
    team: str
    rule: str
    people: int
    n: int
    of: int
    rest_n: int
    rest_of: int
    batches: int


@dataclass(frozen=True)
class Breach:
    """Contacts made against a rule (``CODE`` or ``CODE:rule``) or a no (``AFTER_NO``): ``n`` of ``of`` outbound ones on the channel."""

    rule: str
    channel: str
    n: int
    of: int


@dataclass(frozen=True)
class Facts:
    """Titles of sources and rules by code (what is not in them is shown by its bare code), and what needs others: exceptions, audit, training, breaches."""

    sources: Mapping[str, Title] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    audit: Audit | None = None
    training: Sequence[Training] = ()
    breaches: Sequence[Breach] = ()
