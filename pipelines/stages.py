"""THE PIPELINE: the nine stages as plain functions in order, then the tuple STAGES that CLI, Airflow, docs and tests all read.

A stage reads its input from the warehouse, hands columns to a wing, writes the result, and returns counts.
It is called inside one transaction (``run.execute``), may be repeated for its batch with the same result, and
imports what is heavy only when it runs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from contacts.model import Outcome, Run


def ingest(run: Run) -> Outcome:
    """Read one source (``run.part``) into raw records; suppression first, every row kept or set aside with a reason."""
    from pipelines.ingest import ingest_source

    return ingest_source(run)


def standardise(run: Run) -> Outcome:
    """Turn new and changed raw records into contacts, contact points, interactions and free texts; raw stays."""
    from pipelines.standardising import standardise_batch

    return standardise_batch(run)


def validate(run: Run) -> Outcome:
    """Judge contacts by every rule, twice: row by row for the reason, by Great Expectations for the gate."""
    from pipelines.validating import validate_batch

    return validate_batch(run)


def scan(run: Run) -> Outcome:
    """Find personal data in free text with Presidio, the redacted text is what travels on; and what domains and employers hint at."""
    from contacts import tables
    from pipelines.inferring import infer
    from privacy.inference import INFERRED
    from privacy.scanning import scan_rows

    db = run.db
    texts = db.read(tables.free_text, where=tables.free_text.c.batch_no > run.since)
    findings, redacted = scan_rows(texts, run.batch.number, run.progress)
    of_text = ~tables.pii_finding.c.entity.startswith(INFERRED, autoescape=True)
    db.delete(tables.pii_finding, of_text & ~tables.free_text.select().where(tables.free_text.c.text_id == tables.pii_finding.c.text_id).exists())
    db.delete_for(tables.pii_finding, "text_id", texts["text_id"])
    db.append(tables.pii_finding, findings)
    db.upsert(tables.free_text, redacted)
    counts = {"texts": len(texts), "texts_with_findings": findings["text_id"].nunique(), "findings": len(findings)}
    counts |= {f"found.{entity}": int(n) for entity, n in sorted(findings["entity"].value_counts().items())}
    return Outcome(counts | {f"found.{entity}": int(n) for entity, n in sorted(infer(run)["entity"].value_counts().items())})


def link(run: Run) -> Outcome:
    """Find the records of the same person with the newest trained weights, else the documented ones; unsure pairs go to a queue, persons keep their ids."""
    import json

    from contacts import tables
    from contacts.pseudonym import person_code, pseudonym
    from dedup import identity
    from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS, Before, differing, link_batch
    from dedup.learning import is_trained
    from dedup.linkage import load_linkage
    from pipelines import acts

    db, number, key = run.db, run.batch.number, run.settings.key
    models = db.read(tables.link_model).sort_values(["batch_no", "model_hash"], ignore_index=True)
    used = models[(models["batch_no"] > 0) & (models["batch_no"] < number)]["model_hash"].tail(1)
    contacts = db.read(tables.contact, *CONTACT_COLUMNS)
    points = db.read(tables.contact_point, *POINT_COLUMNS, where=tables.contact_point.c.point_ref.is_not(None))
    judgements = acts.judged(db)
    stored, members, history = db.read(tables.pair), db.read(tables.membership), db.read(tables.identity_event)
    before = identity.undo(members, history, number)  # a repeated stage starts from where the batch started
    told = db.read(tables.receipt, "counts", where=(tables.receipt.c.stage == "link") & (tables.receipt.c.batch_no == run.since))["counts"]
    hubs = int(json.loads(told.iloc[0])["hub_blocks_dropped"]) if len(told) else 1
    earlier = Before(run.since, stored, models["parameters"].tolist(), before["record_id"], hubs, "".join(used))
    linked = link_batch(load_linkage(run.settings.linkage), contacts, points, judgements, earlier, number)
    run.progress("pairs", 1, 2)

    def born(record: int) -> str:
        return person_code(pseudonym(key, "person", str(record)))

    ages, former, returning = identity.ages(history, number), identity.former(history, number), acts.returning(db, before, history, number)
    now = identity.memberships(linked.clusters, before, ages, former, born, number, returning)
    events = acts.follow(db, identity.events(before, now, number), number)

    here = models[models["batch_no"] == number]  # an earlier attempt at this batch took them up: trained ones wait again, documented ones go
    db.replace(tables.link_model, here[here["parameters"].map(is_trained).astype(bool)].assign(batch_no=0), tables.link_model.c.batch_no == number)
    db.upsert(tables.link_model, linked.new_model)
    for names, refs in linked.names:
        db.update_for(tables.contact_point, "point_ref", refs, names=names)
    for table, was, becomes, by in ((tables.pair, stored, linked.pairs, "record_a"), (tables.membership, members, now, "record_id")):
        changed = differing(was, becomes, by)
        db.delete_for(table, by, changed)
        db.append(table, becomes[becomes[by].isin(changed)])
    db.replace(tables.identity_event, events, tables.identity_event.c.batch_no == number)
    run.progress("pairs", 2, 2)

    moves = events["kind"].value_counts()
    counts = (
        linked.counts | {"persons": now["person_id"].nunique()} | {f"zone_{zone}": int((linked.pairs["zone"] == zone).sum()) for zone in ("match", "unsure")}
    )
    return Outcome(counts | {f"records_{kind}": int(moves.get(kind, 0)) for kind in identity.MOVES}, linked.notes)


def consent(run: Run) -> Outcome:
    """Decide per person, purpose, channel and contact point what is allowed, and why."""
    from contacts import tables
    from pipelines import acts
    from privacy import policy_history, sealing
    from privacy.columns import changes
    from privacy.consent import CONTACT_COLUMNS, as_text, permissions
    from privacy.policy import load_policy

    db, number, policy = run.db, run.batch.number, load_policy(run.settings.policy)
    policy_history.check_basis_changes(db, policy, number)
    sealing.seal(db, number)
    decided = permissions(
        policy,
        run.batch.as_of,
        db.read(tables.consent_event),
        db.read(tables.membership, "record_id", "person_id"),
        db.read(tables.contact, *CONTACT_COLUMNS, where=tables.contact.c.state == "active"),
        db.read(tables.contact_point, "record_id", "type", "point_ref"),
        db.read(tables.pair, "record_a", "record_b", where=tables.pair.c.zone == "unsure"),
        acts.history(db),
    )
    run.progress("permissions", 1, 2)
    decided, persons = changes(db.read(tables.permission), decided, number)
    db.delete_for(tables.permission, "person_id", persons)
    db.append(tables.permission, as_text(decided[decided["person_id"].isin(persons)]))
    policy_history.record(db, policy, number)
    run.progress("permissions", 2, 2)

    allowed = decided[decided["allowed"]]
    changed = int((decided["batch_no"] == number).sum())
    counts = {"persons": decided["person_id"].nunique(), "decisions": len(decided), "allowed": len(allowed), "changed": changed}
    counts |= {f"state.{state}": int(n) for state, n in sorted(decided["state"].value_counts().items())}
    return Outcome(counts | {f"allowed.{purpose}": int(n) for purpose, n in sorted(allowed["purpose"].value_counts().items())})


def merge(run: Run) -> Outcome:
    """Choose the surviving value of every field, keeping its source record and rule."""
    from contacts import tables
    from contacts.pseudonym import household_code, pseudonym
    from contacts.schema import SINGLE_FIELDS
    from dedup.households import households
    from dedup.linkage import load_linkage
    from dedup.survivorship import consolidate
    from pipelines.sources.spec import load_sources

    db, number, key, linkage = run.db, run.batch.number, run.settings.key, load_linkage(run.settings.linkage)
    members = db.read(tables.membership, "record_id", "person_id")
    contacts = db.read(tables.contact, "record_id", "raw_id", "source", "kind", "source_updated_at", *SINGLE_FIELDS).merge(members, on="record_id")
    points = db.read(tables.contact_point, "record_id", "type", "point_ref", "value", "subtype", "status", "verified_at")
    # a value a person checked and put there is no guess, so it does not count as mended
    notes = db.read(tables.value_note, "record_id", "field", "reason", where=tables.value_note.c.outcome != "patched")
    trust = {name: source.trust for name, source in load_sources(run.settings.sources).items()}
    golden = consolidate(contacts, points, notes, trust, linkage.survivorship)
    home = households(golden.contacts, golden.points, linkage.households)
    home["household_id"] = home["anchor"].map({anchor: household_code(pseudonym(key, "household", anchor)) for anchor in home["anchor"].unique()})
    home = home.rename(columns={"shares": "household_shares"})[["person_id", "household_id", "household_shares"]]
    db.replace(tables.golden_contact, golden.contacts.merge(home, how="left", on="person_id").assign(batch_no=number))
    db.replace(tables.golden_attribute, golden.attributes.assign(batch_no=number))
    db.replace(tables.golden_point, golden.points.assign(batch_no=number))
    conflicts = int((golden.attributes["distinct_values"] > 1).sum())
    counts = {"persons": len(golden.contacts), "values": len(golden.attributes), "conflicts_settled": conflicts, "points": len(golden.points)}
    return Outcome(counts | {"households": home["household_id"].nunique(), "in_households": len(home)})


def publish(run: Run) -> Outcome:
    """Write the new version of the clean tables, audit it, and move the pointer when the gate allows."""
    from contacts import tables
    from pipelines.contacting import write_windows
    from privacy import views
    from privacy.clean import PERMITTED, clean_rows, masked_rows, officer_rows
    from privacy.policy import load_policy
    from privacy.roles import grant_views

    db, number, policy = run.db, run.batch.number, load_policy(run.settings.policy)
    views.check_transfers(policy, run.batch.as_of.date())
    views.check_gate(run)
    golden, points = db.read(tables.golden_contact), db.read(tables.golden_point)
    permitted = db.read(tables.permission, *PERMITTED, where=tables.permission.c.allowed)
    rows = clean_rows(policy, permitted, golden, points)
    views.write_version(db, number, rows.assign(**policy.freshness(run.batch.as_of)), masked_rows(policy, golden, points), officer_rows(golden, points))
    views.audit(db, policy, number)
    if views.refresh_views(db, policy) and db.is_postgres:
        grant_views(db, policy)
    kept = views.move_pointer(db, number, run.approved_by or "pipeline")
    windows = write_windows(db, policy, run.batch.as_of)
    counts = {"persons": len(golden), "rows": len(rows), "permitted_without_value": len(permitted) - len(rows), "versions_kept": kept}
    return Outcome(counts | windows | {f"rows.{purpose}": int(n) for purpose, n in sorted(rows["purpose"].value_counts().items())})


def report(run: Run) -> Outcome:
    """Write report.html and report.json from tables and ledger."""
    from pipelines.report_facts import facts
    from privacy.policy import load_policy
    from privacy.report.write import write

    return Outcome(write(run.db, run.settings, run.batch, load_policy(run.settings.policy), facts(run)))


@dataclass(frozen=True)
class Stage:
    """One step: its function, the tables it reads and writes, its title, and whether it runs once per source."""

    name: str
    function: Callable[[Run], Outcome]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    title_pt: str
    title_en: str
    per_source: bool = False


STAGES = (
    Stage("ingest", ingest, ("sources", "suppression"), ("raw_record", "refused_row", "delivery", "contract_result"), "receber", "ingest", per_source=True),
    Stage(
        "standardise",
        standardise,
        ("raw_record", "patch", "suppression"),
        ("contact", "contact_point", "value_note", "free_text", "interaction", "contact_attempt", "contact_preference", "consent_event", "patch", "repair"),
        "padronizar",
        "standardise",
    ),
    Stage(
        "validate",
        validate,
        ("contact", "contact_point", "value_note", "consent_event", "interaction", "waiver", "raw_record", "delivery", "contract_result"),
        ("finding", "rule_result", "gate_result", "quality_score", "quality_profile", "anomaly", "blame", "quarantine", "contact"),
        "validar",
        "validate",
    ),
    Stage("scan", scan, ("free_text", "contact", "contact_point"), ("pii_finding", "free_text"), "procurar dados pessoais", "scan"),
    Stage(
        "link",
        link,
        ("contact", "contact_point", "judgement", "identity_act", "act_record", "link_model"),
        ("link_model", "contact_point", "pair", "membership", "identity_event", "identity_act"),
        "vincular",
        "link",
    ),
    Stage(
        "consent",
        consent,
        ("consent_event", "membership", "contact", "contact_point", "pair", "identity_event", "identity_act", "act_record"),
        ("permission", "policy_version"),
        "verificar permissões",
        "consent",
    ),
    Stage("merge", merge, ("contact", "contact_point", "membership"), ("golden_contact", "golden_attribute", "golden_point"), "consolidar", "merge"),
    Stage(
        "publish",
        publish,
        ("golden_contact", "golden_point", "permission", "contact_attempt", "contact_preference", "donotcall_entry", "donotcall_snapshot"),
        ("clean_row", "clean_masked", "clean_officer", "publication", "live", "contact_window"),
        "publicar",
        "publish",
    ),
    Stage(
        "report",
        report,
        ("receipt", "ledger", "contract_result", "quality_score", "anomaly", "quarantine", "waiver", "patch", "repair", "blame", "audit"),
        ("report",),
        "relatar",
        "report",
    ),
)
