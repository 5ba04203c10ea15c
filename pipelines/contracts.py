"""`lastro sources contract` and `lastro sources breaches`: a source's contract in the open standard, and the clauses its last delivery broke."""

from pathlib import Path
from typing import Any

import yaml

from contacts import tables
from contacts.configuration import perhaps
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import load
from pipelines import screen
from pipelines.quarantining import in_language
from pipelines.run import connect, find_batch
from pipelines.sources.names import source_names
from pipelines.sources.odcs import contract_of
from pipelines.sources.spec import load_source

TO_DO = {
    "required": ("peça o arquivo com a coluna, ou corrija o nome dela no contrato", "ask for the file with the column, or mend its name in the contract"),
    "types": ("pergunte ao dono o que a coluna contém agora", "ask the owner what the column holds now"),
    "on_new_column": ("declare a coluna em `allowed` ou `ignored`", "declare the column under `allowed` or `ignored`"),
    "enum": ("pergunte ao dono o que a palavra nova significa; depois acrescente-a", "ask the owner what the new word means, then add it"),
    "filled": ("pergunte ao dono por que a coluna veio vazia", "ask the owner why the column came empty"),
    "freshness": ("pergunte ao dono se a exportação parou", "ask the owner whether the export has stopped"),
    "at_least": ("peça a entrega completa; ninguém foi dado por ausente", "ask for the whole delivery; nobody was taken for gone"),
    "at_most": ("pergunte ao dono de onde vêm as linhas a mais", "ask the owner where the other rows come from"),
    "shrinks_at_most": (
        "peça a entrega completa; se a fonte encolheu de fato, aumente o limite e rode `lastro run`",
        "ask for the whole delivery; if the source did shrink, raise the limit and run `lastro run`",
    ),
}
"""Clause → what to do about a breach, in Portuguese and English."""


def export(name: str, out: Path | None, as_json: bool) -> None:
    """Print the contract of a source, or write it as YAML to ``out``. Raises NotFound, ConfigurationError."""
    settings = load()
    known = source_names(settings)
    if name not in known:
        raise NotFound(f"There is no source {name!r}{perhaps(name, known) or '.'}", f"The sources are {', '.join(known)}.")
    said = contract_of(load_source(settings.sources / f"{name}.yml"))
    text = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=160)
    if out:
        try:
            with out.open("x", encoding="utf-8") as handle:
                handle.write(text)
        except FileExistsError:
            raise ConfigurationError("That contract file exists already.", "Name another one, or move it away; nothing was overwritten.") from None
        except OSError as error:
            raise ConfigurationError(f"The contract cannot be written ({type(error).__name__}).", "Name a file in a folder you may write to.") from None
    says = [f"Contract of {name}, version {said['version']}: {out}"] if out else [text.replace("[", "\\[")]
    screen.show(as_json, said, [], says, "lastro sources breaches" if out else f"lastro sources contract {name} --out {name}.odcs.yaml")


def breaches(as_json: bool) -> None:
    """List the clauses broken by the newest batch's deliveries, by source, with what to do; names and counts only."""
    settings = load()
    warehouse = connect(settings)
    batch = find_batch(warehouse)
    kept = tables.contract_result
    with warehouse.transaction(read_only=True) as db:
        judged = db.count(kept, kept.c.batch_no == batch.number)
        columns = ("source", "object", "clause", "source_column", "bound", "failed", "of")
        found = db.read(kept, *columns, where=(kept.c.batch_no == batch.number) & (kept.c.status == "breached"))
        said = db.read(tables.delivery, "source", "object", "status", "detail", where=tables.delivery.c.batch_no == batch.number)
    pt = settings.language == "pt"
    rows: list[dict[str, Any]] = [
        {**{str(name): value for name, value in row.items()}, "failed": int(row["failed"]), "of": int(row["of"]), "do": TO_DO[row["clause"]][0 if pt else 1]}
        for row in found.sort_values(["source", "object", "clause", "source_column"]).to_dict("records")
    ]
    deliveries = {(row["source"], row["object"]) for row in rows}
    details = [row for row in said.to_dict("records") if (row["source"], row["object"]) in deliveries and isinstance(row["detail"], str)]
    says = [f"{row['source']}.{row['object']} ({row['status']}): {row['detail']}".replace("[", "\\[") for row in details]
    none = "Nenhuma cláusula foi descumprida." if pt else "No clause was broken."
    count = f"{judged:,} cláusulas conferidas no lote {batch.batch_id}." if pt else f"{judged:,} clauses held against batch {batch.batch_id}."
    told = {"batch": batch.batch_id, "clauses": judged, "breached": rows, "deliveries": details}
    screen.show(as_json, told, [("", in_language(rows, settings.language))], [*says, *([] if rows else [none]), count], "lastro sources   ·   lastro run")
