"""The link stage on both databases: persons, the queue, judgements, shared mailboxes, and what a second batch does."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from training_worlds import crowd, easily_taught, taught

from contacts import tables
from contacts.model import Batch, Outcome, Run
from contacts.schema import SINGLE_FIELDS
from contacts.settings import Settings
from contacts.warehouse import TEXT, Transaction, Warehouse
from pipelines.stages import link

ANA = {"name": "ana beatriz moreira", "birth_date": "1984-03-07", "email": "ana.moreira@mail.example"}
BRUNO = {"name": "bruno tavares lima", "birth_date": "1971-11-23", "phone": "1187654321"}
CPFS = ("52998224725", "15350946056")


def contacts(db: Transaction, batch_no: int, *people: dict[str, Any]) -> None:
    """Write contacts as standardise leaves them; ``record`` numbers them, ``name`` is the folded name."""
    records, points = [], []
    for person in people:
        row = dict.fromkeys(SINGLE_FIELDS) | {name: value for name, value in person.items() if name in SINGLE_FIELDS}
        record = {
            "record_id": person["record"],
            "raw_id": person["record"] + 1000,
            "source": "crm",
            "batch_no": batch_no,
            "state": person.get("state", "active"),
        }
        records.append(
            record
            | {"kind": person.get("kind", "person"), "name_key": person.get("name"), "full_name": person.get("name")}
            | row
            | {"full_name": person.get("name")}
        )
        for kind in ("email", "phone"):
            if kind in person:
                ref = sum(ord(letter) * 131**at for at, letter in enumerate(person[kind])) % 2**61
                point = {"record_id": person["record"], "type": kind, "position": 0, "point_ref": ref, "value": person[kind], "match_key": person[kind]}
                points.append(point | {"status": "ok"})
    ids = [person["record"] for person in people]
    db.delete_for(tables.contact, "record_id", ids)
    db.delete_for(tables.contact_point, "record_id", ids)
    db.append(tables.contact, records)
    db.append(tables.contact_point, points)


def run_link(db: Transaction, settings: Settings, number: int = 1, since: int | None = None) -> Outcome:
    batch = Batch(f"b{number}", number, datetime(2026, 11, 20, tzinfo=UTC))
    return link(Run(batch, settings, db, since=number - 1 if since is None else since))


def persons(db: Transaction) -> dict[int, str]:
    return dict(db.read(tables.membership, "record_id", "person_id").itertuples(index=False))


def judge(db: Transaction, number: int, a: int, b: int, verdict: str) -> None:
    row = {"judgement_no": number, "record_a": a, "record_b": b, "verdict": verdict, "judged_by": "steward", "judged_at": "2026-11-20T00:00:00Z"}
    db.append(tables.judgement, [row])


def together(db: Transaction) -> set[frozenset[int]]:
    """Who is with whom."""
    groups: dict[str, set[int]] = {}
    for record, person in persons(db).items():
        groups.setdefault(person, set()).add(record)
    return {frozenset(group) for group in groups.values()}


def test_records_of_one_person_become_one_person_and_strangers_stay_apart(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, ANA | {"record": 1}, ANA | {"record": 2, "name": "ana b moreira"}, BRUNO | {"record": 3})
        outcome = run_link(db, settings)
        assert together(db) == {frozenset({1, 2}), frozenset({3})}
        assert outcome.counts["persons"] == 2
        assert outcome.counts["records_born"] == 3
        pair = db.read(tables.pair).iloc[0]
        assert pair["zone"] == "match"
        assert pair["evidence"] == (
            '{"address":"missing","birth_date":"exact","cpf":"missing","email":"exact","name":"partial","phone":"missing","rules":["email","given+birth_date+uf"]}'
        ).replace(',"given+birth_date+uf"', ',"family+given_letters+birth_year"')


def test_a_mailbox_used_under_many_names_makes_nobody_one_person(warehouse: Warehouse, settings: Settings) -> None:
    names = ("carla pinto reis", "davi rocha melo", "elisa nunes prado", "fabio costa leal")
    with warehouse.transaction() as db:
        contacts(db, 1, *[{"record": at, "name": name, "email": "familia@mail.example"} for at, name in enumerate(names, 1)])
        outcome = run_link(db, settings)
        assert len(together(db)) == 4
        assert outcome.counts["points_shared"] == 1
        assert db.count(tables.pair) == 0
        assert set(db.read(tables.contact_point, "names")["names"]) == {4}


def test_two_names_at_one_mailbox_are_not_one_person_either(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(
            db, 1, {"record": 1, "name": "gilda ramos pires", "email": "casal@mail.example"}, {"record": 2, "name": "hugo pires", "email": "casal@mail.example"}
        )
        run_link(db, settings)
        assert len(together(db)) == 2
        assert db.count(tables.pair, tables.pair.c.zone == "match") == 0


def test_two_valid_cpfs_are_two_people_whatever_else_agrees(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, *[ANA | {"record": at, "cpf": cpf} for at, cpf in enumerate(CPFS, 1)], ANA | {"record": 3})
        run_link(db, settings)
        assert persons(db)[1] != persons(db)[2]


def test_a_second_batch_joins_known_people_and_a_repeat_changes_nothing(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, ANA | {"record": 5}, BRUNO | {"record": 6})
        run_link(db, settings)
        first = persons(db)
        contacts(db, 2, ANA | {"record": 2, "name": "ana moreira"}, {"record": 9, "name": "iara fontes"})
        outcome = run_link(db, settings, 2)
        assert persons(db)[2] == persons(db)[5] == first[5]
        assert persons(db)[6] == first[6]
        assert (outcome.counts["records_joined"], outcome.counts["records_born"]) == (1, 1)
        assert outcome.counts["looked_at"] == 2
        stored = (tables.pair, tables.membership, tables.identity_event, tables.link_model, tables.contact_point)
        before = [db.read(table) for table in stored]
        assert run_link(db, settings, 2) == outcome
        for table, frame in zip(stored, before, strict=True):
            pd.testing.assert_frame_equal(db.read(table), frame)


def test_a_batch_that_takes_up_a_new_model_does_the_same_work_when_it_is_repeated(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, ANA | {"record": 1}, ANA | {"record": 2}, BRUNO | {"record": 3})
        run_link(db, settings)
        contacts(db, 2, *crowd(150, first=4))
        taught(db, settings)
        first, seen, kept = run_link(db, settings, 2), db.read(tables.pair), db.read(tables.link_model)
        assert len(kept) == 2 and first.counts["looked_at"] == 303, "a new model looks at everybody"
        assert run_link(db, settings, 2) == first
        pd.testing.assert_frame_equal(db.read(tables.pair), seen)
        pd.testing.assert_frame_equal(db.read(tables.link_model), kept)


def test_when_persons_merge_the_older_id_lives_on_and_an_undone_merge_gives_the_ids_back(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, {"record": 7, "name": "joana dias serra", "phone": "2199990000"})
        run_link(db, settings)
        contacts(db, 2, {"record": 1, "name": "joana dias serra", "cpf": CPFS[0]}, {"record": 2, "name": "joana d serra", "cpf": CPFS[0]})
        run_link(db, settings, 2)
        apart = persons(db)
        assert len(set(apart.values())) == 2
        judge(db, 1, 1, 7, "same")
        outcome = run_link(db, settings, 3)
        assert set(persons(db).values()) == {apart[7]}
        assert outcome.counts["records_merged"] == 2
        judge(db, 2, 1, 7, "different")
        outcome = run_link(db, settings, 4)
        assert persons(db) == apart
        assert outcome.counts["records_split"] == 2


def test_when_a_person_splits_the_larger_part_keeps_the_id(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, *[ANA | {"record": at, "phone": "1133334444"} for at in (1, 2, 3)])
        run_link(db, settings)
        before = persons(db)
        assert len(set(before.values())) == 1
        for number, other in enumerate((2, 3), 1):
            judge(db, number, 1, other, "different")
        outcome = run_link(db, settings, 2)
        after = persons(db)
        assert after[2] == after[3] == before[2]
        assert after[1] != before[1]
        assert outcome.counts["records_split"] == 1
        again = run_link(db, settings, 2)
        assert (persons(db), again) == (after, outcome)


def test_the_newest_judgement_counts(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, {"record": 1, "name": "lia campos"}, {"record": 2, "name": "outro nome qualquer"})
        judge(db, 1, 1, 2, "same")
        run_link(db, settings)
        assert len(together(db)) == 1
        judge(db, 2, 1, 2, "unsure")
        run_link(db, settings, 2)
        assert len(together(db)) == 2
        assert db.read(tables.pair, "zone")["zone"].tolist() == ["unsure"]


def test_a_record_set_aside_leaves_its_person_and_its_pairs_go(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, ANA | {"record": 1}, ANA | {"record": 2}, ANA | {"record": 3})
        run_link(db, settings)
        before = persons(db)
        contacts(db, 2, ANA | {"record": 2, "state": "quarantined"})
        outcome = run_link(db, settings, 2)
        assert persons(db) == {1: before[1], 3: before[1]}
        assert outcome.counts["records_left"] == 1
        assert db.read(tables.pair, "record_a", "record_b").values.tolist() == [[1, 3]]
        event = db.read(tables.identity_event, where=tables.identity_event.c.batch_no == 2).iloc[0]
        assert (event["record_id"], event["kind"], event["from_person"]) == (2, "left", before[2])


def test_people_and_organisations_are_never_one(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        contacts(db, 1, ANA | {"record": 1}, ANA | {"record": 2, "kind": "organisation"})
        run_link(db, settings)
        assert len(together(db)) == 2


def test_a_mailbox_that_becomes_shared_loosens_what_it_had_joined(warehouse: Warehouse, settings: Settings) -> None:
    mail = {"email": "rh@mail.example"}
    with warehouse.transaction() as db:
        contacts(db, 1, mail | {"record": 1, "name": "nara vidal"}, mail | {"record": 2, "name": "nara vidal"})
        run_link(db, settings)
        assert len(together(db)) == 1
        contacts(db, 2, mail | {"record": 3, "name": "otto braga"}, mail | {"record": 4, "name": "paula sena"})
        run_link(db, settings, 2)
        assert len(together(db)) == 4


@pytest.mark.parametrize("seed", [1, 2])
def test_day_by_day_gives_the_persons_of_one_go(warehouse: Warehouse, settings: Settings, seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = np.array(["ana", "bia", "caio", "davi", "enzo", "moreira", "prado", "lima", "reis", "sena"])
    people = [
        {
            "record": int(at),
            "name": " ".join(rng.choice(words, 2)),
            "birth_date": f"19{rng.integers(60, 63)}-01-0{rng.integers(1, 4)}",
            "email": f"{rng.integers(0, 12)}@mail.example",
            "phone": f"119{rng.integers(0, 12)}",
        }
        for at in rng.permutation(40) + 1
    ]
    with warehouse.transaction() as db:
        for day, start in enumerate(range(0, 40, 10), 1):
            contacts(db, day, *people[start : start + 10])
            run_link(db, settings, day)
        daily, pairs = together(db), db.read(tables.pair, "record_a", "record_b", "probability", "zone", "evidence")
        run_link(db, settings, 9, since=0)
        assert together(db) == daily
        pd.testing.assert_frame_equal(db.read(tables.pair, *pairs.columns), pairs)


def test_contacts_without_anything_to_compare_are_each_a_person(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        assert run_link(db, settings).counts["persons"] == 0
        contacts(db, 1, {"record": 1}, {"record": 2})
        assert run_link(db, settings).counts["persons"] == 2
        assert db.read(tables.membership, "person_id")["person_id"].dtype == TEXT


def test_a_block_that_was_too_large_and_shrinks_gives_its_pairs_after_all(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    text = settings.linkage.read_text(encoding="utf-8").replace("cap: 300", "cap: 4")
    (tmp_path / "linkage.yml").write_text(text, encoding="utf-8")
    small = replace(settings, linkage=tmp_path / "linkage.yml")
    crowd = [{"record": at, "name": "vera cruz alves", "birth_date": "1980-01-02", "phone": str(at)} for at in range(1, 7)]
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd)
        assert run_link(db, small).counts["hub_blocks_dropped"] > 0
        assert db.count(tables.pair) == 0
        contacts(db, 2, *[person | {"state": "gone"} for person in crowd[:2]])
        run_link(db, small, 2)
        assert together(db) == {frozenset({3, 4, 5, 6})}
        contacts(db, 3, *[person | {"state": "active"} for person in crowd[:2]])
        run_link(db, small, 3)
        assert db.count(tables.pair) == 0
        assert len(together(db)) == 6
