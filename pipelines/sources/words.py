"""What a source file may say: where a delivery is, how to read it, its contract, and what its columns mean."""

import codecs
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from contacts.configuration import MistakeAt, perhaps
from contacts.schema import CHANNELS, FIELDS
from pipelines.sources.block import STRICT, Columns, Words, listed
from pipelines.sources.contact_words import Interaction, Preferences
from pipelines.sources.contract_words import Contract

MANY = {field.name for field in FIELDS if field.many}


def _known_field(name: str) -> str:
    names = [field.name for field in FIELDS if not field.derived]
    if name not in names:
        raise ValueError(f"{name!r} is not a field of a contact{perhaps(name, names)}")
    return name


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"{name!r} is not an encoding; write for example utf-8 or cp1252") from None
    return name


def _known_zone(name: str) -> str:
    # the database of zones has short names too, and names of this machine: neither means the same everywhere
    names = [known for known in available_timezones() if "/" in known] + ["UTC"]
    if name not in names:
        raise ValueError(f"{name!r} is not a time zone{perhaps(name, sorted(names)) or '; write an IANA name such as America/Sao_Paulo'}")
    return name


def _inside(pattern: str) -> str:
    if pattern.startswith(("/", "\\")) or ".." in pattern.replace("\\", "/").split("/"):
        raise ValueError("files are looked for below the inbox: write a path relative to it, without '..'")
    return pattern


Channel = Literal["*", "none", *CHANNELS]  # type: ignore[valid-type]
Said = Literal["granted", "confirmed", "withdrawn", "refused", "objected", "restricted", "lifted", "notified", "wrong_person", "bought"]
TeamName = Annotated[str, Field(min_length=1, max_length=40)]
Actor = Literal["self", "guardian", "agent", "import"]


class Block(BaseModel):
    """A block of a source file."""

    model_config = STRICT


class Title(Block):
    """What people call the source."""

    pt: str
    """In Portuguese."""
    en: str
    """In English."""


class Read(Block):
    """Where the files of a delivery are and how they are written."""

    format: Literal["csv", "excel", "json", "jsonl"]
    """How the files are written."""
    files: Annotated[str, AfterValidator(_inside)]
    """Path, folder or pattern below the inbox, such as `crm/contacts-*.json`."""
    delivery: Literal["full", "changes"]
    """`full`: what is not in it is gone; `changes`: what is not in it stays as it was."""
    records: str = ""
    """JSON: path of the list of rows in a page."""
    total: str = ""
    """JSON: path of the number of rows over all pages; when a page is missing, nobody is taken for gone."""
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    """Of a text file; found out when left out."""
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    """Of a CSV file; found out when left out."""
    sheet: str | None = None
    """Of a workbook; the first when left out."""
    header: int = Field(1, ge=1, le=100)
    """Row with the column names."""


class When(Block):
    """A condition on one column; case and blanks around the value do not count."""

    column: str
    """The column looked at."""
    equals: Words
    """It holds one of these words."""


class GuardianOnly(Block):
    """Contact data given only to reach a child's parent or guardian: used once by who asked for them, never stored here (LGPD art. 14 §3)."""

    when: When
    """Rows in which the contact data were given for that alone."""
    columns: Words = ()
    """Columns emptied in those rows on arrival; left out: those mapped to e-mail and phone."""


class Consent(Block):
    """Consent evidence kept in columns: when the condition holds, the row says this about each purpose and channel."""

    when: When
    """When the row says anything."""
    where: tuple[When, ...] = ()
    """What else must hold, where one column does not tell: the purpose or the channel of the row."""
    says: Said
    """What it says; `bought`: a sale of something the purpose's own offers are similar to, through the contact point of the channel."""
    purposes: Columns
    """Purposes of the policy it speaks of."""
    channels: Annotated[tuple[Channel, ...], BeforeValidator(listed), Field(min_length=1)]
    """Channels it speaks of; `*` for all."""
    actor: Actor
    """Who said it."""
    effective_at: str | None = None
    """Column: when it was said."""
    text_version: str | None = None
    """Column: version of the text the person read."""
    text: str | None = None
    """Column: the text itself."""
    texts: dict[str, str] = {}
    """Text version → its wording, where the row does not hold the text; the proof keeps the hash of what was read."""
    purpose_versions: dict[str, str] = {}
    """Text version → the version of the purpose it asked for."""
    method: str | None = None
    """Column: how it was said, in one word; what is longer and not under `methods` is no proof."""
    methods: dict[str, str] = {}
    """Their word for how it was said → ours."""
    method_is: str | None = None
    """How it was said, where no column tells."""
    reference: str | None = None
    """Column, for `bought`: number of the order, contract or bill; a row without one proves no sale."""
    expires_at: str | None = None
    """Column: until when it counts, where the source says so."""
    controller: str | None = None
    """Column: to whom it was said, a controller or one of its brands; left out: to this controller, whose system the source is."""

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns it reads."""
        return (
            self.when.column,
            *(also.column for also in self.where),
            self.effective_at,
            self.text_version,
            self.text,
            self.method,
            self.reference,
            self.expires_at,
            self.controller,
        )

    @model_validator(mode="after")
    def _sale_has_a_reference(self) -> "Consent":
        if (self.says == "bought") != (self.reference is not None):
            raise ValueError("`reference:` names the column with the number of the sale; `says: bought` needs it, and nothing else has one")
        return self


class ConsentList(Block):
    """Consent evidence kept as a list in one column of a form: one entry per box, with the text that was shown.

    A ticked box says granted, an unticked one refused.
    """

    column: str
    """Column with the list."""
    purpose: str = "purpose"
    """Key of an entry: the purpose."""
    channel: str = "channel"
    """Key of an entry: the channel."""
    text: str = "text"
    """Key of an entry: the text that was shown."""
    version: str = "version"
    """Key of an entry: version of that text."""
    checked: str = "checked"
    """Key of an entry: whether the box was ticked."""
    effective_at: str
    """Column: when the form was sent."""
    method_is: str
    """How it was said."""
    guardian: str | None = None
    """Column: a name here makes the guardian the one who said it."""
    purpose_versions: dict[str, str] = {}
    """Text version → the version of the purpose it asked for."""

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns it reads."""
        return (self.column, self.effective_at, self.guardian)


class Team(Block):
    """The team a row was typed in by: a column and the words it may hold, or one word for every row."""

    column: str | None = None
    """Column with the team."""
    words: Annotated[tuple[TeamName, ...], BeforeValidator(listed)] = ()
    """The teams there are; case and blanks around a word do not count, and any other word is `unknown`."""
    is_: TeamName | None = Field(None, alias="is")
    """The team of every row, where no column tells."""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Team":
        if (self.column is None) == (self.is_ is None):
            raise ValueError("a team is told by a `column:` with its `words:`, or is one word for every row (`is:`)")
        if bool(self.words) != (self.column is not None):
            raise ValueError("`words:` lists the teams a `column:` may name: what is typed freely could be somebody's name")
        folded = [word.casefold() for word in self.words]
        if twice := [word for word in self.words if folded.count(word.casefold()) > 1]:
            raise ValueError(f"{twice[0]!r} is listed twice; case does not count")
        return self


class Object(Block):
    """One kind of row of a source: contacts, or interactions with them."""

    kind: Literal["contact", "interaction"]
    """What a row is."""
    read: Read
    """Where and how."""
    key: Columns
    """Column, or columns together, that name a row for good."""
    created_at: str | None = None
    """Column: when the source made the row."""
    updated_at: str | None = None
    """Column: when the source last changed it; decides between two versions."""
    verified_at: str | None = None
    """Column: when the person last confirmed the contact points themselves."""
    removed: When | None = None
    """When this holds, the source has deleted the row though it still delivers it."""
    guardian_only: GuardianOnly | None = None
    """Contact data given only to reach a child's parent or guardian: not kept."""
    contract: Contract = Contract()
    """What a delivery promises: columns, words, how full, how fresh, how many rows."""
    subject: Literal["auto", "person", "organisation"] = "auto"
    """Whom a row is about; `auto` sees legal forms in names."""
    date_order: Literal["auto", "dmy", "mdy"] = "auto"
    """Order of day and month in birth dates; `auto` takes it from those of all records that allow only one, and reads none where they disagree."""
    fields: dict[Annotated[str, AfterValidator(_known_field)], Columns] = {}
    """Field of a contact → column, or columns in order: names and addresses are joined, e-mails and phones become several contact points."""
    constants: dict[Annotated[str, AfterValidator(_known_field)], str] = {}
    """Field of a contact → the same value for every row, because the source's owner answers for it, such as `country: US`."""
    entered_by: str | None = None
    """Column: the staff id of who typed the row in. Kept under a pseudonym; case counts, since some systems tell ids apart by it alone."""
    team: Team | None = None
    """The team they typed it in for."""
    texts: Words = ()
    """Columns with free text; they are searched for personal data."""
    consents: tuple[Consent, ...] = ()
    """What columns say about consent."""
    consent_list: ConsentList | None = None
    """A column with a list of boxes."""
    preferences: Preferences | None = None
    """What the person prefers: by which channel, when and in which language they are contacted."""
    interaction: Interaction | None = None
    """For kind interaction: who, by which channel, for which purpose."""

    @property
    def mapped(self) -> tuple[str, ...]:
        """Every column the mapping names, once, in order."""
        named: list[str | None] = [*self.key, self.created_at, self.updated_at, self.verified_at, *self.texts]
        named += [column for columns in self.fields.values() for column in columns]
        named += [self.removed.column] if self.removed else []
        named += [self.guardian_only.when.column] if self.guardian_only else []
        for rule in self.consents:
            named += rule.columns
        named += self.consent_list.columns if self.consent_list else ()
        named += self.preferences.columns if self.preferences else ()
        named += self.interaction.columns if self.interaction else ()
        named += [self.entered_by, self.team.column if self.team else None]
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def stored(self) -> frozenset[str]:
        """Every column the raw record keeps."""
        return frozenset({*self.mapped, *self.contract.allowed, *self.contract.required} - set(self.contract.ignored))

    @property
    def not_kept(self) -> tuple[str, ...]:
        """The columns emptied in rows under ``guardian_only``."""
        if self.guardian_only is None:
            return ()
        return self.guardian_only.columns or tuple(dict.fromkeys(column for name in MANY & set(self.fields) for column in self.fields[name]))

    @property
    def required(self) -> tuple[str, ...]:
        """Columns without which a file is refused; the key always is."""
        return tuple(dict.fromkeys([*self.key, *self.contract.required]))

    @property
    def moment(self) -> str | None:
        """The column that tells how fresh a delivery is, for the clause ``freshness``."""
        clause = self.contract.freshness
        return clause.column or self.updated_at or self.created_at if clause else None

    @property
    def judged(self) -> tuple[str, ...]:
        """Columns whose cells the contract counts over a whole delivery."""
        named = [*self.contract.enum, *self.contract.filled, *([self.moment] if self.moment else [])]
        return tuple(dict.fromkeys(named))

    @model_validator(mode="after")
    def _coherent(self) -> "Object":
        if (self.interaction is None) == (self.kind == "interaction"):
            raise ValueError("an object of kind interaction has an `interaction:` block, and no other has")
        if self.kind == "contact" and not self.fields:
            raise ValueError("an object of kind contact maps at least one field under `fields:`")
        if self.kind == "interaction" and (self.fields or self.consents or self.consent_list or self.preferences):
            raise ValueError("an object of kind interaction has no `fields:`, no consents and no `preferences:`")
        if self.kind == "interaction" and (self.entered_by or self.team):
            raise ValueError("only an object of kind contact says who typed it in (`entered_by:`, `team:`)")
        if self.entered_by and self.entered_by in self.model_copy(update={"entered_by": None}).mapped:
            raise ValueError(f"column {self.entered_by!r} says who typed the row in, so it can mean nothing else")
        if self.guardian_only and (fixed := sorted(set(self.not_kept) & {*self.key, self.guardian_only.when.column})):
            raise ValueError(f"column {fixed[0]!r} is needed to know the row, so `guardian_only` cannot empty it")
        if self.guardian_only and (unknown := sorted(set(self.not_kept) - self.stored)):
            raise ValueError(f"`guardian_only` empties column {unknown[0]!r}, which nothing maps or allows{perhaps(unknown[0], sorted(self.stored))}")
        if self.guardian_only and not self.not_kept:
            raise ValueError("`guardian_only` has no column to empty: the object maps neither e-mail nor phone")
        if both := sorted(set(self.constants) & set(self.fields)):
            raise ValueError(f"{both[0]!r} is mapped from a column and constant at once")
        if both := sorted(set(self.contract.ignored) & set(self.mapped)):
            raise ValueError(f"column {both[0]!r} is mapped and ignored at once")
        self._clauses_can_be_judged()
        return self

    def _clauses_can_be_judged(self) -> None:
        """A clause about a column nobody stores, or about a moment nobody names, would be met whatever comes."""
        contract, known = self.contract, sorted(self.stored)
        about = [(clause, name) for clause in ("types", "enum", "filled") for name in getattr(contract, clause)]
        about += [("freshness", contract.freshness.column)] if contract.freshness and contract.freshness.column else []
        for clause, name in about:
            if name not in known:
                place = ("contract", clause, "column" if clause == "freshness" else name)
                raise MistakeAt(place, f"`{clause}` names column {name!r}, which nothing maps or allows{perhaps(name, known)}")
        if contract.freshness and not self.moment:
            raise MistakeAt(("contract", "freshness"), "the object names neither `updated_at` nor `created_at`, so `freshness` has to say its `column`")
        if contract.volume and contract.volume.shrinks_at_most is not None and self.read.delivery == "changes":
            raise MistakeAt(("contract", "volume", "shrinks_at_most"), "a delivery of changes may be as small as it likes; only a full one can shrink")


class Source(Block):
    """One source: who answers for it, how far it is trusted, and its objects."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    """The name of the file; not written in it."""
    title: Title
    """In both languages."""
    owner: str
    """Who answers for it."""
    trust: int = Field(ge=0, le=100)
    """0 to 100; decides between sources that disagree."""
    country: str = Field(pattern=r"^[A-Z]{2}$")
    """ISO code: where numbers without a country code are dialled."""
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """IANA name, such as `America/Sao_Paulo`: where the clocks stand by which it writes moments without an offset."""
    objects: dict[str, Object] = Field(min_length=1)
    """Name → what it delivers."""

    @model_validator(mode="after")
    def _requesters_exist(self) -> "Source":
        contacts = sorted(name for name, spec in self.objects.items() if spec.kind == "contact")
        for spec in self.objects.values():
            if spec.interaction and spec.interaction.requester_object not in contacts:
                wrong = spec.interaction.requester_object
                raise ValueError(f"`requester_object` names {wrong!r}, which is not a contact object of this source{perhaps(wrong, contacts)}")
        return self
