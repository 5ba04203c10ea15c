"""How the command line speaks: tables for people on a terminal, JSON for programs, progress bars only where somebody watches."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contacts.errors import LastroError
from contacts.model import Progress, no_progress

Row = Mapping[str, Any]


def for_people(as_json: bool) -> bool:
    """Whether a person is reading: standard output is a terminal and JSON was not asked for."""
    return not as_json and sys.stdout.isatty()


def show(as_json: bool, data: Any, tables: Sequence[tuple[str, Sequence[Row]]] = (), says: Sequence[str] = (), following: str = "") -> None:
    """Print ``data`` as JSON, or for people the ``tables`` (title, rows), the sentences ``says`` and the ``following`` command."""
    if not for_people(as_json):
        sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")
        return
    from rich.console import Console

    console = Console(highlight=False)
    for title, rows in tables:
        if rows:
            console.print(_table(title, rows))
    for sentence in says:
        console.print(sentence, soft_wrap="\n" in sentence)  # a file shown whole keeps its lines
    if following:
        console.print(f"[dim]Next:[/dim] {following.replace('lastro ', f'{_typed()} ')}")


def _typed() -> str:
    """How this person gets at the command: by its bare name where the shell finds it, else by its place."""
    here = Path(sys.argv[0])
    if here.name != "lastro" or shutil.which("lastro"):
        return "lastro"
    return str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here)


def fail(error: LastroError, as_json: bool = False) -> None:
    """Tell a person what is wrong and what to do, on standard error."""
    if as_json:
        told = {"error": error.sentence, "hint": error.hint, "exit_code": error.exit_code}
        sys.stderr.write(json.dumps(told, ensure_ascii=False) + "\n")
        return
    sys.stderr.write(f"lastro: {error.sentence}\n" + (f"  {error.hint}\n" if error.hint else ""))


@contextmanager
def progress_bar(as_json: bool) -> Iterator[Progress]:
    """A progress callback (label, done, total) that draws a bar on a terminal and does nothing elsewhere."""
    if not for_people(as_json) or not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label, total=total)
            bars.update(tasks[label], completed=done, total=total, visible=done < total)

        yield report


def in_words(counts: Mapping[str, int], most: int = 7) -> str:
    """Counts as a phrase: ``read 4,812 · new 4,812``; zeros and breakdowns (``state.GRANTED``) are left out, JSON has them all."""
    main = {name: value for name, value in counts.items() if "." not in name}
    told = {name: value for name, value in main.items() if value} or main
    return " · ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in list(told.items())[:most])


def _table(title: str, rows: Sequence[Row]) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title or None, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for name in rows[0]:
        number = all(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value) for value in row.values()))
    return table
