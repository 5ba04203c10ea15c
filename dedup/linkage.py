"""The data steward's file: read, checked, and refused with line and nearest word when something in it cannot be meant."""

import hashlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from contacts.canonical import canonical_json
from contacts.configuration import load_model, perhaps
from contacts.schema import FIELDS

Key = Literal[
    "cpf", "cnpj", "email", "phone", "name_key", "given", "given_letters", "family", "birth_date", "birth_year",
    "postal_code", "street_key", "number", "city", "uf",
]  # fmt: skip
Comparison = Literal["person_name", "organisation_name", "identifier", "date", "email", "phone", "address", "custom"]
Rule = Literal["most_recent", "most_trusted", "most_complete", "longest", "verified_first", "majority"]

LEVELS: dict[str, tuple[str, ...]] = {
    "person_name": ("full", "exact", "close", "partial", "suffix", "given", "different"),
    "organisation_name": ("exact", "close", "partial", "different"),
    "identifier": ("exact", "different"),
    "date": ("exact", "close", "different"),
    "email": ("exact", "close", "different"),
    "phone": ("exact", "different"),
    "address": ("exact", "area", "different"),
}
"""The levels of each kind of comparison, from agreement to disagreement; a level's code is its place."""

STEPS = ("exact", "close", "near", "remote")
"""The levels of a comparison by cuts, as many as there are cuts; below the last cut it is ``different``."""

NEUTRAL = ("missing", "shared")
"""What counts neither for nor against: codes -1 and -2."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Level(_Strict):
    """Prior weight of one level: ``m`` among pairs of one person, ``u`` among random pairs."""

    m: float = Field(gt=0, lt=1)
    """Share of the level among pairs of one person."""
    u: float = Field(gt=0, lt=1)
    """Share of the level among random pairs."""


class Compared(_Strict):
    """One comparison: how two values are compared and what each level weighs before anything was learned."""

    compare: Comparison
    """What is compared, and how."""
    levels: dict[str, Level]
    """Weight of every level before anything was learned."""
    feature: str = ""
    """For custom: ``package.module:Class`` of a recordlinkage compare feature, evaluated on the pairs that may still be one."""
    column: Key | Literal["city"] | None = None
    """For custom: what of a contact the feature is given, as text."""
    cuts: list[float] = Field(default=[0.99, 0.8], min_length=1, max_length=4)
    """For custom: values of the feature from which the level is exact, close, near, remote; highest first."""

    @property
    def names(self) -> tuple[str, ...]:
        """The levels, from agreement to disagreement; a level's code is its place."""
        return (*STEPS[: len(self.cuts)], "different") if self.compare == "custom" else LEVELS[self.compare]

    @model_validator(mode="after")
    def _complete(self) -> "Compared":
        if self.compare == "custom" and (":" not in self.feature or self.column is None or self.column in ("email", "phone")):
            raise ValueError("custom needs a feature, as package.module:Class, and a column that has one value")
        expected = self.names
        for name in self.levels:
            if name not in expected:
                raise ValueError(f"{name!r} is not a level of {self.compare}{perhaps(name, expected)}")
        if missing := [name for name in expected if name not in self.levels]:
            raise ValueError(f"the level {missing[0]!r} of {self.compare} has no weight")
        for side in ("m", "u"):
            total = sum(getattr(level, side) for level in self.levels.values())
            if abs(total - 1) > 0.001:
                raise ValueError(f"the {side} of all levels add up to {total:.4f}, not to 1")
        return self


class Blocking(_Strict):
    """Blocking rules, each a list of keys, and the size above which a block is dropped."""

    cap: int = Field(300, ge=2, le=5000)
    """A value held by more records than this is no key."""
    rules: list[list[Key]] = Field(min_length=1, max_length=31)
    """Two records are compared when they agree on every key of at least one rule."""

    @field_validator("rules")
    @classmethod
    def _no_empty_rule(cls, rules: list[list[str]]) -> list[list[str]]:
        if any(not rule or len(set(rule)) < len(rule) for rule in rules):
            raise ValueError("a blocking rule needs one key or more, each once")
        return rules


class Zones(_Strict):
    """Probability from which a pair is a match, and from which a person is asked."""

    match: float = Field(gt=0.5, lt=1)
    """From this probability on a pair is a match."""
    unsure: float = Field(gt=0, lt=1)
    """From this probability on a person is asked."""

    @model_validator(mode="after")
    def _ordered(self) -> "Zones":
        if self.unsure >= self.match:
            raise ValueError("unsure must be below match")
        return self


class Clusters(_Strict):
    """``bond``: mean log-odds (bits) two groups need to be joined; ``largest``: more records than this are never one person."""

    bond: float = Field(-1.0, ge=-20, le=20)
    """Mean log-odds in bits that two groups of records need to be joined."""
    largest: int = Field(60, ge=2, le=500)
    """More records than this are never one person."""


class Households(_Strict):
    """When different persons count as living together."""

    together: list[list[Literal["address", "family", "phone", "email"]]] = Field(min_length=1)
    """Lines of what two persons share: all of a line. An address is street, number, complement and town; a family name any word of it."""
    largest: int = Field(12, ge=2, le=100)
    """An address or contact point of more persons ties nobody, and a larger group is no household."""

    @field_validator("together")
    @classmethod
    def _no_family_alone(cls, lines: list[list[str]]) -> list[list[str]]:
        for line in lines:
            if "address" not in line or len(set(line)) != len(line) or len(line) < 2:
                raise ValueError("a line of together names address and what is shared beside it, each once")
        return lines


class Kind(_Strict):
    """How records of one kind (person, organisation) are linked."""

    blocking: Blocking
    """Which pairs are compared at all."""
    comparisons: dict[str, Compared] = Field(min_length=1)
    """What is compared, and what every level of agreement weighs."""
    match_rate: float = Field(gt=0, lt=0.5)
    """Share of all pairs that are one person, before anything was learned."""
    train_from: int = Field(2000, ge=10)
    """Records needed before weights are learned."""
    zones: Zones
    """Where a match begins, and where doubt."""
    match_needs: list[dict[str, list[str]]] = Field(min_length=1)
    """Lines of comparison and levels: whatever its probability, a match holds at least one line."""
    worth_asking: list[dict[str, list[str]]]
    """Lines a person should see whatever the probability."""
    cannot_link: list[dict[str, list[str]]]
    """Lines of pairs that are never in one person, unless a person judged so."""
    one_per_source: list[str] = Field(default_factory=list)
    """Sources that hold nobody twice: two records of such a source are never one person, unless a person judged so."""
    clusters: Clusters
    """How pairs become persons."""

    @model_validator(mode="after")
    def _lines_are_known(self) -> "Kind":
        for setting in ("match_needs", "worth_asking", "cannot_link"):
            for line in getattr(self, setting):
                for comparison, levels in line.items():
                    if comparison not in self.comparisons:
                        raise ValueError(f"{setting} names {comparison!r}, which is not compared{perhaps(comparison, tuple(self.comparisons))}")
                    allowed = (*self.comparisons[comparison].names, *NEUTRAL)
                    for level in levels:
                        if level not in allowed:
                            raise ValueError(f"{setting} names the level {level!r}{perhaps(level, allowed)}")
        return self


class Sharing(_Strict):
    """Most names a mailbox or phone may be used under and still tell people apart."""

    email: int = Field(2, ge=1)
    """Most names one mailbox may be used under."""
    phone: int = Field(3, ge=1)
    """Most names one phone may be used under."""


class Survival(_Strict):
    """Fields whose values survive together, and the rules that choose the record, in order."""

    fields: list[str] = Field(min_length=1)
    """Fields that survive together, from one record."""
    rules: list[Rule] = Field(min_length=1)
    """Rules that choose the record; each breaks the tie of the one before."""


class Linkage(_Strict):
    """The whole file."""

    sharing: Sharing
    """When a contact point tells people apart."""
    person: Kind
    """How records of people are linked."""
    organisation: Kind
    """How records of organisations are linked."""
    survivorship: dict[str, Survival]
    """Which value wins in the golden record; every field in exactly one group."""
    households: Households
    """Which persons of the golden record live together."""

    @model_validator(mode="after")
    def _every_field_survives_once(self) -> "Linkage":
        named = [name for group in self.survivorship.values() for name in group.fields]
        known = tuple(field.name for field in FIELDS)
        for name in named:
            if name not in known:
                raise ValueError(f"survivorship names {name!r}, which is not a field{perhaps(name, known)}")
            if named.count(name) > 1:
                raise ValueError(f"survivorship names {name!r} twice")
        if missing := [name for name in known if name not in named]:
            raise ValueError(f"survivorship says nothing about {missing[0]!r}")
        return self

    def kind(self, name: str) -> Kind:
        """The section for ``person`` or ``organisation``."""
        return self.organisation if name == "organisation" else self.person

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides which records are linked; a model is good only for the file it was trained under."""
        deciding = self.model_dump(mode="json", exclude={"survivorship", "households"})
        return hashlib.sha256(canonical_json(deciding).encode()).hexdigest()[:16]


def load_linkage(file: Path) -> Linkage:
    """Read ``linkage.yml``. Raises ConfigurationError with line and nearest allowed word."""
    return load_model(Linkage, file, "docs/reference/linkage.md explains each key; LASTRO_LINKAGE names the file.")
