"""The consent ledger is append-only, every policy that decided is kept, and a ground is never changed in silence."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from contacts import tables
from contacts.errors import ConfigurationError, WarehouseRefused
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from pipelines.stages import consent
from privacy import sealing
from privacy.policy import Policy, load_policy
from privacy.policy_history import check_basis_changes, policy_at, record
from tests.integration.privacy_batch import AS_OF, add_events, add_people, no, run_stage, yes


@pytest.fixture
def sealed(warehouse: Warehouse, settings: Settings) -> Warehouse:
    """Ana consented and Bia withdrew; batch 1 has been decided and sealed."""
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 2, 101), no(2, 3, "withdrawn", "2026-06-01T10:00:00Z")])
    run_stage(consent, warehouse, settings)
    return warehouse


def test_the_database_refuses_to_change_a_consent_event(sealed: Warehouse) -> None:
    with pytest.raises((DBAPIError, WarehouseRefused)), sealed.transaction() as db:
        db.update(tables.consent_event, tables.consent_event.c.event_id == 2, type="granted")
    with sealed.transaction() as db:
        assert db.read(tables.consent_event).set_index("event_id")["type"].to_dict() == {1: "granted", 2: "withdrawn"}


@pytest.mark.parametrize("change", ["delete", "add", "swap"])
def test_an_event_added_taken_away_or_exchanged_afterwards_is_noticed(sealed: Warehouse, change: str) -> None:
    with sealed.transaction() as db:
        assert sealing.broken(db) == []
        if change != "add":
            db.delete(tables.consent_event, tables.consent_event.c.event_id == 2)
        if change != "delete":
            add_events(db, [no(2 if change == "swap" else 3, 3, "objected", "2026-06-01T10:00:00Z")])
        assert sealing.broken(db) == [1]


def test_a_repeated_batch_is_sealed_once(sealed: Warehouse, settings: Settings) -> None:
    run_stage(consent, sealed, settings)
    with sealed.transaction() as db:
        assert db.count(tables.ledger, tables.ledger.c.action == sealing.ACTION) == 1
        assert sealing.broken(db) == []


def test_the_policy_that_decided_is_kept_whole_and_can_be_asked_again(sealed: Warehouse, settings: Settings) -> None:
    with sealed.transaction() as db:
        kept = policy_at(db, AS_OF)
        assert kept == load_policy(settings.policy)
        assert kept is not None
        assert set(db.read(tables.permission)["policy_version"]) == {kept.policy_version}
        assert policy_at(db, datetime.fromisoformat("2026-11-22T11:59:59Z")) is None


def with_newsletter(tmp_path: Path, more: str) -> Policy:
    """The policy with the newsletter on legitimate interest instead of consent, and ``more`` lines in its block."""
    text = (ROOT / "privacy" / "policy.yml").read_text(encoding="utf-8")
    start, end = text.index("  newsletter:\n"), text.index("  partner_offers:\n")
    block = text[start:end]
    versions = block[block.index("    versions:") : block.index("    opt_out:")]
    block = block.replace('{ground: consent, article: "LGPD art. 7 I"}', '{ground: legitimate_interest, article: "LGPD art. 7 IX"}')
    block = block.replace('{ground: consent, article: "GDPR art. 6(1)(a)"}', '{ground: legitimate_interest, article: "GDPR art. 6(1)(f)"}')
    block = block.replace("requires: consent", "requires: none").replace(versions, more).replace("minors: guardian", "minors: deny")
    file = tmp_path / "policy.yml"
    file.write_text(text[:start] + block + text[end:], encoding="utf-8")
    return load_policy(file)


OLD_TEST = "    balancing_test: {made: 2025-02-10, review_by: 2027-02-10, document: LIA-9}\n"
NEW_TEST = "    balancing_test: {made: 2026-12-01, review_by: 2027-12-01, document: LIA-9}\n"
CHANGE = "    basis_change: {since: 2026-12-02, notice: N-1, because: {pt: p, en: e}}\n"


@pytest.mark.parametrize(("more", "refused"), [(OLD_TEST, True), (NEW_TEST, True), (OLD_TEST + CHANGE, True), (NEW_TEST + CHANGE, False)])
def test_consent_that_was_withdrawn_does_not_go_on_as_legitimate_interest_in_silence(sealed: Warehouse, tmp_path: Path, more: str, refused: bool) -> None:
    policy = with_newsletter(tmp_path, more)
    with sealed.transaction() as db:
        if refused:
            with pytest.raises(ConfigurationError, match="newsletter: it rested on consent"):
                check_basis_changes(db, policy, 2)
        else:
            check_basis_changes(db, policy, 2)


def test_who_withdrew_stays_withdrawn_on_the_new_ground(sealed: Warehouse, settings: Settings, tmp_path: Path) -> None:
    with_newsletter(tmp_path, NEW_TEST + CHANGE)
    with sealed.transaction() as db:
        add_people(db, 2)
    run_stage(consent, sealed, replace(settings, policy=tmp_path / "policy.yml"), 2)
    with sealed.transaction() as db:
        rows = db.read(tables.permission, where=tables.permission.c.purpose == "newsletter").set_index("person_id")
        assert rows["state"].to_dict() == {"P-ANA": "BASIS", "P-BIA": "WITHDRAWN"}
        assert db.count(tables.policy_version) == 2
        record(db, load_policy(settings.policy), 2)
        assert db.count(tables.policy_version) == 2
