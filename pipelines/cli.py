"""The `lastro` command; every command ends by naming the next useful one, and imports what is heavy only when it runs."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from contacts.errors import ConfigurationError, LastroError, LedgerBroken
from pipelines import screen
from pipelines.cli_audit import audit_app
from pipelines.cli_contact import consent_app, contact_app, contactable, donotcall_app, may_contact
from pipelines.cli_identity import judge, merge, move, review, undo_app, unmerge
from pipelines.cli_linkage import linkage_app
from pipelines.cli_quality import blame, quality, quarantine_app, rules_app
from pipelines.cli_sources import sources_app

app = typer.Typer(
    help="Messy contact records in, an audited golden record out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
ledger_app = typer.Typer(help="The audit ledger.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(ledger_app, name="ledger")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(audit_app, name="audit")
app.add_typer(rules_app, name="rules")
app.command()(blame)
app.command()(quality)
app.add_typer(sources_app, name="sources")
for command in (review, judge, merge, unmerge, move):
    app.command()(command)
app.add_typer(undo_app, name="undo")
app.add_typer(linkage_app, name="linkage")
app.command("may-contact")(may_contact)
app.command()(contactable)
app.add_typer(contact_app, name="contact")
app.add_typer(consent_app, name="consent")
app.add_typer(donotcall_app, name="donotcall")

Json = Annotated[bool, typer.Option("--json", help="Print JSON even on a terminal.")]
BatchId = Annotated[str, typer.Option("--batch", help="Batch id; the newest one when left out.")]
Approve = Annotated[str, typer.Option("--approve", metavar="WHO", help="Publish although the gate is amber; WHO is a role or staff id, for the ledger.")]


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=10, help="How many made-up people.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Same seed, same people.")] = 7,
    only_data: Annotated[bool, typer.Option("--only-data", help="Write the five sources and stop.")] = False,
    as_json: Json = False,
) -> None:
    """Make up five messy sources and run the daily DAG on them, in this process, in an empty home."""
    from pipelines import demonstration

    demonstration.play(people, seed, only_data, as_json)


@app.command()
def run(
    batch: BatchId = "",
    as_of: Annotated[str, typer.Option(help="Moment the batch stands for, ISO 8601; now when left out.")] = "",
    approve: Approve = "",
    as_json: Json = False,
) -> None:
    """Run all stages over all sources as a new batch, or finish the batch named."""
    from pipelines import daily

    daily.run_all(batch, _moment(as_of), approve, as_json)


@app.command()
def stage(
    name: Annotated[str, typer.Argument(help="ingest, standardise, validate, scan, link, consent, merge, publish or report.")],
    batch: BatchId = "",
    source: Annotated[str, typer.Option(help="Only this source (ingest).")] = "",
    approve: Approve = "",
    as_json: Json = False,
) -> None:
    """Run one stage of a batch again; the result is the same as the first time."""
    from pipelines import daily

    daily.run_stage(name, batch, source, approve, as_json)


@app.command()
def status(batch: BatchId = "", as_json: Json = False) -> None:
    """Show the batches, the live version and the receipts of one batch."""
    from pipelines import daily

    daily.status(batch, as_json)


@app.command()
def check(
    what: Annotated[str, typer.Argument(help="Nothing for the whole set-up, or `policy`: its purposes and fields as a matrix to sign.")] = "",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="With `policy`: write the matrix there too, as text, or as CSV when it ends so.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what is wrong with the set-up and how to mend it."""
    from pipelines import checks

    if what:
        checks.show_policy(what, out, as_json)
        return
    results = checks.all_checks()
    wrong = [result for result in results if not result["ok"]]
    rows = [{"": "✓" if result["ok"] else "✗", "what": result["what"], "found": result["found"], "mend": result["mend"]} for result in results]
    following = "lastro run" if not wrong else "mend the lines marked ✗, then `lastro check`"
    screen.show(as_json, results, [("", rows)], [], following)
    if wrong:
        raise typer.Exit(ConfigurationError.exit_code)


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="P-…, a record id, or source/object/key of one of the person's records.")],
    purpose: Annotated[str, typer.Option(help="Only this purpose: consent events, restrictions, rules and articles behind the answer.")] = "",
    known_at: Annotated[str, typer.Option(help="With --purpose: as far as it was known then, ISO 8601.")] = "",
    effective_at: Annotated[str, typer.Option(help="With --purpose: as it was then, ISO 8601; the newest batch when left out.")] = "",
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values unmasked; the ledger records it.")] = False,
    as_json: Json = False,
) -> None:
    """Show a person: source records, why they were linked, which value won and why, what is allowed and why not."""
    from pipelines import explain as explaining

    if purpose:
        moments = [_moment(text) if text else None for text in (known_at, effective_at)]
        explaining.show_purpose(person, purpose, moments[0], moments[1], as_json)
        return
    explaining.show(person, reveal, as_json)


@app.command()
def find(
    email: Annotated[str, typer.Option(help="An e-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="A phone number with its area code.")] = "",
    name: Annotated[str, typer.Option(help="A name; it weighs, but finds nobody by itself.")] = "",
    reveal: Annotated[bool, typer.Option("--reveal", help="Show values unmasked; the ledger records it.")] = False,
    as_json: Json = False,
) -> None:
    """Find the persons who have an e-mail or phone, with probability and evidence, by the model of the last batch."""
    from pipelines import finding

    finding.show(email, phone, name, reveal, as_json)


@app.command()
def report(batch: BatchId = "", as_json: Json = False) -> None:
    """Write the privacy officer's report of a batch again and say where it is."""
    from pipelines import daily

    daily.write_report(batch, as_json)


@app.command()
def rollback(as_json: Json = False) -> None:
    """Move the clean views back to the version published before."""
    from pipelines import daily

    daily.roll_back(as_json)


@app.command()
def roles(as_json: Json = False) -> None:
    """Create the PostgreSQL roles and grants: pipeline, officer, analyst, one reader per consumer."""
    from pipelines import daily

    daily.create_roles(as_json)


@ledger_app.command("verify")
def ledger_verify(as_json: Json = False) -> None:
    """Recompute the audit ledger and compare it with the checkpoints kept outside the database."""
    from contacts import ledger
    from contacts.settings import load
    from pipelines.run import connect

    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        verdict = ledger.verify(db, settings)
    found: dict[str, Any] = {"entries": verdict.entries, "checkpoints": verdict.checkpoints, "head": verdict.head, "problem": verdict.problem}
    says = [f"The ledger holds: {verdict.entries} entries, {verdict.checkpoints} checkpoints, head {verdict.head[:16]}…"] if not verdict.problem else []
    screen.show(as_json, found, [], says, "lastro status")
    if verdict.problem:
        raise LedgerBroken(f"The ledger does not verify: {verdict.problem}.", "Nobody should publish before it is known who changed it; compare with a backup.")


def main() -> None:
    """Entry point: a person's mistake ends in one sentence, a hint and an exit code; a fault of ours in a file without values."""
    try:
        app(standalone_mode=True)
    except LastroError as error:
        screen.fail(error, "--json" in sys.argv)
        sys.exit(error.exit_code)
    except Exception as error:
        try:
            told = f"Where it happened, without any value, is in {_record_fault(error)}."
        except (OSError, LastroError):
            told = "Where it happened could not be written down: LASTRO_HOME cannot be written to."
        screen.fail(LastroError(f"A fault in Lastro itself ({type(error).__name__}).", told))
        sys.exit(70)  # EX_SOFTWARE of sysexits.h


def _record_fault(error: BaseException) -> Path:
    """Write file, line and function of every frame; neither the exception's text nor locals, which may hold personal values."""
    import traceback

    from contacts.settings import load, private_folder

    file = private_folder(load().home / "logs") / "fault.txt"
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    file.write_text("\n".join([type(error).__name__, *frames]) + "\n", encoding="utf-8")
    return file


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError("--as-of is not a moment.", "Write it like 2026-11-22 or 2026-11-22T06:00:00+00:00.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
