"""Where every case stands: a case is a person, a slot (purpose and channel) and a contact point the person has.

Cases are numbered without a join or a sort: persons in order, in a person the slots in order, in a slot the contact points in order.
So the place of a case is the first place of its person and slot plus the rank of its contact point, and what was said finds its cases by arithmetic.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.schema import CHANNEL_POINT
from privacy.policy import NO_CHANNEL, Policy

Ints = npt.NDArray[np.int64]
KINDS = ("address", "email", NO_CHANNEL, "phone")
"""Kinds of contact point; a record itself counts as one, for purposes without a channel."""


@dataclass(frozen=True)
class Slots:
    """Purpose and channel by number, ordered by both; ``kind``: which kind of contact point it uses, as a place in KINDS."""

    purpose: tuple[str, ...]
    channel: tuple[str, ...]
    kind: Ints

    def __len__(self) -> int:
        return len(self.purpose)


def slots_of(policy: Policy) -> Slots:
    """The slots of a policy."""
    found = sorted((code, channel) for code, purpose in policy.purposes.items() for channel in purpose.slots)
    kinds = [KINDS.index(CHANNEL_POINT.get(channel, NO_CHANNEL)) for _, channel in found]
    return Slots(tuple(code for code, _ in found), tuple(channel for _, channel in found), np.array(kinds, dtype=np.int64))


def holdings(members: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Which record of which person holds which contact point: ``record_id``, ``person``, ``source``, ``kind``, ``point_ref``; sorted by all but source.

    ``members``: record_id, person, source, street, city, postal_code. An address and the record itself count as point 0.
    """
    who = members[["record_id", "person", "source"]]
    real = points.dropna(subset=["point_ref"])[["record_id", "type", "point_ref"]]
    kind = real["type"].map({name: place for place, name in enumerate(KINDS)})
    real = real.assign(kind=kind)[["record_id", "kind", "point_ref"]].dropna().astype({"point_ref": "int64", "kind": "int64"}).drop_duplicates()
    real = real.merge(who, on="record_id")
    address = who[(members["street"].notna() & (members["city"].notna() | members["postal_code"].notna())).to_numpy(dtype=bool)]
    without = [address.assign(kind=KINDS.index("address"), point_ref=0), who.assign(kind=KINDS.index(NO_CHANNEL), point_ref=0)]
    found = pd.concat([real, *without], ignore_index=True)
    return found.sort_values(["person", "kind", "point_ref", "record_id"], ignore_index=True)


@dataclass(frozen=True)
class Cases:
    """The cases of the persons ``low`` to ``high`` and the way from a holding to them.

    ``person``, ``slot``, ``point_ref``: per case. ``first``: place of the first case per person and slot. ``rank``: per row of the holdings
    the rank of its contact point within the person's of that kind.
    """

    low: int
    high: int
    person: Ints
    slot: Ints
    point_ref: Ints
    first: Ints
    rank: Ints

    def at(self, person: Ints, slot: Ints | int, rank: Ints) -> Ints:
        """Places of cases; ``person`` as numbered among all."""
        return np.asarray(self.first[person - self.low, slot] + rank)

    def __len__(self) -> int:
        return len(self.person)


def lay_out(holds: pd.DataFrame, slots: Slots, low: int, high: int) -> Cases:
    """Number the cases of the persons from ``low`` up to, not with, ``high``; ``holds``: their holdings, sorted."""
    person, kind, ref = (holds[name].to_numpy(dtype=np.int64) for name in ("person", "kind", "point_ref"))
    new_point = np.ones(len(holds), dtype=bool)
    new_point[1:] = (person[1:] != person[:-1]) | (kind[1:] != kind[:-1]) | (ref[1:] != ref[:-1])
    counts = np.zeros((high - low, len(KINDS)), dtype=np.int64)
    np.add.at(counts, (person[new_point] - low, kind[new_point]), 1)
    before = np.cumsum(counts.ravel()) - counts.ravel()  # points that come before the first of a person and kind
    rank = np.cumsum(new_point) - 1 - before[(person - low) * len(KINDS) + kind]
    sizes = counts[:, slots.kind]
    first = (np.cumsum(sizes.ravel()) - sizes.ravel()).reshape(sizes.shape)
    total = int(sizes.sum())
    who, which, refs = (np.zeros(total, dtype=np.int64) for _ in range(3))
    for slot, slot_kind in enumerate(slots.kind):
        mine = new_point & (kind == slot_kind)
        place = first[person[mine] - low, slot] + rank[mine]
        who[place], which[place], refs[place] = person[mine], slot, ref[mine]
    return Cases(low, high, who, which, refs, first, rank)
