"""The closed vocabulary rules are written in: what a value, a row or a column of values must satisfy.

A condition is data. It is compiled twice, by code that shares nothing but these classes: ``findings`` turns it
into column masks, ``suite`` into Great Expectations. Unless said otherwise a missing value is not judged;
that it is missing is the business of ``NotNull`` and ``AnyGiven``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class NotNull:
    """The value is given."""

    column: str


@dataclass(frozen=True)
class IsNull:
    """The value is not given."""

    column: str


@dataclass(frozen=True)
class AnyGiven:
    """In each group of columns at least one value is given."""

    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Matches:
    """The whole value has this form. The regex keeps to ASCII classes, so that RE2 and Python read it alike."""

    column: str
    regex: str


@dataclass(frozen=True)
class NotContains:
    """No part of the value has this form (regex as in ``Matches``)."""

    column: str
    regex: str


@dataclass(frozen=True)
class LengthBetween:
    """The value has at least ``least`` and at most ``most`` characters (Unicode code points)."""

    column: str
    least: int
    most: int


@dataclass(frozen=True)
class InSet:
    """The value is one of these."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class NotInSet:
    """The value is none of these."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class YearsAgo:
    """The ISO date or instant lies at least ``least`` and at most ``most`` years before the batch (None: no bound).

    ``slack_days`` forgives clocks that run ahead: a source in another time zone is not in the future.
    """

    column: str
    least: int | None = None
    most: int | None = None
    slack_days: int = 0


@dataclass(frozen=True)
class AtLeast:
    """The value is not smaller than the other one; both ISO instants."""

    column: str
    other: str


@dataclass(frozen=True)
class Differs:
    """The two values are not the same; judged where both are given."""

    column: str
    other: str


@dataclass(frozen=True)
class CheckDigits:
    """The check digits of the document hold; ``document`` is cpf or cnpj (Receita Federal, modulus 11)."""

    column: str
    document: str


@dataclass(frozen=True)
class PairAgrees:
    """Value and state (UF) agree; ``reference`` is ddd (area code of a phone number), cep (range of a postal code) or cpf (fiscal region)."""

    column: str
    uf: str
    reference: str


@dataclass(frozen=True)
class SomePairAgrees:
    """At least one of the values agrees with the state (UF); judged where all are given. Pairs of column and reference as in ``PairAgrees``."""

    pairs: tuple[tuple[str, str], ...]
    uf: str


@dataclass(frozen=True)
class NotNoted:
    """Standardising left none of these reasons on the field; rows without the field are judged too."""

    field: str
    reasons: tuple[str, ...]

    @property
    def column(self) -> str:
        return notes_column(self.field)


@dataclass(frozen=True)
class Unique:
    """No other row has the same values in these columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True)
class SharedByAtMost:
    """Rows with this value show at most ``limit`` different values of ``by``."""

    column: str
    by: str
    limit: int


Condition = (
    NotNull | IsNull | AnyGiven | Matches | NotContains | LengthBetween | InSet | NotInSet | YearsAgo | AtLeast | Differs | CheckDigits | PairAgrees
    | SomePairAgrees | NotNoted | Unique | SharedByAtMost
)  # fmt: skip

Precondition = InSet | NotNull
"""What ``when`` may say: rows for which it does not hold are not judged."""


def columns_of(condition: Condition) -> tuple[str, ...]:
    """The columns a condition reads, each once."""
    match condition:
        case AnyGiven(groups):
            named = [name for group in groups for name in group]
        case Unique(columns):
            named = list(columns)
        case SomePairAgrees(pairs, uf):
            named = [*(column for column, _ in pairs), uf]
        case AtLeast(column, other) | Differs(column, other) | PairAgrees(column, other, _) | SharedByAtMost(column, other, _):
            named = [column, other]
        case _:
            named = [condition.column]
    return tuple(dict.fromkeys(named))


def bounds(condition: YearsAgo, as_of: datetime) -> tuple[str | None, str | None]:
    """Earliest and latest text a ``YearsAgo`` allows: days for a date column, instants for a column that ends in ``_at``."""
    form = "%Y-%m-%dT%H:%M:%SZ" if condition.column.endswith("_at") else "%Y-%m-%d"

    def years_before(years: int) -> datetime:
        try:
            return as_of.replace(year=as_of.year - years)
        except ValueError:  # 29 February
            return as_of.replace(year=as_of.year - years, day=28)

    earliest = None if condition.most is None else years_before(condition.most).strftime(form)
    latest = None if condition.least is None else (years_before(condition.least) + timedelta(days=condition.slack_days)).strftime(form)
    return earliest, latest


def notes_column(field: str) -> str:
    """Where the frame keeps the reasons standardising noted on a field: codes between blanks, empty text when none."""
    return f"{field}_notes"
