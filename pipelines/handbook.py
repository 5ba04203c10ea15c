"""Writes docs/reference from the code: `python -m pipelines.handbook` (or `make docs`); a test holds the pages to it."""

import csv
import inspect
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from contacts.settings import ROOT, SETTINGS

REFERENCE = ROOT / "docs" / "reference"
CASES = ROOT / "tests" / "spec" / "cases"
WRITTEN = "<!-- Written by `make docs` from the code; change the code, not this page. -->\n"


def pages() -> dict[str, str]:
    """File name -> content of every reference page."""
    made = {
        "commands.md": commands(),
        "settings.md": settings(),
        "stages.md": stages(),
        "rules.md": rules(),
        "policy.md": policy(),
        "sources.md": sources(),
        "linkage.md": linkage(),
        "tables.md": tables(),
        "reasons.md": reasons(),
        "values.md": values(),
    }
    return {name: f"{WRITTEN}\n{body.rstrip()}\n" for name, body in made.items()}


def commands() -> str:
    """Every command with its arguments and options."""
    import typer

    from pipelines.cli import app

    group = typer.main.get_command(app)
    parts = ["# Commands", "`lastro COMMAND --help` says the same. Output is a table on a terminal and JSON in a pipe or with `--json`."]
    for path, command in _commands("lastro", group):
        rows = []
        for parameter in command.params:
            if parameter.name == "help":
                continue
            name = ", ".join(parameter.opts) if parameter.param_type_name == "option" else parameter.name.upper()
            default = parameter.default if not callable(parameter.default) and parameter.default not in ("", None, False) else ""
            rows.append((f"`{name}`", getattr(parameter, "help", None) or "", f"`{default}`" if default != "" and "Sentinel" not in str(default) else ""))
        parts += [f"## {path}", command.help or "", _table(("argument or option", "meaning", "default"), rows)]
    return "\n\n".join(parts)


def settings() -> str:
    """Every environment variable."""
    rows = [(f"`{setting.name}`", setting.meaning, f"`{setting.default}`") for setting in SETTINGS]
    return "# Settings\n\nEnvironment variables, read once at the start of a command.\n\n" + _table(("name", "meaning", "default"), rows)


def stages() -> str:
    """Every stage in order."""
    from pipelines.stages import STAGES

    rows = [
        (
            f"`{stage.name}`",
            stage.title_pt,
            inspect.getdoc(stage.function) or "",
            ", ".join(stage.reads),
            ", ".join(stage.writes),
            "yes" if stage.per_source else "",
        )
        for stage in STAGES
    ]
    return "# Stages\n\nIn this order; each is one transaction and may be repeated.\n\n" + _table(
        ("stage", "em português", "what it does", "reads", "writes", "per source"), rows
    )


def rules() -> str:
    """Every validation rule."""
    from expectations.rules import describe_rules

    described = describe_rules()
    rows = [
        (*(rule[name] for name in ("id", "field", "dimension", "severity", "owner", "weight")), f"`{rule['reason']}`", rule["message_en"], rule["message_pt"])
        for rule in described
    ]  # fmt: skip
    head = f"# Rules\n\n{len(rows)} rules. A record that fails a `quarantine` rule is set aside, a failed `halt` rule closes the gate, `warn` only tells.\n\n"
    return head + _table(("rule", "field", "dimension", "severity", "owner", "weight", "reason", "it fails when", "falha quando"), rows)


def policy() -> str:
    """Every key of the privacy officer's file."""
    from privacy.policy import Policy

    return "# Policy keys\n\nKeys of `privacy/policy.yml`, the privacy officer's file.\n\n" + _keys(Policy)


def sources() -> str:
    """Every key of a source file."""
    from pipelines.sources.spec import Source

    return "# Source keys\n\nKeys of `pipelines/sources/<name>.yml`; the file's name is the source's name.\n\n" + _keys(Source)


def linkage() -> str:
    """Every key of the data steward's file."""
    from dedup.linkage import Linkage
    from dedup.table import Table

    table = "\n\n# Keys of any flat table\n\nKeys of a file for `lastro linkage rows`; `dedup/presets/` has three to start from.\n\n"
    return "# Linkage keys\n\nKeys of `dedup/linkage.yml`, the data steward's file.\n\n" + _keys(Linkage) + table + _keys(Table)


def tables() -> str:
    """The data dictionary: every column with its mark."""
    from contacts.tables import metadata

    head = "# Tables\n\nThe data dictionary. `personal` columns hold a value about a person, `pseudonym` columns a keyed id of one, `plain` columns neither."
    parts = [head]
    for table in metadata.sorted_tables:
        rows = []
        for column in table.columns:
            kind = str(column.type).lower()
            rows.append((f"`{column.name}`" + (" 🔑" if column.primary_key else ""), kind, column.info["mark"], column.info.get("category", "")))
        parts.append(f"## {table.name}\n\n{_table(('column', 'type', 'mark', 'category'), rows)}")
    return "\n\n".join(parts)


def reasons() -> str:
    """Every reason code with its sentence in both languages."""
    from contacts.values.reasons import REASONS as VALUES
    from dedup.judgements import REASONS as JUDGEMENTS
    from expectations.repair import PATCH_REASONS, WAIVER_REASONS
    from privacy.contact_rules.reasons import CONTACT_REASONS
    from privacy.reasons import REASONS as PERMISSIONS

    values = [(f"`{code}`", *texts[:2]) for code, texts in sorted(VALUES.items())]
    permissions = [(f"`{reason.code}`", reason.pt, reason.en, reason.article) for reason in PERMISSIONS]
    return "\n\n".join(
        [
            "# Reason codes",
            "## Values",
            "Why a value was fixed, only suggested, or rejected.",
            _table(("code", "em português", "in English"), values),
            "## Permissions",
            _table(("code", "em português", "in English", "source"), permissions),
            "## Contact rules",
            "Why a contact is allowed or not at a moment; behind a colon stands the policy's rule that says so, and its citation is shown.",
            _table(("code", "em português", "in English", "source"), [(f"`{one.code}`", one.pt, one.en, one.article) for one in CONTACT_REASONS]),
            "## Exceptions",
            "Why a person lets a record out of quarantine (`lastro quarantine waive`).",
            _table(("code", "em português", "in English"), [(f"`{code}`", *texts) for code, texts in WAIVER_REASONS.items()]),
            "## Patches",
            "Why a person puts a value in the place of the source's (column `reason` of a patch file).",
            _table(("code", "em português", "in English"), [(f"`{code}`", *texts) for code, texts in PATCH_REASONS.items()]),
            "## Judgements",
            "Why a person says that two records are, or are not, one person (`lastro judge`, `review`, `merge`, `unmerge`, `move`, `undo`).",
            _table(
                ("code", "stands with", "em português", "in English"), [(f"`{code}`", ", ".join(with_), *texts) for code, (with_, *texts) in JUDGEMENTS.items()]
            ),
        ]
    )


def values() -> str:
    """Every literal case the tests hold the readers of values to, a table per kind of value."""
    parts, count = [], 0
    for file in sorted(CASES.glob("*.csv")):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        said = [line.removeprefix("# ").strip() for line in lines if line.startswith("# ")]
        rows = list(csv.reader(line for line in lines if not line.startswith("# ")))
        count += len(rows) - 1
        cells = [[*(_code(cell) for cell in row[:4]), row[4], _code(row[5]), row[6]] for row in rows[1:]]
        parts += [f"## {file.stem.replace('_', ' ').capitalize()}", *said, f"{len(cells)} cases.", _table(rows[0], cells)]
    head = (
        f"{count} literal cases; the tests read the same tables. `normal` is the form kept, and after → what is only suggested; `key` is what linkage"
        " compares. Outcome `ok`: right as written or in another usual writing; `fixed`: a safe repair; `suggested`: a guess, kept apart; `rejected`:"
        " no value, and the raw text stays. Reasons are explained under [reason codes](reasons.md)."
    )
    return "\n\n".join(["# Values", head, *parts])


def _code(text: str) -> str:
    """Text as it is written, for a table; two backticks where it holds one."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}" if text.strip() else ""


def _commands(path: str, command: Any) -> Iterable[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(f"{path} {name}", inner)
    if not hasattr(command, "commands"):
        yield path, command


def _keys(model: Any, seen: set[Any] | None = None) -> str:
    """A table of a pydantic model's keys, then of the models its keys hold."""
    seen = seen if seen is not None else set()
    seen.add(model)
    rows, inner = [], []
    for name, info in model.model_fields.items():
        described = info.description or ""
        rows.append((f"`{info.alias or name}`", _kind(info.annotation), "" if info.is_required() else "optional", described))
        inner += [found for found in _models(info.annotation) if found not in seen]
        seen.update(inner)
    text = f"## {model.__name__}\n\n{inspect.getdoc(model) or ''}\n\n{_table(('key', 'kind', '', 'meaning'), rows)}"
    return "\n\n".join([text, *(_keys(found, seen) for found in dict.fromkeys(inner))])


def _models(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models(part)]


def _kind(annotation: Any) -> str:
    """An annotation in a reader's words."""
    origin, parts = get_origin(annotation), [part for part in get_args(annotation) if part is not type(None)]
    if origin is Literal:
        return " \\| ".join(f"`{part}`" for part in parts)
    if origin in (Union, UnionType):
        return " or ".join(_kind(part) for part in parts)
    if origin in (list, tuple, set, frozenset):
        return "list of " + (_kind(parts[0]) if parts else "values")
    if origin is dict:
        return f"{_kind(parts[0])} → {_kind(parts[1])}"
    if hasattr(annotation, "__metadata__"):
        return _kind(parts[0])
    if annotation is Ellipsis:
        return ""
    names = {"str": "text", "int": "whole number", "float": "number", "Decimal": "number", "bool": "true or false", "date": "date"}
    name = getattr(annotation, "__name__", str(annotation))
    return names.get(name, f"[{name}](#{name.lower()})" if hasattr(annotation, "model_fields") else name)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(" ".join(str(cell).replace("|", "\\|").replace("\\\\|", "\\|").split()) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines) if len(lines) > 2 else ""


def main() -> None:
    """Write the pages."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (Path(REFERENCE) / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
