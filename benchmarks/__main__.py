"""`python -m benchmarks`: stages (seconds, rows per second, peak memory, growth), values beside the libraries, and quality (precision, recall, F1)."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks import contactable, incremental, permissions, quality, stages, standardise
from benchmarks.linkage.command import linkage

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=False, invoke_without_command=True, rich_markup_mode=None)
app.command("linkage")(linkage)


@app.callback()
def everything(context: typer.Context) -> None:
    """Without a command: 2, 50 and 200 thousand people on SQLite, 50 thousand on PostgreSQL when there is one, and the demo's quality."""
    if context.invoked_subcommand is None:
        measure_stages(people=[2_000, 50_000, 200_000], database="sqlite", seed=7)
        measure_stages(people=[50_000], database="postgres", seed=7)
        measure_standardise(people=200_000, seed=7)
        measure_contactable(people=200_000, seed=7)
        measure_permissions(people=1_000_000, seed=7)
        measure_quality(people=2_000, seed=7)


@app.command("stages")
def measure_stages(
    people: Annotated[list[int] | None, typer.Option(help="World sizes; repeat the option.")] = None,
    contacts: Annotated[list[int] | None, typer.Option(help="Instead of a world, a list of so many contacts with two phones and two e-mails each.")] = None,
    database: Annotated[str, typer.Option(help="sqlite or postgres.")] = "sqlite",
    seed: int = 7,
) -> None:
    """Run every stage (of a list: ingest to validate) in a process of its own and print seconds, rows per second and peak memory."""
    chosen = stages.LIST if contacts else stages.WORLD
    measured = {size: stages.measure(size, database, seed, chosen) for size in contacts or people or [2_000]}
    if not all(measured.values()):
        print(f"no {database} server: set LASTRO_TEST_POSTGRES")
        return
    print(stages.as_table(measured, database, "contacts" if contacts else "people"))


@app.command("standardise")
def measure_standardise(people: int = 200_000, seed: int = 7) -> None:
    """Read phones, e-mails and CPFs, and beside it loop over the libraries; print the ratio, the memory and every difference."""
    print(standardise.measure(people, seed))


@app.command("contactable")
def measure_contactable(people: int = 200_000, seed: int = 7) -> None:
    """Decide for everybody whether they may be called now, and beside it loop over a sample one by one."""
    print(contactable.measure(people, seed))


@app.command("permissions")
def measure_permissions(people: int = 1_000_000, seed: int = 7) -> None:
    """Decide six purposes on three channels for everybody, and for a sample beside it with the plain loop over `decide`."""
    print(permissions.measure(people, seed))


@app.command("quality")
def measure_quality(people: int = 2_000, seed: int = 7) -> None:
    """Link a generated world and compare the persons with the truth."""
    with TemporaryDirectory() as folder:
        print(quality.generated(Path(folder), people, seed))


@app.command("incremental")
def measure_incremental(
    file: Annotated[Path, typer.Argument(help="Parquet file of contacts in the columns of benchmarks/incremental.yml.")],
    base: int = 900_000,
    linkage: Path = incremental.LINKAGE,
) -> None:
    """Take 10 batches of 1 thousand and 5 of 10 thousand rows into an index, look records up, and compare with one full run."""
    if not file.is_file():
        print("That file does not exist.", file=sys.stderr)
        raise typer.Exit(2)
    print(incremental.measure(file, base, [(1_000, 10), (10_000, 5)], linkage))


@app.command("chicago")
def measure_chicago(folder: Annotated[Path, typer.Argument(help="Folder with listings_with_true_ids.csv.")]) -> None:
    """Run the whole job on real listings of childcare sites and compare with their true ids."""
    if not folder.is_dir():
        print("That folder does not exist.", file=sys.stderr)
        raise typer.Exit(2)
    with TemporaryDirectory() as home:
        print(quality.chicago(Path(home), folder))


if __name__ == "__main__":
    app()
