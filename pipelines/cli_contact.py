"""The commands of contact rules: `lastro may-contact`, `contactable`, `contact …`, `consent …` and `donotcall …`; nothing heavy before one of them runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from contacts.errors import ConfigurationError
from pipelines.cli_quality import By, Json

contact_app = typer.Typer(help="Attempts at contact, and what people prefer.", no_args_is_help=True, rich_markup_mode=None)
consent_app = typer.Typer(help="What people consented to.", no_args_is_help=True, rich_markup_mode=None)
donotcall_app = typer.Typer(help="Do-not-call lists.", no_args_is_help=True, rich_markup_mode=None)

Person = Annotated[str, typer.Argument(help="P-…, a record id, or source/object/key of one of the person's records.")]
Purpose = Annotated[str, typer.Option("--purpose", help="A purpose of the policy.")]
Channel = Annotated[str, typer.Option("--channel", help="email, phone, sms, whatsapp or post.")]
At = Annotated[str, typer.Option("--at", help="Moment asked about, ISO 8601; now when left out.")]
System = Annotated[str, typer.Option("--system", help="The system that made the contact, in one word.")]


def may_contact(person: Person, purpose: Purpose, channel: Channel, at: At = "", as_json: Json = False) -> None:
    """Tell whether a person may be contacted now, every reason with its norm, and the next allowed time."""
    from pipelines import contacting

    contacting.may(person, purpose, channel, moment(at), as_json)


def contactable(
    purpose: Purpose,
    channel: Channel,
    at: At = "",
    csv: Annotated[str, typer.Option("--csv", metavar="FILE", help="Write whom to contact now to this new file; the ledger records it.")] = "",
    as_json: Json = False,
) -> None:
    """Count everybody who may be contacted now for a purpose on a channel, and why the others may not."""
    from pipelines import contacting

    contacting.everyone(purpose, channel, moment(at), csv, as_json)


@consent_app.command("receipts")
def consent_receipts(
    person: Person, out: Annotated[str, typer.Option("--out", metavar="FILE", help="Write to this new file, mode 0600, instead of the screen.")] = ""
) -> None:
    """Hand out a receipt for everything a person consented to, refused or withdrew: JSON-LD in the style of ISO/IEC TS 27560, values masked."""
    from pipelines import consent_receipts as receipts

    receipts.show(person, out)


@contact_app.command("record")
def contact_record(
    person: Person,
    channel: Channel,
    system: System,
    purpose: Annotated[str, typer.Option(help="What for; left out, it counts for every cap.")] = "",
    at: At = "",
    direction: Annotated[str, typer.Option(help="outbound or inbound.")] = "outbound",
    outcome: Annotated[str, typer.Option(help="reached, delivered, no_answer, busy, voicemail, failed, bounced, wrong_person, opted_out or unknown.")] = "",
    contact: Annotated[str, typer.Option(help="The number or address used; kept as a pseudonym.")] = "",
    campaign: Annotated[str, typer.Option(help="The campaign, in one word.")] = "",
    source_id: Annotated[str, typer.Option("--id", help="The system's own id; the same id again adds nothing.")] = "",
    as_json: Json = False,
) -> None:
    """Record one contact that was made, tried or received; it counts for the caps at once."""
    from contacts.model import instant
    from pipelines import contact_log

    when = instant(moment(at) or datetime.now(UTC))
    said = {"id": source_id, "at": when, "channel": channel, "direction": direction, "purpose": purpose, "outcome": outcome}
    contact_log.record(person, said | {"campaign": campaign, "contact": contact}, system, as_json)


@contact_app.command("import")
def contact_import(file: Annotated[Path, typer.Argument(help="A CSV file of a campaign tool.")], system: System, as_json: Json = False) -> None:
    """Read a campaign tool's file of contacts: id, at, channel, direction, purpose, outcome, campaign, person, contact."""
    from pipelines import contact_log

    contact_log.import_file(file, system, as_json)


@contact_app.command("prefer")
def contact_prefer(
    person: Person,
    by: By,
    channel: Annotated[list[str] | None, typer.Option("--channel", help="A channel the person wants, others are denied; may be repeated.")] = None,
    hours: Annotated[str, typer.Option(help="Hours on the person's clock, such as 09:00-12:00.")] = "",
    language: Annotated[str, typer.Option(help="Language tag, such as pt or pt-BR.")] = "",
    at: At = "",
    as_json: Json = False,
) -> None:
    """Record what a person said they prefer; the newest of each kind counts."""
    from pipelines import contact_log

    contact_log.prefer(person, channel or [], hours, language, moment(at), by, as_json)


@contact_app.command("refresh")
def contact_refresh(as_json: Json = False) -> None:
    """Work out anew the hours the views of contactable people show; publish does it too."""
    from pipelines import contacting

    contacting.refresh(as_json)


@donotcall_app.command("import")
def donotcall_import(
    name: Annotated[str, typer.Argument(metavar="LIST", help="Id of the list in the policy.")],
    file: Annotated[Path, typer.Argument(help="A text file: one number or address per line, first column.")],
    taken: Annotated[str, typer.Option("--taken", help="When the list's keeper made the snapshot, ISO 8601; now when left out.")] = "",
    smaller: Annotated[bool, typer.Option("--smaller", help="Accept a snapshot with less than half of the last one's entries.")] = False,
    as_json: Json = False,
) -> None:
    """Put a snapshot of a do-not-call list in the place of the last one; only keyed references are kept."""
    from pipelines import donotcall

    donotcall.import_list(name, file, moment(taken), smaller, as_json)


@donotcall_app.command("list")
def donotcall_list(as_json: Json = False) -> None:
    """Show the lists of the policy and how fresh their snapshots are."""
    from pipelines import donotcall

    donotcall.listing(as_json)


def moment(text: str) -> datetime | None:
    """The moment written, in UTC; None for nothing. Raises ConfigurationError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError("That is not a moment.", "Write it like 2026-11-22 or 2026-11-22T06:00:00+00:00.") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
