"""How right the persons are: pairwise precision, recall and F1, and B-cubed, against a known truth."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from contacts import tables
from contacts.errors import GateClosed
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.settings import ROOT, Settings, load
from dedup.learning import NothingToLearn
from pipelines.linkage_training import learn_weights
from pipelines.run import connect, execute, open_batch
from pipelines.sources.names import source_names
from pipelines.stages import STAGES

AS_OF = datetime(2026, 11, 20, 6, tzinfo=UTC)


def generated(home: Path, people: int, seed: int) -> str:
    """Figures of a generated world."""
    from pipelines.demo.write import write_demo

    settings = load({"LASTRO_HOME": str(home)})
    write_demo(settings.inbox, people, seed)
    run_all(settings)
    truth = pd.read_csv(settings.inbox / "truth" / "truth.csv", dtype=str)
    texts = [SEPARATOR.join(parts) for parts in truth[["source", "object", "source_key"]].itertuples(index=False)]
    frame = pd.DataFrame({"record_id": pseudonyms(settings.key, "record", texts), "entity": truth["person"]})
    return f"generated, {people:,} people, seed {seed}\n" + compare(settings, frame)


def chicago(home: Path, folder: Path) -> str:
    """Figures of the real childcare listings: linkage against ``True Id``, and what the quality rules found."""
    configuration = ROOT / "benchmarks" / "chicago"
    environment = {"LASTRO_HOME": str(home), "LASTRO_INBOX": str(folder.resolve()), "LASTRO_SOURCES": str(configuration / "sources")}
    settings = load(environment | ({"LASTRO_LINKAGE": str(configuration / "linkage.yml")} if (configuration / "linkage.yml").exists() else {}))
    run_all(settings)
    listings = pd.read_csv(folder / "listings_with_true_ids.csv", dtype=str)
    texts = [SEPARATOR.join(("chicago", "listings", key)) for key in listings["Id"]]
    truth = pd.DataFrame({"record_id": pseudonyms(settings.key, "record", texts), "entity": listings["True Id"]})
    with connect(settings).transaction() as db:
        gate = db.read(tables.batch, "gate")["gate"].iloc[0]
        states = db.counts(tables.contact, "state")
        halted = db.read(tables.gate_result, "rule", "evaluated", "failed", where=(tables.gate_result.c.severity == "halt"))
        found = db.counts(tables.finding, "rule", "reason", "severity").sort_values("n", ascending=False)
        delivery = db.read(tables.delivery, "source", "status", "rows_read", "new", "refused")
    shown = [frame.to_string(index=False) for frame in (delivery, states, halted, found)]
    return "\n".join(["Chicago childcare listings", compare(settings, truth), f"gate: {gate}", *shown])


def run_all(settings: Settings) -> None:
    """Every stage once, as one batch, approved; weights are learned once before linking, as a user does after a first delivery."""
    warehouse = connect(settings)
    batch = open_batch(warehouse, settings, "quality", AS_OF)
    for stage in STAGES:
        if stage.name == "link":
            with suppress(NothingToLearn):  # few records are linked with the documented weights
                learn_weights(warehouse, settings)
        for part in source_names(settings) if stage.per_source else ("",):
            try:
                execute(warehouse, settings, stage.name, batch, part, "benchmark")
            except GateClosed:  # linking is over by then, and its figures stand; the gate is printed with them
                continue
    warehouse.close()


def compare(settings: Settings, truth: pd.DataFrame) -> str:
    """Compare the persons in the warehouse with ``truth`` (record_id, entity): over all true records, those set aside or
    refused counting as missed, and over the records that reached linking."""
    with connect(settings).transaction() as db:
        membership = db.read(tables.membership, "record_id", "person_id")
        unsure = db.count(tables.pair, tables.pair.c.zone == "unsure")
    everyone = truth.merge(membership, on="record_id", how="left")
    linked = everyone.dropna(subset=["person_id"])
    alone = "set aside " + everyone["record_id"].astype(str)
    everyone["person_id"] = everyone["person_id"].astype(object).where(everyone["person_id"].notna(), alone)
    return "\n".join([f"unsure pairs {unsure:,}", *_figures("all true records", everyone), *_figures("records that were linked", linked)])


def _figures(what: str, records: pd.DataFrame) -> list[str]:
    from dedup.evaluation import b_cubed, pairwise

    told = [f"{what}: {len(records):,} of {records['entity'].nunique():,} true entities"]
    for name, measured in (("pairs", pairwise(records, records)), ("B-cubed", b_cubed(records, records))):
        told.append(f"  {name:<8}" + " ".join(f"{measure} {value:.4f}" for measure, value in measured.items()))
    return told
