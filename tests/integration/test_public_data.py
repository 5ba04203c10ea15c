"""Public data without a purpose named for their source reach nobody, and the report says so; on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest

from contacts import tables
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from pipelines.stages import consent, publish
from privacy.policy import load_policy
from privacy.report import needs, people
from tests.integration.privacy_batch import add_events, add_golden, add_people, batch, query, run_stage, yes


@pytest.fixture
def scraped(settings: Settings, tmp_path: Path) -> Settings:
    """Settings under a policy that takes the source `marketing` (Bia's only one) for scraped, and names no purpose for it."""
    text = (ROOT / "privacy" / "policy.yml").read_text(encoding="utf-8")
    file = tmp_path / "policy.yml"
    rule = 'public_data: [{sources: [marketing], since: 2026-01-01, source: "LGPD art. 7 §3-4"}]'
    file.write_text(text.replace("public_data: []", rule, 1), encoding="utf-8")
    return replace(settings, policy=file)


def test_public_data_without_a_purpose_reach_nobody_and_are_told(warehouse: Warehouse, scraped: Settings) -> None:
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 3, 102), yes(2, 2, 101)])
        add_golden(db)
    run_stage(consent, warehouse, scraped)
    run_stage(publish, warehouse, scraped)
    with warehouse.transaction() as db:
        rows = db.read(tables.permission)
        told = people.purposes(db, batch(), load_policy(scraped.policy))
    bia = rows[rows["person_id"] == "P-BIA"]
    assert not bia["allowed"].any() and set(bia["state"]) == {"NO_PURPOSE"}
    assert bia["reasons"].str.split(",").map(lambda codes: "PUBLIC_WITHOUT_PURPOSE" in codes).all()
    assert query(warehouse, "SELECT person_id FROM clean_newsletter")["person_id"].tolist() == ["P-ANA"]
    assert {denied["state"] for row in told for denied in row["denied"]} >= {"NO_PURPOSE"}
    figures = {"merges": {"unsure_pairs": 0}, "purposes": told, "consents": {"breaches": []}, "personal_data": {"found": []}}
    assert "no_purpose" in [need["code"] for need in needs._people(figures)]
