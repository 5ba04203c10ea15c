"""Contact data given only to reach a child's guardian are in no table after the run, published or not (LGPD art. 14 §3); on both databases."""

from typing import Any

import pytest
from deliveries import SHOP, counted, declare, ingest, put, read, rows_of
from worlds import run_all

from contacts import tables
from contacts.errors import ConfigurationError
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from expectations.damage import DARK_LEAST
from pipelines.sources.spec import load_sources

SCHOOL = SHOP.replace("        texts: [note]", "        guardian_only: {when: {column: reach, equals: guardian}}")
HEADER = "id,name,email,phone,cpf,reach,changed\n"
CHILD = "1,Lia Prado,{mail},{phone},529.982.247-25,{reach},2026-01-0{day}T10:00:00Z\n"
MOTHER = "2,Ana Prado,zelia@example.com,(11) 96412-0001,111.444.777-35,,2026-01-01T10:00:00Z\n"
MAIL, PHONE = "zelia@example.com", "(11) 96412-0001"
TRACES = ("zelia", "96412", "964120001")


def child(mail: str = MAIL, phone: str = PHONE, reach: str = "guardian", day: int = 1) -> str:
    return CHILD.format(mail=mail, phone=phone, reach=reach, day=day)


def holding(warehouse: Warehouse) -> list[str]:
    """Tables in which the address or number of the mother is found, however written."""
    with warehouse.transaction() as db:
        texts = {name: rows_of(db, name).astype(str).to_csv(index=False) for name in tables.metadata.tables}
    return [name for name, text in texts.items() if any(trace in text.lower() for trace in TRACES)]


def test_what_was_given_only_to_reach_a_guardian_is_in_no_table_after_the_run(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SCHOOL)
    put(settings, "shop/1.csv", HEADER + child())
    run_all(warehouse, settings)
    assert holding(warehouse) == []
    assert read(warehouse, "contact", "full_name")["full_name"].tolist() == ["Lia Prado"]  # the child's own data are there
    assert "were not kept" in read(warehouse, "receipt", "notes")["notes"].str.cat()


def test_the_guardians_own_record_keeps_its_contact_points_and_lends_them_to_nobody(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SCHOOL)
    put(settings, "shop/1.csv", HEADER + child() + MOTHER)
    run_all(warehouse, settings)
    records = read(warehouse, "contact", "record_id", "full_name").set_index("record_id")["full_name"]
    assert set(records.loc[read(warehouse, "contact_point", "record_id")["record_id"]]) == {"Ana Prado"}
    assert {"raw_record", "golden_point", "clean_officer"} <= set(holding(warehouse))
    points, people = read(warehouse, "golden_point", "person_id"), read(warehouse, "golden_contact", "person_id", "full_name")
    assert set(people.set_index("person_id").loc[points["person_id"], "full_name"]) == {"Ana Prado"}


def test_no_earlier_delivery_brings_them_back(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SCHOOL)
    pupils = range(1, DARK_LEAST + 2)  # so many emptied cells look like a column that went dark
    for day, reach in ((1, ""), (2, "guardian")):
        rows = [child(f"zelia{number}@example.com", "", reach, day).replace("1,", f"{number},", 1) for number in pupils]
        put(settings, "shop/1.csv", HEADER + "".join(rows))
        ingest(warehouse, settings, day, standardise=True)
        assert len(read(warehouse, "contact_point")) == (0 if reach else len(pupils))
    assert read(warehouse, "repair").empty


def test_of_a_row_that_cannot_be_read_only_its_place_is_kept(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SCHOOL)
    put(settings, "shop/1.csv", HEADER + child() + child().replace("1,", "3,one cell too many,", 1))
    assert counted(ingest(warehouse, settings)["shop"]) == {"read": 2, "new": 1, "refused": 1}
    assert holding(warehouse) == []


WRONG: list[tuple[str, str]] = [
    ("{when: {column: reach, equals: guardian}, columns: [id]}", "needed to know the row"),
    ("{when: {column: email, equals: guardian}}", "needed to know the row"),
    ("{when: {column: reach, equals: guardian}, columns: [phonee]}", "did you mean 'phone'"),
]


@pytest.mark.parametrize(("block", "says"), WRONG)
def test_a_mistaken_flag_is_refused(tmp_path: Any, block: str, says: str) -> None:
    from textwrap import dedent

    (tmp_path / "shop.yml").write_text(dedent(SCHOOL.replace("{when: {column: reach, equals: guardian}}", block)), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_sources(tmp_path)
    assert says in f"{refused.value} {refused.value.hint}"
