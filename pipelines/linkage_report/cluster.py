"""One person's records and the bonds between them, for a drawing: who holds the person together, and over which bridge it would break."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Transaction
from pipelines.explain import find_person

MOST = 24
"""Records that can be drawn and still be read; of a larger person those with the weakest bonds."""


def collect(db: Transaction, settings: Settings, pairs: pd.DataFrame, members: pd.DataFrame, person: str) -> dict[str, Any] | None:
    """Nodes (source and its record's number there), edges with their bits, zone and whether they are a bridge.

    ``pairs``: those of the pair table with ``bits``. Without ``person`` the person whose bridge is weakest.
    """
    owner = members.set_index("record_id")["person_id"]
    a, b = pairs["record_a"].map(owner), pairs["record_b"].map(owner)
    inside = pairs[(a == b).fillna(False).astype(bool)].assign(person=a)
    chosen = find_person(db, settings, person) if person else _most_doubtful(inside, owner)
    if not chosen:
        return None
    mine = inside[inside["person"] == chosen]
    ids = members.loc[members["person_id"] == chosen, "record_id"].sort_values()
    weakest = mine.groupby("record_a")["bits"].min().combine(mine.groupby("record_b")["bits"].min(), min).reindex(ids)
    drawn = ids if len(ids) <= MOST else weakest.sort_values().index[:MOST].to_series()
    mine = mine[mine["record_a"].isin(drawn) & mine["record_b"].isin(drawn)]
    sources = db.read_for(tables.contact, "record_id", ids, "record_id", "source").sort_values(["source", "record_id"])
    label = sources["source"] + " " + (sources.groupby("source").cumcount() + 1).astype(str)
    named = dict(zip(sources["record_id"], label, strict=True))
    order = [record for record in sources["record_id"] if record in set(drawn)]
    place = {record: at for at, record in enumerate(order)}
    first, second = mine["record_a"].map(place).to_numpy("int64"), mine["record_b"].map(place).to_numpy("int64")
    matched = (mine["zone"] == "match").to_numpy(bool)
    bridge = bridges(len(order), first, second, matched)
    edges = [
        {"a": int(x), "b": int(y), "bits": float(weight), "zone": zone, "bridge": bool(is_bridge)}
        for x, y, weight, zone, is_bridge in zip(first, second, mine["bits"], mine["zone"], bridge, strict=True)
    ]
    return {"person": chosen, "records": len(ids), "nodes": [named[record] for record in order], "edges": edges, "chosen": bool(person)}


def bridges(n: int, first: Any, second: Any, use: Any) -> Any:
    """Which of the edges marked ``use`` part the graph when they are taken out: (edges,), by trying each (persons are small)."""
    found = np.zeros(len(first), dtype=bool)
    parts = _parts(n, first[use], second[use])
    for at in np.flatnonzero(use):
        others = use.copy()
        others[at] = False
        found[at] = _parts(n, first[others], second[others]) > parts
    return found


def _parts(n: int, first: Any, second: Any) -> int:
    return int(connected_components(coo_matrix((np.ones(len(first)), (first, second)), shape=(n, n)), directed=False)[0])


def _most_doubtful(inside: pd.DataFrame, owner: pd.Series) -> str:
    """The person of three records or more that lacks most bonds and whose weakest one is weakest; any linked person where there is none."""
    if inside.empty:
        return ""
    size = owner.value_counts()
    found = inside[inside["zone"] == "match"].groupby("person").agg(bonds=("bits", "size"), weakest=("bits", "min"))
    if found.empty:
        return ""
    found["size"] = size.reindex(found.index)
    found["dense"] = found["bonds"] / (found["size"] * (found["size"] - 1) / 2)
    large = found[found["size"].between(3, MOST)]
    ranked = (large if len(large) else found).reset_index().sort_values(["dense", "weakest", "person"])
    return str(ranked["person"].iloc[0])
