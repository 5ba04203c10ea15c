"""One batch of linking over all kinds: who shares a contact point, which model serves, which records have to be looked at; nothing is learned here."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from contacts.warehouse import TEXT
from dedup import learning
from dedup.judgements import PAIR, UNDONE
from dedup.learning import KINDS
from dedup.linkage import Linkage
from dedup.linking import link_kind
from dedup.records import Records, census

CONTACT_COLUMNS = (
    "record_id", "batch_no", "state", "kind", "source", "name_key", "social_name", "name_suffix", "birth_date", "cpf", "cnpj",
    "street", "number", "city", "uf", "postal_code",
)  # fmt: skip
POINT_COLUMNS = ("record_id", "type", "position", "point_ref", "match_key", "subtype", "names")


@dataclass(frozen=True)
class Batch:
    """All ``pairs`` as they now stand, ``clusters`` (record_id, cluster), the points whose ``names`` changed, the model if the batch before used another."""

    pairs: pd.DataFrame
    clusters: pd.DataFrame
    names: list[tuple[int | None, pd.Series]]
    new_model: list[dict[str, Any]]
    counts: dict[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Before:
    """What earlier batches left: the number of the last one, stored pairs, the texts of all stored models (older first),
    the records that were members of persons, how many blocks were hubs (unknown counts as one), and the name of the model they used."""

    since: int
    pairs: pd.DataFrame
    models: list[str]
    members: pd.Series
    hubs: int = 1
    used: str = ""


def link_batch(linkage: Linkage, contacts: pd.DataFrame, points: pd.DataFrame, judgements: pd.DataFrame, before: Before, batch_no: int) -> Batch:
    """Link all active contacts.

    ``contacts``: CONTACT_COLUMNS of every record whatever its state; those with ``batch_no`` above ``before.since`` are
    new, changed or gone. ``points``: POINT_COLUMNS. ``judgements``: judgement_no, record_a, record_b, verdict (``undone``: one of this pair
    counted once and no longer does).
    """
    active = contacts[contacts["state"] == "active"]
    points = points[points["record_id"].isin(active["record_id"])]
    usage = census(active, points, linkage.sharing)
    kinds = learning.by_kind(active, points, usage)
    parameters = learning.serving(linkage, before.models)
    name = learning.model_hash(parameters)
    # another model than the batch before used is new to every record, also when an earlier attempt at this batch has left its pairs
    same_model = name == before.used and bool(before.pairs["model_hash"].eq(name).all())
    stored = before.pairs if same_model else before.pairs.iloc[:0]
    changed = set(contacts.loc[contacts["batch_no"] > before.since, "record_id"]) if same_model else set(active["record_id"])
    staying = active.loc[active["batch_no"] <= before.since, "record_id"]
    leaving = int((~before.members.isin(staying)).sum()) if before.hubs else 0
    renamed = _renamed(points, usage)
    changed |= _holders_of_flipped(points, usage, linkage)
    judged = judgements.sort_values("judgement_no").drop_duplicates(PAIR, keep="last")
    lifted = judged["verdict"] == UNDONE  # what the model says of such a pair has to be worked out again
    changed |= set(judged.loc[lifted, PAIR].to_numpy("int64").ravel().tolist())
    judged = judged[~lifted]
    weights = json.loads(parameters)["kinds"]
    linked = [link_kind(kinds[kind], linkage.kind(kind), weights[kind], judged, stored, _mask(kinds[kind], changed), leaving) for kind in KINDS]
    counts = {"contacts": len(active), "looked_at": sum(int(_mask(kinds[kind], changed).sum()) for kind in KINDS)}
    counts |= {"candidate_pairs": sum(one.candidates for one in linked), "hub_blocks_dropped": sum(one.hubs for one in linked)}
    counts |= {"points_shared": int(usage["shared"].sum()), "judged_pairs": len(judged)}
    notes = learning.notes(linkage, parameters, {kind: len(kinds[kind]) for kind in KINDS}, name != before.used)
    parts = [one.fresh.assign(model_hash=name, batch_no=batch_no) for one in linked] + [one.kept for one in linked]
    pairs = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True).astype(dict.fromkeys(("zone", "evidence", "model_hash"), TEXT))
    clusters = pd.concat([one.clusters for one in linked], ignore_index=True)
    new_model = [] if name == before.used else [{"model_hash": name, "batch_no": batch_no, "parameters": parameters}]
    return Batch(pairs.sort_values(["record_a", "record_b"], ignore_index=True), clusters, renamed, new_model, counts, notes)


def differing(was: pd.DataFrame, becomes: pd.DataFrame, by: str) -> pd.Series:
    """Values of ``by`` for which the two frames do not hold the same rows: what has to be written."""
    columns = list(becomes.columns)
    both = was[columns].merge(becomes, how="outer", on=columns, indicator=True)
    return both.loc[both["_merge"] != "both", by].drop_duplicates()


def _renamed(points: pd.DataFrame, usage: pd.DataFrame) -> list[tuple[int | None, pd.Series]]:
    """Contact points whose number of names differs from the stored one, by that number (None for one or none)."""
    counted = points["point_ref"].map(usage.set_index("point_ref")["names"]).astype("Int64")
    counted = counted.where(counted > 1)
    differs = ~((counted == points["names"]).fillna(False) | (counted.isna() & points["names"].isna()))
    renamed = points.loc[differs, "point_ref"].drop_duplicates().groupby(counted[differs].fillna(0).astype("int64"))
    return [(names or None, refs) for names, refs in renamed]


def _holders_of_flipped(points: pd.DataFrame, usage: pd.DataFrame, linkage: Linkage) -> set[int]:
    """Records that hold a contact point which has become shared, or is no longer, since their pairs were worked out."""
    limit = points["type"].map(linkage.sharing.model_dump()).astype("Int64")
    was = (points["names"].astype("Int64") > limit).fillna(False)
    now = points["point_ref"].isin(usage.loc[usage["shared"], "point_ref"])
    return set(points.loc[was.to_numpy(bool) != now.to_numpy(bool), "record_id"])


def _mask(records: Records, changed: set[int]) -> np.ndarray:
    return np.isin(records.ids, np.fromiter(changed, dtype=np.int64, count=len(changed)))
