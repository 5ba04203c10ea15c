"""What a source file may promise about a delivery: the clauses of its contract."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from contacts.configuration import perhaps
from pipelines.sources.block import STRICT, Columns, Words

_UNITS = ("hours", "days", "weeks")
_LENGTH = re.compile(r"(\d{1,4})\s*([^\W\d]+)")


def _length(text: str) -> str:
    found = _LENGTH.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a length of time; write a number of hours, days or weeks, such as 3 days")
    number, unit = found.groups()
    if unit not in (*_UNITS, *(word.removesuffix("s") for word in _UNITS)):
        raise ValueError(f"{unit!r} is not a unit of time{perhaps(unit, _UNITS) or '; it is hours, days or weeks'}")
    if not int(number):
        raise ValueError("nothing is that fresh; write at least 1 hour")
    return f"{int(number)} {unit}"


def _no_blank(words: tuple[str, ...]) -> tuple[str, ...]:
    if any(not word.strip() for word in words):
        raise ValueError("a blank cell is no word; `filled` says how many cells may be blank")
    return words


Share = Annotated[Decimal, Field(gt=0, le=1, allow_inf_nan=False)]
"""Kept as it is written: a float would put 0.07 of a hundred rows above seven."""
Length = Annotated[str, AfterValidator(_length)]


class Clauses(BaseModel):
    """A block of clauses."""

    model_config = STRICT


class Freshness(Clauses):
    """How old the newest moment of a delivery may be at the moment its batch stands for (`as_of`).

    A moment more than a day ahead of the batch proves nothing, and a delivery without any moment is not fresh.
    """

    column: str | None = None
    """Column with the moments; `updated_at` when left out, else `created_at`."""
    within: Length
    """How old at most: `12 hours`, `3 days`, `2 weeks`."""

    @property
    def length(self) -> timedelta:
        """``within`` as a length of time."""
        number, unit = self.within.split()
        return timedelta(**{f"{unit.removesuffix('s')}s": int(number)})


class Volume(Clauses):
    """How many rows a delivery has. When a full one has too few, nobody is taken for gone."""

    at_least: int | None = Field(None, ge=1)
    """Fewest rows of a delivery."""
    at_most: int | None = Field(None, ge=1)
    """Most rows of a delivery."""
    shrinks_at_most: Decimal | None = Field(None, ge=0, lt=1, allow_inf_nan=False)
    """Full deliveries: share of the records held as current that may be missing from it, such as 0.3."""

    @model_validator(mode="after")
    def _promises_something(self) -> "Volume":
        if self.at_least is None and self.at_most is None and self.shrinks_at_most is None:
            raise ValueError("`volume` says nothing; write at_least, at_most or shrinks_at_most")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("`at_least` is more than `at_most`")
        return self


class Contract(Clauses):
    """What a delivery promises. Every column the mapping names is allowed; one that stands nowhere here is new.

    A file that breaks `required`, `types` or `on_new_column: stop` is refused. A delivery that breaks `enum`, `filled`, `freshness` or
    `volume` is read, the breach is told, and a person decides whether the batch may be published.
    """

    required: Words = ()
    """Columns without which the file is refused."""
    allowed: Words = ()
    """Columns kept in the raw record though nothing reads them."""
    ignored: Words = ()
    """Columns that are known and never stored."""
    types: dict[str, Literal["email", "date", "digits", "boolean"]] = {}
    """Column → what its values look like; when most look different the column was moved or redefined, and the file is refused."""
    on_new_column: Literal["drop", "stop"] = "drop"
    """`drop`: a new column is not stored, its name is noted; `stop`: it refuses the file."""
    enum: dict[str, Annotated[Columns, AfterValidator(_no_blank)]] = {}
    """Column → all words that may stand in it; case and blanks do not count, and a blank cell is not judged."""
    filled: dict[str, Share] = {}
    """Column → least share of rows that fill it, such as 0.95."""
    freshness: Freshness | None = None
    """How old the newest moment may be."""
    volume: Volume | None = None
    """How many rows may come."""
