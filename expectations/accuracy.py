"""Accuracy by looking: a reproducible sample of golden values, drawn where the risk is, and what it says of all of them.

Whether a value is true can be seen from no other value: somebody has to compare it with the world. Few can be compared,
so those at risk are drawn more often, and weighted back when the share of true values is estimated (`contacts.estimate`).
"""

from typing import Literal

import numpy as np
import pandas as pd

Stratum = Literal["high", "medium", "low"]
STRATA: dict[str, int] = {"high": 6, "medium": 3, "low": 1}
"""How many times more often a value of a stratum is drawn than one at low risk."""
FEWEST = 5
"""Values drawn of each stratum at least, where it has so many: an interval on fewer says nothing."""
DAMAGED = ("suggested", "patched", "repaired")
"""Outcomes of a value that somebody or something changed beyond its form."""
STALE_DAYS = 730


def strata(conflicts: pd.Series, records: pd.Series, changed: pd.Series, age_days: pd.Series) -> pd.Series:
    """The stratum of each value. ``conflicts``: sources disagree; ``records`` behind it; ``changed`` beyond its form; days since it was confirmed.

    Disagreement and change weigh double: they are where errors were found before, age and a single witness only where they may be.
    """
    points = 2 * conflicts.astype(int) + 2 * changed.astype(int) + (records <= 1).astype(int) + (age_days > STALE_DAYS).fillna(True).astype(int)
    return pd.Series(np.select([points >= 3, points == 2], ["high", "medium"], "low"), index=conflicts.index)


def draw(values: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """``size`` of ``values`` (person_id, field, stratum), with ``weight``: how many values of its stratum each stands for.

    The same values and seed give the same sample, in whatever order they come.
    """
    ordered = values.sort_values(["person_id", "field"], ignore_index=True)
    dice = np.random.default_rng(seed)
    there = ordered["stratum"].value_counts()
    share = _allocation({name: int(there.get(name, 0)) for name in STRATA}, size)
    drawn = []
    for name, number in share.items():
        places = np.flatnonzero((ordered["stratum"] == name).to_numpy())
        chosen = np.sort(dice.choice(places, size=number, replace=False)) if number else places[:0]
        drawn.append(ordered.iloc[chosen].assign(weight=len(places) / number if number else 0.0))
    return pd.concat(drawn, ignore_index=True)


def _allocation(there: dict[str, int], size: int) -> dict[str, int]:
    """How many to draw of each stratum: in proportion to number times risk, not fewer than FEWEST, not more than there are."""
    wanted = {name: number * STRATA[name] for name, number in there.items()}
    given = {name: min(number, FEWEST, size) for name, number in there.items()}
    left = min(size, sum(there.values())) - sum(given.values())
    while left > 0:
        open_ones = [name for name in there if given[name] < there[name]]
        name = max(open_ones, key=lambda name: wanted[name] / (given[name] + 1))  # d'Hondt: the next seat goes where it is most due
        given[name] += 1
        left -= 1
    while left < 0:  # asked for fewer than the least of every stratum
        name = max(given, key=lambda name: (given[name], -STRATA[name]))
        given[name] -= 1
        left += 1
    return given
