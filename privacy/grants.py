"""The yes, and the sale in its place: which count for which contact point, and what is wrong with those that do not. Both are read narrowly.

The rules are those of ``privacy.proof`` (one grant, in plain Python).
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from privacy.cases import Cases, Ints, Slots
from privacy.columns import ENDLESS, NEVER, blank, seconds
from privacy.persons import Persons
from privacy.policy import Policy
from privacy.proof import GIVERS
from privacy.reasons import BIT
from privacy.scope import ALL

DAY = 86_400


@dataclass(frozen=True)
class Given:
    """Judged grants, one row per grant and slot it is about: ``at`` epoch seconds, ``end`` ENDLESS for none, ``faults`` bits, -1 for any point."""

    record_id: Ints
    person: Ints
    slot: Ints
    kind: Ints
    point_ref: pd.Series
    at: Ints
    end: Ints
    faults: Ints


def unnoticed(policy: Policy, as_of: datetime, events: pd.DataFrame, members: pd.DataFrame) -> Ints:
    """Records that came from others and whose person was not told yet."""
    bought = members.loc[members["source"].isin(policy.unnoticed_sources).to_numpy(dtype=bool), "record_id"]
    if bought.empty:
        return np.array([], dtype=np.int64)
    told = events[events["type"].eq("notified").to_numpy(dtype=bool)]
    at = seconds(told["effective_at"])
    at = np.where(at != NEVER, at, seconds(told["recorded_at"]))
    told = told[at <= int(as_of.timestamp())]
    return bought[~bought.isin(told["record_id"])].to_numpy(dtype=np.int64)


def judge_sales(policy: Policy, as_of: datetime, events: pd.DataFrame, members: pd.DataFrame, slots: Slots, waiting: Ints) -> Given:
    """Every sale on record with why it is no soft opt-in (``privacy.proof.faults_of_sale``); the arguments are those of ``judge``."""
    rules = [policy.purposes[code].soft_opt_in for code in slots.purpose]
    asks = pd.DataFrame({"slot": np.arange(len(slots)), "purpose": slots.purpose, "channel": slots.channel, "kind": slots.kind})
    asks = asks[[policy.purposes[code].asks_sale(channel) for code, channel in zip(slots.purpose, slots.channel, strict=True)]]
    sales = events[events["type"].eq("bought").to_numpy(dtype=bool)].drop(columns=["type"]).rename(columns={"channel": "said_channel"})
    sales = sales.merge(members[["record_id", "person"]], on="record_id").merge(asks, on="purpose")
    sales = sales[(sales["said_channel"].eq(sales["channel"]) | sales["said_channel"].eq(ALL)).to_numpy(dtype=bool)].reset_index(drop=True)

    slot, at, now = sales["slot"].to_numpy(dtype=np.int64), seconds(sales["effective_at"]), int(as_of.timestamp())
    days = np.array([rule.days if rule else 0 for rule in rules])[slot]
    in_force = np.array([bool(rule and rule.in_force(as_of.date())) for rule in rules])[slot]
    end = np.where(at == NEVER, ENDLESS, at + days * DAY)
    whole = in_force & (at != NEVER) & (at <= now) & ~sales["said_channel"].eq(ALL).to_numpy(dtype=bool)
    whole &= ~blank(sales["text_version"]) & ~blank(sales["text_hash"]) & sales["controller"].isin(policy.controllers).to_numpy(dtype=bool)
    whole &= ~np.isin(sales["record_id"].to_numpy(dtype=np.int64), waiting) & ~_unnamed(policy, as_of, sales["record_id"], members, slot, slots)
    faults = ~whole * BIT["SALE_UNPROVEN"] | (whole & (end <= now)) * BIT["SALE_LAPSED"]
    record, person, kind = (sales[name].to_numpy(dtype=np.int64) for name in ("record_id", "person", "kind"))
    return Given(record, person, slot, kind, sales["point_ref"], at, end, faults.astype(np.int64))


def judge(policy: Policy, as_of: datetime, events: pd.DataFrame, members: pd.DataFrame, slots: Slots, persons: Persons, waiting: Ints) -> Given:
    """Every grant with what is wrong with it; ``events``: those that count, ``waiting``: records nobody was told about yet."""
    asks = pd.DataFrame({"slot": np.arange(len(slots)), "purpose": slots.purpose, "channel": slots.channel, "kind": slots.kind})
    asks = asks[[policy.purposes[code].requires == "consent" for code in slots.purpose]]
    given = events[events["type"].eq("granted").to_numpy(dtype=bool)].drop(columns=["type"])
    given = given.merge(members[["record_id", "person"]], on="record_id").rename(columns={"channel": "said_channel"})
    given = given.merge(asks, on="purpose")
    given = given[(given["said_channel"].eq(given["channel"]) | given["said_channel"].eq(ALL)).to_numpy(dtype=bool)].reset_index(drop=True)

    person, slot = given["person"].to_numpy(dtype=np.int64), given["slot"].to_numpy(dtype=np.int64)
    at, own_end = seconds(given["effective_at"]), seconds(given["expires_at"])
    days, now = persons.days(person, slot), int(as_of.timestamp())
    end = np.where(days > 0, np.where(at == NEVER, ENDLESS, at + days * DAY), ENDLESS)
    end = np.minimum(end, np.where(own_end == NEVER, ENDLESS, own_end))
    purpose = [policy.purposes[code] for code in slots.purpose]
    guarded = np.array([rules.minors == "guardian" for rules in purpose])[slot] & persons.minor[person]
    versions = given["purpose_version"]
    accepted, naming = (
        _among(versions, slot, [set(which(rules)) for rules in purpose]) for which in (lambda p: p.accepted_versions, lambda p: p.naming_versions)
    )
    guardian, alone = (given["actor"].eq(who).to_numpy(dtype=bool, na_value=False) for who in ("guardian", "self"))
    wrong = {
        "PROOF_WITHOUT_TIME": at == NEVER,
        "PROOF_WITHOUT_METHOD": blank(given["method"]),
        "PROOF_NULL_METHOD": given["method"].isin(policy.null_methods).to_numpy(dtype=bool),
        "PROOF_WITHOUT_TEXT": blank(given["text_version"]) | blank(given["text_hash"]),
        "PROOF_NOT_BY_PERSON": ~given["actor"].isin(GIVERS).to_numpy(dtype=bool),
        "PROOF_OTHER_CONTROLLER": ~given["controller"].isin(policy.controllers).to_numpy(dtype=bool),
        "PROOF_WITHOUT_POINT": given["said_channel"].eq(ALL).to_numpy(dtype=bool),
        "OTHER_VERSION": ~accepted,
        "RECIPIENT_NOT_NAMED": accepted & ~naming,
        "PUBLIC_WITHOUT_PURPOSE": _unnamed(policy, as_of, given["record_id"], members, slot, slots),
        "NOT_YET_EFFECTIVE": at > now,
        "EXPIRED": (at != NEVER) & (end <= now),
        "GUARDIAN_LAPSED": guardian & persons.of_age[person],
        "MINOR_NO_GUARDIAN": alone & guarded,
    }  # fmt: skip
    faults = sum((flags.astype(np.int64) * BIT[code] for code, flags in wrong.items()), np.zeros(len(given), dtype=np.int64))
    twice = np.array([channel in rules.double_opt_in for rules, channel in zip(purpose, slots.channel, strict=True)])[slot]
    open_yes = (faults == 0) & twice
    open_yes[open_yes] = ~_confirmed(policy, given[open_yes], events, at[open_yes], now)
    waits = np.isin(given["record_id"].to_numpy(dtype=np.int64), waiting)
    faults |= open_yes * BIT["CONFIRM_PENDING"] | ((faults == 0) & waits) * BIT["NOTICE_PENDING"]
    return Given(given["record_id"].to_numpy(dtype=np.int64), person, slot, given["kind"].to_numpy(dtype=np.int64), given["point_ref"], at, end, faults)


def _unnamed(policy: Policy, as_of: datetime, record_ids: pd.Series, members: pd.DataFrame, slot: Ints, slots: Slots) -> npt.NDArray[np.bool_]:
    """Whether each record is of public data without the purpose of its slot."""
    if not policy.public_data:
        return np.zeros(len(slot), dtype=bool)
    sources = members["source"].take(pd.Index(members["record_id"]).get_indexer(pd.Index(record_ids))).reset_index(drop=True)
    return _among(sources, slot, [set(policy.unnamed_sources(code, as_of.date())) for code in slots.purpose])


def _among(words: pd.Series, slot: Ints, sets: list[set[str]]) -> npt.NDArray[np.bool_]:
    """Whether each word is in the set of its slot."""
    found = np.zeros(len(words), dtype=bool)
    for number in np.unique(slot):
        mine = slot == number
        found[mine] = words[mine].isin(sets[number]).to_numpy(dtype=bool)
    return found


def _confirmed(policy: Policy, given: pd.DataFrame, events: pd.DataFrame, at: Ints, now: int) -> npt.NDArray[np.bool_]:
    """Whether each grant was confirmed by the same record, for the same thing, by the person, in time."""
    key = ["record_id", "purpose", "said_channel", "point_ref"]
    told = events[(events["type"].eq("confirmed") & events["actor"].isin(GIVERS)).to_numpy(dtype=bool)]
    told = told.rename(columns={"channel": "said_channel"})[["record_id", "purpose", "said_channel", "point_ref"]].assign(
        confirmed=seconds(told["effective_at"])
    )
    asked = given[key].assign(row=np.arange(len(given)), at=at)
    for frame in (told, asked):
        frame["point_ref"] = frame["point_ref"].astype("Int64").fillna(-1)
    days = asked["purpose"].map({code: rules.confirm_within_days for code, rules in policy.purposes.items()})
    both = asked.assign(latest=asked["at"] + days.astype("int64") * DAY).merge(told, on=key)
    good = (both["confirmed"] >= both["at"]) & (both["confirmed"] <= both["latest"]) & (both["confirmed"] <= now)
    found = np.zeros(len(given), dtype=bool)
    found[both.loc[good.to_numpy(dtype=bool), "row"].to_numpy(dtype=np.int64)] = True
    return found


def said_yes(given: Given, holds: pd.DataFrame, cases: Cases, rows: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Per case: the latest valid yes (NEVER for none), when that ends, and what is wrong with the others.

    ``rows``: which grants belong to these persons. A grant reaches a contact point only through the record that made it.
    """
    place = np.flatnonzero(rows)
    asked = pd.DataFrame({"row": place, "record_id": given.record_id[place], "kind": given.kind[place], "said_point": given.point_ref.iloc[place].array})
    here = holds[["record_id", "kind", "point_ref"]].assign(rank=cases.rank)
    found = asked.merge(here, on=["record_id", "kind"])  # the record holds it today
    named = found["said_point"].notna().to_numpy(dtype=bool)
    same = found["said_point"].eq(found["point_ref"]).to_numpy(dtype=bool, na_value=False)
    found = found[~named | same]
    row = found["row"].to_numpy(dtype=np.int64)
    at = cases.at(given.person[row], given.slot[row], found["rank"].to_numpy(dtype=np.int64))
    pointless = ~named[~named | same] & (found["point_ref"] != 0).to_numpy(dtype=bool)
    faults = given.faults[row] | pointless * BIT["PROOF_WITHOUT_POINT"]
    faults &= ~np.where(pointless, BIT["CONFIRM_PENDING"] | BIT["NOTICE_PENDING"] | BIT["SALE_LAPSED"], 0)  # said only of a proof that is whole
    good = faults == 0
    yes, end, wrong = np.full(len(cases), NEVER), np.zeros(len(cases), dtype=np.int64), np.zeros(len(cases), dtype=np.int64)
    np.maximum.at(yes, at[good], given.at[row[good]])
    last = good & (given.at[row] == yes[at])
    np.maximum.at(end, at[last], given.end[row[last]])
    np.bitwise_or.at(wrong, at, faults)
    return yes, end, wrong
