"""What a weighted sample says of all it was drawn from: a share and its interval."""

import math
from dataclasses import dataclass

import pandas as pd

Z95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """What a sample says: share of right values, its 95 % interval, how many were judged, how many of them right."""

    share: float
    low: float
    high: float
    judged: int
    right: int


def estimate(judged: pd.DataFrame) -> Estimate | None:
    """Share of right values among all from judged items (``stratum``, ``weight``, ``right``); None when nothing was judged.

    Wilson's score interval (Wilson 1927) on Kish's effective sample size (Kish 1965), since weights make a sample worth less.
    """
    if judged.empty:
        return None
    weight = judged["weight"].to_numpy(dtype=float)
    right = judged["right"].to_numpy(dtype=bool)
    share = float(weight[right].sum() / weight.sum())
    low, high = wilson(share, float(weight.sum() ** 2 / (weight**2).sum()))
    return Estimate(share, low, high, len(judged), int(right.sum()))


def wilson(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share seen in ``n`` trials: stays inside 0 and 1 and is honest for few trials."""
    middle = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
