"""Merge, unmerge and move on both databases: the next runs keep them, no permission widens, and undone nothing is left of them."""

import json
from collections.abc import Callable

import pandas as pd
import pytest
from judged_people import open_people, persons, run, state, write

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import acting, judging

Act = Callable[[dict[int, str]], None]
ACTS: dict[str, Act] = {
    "merge": lambda now: acting.merge(now[1], now[3], "CONFIRMED_WITH_PERSON", "steward", True),
    "unmerge": lambda now: acting.unmerge(now[1], ["2"], "NAMESAKE", "steward", True),
    "move": lambda now: acting.move("2", now[3], "AS_SHOWN", "steward", True),
}


@pytest.fixture
def linked(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Everybody linked, with consent of record 1, a withdrawal of record 4, and a departed record that had said no with record 3."""
    open_people(settings, monkeypatch)
    write(warehouse)
    write(warehouse, {"record": 11, "name": "bruno tavares lima", "birth_date": "1971-11-23", "phone": "1187654321"})
    run(warehouse, settings, 1, "merge")
    with warehouse.transaction() as db:
        refs = db.read(tables.contact_point, "record_id", "point_ref", where=tables.contact_point.c.type == "email").set_index("record_id")["point_ref"]
        said = {"source": "form", "purpose": "newsletter", "purpose_version": "2", "channel": "email", "recorded_at": "2026-10-01T00:00:00Z", "actor": "self"}
        proof = {"controller": "own", "method": "form", "text_version": "v1", "text_hash": "ab", "effective_at": "2026-10-01T00:00:00Z", "batch_no": 1}
        granted = said | proof | {"event_id": 1, "record_id": 1, "point_ref": int(refs[1]), "type": "granted", "evidence_raw_id": 1001}
        no = said | proof | {"purpose": "*", "channel": "*", "point_ref": None, "type": "withdrawn"}
        events = pd.DataFrame([granted, no | {"event_id": 2, "record_id": 4}, no | {"event_id": 3, "record_id": 11}], dtype=object)
        db.append(tables.consent_event, events.astype(dict.fromkeys(("event_id", "record_id", "point_ref", "evidence_raw_id", "batch_no"), "Int64")))
    write(warehouse, {"record": 11, "name": "bruno tavares lima", "state": "gone"}, number=2)
    run(warehouse, settings, 2, "merge")
    return settings


def allowed(warehouse: Warehouse) -> set[tuple[str, str, int]]:
    with warehouse.transaction() as db:
        found = db.read(tables.permission, "purpose", "channel", "point_ref", where=tables.permission.c.allowed)
    return set(found.itertuples(index=False, name=None))


@pytest.mark.parametrize("kind", list(ACTS))
def test_an_act_holds_and_undone_leaves_no_trace(linked: Settings, warehouse: Warehouse, kind: str) -> None:
    with warehouse.transaction() as db:
        before = state(db)
    now, yes = persons(warehouse), allowed(warehouse)
    assert now[1] == now[2] != now[3] == now[4] and any(purpose == "newsletter" for purpose, _, _ in yes)
    ACTS[kind](now)
    run(warehouse, linked, 3, "merge")
    after = persons(warehouse)
    assert {"merge": after[1] == after[2] == after[3] == after[4], "unmerge": after[1] != after[2], "move": after[2] == after[3] != after[1]}[kind]
    assert allowed(warehouse) <= yes, "an act never widens a permission"
    if kind == "merge":
        assert not any(purpose == "newsletter" for purpose, _, _ in allowed(warehouse)), "the no of record 4 reaches the whole person"
    with warehouse.transaction() as db:
        event = db.read(tables.identity_event, where=tables.identity_event.c.act_no == 1)
        act = db.read(tables.identity_act).iloc[0]
    assert len(event) and (act["kind"], act["acted_by"], act["taken_batch"]) == (kind, "steward", 3)
    run(warehouse, linked, 4)
    assert persons(warehouse) == after, "the next link run keeps it"
    acting.undo(1, "MISTAKE", "steward-2", True)
    run(warehouse, linked, 4, "merge")
    with warehouse.transaction() as db:
        found = state(db)
        assert ledger.verify(db, linked).problem == ""
    for name, frame in before.items():
        pd.testing.assert_frame_equal(found[name], frame, obj=f"{kind}: {name}")


def test_the_same_batch_linked_again_after_undoing_has_the_same_events_too(linked: Settings, warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        before = db.read(tables.identity_event)
    ACTS["merge"](persons(warehouse))
    run(warehouse, linked, 2)
    acting.undo(1, "MISTAKE", "steward", True)
    run(warehouse, linked, 2)
    with warehouse.transaction() as db:
        pd.testing.assert_frame_equal(db.read(tables.identity_event), before)


def test_of_acts_on_the_same_records_the_last_is_undone_first(linked: Settings, warehouse: Warehouse) -> None:
    ACTS["merge"](persons(warehouse))
    run(warehouse, linked, 3)
    acting.unmerge(persons(warehouse)[1], ["2"], "NAMESAKE", "steward", True)
    with pytest.raises(ConfigurationError, match="Act 2 came later"):
        acting.undo(1, "MISTAKE", "steward", True)
    acting.undo(2, "MISTAKE", "steward", True)
    acting.undo(1, "MISTAKE", "steward", True)
    with pytest.raises(ConfigurationError, match="undone already"):
        acting.undo(1, "MISTAKE", "steward", True)


def test_an_act_on_many_records_waits_for_a_second_person(
    linked: Settings, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = linked.home / "policy.yml"
    policy.write_text(linked.policy.read_text(encoding="utf-8").replace("second_opinion_above: 10", "second_opinion_above: 3"), encoding="utf-8")
    monkeypatch.setenv("LASTRO_POLICY", str(policy))
    before = persons(warehouse)
    for who, counts, number in (("steward", False, 1), ("steward-2", True, 1)):
        acting.merge(before[3], before[1], "AS_SHOWN", who, True)
        told = json.loads(capsys.readouterr().out)
        assert (told["counts"], told["act_no"]) == (counts, number)
        run(warehouse, linked, 3)
        assert (persons(warehouse)[1] == persons(warehouse)[3]) is counts
    acting.undo(1, "MISTAKE", "steward", True)
    run(warehouse, linked, 4)
    assert persons(warehouse) == before


def test_mistakes_are_refused_with_what_to_do(linked: Settings, warehouse: Warehouse) -> None:
    now = persons(warehouse)
    with pytest.raises(ConfigurationError, match="same person already"):
        acting.merge(now[1], now[2], "AS_SHOWN", "steward", True)
    with pytest.raises(ConfigurationError, match="did you mean 'NAMESAKE'"):
        acting.unmerge(now[1], ["2"], "NAMESAK", "steward", True)
    with pytest.raises(ConfigurationError, match="Not a reason for this verdict"):
        acting.merge(now[1], now[3], "NAMESAKE", "steward", True)
    with pytest.raises(NotFound, match="not this person's"):
        acting.unmerge(now[1], ["3"], "NAMESAKE", "steward", True)
    with pytest.raises(ConfigurationError, match="Nothing would stay"):
        acting.unmerge(now[1], ["1", "2"], "NAMESAKE", "steward", True)
    with pytest.raises(ConfigurationError, match="staff id"):
        acting.merge(now[1], now[3], "AS_SHOWN", "Maria da Silva", True)
    with pytest.raises(NotFound, match="no act"):
        acting.undo(7, "MISTAKE", "steward", True)
    judging.judge(1, 3, "different", "NAMESAKE", "steward", True)
    with pytest.raises(ConfigurationError, match="judged otherwise, the first by judgement 1"):
        acting.merge(now[1], now[3], "AS_SHOWN", "steward", True)
    with warehouse.transaction() as db:
        assert db.count(tables.identity_act) == 0
