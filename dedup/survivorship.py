"""Which value of which record survives in the golden record, and by which rule: pure functions on columns.

A rule gives every candidate a score, the largest wins, the next rule breaks a tie and the smallest record id the
last one; so the order in which records arrive never matters. Values that belong together (a name, an address)
are taken from one record, so that no golden address is a mixture of two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from contacts.schema import POINT_TYPES, SINGLE_FIELDS
from contacts.warehouse import TEXT
from dedup.linkage import Survival

ALONE, AGREED, INTACT, PERSONAL, TIED = "only_value", "agreed", "intact_characters", "personal_first", "smallest_record"
"""What decided when no rule had to: one candidate, all agree, characters lost elsewhere, an office's address, none of the rules."""
NOT_PERSONAL = ("role", "disposable", "service")


def _rank(texts: pd.Series) -> pd.Series:
    """Order of texts as numbers, missing lowest."""
    codes, _ = pd.factorize(texts.astype(object), sort=True)
    return pd.Series(codes, index=texts.index)


RULES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "most_recent": lambda candidates: _rank(candidates["source_updated_at"]),
    "most_trusted": lambda candidates: candidates["trust"],
    "most_complete": lambda candidates: candidates["filled"],
    "longest": lambda candidates: candidates["value"].str.len(),
    "verified_first": lambda candidates: candidates["verified"],
    "majority": lambda candidates: candidates["votes"],
}
"""Name of a rule -> score of every candidate, which has value, filled (values in the group), verified, votes (records that say
the same), trust and source_updated_at."""


@dataclass(frozen=True)
class Golden:
    """Rows of the three golden tables, without batch_no."""

    contacts: pd.DataFrame
    attributes: pd.DataFrame
    points: pd.DataFrame


def consolidate(contacts: pd.DataFrame, points: pd.DataFrame, notes: pd.DataFrame, trust: Mapping[str, int], survival: Mapping[str, Survival]) -> Golden:
    """Golden rows of every person.

    ``contacts``: record_id, raw_id, person_id, source, kind, source_updated_at and all fields, members only. ``points``:
    contact points of all records. ``notes``: record_id, field, reason of values that were mended. ``trust``: source -> 0..100.
    """
    contacts = contacts.assign(trust=contacts["source"].map(trust).fillna(0).astype("float64")).sort_values("record_id", ignore_index=True)
    chosen = [_group(contacts, notes, part) for part in survival.values() if part.fields[0] not in POINT_TYPES]
    attributes = pd.concat(chosen, ignore_index=True).sort_values(["person_id", "field"], ignore_index=True)
    wide = attributes.pivot(index="person_id", columns="field", values="value").reindex(columns=list(SINGLE_FIELDS))
    people = contacts.drop_duplicates("person_id").set_index("person_id")[["kind"]].sort_index()
    people["records"] = contacts.groupby("person_id").size()
    people["sources"] = contacts.drop_duplicates(["person_id", "source"]).groupby("person_id").size()
    golden = people.join(wide).reset_index().astype(dict.fromkeys(SINGLE_FIELDS, TEXT))
    rules = {kind: next(part.rules for part in survival.values() if kind in part.fields) for kind in POINT_TYPES}
    return Golden(golden, attributes, _points(contacts, points, rules))


def choose(candidates: pd.DataFrame, rules: Sequence[str], within: str = "person_id") -> pd.DataFrame:
    """The candidates sorted, best first within each ``within``, with ``place`` (0 is the winner) and ``rule``: what put each before the next."""
    scores = {rule: RULES[rule](candidates).astype("float64") for rule in rules}
    before = {name: candidates[name].astype("float64") for name in (INTACT, PERSONAL) if name in candidates}
    scored = candidates.assign(**{f"score {name}": score for name, score in (before | scores).items()})
    columns = [f"score {name}" for name in before | scores]
    scored = scored.sort_values([within, *columns, "record_id"], ascending=[True, *[False] * len(columns), True], ignore_index=True)
    followed = (scored[within] == scored[within].shift(-1)).to_numpy()
    rule = np.where(followed, TIED, ALONE).astype(object)
    for column in reversed(columns):
        ahead = scored[column].to_numpy() > scored[column].shift(-1).to_numpy()
        rule[followed & ahead] = column.removeprefix("score ")
    return scored.assign(place=scored.groupby(within, sort=False).cumcount(), rule=pd.Series(rule, dtype=TEXT))


def _group(contacts: pd.DataFrame, notes: pd.DataFrame, part: Survival) -> pd.DataFrame:
    """Surviving values of fields that stay together: person_id, field, value, record_id, raw_id, rule, candidates, distinct_values."""
    fields = list(part.fields)
    present = contacts[fields].notna()
    some = present.any(axis=1)
    candidates = contacts.loc[some, ["person_id", "record_id", "raw_id", "source_updated_at", "trust", *fields]]
    texts = candidates[fields].fillna("").astype(TEXT)
    value = texts[fields[0]]
    for name in fields[1:]:
        value = value.str.cat(texts[name], sep="\x1f")
    mine = notes[notes["field"].isin(fields)]
    lost = mine.loc[mine["reason"] == "CHAR_LOSS", "record_id"]
    told = {"value": value, "filled": present[some].sum(axis=1), "verified": ~candidates["record_id"].isin(mine["record_id"])}
    candidates = candidates.assign(**told, **{INTACT: ~candidates["record_id"].isin(lost)})
    candidates["votes"] = candidates.groupby(["person_id", "value"], sort=False)["record_id"].transform("size")
    ordered = choose(candidates, part.rules)
    kinds = ordered[["person_id", "value"]].drop_duplicates().groupby("person_id").size()
    agreed = ordered["person_id"].map(kinds) == 1
    ordered["rule"] = ordered["rule"].mask(agreed & (ordered["rule"] != ALONE), AGREED)
    long = ordered.drop(columns="value").melt(["person_id", "record_id", "raw_id", "rule", "place"], fields, "field", "value").dropna(subset=["value"])
    keys = ["person_id", "field"]
    counted = long.groupby(keys).size().rename("candidates").to_frame()
    counted["distinct_values"] = long[[*keys, "value"]].drop_duplicates().groupby(keys).size()
    winners = long[long["place"] == 0].drop(columns="place")
    return winners.merge(counted.reset_index(), on=keys).astype({"field": TEXT, "value": TEXT})


def _points(contacts: pd.DataFrame, points: pd.DataFrame, rules: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Every usable contact point of every person, ranked within its type."""
    usable = points[points["status"].isin(("ok", "fixed")) & points["value"].notna() & points["point_ref"].notna()]
    held = usable.merge(contacts[["record_id", "raw_id", "person_id", "source_updated_at", "trust"]], on="record_id")
    held = held.assign(filled=1, verified=held["verified_at"].notna(), **{PERSONAL: ~held["subtype"].isin(NOT_PERSONAL)})
    parts = [_ranked(held[held["type"] == kind], chosen) for kind, chosen in rules.items()]
    return pd.concat(parts, ignore_index=True).sort_values(["person_id", "type", "rank"], ignore_index=True)


def _ranked(held: pd.DataFrame, rules: Sequence[str]) -> pd.DataFrame:
    """One kind of point: the best holder of every point, then the person's points by the same rules (votes: its holders)."""
    same = held.groupby(["person_id", "point_ref"], sort=False)
    held = held.assign(votes=same["record_id"].transform("size"), holding=same.ngroup())
    last = held.sort_values("verified_at", na_position="first").drop_duplicates("holding", keep="last").set_index("holding")["verified_at"]
    holders = choose(held, rules, "holding")
    best = holders.loc[holders["place"] == 0, list(held.columns)]
    ordered = choose(best, rules)
    ordered = ordered.assign(rank=ordered["place"] + 1, records=ordered["votes"], verified_at=ordered["holding"].map(last).astype(TEXT))
    return ordered[["person_id", "point_ref", "type", "value", "subtype", "rank", "record_id", "raw_id", "rule", "records", "verified_at"]]
