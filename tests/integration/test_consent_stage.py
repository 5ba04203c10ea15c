"""The consent stage: rows of the permission table on both databases, repeatable, and a row keeps the batch that last changed it."""

import pandas as pd
import pytest

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.stages import consent
from tests.integration.privacy_batch import add_events, add_people, no, run_stage, yes


@pytest.fixture
def decided(warehouse: Warehouse, settings: Settings) -> Warehouse:
    """Ana consented; batch 1 has been decided."""
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 2, 101)])
    run_stage(consent, warehouse, settings)
    return warehouse


def permissions(warehouse: Warehouse) -> pd.DataFrame:
    with warehouse.transaction() as db:
        return db.read(tables.permission)


def test_the_table_holds_one_row_per_case_and_the_counts_add_up(decided: Warehouse, settings: Settings) -> None:
    rows = permissions(decided)
    newsletter = rows[(rows["purpose"] == "newsletter")].set_index("person_id")
    assert newsletter["allowed"].to_dict() == {"P-ANA": True, "P-BIA": False}
    assert newsletter.loc["P-BIA", ["state", "reasons"]].tolist() == ["NEVER_ASKED", "NEVER_ASKED"]
    assert rows.loc[rows["channel"] == "post", "person_id"].unique().tolist() == ["P-ANA"]  # Bia has no address
    assert not rows["channel"].isin(["phone", "whatsapp"]).any()  # nobody has a phone
    counts = run_stage(consent, decided, settings).counts
    assert counts["decisions"] == len(rows) == sum(n for name, n in counts.items() if name.startswith("state."))
    assert counts["allowed"] == rows["allowed"].sum() == sum(n for name, n in counts.items() if name.startswith("allowed."))


def test_repeating_it_within_the_batch_gives_the_same(decided: Warehouse, settings: Settings) -> None:
    before = permissions(decided)
    first = run_stage(consent, decided, settings)
    pd.testing.assert_frame_equal(permissions(decided), before)
    assert run_stage(consent, decided, settings) == first
    assert first.counts["changed"] == len(before)


def test_a_later_batch_touches_only_what_is_decided_otherwise(decided: Warehouse, settings: Settings) -> None:
    with decided.transaction() as db:
        add_people(db, 2)
        add_events(db, [no(9, 1, "withdrawn", "2026-11-20T08:00:00Z")])
    outcome = run_stage(consent, decided, settings, 2)
    rows = permissions(decided)
    assert rows.loc[rows["batch_no"] == 2, ["person_id", "purpose", "state"]].values.tolist() == [["P-ANA", "newsletter", "WITHDRAWN"]]
    assert outcome.counts["changed"] == 1


def test_people_who_are_gone_leave_the_table(decided: Warehouse, settings: Settings) -> None:
    with decided.transaction() as db:
        add_people(db, 2)
        db.delete(tables.membership, tables.membership.c.person_id == "P-BIA")
    run_stage(consent, decided, settings, 2)
    assert set(permissions(decided)["person_id"]) == {"P-ANA"}


def test_a_no_outlives_the_record_that_brought_it(decided: Warehouse, settings: Settings) -> None:
    with decided.transaction() as db:
        add_people(db, 2)
        add_events(db, [no(9, 1, "withdrawn", "2026-11-20T08:00:00Z")])
        db.append(tables.identity_event, [{"batch_no": 1, "record_id": 1, "kind": "born", "from_person": None, "to_person": "P-ANA"}])
        db.append(tables.identity_event, [{"batch_no": 2, "record_id": 1, "kind": "left", "from_person": "P-ANA", "to_person": None}])
        db.delete(tables.membership, tables.membership.c.record_id == 1)
        db.update(tables.contact, tables.contact.c.record_id == 1, state="gone")
    run_stage(consent, decided, settings, 2)
    rows = permissions(decided).query("person_id == 'P-ANA' and purpose == 'newsletter'")
    assert rows[["state", "reasons"]].values.tolist() == [["WITHDRAWN", "WITHDRAWN,NO_OF_DEPARTED_RECORD"]]


def test_an_undecided_pair_carries_the_no_and_never_the_yes(decided: Warehouse, settings: Settings) -> None:
    pair = {"record_a": 2, "record_b": 3, "probability": 0.6, "zone": "unsure", "evidence": "{}", "batch_no": 2}
    with decided.transaction() as db:
        add_people(db, 2)
        db.append(tables.pair, [pair])
        add_events(db, [no(9, 3, "objected", "2026-11-20T08:00:00Z")])
    run_stage(consent, decided, settings, 2)
    states = permissions(decided).query("purpose == 'newsletter'").set_index("person_id")["reasons"].to_dict()
    assert states == {"P-ANA": "OBJECTED,NO_OF_POSSIBLE_SAME_PERSON", "P-BIA": "OBJECTED"}
