"""What a source file may say about contact with a person: who was contacted for what, and what they prefer."""

from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints, model_validator

from pipelines.sources.block import STRICT
from privacy.contact_rules.model import Channel, Window

Purpose = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,40}$")]


class _Block(BaseModel):
    """A block of a source file."""

    model_config = STRICT


class Interaction(_Block):
    """How a row of an ``interaction`` object reads: who asked (a key of another object of this source), by which channel, for which purpose."""

    requester: str
    """Column with the key of who asked."""
    requester_object: str
    """The contact object that key belongs to."""
    channel: str | None = None
    """Column with the channel."""
    channels: dict[str, str] = {}
    """Their word for a channel → ours; of words not listed a single one stays as it is, anything longer is `unknown`."""
    direction: Literal["inbound", "outbound"] = "inbound"
    """Who started it."""
    status: str | None = None
    """Column with the status, in one word; anything longer is `unknown`."""
    purpose: str | None = None
    """Column with what the contact was for; where it names none of `purposes`, the contact counts for every cap."""
    purposes: dict[str, Purpose] = {}
    """Their word for what it was for → a purpose of the policy; case and blanks around a word do not count."""
    purpose_is: Purpose | None = None
    """The purpose of every row, where no column tells."""

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns it reads."""
        return (self.requester, self.channel, self.status, self.purpose)

    @property
    def named_purposes(self) -> tuple[str, ...]:
        """The purposes of the policy it names."""
        return (*self.purposes.values(), *([self.purpose_is] if self.purpose_is else []))

    @model_validator(mode="after")
    def _one_of_two(self) -> "Interaction":
        if self.purpose and self.purpose_is:
            raise ValueError("a purpose is told by a column (`purpose:`) or is one for every row (`purpose_is:`), not both")
        if bool(self.purpose) != bool(self.purposes):
            raise ValueError("`purposes:` says which purpose of the policy a word in the column `purpose:` means; each needs the other")
        return self


class Preferences(_Block):
    """What a person prefers, kept in columns. The newest of each kind counts, so a row says when it was said."""

    said_at: str
    """Column: when the person said it. A row without a moment here is not read: it would have to be put before or after what they said elsewhere."""
    channel: str | None = None
    """Column: the channels they prefer, one or several between commas, semicolons, bars or slashes."""
    channels: dict[str, Channel] = {}
    """Their word for a channel → ours; our own words need no line. Case and blanks around a word do not count."""
    hours: str | None = None
    """Column: the hours in which they want to be contacted, on their own clock, as `09:00-12:00` or a word of `windows`."""
    windows: dict[str, Window] = {}
    """Their word for some hours → the hours."""
    language: str | None = None
    """Column: the language they want to be contacted in, as a tag (pt-BR) or a name (Português)."""

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns it reads."""
        return (self.said_at, self.channel, self.hours, self.language)

    @model_validator(mode="after")
    def _says_something(self) -> "Preferences":
        if not (self.channel or self.hours or self.language):
            raise ValueError("`preferences:` names the column of at least one: `channel:`, `hours:` or `language:`")
        for words, column in (("channels", "channel"), ("windows", "hours")):
            if getattr(self, words) and not getattr(self, column):
                raise ValueError(f"`{words}:` explains the words of the column `{column}:`, which is not named")
        return self
