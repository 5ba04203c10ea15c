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
class Errors:
    """Judged pairs, those decided wrongly, and the share of such among all pairs with its 95 % interval."""

    judged: int
    wrong: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class NameGroup:
    """Records of a group of names and how many of them are set aside; judged pairs with one of them, None where none was judged.

    ``false_merges``: of pairs held together, those of two people; ``missed``: of pairs of one person, those held apart.
    """

    title: Title
    records: int
    set_aside: int
    false_merges: Errors | None = None
    missed: Errors | None = None


@dataclass(frozen=True)
class JudgedSample:
    """The newest sample of pairs drawn to be judged: its number, its pairs, and how many a person was sure about."""

    number: int
    pairs: int
    judged: int


@dataclass(frozen=True)
class Facts:
    """Titles of sources and rules by code (what is not in them is shown by its bare code), and what needs others: exceptions, audit, training, breaches,
    groups of names and the sample their errors of linkage were seen in."""

    sources: Mapping[str, Title] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    audit: Audit | None = None
    training: Sequence[Training] = ()
    breaches: Sequence[Breach] = ()
    name_groups: Mapping[str, NameGroup] = field(default_factory=dict)
    judged_sample: JudgedSample | None = None
