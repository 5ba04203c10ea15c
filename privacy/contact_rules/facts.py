"""From tables to the facts a contact is decided on: as columns for everybody, as one object for one case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from privacy.contact_rules.decision import Attempt, Facts, Preference
from privacy.contact_rules.everyone import Known
from privacy.contact_rules.places import COLUMNS, Place, candidates, of_phones
from privacy.policy import Policy

PERMISSION = ("person_id", "point_ref", "allowed", "state", "reasons", "valid_until")
GOLDEN = ("person_id", *COLUMNS, "language")
POINT = ("person_id", "point_ref", "type", "value", "verified_at")
ATTEMPT = ("attempt_id", "record_id", "point_ref", "channel", "direction", "purpose", "at", "outcome")


def cases_of(permissions: pd.DataFrame, golden: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """The cases ``everyone.contactable`` reads, with the contact point's ``value``, in the order of ``permissions`` (one purpose and channel)."""
    cases = permissions.merge(golden, on="person_id", how="left").merge(points, on=["person_id", "point_ref"], how="left")
    number = of_phones(cases["value"].where(cases["type"].eq("phone").to_numpy(dtype=bool, na_value=False)))
    return cases.assign(**{f"phone_{name}": number[name] for name in COLUMNS})


def attempts_of(attempts: pd.DataFrame, membership: pd.DataFrame, holders: pd.DataFrame) -> pd.DataFrame:
    """Every attempt with each person it counts for: whose record it names, else whoever holds the contact point; nobody: no person.

    A merge makes the attempts of both persons' records count together, an unmerge parts them again. ``holders``: person_id, point_ref.
    """
    found = attempts.merge(membership[["record_id", "person_id"]], on="record_id", how="left")
    lost = found["person_id"].isna().to_numpy(dtype=bool)
    orphans = found[lost].drop(columns="person_id").merge(holders[["person_id", "point_ref"]].drop_duplicates(), on="point_ref", how="left")
    return pd.concat([found[~lost], orphans], ignore_index=True).drop_duplicates(["attempt_id", "person_id"])


def facts_of(policy: Policy, channel: str, case: Mapping[str, Any], known: Known) -> Facts:
    """One row of the cases, and what is known of its person and contact point, as the readable rules take it."""
    address, number = (Place(*(_or_none(case[f"{side}{name}"]) for name in COLUMNS)) for side in ("", "phone_"))
    rows, said = known.attempts, known.preferences
    own = rows["person_id"].eq(case["person_id"]).to_numpy(dtype=bool, na_value=False)
    here = rows["point_ref"].eq(case["point_ref"]).to_numpy(dtype=bool, na_value=False)
    mine = rows[own | here].assign(own=own[own | here]).sort_values("own", ascending=False).drop_duplicates("attempt_id")
    attempts = tuple(
        Attempt(
            datetime.fromisoformat(row["at"]), row["direction"], row["channel"], None if pd.isna(row["point_ref"]) else int(row["point_ref"]),
            _or_none(row["purpose"]), _or_none(row["outcome"]), bool(row["own"]),
        )
        for row in mine.to_dict("records")
    )  # fmt: skip
    preferences = tuple(
        Preference(row["kind"], row["value"], datetime.fromisoformat(row["said_at"]))
        for row in said[said["person_id"].eq(case["person_id"]).to_numpy(dtype=bool, na_value=False)].to_dict("records")
    )
    return Facts(
        bool(case["allowed"]), str(case["state"]), tuple(str(case["reasons"]).split(",")), candidates(policy.contact_rules, channel, address, number),
        int(case["point_ref"]), _moment(case["valid_until"]), known.decided_at, _moment(case["verified_at"]), attempts, preferences,
        frozenset(known.listed.loc[known.listed["point_ref"].eq(case["point_ref"]).to_numpy(dtype=bool), "list"]), known.snapshots,
        _or_none(case["language"]),
    )  # fmt: skip


def _or_none(value: Any) -> Any:
    return None if pd.isna(value) else value


def _moment(value: Any) -> datetime | None:
    return None if pd.isna(value) else datetime.fromisoformat(value)
