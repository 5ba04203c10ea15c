"""The exported contract is an Open Data Contract Standard v3.1.0 document and says what the source file says, no more."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from contacts.settings import ROOT
from pipelines.sources.odcs import contract_of
from pipelines.sources.spec import load_source, load_sources
from pipelines.sources.words import Source

BUNDLED = load_sources(ROOT / "pipelines" / "sources") | load_sources(ROOT / "benchmarks" / "chicago" / "sources")

# what the standard's JSON schema asks of the parts we write: required keys, all keys, closed lists of words
TOP = ({"version", "apiVersion", "kind", "id", "status"}, {"name", "description", "team", "schema", "slaProperties", "customProperties"})
OBJECT = ({"name"}, {"logicalType", "physicalType", "physicalName", "properties", "quality", "customProperties"})
PROPERTY = (
    {"name"},
    {"logicalType", "required", "businessName", "primaryKey", "primaryKeyPosition", "unique", "classification", "tags", "quality", "customProperties"},
)
QUALITY = (set[str](), {"name", "type", "dimension", "description"})
LIBRARY = ({"metric"}, {"arguments", "unit"})
OPERATORS = {"mustBe", "mustBeGreaterOrEqualTo", "mustBeLessOrEqualTo", "mustBeBetween"}
CUSTOM = ({"engine", "implementation"}, set[str]())
SLA = ({"property", "value"}, {"unit", "element", "description"})
PAIR = ({"property", "value"}, set[str]())
TYPES = {"string", "date", "timestamp", "boolean", "array"}
METRICS = {"missingValues", "invalidValues", "rowCount"}
DIMENSIONS = {"completeness", "conformity", "timeliness"}


def shaped(part: dict[str, Any], *shapes: tuple[set[str], set[str]]) -> None:
    """A part has every key its shapes require, none they do not know, and no empty one."""
    required, known = (set[str]().union(*(shape[place] for shape in shapes)) for place in (0, 1))
    assert required <= set(part) <= required | known
    assert None not in part.values()


def quality(rule: dict[str, Any]) -> None:
    assert rule["dimension"] in DIMENSIONS
    operators = OPERATORS & set(rule)
    if rule["type"] == "library":
        shaped(rule, QUALITY, LIBRARY, (operators, set()))
        assert rule["metric"] in METRICS and len(operators) == 1
    else:
        shaped(rule, QUALITY, CUSTOM if rule["type"] == "custom" else (set(), set()))
        assert rule["type"] in ("text", "custom")


def well_formed(contract: dict[str, Any]) -> None:
    """A small reading of the standard's JSON schema: what it asks of the keys we write."""
    shaped(contract, TOP)
    assert (contract["apiVersion"], contract["kind"], contract["status"]) == ("v3.1.0", "DataContract", "active")
    assert all(isinstance(contract[key], str) and contract[key] for key in ("version", "id", "name"))
    assert set(contract["description"]) <= {"purpose", "usage", "limitations"} and set(contract["team"]) == {"name"}
    for thing in contract["schema"]:
        shaped(thing, OBJECT)
        assert thing["logicalType"] == "object"
        names = [column["name"] for column in thing["properties"]]
        assert len(names) == len(set(names))
        for column in thing["properties"]:
            shaped(column, PROPERTY)
            assert column["logicalType"] in TYPES and type(column["required"]) is bool
            assert all(isinstance(tag, str) for tag in column.get("tags", []))
            for pair in column["customProperties"]:
                shaped(pair, PAIR)
            for rule in column.get("quality", []):
                quality(rule)
        for rule in thing.get("quality", []):
            quality(rule)
    for promise in contract.get("slaProperties", []):
        shaped(promise, SLA)
        thing, _, column = promise["element"].partition(".")
        assert column in [known["name"] for part in contract["schema"] if part["name"] == thing for known in part["properties"]]


@pytest.mark.parametrize("name", BUNDLED)
def test_every_source_exports_a_well_formed_contract(name: str) -> None:
    well_formed(contract_of(BUNDLED[name]))


@pytest.mark.parametrize("name", BUNDLED)
def test_a_contract_names_every_column_that_is_stored_and_no_other(name: str) -> None:
    for thing in contract_of(BUNDLED[name])["schema"]:
        assert {column["name"] for column in thing["properties"]} == BUNDLED[name].objects[thing["name"]].stored


@pytest.mark.parametrize("name", BUNDLED)
def test_every_column_mapped_to_a_field_of_a_person_is_classified(name: str) -> None:
    for thing in contract_of(BUNDLED[name])["schema"]:
        spec = BUNDLED[name].objects[thing["name"]]
        mapped = {column for columns in spec.fields.values() for column in columns} | {*spec.texts, *spec.key}
        assert {column["name"] for column in thing["properties"] if column["classification"] == "personal"} >= mapped


SHOP = """\
title: {pt: Loja, en: Shop}
owner: web team
trust: 50
country: BR
objects:
  customers:
    kind: contact
    read: {format: csv, files: shop/*.csv, delivery: full}
    key: id
    updated_at: changed
    contract:
      required: [id, mail]
      allowed: [segment]
      ignored: [internal]
      types: {mail: email}
      enum: {segment: [gold, silver]}
      filled: {mail: 0.97, id: 1}
      freshness: {within: 2 weeks}
      volume: {at_least: 100, at_most: 900, shrinks_at_most: 0.3}
    fields: {full_name: name, email: mail, cpf: doc, cnpj: doc}
"""


def shop(folder: Path, text: str = SHOP) -> Source:
    (folder / "shop.yml").write_text(dedent(text), encoding="utf-8")
    return load_source(folder / "shop.yml")


def test_every_clause_stands_in_the_standards_words(tmp_path: Path) -> None:
    said = contract_of(shop(tmp_path))
    well_formed(said)
    (thing,) = said["schema"]
    columns = {column["name"]: column for column in thing["properties"]}
    assert (
        columns["segment"]["quality"][0] | {"metric": "invalidValues", "arguments": {"validValues": ["gold", "silver"]}, "mustBe": 0}
        == (columns["segment"]["quality"][0])
    )
    mail = {rule["name"]: rule for rule in columns["mail"]["quality"]}
    assert (mail["filled mail"]["mustBeLessOrEqualTo"], mail["filled mail"]["unit"]) == (3.0, "percent")
    assert mail["types mail"]["type"] == "text"
    assert thing["quality"][0]["mustBeBetween"] == [100, 900]
    assert thing["quality"][1]["implementation"] == {"shrinks_at_most": 0.3}
    assert said["slaProperties"][0] | {"property": "freshness", "value": 14, "unit": "d", "element": "customers.changed"} == said["slaProperties"][0]
    assert {"property": "knownAndNeverStored", "value": ["internal"]} in thing["customProperties"]


def test_required_is_the_standards_word_for_never_blank_and_presence_is_ours(tmp_path: Path) -> None:
    columns = {column["name"]: column for column in contract_of(shop(tmp_path))["schema"][0]["properties"]}
    assert {name: column["required"] for name, column in columns.items()} == {
        "id": True, "changed": False, "name": False, "mail": False, "doc": False, "segment": False
    }  # fmt: skip
    assert [name for name, column in columns.items() if {"property": "presence", "value": "required"} in column["customProperties"]] == ["id", "mail"]
    assert (columns["id"]["primaryKeyPosition"], columns["id"]["unique"]) == (1, True)
    assert (columns["doc"]["businessName"], columns["doc"]["tags"]) == ("CPF (natural person's tax number), CNPJ (company's tax number)", ["identifier"])


@pytest.mark.parametrize(
    ("volume", "operator"),
    [
        ("{at_least: 5}", {"mustBeGreaterOrEqualTo": 5}),
        ("{at_most: 5}", {"mustBeLessOrEqualTo": 5}),
        ("{at_least: 5, at_most: 5}", {"mustBe": 5}),
    ],
)
def test_one_bound_is_one_operator(tmp_path: Path, volume: str, operator: dict[str, int]) -> None:
    text = SHOP.replace("{at_least: 100, at_most: 900, shrinks_at_most: 0.3}", volume)
    (rule,) = contract_of(shop(tmp_path, text))["schema"][0]["quality"]
    assert {name: value for name, value in rule.items() if name in OPERATORS} == operator


def test_the_version_changes_with_the_contract_and_only_then(tmp_path: Path) -> None:
    first, again = (contract_of(shop(tmp_path))["version"] for _ in range(2))
    commented = contract_of(shop(tmp_path, "# a remark\n" + SHOP))["version"]
    other = contract_of(shop(tmp_path, SHOP.replace("0.97", "0.98")))["version"]
    assert first == again == commented != other
