"""Who lives together: different persons whose golden records share a home address and a family name, phone or e-mail."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from contacts.values.name_key import PARTICLES
from contacts.warehouse import TEXT
from dedup.grouping import components
from dedup.linkage import Households
from dedup.records import fold_each


def households(people: pd.DataFrame, points: pd.DataFrame, rule: Households) -> pd.DataFrame:
    """Households of two persons or more: columns person_id, anchor (the smallest person_id of the household), shares.

    ``people``: person_id, kind and the golden address and family name; organisations live nowhere. ``points``: person_id, type,
    point_ref. ``shares`` names the lines of the rule that tie a person to another, as ``address+family, address+phone``.
    An address or contact point of more than ``rule.largest`` persons is a building or a switchboard and ties nobody; persons
    that are tied into a group larger than that are in no household.
    """
    people = people[people["kind"] == "person"].reset_index(drop=True)
    keys = _keys(people, points, rule)
    tied = pd.concat([_tied(keys, line, rule.largest).assign(line="+".join(line)) for line in rule.together], ignore_index=True)
    n = len(people)
    label = components(n, tied["row"].to_numpy(np.int64), tied["first"].to_numpy(np.int64))
    size = np.bincount(label, minlength=1)[label]
    use = (size > 1) & (size <= rule.largest)
    shares = tied.drop_duplicates(["row", "line"]).sort_values(["row", "line"]).groupby("row")["line"].agg(", ".join)
    found = pd.DataFrame({"person_id": people["person_id"], "label": label, "shares": shares.reindex(range(n)).astype(TEXT)})[use]
    anchor = found.groupby("label")["person_id"].transform("min")
    return found.assign(anchor=anchor)[["person_id", "anchor", "shares"]].sort_values("person_id", ignore_index=True)


def _keys(people: pd.DataFrame, points: pd.DataFrame, rule: Households) -> dict[str, pd.DataFrame]:
    """By kind of key the rows of ``people`` and what each holds, without what more than ``rule.largest`` persons hold: row, key."""
    address = pd.DataFrame({name: fold_each(people[name]).fillna("") for name in ("street", "number", "complement", "city")})
    at_home = (address[["street", "number", "city"]] != "").all(axis=1)
    where = address["street"] + "|" + address["number"] + "|" + address["complement"] + "|" + address["city"]
    words = fold_each(people["family_name"]).str.split(" ").explode().dropna().astype(TEXT)
    words = words[(words.str.len() > 1) & ~words.isin(PARTICLES)]
    keys = {
        "address": pd.DataFrame({"row": people.index[at_home], "key": where[at_home].to_numpy()}),
        "family": pd.DataFrame({"row": words.index, "key": words}),
    }
    place = pd.Series(people.index, index=people["person_id"])
    for kind in ("email", "phone"):
        held = points[(points["type"] == kind) & points["person_id"].isin(place.index)]
        keys[kind] = pd.DataFrame({"row": held["person_id"].map(place).astype("int64"), "key": held["point_ref"]})
    few = {name: _few(held.drop_duplicates(), rule.largest) for name, held in keys.items() if name != "family"}  # half of a town may be called Silva
    return keys | few


def _few(held: pd.DataFrame, most: int) -> pd.DataFrame:
    return held[held.groupby("key")["row"].transform("size") <= most]


def _tied(keys: dict[str, pd.DataFrame], line: Sequence[str], most: int) -> pd.DataFrame:
    """Rows that agree with another on every key of ``line``, each with the first of them: row, first."""
    held = keys[line[0]].rename(columns={"key": line[0]})
    for name in line[1:]:
        held = held.merge(keys[name].rename(columns={"key": name}), on="row")
    same = held.drop_duplicates().groupby(list(line), sort=False)["row"]
    tied = held.drop_duplicates().assign(first=same.transform("min"), many=same.transform("size"))
    return tied.loc[tied["many"].between(2, most), ["row", "first"]]
