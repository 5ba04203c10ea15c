"""The view of texts: redacted words only, of permitted people only, for the purposes that read texts; the words as they came are in no view."""

import re

import pandas as pd
import pytest

from contacts import tables
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from pipelines.stages import consent, publish
from privacy.policy import load_policy
from privacy.roles import may_read
from privacy.views import views
from tests.integration.privacy_batch import add_events, add_golden, add_people, no, query, run_stage

POLICY = load_policy(ROOT / "privacy" / "policy.yml")
RAW = "cartao 4111111111111111"
VIEW = "SELECT person_id, source, field, text FROM clean_service_texts ORDER BY field"


@pytest.fixture
def published(warehouse: Warehouse, settings: Settings) -> Warehouse:
    """Ana (served by the CRM) and Bia (known to marketing only) wrote; one text is not scanned yet, one came after the live version."""
    text = {"source": "tickets", "text": RAW, "redacted": "cartao <CARD>", "batch_no": 1}
    with warehouse.transaction() as db:
        add_people(db)
        add_golden(db)
        rows = [
            {"text_id": 1, "record_id": 1, "field": "tickets.subject"},
            {"text_id": 2, "record_id": 2, "field": "tickets.description"},
            {"text_id": 3, "record_id": 1, "field": "tickets.unscanned", "redacted": None},
            {"text_id": 4, "record_id": 1, "field": "tickets.later", "batch_no": 2},
            {"text_id": 5, "record_id": 3, "field": "tickets.subject"},
            {"text_id": 7, "record_id": 1, "field": "tickets.voice", "interaction_id": 70},
            {"text_id": 6, "record_id": 99, "field": "tickets.nobody"},
        ]
        db.append(tables.free_text, pd.DataFrame([text | row for row in rows]).astype({"interaction_id": "Int64"}))
        call = {"record_id": 1, "source": "tickets", "channel": "phone", "direction": "inbound", "opened_at": "2026-10-02T12:00:00Z", "batch_no": 1}
        db.append(tables.interaction, [call | {"interaction_id": 70}, call | {"interaction_id": 71, "channel": "chat"}])
    run_stage(consent, warehouse, settings)
    run_stage(publish, warehouse, settings)
    return warehouse


def test_a_purpose_reads_redacted_texts_of_the_people_it_may_reach(published: Warehouse) -> None:
    assert query(published, VIEW).to_numpy().tolist() == [
        ["P-ANA", "tickets", "tickets.description", "cartao <CARD>"],
        ["P-ANA", "tickets", "tickets.subject", "cartao <CARD>"],
        ["P-ANA", "tickets", "tickets.voice", "cartao <CARD>"],
    ]


def test_a_text_comes_with_the_channel_and_time_of_the_interaction_it_was_said_in(published: Warehouse) -> None:
    seen = query(published, "SELECT field, channel, opened_at FROM clean_service_texts ORDER BY field")
    assert seen.where(seen.notna(), None).to_numpy().tolist() == [
        ["tickets.description", None, None],
        ["tickets.subject", None, None],
        ["tickets.voice", "phone", "2026-10-02T12:00:00Z"],
    ]


def test_texts_go_as_soon_as_the_permission_goes(published: Warehouse, settings: Settings) -> None:
    with published.transaction() as db:
        add_events(db, [no(9, 1, "restricted", None, purpose="*")])
    run_stage(consent, published, settings)
    assert query(published, VIEW).empty


def test_no_view_shows_a_text_as_it_came(published: Warehouse) -> None:
    made = views(POLICY)
    assert [name for name in made if name.endswith("_texts")] == ["clean_service_texts"], "texts are for the purposes that say so"
    for name, definition in made.items():
        assert not re.search(r"free_text\.text\b", str(definition.compile(published.engine))), name
        assert RAW not in query(published, f"SELECT * FROM {name}").to_csv(), name


def test_only_the_consumers_of_the_purpose_read_its_texts() -> None:
    readers = [role for role, seen in may_read(POLICY).items() if "clean_service_texts" in seen]
    assert readers == ["lastro_reader_help_desk"]
