"""The merge stage on both databases: provenance of every value, no mixed addresses, lost characters lose, every usable point kept."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import tables
from contacts.model import Batch, Run
from contacts.schema import SINGLE_FIELDS
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from pipelines.explain import household
from pipelines.stages import merge

ALICE = "P-0000000000001"


def run_merge(db: Transaction, settings: Settings, number: int = 1) -> dict[str, int]:
    return dict(merge(Run(Batch(f"b{number}", number, datetime(2026, 11, 20, tzinfo=UTC)), settings, db)).counts)


def record(db: Transaction, record_id: int, person: str | None = ALICE, source: str = "crm", **values: Any) -> None:
    row = dict.fromkeys(SINGLE_FIELDS) | {name: value for name, value in values.items() if name in SINGLE_FIELDS}
    state = "active" if person else "quarantined"
    told = {"record_id": record_id, "raw_id": record_id + 1000, "source": source, "batch_no": 1, "state": state, "kind": "person"}
    db.append(tables.contact, [told | row | {"source_updated_at": values.get("updated")}])
    if person:
        db.append(tables.membership, [{"record_id": record_id, "person_id": person, "batch_no": 1}])


def point(db: Transaction, number: int, kind: str, ref: int, value: str | None, position: int = 0, **told: Any) -> None:
    row = {"record_id": number, "type": kind, "position": position, "point_ref": ref, "value": value, "status": "ok"}
    db.append(tables.contact_point, [row | told])


def test_every_golden_value_knows_its_record_and_rule(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        record(db, 1, full_name="Alice Prado", cpf="52998224725", language="pt-BR", updated="2026-01-01T00:00:00Z")
        record(db, 2, source="spreadsheet", full_name="Alice Regina Prado", language="en", updated="2026-05-01T00:00:00Z")
        assert run_merge(db, settings)["persons"] == 1
        golden = db.read(tables.golden_contact).iloc[0]
        assert (golden["full_name"], golden["cpf"], golden["language"]) == ("Alice Prado", "52998224725", "en")
        assert (golden["records"], golden["sources"]) == (2, 2)
        told = db.read(tables.golden_attribute, "field", "record_id", "raw_id", "rule", "candidates", "distinct_values").set_index("field")
        assert told.loc["full_name"].tolist() == [1, 1001, "most_trusted", 2, 2]
        assert told.loc["language"].tolist() == [2, 1002, "most_recent", 2, 2]
        assert told.loc["cpf"].tolist() == [1, 1001, "only_value", 1, 1]


def test_a_golden_address_is_never_a_mixture_of_two(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        record(db, 1, street="Rua Azul", number="10", city="Recife", uf="PE", updated="2020-01-01T00:00:00Z")
        record(db, 2, postal_code="01310100", updated="2026-01-01T00:00:00Z")
        run_merge(db, settings)
        golden = db.read(tables.golden_contact).iloc[0]
        assert golden["street"] == "Rua Azul"
        assert pd.isna(golden["postal_code"])


def test_lost_characters_never_win_against_an_intact_name(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        record(db, 1, source="crm", full_name="Jos\ufffd Nunes", updated="2026-05-01T00:00:00Z")
        record(db, 2, source="spreadsheet", full_name="José Nunes")
        db.append(tables.value_note, [{"record_id": 1, "field": "full_name", "position": 0, "reason": "CHAR_LOSS", "outcome": "suggested"}])
        run_merge(db, settings)
        told = db.read(tables.golden_attribute, "value", "rule").iloc[0]
        assert told.tolist() == ["José Nunes", "intact_characters"]


def test_every_usable_point_is_kept_once_and_ranked(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        for number in (1, 2):
            record(db, number)
            point(db, number, "email", 50, "alice@mail.example")
        point(db, 1, "email", 51, "compras@firma.example", 1, subtype="role", verified_at="2026-01-01T00:00:00Z")
        point(db, 2, "email", 52, "alice@velho.example", 1)
        point(db, 2, "email", 53, None, 2, status="rejected")
        point(db, 2, "phone", 54, "+5511987654321", verified_at="2026-02-02T00:00:00Z")
        run_merge(db, settings)
        points = db.read(tables.golden_point, "point_ref", "type", "rank", "records", "record_id", "rule", "verified_at").sort_values(["type", "rank"])
        assert points[["point_ref", "rank", "records", "record_id"]].values.tolist() == [[50, 1, 2, 1], [52, 2, 1, 2], [51, 3, 1, 1], [54, 1, 1, 2]]
        assert points["rule"].tolist() == ["majority", "personal_first", "only_value", "only_value"]
        assert points["verified_at"].tolist()[2:] == ["2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z"]


def test_who_is_set_aside_gives_no_value_and_a_repeat_changes_nothing(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        assert run_merge(db, settings) == {"persons": 0, "values": 0, "conflicts_settled": 0, "points": 0, "households": 0, "in_households": 0}
        record(db, 1, full_name="Alice Prado")
        record(db, 2, person=None, full_name="Bob Set Aside")
        point(db, 2, "email", 60, "bob@mail.example")
        first = run_merge(db, settings)
        assert first == {"persons": 1, "values": 1, "conflicts_settled": 0, "points": 0, "households": 0, "in_households": 0}
        before = [db.read(table) for table in (tables.golden_contact, tables.golden_attribute, tables.golden_point)]
        assert run_merge(db, settings) == first
        for table, frame in zip((tables.golden_contact, tables.golden_attribute, tables.golden_point), before, strict=True):
            pd.testing.assert_frame_equal(db.read(table), frame)


def test_people_of_one_home_share_a_household_and_the_rest_have_none(warehouse: Warehouse, settings: Settings) -> None:
    home = {"street": "Rua Azul", "number": "10", "city": "Recife", "uf": "PE"}
    with warehouse.transaction() as db:
        record(db, 1, "P-0000000000001", full_name="Alice Prado", family_name="Prado", **home)
        record(db, 2, "P-0000000000002", full_name="Beto Prado", family_name="Prado", **home)
        record(db, 3, "P-0000000000003", full_name="Caio Reis", family_name="Reis", **home)
        counts = run_merge(db, settings)
        assert (counts["households"], counts["in_households"]) == (1, 2)
        golden = db.read(tables.golden_contact, "person_id", "household_id", "household_shares").set_index("person_id")
        assert golden["household_id"].nunique() == 1 and golden["household_id"].iloc[0].startswith("H-")
        assert golden["household_shares"].dropna().unique().tolist() == ["address+family"]
        assert golden["household_id"].isna().tolist() == [False, False, True]
        told = household(db, "P-0000000000002")
        assert told == {"household_id": golden["household_id"].iloc[0], "persons": 2, "shares": [["address", "family"]]}
        assert household(db, "P-0000000000003") is None
        before = golden["household_id"].iloc[0]
        run_merge(db, settings, 2)
        assert set(db.read(tables.golden_contact, "household_id")["household_id"].dropna()) == {before}
