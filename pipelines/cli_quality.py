"""The commands of the data steward: `lastro quarantine …`, `lastro rules …` and `lastro blame`; imports nothing heavy before one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

quarantine_app = typer.Typer(help="Records set aside by a rule: see them, mend them, let them go on.", no_args_is_help=True, rich_markup_mode=None)
rules_app = typer.Typer(help="The rules, and what a change to them would do.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON even on a terminal.")]
Record = Annotated[str, typer.Argument(help="A record id, or source/object/key.")]
By = Annotated[str, typer.Option(help="Who decides: a role or staff id, for the ledger.")]
Because = Annotated[str, typer.Option(metavar="REASON-CODE", help="Why, as a code of docs/reference/reasons.md (Exceptions).")]
Until = Annotated[str, typer.Option(metavar="DATE", help="Last day it holds; a year when left out, and a day gone by takes it back.")]


def quality(
    by: Annotated[str, typer.Option(help="Scores by `source` or by `field`.")] = "source",
    record: Annotated[str, typer.Option(help="Only this record: its id, or source/object/key.")] = "",
    worst: Annotated[int, typer.Option(min=0, metavar="N", help="The N records with the lowest scores.")] = 0,
    as_json: Json = False,
) -> None:
    """Show how good the records are: scores by source, field or record, their trend, and what is unlike earlier batches."""
    from pipelines import scoring

    scoring.show(by, record, worst, as_json)


@quarantine_app.command("list")
def quarantine_list(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    rule: Annotated[str, typer.Option(help="Only this rule.")] = "",
    older_than: Annotated[int, typer.Option(min=0, metavar="DAYS", help="Only records held for so many days or more.")] = 0,
    as_json: Json = False,
) -> None:
    """List what is held: by source and rule, since which batch, how many and which records."""
    from pipelines import quarantining

    quarantining.listing(source, rule, older_than, as_json)


@quarantine_app.command("show")
def quarantine_show(
    record: Record,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values unmasked; the ledger records it.")] = False,
    as_json: Json = False,
) -> None:
    """Show why a record is held: every reason in words, and per field what came and what was read of it."""
    from pipelines import quarantining

    quarantining.show(record, reveal, as_json)


@quarantine_app.command("waive")
def quarantine_waive(
    record: Record,
    rule: Annotated[list[str], typer.Option(help="The rule that is to hold this record no longer; may be repeated.")],
    by: By,
    because: Because,
    until: Until = "",
    as_json: Json = False,
) -> None:
    """Make an exception: from the next batch on this rule warns about this record instead of holding it."""
    from pipelines import quarantining

    quarantining.waive(record, rule, by, because, until, as_json)


@quarantine_app.command("release")
def quarantine_release(record: Record, by: By, because: Because, until: Until = "", as_json: Json = False) -> None:
    """Make an exception from every rule that holds a record; refused when one of them may not be waived."""
    from pipelines import quarantining

    quarantining.waive(record, [], by, because, until, as_json)


@quarantine_app.command("template")
def quarantine_template(
    source: Annotated[str, typer.Option(help="The source whose owner is to fill it in.")],
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to write it; <home>/quarantine/<source>.csv when left out.")] = "",
    as_json: Json = False,
) -> None:
    """Write a patch file to fill in: the keys of a source's quarantined records and the fields to mend, no values, readable by you only."""
    from pipelines import patch_file

    patch_file.template(source, out, as_json)


@quarantine_app.command("patch")
def quarantine_patch(
    file: Annotated[Path, typer.Argument(help="A patch file: CSV or workbook.")],
    by: Annotated[str, typer.Option(help="Who answers for lines that do not say it: a role or staff id.")] = "",
    because: Annotated[str, typer.Option(metavar="REASON-CODE", help="Reason of lines that give none (docs/reference/reasons.md, Patches).")] = "",
    as_json: Json = False,
) -> None:
    """Keep the values filled in: from the next batch on they take the place of what the source says, until the source says something else."""
    from pipelines import patch_file

    patch_file.patch(file, by, because, as_json)


@rules_app.command("list")
def rules_list(as_json: Json = False) -> None:
    """List every rule: severity, field, owner, whether it may be waived, and the records that failed it in the last batch."""
    from pipelines import rehearsing

    rehearsing.list_rules(as_json)


@rules_app.command("diff")
def rules_diff(
    ids: Annotated[bool, typer.Option("--ids", help="Name the records (JSON).")] = False,
    values: Annotated[bool, typer.Option("--values", help="Read every raw row again too, and count the values that would change per field.")] = False,
    as_json: Json = False,
) -> None:
    """Tell what the rules as they are now would change since the last batch: findings, quarantine, gate. Writes nothing."""
    from pipelines import rehearsing

    rehearsing.diff(ids, values, as_json)


@rules_app.command("cross-check")
def rules_cross_check(
    ids: Annotated[bool, typer.Option("--ids", help="Name the failing records (JSON).")] = False,
    as_json: Json = False,
) -> None:
    """Let Great Expectations judge the stored tables inside the database too, and compare every failing record with the last batch. Writes nothing."""
    from pipelines import cross_checking

    cross_checking.cross_check(ids, as_json)


def blame(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    by: Annotated[str, typer.Option(help="Count findings by source, team, user, field or rule.")] = "source",
    training: Annotated[bool, typer.Option("--training", help="Say in words what those who stand out should learn, with masked examples.")] = False,
    who: Annotated[str, typer.Option(metavar="STAFF-ID", help="Print the pseudonym of this staff id of --source instead; nothing is kept.")] = "",
    as_json: Json = False,
) -> None:
    """Tell where wrong values are typed in: findings by source, team, user, field or rule, and who stands out, again and again."""
    from pipelines import blaming

    if who:
        blaming.identify(source, who, as_json)
    else:
        blaming.show(source, by, training, as_json)
