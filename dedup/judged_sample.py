"""A reproducible sample of pairs over the whole range of scores, and what its judgements say of every threshold.

The population are pairs a link run could get wrong: those it stored, those it put in one person, and those that share a value
at all. How many to draw of each stratum follows Neyman (1934), with the model's own probability as the guess of the share.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.warehouse import TEXT
from dedup.clusters import partition
from dedup.judgements import PAIR
from dedup.linkage import Clusters

EDGES = (0.5, 0.8, 0.95, 0.99, 0.999)
"""Where strata of stored pairs end."""
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
FEWEST = 8
"""Pairs drawn of each stratum at least, where it has so many."""
BLOCK = 50
"""A value held by more records than this tells nothing about who is who."""
_UNSEEN = -6.0
"""Bits of a pair nothing is stored of: it scored below the zone of doubt, how far below is not kept."""
_STRONGEST = 12.0


def population(stored: pd.DataFrame, members: pd.DataFrame, values: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Every pair that may be drawn: record_a, record_b, probability (missing where nothing is stored), together, stratum.

    ``stored``: record_a, record_b, probability; ``members``: record_id, person_id; ``values``: frames of record_id, value.
    """
    inside = _sharing(members.rename(columns={"person_id": "value"}), len(members))
    near = [_sharing(value[value["record_id"].isin(members["record_id"])], BLOCK) for value in values]
    pairs = pd.concat([stored[PAIR], inside, *near], ignore_index=True).drop_duplicates().merge(stored[[*PAIR, "probability"]], on=PAIR, how="left")
    person = members.set_index("record_id")["person_id"]
    pairs["together"] = (pairs["record_a"].map(person) == pairs["record_b"].map(person)).fillna(False).astype(bool)
    place = np.digitize(pairs["probability"].fillna(-1), (0, *EDGES))
    names = ("none", f"<{EDGES[0]}", *(f"{low}-{high}" for low, high in zip(EDGES, (*EDGES[1:], 1), strict=True)))
    side = np.where(pairs["together"], " together", " apart")
    pairs["stratum"] = pd.Series(np.array(names, dtype=object)[place] + side.astype(object), dtype=TEXT)
    return pairs.sort_values(PAIR, ignore_index=True)


def draw(pairs: pd.DataFrame, size: int, seed: int) -> pd.DataFrame:
    """``size`` pairs of the population in random order, with ``weight``: how many pairs of its stratum each stands for. Same pairs and seed, same sample."""
    dice = np.random.default_rng(seed)
    counts = pairs["stratum"].value_counts().sort_index()
    # a stratum nothing is stored of is guessed to hold few surprises, one inside persons few strangers
    guess = pairs["probability"].fillna(pairs["together"].map({True: 0.9, False: 0.02})).groupby(pairs["stratum"]).mean().clip(0.005, 0.995)
    chosen = []
    for name, number in _allocation(counts, guess, size).items():
        places = np.flatnonzero((pairs["stratum"] == name).to_numpy(bool))
        picked = np.sort(dice.choice(places, number, replace=False))
        chosen.append(pairs.iloc[picked].assign(weight=len(places) / max(number, 1)))
    drawn = pd.concat(chosen, ignore_index=True) if chosen else pairs.assign(weight=0.0)
    return drawn.iloc[dice.permutation(len(drawn))].reset_index(drop=True)


def regrouped(stored: pd.DataFrame, records: npt.NDArray[np.int64], threshold: float, rules: Clusters) -> npt.NDArray[np.int64]:
    """Group of every record (sorted ``records``) when pairs from ``threshold`` on are matches, by the same clustering as a link run.

    ``stored``: record_a, record_b, probability, and ``barred``: pairs that are no match whatever their probability.
    """
    a, b = (np.searchsorted(records, stored[side].to_numpy("int64")) for side in PAIR)
    p = np.clip(stored["probability"].to_numpy("float64"), 1e-12, 1 - 1e-12)
    bits = np.clip(np.log2(p / (1 - p)), -_STRONGEST, _STRONGEST)
    n = max(len(records), 1)
    key = np.minimum(a, b) * n + np.maximum(a, b)
    order = np.argsort(key)
    ordered, weight = key[order], np.where(stored["barred"].to_numpy(bool), np.minimum(bits, 0.0), bits)[order]

    def score(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        wanted = np.minimum(first, second) * n + np.maximum(first, second)
        at = np.minimum(np.searchsorted(ordered, wanted), max(len(ordered) - 1, 0))
        return np.where(ordered[at] == wanted, weight[at], _UNSEEN) if len(ordered) else np.full(len(wanted), _UNSEEN)

    edge = (p >= threshold) & ~stored["barred"].to_numpy(bool)
    return partition(len(records), a[edge], b[edge], bits[edge], rules, score, np.empty(0, dtype=np.int64))


def _sharing(values: pd.DataFrame, most: int) -> pd.DataFrame:
    """Pairs of records that hold the same value (record_id, value), values held by more than ``most`` left out."""
    held = values.dropna().drop_duplicates()
    held = held[held.groupby("value")["record_id"].transform("size").between(2, most)]
    both = held.merge(held, on="value", suffixes=("_a", "_b"))
    return both.loc[both["record_id_a"] < both["record_id_b"], ["record_id_a", "record_id_b"]].set_axis(PAIR, axis=1)


def _allocation(counts: pd.Series, guess: pd.Series, size: int) -> dict[str, int]:
    """How many to draw of each stratum: in proportion to its number of pairs times their guessed deviation, not fewer than FEWEST, not more than there are."""
    given = {str(name): min(int(number), FEWEST) for name, number in counts.items()}
    due = {str(name): float(number * np.sqrt(guess[str(name)] * (1 - guess[str(name)]))) for name, number in counts.items()}
    left = min(size, int(counts.sum())) - sum(given.values())
    while left > 0:
        open_ones = [name for name in given if given[name] < counts[name]]
        name = max(open_ones, key=lambda name: due[name] / (given[name] + 1))  # d'Hondt: the next seat goes where it is most due
        given[name] += 1
        left -= 1
    while left < 0:
        name = max(given, key=lambda name: (given[name], -due[name]))
        given[name] -= 1
        left += 1
    return given
