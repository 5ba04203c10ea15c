"""The commands `lastro linkage …`: weights learned from the contacts, pictures of how they are linked, any flat table linked, the kernel made ready."""

from pathlib import Path
from typing import Annotated

import typer

HELP = "Learn the weights contacts are linked with; how well they are linked, in figures and pictures; any flat table linked; the kernel made ready."
linkage_app = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="Print JSON even on a terminal.")]
Spec = Annotated[Path, typer.Argument(help="The linkage file of the table; see docs/reference/linkage.md.")]
Data = Annotated[Path, typer.Argument(help="The table: CSV or Parquet, with the columns the file names.")]


@linkage_app.command("learn")
def learn(
    out: Annotated[Path | None, typer.Option(help="Also write the model to this file, as JSON one can compare line by line.")] = None, as_json: Json = False
) -> None:
    """Learn from all active contacts what every level of agreement weighs, without labels; the next link stage takes it up. No run learns by itself."""
    from pipelines import linkage_training

    linkage_training.learn(out, as_json)


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
    model: Annotated[Path | None, typer.Option(help="A model from `lastro linkage train`, calibrated or not; without it, weights are learned anew.")] = None,
    as_json: Json = False,
) -> None:
    """Link the rows of a table: which rows are one entity."""
    from pipelines import linking_tables

    linking_tables.link(spec, data, out, model, as_json)


@linkage_app.command("ask")
def ask(
    spec: Spec,
    data: Data,
    model: Annotated[Path, typer.Option(help="The model from `lastro linkage train` to be calibrated.")],
    out: Annotated[Path, typer.Option(help="Where the pairs are written, as CSV for you only: both rows' values, and a column for the verdict.")],
    size: Annotated[int, typer.Option(min=20, help="How many pairs; 200 to 300 serve well.")] = 300,
    seed: Annotated[int, typer.Option(help="The same seed, rows and model draw the same pairs.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw pairs of a table to be judged, over the whole range of scores, so that the model can be calibrated by them."""
    from pipelines import calibrating_tables

    calibrating_tables.ask(spec, data, model, out, size, seed, as_json)


@linkage_app.command("calibrate")
def calibrate(
    spec: Spec,
    data: Data,
    model: Annotated[Path, typer.Option(help="The model the pairs were drawn under; it is written anew.")],
    judged: Annotated[Path, typer.Option(help="The file from `lastro linkage ask`, its verdicts filled in.")],
    as_json: Json = False,
) -> None:
    """Choose threshold and weights that agree best with judged pairs, tell what each threshold would cost, and write them into the model."""
    from pipelines import calibrating_tables

    calibrating_tables.calibrate(spec, data, model, judged, as_json)


@linkage_app.command("evaluate")
def linkage_evaluate(as_json: Json = False) -> None:
    """Precision and recall from the judged sample with their intervals, what each threshold would cost, and errors by group."""
    from pipelines import linkage_quality

    linkage_quality.evaluate(as_json)


@linkage_app.command("report")
def linkage_report(
    person: Annotated[str, typer.Option(help="Whose bonds to draw: P-…, a record id, or source/object/key; the most doubtful person when left out.")] = "",
    pair: Annotated[tuple[int, int], typer.Option(metavar="RECORD RECORD", help="Whose score to take apart; the most doubtful pair when left out.")] = (0, 0),
    as_json: Json = False,
) -> None:
    """Write one page of pictures: weights, scores, a pair, a person's bonds, blocking rules, hubs and the last model; no value, pseudonyms only."""
    from pipelines.linkage_report import write

    write.write(person, pair if any(pair) else None, as_json)
