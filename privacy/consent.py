"""Decide permissions for everybody at once: frames in, one row per person, purpose, channel and contact point out.

The rules are those of ``privacy.decision`` (readable, one case); here they run as sums, maxima and unions over whole columns,
some thousand persons at a time, so that memory stays bounded whatever the number of people.
A merge never widens a permission: a grant counts only for the contact point its own record holds, a relation only
for the contact points of the records that prove it, while every no reaches the whole person and those who may be the same.
"""

from datetime import datetime
from itertools import pairwise

import numpy as np
import pandas as pd

from contacts.warehouse import TEXT
from privacy.cases import Cases, Ints, Slots, holdings, lay_out, slots_of
from privacy.grants import Given, judge, judge_sales, said_yes, unnoticed
from privacy.persons import Persons, laws_of, persons_of
from privacy.policy import Policy
from privacy.reach import reach
from privacy.reasons import DENYING, codes
from privacy.timeline import counting_rows
from privacy.weighing import STATE_NAMES, Refusals, Weights, refusals, said_no, weigh

CONTACT_COLUMNS = ("record_id", "source", "country", "birth_date", "street", "city", "postal_code")
BLOCK = 50_000
"""Persons decided together; the result does not depend on it."""
NUMBERS = ("point_ref", "allowed")


def permissions(
    policy: Policy,
    as_of: datetime,
    events: pd.DataFrame,
    membership: pd.DataFrame,
    contacts: pd.DataFrame,
    points: pd.DataFrame,
    unsure: pd.DataFrame,
    history: pd.DataFrame,
    known_at: datetime | None = None,
) -> pd.DataFrame:
    """The permission table (without ``batch_no``), sorted by its key; only rows for contact points the person has.

    ``events``: consent_event. ``membership``: record_id, person_id. ``contacts``: record_id, source, country, birth_date,
    street, city, postal_code of the members (``CONTACT_COLUMNS``). ``points``: record_id, type, point_ref. ``unsure``: record_a,
    record_b of pairs nobody decided. ``history``: record_id, from_person, to_person of identity events, for records that left.
    Words come back as categories, of which a million people have as few as ten. Runs in n log n of the rows; no row order matters.
    """
    codes_of, people = pd.factorize(membership["person_id"], sort=True)
    members = pd.DataFrame({"record_id": membership["record_id"].to_numpy(), "person": codes_of}).merge(contacts, on="record_id")
    events = counting_rows(events.reset_index(drop=True), as_of, known_at)
    slots, holds = slots_of(policy), holdings(members, points)
    persons = persons_of(policy, as_of, members, slots, len(people))
    waiting = unnoticed(policy, as_of, events, members)
    given = judge(policy, as_of, events, members, slots, persons, waiting)
    sales = judge_sales(policy, as_of, events, members, slots, waiting)
    no = refusals(policy, reach(events, members, points, unsure, membership, history, people), slots)
    told = ~np.isin(holds["record_id"].to_numpy(), waiting)
    # of a person none of whose records is at hand nothing is decided, so an empty warehouse has one empty block
    edges = [*range(0, len(people), BLOCK), len(people)] if len(people) else [0, 0]
    blocks = [_block(policy, as_of, holds, told, slots, persons, given, sales, no, low, high) for low, high in pairwise(edges)]
    return _table(policy, slots, persons, people, *(np.concatenate(part) for part in zip(*blocks, strict=True)))


def _block(
    policy: Policy, as_of: datetime, holds: pd.DataFrame, told: np.ndarray, slots: Slots, persons: Persons, given: Given, sales: Given, no: Refusals,
    low: int, high: int,
) -> tuple[Ints, ...]:  # fmt: skip
    """The persons from ``low`` up to ``high``: person, slot, contact point, reasons, state and end of every case, in the order of the table's key."""
    rows = slice(*np.searchsorted(holds["person"].to_numpy(), [low, high]))
    mine, mine_told = holds.iloc[rows].reset_index(drop=True), told[rows]
    cases = lay_out(mine, slots, low, high)
    yes, end, faults = said_yes(given, mine, cases, (given.person >= low) & (given.person < high))
    sold = said_yes(sales, mine, cases, (sales.person >= low) & (sales.person < high))
    latest_no, against = said_no(no, mine, cases, slots)
    weights = Weights(yes, end, faults, latest_no, against, *sold, *_proven(policy, as_of, mine, mine_told, cases, slots))
    bits, state, until = weigh(policy, as_of, cases, slots, persons, weights)
    return cases.person, cases.slot.astype(np.int16), cases.point_ref, bits, state.astype(np.int16), until


def _proven(policy: Policy, as_of: datetime, holds: pd.DataFrame, told: np.ndarray, cases: Cases, slots: Slots) -> tuple[np.ndarray, ...]:
    """Per case: whether a record holds the contact point whose person was told, one that is no public data without this purpose, and one that
    is both and proves the relation."""
    known, named, related = (np.zeros(len(cases), dtype=bool) for _ in range(3))
    person, kind = holds["person"].to_numpy(dtype=np.int64), holds["kind"].to_numpy(dtype=np.int64)
    source, found = pd.factorize(holds["source"])
    names = np.asarray(found, dtype=object)
    for slot, purpose in enumerate(slots.purpose):
        mine = kind == slots.kind[slot]
        here = told & mine
        known[cases.at(person[here], slot, cases.rank[here])] = True
        lawful = mine & ~np.isin(source, np.flatnonzero(np.isin(names, list(policy.unnamed_sources(purpose, as_of.date())))))
        named[cases.at(person[lawful], slot, cases.rank[lawful])] = True
        proves = here & lawful & np.isin(source, np.flatnonzero(np.isin(names, policy.purposes[purpose].relation)))
        related[cases.at(person[proves], slot, cases.rank[proves])] = True
    return known, named, related


def _table(
    policy: Policy, slots: Slots, persons: Persons, people: pd.Index, person: Ints, slot: Ints, point_ref: Ints, bits: Ints, state: Ints, until: Ints
) -> pd.DataFrame:  # fmt: skip
    """The decided cases with words for numbers."""
    laws = persons.laws[person]
    names = ["+".join(sorted(laws_of(policy, number), reverse=True)) for number in range(1 << len(policy.regimes))]
    purposes, channels = sorted(set(slots.purpose)), sorted(set(slots.channel))
    bases = sorted({policy.purposes[code].basis(name) for code in purposes for name in names})
    basis_of = np.array([[bases.index(policy.purposes[code].basis(name)) for name in names] for code in slots.purpose])
    why, ends = pd.factorize(bits, sort=True), pd.factorize(until, sort=True)
    moments = [None if not second else str(np.datetime64(int(second), "s")) + "Z" for second in ends[1]]
    frame = pd.DataFrame(
        {
            "person_id": _words(person, people.astype(object)),
            "purpose": _words(np.array([purposes.index(code) for code in slots.purpose], dtype=np.int64)[slot], purposes),
            "channel": _words(np.array([channels.index(channel) for channel in slots.channel], dtype=np.int64)[slot], channels),
            "point_ref": point_ref,
            "allowed": bits & DENYING == 0,
            "state": _words(state, STATE_NAMES),
            "basis": _words(basis_of[slot, laws], bases),
            "regimes": _words(laws, names),
            "reasons": _words(why[0], [codes(int(number)) for number in why[1]]),
            "valid_until": _words(np.where(until == 0, -1, ends[0] - (moments[:1] == [None])), [moment for moment in moments if moment]),
        }
    )
    return frame.assign(policy_version=_words(np.zeros(len(frame), dtype=np.int8), [policy.policy_version]))


def _words(codes_: np.ndarray, words: list[str] | pd.Index) -> pd.Categorical:
    return pd.Categorical.from_codes(codes_, categories=pd.Index(words, dtype=object))


def as_text(decided: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the words written out, as the warehouse keeps them."""
    return decided.astype({name: TEXT for name in decided.columns if name not in (*NUMBERS, "batch_no")})
