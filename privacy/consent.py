"""Decide permissions for everybody at once: frames in, one row per person, purpose, channel and contact point out.

The rules are those of ``privacy.decision`` (readable, one case); here they run as joins and group maxima.
A merge never widens a permission: a grant counts only for the contact point its own record holds, a relation only
for the contact points of the records that prove it, while every no reaches the whole person and those who may be the same.
"""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.schema import CHANNEL_POINT
from contacts.values.date import age_on
from contacts.warehouse import TEXT
from privacy.columns import KEY
from privacy.decision import UNKNOWN
from privacy.grants import grants
from privacy.policy import NO_CHANNEL, Policy
from privacy.reach import reach
from privacy.reasons import DENYING, codes
from privacy.weighing import STATE_NAMES, refusals, weigh, with_refusals

CONTACT_COLUMNS = ("record_id", "source", "country", "birth_date", "street", "city", "postal_code")


def permissions(
    policy: Policy,
    as_of: datetime,
    events: pd.DataFrame,
    membership: pd.DataFrame,
    contacts: pd.DataFrame,
    points: pd.DataFrame,
    unsure: pd.DataFrame,
    history: pd.DataFrame,
) -> pd.DataFrame:
    """The permission table (without ``batch_no``), sorted by its key; only rows for contact points the person has.

    ``events``: consent_event. ``membership``: record_id, person_id. ``contacts``: record_id, source, country, birth_date,
    street, city, postal_code of the members (``CONTACT_COLUMNS``). ``points``: record_id, type, point_ref. ``unsure``: record_a,
    record_b of pairs nobody decided. ``history``: record_id, from_person, to_person of identity events, for records that left.
    Runs in n log n of the rows; no row order matters.
    """
    codes_of, people = pd.factorize(membership["person_id"], sort=True)
    members = pd.DataFrame({"record_id": membership["record_id"].to_numpy(), "person": codes_of}).merge(contacts, on="record_id")
    slots = _slots(policy)
    holds = _holds(members, points)
    cases = holds[["person", "type", "point_ref"]].drop_duplicates().merge(slots[["slot", "type"]], on="type")[KEY]
    cases = cases.sort_values(KEY, ignore_index=True)

    persons = _persons(policy, as_of, members, len(people))
    said_yes = grants(policy, as_of, events, members, holds, slots, persons)
    said_no = refusals(policy, reach(events, members, points, unsure, membership, history, people), slots)
    cases = cases.merge(said_yes, on=KEY, how="left").merge(_related(policy, holds, slots), on=KEY, how="left")
    cases = with_refusals(cases, said_no)
    bits, state, until = weigh(policy, as_of, cases, slots, persons)
    return _table(policy, cases, slots, persons, people, bits, state, until)


def _slots(policy: Policy) -> pd.DataFrame:
    """One row per purpose and channel: what it takes and which kind of contact point it uses."""
    rows = [
        {
            "purpose": code, "channel": channel, "type": CHANNEL_POINT.get(channel, NO_CHANNEL), "requires": purpose.requires, "opt_out": purpose.opt_out,
            "minors": purpose.minors, "review_by": str(purpose.balancing_test.review_by) if purpose.balancing_test else "",
        }
        for code, purpose in policy.purposes.items()
        for channel in purpose.slots
    ]  # fmt: skip
    slots = pd.DataFrame(rows).sort_values(["purpose", "channel"], ignore_index=True)
    slots.insert(0, "slot", np.arange(len(slots)))
    return slots


def _holds(members: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """Which record of which person holds which contact point; an address and the record itself count as point 0."""
    who = members[["record_id", "person", "source"]]
    real = points.dropna(subset=["point_ref"])[["record_id", "type", "point_ref"]].drop_duplicates()
    real = real.astype({"point_ref": "int64"}).merge(who, on="record_id")
    address = who[(members["street"].notna() & (members["city"].notna() | members["postal_code"].notna())).to_numpy()]
    return pd.concat([real, address.assign(type="address", point_ref=0), who.assign(type=NO_CHANNEL, point_ref=0)], ignore_index=True)


def _persons(policy: Policy, as_of: datetime, members: pd.DataFrame, n: int) -> pd.DataFrame:
    """Per person: laws that apply, whether a minor, whether of age, and the shortest validity of consent per channel."""
    ages = age_on(members["birth_date"], as_of.date()).fillna(UNKNOWN).to_numpy(dtype=np.int64)
    country, countries = pd.factorize(members["country"])
    law = np.array([sum(1 << place for place, name in enumerate(policy.regimes) if name in policy.regimes_of(code)) for code in [*countries, None]])
    every = law[-1]
    age_of_law = np.array([0] + [policy.consent_age(frozenset(_laws(policy, bits))) for bits in range(1, every + 1)])
    person = members["person"].to_numpy()
    laws = np.zeros(n, dtype=np.int64)
    np.bitwise_or.at(laws, person[country >= 0], law[country[country >= 0]])
    laws[laws == 0] = every
    threshold = np.maximum(age_of_law[laws[person]], age_of_law[law[country]])  # law[-1]: a record without a country is under every law
    minor = np.zeros(n, dtype=bool)
    minor[person[ages < threshold]] = True
    of_age = np.zeros(n, dtype=bool)
    of_age[person[(ages >= policy.majority) & (ages < UNKNOWN)]] = True
    table = {"laws": laws, "minor": minor, "of_age": of_age}
    for rule in sorted(policy.consent_validity, key=lambda rule: rule.days, reverse=True):
        there = np.isin(country, np.flatnonzero(np.asarray(countries) == rule.country)) & (rule.since <= as_of.date())
        for channel in rule.channels:
            table.setdefault(f"days_{channel}", np.zeros(n, dtype=np.int64))[person[there]] = rule.days
    return pd.DataFrame(table)


def _laws(policy: Policy, bits: int) -> list[str]:
    return [name for place, name in enumerate(policy.regimes) if bits >> place & 1]


def _related(policy: Policy, holds: pd.DataFrame, slots: pd.DataFrame) -> pd.DataFrame:
    """Cases whose contact point is held by a record of a source that proves the relation."""
    proves = pd.DataFrame([(code, source) for code, purpose in policy.purposes.items() for source in purpose.relation], columns=["purpose", "source"])
    proofs = slots[["slot", "purpose", "type"]].merge(proves, on="purpose")
    return holds.merge(proofs, on=["type", "source"])[KEY].drop_duplicates().assign(related=1)


def _table(
    policy: Policy, cases: pd.DataFrame, slots: pd.DataFrame, persons: pd.DataFrame, people: pd.Index,
    bits: npt.NDArray[np.int64], state: npt.NDArray[np.int64], until: npt.NDArray[np.int64],
) -> pd.DataFrame:  # fmt: skip
    """The decided cases with words for numbers."""
    slot, laws = cases["slot"].to_numpy(), persons["laws"].to_numpy()[cases["person"].to_numpy()]
    names = ["+".join(sorted(_laws(policy, number), reverse=True)) for number in range(1 << len(policy.regimes))]
    basis = np.array([[policy.purposes[code].basis(name) for name in names] for code in slots["purpose"]], dtype=object)
    distinct, place = np.unique(bits, return_inverse=True)
    moments, when = np.unique(until, return_inverse=True)
    ends = np.array([None if not s else str(np.datetime64(int(s), "s")) + "Z" for s in moments], dtype=object)
    columns = {
        "person_id": np.asarray(people, dtype=object)[cases["person"].to_numpy()],
        "purpose": slots["purpose"].to_numpy(dtype=object)[slot],
        "channel": slots["channel"].to_numpy(dtype=object)[slot],
        "point_ref": cases["point_ref"].to_numpy(dtype=np.int64),
        "allowed": bits & DENYING == 0,
        "state": np.array(STATE_NAMES, dtype=object)[state],
        "basis": basis[slot, laws] if len(cases) else np.array([], dtype=object),
        "regimes": np.array(names, dtype=object)[laws],
        "reasons": np.array([codes(int(number)) for number in distinct], dtype=object)[place] if len(cases) else np.array([], dtype=object),
        "valid_until": ends[when] if len(cases) else np.array([], dtype=object),
    }
    frame = pd.DataFrame(columns).assign(policy_version=policy.policy_version)
    text = [name for name in frame.columns if name not in ("point_ref", "allowed")]
    return frame.astype(dict.fromkeys(text, TEXT))
