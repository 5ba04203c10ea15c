"""The yes: which grants count for which contact point, and what is wrong with those that do not. Grants are read narrowly."""

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from privacy.columns import KEY, NEVER, blank, days_of, per_case, seconds
from privacy.decision import GIVERS
from privacy.policy import Policy
from privacy.reasons import BIT


def grants(
    policy: Policy, as_of: datetime, events: pd.DataFrame, members: pd.DataFrame, holds: pd.DataFrame, slots: pd.DataFrame, persons: pd.DataFrame
) -> pd.DataFrame:
    """Per case: the latest valid yes (``yes``, epoch seconds) and what is wrong with the others (``faults``)."""
    given = events[events["type"].eq("granted") & events["purpose"].isin(slots.loc[slots["requires"] == "consent", "purpose"])]
    given = given.merge(members[["record_id", "person"]], on="record_id").rename(columns={"channel": "said_channel", "point_ref": "said_point"})
    given = given.drop(columns=["type"]).merge(slots[["slot", "purpose", "channel", "type", "minors"]], on="purpose")
    given = given[given["said_channel"].eq(given["channel"]) | given["said_channel"].eq("*")]
    given = given.merge(holds[["record_id", "type", "point_ref"]], on=["record_id", "type"])  # the record holds it today
    given = given[given["said_point"].isna() | given["said_point"].eq(given["point_ref"])]
    if given.empty:
        return pd.DataFrame({name: pd.Series(dtype="int64") for name in [*KEY, "yes", "faults"]})
    at = seconds(given["effective_at"])
    days = days_of(given["person"].to_numpy(), given["channel"].to_numpy(), persons)
    now = int(as_of.timestamp())
    person, pointless = given["person"].to_numpy(), given["said_point"].isna().to_numpy() & (given["point_ref"] != 0).to_numpy()
    young = persons["minor"].to_numpy()[person] & given["minors"].eq("guardian").to_numpy(dtype=bool)
    wrong = {
        "PROOF_WITHOUT_TIME": at == NEVER,
        "PROOF_WITHOUT_METHOD": blank(given["method"]),
        "PROOF_WITHOUT_TEXT": blank(given["text_version"]) | blank(given["text_hash"]),
        "PROOF_NOT_BY_PERSON": ~given["actor"].isin(GIVERS).to_numpy(),
        "PROOF_WITHOUT_POINT": given["said_channel"].eq("*").to_numpy(dtype=bool) | pointless,
        "OTHER_VERSION": ~_version_asked(policy, given),
        "NOT_YET_EFFECTIVE": at > now,
        "EXPIRED": (at != NEVER) & (days > 0) & (at + days * 86_400 <= now),
        "GUARDIAN_LAPSED": given["actor"].eq("guardian").to_numpy(dtype=bool) & persons["of_age"].to_numpy()[person],
        "MINOR_NO_GUARDIAN": given["actor"].eq("self").to_numpy(dtype=bool) & young,
    }  # fmt: skip
    faults = sum((flags.astype(np.int64) * BIT[code] for code, flags in wrong.items()), np.zeros(len(given), dtype=np.int64))
    given = given[KEY].assign(yes=np.where(faults == 0, at, NEVER), faults=faults)
    return per_case(given, KEY, "yes", "faults")


def _version_asked(policy: Policy, given: pd.DataFrame) -> npt.NDArray[np.bool_]:
    asked = np.zeros(len(given), dtype=bool)
    for code in given["purpose"].unique():
        asked |= (given["purpose"].eq(code) & given["purpose_version"].isin(policy.purposes[code].versions)).to_numpy(dtype=bool)
    return asked
