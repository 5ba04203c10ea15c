"""One purpose of the policy: what data are used for, on which grounds, by which channels, with which fields and for how long."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from contacts.configuration import one_of
from contacts.schema import PUBLISHED
from privacy.policy_parts import (
    BalancingTest,
    BasisChange,
    Both,
    Channel,
    Code,
    GdprBasis,
    LgpdBasis,
    Part,
    Retention,
    Sensitive,
    SoftOptIn,
    Version,
    one_of_words,
)

CONTACT_VALUE = "contact_value"
NO_CHANNEL = "none"
FieldName = Annotated[str, one_of_words((*PUBLISHED, CONTACT_VALUE), "a field")]


def _versions(said: Any) -> Any:
    """A bare list of versions: each one covers the others, because they ask for the same thing."""
    if isinstance(said, list) and all(isinstance(word, str) for word in said):
        return {word: {"covered_by": said[:place]} for place, word in enumerate(said)}
    return said


class Purpose(Part):
    """One purpose and everything that decides whether a person's data may be used for it."""

    title: Both = Field(description="the purpose in plain words")
    lgpd: LgpdBasis = Field(description="ground under the LGPD")
    gdpr: GdprBasis = Field(description="ground under the GDPR")
    sensitive: Sensitive | None = Field(None, description="further grounds, where it reads sensitive data")
    marketing: bool = Field(description="whether an objection to marketing covers it")
    channels: tuple[Channel, ...] = Field(description="channels it may use; none for a purpose without contact")
    fields: tuple[FieldName, ...] = Field(
        min_length=1, description="fields its clean view shows; contact_value is the address or number itself, household_id tells who lives together"
    )
    texts: bool = Field(False, description="whether it reads people's free texts, always redacted, in a view of their own (`clean_<purpose>_texts`)")
    requires: Literal["consent", "relation", "none"] = Field(description="what must be there: the person's consent, a proven relation, or nothing more")
    relation: tuple[str, ...] = Field((), description="sources whose active record proves the relation")
    versions: Annotated[dict[str, Version], BeforeValidator(_versions)] = Field(
        {}, description="versions of what it asks for, the one in use last; a plain list where every later one asks for the same thing"
    )
    double_opt_in: tuple[Channel, ...] = Field((), description="channels on which a yes counts once it was confirmed through the contact point itself")
    confirm_within_days: int = Field(30, gt=0, description="days within which such a yes must be confirmed")
    soft_opt_in: SoftOptIn | None = Field(None, description="marketing of own similar products: where it takes a sale on record, and for how long one counts")
    shared_with: Code | None = Field(None, description="class of recipients it hands data to; the version a person agreed to must name it")
    opt_out: bool = Field(description="whether the person may say no (not where the law obliges)")
    minors: Literal["allow", "guardian", "deny"] = Field(description="below the age of consent: allow, only with a guardian's consent, or never")
    best_interest: str | None = Field(None, description="where the child's best interest is assessed; required for `minors: allow` on an interest of ours")
    balancing_test: BalancingTest | None = Field(None, description="required for legitimate interest")
    basis_change: BasisChange | None = Field(None, description="required when the ground is another one than in an earlier version of the policy")
    retention: Retention = Field(description="how long")

    @property
    def slots(self) -> tuple[str, ...]:
        """The channels permissions are kept for: its channels, or ``none``."""
        return self.channels or (NO_CHANNEL,)

    @property
    def reads_contact_value(self) -> bool:
        return CONTACT_VALUE in self.fields

    def asks_sale(self, channel: str) -> bool:
        """Whether nobody is reached on this channel without a sale on record (``soft_opt_in``)."""
        return self.soft_opt_in is not None and channel in self.soft_opt_in.channels

    @property
    def columns(self) -> tuple[str, ...]:
        """The golden fields its view shows, in the order of the schema."""
        return tuple(name for name in PUBLISHED if name in self.fields)

    @property
    def closed(self) -> tuple[str, ...]:
        """What a clean row could show and its rows may not hold."""
        return tuple(name for name in (*PUBLISHED, CONTACT_VALUE) if name not in self.fields)

    @property
    def current(self) -> str | None:
        """The version in use: the last of the list."""
        return list(self.versions)[-1] if self.versions else None

    @property
    def accepted_versions(self) -> frozenset[str]:
        """Versions whose yes covers the one in use, followed over every step (LGPD art. 8 §6)."""
        found: set[str] = set()
        todo = [self.current] if self.current else []
        while todo:
            if (version := todo.pop()) not in found:
                found.add(version)
                todo.extend(self.versions[version].covered_by)
        return frozenset(found)

    @property
    def naming_versions(self) -> frozenset[str]:
        """Versions whose text names whom the data are shared with; all of them where nothing is shared (LGPD art. 7 §5)."""
        return frozenset(code for code, version in self.versions.items() if self.shared_with is None or self.shared_with in version.names)

    def basis(self, regimes: str) -> str:
        """The articles it rests on under ``regimes`` (names joined by ``+``)."""
        return "; ".join(part.article for name, part in (("LGPD", self.lgpd), ("GDPR", self.gdpr)) if name in regimes)

    @model_validator(mode="after")
    def _grounds(self) -> Self:
        grounds = (self.lgpd.ground, self.gdpr.ground)
        if ("consent" in grounds) != (self.requires == "consent"):
            raise ValueError("a purpose on the ground of consent must say `requires: consent`, and only such a purpose may")
        if "legitimate_interest" in grounds and self.balancing_test is None:
            raise ValueError("legitimate interest needs a `balancing_test` with its date and review (LGPD art. 10, GDPR art. 6(1)(f))")
        if not self.opt_out and ("consent" in grounds or "legitimate_interest" in grounds):
            raise ValueError("consent can be withdrawn and legitimate interest objected to (LGPD art. 18 §2, GDPR art. 21(1)): `opt_out` must be true")
        if self.minors == "guardian" and self.requires != "consent":
            raise ValueError("a guardian can only consent; write `minors: allow` or `minors: deny`")
        if self.minors == "allow" and {"legitimate_interest", "credit_protection"} & set(grounds) and not self.best_interest:
            raise ValueError("`minors: allow` on an interest of ours needs `best_interest`, the document that assesses the child's (LGPD art. 14)")
        if self.sensitive and {self.sensitive.lgpd, self.sensitive.gdpr} & {"specific_consent", "explicit_consent"} and self.requires != "consent":
            raise ValueError("sensitive data on the ground of consent need `requires: consent` (LGPD art. 11 I, GDPR art. 9(2)(a))")
        return self

    @model_validator(mode="after")
    def _what_it_takes(self) -> Self:
        if (self.requires == "consent") != bool(self.versions):
            raise ValueError("`versions` goes with `requires: consent`: list the versions a grant may name")
        if (self.requires == "relation") != bool(self.relation):
            raise ValueError("`relation` goes with `requires: relation`: list the sources that prove it")
        for code, version in self.versions.items():
            for older in version.covered_by:
                one_of(older, [name for name in self.versions if name != code], "another version of this purpose")
        if self.shared_with and self.requires == "consent" and self.current not in self.naming_versions:
            raise ValueError(f"version {self.current!r}, the one in use, does not name {self.shared_with!r}, whom the data are shared with (LGPD art. 7 §5)")
        if self.reads_contact_value and not self.channels:
            raise ValueError("without a channel there is no contact_value to show")
        if beyond := [channel for channel in self.double_opt_in if channel not in self.channels or self.requires != "consent"]:
            raise ValueError(f"double_opt_in names {beyond[0]!r}, which is no channel it asks consent for")
        return self

    @model_validator(mode="after")
    def _own_similar_products(self) -> Self:
        if self.soft_opt_in is None:
            return self
        if self.requires == "consent" or not self.marketing or not self.opt_out or self.shared_with:
            raise ValueError(
                "`soft_opt_in` is for marketing of own similar products, without consent and open to a no:"
                " `marketing: true`, `opt_out: true`, no `shared_with`, and not `requires: consent` (Directive 2002/58/EC art. 13(2))"
            )
        if beyond := [channel for channel in self.soft_opt_in.channels if channel not in self.channels]:
            raise ValueError(f"soft_opt_in names {beyond[0]!r}, which is no channel of this purpose")
        return self
