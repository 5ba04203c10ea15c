"""Documents besides CPF and CNPJ, towns and social names written in other fields find their columns on the way through a batch."""

import pandas as pd
from deliveries import declare, ingest, put, read

from contacts.settings import Settings
from contacts.warehouse import Warehouse

SHOP = """
    title: {pt: Loja, en: Shop}
    owner: tests
    trust: 50
    country: BR
    objects:
      people:
        kind: contact
        read: {format: json, files: people.json, records: people, delivery: full}
        key: id
        fields:
          full_name: name
          rg: rg
          cnh: cnh
          pis: pis
          voter_id: title
          tax_id: nif
          street: street
          city: city
          uf: uf
          postal_code: cep
          country: country
          phone: phone
"""


def _contacts(warehouse: Warehouse, settings: Settings, *people: dict[str, str]) -> tuple[list[dict[str, object]], pd.DataFrame]:
    shop = declare(settings, shop=SHOP)
    put(shop, "people.json", {"people": [{"id": place, **person} for place, person in enumerate(people)]})
    ingest(warehouse, shop, standardise=True)
    found = read(warehouse, "contact").merge(read(warehouse, "raw_record")[["raw_id", "source_key"]], on="raw_id").sort_values("source_key")
    return [{name: None if pd.isna(value) else value for name, value in row.items()} for row in found.to_dict("records")], read(warehouse, "value_note")


def test_declared_documents_are_standardised_and_never_guessed(warehouse: Warehouse, settings: Settings) -> None:
    documents = {"name": "Ana Prado", "rg": "24.678.131-2 SSP/SP", "cnh": "62472927637", "pis": "170.33259.50-4", "title": "1023 8501 0671"}
    (ana, rui), notes = _contacts(warehouse, settings, documents, {"name": "Rui Lima", "nif": "PT 501 964 843", "country": "Portugal", "pis": "17033259505"})
    assert [ana[name] for name in ("rg", "cnh", "pis", "voter_id", "tax_id")] == ["246781312 SP", "62472927637", "17033259504", "102385010671", None]
    assert (rui["tax_id"], rui["pis"]) == ("501964843", None)
    assert notes[["field", "reason", "outcome"]].to_numpy().tolist() == [["pis", "CHECK_DIGITS", "rejected"]]


def test_a_town_gets_its_official_name_code_and_clock_within_its_state(warehouse: Warehouse, settings: Settings) -> None:
    people = [
        {"name": "Ana Prado", "city": "MANAUS", "uf": "AM"},
        {"name": "Ana Prado", "city": "Niteroi (RJ)"},
        {"name": "Ana Prado", "city": "Campinas", "cep": "13010-000"},
        {"name": "Ana Prado", "city": "Curitiba", "uf": "SP"},
        {"name": "Ana Prado", "city": "Jackson, MS", "country": "US", "street": "Al Capone Rd, 5"},
    ]
    people.append({"name": "Ana Prado", "phone": "(92) 96123-4587"})  # no address: the area code of the phone tells
    people.append({"name": "Ana Prado", "phone": "+55 92 96123-4587", "country": "US"})  # who lives abroad keeps a Brazilian number
    found, notes = _contacts(warehouse, settings, *people)
    assert [[row[name] for name in ("city", "city_code", "uf", "time_zone")] for row in found] == [
        ["Manaus", "1302603", "AM", "America/Manaus"],
        ["Niterói", "3303302", "RJ", "America/Sao_Paulo"],
        ["Campinas", "3509502", None, "America/Sao_Paulo"],
        ["Curitiba", None, "SP", "America/Sao_Paulo"],
        ["Jackson, MS", None, None, None],
        [None, None, None, "America/Manaus"],
        [None, None, None, None],
    ]
    assert found[4]["street"] == "Al Capone Rd"
    assert sorted(notes["reason"]) == ["CASING", "CITY_NOT_IN_UF", "UF_BESIDE_CITY", "UF_CUT"]


def test_a_social_name_beside_the_civil_one_reaches_its_column(warehouse: Warehouse, settings: Settings) -> None:
    (ana,), notes = _contacts(warehouse, settings, {"name": "JOÃO PRADO LIMA (nome social: ANA PRADO LIMA)"})
    assert (ana["full_name"], ana["social_name"]) == ("João Prado Lima", "Ana Prado Lima")
    assert notes["reason"].tolist() == ["SOCIAL_NAME"]
