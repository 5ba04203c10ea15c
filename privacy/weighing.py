"""The no, and what it weighs against the yes: restrictions are read widely, ties and doubt deny."""

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from privacy.columns import KEY, NEVER, days_of, filled, per_case, seconds
from privacy.policy import Policy
from privacy.reasons import BIT, DENYING, PERMITTING, STATES
from privacy.scope import RESTRICTIONS, restriction_reason

STATE_NAMES = list(STATES)
_UNPROVEN = sum(BIT[code] for code in ("PROOF_WITHOUT_TIME", "PROOF_WITHOUT_METHOD", "PROOF_WITHOUT_TEXT", "PROOF_NOT_BY_PERSON", "PROOF_WITHOUT_POINT"))


def refusals(policy: Policy, reached: pd.DataFrame, slots: pd.DataFrame) -> pd.DataFrame:
    """Per person and slot (and contact point, where the no names one): the latest no (``no``) and its reasons (``against``)."""
    said = reached[["type", "purpose", "channel"]].drop_duplicates()
    scope = pd.DataFrame(
        [
            (*words, slot, BIT[reason])
            for words in said.itertuples(index=False, name=None)
            for slot, purpose, channel in slots[["slot", "purpose", "channel"]].itertuples(index=False, name=None)
            if (reason := restriction_reason(policy, words[0], words[1], words[2], purpose, channel))
        ],
        columns=["type", "purpose", "channel", "slot", "against"],
    )
    rows = reached.merge(scope, on=["type", "purpose", "channel"])
    exact, recorded = seconds(rows["effective_at"]), seconds(rows["recorded_at"])
    moment = np.where(exact != NEVER, exact, np.where(recorded != NEVER, recorded, 1 << 40))  # no time at all: never beaten
    rank = rows["type"].map({kind: place for place, kind in enumerate(RESTRICTIONS)}).to_numpy(dtype=np.int64)
    rows = rows[["person", "slot", "point_ref"]].assign(
        no=moment * 4 + rank, against=rows["against"].to_numpy(dtype=np.int64) | rows["origin"].to_numpy(dtype=np.int64)
    )
    return rows.astype({"point_ref": "Int64"})


def with_refusals(cases: pd.DataFrame, refusals: pd.DataFrame) -> pd.DataFrame:
    """The cases with every no that covers them, whether it named the contact point or not."""
    wide = refusals["point_ref"].isna()
    everywhere = per_case(refusals[wide], ["person", "slot"], "no", "against")
    here = per_case(refusals[~wide].astype({"point_ref": "int64"}), KEY, "no", "against")
    cases = cases.merge(everywhere, on=["person", "slot"], how="left").merge(here, on=KEY, how="left", suffixes=("", "_here"))
    for name in ("yes", "no", "no_here"):
        cases[name] = filled(cases[name], NEVER)
    for name in ("faults", "related", "against", "against_here"):
        cases[name] = filled(cases[name], 0)
    cases["no"] = np.maximum(cases["no"], cases["no_here"])
    cases["against"] |= cases["against_here"]
    return cases.astype("int64")


def weigh(
    policy: Policy, as_of: datetime, cases: pd.DataFrame, slots: pd.DataFrame, persons: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Per case: its reasons as bits, its state as a place in STATES, and until when it holds (epoch seconds, 0 for no end)."""
    slot, person = cases["slot"].to_numpy(), cases["person"].to_numpy()
    needs_consent = slots["requires"].eq("consent").to_numpy()[slot]
    needs_relation = slots["requires"].eq("relation").to_numpy()[slot]
    yes, no = cases["yes"].to_numpy(), cases["no"].to_numpy() >> 2
    said_yes, said_no = yes != NEVER, cases["no"].to_numpy() != NEVER
    against, faults = cases["against"].to_numpy(), cases["faults"].to_numpy()
    restricted = against & BIT["RESTRICTED"] != 0
    beaten = needs_consent & said_yes & said_no & (yes > no) & ~restricted
    tie = needs_consent & said_yes & said_no & (yes == no)
    counts = said_no & ~beaten & (needs_consent | restricted | slots["opt_out"].to_numpy()[slot])
    minor = persons["minor"].to_numpy()[person] & slots["minors"].eq("deny").to_numpy()[slot]
    review = slots["review_by"].to_numpy()[slot]
    stale = (review != "") & (review < str(as_of.date())) & ~needs_consent
    unrelated = needs_relation & (cases["related"].to_numpy() == 0)
    unasked = needs_consent & ~said_yes

    bits = np.where(counts, against | tie * BIT["ORDER_UNKNOWN"], 0)
    bits |= minor * BIT["MINOR"] | stale * BIT["BALANCING_TEST_EXPIRED"] | unrelated * BIT["NO_RELATION"]
    bits |= np.where(unasked, np.where((faults == 0) & ~said_no, BIT["NEVER_ASKED"], faults), 0)
    fine = bits & DENYING == 0
    bits |= (fine & needs_consent) * BIT["GRANT_VALID"] | (fine & beaten) * BIT["GRANT_AFTER_NO"]
    bits |= (fine & needs_relation) * BIT["RELATION_PROVEN"] | (fine & ~needs_consent & ~needs_relation) * BIT["NOTHING_MORE_NEEDED"]
    bits |= (fine & ~needs_consent & said_no) * BIT["DUTY_DESPITE_NO"]
    bits &= np.where(fine, PERMITTING, DENYING)

    place = STATE_NAMES.index
    kind = np.array([place(kind.upper()) for kind in RESTRICTIONS])[cases["no"].to_numpy() & 3]
    lapsed = faults & (BIT["EXPIRED"] | BIT["GUARDIAN_LAPSED"]) != 0
    verdicts = (
        (fine & needs_consent, place("GRANTED")), (fine, place("BASIS")), (counts & restricted, place("RESTRICTED")), (counts & tie, place("CONFLICT")),
        (counts, kind), (minor, place("MINOR")), (stale, place("LIA_EXPIRED")), (unrelated, place("NO_RELATION")), (lapsed, place("EXPIRED")),
        (faults & BIT["MINOR_NO_GUARDIAN"] != 0, place("MINOR")), (faults & _UNPROVEN != 0, place("UNPROVEN")),
    )  # fmt: skip
    state = np.select([when for when, _ in verdicts], [what for _, what in verdicts], place("NEVER_ASKED"))
    days = days_of(person, slots["channel"].to_numpy()[slot], persons)
    review_end = pd.to_datetime(slots["review_by"].replace("", None)).add(timedelta(days=1, seconds=-1))
    review_end_s = np.where(review_end.notna(), review_end.fillna(pd.Timestamp(0)).to_numpy().astype("datetime64[s]").astype(np.int64), 0)
    until = np.where(fine & needs_consent & (days > 0), yes + days * 86_400, np.where(fine & ~needs_consent, review_end_s[slot], 0))
    return bits, state, until
