"""The few column operations the permission decision is made of: moments as whole seconds, blanks, and what changed since the last batch."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.reading import arrow

NEVER = int(np.iinfo(np.int64).min)
"""A moment that never was; it loses against every other."""
ENDLESS = int(np.iinfo(np.int64).max)
"""A moment that never comes."""


def seconds(text: pd.Series) -> npt.NDArray[np.int64]:
    """Epoch seconds of exact moments as the warehouse writes them; anything else is NEVER: a date is not an exact moment."""
    column = arrow(text)
    exact = pc.if_else(pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"), column, None)
    try:
        moments = pc.cast(exact, pa.timestamp("s", "UTC")).cast(pa.int64())
    except pa.ArrowInvalid:  # a day that is in no calendar: rare, so only then one by one
        slow = pd.to_datetime(pd.Series(exact.to_pandas()), format="%Y-%m-%dT%H:%M:%SZ", errors="coerce")
        return np.where(slow.isna(), NEVER, slow.fillna(pd.Timestamp(0)).to_numpy().astype("datetime64[s]").astype(np.int64))
    return np.asarray(pc.fill_null(moments, NEVER).to_numpy(zero_copy_only=False), dtype=np.int64)


def blank(text: pd.Series) -> npt.NDArray[np.bool_]:
    return (text.isna() | text.eq("")).to_numpy(dtype=bool, na_value=True)


def changes(was: pd.DataFrame, now: pd.DataFrame, number: int) -> tuple[pd.DataFrame, pd.Series]:
    """``now`` with ``batch_no`` (kept where the row is as it was), and the persons whose rows have to be written again."""
    columns = list(now.columns)
    before = pd.Series(was["batch_no"].to_numpy(dtype=np.int64), index=pd.util.hash_pandas_object(was[columns], index=False).to_numpy())
    after = pd.util.hash_pandas_object(now, index=False)
    batch_no = after.map(before)
    left = ~before.index.isin(after.to_numpy())
    persons = pd.concat([now.loc[batch_no.isna().to_numpy(), "person_id"], was.loc[left, "person_id"]]).drop_duplicates()
    return now.assign(batch_no=batch_no.fillna(number).to_numpy(dtype=np.int64)), persons
