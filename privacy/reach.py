"""Whom a no reaches: the person, whoever may be the same person, and who has taken over from a record that departed.

Linkage is asymmetric (invariant 5): a possible match inherits the no, never the yes.
"""

import numpy as np
import pandas as pd

from privacy.reasons import BIT
from privacy.scope import RESTRICTIONS

_SAID = ["type", "purpose", "channel", "point_ref", "effective_at", "recorded_at"]


def reach(
    events: pd.DataFrame, members: pd.DataFrame, points: pd.DataFrame, unsure: pd.DataFrame, membership: pd.DataFrame, history: pd.DataFrame, people: pd.Index
) -> pd.DataFrame:
    """Every restriction with every person it reaches: ``person`` (position in ``people``), what was said, ``origin`` (reason bit, 0 for the person's own).

    ``members``: record_id, person. The other frames are those of ``consent.permissions``.
    """
    said = events[events["type"].isin(RESTRICTIONS)]
    said = said[["record_id", *_SAID]].astype({"point_ref": "Int64"})
    own = said.merge(members[["record_id", "person"]], on="record_id")
    parts = [own.assign(origin=0), *_possible(own, members, unsure), *_departed(said, members, points, membership, history, people)]
    parts.append(_wrong_numbers(said, members, points))
    reached = pd.concat([part[["person", *_SAID, "origin"]] for part in parts], ignore_index=True)
    return reached.astype({"person": "int64", "origin": "int64"})


def _wrong_numbers(said: pd.DataFrame, members: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Somebody else answers at this contact point: that is true for everybody who has it, whoever told us."""
    wrong = said[(said["type"].eq("wrong_person") & said["point_ref"].notna()).to_numpy(dtype=bool)]
    held = points[points["point_ref"].isin(wrong["point_ref"]).to_numpy(dtype=bool)][["record_id", "point_ref"]].drop_duplicates()
    holders = held.astype({"point_ref": "Int64"}).merge(members[["record_id", "person"]], on="record_id")[["point_ref", "person"]].drop_duplicates()
    return wrong.merge(holders, on="point_ref").assign(origin=0)


def _possible(own: pd.DataFrame, members: pd.DataFrame, unsure: pd.DataFrame) -> list[pd.DataFrame]:
    """One step over undecided pairs, both ways; not further, or one weak link would silence a town."""
    who = members.set_index("record_id")["person"]
    a, b = unsure["record_a"].map(who), unsure["record_b"].map(who)
    both = a.notna() & b.notna() & (a != b)
    a, b = a[both].astype("int64"), b[both].astype("int64")
    links = pd.DataFrame({"person": np.concatenate([a, b]), "neighbour": np.concatenate([b, a])}).drop_duplicates()
    carried = own.merge(links, on="person").drop(columns=["person"]).rename(columns={"neighbour": "person"})
    return [carried.assign(origin=BIT["NO_OF_POSSIBLE_SAME_PERSON"])]


def _departed(
    said: pd.DataFrame, members: pd.DataFrame, points: pd.DataFrame, membership: pd.DataFrame, history: pd.DataFrame, people: pd.Index
) -> list[pd.DataFrame]:
    """Records nobody is made of any more keep saying no: to the person they were part of, and to whoever holds their contact points.

    Otherwise a source could widen a permission by deleting the record that held the withdrawal.
    """
    gone = said[~said["record_id"].isin(members["record_id"])]
    if gone.empty:
        return []
    bit = BIT["NO_OF_DEPARTED_RECORD"]
    was = pd.concat(
        [history[["record_id", column]].rename(columns={column: "person_id"}) for column in ("from_person", "to_person")], ignore_index=True
    ).dropna()
    was = was.drop_duplicates()
    once = was[was["record_id"].isin(gone["record_id"])]
    companions = was[was["person_id"].isin(once["person_id"])].merge(membership[["record_id", "person_id"]], on="record_id", suffixes=("_then", ""))
    alive = pd.concat(
        [
            once,  # the person lives on under the same id
            once.rename(columns={"person_id": "person_id_then"}).merge(companions[["person_id_then", "person_id"]], on="person_id_then")[
                ["record_id", "person_id"]
            ],
        ]
    ).drop_duplicates()
    alive = alive.assign(person=pd.Index(people).get_indexer(pd.Index(alive["person_id"])))
    heirs = gone.merge(alive.loc[alive["person"] >= 0, ["record_id", "person"]].drop_duplicates(), on="record_id")

    held = points.dropna(subset=["point_ref"])[["record_id", "point_ref"]].drop_duplicates().astype({"point_ref": "Int64"})
    holders = held.merge(members[["record_id", "person"]], on="record_id")[["point_ref", "person"]].drop_duplicates()
    named = gone[gone["point_ref"].notna()]
    unnamed = gone[gone["point_ref"].isna()].drop(columns=["point_ref"]).merge(held, on="record_id")
    by_point = pd.concat([named, unnamed[["record_id", *_SAID]]], ignore_index=True).merge(holders, on="point_ref")
    return [heirs.assign(origin=bit), by_point.assign(origin=bit)]
