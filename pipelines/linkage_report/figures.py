"""The figures of the linkage report: weights, scores, rules and hubs from the warehouse's tables, counts and pseudonyms only."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from contacts import tables
from contacts.errors import LastroError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Transaction
from dedup.judgements import in_force
from dedup.linkage import NEUTRAL, Kind, Linkage, load_linkage
from pipelines.linkage_quality import evaluation
from pipelines.linkage_report import cluster

KINDS = ("person", "organisation")
HUBS = 10
BINS = 2.0
"""Bits a bar of the histogram spans."""
MOST_BITS = 30.0
"""What is surer than this is drawn as this: probabilities are kept with nine decimals."""
CHANGED = 0.1
"""Bits from which on a weight counts as another than the last model's."""


def collect(db: Transaction, settings: Settings, person: str, pair: tuple[int, int] | None) -> dict[str, Any]:
    """All figures. ``person``: whose cluster is drawn, the most doubtful one without; ``pair``: whose score is taken apart.

    Raises NotFound before a link stage has run, or for a person or pair that is not there.
    """
    linkage = load_linkage(settings.linkage)
    models = db.read(tables.link_model, where=tables.link_model.c.batch_no > 0).sort_values(["batch_no", "model_hash"], ascending=False, ignore_index=True)
    pairs = db.read(tables.pair)
    if models.empty:
        raise NotFound("No records have been linked yet.", "`lastro run` links them.")
    names: dict[int, str] = dict(db.read(tables.batch, "number", "batch_id").itertuples(index=False))
    stored = [json.loads(text)["kinds"] for text in models["parameters"].head(2)]
    members = db.read(tables.membership, "record_id", "person_id")
    weight = bits(pairs["probability"])
    found = {
        "batch": str(names.get(db.maximum(tables.batch, "number"), "–")),
        "model": str(models["model_hash"].iloc[0])[:8],
        "trained_in": str(names.get(models["batch_no"].iloc[0], "–")),
        "main": {
            "records": len(members), "persons": members["person_id"].nunique(), "match": int((pairs["zone"] == "match").sum()),
            "unsure": int((pairs["zone"] == "unsure").sum()), "judged": len(in_force(db.read(tables.judgement))),
        },
        "weights": {kind: weights(linkage.kind(kind), stored[0][kind]) | _origin(stored[0][kind]) for kind in KINDS},
        "histogram": histogram(pairs["zone"], weight),
        "zones": {name: bits(pd.Series([getattr(linkage.person.zones, name)]))[0] for name in ("unsure", "match")},
        "pair": waterfall(db, pairs, linkage, stored[0], pair),
        "cluster": cluster.collect(db, settings, pairs.assign(bits=weight), members, person),
        "rules": rules(pairs),
        "hubs": hubs(db, linkage),
        "households": homes(db),
        "last_model": last_model(linkage, stored, str(names.get(models["batch_no"].iloc[1], "–")) if len(models) > 1 else ""),
    }  # fmt: skip
    try:
        found["quality"] = evaluation(db, settings)
    except LastroError:
        found["quality"] = None  # nobody has judged a sample yet; the page says how
    return found


def bits(probability: pd.Series) -> Any:
    """Log-odds in bits, within what can be drawn."""
    p = probability.to_numpy("float64")
    with np.errstate(divide="ignore"):
        return np.clip(np.log2(p / (1 - p)), -MOST_BITS, MOST_BITS)


def weights(kind: Kind, stored: Mapping[str, Any]) -> dict[str, Any]:
    """By comparison and level: m, u and the match weight log2(m/u) in bits (Fellegi and Sunter 1969); the prior in bits."""
    rows = [
        {"comparison": name, "level": level, "m": stored["m"][name][at], "u": stored["u"][name][at]}
        | {"bits": float(np.log2(stored["m"][name][at] / stored["u"][name][at]))}
        for name, part in kind.comparisons.items()
        for at, level in enumerate(part.names)
    ]
    return {"rows": rows, "prior": float(np.log2(stored["match_rate"] / (1 - stored["match_rate"])))}


def histogram(zone: pd.Series, weight: Any) -> list[dict[str, Any]]:
    """Stored pairs by log-odds: from, to, and how many in each zone."""
    if not len(weight):
        return []
    place = np.floor(weight / BINS).astype(int)
    counted = pd.crosstab(place, zone.to_numpy(object)).reindex(range(place.min(), place.max() + 1), fill_value=0)
    return [
        {"low": at * BINS, "high": (at + 1) * BINS} | {name: int(counted[name].get(at, 0)) if name in counted else 0 for name in ("unsure", "match")}
        for at in counted.index
    ]


def waterfall(db: Transaction, pairs: pd.DataFrame, linkage: Linkage, stored: Mapping[str, Any], chosen: tuple[int, int] | None) -> dict[str, Any] | None:
    """One pair's score as a sum: the prior, then what each comparison adds; the pair chosen, else the unsure one nearest to one half."""
    if chosen:
        here = pairs[(pairs["record_a"] == min(chosen)) & (pairs["record_b"] == max(chosen))]
        if here.empty:
            raise NotFound("Nothing is stored of this pair.", "`lastro review` and `lastro explain` list pairs with their ids.")
    else:
        unjudged = pairs[(pairs["zone"] == "unsure") & ~pairs["evidence"].str.contains('"judged":', regex=False)]
        here = (
            (unjudged if len(unjudged) else pairs)
            .assign(far=lambda frame: (frame["probability"] - 0.5).abs())
            .sort_values(["far", "record_a", "record_b"])
            .head(1)
        )
    if here.empty:
        return None
    row = here.iloc[0]
    kinds = db.read_for(tables.contact, "record_id", [row["record_a"]], "kind")["kind"]
    name = "organisation" if len(kinds) and kinds.iloc[0] == "organisation" else "person"
    kind, evidence = linkage.kind(name), json.loads(row["evidence"])
    told = weights(kind, stored[name])
    known = {(step["comparison"], step["level"]): step["bits"] for step in told["rows"]}
    steps = [
        {"comparison": at, "level": evidence[at], "bits": 0.0 if evidence[at] in NEUTRAL else known[at, evidence[at]]}
        for at in kind.comparisons
        if at in evidence
    ]
    total = told["prior"] + sum(step["bits"] for step in steps)
    return {
        "record_a": str(row["record_a"]), "record_b": str(row["record_b"]), "zone": row["zone"], "judged": evidence.get("judged", ""),
        "prior": told["prior"], "steps": steps, "total": total, "probability": float(row["probability"]),
    }  # fmt: skip


def rules(pairs: pd.DataFrame) -> list[dict[str, Any]]:
    """By blocking rule: stored pairs it found, those no other rule found, and how many of its pairs are matches."""
    texts = pairs.groupby(["evidence", "zone"], sort=False).size().rename("n").reset_index()
    found: dict[str, dict[str, int]] = {}
    for evidence, zone, n in texts.itertuples(index=False):
        by = json.loads(evidence)["rules"]
        for rule in by:
            row = found.setdefault(rule, {"pairs": 0, "alone": 0, "match": 0})
            row["pairs"] += n
            row["alone"] += n if len(by) == 1 else 0
            row["match"] += n if zone == "match" else 0
    return [{"rule": rule} | row for rule, row in sorted(found.items(), key=lambda item: (-item[1]["pairs"], item[0]))]


def hubs(db: Transaction, linkage: Linkage) -> dict[str, Any]:
    """Contact points used under too many names to tell people apart, the largest first: kind, records and names, under a pseudonym."""
    limit = linkage.sharing.model_dump()
    held = db.read(tables.contact_point, "record_id", "type", "point_ref", "names", where=tables.contact_point.c.names.is_not(None))
    held = held[held["names"] > held["type"].map(limit).fillna(1)].drop_duplicates(["record_id", "point_ref"])
    grouped = held.groupby(["type", "point_ref"]).agg(records=("record_id", "size"), names=("names", "max")).reset_index()
    top = grouped.sort_values(["records", "names", "point_ref"], ascending=[False, False, True]).head(HUBS)
    rows = [
        {"code": f"{int(ref) & 0xFFFFFFFF:08x}", "kind": kind, "records": int(records), "names": int(names)}
        for kind, ref, records, names in top[["type", "point_ref", "records", "names"]].itertuples(index=False)
    ]
    told = db.read(tables.receipt, "batch_no", "counts", where=tables.receipt.c.stage == "link").sort_values("batch_no")
    dropped = json.loads(told["counts"].iloc[-1]).get("hub_blocks_dropped", 0) if len(told) else 0
    return {"rows": rows, "points": len(grouped), "dropped": int(dropped), "cap": linkage.person.blocking.cap}


def homes(db: Transaction) -> dict[str, Any]:
    """Households by number of persons, and by what ties a person to another: how many of each."""
    held = db.read(tables.golden_contact, "household_id", "household_shares", where=tables.golden_contact.c.household_id.is_not(None))
    sizes = held["household_id"].value_counts().value_counts().sort_index()
    lines = held["household_shares"].str.split(", ").explode().value_counts()
    return {
        "households": held["household_id"].nunique(),
        "persons": len(held),
        "sizes": [{"persons": size, "households": many} for size, many in zip(sizes.index.tolist(), sizes.tolist(), strict=True)],
        "lines": [{"line": str(line), "persons": int(many)} for line, many in sorted(lines.items(), key=lambda item: (-item[1], item[0]))],
    }


def last_model(linkage: Linkage, stored: list[Mapping[str, Any]], batch: str) -> dict[str, Any] | None:
    """Levels whose weight is another than in the model before; None for the first model."""
    if len(stored) < 2:
        return None
    rows = []
    for kind in KINDS:
        try:
            now, then = (weights(linkage.kind(kind), model[kind])["rows"] for model in stored)
        except (KeyError, IndexError):  # the model before knew other comparisons or levels
            continue
        rows += [
            {"kind": kind, "comparison": one["comparison"], "level": one["level"], "then": other["bits"], "now": one["bits"]}
            for one, other in zip(now, then, strict=True)
            if abs(one["bits"] - other["bits"]) >= CHANGED
        ]
    return {"batch": batch, "rows": sorted(rows, key=lambda row: -abs(row["now"] - row["then"]))}


def _origin(stored: Mapping[str, Any]) -> dict[str, str]:
    return {"origin": stored["origin"], "reason": stored["reason"]}
