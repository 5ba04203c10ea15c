"""The commands `lastro linkage …`: link any flat table, train its model as a step of its own, and compile the kernel beforehand."""

from pathlib import Path
from typing import Annotated

import typer

linkage_app = typer.Typer(help="Link any flat table, train a model, make the kernel ready.", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON even on a terminal.")]
Spec = Annotated[Path, typer.Argument(help="The linkage file of the table; see docs/reference/linkage.md.")]
Data = Annotated[Path, typer.Argument(help="The table: CSV or Parquet, with the columns the file names.")]


@linkage_app.command("warm-up")
def warm_up(as_json: Json = False) -> None:
    """Compile the kernel and keep it, so that the first real run does not wait for it."""
    from pipelines import linking_tables

    linking_tables.warm_up(as_json)


@linkage_app.command("train")
def train(spec: Spec, data: Data, model: Annotated[Path, typer.Option(help="Where the model is written, as JSON.")], as_json: Json = False) -> None:
    """Learn from a table what every level of agreement weighs, without labels, and write the model down."""
    from pipelines import linking_tables

    linking_tables.train(spec, data, model, as_json)


@linkage_app.command("rows")
def rows(
    spec: Spec,
    data: Data,
    out: Annotated[Path, typer.Option(help="Where the clusters are written, as CSV: row number and cluster.")],
    model: Annotated[Path | None, typer.Option(help="A model from `lastro linkage train`; without it, weights are learned from the rows.")] = None,
    as_json: Json = False,
) -> None:
    """Link the rows of a table: which rows are one entity."""
    from pipelines import linking_tables

    linking_tables.link(spec, data, out, model, as_json)
