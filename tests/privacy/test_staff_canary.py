"""Staff are people too: ids and names of who types stay in the raw record, and their pseudonyms go no further than the steward's tables."""

import json
import logging

import pandas as pd
import pytest
from deliveries import declare, put, read
from quarantine_shop import batch

from contacts.settings import ROOT, Settings
from contacts.tables import metadata
from contacts.warehouse import Warehouse
from pipelines import blaming
from privacy.policy import load_policy
from privacy.roles import may_read
from privacy.views import views

SELLER, TEAM, NAME, MAIL = "matricula-zoraquel-77", "Equipe da Vimbrasto", "Trifoldina Quentorim", "trifoldina.roxolino@example.com"
NEEDLES = ("zoraquel", "vimbrasto", "trifoldina", "quentorim", "roxolino")
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
        team: {column: team, words: [Centro]}
        fields: {full_name: name, email: email, phone: phone}
"""


def leaks(text: str) -> list[str]:
    return [needle for needle in NEEDLES if needle in text.casefold()]


def test_no_staff_id_team_as_typed_or_value_leaves_the_raw_record(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = declare(settings, shop=SHOP)
    names = {"HOME": shop.home, "DATABASE_URL": shop.database_url, "INBOX": shop.inbox, "SOURCES": shop.sources, "LANGUAGE": "en"}
    for name, value in names.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    rows = [{"id": place, "name": f"Ana {chr(65 + place)} Prado", "email": f"a{place}@example.com", "seller": "V1", "team": "Centro"} for place in range(25)]
    bad = {"name": NAME, "email": MAIL, "seller": SELLER, "team": TEAM, "phone": "roxolino"}
    rows += [bad | {"id": 100 + place, "email": MAIL if place else "trifoldina at roxolino"} for place in range(25)]
    put(shop, "shop/all.csv", pd.DataFrame(rows).to_csv(index=False))
    batch(warehouse, shop, 1)

    for by in blaming.BY:
        blaming.show("", by, True, True)
    shown = json.loads(capfd.readouterr().out.split("\n}\n")[0] + "\n}")
    assert shown["needs"] and shown["needs"][0]["examples"], "a test in which nobody stands out proves nothing"
    blaming.identify("shop", SELLER, True)
    streams = capfd.readouterr()
    receipts = read(warehouse, "receipt")
    assert leaks(streams.out + streams.err + caplog.text + json.dumps(shown) + receipts.to_json()) == []

    kept = {(name, column.name): column.info["mark"] for name, table in metadata.tables.items() for column in table.columns}
    held = {place for place in kept if leaks("\n".join(read(warehouse, *place)[place[1]].astype(str)))}
    assert [place for place in held if kept[place] != "personal"] == []
    told = [place for place in kept if {"matricula", "equipe da"} & {word for word in ("matricula", "equipe da") if word in _text(warehouse, place)}]
    assert told == [("raw_record", "payload")], "who typed a row in is kept as it came only there"
    assert set(read(warehouse, "contact", "team")["team"]) == {"Centro", "unknown"}
    pseudonyms = set(read(warehouse, "contact", "entered_by")["entered_by"])
    seen = {place for place in kept if any(one in _text(warehouse, place) for one in (name.casefold() for name in pseudonyms))}
    assert seen == {("contact", "entered_by"), ("blame", "entered_by")}


def _text(warehouse: Warehouse, place: tuple[str, str]) -> str:
    return "\n".join(read(warehouse, *place)[place[1]].astype(str)).casefold()


def test_no_consumer_analyst_or_officer_sees_who_typed_what() -> None:
    policy = load_policy(ROOT / "privacy" / "policy.yml")
    columns = {name: {column.name for column in query.selected_columns} for name, query in views(policy).items()}
    assert {name for name, shown in columns.items() if shown & {"entered_by", "team"}} == set()
    staff_tables = {table.name for table in metadata.tables.values() if "entered_by" in table.columns}
    assert staff_tables == {"contact", "blame"}
    assert {role for role, relations in may_read(policy).items() if staff_tables & set(relations)} == set()
    marks = {table.name: table.columns["entered_by"].info["mark"] for table in metadata.tables.values() if "entered_by" in table.columns}
    assert marks == {"contact": "pseudonym", "blame": "pseudonym"}
