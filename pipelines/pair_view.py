"""Two records side by side: what a person sees of a pair before judging it, the evidence in words, and a keyed trace of what was seen."""

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pandas as pd

from contacts import tables
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import FIELDS, POINT_TYPES
from contacts.warehouse import TEXT, Transaction

SHOWN = ("full_name", "social_name", "name_suffix", "birth_date", "cpf", "cnpj", "street", "number", "city", "uf", "postal_code")
COMPARED = ("name_key", "social_name", "name_suffix", "birth_date", "cpf", "cnpj", "street", "number", "city", "uf", "postal_code")
"""What a judgement rests on: when any of it changes, the pair is raised again."""
KINDS = {field.name: field.value_type for field in FIELDS}


def traces(db: Transaction, key: bytes, pairs: pd.DataFrame) -> pd.Series:
    """A keyed hash per pair (record_a, record_b) of all that is compared of both records, so that a later change shows without keeping a value."""
    ids = pd.concat([pairs["record_a"], pairs["record_b"]]).drop_duplicates()
    records = db.read_for(tables.contact, "record_id", ids, "record_id", *COMPARED).set_index("record_id")
    points = db.read_for(tables.contact_point, "record_id", ids, "record_id", "type", "point_ref").dropna(subset=["point_ref"])
    told = (points["type"] + ":" + points["point_ref"].astype(TEXT)).sort_values().groupby(points["record_id"]).agg(SEPARATOR.join)
    texts = records.fillna("").astype(TEXT)
    rest = texts[list(COMPARED[1:])]
    joined = texts[COMPARED[0]].str.cat(rest, sep=SEPARATOR).str.cat(told.reindex(texts.index).fillna(""), sep=SEPARATOR)
    both = pairs["record_a"].map(joined).fillna("") + SEPARATOR * 2 + pairs["record_b"].map(joined).fillna("")
    return pd.Series([f"{number:016x}" for number in pseudonyms(key, "pair seen", both.tolist())], index=pairs.index, dtype=TEXT)


def side_by_side(db: Transaction, pairs: pd.DataFrame, reveal: bool, language: str) -> list[dict[str, Any]]:
    """Each pair with what is known of both records and the evidence in words; no score: who judges sees it afterwards.

    ``pairs``: record_a, record_b, in the order wanted.
    """
    from dedup.explain import evidence_in_words

    ids = pd.concat([pairs["record_a"], pairs["record_b"]]).drop_duplicates()
    shown, raw, points = _records(db, ids, reveal)
    known = db.read_for(tables.pair, "record_a", pairs["record_a"], "record_a", "record_b", "evidence")
    evidence = dict(zip(zip(known["record_a"], known["record_b"], strict=True), known["evidence"], strict=True))
    told = []
    for a, b in pairs[["record_a", "record_b"]].itertuples(index=False):
        said = json.loads(evidence[a, b]) if (a, b) in evidence else agreement(raw[a], raw[b], points.get(a, {}), points.get(b, {}))
        words = evidence_in_words(said, language, detail(raw[a], raw[b], points.get(a, {}), points.get(b, {})))
        told.append({"record a": str(a), "record b": str(b), "evidence": words, "a": shown[a], "b": shown[b]})
    return told


def agreement(a: Mapping[str, Any], b: Mapping[str, Any], points_a: Mapping[str, Any], points_b: Mapping[str, Any]) -> dict[str, str]:
    """The plain levels of a pair the link stage has kept nothing of: equal, different or missing."""

    def level(name: str, same: str = "exact") -> str:
        return "missing" if not a[name] or not b[name] else same if a[name] == b[name] else "different"

    levels = {"name": level("name_key"), "cpf": level("cpf"), "cnpj": level("cnpj"), "birth_date": level("birth_date"), "address": level("postal_code", "area")}
    for kind in POINT_TYPES:
        mine, theirs = points_a.get(kind, {}), points_b.get(kind, {})
        levels[kind] = "missing" if not mine or not theirs else "exact" if mine.keys() & theirs.keys() else "different"
    return levels


def detail(a: Mapping[str, Any], b: Mapping[str, Any], points_a: Mapping[str, Any], points_b: Mapping[str, Any]) -> dict[str, Any]:
    """What makes evidence more telling: under how many names the shared mailbox or phone is used, and which part of the name differs."""
    from dedup.explain import name_difference

    found: dict[str, Any] = {}
    for kind in POINT_TYPES:
        common = points_a.get(kind, {}).keys() & points_b.get(kind, {}).keys()
        if common:
            found[kind] = min(points_a[kind][ref] for ref in common)
    if a["name_key"] and b["name_key"] and (part := name_difference(a["name_key"], b["name_key"])):
        found["name"] = part
    return found


def masked_column(kind: str, values: pd.Series, reveal: bool) -> pd.Series:
    """A column as it may be shown: masked by its value type's own mask unless revealed; missing stays a dash."""
    from importlib.util import find_spec

    if not reveal:
        module = import_module(f"contacts.values.{kind}") if find_spec(f"contacts.values.{kind}") else None
        hidden = module.mask(values) if module is not None and hasattr(module, "mask") else values.str[:1] + "*****"
        values = hidden.where(values.notna())
    return values.fillna("–").astype(TEXT)


def _records(
    db: Transaction, ids: pd.Series, reveal: bool
) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]], dict[int, dict[str, dict[int, int]]]]:
    """By record: what is shown of it, what is compared of it, and its contact points with the number of names each is used under."""
    records = db.read_for(tables.contact, "record_id", ids, "record_id", "source", "name_key", *SHOWN).set_index("record_id")
    persons = db.read_for(tables.membership, "record_id", ids, "record_id", "person_id").set_index("record_id")["person_id"]
    held = db.read_for(tables.contact_point, "record_id", ids, "record_id", "type", "position", "point_ref", "value", "names")
    held = held.dropna(subset=["point_ref", "value"]).sort_values(["record_id", "type", "position"])
    seen = pd.DataFrame({name: masked_column(KINDS[name], records[name], reveal) for name in SHOWN}, index=records.index)
    for kind in POINT_TYPES:
        mine = held[held["type"] == kind]
        seen[kind] = masked_column(kind, mine["value"], reveal).groupby(mine["record_id"]).agg(" ; ".join).reindex(records.index).fillna("–")
    seen.insert(0, "source", records["source"])
    seen.insert(0, "person", persons.reindex(records.index).fillna("–"))
    seen.insert(0, "record", records.index.astype(str))
    raw = records.astype(object).where(records.notna(), None).to_dict("records")
    points: dict[int, dict[str, dict[int, int]]] = {}
    for record, kind, ref, names in held[["record_id", "type", "point_ref", "names"]].itertuples(index=False):
        points.setdefault(int(record), {}).setdefault(str(kind), {})[int(ref)] = 1 if pd.isna(names) else int(names)
    numbers = records.index.astype(int)
    shown: dict[int, dict[str, Any]] = dict(zip(numbers, seen.to_dict("records"), strict=True))  # type: ignore[arg-type]  # names are text
    compared: dict[int, dict[str, Any]] = dict(zip(numbers, raw, strict=True))  # type: ignore[arg-type]
    return shown, compared, points
