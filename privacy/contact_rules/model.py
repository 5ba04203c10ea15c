"""The policy's section ``contact_rules`` as checked: hours, caps, do-not-call lists and the rest, each dated and with its citation.

Nothing about hours, counts or days stands in code: what a law or the house says is a row here, and what no row allows is denied.
"""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from contacts.configuration import one_of
from contacts.schema import CHANNELS
from contacts.values.phone_br import UF_OF_DDD

MessageClass = Literal["marketing", "credit_offer", "research", "service", "collection", "fraud_alert"]
OUTCOMES = ("reached", "delivered", "no_answer", "busy", "voicemail", "failed", "bounced", "wrong_person", "opted_out", "unknown")
"""How an attempt ended; ``opted_out``: the person said no in it."""
STATES = tuple(sorted(set(UF_OF_DDD.values())))
MINUTES_A_DAY = 24 * 60


def _window(text: str) -> str:
    start, end = minutes(text)
    if not 0 <= start < end <= MINUTES_A_DAY:
        raise ValueError(f"{text!r} does not begin before it ends, within one day; write for example 09:00-19:00")
    return text


@cache
def minutes(window: str) -> tuple[int, int]:
    """``09:00-19:00`` as minutes after midnight: the first one in it, and the first one after it."""
    start, _, end = window.partition("-")
    return int(start[:2]) * 60 + int(start[3:]), int(end[:2]) * 60 + int(end[3:])


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,40}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
State = Annotated[str, AfterValidator(lambda word: one_of(word, STATES, "a Brazilian state"))]
Channel = Annotated[str, AfterValidator(lambda word: one_of(word, CHANNELS, "a channel"))]
Window = Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"), AfterValidator(_window)]
_WINDOW: TypeAdapter[str] = TypeAdapter(Window)
Windows = Annotated[tuple[Window, ...], Field(max_length=6)]


def is_window(text: str) -> bool:
    """Whether ``text`` is hours within one day, written like ``09:00-12:00``."""
    try:
        _WINDOW.validate_python(text)
    except ValidationError:
        return False
    return True


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ContactRule(_Part):
    """What every contact rule says about itself: where it binds, what it is about, since when, and who says so."""

    id: Code = Field(description="name of the rule, shown with every reason it gives")
    countries: tuple[Country, ...] = Field((), description="countries it binds in; empty for every country")
    states: tuple[State, ...] = Field((), description="Brazilian states it binds in; empty for the whole country")
    channels: tuple[Channel, ...] = Field(CHANNELS, description="channels it is about; all when left out")
    classes: tuple[MessageClass, ...] = Field(min_length=1, description="classes of message it is about; the others are exempt")
    sectors: tuple[Word, ...] = Field((), description="sectors of the controller it binds; empty for every sector")
    valid_from: date = Field(description="first day it counts")
    valid_to: date | None = Field(None, description="last day it counts; open when left out")
    status: Literal["law", "code", "contract", "house"] = Field(description="what gives it force: law, a code of conduct, a contract, or the house")
    source: str = Field(min_length=3, description="citation")
    confirmed: bool = Field(False, description="whether counsel has read the norm itself; false asks for it")

    def binds(self, message: str | None, channel: str, on: date) -> bool:
        """Whether it is in force on a day, for this class of message (None: for any) and this channel."""
        return (
            (message is None or message in self.classes)
            and channel in self.channels
            and self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
        )

    def reaches(self, country: str | None, state: str | None) -> bool:
        """Whether it binds at a place; a state nobody knows is reached only by rules for the whole country."""
        return (not self.countries or country in self.countries) and (not self.states or state in self.states)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.states and self.countries != ("BR",):
            raise ValueError(f"{self.id}: states are those of Brazil; write `countries: [BR]` with them")
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"{self.id}: it ends before it begins")
        return self


Rule = TypeVar("Rule", bound=ContactRule)


class Hours(ContactRule):
    """Hours of contact on the recipient's clock; a kind of day without a window has none. Several rules: only what all of them allow."""

    weekday: Windows = Field((), description="Monday to Friday, such as `[09:00-19:00]`; the end itself is outside")
    saturday: Windows = Field((), description="Saturdays")
    sunday: Windows = Field((), description="Sundays")
    holiday: Windows = Field((), description="holidays, whatever day they fall on")
    holidays: tuple[Literal["public", "optional"], ...] = Field(("public",), description="which days count as holidays: public ones, or optional ones too")
    fallback: bool = Field(False, description="counts only where no other rule of hours does")

    def windows(self, kind: str) -> Windows:
        """The windows of a kind of day: weekday, saturday, sunday or holiday."""
        found: Windows = getattr(self, kind)
        return found


class Cap(ContactRule):
    """How often at most, over a rolling window; a person's records count together, over all systems."""

    most: int = Field(ge=1, description="contacts at most")
    days: int = Field(ge=1, le=366, description="within so many times 24 hours")
    per: Literal["person", "point"] = Field("person", description="counted per person, or per number or address, whoever uses it")


class DoNotCall(ContactRule):
    """A do-not-call list kept elsewhere, of which snapshots are imported; the classes it does not name are exempt."""

    title: str = Field(description="what people call it")
    stale_days: int = Field(ge=1, le=366, description="days a snapshot counts; without a fresh one, the contacts it is about are denied")


class OptIn(ContactRule):
    """Where the person must have said yes to this purpose on this channel, whatever the legal ground."""

    relation_suffices: bool = Field(False, description="soft opt-in: a sale on record for the purpose (its `soft_opt_in`) in the place of the yes")


class Reply(ContactRule):
    """After the person wrote or called, an answer on the same channel needs no hours, caps or opt-in."""

    hours: int = Field(ge=1, le=72, description="hours in which it counts as an answer")


class Volume(ContactRule):
    """So many contacts by the controller as a whole ask something of it; nobody is contacted less, the officer is told."""

    title: str = Field(min_length=3, description="what they ask for")
    above: int = Field(ge=1, description="outbound contacts on its channels above which it does; those of every class count, as attempts do not all say theirs")
    days: int = Field(30, ge=1, le=366, description="within so many times 24 hours")


class ContactRules(_Part):
    """When, how often and how people may be contacted; left out, nobody may be."""

    sectors: tuple[Word, ...] = Field((), description="sectors the controller is in")
    classes: dict[Word, MessageClass] = Field({}, description="purpose → class of message; a purpose without one may contact nobody")
    where_unknown: tuple[Country, ...] = Field((), description="countries assumed, all of them, for a person of whom no country is known")
    look_ahead_days: int = Field(31, ge=1, le=120, description="how far ahead the next allowed time is looked for")
    hours: tuple[Hours, ...] = Field((), description="hours of contact")
    caps: tuple[Cap, ...] = Field((), description="how often at most")
    lists: tuple[DoNotCall, ...] = Field((), description="do-not-call lists")
    opt_in: tuple[OptIn, ...] = Field((), description="where a yes is needed")
    replies: tuple[Reply, ...] = Field((), description="answers to who wrote first")
    volumes: tuple[Volume, ...] = Field((), description="how many contacts in all ask something of the controller")
    preferences: tuple[MessageClass, ...] = Field((), description="classes of message bound by what a person prefers: channels and hours")

    @property
    def all_rules(self) -> tuple[ContactRule, ...]:
        """Every rule that may deny a contact."""
        return (*self.hours, *self.caps, *self.lists, *self.opt_in, *self.replies)

    def in_force(self, rules: tuple[Rule, ...], message: str | None, channel: str, on: date) -> Iterator[Rule]:
        """Those of ``rules`` that bind this controller for a class of message and a channel on a day."""
        return (rule for rule in rules if rule.binds(message, channel, on) and (not rule.sectors or set(rule.sectors) & set(self.sectors)))

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        ids = [rule.id for rule in (*self.all_rules, *self.volumes)]
        if twice := [word for word in ids if ids.count(word) > 1]:
            raise ValueError(f"two rules are called {twice[0]!r}")
        return self
