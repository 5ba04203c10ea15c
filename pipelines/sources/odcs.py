"""A source's contract as others read it: an Open Data Contract Standard document (Bitol, ODCS v3.1.0), as plain data."""

import hashlib
from collections.abc import Mapping
from typing import Any

from contacts.canonical import canonical_json
from contacts.schema import FIELDS
from pipelines.sources.contract_words import Contract, Freshness, Volume
from pipelines.sources.words import Object, Source

API_VERSION = "v3.1.0"
_LOGICAL = {"date": "date", "boolean": "boolean"}
_HOURS = {"hour": ("h", 1), "day": ("d", 1), "week": ("d", 7)}
"""Unit of ours → unit the standard names, and how many of it."""
_CATEGORY = {field.name: field.category for field in FIELDS}
_LABEL = {field.name: field.label_en for field in FIELDS}


def contract_of(source: Source) -> dict[str, Any]:
    """The contract of ``source``: what it delivers, whose data each column is, and every clause ingest holds it to."""
    said: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"urn:lastro:source:{source.name}",
        "name": source.name,
        "version": hashlib.sha256(canonical_json(source.model_dump(mode="json")).encode()).hexdigest()[:12],
        "status": "active",
        "description": {"purpose": f"{source.title.en}: what every delivery promises, as Lastro checks it at ingest."},
        "team": {"name": source.owner},
        "schema": [_object(name, spec) for name, spec in source.objects.items()],
        "customProperties": _custom(trust=source.trust, country=source.country, timezone=source.timezone),
    }
    fresh = [_sla(name, spec, spec.contract.freshness) for name, spec in source.objects.items() if spec.contract.freshness]
    return said | ({"slaProperties": fresh} if fresh else {})


def _object(name: str, spec: Object) -> dict[str, Any]:
    contract = spec.contract
    made: dict[str, Any] = {"name": name, "logicalType": "object", "physicalType": spec.read.format, "physicalName": spec.read.files}
    columns = dict.fromkeys([*spec.mapped, *contract.required, *contract.allowed])
    made["properties"] = [_property(column, spec) for column in columns if column in spec.stored]
    if contract.volume:
        made["quality"] = _volume(contract.volume)
    ignored = {"knownAndNeverStored": list(contract.ignored)} if contract.ignored else {}
    made["customProperties"] = _custom(kind=spec.kind, delivery=spec.read.delivery, onNewColumn=contract.on_new_column, **ignored)
    return made


def _property(column: str, spec: Object) -> dict[str, Any]:
    """One column. ``required`` is the standard's word for «never blank»; that the column must be there at all is ``presence``."""
    contract = spec.contract
    fields = [field for field, columns in spec.fields.items() if column in columns]
    made: dict[str, Any] = {"name": column, "logicalType": _logical(column, spec), "required": column in spec.key or contract.filled.get(column) == 1}
    if fields:
        made["businessName"] = ", ".join(_LABEL[field] for field in fields)
    if column in spec.key:
        made |= {"primaryKey": True, "primaryKeyPosition": spec.key.index(column) + 1}
        made |= {"unique": True} if len(spec.key) == 1 and spec.read.delivery == "full" else {}
    categories = _categories(column, fields, spec)
    made["classification"] = "personal" if categories else "internal"
    if categories:
        made["tags"] = categories
    if quality := _quality(column, contract):
        made["quality"] = quality
    made["customProperties"] = _custom(presence="required" if column in spec.required else "optional")
    return made


def _categories(column: str, fields: list[str], spec: Object) -> list[str]:
    """Categories of personal data in a column, as the policy names them; empty for what says nothing about anybody by itself."""
    consents = {name for rule in spec.consents for name in rule.columns} | set(spec.consent_list.columns if spec.consent_list else ())
    moments = {spec.created_at, spec.updated_at, spec.verified_at}
    found = {_CATEGORY[field] for field in fields}
    found |= {"identifier"} if column in spec.key or (spec.interaction and column == spec.interaction.requester) else set()
    found |= {"text"} if column in spec.texts else set()
    found |= {"consent"} if column in consents - moments else set()
    found |= {"preference"} if spec.preferences and column in set(spec.preferences.columns) - moments else set()
    found |= {"raw"} if column in spec.contract.allowed and not found else set()
    return sorted(found)


def _logical(column: str, spec: Object) -> str:
    if spec.consent_list and column == spec.consent_list.column:
        return "array"
    if column in {
        spec.created_at,
        spec.updated_at,
        spec.verified_at,
        spec.moment,
        *(rule.effective_at for rule in spec.consents),
        spec.preferences and spec.preferences.said_at,
    }:
        return "timestamp"
    return _LOGICAL.get(spec.contract.types.get(column, ""), "string")


def _quality(column: str, contract: Contract) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    if column in contract.enum:
        told = "Case and blanks around a word do not count; blank cells are not judged."
        words = {"arguments": {"validValues": list(contract.enum[column])}, "mustBe": 0, "unit": "rows"}
        rules.append({"name": f"enum {column}", "type": "library", "metric": "invalidValues", **words, "dimension": "conformity", "description": told})
    if column in contract.filled:
        blank = {"arguments": {"missingValues": [None, ""]}, "mustBeLessOrEqualTo": float(100 - 100 * contract.filled[column]), "unit": "percent"}
        rules.append({"name": f"filled {column}", "type": "library", "metric": "missingValues", **blank, "dimension": "completeness"})
    if column in contract.types:
        told = f"Most filled cells look like {contract.types[column]}; otherwise the file is refused."
        rules.append({"name": f"types {column}", "type": "text", "dimension": "conformity", "description": told})
    return rules


def _volume(volume: Volume) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    least, most = volume.at_least, volume.at_most
    if least is not None or most is not None:
        rules.append({"name": "volume", "type": "library", "metric": "rowCount", **_between(least, most), "unit": "rows", "dimension": "completeness"})
    if volume.shrinks_at_most is not None:
        told = "Share of the records held as current that may be missing from a full delivery; beyond it nobody is taken for gone."
        shrinks = {"engine": "lastro", "implementation": {"shrinks_at_most": float(volume.shrinks_at_most)}}
        rules.append({"name": "shrinks_at_most", "type": "custom", **shrinks, "dimension": "completeness", "description": told})
    return rules


def _between(least: int | None, most: int | None) -> dict[str, Any]:
    if least is None:
        return {"mustBeLessOrEqualTo": most}
    if most is None:
        return {"mustBeGreaterOrEqualTo": least}
    return {"mustBe": least} if least == most else {"mustBeBetween": [least, most]}


def _sla(name: str, spec: Object, freshness: Freshness) -> dict[str, Any]:
    number, unit = freshness.within.split()
    short, times = _HOURS[unit.removesuffix("s")]
    told = "Age of the newest moment when the batch is opened."
    return {"property": "freshness", "value": int(number) * times, "unit": short, "element": f"{name}.{spec.moment}", "description": told}


def _custom(**values: Any) -> list[Mapping[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items()]
