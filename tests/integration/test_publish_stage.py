"""Publishing: only permitted rows and columns, one pointer, the gate, the audit, rollback; a withdrawal takes effect in every version."""

import pandas as pd
import pytest

from contacts import ledger, tables
from contacts.errors import ApprovalNeeded, GateClosed, NotFound
from contacts.schema import HOUSEHOLD
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.stages import consent, publish
from privacy import views
from privacy.clean import PERMITTED, clean_rows
from privacy.policy import load_policy
from tests.integration.privacy_batch import add_events, add_golden, add_people, no, query, run_stage, yes


@pytest.fixture
def published(warehouse: Warehouse, settings: Settings) -> Warehouse:
    """Batch 1 is live: Ana consented to the newsletter, Bia did not."""
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 2, 101)])
        add_golden(db)
    run_stage(consent, warehouse, settings)
    run_stage(publish, warehouse, settings)
    return warehouse


def next_batch(warehouse: Warehouse, settings: Settings, number: int, gate: str = "green") -> None:
    with warehouse.transaction() as db:
        add_people(db, number, gate)
        add_golden(db, number)
    run_stage(consent, warehouse, settings, number)


def test_a_view_shows_permitted_rows_and_permitted_columns_only(published: Warehouse, settings: Settings) -> None:
    seen = query(published, "SELECT * FROM clean_newsletter")
    assert list(seen.columns) == [
        "person_id",
        "channel",
        "contact_value",
        "given_name",
        "social_name",
        "language",
        "basis",
        "valid_until",
        "policy_version",
        "derived_at",
        "stale_after",
        "batch_no",
    ]
    assert set(zip(seen["derived_at"], seen["stale_after"], strict=True)) == {("2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z")}
    assert seen[["person_id", "contact_value", "given_name"]].values.tolist() == [["P-ANA", "ana@example.com", "Ana"]]
    assert query(published, "SELECT person_id FROM clean_partner_offers").empty
    assert query(published, "SELECT person_id, channel FROM clean_billing ORDER BY channel").values.tolist() == [["P-ANA", "email"], ["P-ANA", "post"]]
    fraud = query(published, "SELECT * FROM clean_fraud_prevention")
    assert "contact_value" not in fraud.columns
    assert fraud["person_id"].tolist() == ["P-ANA"]


def test_no_stored_row_holds_a_field_its_purpose_may_not_use(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        rows = db.read(tables.clean_row)
    for code, purpose in load_policy(settings.policy).purposes.items():
        mine = rows[rows["purpose"] == code]
        held = {name for name in tables.SINGLE_FIELDS if mine[name].notna().any()}
        assert held <= set(purpose.fields)


def test_who_lives_together_is_told_only_to_a_purpose_that_names_it(published: Warehouse, settings: Settings) -> None:
    policy = load_policy(settings.policy)
    assert not any(HOUSEHOLD in purpose.fields for purpose in policy.purposes.values())
    named = policy.purposes["billing"].model_copy(update={"fields": (*policy.purposes["billing"].fields, HOUSEHOLD)})
    wider = policy.model_copy(update={"purposes": policy.purposes | {"billing": named}})
    with published.transaction() as db:
        db.update(tables.golden_contact, household_id="H-1", household_shares="address+family")
        golden, points = db.read(tables.golden_contact), db.read(tables.golden_point)
        permitted = db.read(tables.permission, *PERMITTED, where=tables.permission.c.allowed)
    for told, expected in ((policy, set()), (wider, {"billing"})):
        rows = clean_rows(told, permitted, golden, points)
        assert set(rows.loc[rows[HOUSEHOLD].notna(), "purpose"]) == expected
    assert HOUSEHOLD in views.views(wider)[views.view_of("billing")].selected_columns
    assert HOUSEHOLD not in views.views(wider)[views.view_of("newsletter")].selected_columns


def test_an_analyst_sees_masks(published: Warehouse) -> None:
    seen = query(published, "SELECT * FROM clean_analyst ORDER BY person_id").iloc[0].to_dict()
    assert "city" not in seen
    assert (seen["birth_date"], seen["postal_code"], seen["uf"]) == ("1980", "01310", "SP")
    assert seen["full_name"] == "A*** S***"
    assert "111444" not in seen["cpf"]
    assert seen["email"] == "***@e***.com" or "ana@" not in seen["email"]


def test_publishing_again_within_the_batch_changes_nothing(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        before = [db.read(table) for table in (tables.clean_row, tables.clean_masked, tables.clean_officer, tables.live)]
        log = db.count(tables.publication)
    again = run_stage(publish, published, settings)
    with published.transaction() as db:
        for frame, table in zip(before, (tables.clean_row, tables.clean_masked, tables.clean_officer, tables.live), strict=True):
            pd.testing.assert_frame_equal(db.read(table), frame)
        assert db.count(tables.publication) == log
    assert again.counts == run_stage(publish, published, settings).counts


@pytest.mark.parametrize(("gate", "error"), [("red", GateClosed), ("amber", ApprovalNeeded), (None, GateClosed)])
def test_the_gate_keeps_the_old_version(published: Warehouse, settings: Settings, gate: str, error: type[Exception]) -> None:
    next_batch(published, settings, 2, gate)
    with pytest.raises(error):
        run_stage(publish, published, settings, 2)
    with published.transaction() as db:
        assert db.read(tables.live)["batch_no"].tolist() == [1]
        assert db.count(tables.clean_row, tables.clean_row.c.batch_no == 2) == 0


def test_an_amber_batch_is_published_with_the_name_that_answers_for_it(published: Warehouse, settings: Settings) -> None:
    next_batch(published, settings, 2, "amber")
    run_stage(publish, published, settings, 2, approved_by="officer")
    run_stage(publish, published, settings, 2)  # approved already
    with published.transaction() as db:
        assert db.read(tables.batch, "approved_by", where=tables.batch.c.number == 2).iloc[0, 0] == "officer"
        assert db.read(tables.ledger, "action", "actor").query("action == 'gate.approved'").values.tolist() == [["gate.approved", "officer"]]


def test_a_withdrawal_empties_the_live_view_even_while_the_gate_is_red(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        add_events(db, [no(9, 1, "withdrawn", "2026-11-20T08:00:00Z")])
    next_batch(published, settings, 2, "red")
    with pytest.raises(GateClosed):
        run_stage(publish, published, settings, 2)
    assert query(published, "SELECT person_id FROM clean_newsletter").empty


def test_rollback_moves_one_version_back_and_never_brings_a_withdrawn_person_back(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        add_events(db, [no(9, 1, "withdrawn", "2026-11-20T08:00:00Z")])
    next_batch(published, settings, 2)
    run_stage(publish, published, settings, 2)
    with published.transaction() as db:
        assert views.rollback(db, "officer") == (2, 1)
    assert query(published, "SELECT person_id FROM clean_newsletter").empty
    assert query(published, "SELECT DISTINCT batch_no FROM clean_billing")["batch_no"].tolist() == [1]
    with published.transaction() as db:
        assert db.read(tables.ledger, "action")["action"].iloc[-1] == "publish.rollback"
        assert ledger.verify(db, settings).problem in ("", "the checkpoint file is gone")
    with pytest.raises(NotFound), published.transaction() as db:
        views.rollback(db, "officer")


def test_three_versions_stay_and_a_rolled_back_one_is_never_returned_to(published: Warehouse, settings: Settings) -> None:
    for number in (2, 3, 4):
        next_batch(published, settings, number)
        run_stage(publish, published, settings, number)
    with published.transaction() as db:
        assert db.counts(tables.clean_row, "batch_no")["batch_no"].tolist() == [2, 3, 4]
        assert views.rollback(db, "officer") == (4, 3)
    next_batch(published, settings, 5)
    run_stage(publish, published, settings, 5)
    with published.transaction() as db:
        assert db.counts(tables.clean_masked, "batch_no")["batch_no"].tolist() == [2, 3, 5]
        assert views.rollback(db, "officer") == (5, 3)
        assert views.rollback(db, "officer") == (3, 2)
    with pytest.raises(NotFound), published.transaction() as db:
        views.rollback(db, "officer")


def test_the_audit_stops_a_version_with_a_row_too_many(published: Warehouse, settings: Settings) -> None:
    policy = load_policy(settings.policy)
    with published.transaction() as db:
        views.audit(db, policy, 1)
        db.update(tables.permission, tables.permission.c.purpose == "newsletter", allowed=False)
    with pytest.raises(GateClosed, match="1 rows_without_permission"), published.transaction() as db:
        views.audit(db, policy, 1)


def test_the_audit_stops_a_version_with_a_field_too_many(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        db.update(tables.clean_row, tables.clean_row.c.purpose == "newsletter", cpf="11144477735")
    with pytest.raises(GateClosed, match="1 fields_not_permitted"), published.transaction() as db:
        views.audit(db, load_policy(settings.policy), 1)


def test_views_follow_the_policy(published: Warehouse, settings: Settings) -> None:
    policy = load_policy(settings.policy)
    narrower = policy.purposes["newsletter"].model_copy(update={"fields": ("contact_value",)})
    fewer = {code: purpose for code, purpose in policy.purposes.items() if code != "billing"} | {"newsletter": narrower}
    with published.transaction() as db:
        assert not views.refresh_views(db, policy)
        assert views.refresh_views(db, policy.model_copy(update={"purposes": fewer}))
    assert "given_name" not in query(published, "SELECT * FROM clean_newsletter").columns
    with published.transaction() as db:
        assert "clean_billing" not in views.inspect(db.connection).get_view_names()


def test_a_restricted_person_leaves_every_view_but_the_officers(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        add_events(db, [no(9, 1, "restricted", None, purpose="*")])
    run_stage(consent, published, settings)
    for view in ("newsletter", "service", "billing", "satisfaction_survey", "fraud_prevention", "analyst"):
        assert "P-ANA" not in query(published, f"SELECT person_id FROM clean_{view}")["person_id"].tolist(), view
    assert "P-ANA" in query(published, "SELECT person_id FROM clean_officer_view")["person_id"].tolist()
