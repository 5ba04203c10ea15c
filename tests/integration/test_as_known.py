"""What was known of a record at a moment: its contact points of then, not those it has today."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from deliveries import declare, ingest, put, read

from contacts import tables
from contacts.pseudonym import pseudonym
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import patches
from pipelines.as_known import POINT_COLUMNS, values_known
from pipelines.explain_purpose import explain_purpose
from pipelines.sources.columns import decoded
from pipelines.sources.rows import Rows
from pipelines.sources.spec import load_source
from privacy.consent import CONTACT_COLUMNS

SHOP = """
    title: {pt: Loja, en: Shop}
    owner: tests
    trust: 50
    country: BR
    objects:
      customers:
        kind: contact
        read: {format: csv, files: shop/*.csv, delivery: full}
        key: id
        fields: {full_name: name, email: email, phone: phone, birth_date: born, country: country}
        consents:
          - when: {column: news, equals: "1"}
            says: granted
            purposes: newsletter
            channels: email
            actor: self
            effective_at: said
            text_version: version
            text: words
            method_is: web form
            purpose_versions: {v2: "1"}
"""
HEADER = "id,name,email,phone,born,country,news,said,version,words\n"
SAID = "1,2026-10-31T10:00:00Z,v2,Quero receber."
ANA, EVA = f"1,Ana Prado,ana@example.com,(11) 96412-0001,05/03/1980,BR,{SAID}\n", "2,Eva Luz,eva@example.com,,25/03/1990,BR,,,,\n"
RUI, BIA = "3,Rui Sá,rui@example.com,,1970-01-01,BR,,,,\n", "4,Bia Reis,bia@example.com,,,BR,,,,\n"
FIRST, SECOND = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (1, 2))
MOVED = ANA.replace("ana@", "nova@").replace("BR", "PT")


def record(settings: Settings, number: int) -> int:
    return pseudonym(settings.key, "record", "shop", "customers", str(number))


@pytest.fixture
def shop(warehouse: Warehouse, settings: Settings) -> Settings:
    """On the second day Ana has another address and country, Eva is gone, Bia came, and Rui's address is the one a person put in its place."""
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + ANA + EVA + RUI)
    ingest(warehouse, settings, 1, standardise=True)
    who = record(settings, 3)
    spec = load_source(settings.sources / "shop.yml")
    held = read(warehouse, "raw_record").query(f"record_id == {who}").reset_index(drop=True)
    rows = Rows(spec, spec.objects["customers"], held, decoded(held["payload"]))
    over = patches.over_hashes(settings.key, rows, "email", held["record_id"])[who, "email"]
    patch = {"patch_no": 1, "record_id": who, "field": "email", "value": "rui.sa@example.com", "over_hash": over, "patched_by": "steward"}
    with warehouse.transaction() as db:
        db.append(tables.patch, [patch | {"because": "CONFIRMED_WITH_PERSON", "batch_no": 1, "patched_at": "2026-11-01T20:00:00Z"}])
    put(settings, "shop/1.csv", HEADER + MOVED + RUI + BIA)
    ingest(warehouse, settings, 2, standardise=True)
    return settings


def known(warehouse: Warehouse, settings: Settings, at: datetime) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = pd.Series([record(settings, number) for number in range(1, 5)])
    with warehouse.transaction(read_only=True) as db:
        found = values_known(db, settings, ids, at)
    contacts, points = (frame.sort_values(list(frame.columns), ignore_index=True) for frame in found)
    return contacts, points


def points(warehouse: Warehouse, settings: Settings, at: datetime) -> dict[int, set[int]]:
    frame = known(warehouse, settings, at)[1]
    return {number: set(frame.loc[frame["record_id"] == record(settings, number), "point_ref"]) for number in range(1, 5)}


def ref(settings: Settings, address: str) -> int:
    return pseudonym(settings.key, "point", "email", address)


def test_known_now_is_what_the_tables_say(warehouse: Warehouse, shop: Settings) -> None:
    contacts, at = known(warehouse, shop, SECOND)
    for frame, table, columns in ((contacts, "contact", CONTACT_COLUMNS), (at, "contact_point", POINT_COLUMNS)):
        today = read(warehouse, table)[list(columns)].sort_values(list(columns), ignore_index=True)
        pd.testing.assert_frame_equal(frame, today, check_dtype=False)


def test_known_then_is_what_the_records_said_then(warehouse: Warehouse, shop: Settings) -> None:
    then, today = points(warehouse, shop, FIRST), points(warehouse, shop, SECOND)
    assert ref(shop, "ana@example.com") in then[1] and ref(shop, "nova@example.com") not in then[1]
    assert ref(shop, "nova@example.com") in today[1] and ref(shop, "ana@example.com") not in today[1]
    assert (then[3], today[3]) == ({ref(shop, "rui@example.com")}, {ref(shop, "rui.sa@example.com")}), "the patch was laid by the second batch"
    assert then[2] == {ref(shop, "eva@example.com")}
    assert (then[4], today[4]) == (set(), {ref(shop, "bia@example.com")}), "who came later was not known"
    contacts = known(warehouse, shop, FIRST)[0].set_index("record_id")
    assert (contacts["country"][record(shop, 1)], contacts["birth_date"][record(shop, 1)]) == ("BR", "1980-03-05")
    assert points(warehouse, shop, datetime(2026, 10, 1, tzinfo=UTC)) == {number: set() for number in range(1, 5)}, "before the first batch nobody was known"


def test_a_permission_as_known_then_is_about_the_address_of_then(warehouse: Warehouse, shop: Settings) -> None:
    who = record(shop, 1)
    with warehouse.transaction() as db:
        db.append(tables.membership, [{"record_id": who, "person_id": "P-ANA", "batch_no": 1}])
        db.append(tables.identity_event, [{"batch_no": 1, "record_id": who, "kind": "born", "to_person": "P-ANA"}])
        golden = {"type": "email", "value": "v", "rank": 1, "record_id": who, "raw_id": 1, "rule": "RANKED", "records": 1, "batch_no": 2}
        db.append(tables.golden_point, [golden | {"person_id": "P-ANA", "point_ref": ref(shop, "nova@example.com")}])

    def told(known_at: datetime | None) -> list[tuple[Any, ...]]:
        with warehouse.transaction(read_only=True) as db:
            found = explain_purpose(db, replace(shop, language="en"), "P-ANA", "newsletter", known_at, known_at or SECOND)
        return [(row["contact point"], row["allowed"]) for row in found["decisions"] if row["channel"] == "email"]

    assert told(FIRST) == [("email former 1", True)]
    assert told(None) == told(SECOND) == [("email 1", False)], "the yes was given for the address of before"
