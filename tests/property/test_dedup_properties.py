"""What must hold whatever the records: a partition, no dependence on order, known strangers apart, ids that stay, survivors of no order."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.schema import SINGLE_FIELDS
from contacts.settings import ROOT
from contacts.warehouse import TEXT
from dedup import identity
from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS, Batch, Before, link_batch
from dedup.clusters import average_linkage
from dedup.linkage import load_linkage
from dedup.survivorship import RULES, choose, consolidate

LINKAGE = load_linkage(ROOT / "dedup" / "linkage.yml")
STORED = pd.DataFrame({name: pd.Series([], dtype="int64") for name in ("record_a", "record_b", "batch_no")}).assign(
    probability=pd.Series([], dtype="float64"), **{name: pd.Series([], dtype=TEXT) for name in ("zone", "evidence", "model_hash")}
)
WORDS = ("ana", "beatriz", "caio", "davi", "moreira", "prado", "lima", "reis")
PERSON = st.fixed_dictionaries(
    {
        "name_key": st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).map(" ".join),
        "cpf": st.sampled_from((None, None, "52998224725", "15350946056")),
        "birth_date": st.sampled_from((None, "1990-05-17", "1990-05-07", "1971-11-23")),
        "email": st.sampled_from((None, "a", "b", "c")),
        "phone": st.sampled_from((None, "1", "2")),
        "postal_code": st.sampled_from((None, "01310100")),
    }
)
PEOPLE = st.lists(PERSON, min_size=1, max_size=14)
VERDICTS = st.lists(st.tuples(st.integers(1, 14), st.integers(1, 14), st.sampled_from(("same", "different"))), max_size=4)
QUICK = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def linked(people: list[dict[str, Any]], verdicts: list[tuple[int, int, str]], order: list[int] | None = None) -> Batch:
    rows = [
        dict.fromkeys(CONTACT_COLUMNS) | person | {"record_id": at, "batch_no": 1, "state": "active", "kind": "person"} for at, person in enumerate(people, 1)
    ]
    contacts = pd.DataFrame(rows)[list(CONTACT_COLUMNS)].astype({name: TEXT for name in CONTACT_COLUMNS if name not in ("record_id", "batch_no")})
    points = [
        [at, kind, 0, ord(person[kind]), f"{person[kind] * 8}@mail.example", None, None]
        for at, person in enumerate(people, 1)
        for kind in ("email", "phone")
        if person[kind]
    ]
    held = pd.DataFrame(points, columns=list(POINT_COLUMNS)).astype({"type": TEXT, "match_key": TEXT, "subtype": TEXT, "point_ref": "Int64", "names": "Int64"})
    judged = [(number, min(a, b), max(a, b), verdict) for number, (a, b, verdict) in enumerate(verdicts, 1) if a != b]
    judgements = pd.DataFrame(judged, columns=["judgement_no", "record_a", "record_b", "verdict"])
    if order is not None:
        contacts = contacts.iloc[[at for at in order if at < len(contacts)]]
        held = held.iloc[::-1]
    return link_batch(LINKAGE, contacts, held, judgements, Before(0, STORED, [], contacts["record_id"].iloc[:0]), 1)


@QUICK
@given(PEOPLE, VERDICTS, st.permutations(range(14)))
def test_every_record_is_in_one_person_whatever_the_order(people: list[dict[str, Any]], verdicts: list[tuple[int, int, str]], order: list[int]) -> None:
    one, other = linked(people, verdicts), linked(people, verdicts, order)
    assert sorted(one.clusters["record_id"]) == list(range(1, len(people) + 1))
    clusters = [batch.clusters.sort_values("record_id", ignore_index=True) for batch in (one, other)]
    pd.testing.assert_frame_equal(*clusters)
    pd.testing.assert_frame_equal(one.pairs, other.pairs)


@QUICK
@given(PEOPLE, VERDICTS)
def test_known_strangers_are_never_one_person(people: list[dict[str, Any]], verdicts: list[tuple[int, int, str]]) -> None:
    cluster = linked(people, verdicts).clusters.set_index("record_id")["cluster"]
    newest = {(min(a, b), max(a, b)): verdict for a, b, verdict in verdicts if a != b and max(a, b) <= len(people)}
    for (a, b), verdict in newest.items():
        if verdict == "different":
            assert cluster[a] != cluster[b]
    for a, one in enumerate(people, 1):
        for b, other in enumerate(people[a:], a + 1):
            if one["cpf"] and other["cpf"] and one["cpf"] != other["cpf"] and newest.get((a, b)) != "same":
                assert cluster[a] != cluster[b]


@QUICK
@given(PEOPLE)
def test_a_mailbox_or_phone_alone_never_makes_one_person(people: list[dict[str, Any]]) -> None:
    bare = [
        person | dict.fromkeys(("cpf", "birth_date", "postal_code")) | {"name_key": f"{WORDS[at % 8]} {'xyzwvutsrqponm'[at] * 5}"}
        for at, person in enumerate(people)
    ]
    pairs = linked([person | {"email": "a", "phone": "1"} for person in bare], []).pairs
    assert "match" not in set(pairs["zone"])


@given(st.integers(2, 9), st.data())
def test_average_linkage_keeps_apart_what_must_be_apart_and_does_not_grow_too_large(k: int, data: st.DataObject) -> None:
    count = k * (k - 1) // 2
    weights = np.array(data.draw(st.lists(st.sampled_from((-np.inf, -12.0, -1.0, 0.0, 3.0, 12.0)), min_size=count, max_size=count)))
    groups = average_linkage(weights, k, -1.0, 4)
    assert np.bincount(groups).max() <= 4
    assert (groups[groups] == groups).all()
    left, right = np.triu_indices(k, 1)
    assert not (np.isneginf(weights) & (groups[left] == groups[right])).any()


PARTITIONS = st.lists(st.integers(0, 4), min_size=1, max_size=10)


def clusters_of(labels: list[int]) -> pd.DataFrame:
    frame = pd.DataFrame({"record_id": np.arange(1, len(labels) + 1), "label": labels})
    return frame.assign(cluster=frame.groupby("label")["record_id"].transform("min"))[["record_id", "cluster"]]


@settings(deadline=None)
@given(st.lists(PARTITIONS, min_size=1, max_size=5))
def test_ids_stay_where_nothing_changes_and_every_change_can_be_undone(days: list[list[int]]) -> None:
    now = pd.DataFrame({"record_id": pd.Series([], dtype="int64"), "person_id": pd.Series([], dtype=TEXT), "batch_no": pd.Series([], dtype="int64")})
    kinds = {"batch_no": "int64", "record_id": "int64", "kind": TEXT, "from_person": TEXT, "to_person": TEXT}
    history = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in kinds.items()})
    for number, labels in enumerate(days, 1):
        clusters, before = clusters_of(labels), now
        now = identity.memberships(clusters, before, identity.ages(history, number), identity.former(history, number), "P-{}".format, number)
        moves = identity.events(before, now, number).astype(kinds)
        history = pd.concat([history, moves], ignore_index=True)
        # a person is a cluster and a cluster is a person
        assert now["person_id"].groupby(clusters["cluster"].to_numpy()).nunique().eq(1).all()
        assert now["person_id"].nunique() == clusters["cluster"].nunique()
        pd.testing.assert_frame_equal(identity.undo(now, history, number), before)
        again = identity.memberships(clusters, now, identity.ages(history, number + 1), identity.former(history, number + 1), "P-{}".format, number + 1)
        pd.testing.assert_frame_equal(again, now)
        # who was together and still is keeps the id when nobody else came or went
        groups = {frozenset(records): person for person, records in before.groupby("person_id")["record_id"]}
        for person, records in now.groupby("person_id")["record_id"]:
            assert groups.get(frozenset(records), person) == person


CANDIDATE = st.fixed_dictionaries(
    {
        "person_id": st.sampled_from(("P-1", "P-2")),
        "source": st.sampled_from(("crm", "form")),
        "source_updated_at": st.sampled_from((None, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")),
        "full_name": st.sampled_from((None, "Ana Reis", "Ana B. Reis")),
        "street": st.sampled_from((None, "Rua A", "Rua B")),
        "city": st.sampled_from((None, "Recife", "Olinda")),
    }
)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CANDIDATE, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_survivors_do_not_depend_on_order_and_come_from_a_record_that_holds_them(rows: list[dict[str, Any]], chance: Any) -> None:
    frame = pd.DataFrame([dict.fromkeys(SINGLE_FIELDS) | row | {"record_id": at, "raw_id": at + 100, "kind": "person"} for at, row in enumerate(rows)])
    frame = frame.astype({name: TEXT for name in frame.columns if name not in ("record_id", "raw_id")})
    names = ["record_id", "type", "point_ref", "value", "subtype", "status", "verified_at"]
    points = pd.DataFrame([[at, "email", at % 3, f"{at % 3}@mail.example", None, "ok", None] for at in range(len(rows))], columns=names)
    points = points.astype(dict.fromkeys(("type", "value", "subtype", "status", "verified_at"), TEXT))
    notes = pd.DataFrame({"record_id": pd.Series([0]), "field": pd.Series(["full_name"], dtype=TEXT), "reason": pd.Series(["CHAR_LOSS"], dtype=TEXT)})
    order = list(range(len(rows)))
    chance.shuffle(order)
    one = consolidate(frame, points, notes, {"crm": 80, "form": 50}, LINKAGE.survivorship)
    other = consolidate(frame.iloc[order], points.iloc[order], notes, {"crm": 80, "form": 50}, LINKAGE.survivorship)
    for part in ("contacts", "attributes", "points"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part))
    for row in one.attributes.to_dict("records"):
        assert frame.set_index("record_id")[row["field"]][row["record_id"]] == row["value"]
        assert row["distinct_values"] <= row["candidates"]
    addresses = one.attributes[one.attributes["field"].isin(("street", "city"))]
    assert addresses.groupby("person_id")["record_id"].nunique().le(1).all()
    assert one.points.groupby(["person_id", "type"])["rank"].apply(lambda ranks: sorted(ranks) == list(range(1, len(ranks) + 1))).all()


def test_every_rule_prefers_what_its_name_says() -> None:
    told = {"person_id": "P-1", "source_updated_at": "2026-01-01T00:00:00Z", "trust": 1, "filled": 1, "verified": False, "votes": 1, "value": "x"}
    better = {"most_recent": {"source_updated_at": "2026-01-02T00:00:00Z"}, "most_trusted": {"trust": 2}, "most_complete": {"filled": 2}}
    better |= {"longest": {"value": "xx"}, "verified_first": {"verified": True}, "majority": {"votes": 2}}
    assert set(better) == set(RULES)
    for rule, change in better.items():
        candidates = pd.DataFrame([told | {"record_id": 1}, told | change | {"record_id": 2}, told | {"record_id": 3}])
        ordered = choose(candidates.astype({"value": TEXT, "source_updated_at": TEXT}), [rule])
        assert ordered["record_id"].tolist() == [2, 1, 3]
        assert ordered["rule"].tolist() == [rule, "smallest_record", "only_value"]
