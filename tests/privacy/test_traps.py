"""The twelve planted privacy traps of the made-up world: the pipeline steps into none of them."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import make_settings
from sqlalchemy import inspect, text
from worlds import deliver, run_all

from contacts import tables
from contacts.migrations.upgrade import upgrade
from contacts.pseudonym import pseudonym
from contacts.settings import Settings
from contacts.warehouse import Warehouse, open_warehouse


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Warehouse, list[dict[str, Any]]]:
    """A small world after a whole run, and its traps."""
    settings = make_settings(tmp_path_factory.mktemp("traps"))
    deliver(settings, people=60)
    warehouse = open_warehouse(settings.database_url)
    upgrade(warehouse)
    run_all(warehouse, settings)
    return settings, warehouse, json.loads(Path(settings.inbox / "truth" / "traps.json").read_text(encoding="utf-8"))


TRAPS = (
    "cpf_in_ticket_text", "cpf_inside_name", "card_number_in_notes", "import_without_proof", "withdrawal_in_another_source",
    "grant_stays_at_its_contact_point", "minor_consented_alone", "minor_with_guardian", "shared_family_email", "ticked_without_text",
    "health_data_in_ticket", "regrant_after_withdrawal",
)  # fmt: skip


def test_the_world_holds_exactly_these_traps(played: tuple[Settings, Warehouse, list[dict[str, Any]]]) -> None:
    assert sorted(trap["trap"] for trap in played[2]) == sorted(TRAPS)


@pytest.mark.parametrize("name", TRAPS)
def test_trap(played: tuple[Settings, Warehouse, list[dict[str, Any]]], name: str) -> None:
    settings, warehouse, traps = played
    trap = next(trap for trap in traps if trap["trap"] == name)
    expected = trap["expectation"]
    ids = [pseudonym(settings.key, "record", record["source"], record["object"], record["source_key"]) for record in trap["records"]]
    with warehouse.transaction() as db:
        if expected["check"] == "redacted":
            texts = db.read(tables.free_text)
            mine = texts[texts["text"].fillna("").str.contains(expected["value"], regex=False) & texts["record_id"].isin(ids)]
            assert len(mine) >= 1, "the trap's text was not stored"
            digits = re.sub(r"\D", "", expected["value"])
            assert not [redacted for redacted in mine["redacted"] if expected["value"] in redacted or digits in re.sub(r"\D", "", redacted)]
        elif expected["check"] == "not_in_clean_view":
            views = [view for view in inspect(db.connection).get_view_names() if view.startswith("clean_")]
            assert len(views) >= 7
            for view in views:
                frame = pd.DataFrame(db.connection.execute(text(f'SELECT * FROM "{view}"')).mappings().all())
                if expected["field"] in frame:
                    assert not frame[expected["field"]].fillna("").str.replace(r"\D", "", regex=True).str.contains(expected["value"]).any(), view
        else:
            check_permission(db, ids, expected)


def check_permission(db: Any, ids: list[int], expected: dict[str, Any]) -> None:
    """The person of the trap's first record is (not) permitted, at its own contact point where the trap says so."""
    members = db.read(tables.membership).set_index("record_id")["person_id"]
    person = members[ids[0]]
    if "separate_from" in expected:
        assert person != members[ids[expected["separate_from"]]], "two people became one"
    found = db.read(tables.permission, where=tables.permission.c.person_id == person)
    found = found[(found["purpose"] == expected["purpose"]) & (found["channel"] == expected["channel"])]
    if expected.get("point") == "own" or expected["permitted"]:
        points = db.read(tables.contact_point, "point_ref", where=tables.contact_point.c.record_id == ids[0])["point_ref"]
        found = found[found["point_ref"].isin(points)]
    assert len(found) >= 1
    assert found["allowed"].any() == expected["permitted"], found["reasons"].tolist()
    if "state" in expected:
        assert expected["state"] in set(found["state"]), found["state"].tolist()
