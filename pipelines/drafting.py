"""`lastro sources infer`: show what a delivery's columns look like and write the draft of its source file."""

from dataclasses import asdict
from pathlib import Path

from contacts.errors import ConfigurationError
from pipelines import screen
from pipelines.sources.infer import profile
from pipelines.sources.skeleton import skeleton


def draft(file: Path, out: Path | None, as_json: bool) -> None:
    """Profile ``file``; write the draft to ``out``, or print it below the table."""
    found = profile(file)
    text = skeleton(found, out.stem if out else "draft")
    if out:
        try:
            with out.open("x", encoding="utf-8") as handle:
                handle.write(text)
        except FileExistsError:
            raise ConfigurationError("That source file exists already.", "Name another one; nothing was overwritten.") from None
        except OSError as error:
            raise ConfigurationError(f"The draft cannot be written ({type(error).__name__}).", "Name a file in a folder you may write to.") from None
    rows = [{"column": column.name, "filled": f"{column.filled:.0%}", "looks like": column.looks, "field": column.field} for column in found.columns]
    data = {"rows": found.rows, "refused": found.refused, "read": dict(found.read), "columns": [asdict(column) for column in found.columns], "draft": text}
    brackets = text.replace("[", "\\[")  # rich would read them as styles
    says = [f"{found.rows:,} rows read, {found.refused:,} refused."] + ([f"The draft is {out}; settle what it marks TODO."] if out else [brackets])
    screen.show(as_json, data, [("", rows)], says, "lastro check" if out else f"lastro sources infer {file.name} --out NAME.yml")
