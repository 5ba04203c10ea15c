"""The few column operations the permission decision is made of: moments as whole seconds, group maxima, unions of reasons."""

import numpy as np
import numpy.typing as npt
import pandas as pd

KEY = ["person", "slot", "point_ref"]
"""What a permission is decided for: position of the person, number of purpose and channel, contact point."""
NEVER = int(np.iinfo(np.int64).min)
"""A moment that never was; it loses against every other."""


def per_case(rows: pd.DataFrame, by: list[str], latest: str, bits: str) -> pd.DataFrame:
    """Group maximum of one column and bitwise or of another."""
    rows = rows.sort_values(by, ignore_index=True)
    if rows.empty:
        return rows[[*by, latest, bits]]
    new = (rows[by].to_numpy()[1:] != rows[by].to_numpy()[:-1]).any(axis=1)
    start = np.flatnonzero(np.concatenate([[True], new]))
    groups = rows.loc[start, by].reset_index(drop=True)
    return groups.assign(**{latest: np.maximum.reduceat(rows[latest].to_numpy(), start), bits: np.bitwise_or.reduceat(rows[bits].to_numpy(), start)})


def days_of(person: npt.NDArray[np.int64], channel: npt.NDArray[np.object_], persons: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Days a consent of this person counts on this channel; 0 for no limit."""
    days = np.zeros(len(person), dtype=np.int64)
    for name in persons.columns:
        if name.startswith("days_"):
            days = np.where(channel == name.removeprefix("days_"), persons[name].to_numpy()[person], days)
    return days


def seconds(text: pd.Series) -> npt.NDArray[np.int64]:
    """Epoch seconds of exact moments as the warehouse writes them; anything else is NEVER: a date is not an exact moment."""
    moments = pd.to_datetime(text, format="%Y-%m-%dT%H:%M:%SZ", errors="coerce")
    return np.where(moments.isna(), NEVER, moments.fillna(pd.Timestamp(0)).to_numpy().astype("datetime64[s]").astype(np.int64))


def blank(text: pd.Series) -> npt.NDArray[np.bool_]:
    return (text.isna() | text.eq("")).to_numpy(dtype=bool, na_value=True)


def filled(numbers: pd.Series, value: int) -> npt.NDArray[np.int64]:
    """A left-joined whole-number column with ``value`` where nothing joined."""
    return np.asarray(numbers.astype("Int64").fillna(value), dtype=np.int64)


def changes(was: pd.DataFrame, now: pd.DataFrame, number: int) -> tuple[pd.DataFrame, pd.Series]:
    """``now`` with ``batch_no`` (kept where the row is as it was), and the persons whose rows have to be written again."""
    columns = list(now.columns)
    before = pd.Series(was["batch_no"].to_numpy(dtype=np.int64), index=pd.util.hash_pandas_object(was[columns], index=False).to_numpy())
    after = pd.util.hash_pandas_object(now, index=False)
    batch_no = after.map(before)
    left = ~before.index.isin(after.to_numpy())
    persons = pd.concat([now.loc[batch_no.isna().to_numpy(), "person_id"], was.loc[left, "person_id"]]).drop_duplicates()
    return now.assign(batch_no=batch_no.fillna(number).to_numpy(dtype=np.int64)), persons
