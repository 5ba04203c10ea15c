"""Own offers by soft opt-in, from the sale on record to the clean view, on both databases: no sale, no row; a no takes it away at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contacts import tables
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from pipelines.explain_purpose import explain_purpose
from pipelines.stages import consent, publish
from tests.integration.privacy_batch import add_events, add_golden, add_people, no, query, run_stage, yes

OFFERS = """
  own_offers:
    title: {pt: Ofertas próprias semelhantes, en: Own similar offers}
    lgpd: {ground: legitimate_interest, article: "LGPD art. 7 IX; art. 10"}
    gdpr: {ground: legitimate_interest, article: "GDPR art. 6(1)(f)"}
    marketing: true
    channels: [email]
    fields: [given_name, contact_value]
    requires: relation
    relation: [crm, form, marketing]
    soft_opt_in: {channels: [email], days: 730, since: 2026-01-01, source: "CAPEM; Directive 2002/58/EC art. 13(2)"}
    opt_out: true
    minors: deny
    balancing_test: {made: 2026-02-10, review_by: 2027-02-10, document: LIA-2026-09}
    retention: {pt: dois anos após a venda, en: two years after the sale, after: last_interaction, months: 24, source: "LGPD art. 15 I"}
"""
BOUGHT = {"type": "bought", "purpose": "own_offers", "actor": "import", "method": None, "purpose_version": None}


def sale(event_id: int, record_id: int, point_ref: int, **other: Any) -> dict[str, Any]:
    return yes(event_id, record_id, point_ref, **BOUGHT) | other


@pytest.fixture
def offering(settings: Settings, tmp_path: Path) -> Settings:
    """Settings under a policy with a purpose on soft opt-in."""
    text = (ROOT / "privacy" / "policy.yml").read_text(encoding="utf-8")
    file = tmp_path / "policy.yml"
    file.write_text(text.replace("\npurposes:\n", f"\npurposes:{OFFERS}", 1), encoding="utf-8")
    return replace(settings, policy=file)


def offers(warehouse: Warehouse) -> dict[str, list[Any]]:
    with warehouse.transaction() as db:
        rows = db.read(tables.permission, where=tables.permission.c.purpose == "own_offers")
    return {row["person_id"]: [row["allowed"], row["state"], row["reasons"]] for row in rows.to_dict("records")}


def decided_for_a_buyer(warehouse: Warehouse, offering: Settings) -> None:
    """Ana bought something, Bia did not; what each may be told is decided, and nothing is published yet."""
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [sale(1, 2, 101)])
        add_golden(db)
    run_stage(consent, warehouse, offering)


def test_own_offers_reach_only_who_has_a_sale_on_record(warehouse: Warehouse, offering: Settings) -> None:
    decided_for_a_buyer(warehouse, offering)
    assert offers(warehouse) == {"P-ANA": [True, "BASIS", "RELATION_PROVEN,SALE_PROVEN"], "P-BIA": [False, "NO_SALE", "SALE_UNPROVEN"]}
    run_stage(publish, warehouse, offering)
    assert query(warehouse, "SELECT person_id FROM clean_own_offers")["person_id"].tolist() == ["P-ANA"]


def test_a_no_to_offers_wins_over_every_sale_at_once(warehouse: Warehouse, offering: Settings) -> None:
    decided_for_a_buyer(warehouse, offering)
    run_stage(publish, warehouse, offering)
    with warehouse.transaction() as db:
        add_people(db, 2)
        later = "2026-11-21T08:00:00Z"
        add_events(db, [no(2, 1, "objected", "2026-11-20T08:00:00Z", "own_offers"), sale(3, 2, 101, effective_at=later)])
    run_stage(consent, warehouse, offering, 2)
    assert offers(warehouse)["P-ANA"] == [False, "OBJECTED", "OBJECTED"]
    assert query(warehouse, "SELECT person_id FROM clean_own_offers").empty


def test_explain_tells_what_the_sale_does(warehouse: Warehouse, offering: Settings) -> None:
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [sale(1, 2, 101), sale(2, 1, 101, text_hash=None)])
    run_stage(consent, warehouse, offering)
    with warehouse.transaction() as db:
        told = explain_purpose(db, offering, "P-ANA", "own_offers")
    assert [reason["code"] for reason in told["decisions"][0]["reasons"]] == ["RELATION_PROVEN", "SALE_PROVEN"]
    assert [event["said"] for event in told["events"]] == ["bought", "bought"]
    assert "com referência" in told["events"][0]["does"][0] and "nenhuma venda" in told["events"][1]["does"][0]
