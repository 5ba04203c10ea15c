"""The small blocks of a policy: words, dated rules, legal bases, retention, transfers."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contacts.configuration import one_of
from contacts.schema import CHANNELS
from privacy.grounds import GDPR_6, GDPR_9, LGPD_7, LGPD_11, NOT_FOR_SENSITIVE, GdprGround, Ground, LgpdGround, cites


def one_of_words(allowed: tuple[str, ...], what: str) -> AfterValidator:
    """A validator that refuses any other word and names the nearest."""
    return AfterValidator(lambda word: one_of(word, allowed, what))


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Channel = Annotated[str, one_of_words(CHANNELS, "a channel")]


class Part(BaseModel):
    """A block of the file: no key but its own, never changed after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Both(Part):
    """A text in the two languages of the report."""

    pt: str = Field(description="in Portuguese")
    en: str = Field(description="in English")


class Dated(Part):
    """A rule with the time it is in force and where it is written, so that a run counts under the rules of its own date."""

    since: date = Field(description="first day it is in force; a run for an earlier day does not know it")
    until: date | None = Field(None, description="last day it is in force; left out: still in force")
    source: str = Field(min_length=3, description="citation")

    def in_force(self, on: date) -> bool:
        """Whether the rule is in force on a day."""
        return self.since <= on and (self.until is None or on <= self.until)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "Dated":
        if self.until is not None and self.until < self.since:
            raise ValueError("`until` lies before `since`")
        return self


AnyRule = TypeVar("AnyRule", bound=Dated)


def in_force(rules: Iterable[AnyRule], on: date) -> tuple[AnyRule, ...]:
    """The rules in force on a day."""
    return tuple(rule for rule in rules if rule.in_force(on))


class Age(Dated):
    """An age a law sets."""

    years: int = Field(ge=12, le=21, description="age in completed years")


class Validity(Dated):
    """How long consent counts in one country, and how long its proof is kept."""

    country: Country = Field(description="country of the person")
    channels: tuple[Channel, ...] = Field(min_length=1, description="channels the rule is about")
    purposes: tuple[Code, ...] = Field((), description="purposes the rule is about; all when left out")
    days: int = Field(gt=0, description="days a consent counts after it was given")
    proof_days: int | None = Field(None, gt=0, description="days the proof is kept after the consent was given")


class ConsentOnly(Dated):
    """Where a law lets marketing reach people on consent alone, whatever other ground a purpose claims."""

    countries: tuple[Country, ...] = Field(min_length=1, description="countries of the person")
    channels: tuple[Channel, ...] = Field(min_length=1, description="channels the rule is about")
    soft_opt_in: bool = Field(False, description="whether this law lets a sale on record stand in the place of the consent")


class SoftOptIn(Dated):
    """A sale on record in the place of consent: for the house's own similar products, until the person says no (Directive 2002/58/EC art. 13(2))."""

    channels: tuple[Channel, ...] = Field(min_length=1, description="channels on which the purpose reaches nobody without a sale on record")
    days: int = Field(gt=0, description="days after a sale in which similar products may be offered")


class Notice(Part):
    """Data that did not come from the person: nobody may be reached before they were told (LGPD art. 9, GDPR art. 14)."""

    sources: tuple[str, ...] = Field(description="sources whose records were bought, rented or collected from others")
    days: int = Field(gt=0, description="days within which the person must be told; what is later is listed as overdue")
    source: str = Field(description="citation")


class PublicData(Dated):
    """Data taken from public places or made public by the person: what they may be used for has to be named (LGPD art. 7 §3-4, §7)."""

    sources: tuple[str, ...] = Field(min_length=1, description="sources whose records were scraped or copied from public places")
    purposes: tuple[Code, ...] = Field((), description="purposes compatible with why the data are public; for any other the records count for nothing")


class LgpdBasis(Part):
    """The ground under the LGPD."""

    ground: LgpdGround = Field(description="the ground's name (art. 7)")
    article: str = Field(description="its article, as shown in reasons and in the report")

    @model_validator(mode="after")
    def _cited(self) -> "LgpdBasis":
        return _cited(self, LGPD_7)


class GdprBasis(Part):
    """The ground under the GDPR."""

    ground: GdprGround = Field(description="the ground's name (art. 6(1))")
    article: str = Field(description="its article, as shown in reasons and in the report")

    @model_validator(mode="after")
    def _cited(self) -> "GdprBasis":
        return _cited(self, GDPR_6)


AnyBasis = TypeVar("AnyBasis", LgpdBasis, GdprBasis)


def _cited(basis: AnyBasis, grounds: dict[str, Ground]) -> AnyBasis:
    ground = grounds[basis.ground]
    if not cites(basis.article, ground):
        raise ValueError(f"the ground {basis.ground!r} is {ground.article}, which `article` does not name")
    return basis


def _art_11(word: str) -> str:
    if word in NOT_FOR_SENSITIVE:
        raise ValueError(f"{word} is no ground for sensitive data (LGPD art. 11 knows neither legitimate interest nor credit protection)")
    return word


class Sensitive(Part):
    """The further ground a purpose needs when it reads sensitive data (LGPD art. 11, GDPR art. 9)."""

    lgpd: Annotated[str, AfterValidator(_art_11), one_of_words(tuple(LGPD_11), "a ground of LGPD art. 11")] = Field(description="ground of LGPD art. 11")
    gdpr: Annotated[str, AfterValidator(_art_11), one_of_words(tuple(GDPR_9), "a condition of GDPR art. 9(2)")] = Field(
        description="condition of GDPR art. 9(2)"
    )
    document: str = Field(description="where the assessment is filed")


class BalancingTest(Part):
    """The dated test legitimate interest needs (LGPD art. 10 and 37, GDPR art. 6(1)(f))."""

    made: date = Field(description="day it was signed")
    review_by: date = Field(description="last day it counts; after it the purpose is blocked")
    document: str = Field(description="where it is filed")


class BasisChange(Part):
    """Answers for another ground than the one an earlier version of the policy had (LGPD art. 8 §6, 9 §2; GDPR art. 13(3))."""

    since: date = Field(description="day of the change")
    notice: str = Field(description="where the notice to the people concerned is filed")
    because: Both = Field(description="why, in words")


class Version(Part):
    """One version of what a purpose asks people for."""

    since: date | None = Field(None, description="day it came into use")
    covered_by: tuple[str, ...] = Field((), description="older versions whose yes covers this one too, because it asks for nothing more")
    names: tuple[Code, ...] = Field((), description="classes of recipients its text names (LGPD art. 7 §5)")


Anchor = Literal["consent_withdrawn", "contract_end", "fiscal_year_end", "last_interaction", "collected", "debt_settled", "record_gone"]


class Retention(Both):
    """How long, in words and as data: so many months after an event."""

    after: Anchor = Field(description="the event the time runs from")
    months: int = Field(ge=0, description="months the data stay after it; 0: not at all")
    proof_months: int | None = Field(None, ge=0, description="months the proof of consent stays after it, apart from the data")
    source: str = Field(min_length=3, description="citation")


class Transfer(Part):
    """What lets data go to another country (LGPD art. 33, GDPR ch. V)."""

    mechanism: Literal["adequacy", "standard_clauses", "binding_rules", "certification", "specific_consent", "contract_with_person", "legal_claims",
                       "authority_approval"] = Field(description="the mechanism's name")  # fmt: skip
    document: str = Field(description="where it is filed")
    until: date | None = Field(None, description="last day it counts")


class Adequacy(Dated):
    """A decision that data may go from some countries to others without more."""

    origin: tuple[Country, ...] = Field(min_length=1, description="countries the data come from")
    destination: tuple[Country, ...] = Field(min_length=1, description="countries they may go to")


class Consumer(Part):
    """Who reads the clean views downstream (LGPD art. 9 V and 18 VII, GDPR art. 30(1)(d))."""

    purposes: tuple[Code, ...] = Field(min_length=1, description="purposes it may read")
    contract: str = Field(description="contract or instruction it acts under")
    country: Country = Field(description="where it is")
    recipient: Code | None = Field(None, description="class of recipients it belongs to, where it is another controller; a yes must name it")
    transfer: Transfer | None = Field(None, description="what lets the data go there, where the country is another one without adequacy")
