"""How the rows of any flat table are linked: the steward's format for comparisons, blocking rules and thresholds over named columns.

The contacts' own file (``linkage.py``) speaks of contacts' fields; this one of whatever columns a table has.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from contacts.canonical import canonical_json
from contacts.configuration import load_model, perhaps
from dedup.linkage import STEPS, Clusters, Level, Zones, _Strict

Comparer = Literal["identifier", "text", "edits", "date", "email", "prefix", "address", "custom"]

DERIVATIONS = ("first", "last", "year", "month", "user", "phonetic", "digits", "word", "letters")
"""What a key may be made of: first3 and last8 letters, year and month of a date, user of an e-mail, phonetic (Portuguese), digits only,
first word, sorted letters."""
_KEY = re.compile(r"^(?P<column>[^.]+)(?:\.(?P<derivation>[a-z]+)(?P<count>\d*))?$")


class Compared(_Strict):
    """One comparison of two rows."""

    compare: Comparer
    """How two values are compared: identifier, text (Jaro-Winkler), edits (letters apart), date, email, prefix or custom."""
    column: str = ""
    """The column; without it, the one with the comparison's name."""
    swap: str = ""
    """Another column with which this one is sometimes exchanged (given and family name): adds the level swapped."""
    street: str = ""
    """For address: the column of the street; ``column`` is the postal code."""
    number: str = ""
    """For address: the column of the house number."""
    one_sided: bool = False
    """For identifier: a value on one side only is a level of its own (a Junior or Filho), not silence."""
    alike: list[float] = Field(default=[0.92, 0.85], max_length=3)
    """For text: similarities from which values are close, near, remote; highest first."""
    edits: list[int] = Field(default=[1, 2], max_length=3)
    """For edits: letters apart at most for close, near, remote; smallest first."""
    days: list[int] = Field(default=[], max_length=2)
    """For dates: days apart at most for near and remote (close is one digit, or day and month exchanged)."""
    letters: list[int] = Field(default=[5, 3], max_length=3)
    """For prefix: how many first letters agree for close, near, remote; longest first."""
    term_frequency: bool = False
    """Whether agreeing on a rare value says more than on a frequent one."""
    hub: int = Field(0, ge=0)
    """A value held by more rows than this says nothing; 0 for no limit."""
    shared_by: str = ""
    """A column that tells people apart: a value used with more than ``shared_most`` of its values says nothing."""
    shared_most: int = Field(2, ge=1)
    """Most different values of ``shared_by`` a value may be used with."""
    levels: dict[str, Level] = Field(default_factory=dict)
    """Weight of every level before anything was learned; without it, general starting values."""
    feature: str = ""
    """For custom: ``package.module:Class`` of a recordlinkage compare feature, evaluated on the surviving pairs."""
    cuts: list[float] = Field(default=[0.99, 0.8], max_length=4)
    """For custom: values of the feature from which the level is exact, close, near, remote."""

    @model_validator(mode="after")
    def _levels_are_known(self) -> "Compared":
        for name in self.levels:
            if name not in self.names:
                raise ValueError(f"{name!r} is not a level of this comparison{perhaps(name, self.names)}")
        if self.levels and (missing := [name for name in self.names if name not in self.levels]):
            raise ValueError(f"the level {missing[0]!r} has no weight")
        if self.compare == "custom" and ":" not in self.feature:
            raise ValueError("custom needs a feature, as package.module:Class")
        if self.compare == "address" and not (self.street and self.number):
            raise ValueError("address needs the columns street and number beside that of the postal code")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The levels, from agreement to disagreement; a level's code is its place."""
        if self.compare == "identifier":
            return ("exact", "one_sided", "different") if self.one_sided else ("exact", "different")
        if self.compare == "address":
            return ("exact", "street", "area", "different")
        if self.compare == "date":
            return ("exact", "close", *STEPS[2 : 2 + len(self.days)], "different")
        if self.compare == "email":
            return ("exact", "user", *STEPS[1 : 1 + len(self.alike)], "different")
        if self.compare == "custom":
            return (*STEPS[: len(self.cuts)], "different")
        chosen: dict[str, list[Any]] = {"text": self.alike, "edits": self.edits, "prefix": self.letters}
        steps = chosen[self.compare]
        return ("exact", *(("swapped",) if self.swap else ()), *STEPS[1 : 1 + len(steps)], "different")


class Blocking(_Strict):
    """Blocking rules, each a list of keys, and the size above which a block is dropped."""

    cap: int = Field(300, ge=2)
    """A value held by more rows than this is no key; the receipt lists how many there are."""
    budget: int = Field(200_000_000, ge=1)
    """Most candidate pairs a run may have; the estimate is made before the run."""
    full: int = Field(10_000_000, ge=0)
    """Up to so many pairs of rows all are compared, whatever the rules."""
    rules: list[list[str]] = Field(min_length=1, max_length=31)
    """Two rows are compared when they agree on every key of at least one rule. A key is a column or ``column.derivation``."""

    @field_validator("rules")
    @classmethod
    def _keys_are_known(cls, rules: list[list[str]]) -> list[list[str]]:
        for rule in rules:
            if not rule or len(set(rule)) < len(rule):
                raise ValueError("a blocking rule needs one key or more, each once")
            for key in rule:
                split_key(key)
        return rules


class TableClusters(Clusters):
    """How pairs become clusters."""

    bond: float = Field(-2.0, ge=-20, le=20)
    """Mean log-odds in bits that two groups of rows need to be joined, each comparison averaged over the pairs that have it."""
    edge: float = Field(0.0, ge=-30, le=60)
    """Log-odds in bits from which a pair ties two rows together at all."""
    thresholds: Literal["steady", "given"] = "steady"
    """Whether, when weights are learned, ``edge`` and ``bond`` are moved (both alike, by at most 3 bits) to where clusters change least, or stay as given."""
    strongest: float = Field(12.0, gt=0)
    """Bits: no single pair outvotes all others when groups are joined."""


class Table(_Strict):
    """How the rows of one table are linked."""

    blocking: Blocking
    """Which pairs are compared at all."""
    comparisons: dict[str, Compared] = Field(min_length=1, max_length=15)
    """What is compared, and what every level weighs."""
    match_rate: float = Field(0.00001, gt=0, lt=0.5)
    """Share of all pairs that are one entity, before anything was learned."""
    train_from: int = Field(100, ge=10)
    """Rows needed before weights are learned."""
    zones: Zones = Zones(match=0.95, unsure=0.4)
    """Where a match begins, and where doubt."""
    related: dict[str, list[str]] = Field(default_factory=dict)
    """Relations of pairs that are not one entity (household, switchboard, shared mailbox, namesake): the comparisons such pairs agree on."""
    use_related: Literal["never", "evidence", "always"] = "never"
    """Whether these relations are classes of the model: never, when the data show them, or always."""
    cannot_link: list[dict[str, list[str]]] = Field(default_factory=list)
    """Lines of comparison and levels that are never in one cluster."""
    duplicate_free: str = ""
    """A column that names each row's source, where no source holds an entity twice (link only)."""
    clusters: TableClusters = Field(default_factory=lambda: TableClusters.model_validate({}))
    """How pairs become clusters."""

    @model_validator(mode="after")
    def _lines_are_known(self) -> "Table":
        for line in self.cannot_link:
            for name, levels in line.items():
                if name not in self.comparisons:
                    raise ValueError(f"cannot_link names {name!r}, which is not compared{perhaps(name, tuple(self.comparisons))}")
                for level in levels:
                    allowed = (*self.comparisons[name].names, "missing")
                    if level not in allowed:
                        raise ValueError(f"cannot_link names the level {level!r}{perhaps(level, allowed)}")
        rare: dict[str, bool] = {}
        for name, part in self.comparisons.items():
            if part.compare != "custom" and rare.setdefault(part.column or name, part.term_frequency) != part.term_frequency:
                raise ValueError(f"comparisons of the column {part.column or name!r} differ in term_frequency; a value is rare for all of them or for none")
        for relation, names in self.related.items():
            for name in names:
                if name not in self.comparisons:
                    raise ValueError(f"related.{relation} names {name!r}, which is not compared{perhaps(name, tuple(self.comparisons))}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the table this speaks of, each once."""
        named = [
            column
            for name, part in self.comparisons.items()
            if part.compare != "custom"
            for column in (part.column or name, part.swap, part.shared_by, part.street, part.number)
        ]
        named += [split_key(key)[0] for rule in self.blocking.rules for key in rule]
        return tuple(dict.fromkeys(column for column in named if column))

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides which rows are linked."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json")).encode()).hexdigest()[:16]


def split_key(key: str) -> tuple[str, str, int]:
    """Column, derivation (empty for the value itself) and count of a blocking key. Raises ValueError on an unknown derivation."""
    found = _KEY.match(key)
    if not found:
        raise ValueError(f"{key!r} is not a key; write column or column.derivation")
    name = found["derivation"] or ""
    if name and name not in DERIVATIONS:
        raise ValueError(f"{name!r} is not a derivation{perhaps(name, DERIVATIONS)}")
    if name in ("first", "last") and not found["count"]:
        raise ValueError(f"{key!r} says no number of letters, as in {found['column']}.{name}3")
    return found["column"], name, int(found["count"] or 0)


def at_thresholds(table: Table, edge: float, bond: float) -> Table:
    """``table`` with other thresholds."""
    return table.model_copy(update={"clusters": table.clusters.model_copy(update={"edge": edge, "bond": bond})})


def under(table: Table, model: Mapping[str, Any] | None) -> Table:
    """``table`` with the thresholds its ``model`` was given, by steadiness or by judged pairs; as it is where it was given none."""
    chosen = (model or {}).get("thresholds")
    return at_thresholds(table, chosen["edge"], chosen["bond"]) if chosen else table


def load_table(file: Path, **also: Any) -> Table:
    """Read one table's file. Raises ConfigurationError with line and nearest allowed word."""
    return load_model(Table, file, "docs/reference/linkage.md explains each key.", also)
