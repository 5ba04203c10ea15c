"""The privacy officer's policy as checked, frozen facts: purposes, legal grounds, regimes, consumers and masks.

Whatever is not allowed here is denied. A mistake is refused with its line and the nearest word that is allowed.
"""

import hashlib
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contacts.configuration import load_model, one_of
from contacts.schema import CHANNELS, SINGLE_FIELDS
from contacts.warehouse import canonical_json
from privacy.contact_rules.model import ContactRules

CONTACT_VALUE = "contact_value"
NO_CHANNEL = "none"
RESERVED = ("row", "masked", "officer", "officer_view", "analyst")
"""Words a purpose may not be called, because ``clean_<word>`` is a table or view already."""
UNKNOWN = "unknown"
"""What evidence says about a purpose in no word at all is kept under this one; it must never permit anything."""
TEXTS = "_texts"
"""End of the name of a purpose's view of texts; no purpose's own name ends so."""
NOW = "_now"
"""End of the name of a purpose's view of whom it may contact at this moment; no purpose's own name ends so."""
ANALYST_COLUMNS = ("full_name", "birth_date", "cpf", "city", "uf", "postal_code", "country", "email", "phone")


def _one_of(allowed: tuple[str, ...], what: str) -> AfterValidator:
    return AfterValidator(lambda word: one_of(word, allowed, what))


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Channel = Annotated[str, _one_of(CHANNELS, "a channel")]
FieldName = Annotated[str, _one_of((*SINGLE_FIELDS, CONTACT_VALUE), "a field")]
AnalystColumn = Annotated[str, _one_of(ANALYST_COLUMNS, "a column analysts may see")]
Regime = Literal["LGPD", "GDPR"]
_SHARED = ("consent", "legal_obligation", "contract", "legitimate_interest", "vital_interests", "public_policy")
Ground = Literal["consent", "legal_obligation", "contract", "legitimate_interest", "vital_interests", "public_policy",
                 "credit_protection", "research", "legal_claims", "health_care"]  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Both(_Part):
    """A text in the two languages of the report."""

    pt: str = Field(description="in Portuguese")
    en: str = Field(description="in English")


class Controller(_Part):
    """Who decides why and how the data are used (LGPD art. 5 VI, GDPR art. 4(7))."""

    name: str = Field(description="name of the controller")
    country: Country = Field(description="country of establishment, ISO 3166 alpha-2")
    contact: str = Field(description="public contact for data subjects")


class Officer(_Part):
    """The data protection officer (encarregado) or the substitute (LGPD art. 41, GDPR art. 37)."""

    name: str = Field(description="name as published")
    contact: str = Field(description="contact as published")
    appointed: date = Field(description="date of the signed act of appointment")


class RegimeRule(_Part):
    """One law: where it applies and from which age a person consents alone."""

    countries: tuple[Country, ...] = Field(description="countries of the person under which this law applies")
    consent_age: int = Field(ge=13, le=21, description="age in years from which the person's own consent counts")
    source: str = Field(description="citation")


class Validity(_Part):
    """How long consent counts in one country."""

    country: Country = Field(description="country of the person")
    channels: tuple[Channel, ...] = Field(min_length=1, description="channels the rule is about")
    days: int = Field(gt=0, description="days a consent counts after it was given")
    since: date = Field(description="day the rule came into force; before it, a run does not apply the rule")
    source: str = Field(description="citation")


class LegalBasis(_Part):
    """The ground under one law."""

    ground: Ground = Field(description="the ground's name")
    article: str = Field(description="its article, as shown in reasons and in the report")


class BalancingTest(_Part):
    """The dated test legitimate interest needs (LGPD art. 10 and 37, GDPR art. 6(1)(f))."""

    made: date = Field(description="day it was signed")
    review_by: date = Field(description="last day it counts; after it the purpose is blocked")
    document: str = Field(description="where it is filed")


class Purpose(_Part):
    """One purpose and everything that decides whether a person's data may be used for it."""

    title: Both = Field(description="the purpose in plain words")
    lgpd: LegalBasis = Field(description="ground under the LGPD")
    gdpr: LegalBasis = Field(description="ground under the GDPR")
    marketing: bool = Field(description="whether an objection to marketing covers it")
    channels: tuple[Channel, ...] = Field(description="channels it may use; none for a purpose without contact")
    fields: tuple[FieldName, ...] = Field(min_length=1, description="fields its clean view shows; contact_value is the address or number itself")
    texts: bool = Field(False, description="whether it reads people's free texts, always redacted, in a view of their own (`clean_<purpose>_texts`)")
    requires: Literal["consent", "relation", "none"] = Field(description="what must be there: the person's consent, a proven relation, or nothing more")
    relation: tuple[str, ...] = Field((), description="sources whose active record proves the relation")
    versions: tuple[str, ...] = Field((), description="purpose versions a grant may name; a grant for another version does not count")
    opt_out: bool = Field(description="whether the person may say no (not where the law obliges)")
    minors: Literal["allow", "guardian", "deny"] = Field(description="below the age of consent: allow, only with a guardian's consent, or never")
    balancing_test: BalancingTest | None = Field(None, description="required for legitimate interest")
    retention: Both = Field(description="how long, in words")

    @property
    def slots(self) -> tuple[str, ...]:
        """The channels permissions are kept for: its channels, or ``none``."""
        return self.channels or (NO_CHANNEL,)

    @property
    def reads_contact_value(self) -> bool:
        return CONTACT_VALUE in self.fields

    @property
    def columns(self) -> tuple[str, ...]:
        """The golden fields its view shows, in the order of the schema."""
        return tuple(name for name in SINGLE_FIELDS if name in self.fields)

    def basis(self, regimes: str) -> str:
        """The articles it rests on under ``regimes`` (names joined by ``+``)."""
        return "; ".join(part.article for name, part in (("LGPD", self.lgpd), ("GDPR", self.gdpr)) if name in regimes)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        grounds = (self.lgpd.ground, self.gdpr.ground)
        if self.gdpr.ground not in _SHARED:
            raise ValueError(f"the GDPR knows no ground {self.gdpr.ground!r}; it is one of {', '.join(_SHARED)}")
        if ("consent" in grounds) != (self.requires == "consent"):
            raise ValueError("a purpose on the ground of consent must say `requires: consent`, and only such a purpose may")
        if (self.requires == "consent") != bool(self.versions):
            raise ValueError("`versions` goes with `requires: consent`: list the versions a grant may name")
        if (self.requires == "relation") != bool(self.relation):
            raise ValueError("`relation` goes with `requires: relation`: list the sources that prove it")
        if "legitimate_interest" in grounds and self.balancing_test is None:
            raise ValueError("legitimate interest needs a `balancing_test` with its date and review (LGPD art. 10, GDPR art. 6(1)(f))")
        if not self.opt_out and ("consent" in grounds or "legitimate_interest" in grounds):
            raise ValueError("consent can be withdrawn and legitimate interest objected to (LGPD art. 18 §2, GDPR art. 21(1)): `opt_out` must be true")
        if self.minors == "guardian" and self.requires != "consent":
            raise ValueError("a guardian can only consent; write `minors: allow` or `minors: deny`")
        if self.reads_contact_value and not self.channels:
            raise ValueError("without a channel there is no contact_value to show")
        return self


class Consumer(_Part):
    """Who reads the clean views downstream (LGPD art. 9 V and 18 VII, GDPR art. 30(1)(d))."""

    purposes: tuple[Code, ...] = Field(min_length=1, description="purposes it may read")
    contract: str = Field(description="contract or instruction it acts under")
    country: Country = Field(description="where it is")


class Review(_Part):
    """Four eyes where much hangs on one judgement: whom a wrong merge would expose to whom."""

    second_opinion_above: int = Field(
        10, ge=2, description="a judgement that touches persons of more records than this needs a second person of the same opinion"
    )


class Policy(_Part):
    """The whole file."""

    version: str = Field(description="the officer's own version, shown in the report")
    controller: Controller = Field(description="who is responsible")
    officer: Officer = Field(description="the data protection officer")
    substitute: Officer = Field(description="the officer's substitute")
    regimes: dict[Regime, RegimeRule] = Field(description="the laws, by country of the person")
    majority: int = Field(ge=16, le=21, description="age in years at which a guardian's consent lapses")
    consent_validity: tuple[Validity, ...] = Field((), description="where consent expires")
    purposes: dict[Code, Purpose] = Field(min_length=1, description="what data are used for")
    contact_rules: ContactRules = Field(ContactRules.model_validate({}), description="when, how often and how people may be contacted")
    consumers: dict[Code, Consumer] = Field(description="who reads the clean views")
    review: Review = Field(Review(second_opinion_above=10), description="when a judgement on who is who needs a second person")
    analyst: dict[AnalystColumn, Literal["mask", "year", "region", "keep", "drop"]] = Field(description="how each column looks to an analyst")

    @cached_property
    def policy_version(self) -> str:
        """The officer's version and a hash of the content: two files that decide differently never share it."""
        digest = hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude={"review"})).encode()).hexdigest()
        return f"{self.version}+{digest[:8]}"

    def regimes_of(self, country: str | None) -> frozenset[str]:
        """The laws that apply to a record of this country; a country no law lists, or none at all: every law."""
        found = frozenset(name for name, rule in self.regimes.items() if country in rule.countries)
        return found or frozenset(self.regimes)

    def consent_age(self, regimes: frozenset[str]) -> int:
        """The age of consent where all of ``regimes`` apply: the highest."""
        return max(self.regimes[name].consent_age for name in self.regimes if name in regimes)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if set(self.regimes) != {"LGPD", "GDPR"}:
            raise ValueError("regimes: both LGPD and GDPR are needed")
        if UNKNOWN in self.purposes:
            raise ValueError(f"purposes.{UNKNOWN}: choose another word, it stands for whatever a source calls a purpose in no word")
        for code in self.purposes:
            if code in RESERVED or code.endswith((TEXTS, NOW)):
                raise ValueError(f"purposes.{code}: choose another word, clean_{code} is (or may be) another table or view")
        for code in self.contact_rules.classes:
            try:
                one_of(code, self.purposes, "a purpose")
            except ValueError as error:
                raise ValueError(f"contact_rules.classes.{code}: {error}") from None
        for name, consumer in self.consumers.items():
            for code in consumer.purposes:
                try:
                    one_of(code, self.purposes, "a purpose")
                except ValueError as error:
                    raise ValueError(f"consumers.{name}.purposes: {error}") from None
        missing = [name for name in ANALYST_COLUMNS if name not in self.analyst]
        if missing:
            raise ValueError(f"analyst: it does not say how {', '.join(missing)} may look; write drop if in doubt")
        return self


def load_policy(file: Path) -> Policy:
    """Read and check the policy. Raises ConfigurationError with line, what is wrong and the nearest allowed word."""
    return load_model(Policy, file, "Every key is explained in docs/reference/policy.md; LASTRO_POLICY names the file.")
