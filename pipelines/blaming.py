"""`lastro blame`: where wrong values are typed in, who stands out and should be trained in what, and which pseudonym a staff id has."""

from typing import Any

import pandas as pd

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import load
from contacts.warehouse import Transaction
from expectations import blame
from expectations.blame import Need
from pipelines import screen
from pipelines.examples import examples
from pipelines.quarantining import HEADS_PT as QUARANTINE_PT
from pipelines.quarantining import MESSAGES, in_language, known
from pipelines.run import check_key, connect
from pipelines.sources.names import source_names
from pipelines.sources.spec import load_sources
from pipelines.sources.staff import staff_pseudonym

BY = ("source", "team", "user", "field", "rule")
PAGE = "train-who-types"
SHOWN = 20
"""Lines of a table on a terminal; JSON has them all."""
NOBODY = "–"
HEADS_PT = QUARANTINE_PT | {
    "team": "equipe", "user": "usuário", "findings": "apontamentos", "per 100 records": "por 100 registros", "others": "os outros",
    "with it": "com ele", "new": "novos", "batches": "lotes", "trend": "tendência",
}  # fmt: skip
MASKED = {"pt": "Os valores estão mascarados.", "en": "Values are masked."}
TITLES = {"pt": ("Apontamentos", "Quem se destaca", "Exemplos"), "en": ("Findings", "Who stands out", "Examples")}


def show(source: str, by: str, training: bool, as_json: bool) -> None:
    """Print findings per source, team, user, field or rule, who stands out, and with ``training`` what of, with masked examples."""
    settings = load()
    known(source, source_names(settings), "a source", page=PAGE)
    known(by, BY, "what findings are counted by", needed=True, page=PAGE)
    language = settings.language
    with connect(settings).transaction(read_only=True) as db:
        number = db.maximum(tables.blame, "batch_no")
        if number is None:
            raise NotFound("No batch has been validated yet.", "`lastro run` makes one; then there is something to count.")
        counted = _of_source(db.read(tables.blame, where=tables.blame.c.batch_no == number), source)
        batch = db.read(tables.batch, "batch_id", where=tables.batch.c.number == number)["batch_id"].iloc[0]
        needs = [need for need in training_needs(db, number) if source in ("", need.source)]
        shown = examples(db, settings, needs, number) if training else [[] for _ in needs]
    rates, told = _rates(counted, by, language), [_need(need, language) for need in needs]
    lines = [{name: row[name] for name in ("team", "user", "rule")} | example for row, found in zip(told, shown, strict=True) for example in found]
    with_examples = [row | ({"examples": found} if training else {}) for row, found in zip(told, shown, strict=True)]
    data = {"batch": batch, "by": by, "rates": rates, "needs": with_examples}
    titles = TITLES[language]
    blocks = [] if training else [(f"{titles[0]} · {batch}", in_language(rates[:SHOWN], language, HEADS_PT))]
    blocks.append((titles[1], in_language([_on_a_line(row, training) for row in told], language, HEADS_PT)))
    blocks.append((titles[2], in_language(lines, language, HEADS_PT)))
    following = "lastro blame --training   ·   lastro blame --source SOURCE --who STAFF-ID"
    screen.show(as_json, data, blocks, _says(needs, len(rates), training, language), following)


def identify(source: str, staff_id: str, as_json: bool) -> None:
    """Print the pseudonym of a source's own staff id. It is computed: nothing is looked up by it but a count, and nothing is kept or repeated."""
    settings = load()
    known(source, source_names(settings), "a source", needed=True, page=PAGE)
    if not any(spec.entered_by for spec in load_sources(settings.sources)[source].objects.values()):
        raise ConfigurationError(f"Source {source} does not say who types its rows in.", f"Map the column with `entered_by:` in {source}.yml.")
    with connect(settings).transaction(read_only=True) as db:
        check_key(db, settings)
        if not db.count(tables.batch):  # else a key would be made here, and the pseudonym be one of no warehouse
            raise NotFound("No batch has run yet.", "Staff have pseudonyms under the key of the first batch; `lastro run` makes one.")
        user = staff_pseudonym(settings.key, source, staff_id)
        records = db.count(tables.contact, (tables.contact.c.source == source) & (tables.contact.c.entered_by == user))
    said = f"{user}: {records:,} {'registros de' if settings.language == 'pt' else 'records of'} {source}."
    screen.show(as_json, {"source": source, "user": user, "records": records}, [], [said], f"lastro blame --source {source} --by user")


def training_needs(db: Transaction, number: int) -> list[Need]:
    """Who stands out in this batch and by what, and in how many batches so far: counts and pseudonyms only, for the report too."""
    return blame.training_needs(db.read(tables.blame, where=tables.blame.c.batch_no <= number), number)


def _of_source(counted: pd.DataFrame, source: str) -> pd.DataFrame:
    return counted[counted["source"] == source] if source else counted


def _rates(counted: pd.DataFrame, by: str, language: str) -> list[dict[str, Any]]:
    rows = []
    for row in blame.rates(counted, by).to_dict("records"):
        told = {str(name): value if value != "" else NOBODY for name, value in row.items()}
        told["per 100 records"] = round(100 * row["findings"] / row["records"], 1)
        rows.append(told | ({"why": _why(row["rule"], language)} if by == "rule" else {}))
    return rows


def _need(need: Need, language: str) -> dict[str, Any]:
    named = {"source": need.source, "team": need.team or NOBODY, "user": need.user or NOBODY, "field": need.field, "rule": need.rule}
    counted = {"with it": need.n, "records": need.of, "per 100 records": round(need.rate, 1), "others": round(need.rest_rate, 1)}
    trend = None if need.trend is None else round(need.trend, 1)
    return named | counted | {"new": need.fresh, "batches": need.batches, "again": need.again, "trend": trend, "why": _why(need.rule, language)}


def _why(rule: str, language: str) -> str:
    return MESSAGES[rule][language] if rule in MESSAGES else rule


def _on_a_line(row: dict[str, Any], training: bool) -> dict[str, Any]:
    """A need for a table: the trend with its sign, and the words only where they are asked for."""
    trend = NOBODY if row["trend"] is None else f"{row['trend']:+.1f}"
    left_out = {"again"} if training else {"again", "why"}
    return {name: value for name, value in (row | {"trend": trend}).items() if name not in left_out}


def _says(needs: list[Need], lines: int, training: bool, language: str) -> list[str]:
    again, found, pt = sum(need.again for need in needs), len(needs), language == "pt"
    if not found:
        says = ["Ninguém se destaca entre os outros da mesma fonte." if pt else "Nobody stands out among the others of their source."]
    elif pt:
        says = [f"{found} vezes alguém se destaca entre os outros da mesma fonte" + (f", {again} delas de novo." if again else ".")]
    else:
        says = [f"{found} times somebody stands out among the others of their source" + (f", {again} of them again." if again else ".")]
    if lines > SHOWN and not training:
        says.append(f"Há mais {lines - SHOWN} linhas no JSON." if pt else f"JSON has {lines - SHOWN} lines more.")
    return [*says, MASKED[language]] if training and found else says
