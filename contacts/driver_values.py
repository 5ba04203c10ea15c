"""Columns as the plain Python values a database driver takes, and a driver's rows as columns again."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer

from contacts.errors import WarehouseRefused

TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
FAULT = "Nothing of this step was kept. This is a fault in Lastro; please report it."


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep Python's collector from looking again and again through millions of texts that are no rubbish."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()


def python_values(column: Column[Any], series: pd.Series) -> list[Any]:
    """The values of ``column`` as plain Python ones with None for missing, as database drivers want them.

    Raises WarehouseRefused for numbers a whole-number column cannot hold exactly: an id that was a float has lost its last digits.
    """
    kind = column.type
    if isinstance(kind, Boolean):
        return [None if value is None or value is pd.NA else bool(value) for value in series.tolist()]
    if isinstance(kind, Integer):
        if series.dtype.kind in "iu":
            return series.to_numpy(dtype=object, na_value=None).tolist() if isinstance(series.dtype, pd.Int64Dtype) else series.tolist()  # type: ignore[call-overload]
        values = [None if missing else value for value, missing in zip(series.tolist(), series.isna().tolist(), strict=True)]
        if any(isinstance(value, float) and (isinstance(kind, BigInteger) or not value.is_integer()) for value in values):
            raise WarehouseRefused(f"Column {column.name} holds whole numbers and was given floats.", FAULT)
        return [None if value is None else int(value) for value in values]
    if series.dtype == TEXT:
        return pa.array(series).to_numpy(zero_copy_only=False).tolist()
    plain = series.astype(object)
    return plain.where(series.notna(), None).tolist()


def piece(values: Sequence[Any], kind: Any) -> pa.Array:
    """Some fetched values of a column whose database type is ``kind``."""
    if isinstance(kind, Boolean):
        return pa.array([bool(value) for value in values])
    if isinstance(kind, Integer):
        return pa.array(values, type=pa.int64())
    return pa.array(values, type=pa.float64() if isinstance(kind, Float) else pa.large_string())


def series(pieces: list[pa.Array], kind: Any) -> pd.Series:
    """A fetched column in the dtype its database type has in frames."""
    whole = pa.chunked_array(pieces or [piece([], kind)])
    if isinstance(kind, Integer) and whole.null_count:
        return pd.Series(pd.Int64Dtype().__from_arrow__(whole))  # type: ignore[attr-defined]  # pandas' own door for Arrow columns
    return pd.Series(pd.array(whole, dtype=TEXT) if pa.types.is_large_string(whole.type) else whole.to_numpy())
