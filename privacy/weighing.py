"""The no, and what it weighs against the yes: restrictions are read widely, ties and doubt deny."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from privacy.cases import Cases, Ints, Slots
from privacy.columns import ENDLESS, NEVER, seconds
from privacy.persons import Persons
from privacy.policy import Policy
from privacy.reasons import BIT, DENYING, PERMITTING, STATES, UNGRANTED
from privacy.scope import RESTRICTIONS, restriction_reason

STATE_NAMES = list(STATES)
_RANKS = 8
"""Kinds of no that fit into one moment: the moment times this, plus the rank of the kind."""
assert len(RESTRICTIONS) <= _RANKS  # noqa: S101


@dataclass(frozen=True)
class Refusals:
    """Every no with every person it reaches and slot it covers. ``no``: moment and rank in one number; ``against``: reason bits; -1 for any point."""

    person: Ints
    slot: Ints
    point_ref: Ints
    wide: npt.NDArray[np.bool_]
    no: Ints
    against: Ints


def refusals(policy: Policy, reached: pd.DataFrame, slots: Slots) -> Refusals:
    """The restrictions of ``reach`` spread over the slots they cover."""
    said = reached[["type", "purpose", "channel"]].drop_duplicates()
    scope = pd.DataFrame(
        [
            (*words, slot, BIT[reason])
            for words in said.itertuples(index=False, name=None)
            for slot, (purpose, channel) in enumerate(zip(slots.purpose, slots.channel, strict=True))
            if (reason := restriction_reason(policy, words[0], words[1], words[2], purpose, channel))
        ],
        columns=["type", "purpose", "channel", "slot", "against"],
    )
    # whole numbers instead of words: a join over three words for every no would cost more than the rest
    told = said.assign(words=np.arange(len(said)))
    scope = scope.merge(told, on=["type", "purpose", "channel"])[["words", "slot", "against"]].astype("int64")
    exact, recorded = seconds(reached["effective_at"]), seconds(reached["recorded_at"])
    moment = np.where(exact != NEVER, exact, np.where(recorded != NEVER, recorded, 1 << 40))  # no time at all: never beaten
    rank = reached["type"].map({kind: place for place, kind in enumerate(RESTRICTIONS)}).to_numpy(dtype=np.int64)
    words = reached[["type", "purpose", "channel"]].merge(told, on=["type", "purpose", "channel"], how="left")["words"].to_numpy(dtype=np.int64)
    point = reached["point_ref"].astype("Int64")
    rows = pd.DataFrame({
        "words": words, "person": reached["person"].to_numpy(dtype=np.int64), "no": moment * _RANKS + rank,
        "origin": reached["origin"].to_numpy(dtype=np.int64),
        "point_ref": point.fillna(0).to_numpy(dtype=np.int64), "wide": point.isna().to_numpy(dtype=bool),
    }).merge(scope, on="words").sort_values("person", kind="stable")  # fmt: skip
    person, slot_no, point_ref, no = (rows[name].to_numpy(dtype=np.int64) for name in ("person", "slot", "point_ref", "no"))
    return Refusals(person, slot_no, point_ref, rows["wide"].to_numpy(dtype=bool), no, (rows["against"] | rows["origin"]).to_numpy(dtype=np.int64))


def said_no(no: Refusals, holds: pd.DataFrame, cases: Cases, slots: Slots) -> tuple[Ints, Ints]:
    """Per case: the latest no (NEVER for none, else moment and rank) and every reason against."""
    rows = slice(*np.searchsorted(no.person, [cases.low, cases.high]))
    person, slot, wide, at, against = no.person[rows] - cases.low, no.slot[rows], no.wide[rows], no.no[rows], no.against[rows]
    shape = (cases.high - cases.low, len(slots))
    everywhere, bits = np.full(shape, NEVER), np.zeros(shape, dtype=np.int64)
    np.maximum.at(everywhere, (person[wide], slot[wide]), at[wide])
    np.bitwise_or.at(bits, (person[wide], slot[wide]), against[wide])
    latest, reasons = everywhere[cases.person - cases.low, cases.slot], bits[cases.person - cases.low, cases.slot]
    if wide.all():
        return latest, reasons
    narrow = pd.DataFrame(
        {"person": person[~wide] + cases.low, "slot": slot[~wide], "point_ref": no.point_ref[rows][~wide], "no": at[~wide], "bits": against[~wide]}
    )
    narrow["kind"] = slots.kind[narrow["slot"].to_numpy()]
    held = holds[["person", "kind", "point_ref"]].assign(rank=cases.rank).drop_duplicates()
    narrow = narrow.merge(held, on=["person", "kind", "point_ref"])
    place = cases.at(*(narrow[name].to_numpy(dtype=np.int64) for name in ("person", "slot", "rank")))
    np.maximum.at(latest, place, narrow["no"].to_numpy(dtype=np.int64))
    np.bitwise_or.at(reasons, place, narrow["bits"].to_numpy(dtype=np.int64))
    return latest, reasons


@dataclass(frozen=True)
class Weights:
    """What is on the scales, per case: the latest yes and when it ends, the faults of the others, the latest no and its reasons.

    ``sale``, ``sale_end``, ``sale_faults``: the same of sales on record.
    ``told``, ``named``, ``related``: whether a record holds the contact point whose person was told where it came from, one that is no public
    data without this purpose, and one that proves the relation.
    """

    yes: Ints
    end: Ints
    faults: Ints
    no: Ints
    against: Ints
    sale: Ints
    sale_end: Ints
    sale_faults: Ints
    told: npt.NDArray[np.bool_]
    named: npt.NDArray[np.bool_]
    related: npt.NDArray[np.bool_]


def weigh(policy: Policy, as_of: datetime, cases: Cases, slots: Slots, persons: Persons, on: Weights) -> tuple[Ints, Ints, Ints]:
    """Per case: its reasons as bits, its state as a place in STATES, and until when it holds (epoch seconds, 0 for no end)."""
    rules = [policy.purposes[code] for code in slots.purpose]
    slot, person = cases.slot, cases.person
    needs_consent = np.array([one.requires == "consent" for one in rules])[slot]
    needs_relation = np.array([one.requires == "relation" for one in rules])[slot]
    yes, no, against, faults = on.yes, on.no // _RANKS, on.against, on.faults
    said_yes, said_no = yes != NEVER, on.no != NEVER
    restricted = against & BIT["RESTRICTED"] != 0
    beaten = needs_consent & said_yes & said_no & (yes > no) & ~restricted
    tie = needs_consent & said_yes & said_no & (yes == no)
    always = restricted | (against & BIT["WRONG_PERSON"] != 0)
    counts = said_no & ~beaten & (needs_consent | always | np.array([one.opt_out for one in rules])[slot])
    minor = persons.minor[person] & np.array([one.minors == "deny" for one in rules])[slot]
    stale = np.array([bool(one.balancing_test and one.balancing_test.review_by < as_of.date()) for one in rules])[slot] & ~needs_consent
    asks_sale = np.array([one.asks_sale(channel) for one, channel in zip(rules, slots.channel, strict=True)])[slot]
    sold = asks_sale & (on.sale != NEVER)
    unsold, lapsed = asks_sale & ~sold, on.sale_faults & BIT["SALE_LAPSED"] != 0
    only = persons.needs_consent(person, slot, sold) & ~needs_consent
    untold = ~on.told & ~needs_consent
    unrelated = needs_relation & ~on.related
    unasked = needs_consent & ~said_yes

    bits = np.where(counts, against | tie * BIT["ORDER_UNKNOWN"], 0)
    bits |= minor * BIT["MINOR"] | stale * BIT["BALANCING_TEST_EXPIRED"] | unrelated * BIT["NO_RELATION"]
    bits |= only * BIT["CONSENT_REQUIRED"] | untold * BIT["NOTICE_PENDING"] | ~on.named * BIT["PUBLIC_WITHOUT_PURPOSE"]
    bits |= unsold * np.where(lapsed, BIT["SALE_LAPSED"], BIT["SALE_UNPROVEN"])
    bits |= np.where(unasked, np.where((faults == 0) & ~said_no, BIT["NEVER_ASKED"], faults), 0)
    fine = bits & DENYING == 0
    bits |= (fine & needs_consent) * BIT["GRANT_VALID"] | (fine & beaten) * BIT["GRANT_AFTER_NO"]
    bits |= (fine & needs_relation) * BIT["RELATION_PROVEN"] | (fine & sold) * BIT["SALE_PROVEN"]
    bits |= (fine & ~needs_consent & ~needs_relation & ~sold) * BIT["NOTHING_MORE_NEEDED"]
    bits |= (fine & ~needs_consent & said_no) * BIT["DUTY_DESPITE_NO"]
    bits &= np.where(fine, PERMITTING, DENYING)

    place = STATE_NAMES.index
    kind = np.array([place(kind.upper()) for kind in RESTRICTIONS] + [0] * (_RANKS - len(RESTRICTIONS)))[on.no % _RANKS]
    verdicts: tuple[tuple[npt.NDArray[np.bool_], Any], ...] = (
        (fine & needs_consent, place("GRANTED")), (fine, place("BASIS")), (counts & restricted, place("RESTRICTED")), (counts & tie, place("CONFLICT")),
        (counts, kind), (minor, place("MINOR")), (~on.named, place("NO_PURPOSE")), (only, place("CONSENT_REQUIRED")), (stale, place("LIA_EXPIRED")),
        (untold, place("NOTICE_PENDING")),
        (unrelated, place("NO_RELATION")), (unsold, place("NO_SALE")), *((faults & found != 0, place(state)) for state, found in UNGRANTED),
    )  # fmt: skip
    state: Ints = np.select([when for when, _ in verdicts], [what for _, what in verdicts], place("NEVER_ASKED"))
    ends = [int(datetime.combine(one.balancing_test.review_by, time(23, 59, 59), UTC).timestamp()) if one.balancing_test else 0 for one in rules]
    review = np.array(ends)[slot]
    until = np.where(sold & ((review == 0) | (on.sale_end < review)), on.sale_end, review)
    until = np.where(fine & ~needs_consent, until, 0)
    return bits, state, np.where(fine & needs_consent & (on.end != ENDLESS), on.end, until)
