"""Contacts that were made although a rule or a no was against them, found in the ledger of attempts: counts by rule and channel, never who.

Judged by the rules of today's policy that were in force on the day of the attempt.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from privacy.columns import NEVER, seconds
from privacy.contact_rules.decision import hours_reasons
from privacy.contact_rules.model import ContactRules
from privacy.contact_rules.places import COLUMNS, Place, candidates
from privacy.contact_rules.reasons import cap_code
from privacy.policy import Policy
from privacy.scope import RESTRICTIONS, restriction_reason

AFTER_NO = "AFTER_NO"
_DAY = 86_400


def breaches(policy: Policy, attempts: pd.DataFrame, cases: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Columns ``rule`` (``CODE`` or ``CODE:rule``), ``channel``, ``n`` (attempts) and ``of`` (outbound attempts on the channel), sorted.

    ``attempts``: as ``facts.attempts_of`` gives them. ``cases``: one row per person and contact point with their places (``facts.cases_of``).
    ``events``: consent_event with the ``person_id`` it was said by. An attempt whose purpose is not known is judged by the caps alone.
    """
    made = attempts[attempts["direction"].eq("outbound").to_numpy(dtype=bool)].drop_duplicates(["attempt_id", "person_id"])
    made = made.assign(at=seconds(made["at"]), message=made["purpose"].map(policy.contact_rules.classes)).reset_index(drop=True)
    made = made[made["at"].to_numpy() != NEVER]
    found = [*_after_no(policy, made, events), *_outside_hours(policy.contact_rules, made, cases), *_above_caps(policy.contact_rules, made)]
    rows = pd.DataFrame(found, columns=["rule", "attempt_id", "channel"]).drop_duplicates()
    of = made.drop_duplicates("attempt_id")["channel"].value_counts()
    counted = rows.groupby(["rule", "channel"], sort=True).size().rename("n").reset_index()
    return counted.assign(of=counted["channel"].map(of).astype("int64"))


def _after_no(policy: Policy, made: pd.DataFrame, events: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    """Attempts after the person's no to that purpose took effect, unless a yes of theirs lies between (LGPD art. 8 §5; GDPR art. 7(3), 21(3))."""
    said = events.assign(moment=np.where(seconds(events["effective_at"]) != NEVER, seconds(events["effective_at"]), seconds(events["recorded_at"])))
    asked = made[made["purpose"].isin(policy.purposes).to_numpy()]
    no = said.loc[said["type"].isin(RESTRICTIONS).to_numpy(), ["person_id", "type", "purpose", "channel", "moment"]]
    pairs = asked[["attempt_id", "person_id", "purpose", "channel", "at"]].merge(no, on="person_id", suffixes=("", "_said"))
    pairs = pairs[pairs["moment"].to_numpy() < pairs["at"].to_numpy()]
    words = ["type", "purpose_said", "channel_said", "purpose", "channel"]
    covers = {key: bool(restriction_reason(policy, *key)) and (key[0] == "restricted" or policy.purposes[key[3]].opt_out)
              for key in pairs[words].drop_duplicates().itertuples(index=False, name=None)}  # fmt: skip
    pairs = pairs[np.array([covers[key] for key in pairs[words].itertuples(index=False, name=None)], dtype=bool)]
    last = pairs.groupby(["attempt_id", "person_id", "purpose", "channel", "at"], as_index=False)["moment"].max()
    yes = said.loc[(said["type"].eq("granted") & said["actor"].isin(["self", "guardian"])).to_numpy(dtype=bool), ["person_id", "purpose", "channel", "moment"]]
    later = last.merge(yes, on=["person_id", "purpose", "channel"], suffixes=("", "_yes"))
    mended = later.loc[(later["moment_yes"] > later["moment"]) & (later["moment_yes"] <= later["at"]), "attempt_id"]
    for attempt, channel in last.loc[~last["attempt_id"].isin(mended), ["attempt_id", "channel"]].itertuples(index=False, name=None):
        yield AFTER_NO, attempt, channel


def _outside_hours(rules: ContactRules, made: pd.DataFrame, cases: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    """Attempts outside the hours where the person is; each distinct place, class, channel and minute is judged once."""
    places = [*COLUMNS, *(f"phone_{name}" for name in COLUMNS)]
    known = cases[["person_id", "point_ref", *places]]
    here = known.drop_duplicates(["person_id", "point_ref"])
    exact = made[made["message"].notna().to_numpy()].merge(here, on=["person_id", "point_ref"], how="left", indicator=True)
    lost = exact["_merge"].eq("left_only").to_numpy()  # a contact point nobody has any more: the address of the person counts
    alone = known.drop_duplicates("person_id").drop(columns="point_ref")
    fallback = exact.loc[lost].drop(columns=places).merge(alone.assign(**dict.fromkeys(places[3:], None)), on="person_id", how="left")
    judged = pd.concat([exact[~lost], fallback], ignore_index=True)
    judged = judged.assign(minute=judged["at"] // 60 * 60)
    key = ["message", "channel", "minute", *places]
    answers: dict[tuple[object, ...], tuple[str, ...]] = {}
    for attempt, *words in judged[["attempt_id", *key]].itertuples(index=False, name=None):
        case = tuple(None if pd.isna(word) else word for word in words)
        if case not in answers:
            message, channel, minute, *where = case
            found = candidates(rules, str(channel), Place(*where[:3]), Place(*where[3:]))
            answers[case] = hours_reasons(rules, found, str(message), str(channel), datetime.fromtimestamp(int(minute or 0), UTC))
        for reason in answers[case]:
            if ":" in reason:
                yield reason, attempt, str(case[1])


def _above_caps(rules: ContactRules, made: pd.DataFrame) -> Iterator[tuple[str, int, str]]:
    """Attempts that came while a cap was full: the one ``most`` places earlier lies within the cap's days."""
    for rule in rules.caps:
        if rule.sectors and not set(rule.sectors) & set(rules.sectors):
            continue
        of = "person_id" if rule.per == "person" else "point_ref"
        mine = made[made["channel"].isin(rule.channels).to_numpy() & (made["message"].isna() | made["message"].isin(rule.classes)).to_numpy()]
        mine = mine[mine[of].notna().to_numpy()].drop_duplicates(["attempt_id", of]).sort_values([of, "at", "attempt_id"])
        since = pd.to_datetime(mine["at"], unit="s").dt.date
        full = mine["at"] - mine.groupby(of)["at"].shift(rule.most) < rule.days * _DAY
        full &= (since >= rule.valid_from) & (since <= rule.valid_to if rule.valid_to else True)
        for attempt, channel in mine.loc[full.to_numpy(dtype=bool), ["attempt_id", "channel"]].itertuples(index=False, name=None):
            yield f"{cap_code(rule.days)}:{rule.id}", attempt, channel
