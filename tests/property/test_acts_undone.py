"""Whatever a steward does to persons, undone it is as if it had never been: the same records in the same persons under the same ids."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.pseudonym import person_code
from contacts.warehouse import TEXT
from dedup import acts, identity
from dedup import judgements as rules
from dedup.clusters import partition
from dedup.linkage import Clusters

RECORDS = np.arange(1, 10)
CLUSTERS = Clusters(bond=-3.0, largest=60)
EVENTS = {"batch_no": "int64", "record_id": "int64", "kind": TEXT, "from_person": TEXT, "to_person": TEXT}
WEIGHTS = st.lists(st.sampled_from((-12.0, -12.0, -6.0, 6.0, 12.0)), min_size=36, max_size=36)
STEPS = st.lists(st.tuples(st.sampled_from((*acts.KINDS, "undo", "batch", "again")), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=8)


@dataclass
class World:
    """Nine records, fixed weights, and what the link stage and the acts keep."""

    weights: np.ndarray
    batch: int = 0
    members: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame({"record_id": [], "person_id": [], "batch_no": []}).astype(
            {"record_id": "int64", "person_id": TEXT, "batch_no": "int64"}
        )
    )
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in EVENTS.items()}))
    given: list[dict] = field(default_factory=list)
    acts: list[dict] = field(default_factory=list)

    def judged(self) -> pd.DataFrame:
        columns = ["judgement_no", *rules.PAIR, "verdict", "judged_by", "opinions", "undoes", "act_no"]
        return rules.in_force(pd.DataFrame(self.given, columns=columns))

    def link(self, new: bool = True) -> None:
        """One link run, of a new batch or of the newest once more, as the stage does it."""
        self.batch += new
        before = identity.undo(self.members, self.events, self.batch)
        judged = self.judged()
        verdict = {frozenset((a, b)): said for a, b, said in judged[[*rules.PAIR, "verdict"]].itertuples(index=False)}

        def score(first: np.ndarray, second: np.ndarray) -> np.ndarray:
            told = [verdict.get(frozenset((a + 1, b + 1))) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
            sure = [1000.0 if one == "same" else -np.inf if one == "different" else np.nan for one in told]
            return np.where(np.isnan(sure), self.weights[first, second], sure)

        a, b = np.triu_indices(len(RECORDS), 1)
        bits = score(a, b)
        edge = bits > 0
        apart = np.unique(judged.loc[judged["verdict"] == "different", rules.PAIR].to_numpy("int64").ravel()) - 1
        labels = partition(len(RECORDS), a[edge], b[edge], bits[edge], CLUSTERS, score, apart)
        clusters = pd.DataFrame({"record_id": RECORDS, "cluster": RECORDS[labels]})
        mine = [one for one in self.acts if one["undone"] and one["taken"] and one["taken"] < self.batch and one["restored"] in (None, self.batch)]
        undone = [(one["taken"], pd.DataFrame({"record_id": list(one["was"]), "person_id": list(one["was"].values())})) for one in mine]
        returning = identity.returning(before, self.events[self.events["batch_no"] < self.batch], undone)
        former, ages = identity.former(self.events, self.batch), identity.ages(self.events, self.batch)
        now = identity.memberships(clusters, before, ages, former, person_code, self.batch, returning)
        happened = identity.events(before, now, self.batch)
        self.events = pd.concat([self.events[self.events["batch_no"] != self.batch], happened], ignore_index=True).astype(EVENTS)
        self.members = now
        for one in self.acts:
            one["taken"] = one["taken"] or (None if one["undone"] else self.batch)
            one["restored"] = one["restored"] or (self.batch if one["undone"] else None)

    def persons(self) -> dict[int, str]:
        return dict(self.members[["record_id", "person_id"]].itertuples(index=False))

    def act(self, kind: str, one: int, other: int) -> None:
        """The act of this kind that two numbers choose, where there is one."""
        persons = self.persons()
        names = sorted(set(persons.values()))
        mine, theirs = names[one % len(names)], names[other % len(names)]
        inside = [record for record, person in persons.items() if person == mine]
        leaving = inside[other % len(inside)]
        sides: dict[str, list[list[int]]] = {
            acts.MERGE: [inside, [record for record, person in persons.items() if person == theirs]],
            acts.UNMERGE: [[record for record in inside if record != leaving], [leaving]],
            acts.MOVE: [[record for record in inside if record != leaving], [leaving], [record for record, person in persons.items() if person == theirs]],
        }
        if (mine == theirs and kind != acts.UNMERGE) or (kind == acts.UNMERGE and len(inside) == 1):
            return
        parts = pd.DataFrame([(record, part) for part, side in enumerate(sides[kind], 1) for record in side], columns=["record_id", "part"])
        number = len(self.acts) + 1
        for row in acts.judged_pairs(kind, parts).to_dict("records"):
            self.given.append(row | {"judgement_no": len(self.given) + 1, "judged_by": "s", "opinions": 1, "undoes": None, "act_no": number})
        was = {record: persons[record] for record in parts["record_id"].tolist()}
        self.acts.append({"act_no": number, "was": was, "undone": False, "taken": None, "restored": None})

    def undo(self) -> None:
        """Take the last act back that stands."""
        standing = [one for one in self.acts if not one["undone"]]
        if not standing:
            return
        standing[-1]["undone"] = True
        for row in [row for row in self.given if row["act_no"] == standing[-1]["act_no"] and row["undoes"] is None]:
            self.given.append(row | {"judgement_no": len(self.given) + 1, "verdict": rules.UNDONE, "undoes": row["judgement_no"]})


def world_of(weights: list[float]) -> World:
    """A world whose records have been linked once."""
    matrix = np.zeros((9, 9))
    matrix[np.triu_indices(9, 1)] = weights
    world = World(matrix + matrix.T)
    world.link()
    return world


@settings(max_examples=25, deadline=None)
@given(WEIGHTS, STEPS)
def test_acts_undone_in_any_order_of_batches_leave_every_record_where_it_was(weights: list[float], steps: list[tuple[str, int, int]]) -> None:
    world = world_of(weights)
    world.link()  # a batch repeated under an act founds the persons it founded anew, so these are of an earlier one
    before = world.persons()
    for step, one, other in steps:
        if step in acts.KINDS:
            world.act(step, one, other)
            world.link(new=bool(other % 2))
        elif step == "undo":
            world.undo()
            world.link(new=bool(one % 2))
        else:
            world.link(new=step == "batch")
    while any(not one["undone"] for one in world.acts):
        world.undo()
    assert world.judged().empty
    world.link()
    assert world.persons() == before
    world.link(new=False)
    assert world.persons() == before, "the same batch once more gives the same"


@settings(max_examples=25, deadline=None)
@given(WEIGHTS, st.sampled_from(acts.KINDS), st.integers(0, 99), st.integers(0, 99), st.integers(0, 2), st.integers(0, 1))
def test_an_act_undone_gives_every_person_its_id_back(weights: list[float], kind: str, one: int, other: int, later: int, repeated: int) -> None:
    world = world_of(weights)
    before = world.persons()
    world.act(kind, one, other)
    for _ in range(1 + later):
        world.link()
    world.undo()
    world.link()
    for _ in range(repeated):
        world.link(new=False)
    assert world.persons() == before


@settings(max_examples=25, deadline=None)
@given(WEIGHTS, st.sampled_from(acts.KINDS), st.integers(0, 99), st.integers(0, 99))
def test_an_act_holds_in_every_later_run_whatever_the_scores(weights: list[float], kind: str, one: int, other: int) -> None:
    world = world_of(weights)
    world.act(kind, one, other)
    for _ in range(2):
        world.link()
        persons = world.persons()
        for row in world.given:
            assert (persons[row["record_a"]] == persons[row["record_b"]]) == (row["verdict"] == "same")
