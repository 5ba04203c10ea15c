"""Looking a person up on both databases: by e-mail and phone, with the weights of the last batch, masked, and in the ledger."""

import json
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.model import Batch, Run
from contacts.pseudonym import pseudonym
from contacts.schema import SINGLE_FIELDS
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS
from dedup.linkage import load_linkage
from dedup.lookup import weigh_candidates
from pipelines.finding import find, show
from pipelines.stages import link

MAIL, PHONE = "ana.moreira@mail.com.br", "1172143806"
ANA = {"name": "ana beatriz moreira", "birth_date": "1984-03-07"}
BRUNO = {"name": "bruno tavares lima", "birth_date": "1971-11-23", "phone": PHONE}


def known(db: Transaction, settings: Settings, *people: dict[str, Any]) -> None:
    """Contacts as standardise leaves them, linked; ``name`` is the folded name."""
    for person in people:
        row = dict.fromkeys(SINGLE_FIELDS) | {"birth_date": person.get("birth_date"), "full_name": person["name"], "name_key": person["name"]}
        number = person["record"]
        db.append(tables.contact, [row | {"record_id": number, "raw_id": number + 1000, "source": "crm", "batch_no": 1, "state": "active", "kind": "person"}])
        for kind in [kind for kind in ("email", "phone") if kind in person]:
            point = {"record_id": number, "type": kind, "position": 0, "point_ref": pseudonym(settings.key, "point", kind, person[kind])}
            db.append(tables.contact_point, [point | {"value": person[kind], "match_key": person[kind], "status": "ok"}])
    link(Run(Batch("b1", 1, datetime(2026, 11, 20, tzinfo=UTC)), settings, db, since=0))


def persons(db: Transaction) -> dict[int, str]:
    return dict(db.read(tables.membership, "record_id", "person_id").itertuples(index=False))


def test_a_person_is_found_by_email_or_phone_with_evidence_and_masked(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        ana = ANA | {"email": MAIL}
        known(db, settings, ana | {"record": 1}, ana | {"record": 2, "name": "ana b moreira"}, BRUNO | {"record": 3})
        found = find(db, settings, email="Ana.Moreira@mail.com.br ")
        assert [(row["person"], row["records"]) for row in found] == [(persons(db)[1], 2)]
        assert found[0]["evidence"] in (["mesmo e-mail"], ["same e-mail"])
        assert "moreira" not in json.dumps(found).lower() and "1984-03-07" not in json.dumps(found)
        assert "moreira" in json.dumps(find(db, settings, email=MAIL, reveal=True))
        named = find(db, settings, email=MAIL, name="Ana Beatriz Moreira")
        other = find(db, settings, email=MAIL, name="Carlos Prado")
        assert named[0]["probability"] > found[0]["probability"] > other[0]["probability"]
        assert [row["person"] for row in find(db, settings, phone="(11) 97214-3806")] == [persons(db)[3]]
        assert {row["person"] for row in find(db, settings, email=MAIL, phone="(11) 97214-3806")} == {persons(db)[1], persons(db)[3]}
        assert find(db, settings, email="nobody@mail.com.br") == []


def test_the_weights_are_those_of_the_batch(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        ana = ANA | {"email": MAIL, "phone": PHONE}
        known(db, settings, ana | {"record": 1}, ana | {"record": 2, "name": "ana b moreira"})
        stored = db.read(tables.pair).iloc[0]
        linkage = load_linkage(settings.linkage)
        model = json.loads(db.read(tables.link_model)["parameters"].iloc[0])["kinds"]["person"]
        records, points = db.read(tables.contact, *CONTACT_COLUMNS), db.read(tables.contact_point, *POINT_COLUMNS)
        asked = records[records["record_id"] == 1].astype(object).where(records.notna(), None).iloc[0].to_dict()
        mine, others = points[points["record_id"] == 1], points[points["record_id"] == 2]
        told = weigh_candidates(asked, mine, records[records["record_id"] == 2], others, linkage.person, model, linkage.sharing)
        assert told["probability"].iloc[0] == pytest.approx(stored["probability"], abs=1e-12)
        assert told["evidence"].iloc[0] == {name: level for name, level in json.loads(stored["evidence"]).items() if name != "rules"}


def test_a_shared_mailbox_says_so_and_weighs_nothing(warehouse: Warehouse, settings: Settings) -> None:
    names = ("carla pinto reis", "davi rocha melo", "elisa nunes prado", "fabio costa leal")
    with warehouse.transaction() as db:
        known(db, settings, *[{"record": at, "name": name, "email": "familia@mail.com.br"} for at, name in enumerate(names, 1)])
        found = find(db, settings, email="familia@mail.com.br")
        assert len(found) == 4
        assert all(row["probability"] < 0.5 and ("vários" in row["evidence"][0] or "several" in row["evidence"][0]) for row in found)


def test_every_look_is_in_the_ledger_and_no_value_with_it(
    warehouse: Warehouse, settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    monkeypatch.setenv("LASTRO_DATABASE_URL", settings.database_url)
    with warehouse.transaction() as db:
        known(db, settings, ANA | {"record": 1, "email": MAIL})
    show(MAIL, "", "Ana Moreira", reveal=False, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    with warehouse.transaction() as db:
        entries = db.read(tables.ledger)
        entry = entries[entries["action"] == "person.looked_up"].iloc[-1]
        assert persons(db)[1] == shown[0]["person"]
    assert json.loads(entry["detail"]) == {"asked": ["email", "name"], "found": [shown[0]["person"]], "revealed": False}
    assert not pd.Series(entry.astype(str)).str.contains("moreira", case=False).any()


def test_what_cannot_be_looked_up_is_refused(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        with pytest.raises(NotFound, match="Nothing was linked"):
            find(db, settings, email=MAIL)
        for asked in ({"name": "Ana Moreira"}, {"email": "no address"}, {}):
            with pytest.raises(ConfigurationError, match="no e-mail or phone"):
                find(db, settings, **asked)
