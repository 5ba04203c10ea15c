"""One record against a few known ones, with the model of the last batch: what `lastro find` asks after the index gave candidates."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS
from dedup.comparison import compare
from dedup.linkage import Kind, Sharing
from dedup.linking import levels_in_words
from dedup.model import from_dict, score
from dedup.records import encode

_ASKED = -1
"""Id of the record that is looked up; known ids are not negative."""


def weigh_candidates(
    asked: Mapping[str, Any], asked_points: pd.DataFrame, contacts: pd.DataFrame, points: pd.DataFrame, kind: Kind, model: Mapping[str, Any], sharing: Sharing
) -> pd.DataFrame:
    """How strongly each candidate is the record asked for: columns record_id, probability, evidence (comparison -> level), best first.

    ``asked``: any of CONTACT_COLUMNS; ``asked_points``: type, point_ref, match_key, subtype. ``contacts`` and ``points``: CONTACT_COLUMNS
    and POINT_COLUMNS of the candidates, points with the number of names the last batch counted.
    """
    if contacts.empty:
        return pd.DataFrame({"record_id": [], "probability": [], "evidence": []})
    held = points.loc[points["point_ref"].notna(), ["type", "point_ref", "names"]].drop_duplicates("point_ref")
    shared = pd.DataFrame({"point_ref": held["point_ref"], "shared": held["names"].fillna(1) > held["type"].map(sharing.model_dump())})
    numbers = {"point_ref": "Int64", "names": "Int64"}
    mine = asked_points.assign(record_id=_ASKED, position=range(1, len(asked_points) + 1), names=None)
    both = pd.concat([part[list(POINT_COLUMNS)].astype(numbers) for part in (mine, points)], ignore_index=True)
    row = {name: asked.get(name) for name in CONTACT_COLUMNS} | {"record_id": _ASKED, "batch_no": 0}
    known = contacts[list(CONTACT_COLUMNS)]
    records = encode(pd.concat([pd.DataFrame([row]).astype(known.dtypes), known], ignore_index=True), both, shared)
    others = np.arange(1, len(records))  # sorted by id, the asked one is first
    levels = compare(records, kind, pd.MultiIndex.from_arrays([np.zeros(len(others), dtype=np.int64), others]))
    probability, _ = score(from_dict(model, kind), levels)
    words = [levels_in_words(kind, line) for line in levels.tolist()]
    told = pd.DataFrame({"record_id": records.ids[1:], "probability": probability.round(9), "evidence": words})
    return told.sort_values(["probability", "record_id"], ascending=[False, True], ignore_index=True)


def asked_point(kind: str, read: Mapping[str, Any], point_ref: int) -> dict[str, Any]:
    """A line of ``asked_points`` from a standardised value."""
    return {"type": kind, "point_ref": point_ref, "match_key": read["match_key"], "subtype": read["subtype"] if read["subtype"] is not pd.NA else None}
