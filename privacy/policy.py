"""The privacy officer's policy as checked, frozen facts: purposes, legal grounds, regimes, recipients, consumers and masks.

Whatever is not allowed here is denied. A mistake is refused with its line and the nearest word that is allowed.
"""

import hashlib
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contacts.canonical import canonical_json
from contacts.configuration import load_model, one_of
from contacts.model import instant
from privacy.contact_rules.model import ContactRules
from privacy.policy_parts import Adequacy, Age, Code, ConsentOnly, Consumer, Country, Notice, Part, PublicData, Validity, in_force, one_of_words
from privacy.purpose import CONTACT_VALUE, NO_CHANNEL, Purpose

__all__ = ["ANALYST_COLUMNS", "CONTACT_VALUE", "NO_CHANNEL", "OWN_CONTROLLER", "RESERVED", "TEXTS", "UNKNOWN", "Policy", "Purpose", "load_policy"]

RESERVED = ("row", "masked", "officer", "officer_view", "analyst")
"""Words a purpose may not be called, because ``clean_<word>`` is a table or view already."""
UNKNOWN = "unknown"
"""What evidence says about a purpose in no word at all is kept under this one; it must never permit anything."""
OWN_CONTROLLER = "own"
"""How a source says that consent was given to this very controller."""
TEXTS = "_texts"
"""End of the name of a purpose's view of texts; no purpose's own name ends so."""
NOW = "_now"
"""End of the name of a purpose's view of whom it may contact at this moment; no purpose's own name ends so."""
ANALYST_COLUMNS = ("full_name", "birth_date", "cpf", "city", "uf", "postal_code", "country", "email", "phone")
AnalystColumn = Annotated[str, one_of_words(ANALYST_COLUMNS, "a column analysts may see")]
Regime = Literal["LGPD", "GDPR"]


class Controller(Part):
    """Who decides why and how the data are used (LGPD art. 5 VI, GDPR art. 4(7))."""

    name: str = Field(description="name of the controller")
    country: Country = Field(description="country of establishment, ISO 3166 alpha-2")
    contact: str = Field(description="public contact for data subjects")
    also: tuple[str, ...] = Field((), description="other words by which sources name this controller or its brands in a consent")


class Officer(Part):
    """The data protection officer (encarregado) or the substitute (LGPD art. 41, GDPR art. 37)."""

    name: str = Field(description="name as published")
    contact: str = Field(description="contact as published")
    appointed: date = Field(description="date of the signed act of appointment")


class RegimeRule(Part):
    """One law: where it applies and from which age a person consents alone."""

    countries: tuple[Country, ...] = Field(description="countries of the person under which this law applies")
    consent_age: tuple[Age, ...] = Field(min_length=1, description="age from which the person's own consent counts, dated")


class Review(Part):
    """Four eyes where much hangs on one judgement: whom a wrong merge would expose to whom."""

    second_opinion_above: int = Field(
        10, ge=2, description="a judgement that touches persons of more records than this needs a second person of the same opinion"
    )


class Policy(Part):
    """The whole file."""

    version: str = Field(description="the officer's own version, shown in the report")
    controller: Controller = Field(description="who is responsible")
    officer: Officer = Field(description="the data protection officer")
    substitute: Officer = Field(description="the officer's substitute")
    regimes: dict[Regime, RegimeRule] = Field(description="the laws, by country of the person")
    majority: tuple[Age, ...] = Field(min_length=1, description="age at which a guardian's consent lapses, dated")
    consent_validity: tuple[Validity, ...] = Field((), description="where consent expires")
    consent_only: tuple[ConsentOnly, ...] = Field((), description="where marketing may reach people on consent alone")
    null_methods: tuple[str, ...] = Field((), description="ways of obtaining a yes that make it null (LGPD art. 8 §3-4, GDPR recital 32)")
    notice: Notice | None = Field(None, description="sources whose data did not come from the person")
    public_data: tuple[PublicData, ...] = Field((), description="sources whose data are public, and the purposes named for each")
    purposes: dict[Code, Purpose] = Field(min_length=1, description="what data are used for")
    contact_rules: ContactRules = Field(ContactRules.model_validate({}), description="when, how often and how people may be contacted")
    consumers: dict[Code, Consumer] = Field(description="who reads the clean views")
    review: Review = Field(Review(second_opinion_above=10), description="when a judgement on who is who needs a second person")
    fresh_hours: int = Field(24, gt=0, description="hours after its derivation at which a copy of a clean view is stale: whoever copied it reads it anew")
    adequacy: tuple[Adequacy, ...] = Field((), description="decisions that let data go to other countries without more")
    analyst: dict[AnalystColumn, Literal["mask", "year", "region", "keep", "drop"]] = Field(description="how each column looks to an analyst")

    @cached_property
    def policy_version(self) -> str:
        """The officer's version and a hash of the content: two files that decide differently never share it."""
        return f"{self.version}+{self.digest[:8]}"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content: comments and layout do not count."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude={"review"})).encode()).hexdigest()

    def regimes_of(self, country: str | None) -> frozenset[str]:
        """The laws that apply to a record of this country; a country no law lists, or none at all: every law."""
        found = frozenset(name for name, rule in self.regimes.items() if country in rule.countries)
        return found or frozenset(self.regimes)

    def consent_age(self, regimes: frozenset[str], on: date) -> int:
        """The age of consent where all of ``regimes`` apply on a day: the highest; a day no rule covers: the highest of all days."""
        return max(_years(self.regimes[name].consent_age, on) for name in self.regimes if name in regimes)

    def majority_age(self, on: date) -> int:
        """The age at which a guardian's consent lapses, on a day."""
        return _years(self.majority, on)

    def freshness(self, as_of: datetime) -> dict[str, str]:
        """When the permissions of a batch were derived and from when on a copy of them is stale."""
        return {"derived_at": instant(as_of), "stale_after": instant(as_of + timedelta(hours=self.fresh_hours))}

    @property
    def controllers(self) -> frozenset[str]:
        """The words in a consent that mean this controller."""
        return frozenset((OWN_CONTROLLER, self.controller.name, *self.controller.also))

    @property
    def unnoticed_sources(self) -> frozenset[str]:
        """Sources whose people must be told before anything else."""
        return frozenset(self.notice.sources) if self.notice else frozenset()

    def unnamed_sources(self, purpose: str, on: date) -> frozenset[str]:
        """Sources of public data for which nothing in force on a day names the purpose (LGPD art. 7 §3-4, §7)."""
        named = {source for rule in in_force(self.public_data, on) if purpose in rule.purposes for source in rule.sources}
        return frozenset(source for rule in self.public_data for source in rule.sources) - named

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
            _known(code, self.purposes, "contact_rules.classes")
        for place, rule in enumerate(self.consent_validity):
            for code in rule.purposes:
                _known(code, self.purposes, f"consent_validity.{place}.purposes")
        for place, public in enumerate(self.public_data):
            for code in public.purposes:
                _known(code, self.purposes, f"public_data.{place}.purposes")
        missing = [name for name in ANALYST_COLUMNS if name not in self.analyst]
        if missing:
            raise ValueError(f"analyst: it does not say how {', '.join(missing)} may look; write drop if in doubt")
        return self

    @model_validator(mode="after")
    def _recipients(self) -> Self:
        for name, consumer in self.consumers.items():
            for code in consumer.purposes:
                _known(code, self.purposes, f"consumers.{name}.purposes")
                if consumer.recipient and self.purposes[code].shared_with != consumer.recipient:
                    raise ValueError(
                        f"consumers.{name}.recipient: {code} is not shared with {consumer.recipient!r}: name it in its `shared_with` (LGPD art. 7 §5)"
                    )
            if consumer.country != self.controller.country and not consumer.transfer:
                raise ValueError(
                    f"consumers.{name}.country: data may go from {self.controller.country} to {consumer.country} only with a `transfer`"
                    " and its mechanism (LGPD art. 33, GDPR ch. V)"
                )
            if consumer.transfer and consumer.transfer.mechanism == "adequacy" and not self._adequate(consumer.country, None):
                raise ValueError(f"consumers.{name}.transfer: no `adequacy` lets data go from {self.controller.country} to {consumer.country}")
        return self

    def _adequate(self, country: str, on: date | None) -> bool:
        mine = (rule for rule in self.adequacy if self.controller.country in rule.origin and country in rule.destination)
        return any(on is None or rule.in_force(on) for rule in mine)

    def closed_transfers(self, on: date) -> list[str]:
        """Consumers whose way out of the country is closed on a day: the mechanism has ended, or the adequacy is not in force."""
        found = []
        for name, consumer in self.consumers.items():
            transfer = consumer.transfer
            ended = transfer is not None and transfer.until is not None and transfer.until < on
            unequal = transfer is not None and transfer.mechanism == "adequacy" and not self._adequate(consumer.country, on)
            if ended or unequal:
                found.append(name)
        return found


def _years(rules: tuple[Age, ...], on: date) -> int:
    return max(rule.years for rule in in_force(rules, on) or rules)


def _known(code: str, purposes: dict[str, Purpose], place: str) -> None:
    try:
        one_of(code, purposes, "a purpose")
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def load_policy(file: Path) -> Policy:
    """Read and check the policy. Raises ConfigurationError with line, what is wrong and the nearest allowed word."""
    return load_model(Policy, file, "Every key is explained in docs/reference/policy.md; LASTRO_POLICY names the file.")
