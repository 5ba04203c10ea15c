"""Every figure of the report, from tables and ledger alone: plain dictionaries of counts, the same for the same tables."""

import hashlib
from typing import Any

from contacts.canonical import canonical_json
from contacts.model import Batch
from contacts.settings import Settings
from contacts.warehouse import Transaction
from privacy.policy import Policy
from privacy.report import consents, name_groups, needs, people, proof, quality, records, upkeep
from privacy.report.facts import Facts


def collect(db: Transaction, settings: Settings, batch: Batch, policy: Policy, facts: Facts) -> dict[str, Any]:
    """The report's figures in the order a privacy officer reads them; reads counts and codes, no personal column."""
    state = proof.state_of_batch(db, batch)
    published_no = state["live_number"]
    funnel = people.funnel(db, published_no)
    allowed = people.purposes(db, batch, policy)
    figures: dict[str, Any] = {
        "batch": state,
        "funnel": funnel,
        "purposes": allowed,
        "consents": {
            "coverage": consents.coverage(db, batch, policy, allowed),
            "withdrawals": consents.withdrawals(db),
            "notices": consents.notices(db, batch, policy),
            "breaches": consents.breaches(facts.breaches),
            "volumes": consents.volumes(db, batch, policy),
        },
        "personal_data": people.personal_data(db),
        "quality": quality.quality(db, batch, facts),
        "deliveries": records.deliveries(db, batch),
        "contracts": records.contracts(db, batch),
        "set_aside": records.set_aside(db),
        "ageing": upkeep.ageing(db, batch),
        "exceptions": upkeep.exceptions(db, facts),
        "training": upkeep.training(facts),
        "audit": upkeep.audit(batch, facts),
        "merges": people.merges(db, batch),
        "name_groups": name_groups.name_groups(facts),
        "conservation": records.conservation(db, funnel, published_no, batch),
        "lapsed_rows": records.lapsed(db, published_no),
        "integrity": proof.integrity(db, settings, batch),
    }
    figures["main"] = main_figures(figures)
    figures["changes"] = proof.changes(db, batch, figures["main"])
    figures["needs"] = needs.needs(figures)
    figures["verdict"] = needs.verdict(figures)
    return figures


def main_figures(figures: dict[str, Any]) -> dict[str, int]:
    """The few numbers compared from batch to batch; the report's receipt keeps them."""
    funnel, checks = figures["funnel"], figures["quality"]
    data = figures["personal_data"]
    return {
        "records": funnel["records"],
        "quarantined": funnel["quarantined"],
        "persons": funnel["persons"],
        "reachable_persons": funnel["reachable_persons"],
        "published_persons": funnel["published_persons"],
        "unsure_pairs": figures["merges"]["unsure_pairs"],
        "texts_with_personal_data": data["texts_with"],
        "checks_failed": checks["evaluated"] - checks["passed"],
    }


def fingerprint(figures: dict[str, Any]) -> str:
    """SHA-256 over the figures' canonical JSON (sorted keys, no blanks, UTF-8)."""
    return hashlib.sha256(canonical_json(figures).encode()).hexdigest()
