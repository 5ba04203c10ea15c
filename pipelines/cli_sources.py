"""The commands about sources: `lastro sources …`; imports nothing heavy before one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

sources_app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON even on a terminal.")]


@sources_app.callback()
def sources(context: typer.Context, as_json: Json = False) -> None:
    """List the sources: owner, trust, and how their last delivery went."""
    if context.invoked_subcommand is None:
        from pipelines import daily

        daily.list_sources(as_json)


@sources_app.command("infer")
def sources_infer(
    file: Annotated[Path, typer.Argument(help="A delivery: CSV, Excel, JSON or JSON lines.")],
    out: Annotated[Path | None, typer.Option(help="Write the draft there, as NAME.yml; an existing file is never overwritten.")] = None,
    as_json: Json = False,
) -> None:
    """Draft a source file from a delivery: what each column looks like, in shares and never in values."""
    from pipelines import drafting

    drafting.draft(file, out, as_json)


@sources_app.command("contract")
def sources_contract(
    name: Annotated[str, typer.Argument(help="The source.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, as YAML; an existing file is never overwritten.")] = None,
    as_json: Json = False,
) -> None:
    """Print a source's contract in the Open Data Contract Standard v3, for its owner, a catalogue or other tools."""
    from pipelines import contracts

    contracts.export(name, out, as_json)


@sources_app.command("breaches")
def sources_breaches(as_json: Json = False) -> None:
    """List the contract clauses the newest batch's deliveries broke: how often, of how many, and what to do."""
    from pipelines import contracts

    contracts.breaches(as_json)
