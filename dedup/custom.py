"""A comparison of the user's own: any compare feature of recordlinkage, named in the linkage file as ``package.module:Class``."""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage

from contacts.errors import ConfigurationError


def levels(named: str, column: str, cuts: Sequence[float], pairs: pd.MultiIndex, frame: pd.DataFrame) -> npt.NDArray[np.int8]:
    """Level of every pair of row numbers of ``frame``: (pairs,); -1 where the feature gives no number.

    Raises ConfigurationError where ``named`` is no feature, or fails on these values.
    """
    module, _, called = named.partition(":")
    try:
        feature: Any = getattr(importlib.import_module(module), called)(column, column)
    except (ImportError, AttributeError, TypeError):
        raise ConfigurationError(
            f"The comparison feature {named!r} cannot be used.", "Write package.module:Class of a recordlinkage compare feature that takes two column names."
        ) from None
    try:
        values = recordlinkage.Compare([feature]).compute(pairs, frame).iloc[:, 0].to_numpy("float64")
    except Exception as error:  # somebody else's code; its message may repeat a value
        raise ConfigurationError(
            f"The comparison feature {named!r} ended with {type(error).__name__}.", "It is given the column as text; numbers have to be read by the feature."
        ) from None
    found = np.select([values >= cut for cut in cuts], range(len(cuts)), len(cuts)).astype(np.int8)
    return np.where(np.isnan(values), np.int8(-1), found)
