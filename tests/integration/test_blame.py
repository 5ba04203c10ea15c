"""`lastro blame` on both databases: the planted shop is named first, a repeat offender after two batches, and a repeated stage changes nothing."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from deliveries import declare, put, read
from quarantine_shop import batch
from worlds import AS_OF, assert_same, deliver, picture

from contacts import tables
from contacts.errors import ConfigurationError, LastroError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from expectations import blame
from pipelines import blaming
from pipelines.run import execute, find_batch, open_batch
from pipelines.sources.names import source_names
from pipelines.sources.staff import staff_pseudonym

Printed = pytest.CaptureFixture[str]
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
        entered_by: seller
        team: {column: shop, words: [Centro, Norte, Sul]}
        fields: {full_name: name, email: email, phone: phone, city: city, uf: uf}
"""
SELLERS = {"Centro": ("V1", "V2"), "Norte": ("V3", "V4"), "Sul": ("V5", "V6")}
Rows = dict[str, dict[str, str]]


def customers(day: int = 1, bad: Mapping[str, str] | None = None) -> Rows:
    """Thirty customers of each seller; of every seller in ``bad`` one in three has that phone."""
    rows: Rows = {}
    for shop, sellers in SELLERS.items():
        for seller in sellers:
            for place in range(30):
                key = f"{day}{seller}{place}"
                phone = (bad or {}).get(seller, "") if place % 3 == 0 else ""
                said = {"name": f"Ana {chr(65 + place % 26)}{chr(65 + place // 26)} {seller} Prado", "email": f"a{key}@example.com".lower()}
                rows[key] = said | {"id": key, "shop": shop, "seller": seller, "phone": phone or f"(11) 9{int(seller[1]):d}{day:d}12-{1000 + place}"}
                rows[key] |= {"city": "São Paulo", "uf": "SP"}
    return rows


def no_ddd(*sellers: str) -> dict[str, str]:
    """For each seller a phone number of their own without area code."""
    return {seller: f"9641{seller[1]}-2345" for seller in sellers}


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    declared = declare(settings, shop=SHOP)
    names = {"HOME": declared.home, "DATABASE_URL": declared.database_url, "INBOX": declared.inbox, "SOURCES": declared.sources, "LANGUAGE": "en"}
    for name, value in names.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    return declared


def sell(shop: Settings, rows: Rows) -> None:
    put(shop, "shop/all.csv", pd.DataFrame(list(rows.values())).to_csv(index=False))


def told(capsys: Printed, source: str = "", by: str = "source", training: bool = False) -> Any:
    capsys.readouterr()
    blaming.show(source, by, training, True)
    return json.loads(capsys.readouterr().out)


def test_the_bad_shop_is_named_first_with_counts_words_and_masked_examples(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    sell(shop, customers(bad=no_ddd("V5", "V6") | {"V1": "não tem"}))
    batch(warehouse, shop, 1, "validate")
    found = told(capsys, training=True)
    first = found["needs"][0]
    assert {name: first[name] for name in ("source", "team", "user", "field", "rule", "with it", "records", "others", "batches", "again", "trend")} == {
        "source": "shop", "team": "Sul", "user": "–", "field": "phone", "rule": "DQ-105", "with it": 20, "records": 60, "others": 0.0, "batches": 1,
        "again": False, "trend": None,
    }  # fmt: skip
    assert first["per 100 records"] == 33.3 and "area code" in first["why"]
    users = {(need["user"], need["team"], need["rule"]) for need in found["needs"] if need["user"] != "–"}
    v1, v5, v6 = (staff_pseudonym(shop.key, "shop", seller) for seller in ("V1", "V5", "V6"))
    assert users == {(v1, "Centro", "DQ-206"), (v5, "Sul", "DQ-105"), (v6, "Sul", "DQ-105")}
    assert [need["team"] for need in found["needs"] if need["user"] == "–"] == ["Sul"], "one bad seller is not a bad shop"

    examples = first["examples"]
    assert len({example["record"] for example in examples}) == 3 and {example["column"] for example in examples} == {"phone"}
    assert {example["as it came"] for example in examples} == {"*******45"} and all("area code" in example["note"] for example in examples)
    assert told(capsys, training=True) == found, "the same examples each time"
    assert "examples" not in told(capsys)["needs"][0]


def test_findings_are_counted_by_source_team_user_field_and_rule(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    sell(shop, customers(bad=no_ddd("V5", "V6")))
    batch(warehouse, shop, 1, "validate")
    teams = {row["team"]: row for row in told(capsys, by="team")["rates"]}
    assert (teams["Sul"]["records"], teams["Norte"]["records"]) == (60, 60) and teams["Sul"]["findings"] == teams["Norte"]["findings"] + 20
    users = {row["user"]: row for row in told(capsys, "shop", "user")["rates"]}
    worst = users[staff_pseudonym(shop.key, "shop", "V5")]
    assert (worst["team"], worst["records"]) == ("Sul", 30)
    rules = {row["rule"]: row for row in told(capsys, by="rule")["rates"]}
    assert (rules["DQ-105"]["findings"], rules["DQ-105"]["records"], rules["DQ-105"]["per 100 records"]) == (20, 180, 11.1)
    fields = {row["field"]: row["findings"] for row in told(capsys, by="field")["rates"]}
    assert sum(fields.values()) == told(capsys)["rates"][0]["findings"] == sum(row["findings"] for row in users.values())


def test_whoever_does_it_again_is_a_repeat_offender_and_whoever_stopped_is_not(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    first = customers(bad=no_ddd("V1", "V5"))
    v1, v5 = (staff_pseudonym(shop.key, "shop", seller) for seller in ("V1", "V5"))
    sell(shop, first)
    batch(warehouse, shop, 1, "validate")
    batch(warehouse, shop, 2, "validate")  # the same delivery: nobody typed anything
    assert {need["user"]: (need["batches"], need["again"], need["new"]) for need in told(capsys)["needs"]} == {v1: (1, False, 0), v5: (1, False, 0)}
    sell(shop, first | customers(2, no_ddd("V5")))
    batch(warehouse, shop, 3, "validate")
    found = {need["user"]: need for need in told(capsys)["needs"]}
    assert (found[v5]["batches"], found[v5]["again"], found[v5]["new"], found[v5]["trend"]) == (2, True, 10, 0.0)
    assert v1 not in found or not found[v1]["again"]
    row = read(warehouse, "blame").set_index(["batch_no", "entered_by", "rule"])
    assert row.loc[(3, v1, "DQ-105"), ["n", "of", "fresh"]].tolist() == [10, 60, 0]


def test_a_repeated_stage_keeps_the_same_counts_and_old_ones_are_forgotten(warehouse: Warehouse, shop: Settings) -> None:
    sell(shop, customers(bad=no_ddd("V5")))
    batch(warehouse, shop, 1, "validate")
    once = picture(warehouse, ("ledger",))
    batch(warehouse, shop, 1, "validate")
    execute(warehouse, shop, "validate", find_batch(warehouse))
    assert_same(picture(warehouse, ("ledger",)), once, "validate repeated")
    with warehouse.transaction() as db:
        db.update(tables.blame, batch_no=2 - blame.KEPT)
    batch(warehouse, shop, 2, "validate")
    assert set(read(warehouse, "blame")["batch_no"]) == {2}


def test_the_pseudonym_of_a_staff_id_is_computed_and_the_id_not_repeated(warehouse: Warehouse, shop: Settings, capsys: Printed) -> None:
    with pytest.raises(NotFound, match="No batch has run"):
        blaming.identify("shop", "V5", True)
    with pytest.raises(NotFound, match="No batch has been validated"):
        blaming.show("", "source", False, True)
    sell(shop, customers())
    batch(warehouse, shop, 1, "validate")
    before = picture(warehouse)
    for staff_id, records in ((" V5 ", 30), ("V999", 0)):
        capsys.readouterr()
        blaming.identify("shop", staff_id, True)
        said = capsys.readouterr().out
        assert json.loads(said) == {"source": "shop", "user": staff_pseudonym(shop.key, "shop", staff_id), "records": records}
        assert '"V' not in said
    assert_same(picture(warehouse), before, "looked up")
    shop.key_file.write_text("11" * 32)
    with pytest.raises(ConfigurationError, match="not the one this warehouse was filled with"):
        blaming.identify("shop", "V5", True)


def test_mistakes_are_told_with_the_nearest_word(warehouse: Warehouse, shop: Settings) -> None:
    sell(shop, customers())
    for wrong, near in ((("shpo", "source"), "shop"), (("", "usr"), "user"), (("", "colour"), "one of source, team")):
        with pytest.raises(LastroError, match=near):
            blaming.show(*wrong, False, True)
    for source, why in (("", "is not a source"), ("shpo", "shop")):
        with pytest.raises(LastroError, match=why):
            blaming.identify(source, "V5", True)
    declare(shop, form=SHOP.replace("        entered_by: seller\n", "").replace("shop/*", "form/*"))
    with pytest.raises(ConfigurationError, match="form does not say who types"):
        blaming.identify("form", "V5", True)


def test_the_planted_staff_of_the_demo_are_found_and_nobody_else(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    if warehouse.engine.dialect.name != "sqlite":
        pytest.skip("the databases are compared on smaller worlds")
    for name, value in {"HOME": settings.home, "DATABASE_URL": settings.database_url}.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    inbox = deliver(settings, people=2_000, seed=7)
    opened = open_batch(warehouse, settings, "first", AS_OF)
    for part in source_names(settings):
        execute(warehouse, settings, "ingest", opened, part)
    for stage in ("standardise", "validate"):
        execute(warehouse, settings, stage, opened)
    planted = json.loads((inbox / "truth" / "staff.json").read_text(encoding="utf-8"))
    guilty = {
        (one["source"], staff_pseudonym(settings.key, one["source"], staff_id), rule)
        for one in planted
        for staff_id in one["staff_ids"]
        for rule in one["rules"]
    }
    guilty |= {(one["source"], one["team"], rule) for one in planted if one["whole_team"] for rule in one["rules"]}
    found = [(need["source"], need["team"] if need["user"] == "–" else need["user"], need["rule"]) for need in told(capsys)["needs"]]
    assert found[0] == ("spreadsheet", "Sul", "DQ-105") and set(found) <= guilty
    assert {(source, rule) for source, _, rule in found} == {("spreadsheet", "DQ-105"), ("crm", "DQ-205"), ("crm", "DQ-211")}
