"""Training is a command of its own on both databases: what it stores and says, when it refuses, and when the link stage follows it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from judged_people import open_people
from training_worlds import crowd, easily_taught, taught

from contacts import ledger, tables
from contacts.errors import NotFound
from contacts.pseudonym import pseudonym
from contacts.settings import Settings
from contacts.warehouse import Transaction, Warehouse
from dedup.learning import NothingToLearn, model_hash
from pipelines import linkage_training
from pipelines.finding import find
from pipelines.linkage_report import figures
from pipelines.linkage_training import learn_weights
from tests.integration.test_link import contacts, run_link

COMPANIES = [
    row | {"record": row["record"] + 5000, "kind": "organisation", "email": f"c.{row['email']}" if row["email"] else None} for row in crowd(150, seed=7)
]


def linked_with(db: Transaction) -> set[str]:
    """The models the stored pairs were worked out with."""
    return set(db.read(tables.pair, "model_hash")["model_hash"])


def test_the_link_stage_never_learns_and_says_which_command_does(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150), {"record": 9000, "name": "padaria sol", "kind": "organisation"})
        outcome = run_link(db, settings)
        model = json.loads(db.read(tables.link_model)["parameters"].iloc[0])
        assert {kind["origin"] for kind in model["kinds"].values()} == {"prior"}
        assert outcome.notes == (
            "person: documented weights (no model was trained; `lastro linkage learn` trains one)",
            "organisation: documented weights (too few records)",
        )


def test_both_kinds_are_learned_and_stored_with_date_profile_and_figures(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150), *COMPANIES, *[row | {"state": "quarantined"} for row in crowd(20, seed=4, first=20_000)])
        told = taught(db, settings)
        stored = db.read(tables.link_model).iloc[0]
        model = json.loads(stored["parameters"])
        assert (stored["batch_no"], stored["model_hash"]) == (0, told["model"]) and told["model"] == model_hash(stored["parameters"])
        assert (model["version"], model["training"], model["trained_at"]) == (1, 1, "2026-11-20T12:00:00Z")
        assert {kind["origin"] for kind in model["kinds"].values()} == {"trained"}
        people = model["profile"]["person"]
        assert people["records"] == 300, "who is set aside teaches nothing"
        assert people["filled"]["name"] == 300 and people["filled"]["cpf"] == 0 and 150 < people["filled"]["birth_date"] < 300
        assert people["candidate_pairs"] >= model["figures"]["person"]["now"]["from_match"] > 100
        assert all(isinstance(value, int) for kind in model["profile"].values() for value in (kind["records"], *kind["filled"].values()))
        assert stored["parameters"] == json.dumps(model, indent=2, sort_keys=True) + "\n", "one value a line, always in the same order"
        entry = db.read(tables.ledger).iloc[-1]
        assert entry["action"] == "linkage.learn" and json.loads(entry["detail"])["model"] == told["model"]


def test_what_was_learned_holds_no_value_of_anybody(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        people = crowd(150)
        contacts(db, 1, *people)
        taught(db, settings)
        written = db.read(tables.link_model)["parameters"].iloc[0] + db.read(tables.ledger)["detail"].iloc[-1]
    values = {str(row[field]) for row in people for field in ("name", "birth_date", "email", "phone", "postal_code") if row[field]}
    assert not [value for value in values if value in written]


def test_too_few_records_are_refused_in_one_sentence_and_nothing_changes(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        with pytest.raises(NothingToLearn, match="there is no record"):
            taught(db, settings)
        contacts(db, 1, *crowd(5))
        with pytest.raises(NothingToLearn, match=r"person: 10 of the 2,000 records needed") as refused:
            taught(db, settings)
        assert refused.value.hint and refused.value.exit_code == 2
        assert db.count(tables.link_model) == db.count(tables.ledger) == 0
        contacts(db, 1, *[{"record": at, "name": f"nome {at}"} for at in range(1, 41)])
        with pytest.raises(NothingToLearn, match="too few matches to learn from"):
            taught(db, easily_taught(settings, 10))


def test_a_model_trained_after_a_batch_counts_from_the_next_link_stage_on(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        before = run_link(db, settings)
        (documented,) = linked_with(db)
        told = taught(db, settings)
        assert linked_with(db) == {documented}, "training alone changes no pair"
        contacts(db, 2, {"record": 900, "name": "zelia abreu"})
        after = run_link(db, settings, 2)
        assert linked_with(db) == {told["model"]}
        assert after.counts["looked_at"] == before.counts["contacts"] + 1
        assert after.notes == (f"trained weights: model {told['model'][:8]} is new, every pair was worked out with it",)
        quiet = run_link(db, settings, 3)
        assert quiet.notes == () and quiet.counts["looked_at"] == 0


def test_a_stage_run_again_after_training_uses_the_new_model_and_then_repeats_itself(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    stored = (tables.pair, tables.membership, tables.identity_event, tables.link_model)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        first = run_link(db, settings)
        assert run_link(db, settings) == first
        told = taught(db, settings)
        again = run_link(db, settings)
        assert linked_with(db) == {told["model"]}
        assert db.read(tables.link_model, "model_hash", "batch_no").values.tolist() == [[told["model"], 1]]
        seen = [db.read(table) for table in stored]
        assert run_link(db, settings) == again
        for table, frame in zip(stored, seen, strict=True):
            pd.testing.assert_frame_equal(db.read(table), frame)


def test_the_newest_training_counts_and_the_same_weights_again_change_no_pair(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        first = taught(db, settings)
        run_link(db, settings)
        same = taught(db, settings)
        assert (same["model"], same["training"], same["changed"]) == (first["model"], 2, [])
        assert run_link(db, settings, 2).counts["looked_at"] == 0
        contacts(db, 3, *crowd(100, seed=2, first=1001))
        newer = taught(db, settings)
        assert newer["before"] == {"model": first["model"], "training": 2, "trained": True} and newer["training"] == 3 and newer["changed"]
        run_link(db, settings, 3)
        assert linked_with(db) == {newer["model"]}
        contacts(db, 4, *[row | {"state": "gone"} for row in crowd(100, seed=2, first=1001)])
        older = taught(db, settings)
        assert older["model"] == first["model"], "learned again from what it was learned from"
        run_link(db, settings, 4)
        assert linked_with(db) == {first["model"]}


def test_under_another_linkage_file_the_documented_weights_stand_until_it_is_trained(warehouse: Warehouse, settings: Settings) -> None:
    one, other = easily_taught(settings), easily_taught(settings, 120)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        first = taught(db, one)
        run_link(db, one)
        changed = run_link(db, other, 2)
        assert any("`lastro linkage learn` trains one" in note for note in changed.notes)
        assert linked_with(db).isdisjoint({first["model"]})
        run_link(db, one, 3)
        assert linked_with(db) == {first["model"]}, "the file is back, and its model with it"
        second = taught(db, other)
        assert second["before"]["trained"] is False
        run_link(db, other, 4)
        assert linked_with(db) == {second["model"]}


def test_a_kind_that_cannot_be_learned_any_more_keeps_its_trained_weights(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150), *COMPANIES)
        first = json.loads(taught(db, settings)["stored"])
        contacts(db, 2, *[row | {"state": "gone"} for row in COMPANIES[20:]], *crowd(50, seed=3, first=3001))
        second = json.loads(taught(db, settings)["stored"])
        assert second["kinds"]["organisation"] == first["kinds"]["organisation"]
        assert second["figures"]["organisation"]["reason"] == "too few records"
        assert second["kinds"]["person"] != first["kinds"]["person"]


def test_a_model_a_link_stage_of_old_has_learned_still_serves(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        model = json.loads(taught(db, settings)["stored"])
        old = json.dumps({name: model[name] for name in ("kinds", "linkage")}, sort_keys=True, separators=(",", ":"))
        db.delete(tables.link_model)
        db.append(tables.link_model, [{"model_hash": model_hash(old), "batch_no": 1, "parameters": old}])
        assert run_link(db, settings, 2, since=0).notes == ()
        assert linked_with(db) == {model_hash(old)}
        assert taught(db, settings)["training"] == 1


def test_look_ups_and_the_report_weigh_with_the_model_in_use_not_with_one_that_waits(warehouse: Warehouse, settings: Settings) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
        at, mail = tables.contact_point.c, "quem@mail.com.br"
        db.update(tables.contact_point, (at.record_id == 1) & (at.type == "email"), point_ref=pseudonym(settings.key, "point", "email", mail))
        told = taught(db, settings)
        with pytest.raises(NotFound):
            find(db, settings, email=mail)
        db.delete(tables.link_model)
        run_link(db, settings)
        (in_use,) = linked_with(db)
        found = find(db, settings, email=mail)
        assert taught(db, settings)["model"] == told["model"]
        assert find(db, settings, email=mail) == found and len(found) == 1
        assert figures.collect(db, settings, "", None)["model"] == in_use[:8]
        run_link(db, settings, 2)
        report = figures.collect(db, settings, "", None)
        assert report["model"] == told["model"][:8] and report["last_model"]["rows"]
        assert find(db, settings, email=mail)[0]["probability"] != found[0]["probability"]


@pytest.mark.parametrize(("language", "says"), [("en", "The next link stage takes it up"), ("pt", "A próxima etapa de vinculação o usa")])
def test_the_command_compares_with_what_was_before_and_keeps_the_ledger_whole(
    warehouse: Warehouse, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, says: str
) -> None:
    settings = easily_taught(settings)
    open_people(settings, monkeypatch, language)
    monkeypatch.setenv("LASTRO_LINKAGE", str(settings.linkage))
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))
    shown: dict[str, Any] = {}
    monkeypatch.setattr(linkage_training.screen, "show", lambda as_json, data, tables, said, following: shown.update(tables=dict(tables), says=said, data=data))
    linkage_training.learn(tmp_path / "model.json", False)
    assert any(says in sentence for sentence in shown["says"])
    assert shown["data"]["before"]["trained"] is False and shown["data"]["changed"]
    json.dumps(shown["data"])
    with warehouse.transaction() as db:
        assert (tmp_path / "model.json").read_text(encoding="utf-8") == db.read(tables.link_model)["parameters"].iloc[0]
        verdict = ledger.verify(db, settings)
    assert verdict.problem == "" and verdict.checkpoints == 1
    linkage_training.learn(None, False)
    assert re.search(r"(Filled \(person\): Name|Preenchidos \(pessoa\): Nome) 100[.,]0%, CPF 0[.,]0%", shown["says"][0])
    assert any(word in shown["says"][-1] for word in ("no pair changes", "nenhum par muda"))


def test_a_training_that_fails_half_way_leaves_nothing(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = easily_taught(settings)
    with warehouse.transaction() as db:
        contacts(db, 1, *crowd(150))

    def killed(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(linkage_training.ledger, "append", killed)
        with pytest.raises(RuntimeError):
            learn_weights(warehouse, settings)
    with warehouse.transaction() as db:
        assert db.count(tables.link_model) == 0
    told = learn_weights(warehouse, replace(settings))
    with warehouse.transaction() as db:
        assert db.read(tables.link_model)["model_hash"].tolist() == [told["model"]]
