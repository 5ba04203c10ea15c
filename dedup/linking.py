"""One kind of record from columns to pairs and clusters: what the link stage does between reading and writing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage

from contacts.canonical import canonical_json
from contacts.warehouse import TEXT
from dedup.blocking import KeyBlocking, Mask, agreeing, hubs_near, pair_index
from dedup.clusters import partition
from dedup.comparison import Hope, Levels, compare
from dedup.linkage import NEUTRAL, Kind
from dedup.model import Model, distinct, from_dict, score
from dedup.records import Codes, Records

_STRONGEST = 12.0
"""Bits: no single pair outvotes all others when groups are joined."""
_JUDGED_SAME = 1000.0
_SLACK = 1e-6


@dataclass(frozen=True)
class Linked:
    """``fresh``: pairs worked out now; ``kept``: stored pairs that stand (evidence brought up to date); ``clusters``: record_id, cluster."""

    fresh: pd.DataFrame
    kept: pd.DataFrame
    clusters: pd.DataFrame
    candidates: int
    hubs: int


def link_kind(
    records: Records, kind: Kind, parameters: Mapping[str, Any], judgements: pd.DataFrame, stored: pd.DataFrame, touched: Mask, leaving: int
) -> Linked:
    """Pairs and clusters of one kind.

    ``judgements``: record_a, record_b, verdict, newest per pair. ``stored``: pairs from earlier batches under the same
    model. ``touched``: records whose pairs have to be worked out again; ``leaving``: how many records changed or left.
    """
    model = from_dict(parameters, kind)
    if not touched.all() and leaving:
        touched = touched | hubs_near(records, kind.blocking.rules, kind.blocking.cap, leaving)
    verdicts = _rows(records, judgements)
    pairs, blocking = candidates(records, kind, touched, verdicts)
    found_by = _found_by(pairs, blocking, len(records))
    a, b = (np.asarray(codes, dtype=np.int64) for codes in pairs.codes)
    levels = compare(records, kind, pairs, _hopeful(kind, model))
    probability, _ = score(model, levels)
    probability = probability.round(9)
    verdict = _verdict(verdicts, a, b, len(records))
    zone = _zones(kind, levels, probability, verdict, _same_source(records, kind, a, b))
    use = zone != ""
    fresh = pd.DataFrame(
        {
            "record_a": records.ids[a[use]],
            "record_b": records.ids[b[use]],
            "probability": probability[use],
            "zone": pd.Series(zone[use], dtype=TEXT),
            "evidence": _evidence(kind, levels[use], found_by[use], verdict[use]),
        }
    )
    kept = _still_standing(records, kind, stored, touched, verdicts)
    labels = _clusters(records, kind, model, fresh, kept, verdicts)
    clusters = pd.DataFrame({"record_id": records.ids, "cluster": records.ids[labels] if len(labels) else records.ids})
    return Linked(fresh, kept, clusters, len(pairs), sum(blocking.dropped))


def candidates(records: Records, kind: Kind, touched: Mask | None, judged: pd.DataFrame) -> tuple[pd.MultiIndex, KeyBlocking]:
    """Pairs of row numbers from the blocking rules, and every judged pair (``judged``: a, b); only those of ``touched`` records when told."""
    rows = pd.DataFrame(index=pd.RangeIndex(len(records)))
    whole = None if touched is None or touched.all() else touched
    blocking = KeyBlocking(records, kind.blocking.rules, kind.blocking.cap, whole)
    pairs = recordlinkage.Index(blocking).index(rows) if len(records) > 1 else blocking.index(rows)
    n = max(len(records), 1)
    found = np.asarray(pairs.codes[0], dtype=np.int64) * n + np.asarray(pairs.codes[1], dtype=np.int64)
    extra = np.setdiff1d((judged["a"] * n + judged["b"]).to_numpy(np.int64), found)
    if len(extra):
        pairs = pair_index(rows.index, np.union1d(found, extra))
    return pairs, blocking


def _found_by(pairs: pd.MultiIndex, blocking: KeyBlocking, n: int) -> Codes:
    """Rule bits of every pair; judged pairs no rule found have none."""
    if len(pairs) == len(blocking.found_by):
        return blocking.found_by
    a, b = (np.asarray(codes, dtype=np.int64) for codes in pairs.codes)
    return agreeing(blocking.records, blocking.rules, blocking.cap, a, b)


def _rows(records: Records, judgements: pd.DataFrame) -> pd.DataFrame:
    """Judgements on records of this kind, by row number: a, b, verdict."""
    here = judgements[judgements["record_a"].isin(records.ids) & judgements["record_b"].isin(records.ids)]
    sides = np.sort(np.searchsorted(records.ids, here[["record_a", "record_b"]].to_numpy("int64")), axis=1).astype(np.int64)
    return pd.DataFrame({"a": sides[:, 0], "b": sides[:, 1], "verdict": here["verdict"].to_numpy(object)})


def _verdict(judged: pd.DataFrame, a: Codes, b: Codes, n: int) -> npt.NDArray[np.object_]:
    """Verdict on each pair, empty text without one."""
    verdict = np.full(len(a), "", dtype=object)
    if len(judged):
        known = pd.Series(judged["verdict"].to_numpy(object), index=judged["a"].to_numpy() * n + judged["b"].to_numpy())
        place = a * n + b
        hit = np.isin(place, known.index.to_numpy())
        verdict[hit] = known.reindex(place[hit]).to_numpy(object)
    return verdict


def _hopeful(kind: Kind, model: Model) -> Hope:
    """Which pairs a custom comparison can still lift into a zone: at their best levels they reach it, or a person should see them anyway."""
    own = [name for name, part in kind.comparisons.items() if part.compare == "custom"]
    most = sum(max(0.0, *(np.log2(m / u) for m, u in zip(model.m[name], model.u[name], strict=True))) for name in own)
    floor = np.log2(kind.zones.unsure / (1 - kind.zones.unsure)) - most
    return lambda levels: (score(model, levels)[1] >= floor - _SLACK) | _holds(kind, kind.worth_asking, levels)


def _same_source(records: Records, kind: Kind, a: Codes, b: Codes) -> Mask:
    """Pairs of two records of a source that holds nobody twice: (pairs,)."""
    source = records.columns["source"]
    alone = np.append(np.isin(source.values, kind.one_per_source), False)
    return (source.codes[a] == source.codes[b]) & alone[source.codes[a]]


def _zones(kind: Kind, levels: Levels, probability: npt.NDArray[np.float64], verdict: npt.NDArray[np.object_], apart: Mask) -> npt.NDArray[np.object_]:
    """match, unsure or empty per pair: the probability decides, what a match needs limits it, ``apart`` never is one, a person's verdict overrides all."""
    sure = (probability >= kind.zones.match) & _holds(kind, kind.match_needs, levels) & ~_holds(kind, kind.cannot_link, levels)
    ask = (probability >= kind.zones.unsure) | _holds(kind, kind.worth_asking, levels)
    zone = np.select([apart, sure, ask], ["", "match", "unsure"], "").astype(object)
    for word, becomes in (("same", "match"), ("different", ""), ("unsure", "unsure")):
        zone[verdict == word] = becomes
    return zone


def _holds(kind: Kind, lines: Sequence[Mapping[str, Sequence[str]]], levels: Levels) -> Mask:
    """Pairs for which at least one line holds: every comparison it names is at one of the levels it lists."""
    names = list(kind.comparisons)
    holds = np.zeros(len(levels), dtype=bool)
    for line in lines:
        here = np.ones(len(levels), dtype=bool)
        for name, words in line.items():
            scale = kind.comparisons[name].names
            codes = [-1 - NEUTRAL.index(word) if word in NEUTRAL else scale.index(word) for word in words]
            here &= np.isin(levels[:, names.index(name)], codes)
        holds |= here
    return holds


def _evidence(kind: Kind, levels: Levels, found_by: Codes, verdict: npt.NDArray[np.object_]) -> pd.Series:
    """Why each pair was found and how it agrees, as canonical JSON without values; one text per distinct combination."""
    if not len(levels):
        return pd.Series([], dtype=TEXT)
    patterns, which = distinct(levels)
    words = pd.DataFrame({"which": which, "rules": found_by, "verdict": verdict})
    keys = words.drop_duplicates()
    texts = [
        canonical_json(levels_in_words(kind, patterns[which].tolist()) | {"rules": _rules(kind, rules)} | ({"judged": verdict} if verdict else {}))
        for which, rules, verdict in keys.itertuples(index=False)
    ]
    return words.merge(keys.assign(text=texts), how="left")["text"].astype(TEXT)


def levels_in_words(kind: Kind, pattern: Sequence[int]) -> dict[str, Any]:
    """Comparison -> level, from the codes of one pair."""
    return {name: NEUTRAL[-1 - code] if code < 0 else part.names[code] for (name, part), code in zip(kind.comparisons.items(), pattern, strict=True)}


def _rules(kind: Kind, bits: int) -> list[str]:
    return ["+".join(rule) for at, rule in enumerate(kind.blocking.rules) if bits >> at & 1]


def _still_standing(records: Records, kind: Kind, stored: pd.DataFrame, touched: Mask, judged: pd.DataFrame) -> pd.DataFrame:
    """Stored pairs of untouched, unjudged records that some blocking rule would still find, with the rules of today."""
    here = stored[stored["record_a"].isin(records.ids) & stored["record_b"].isin(records.ids)]
    a, b = (np.searchsorted(records.ids, here[side].to_numpy("int64")) for side in ("record_a", "record_b"))
    n = max(len(records), 1)
    stand = ~touched[a] & ~touched[b] & ~np.isin(a * n + b, (judged["a"] * n + judged["b"]).to_numpy(np.int64))
    stand &= ~here["evidence"].str.contains('"judged":', regex=False).to_numpy(dtype=bool)  # the judgement is gone: look again
    here, a, b = here[stand], a[stand], b[stand]
    bits = agreeing(records, kind.blocking.rules, kind.blocking.cap, a, b) if len(here) else np.empty(0, dtype=np.int64)
    here, bits = here[bits > 0], bits[bits > 0]
    keys = pd.DataFrame({"evidence": here["evidence"].to_numpy(object), "bits": bits})
    texts = keys.drop_duplicates()
    renewed = [canonical_json(json.loads(text) | {"rules": _rules(kind, rules)}) for text, rules in texts.itertuples(index=False)]
    return here.assign(evidence=keys.merge(texts.assign(now=renewed), how="left")["now"].astype(TEXT).to_numpy())


def _clusters(records: Records, kind: Kind, model: Model, fresh: pd.DataFrame, kept: pd.DataFrame, judged: pd.DataFrame) -> Codes:
    """Cluster of every record by row number."""
    matches = [frame[frame["zone"] == "match"] for frame in (fresh, kept)]
    a, b = (np.searchsorted(records.ids, np.concatenate([frame[side].to_numpy("int64") for frame in matches])) for side in ("record_a", "record_b"))
    probability = np.concatenate([frame["probability"].to_numpy("float64") for frame in matches])
    with np.errstate(divide="ignore"):
        bits = np.log2(probability / (1 - probability))
    bits[(_verdict(judged, a, b, len(records)) == "same")] = np.inf
    differing = judged.loc[judged["verdict"] == "different", ["a", "b"]].to_numpy("int64").ravel()

    def strength(first: Codes, second: Codes) -> npt.NDArray[np.float64]:
        levels = compare(records, kind, pd.MultiIndex.from_arrays([first, second]))
        weight = np.clip(score(model, levels)[1], -_STRONGEST, _STRONGEST)
        weight = np.where(_holds(kind, kind.match_needs, levels), weight, np.minimum(weight, 0.0))
        verdict = _verdict(judged, first, second, len(records))
        weight[_holds(kind, kind.cannot_link, levels) | _same_source(records, kind, first, second)] = -np.inf
        weight[verdict == "same"] = _JUDGED_SAME
        weight[verdict == "different"] = -np.inf
        return weight

    return partition(len(records), a, b, bits, kind.clusters, strength, np.unique(differing))
