"""The twelve planted privacy traps are made of records that are really there, and say what they claim."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from stdnum import luhn
from stdnum.br import cpf

from pipelines.demo.write import write_demo

PEOPLE = 200
TRAPS = (
    "cpf_in_ticket_text", "cpf_inside_name", "card_number_in_notes", "import_without_proof", "withdrawal_in_another_source",
    "grant_stays_at_its_contact_point", "minor_consented_alone", "minor_with_guardian", "shared_family_email", "ticked_without_text",
    "health_data_in_ticket", "regrant_after_withdrawal",
)  # fmt: skip


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traps")
    write_demo(folder, PEOPLE, seed=8)
    return folder


@pytest.fixture(scope="module")
def traps(inbox: Path) -> dict[str, dict[str, Any]]:
    return {trap["trap"]: trap for trap in json.loads((inbox / "truth" / "traps.json").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def rows(inbox: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every record by source, object and key."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for pattern, source, kind, key in (
        ("crm/*.json", "crm", "records", "Id"),
        ("marketing/*.json", "marketing", "results", "id"),
        ("tickets/users-*.json", "tickets", "users", "id"),
        ("tickets/tickets-*.json", "tickets", "tickets", "id"),
    ):
        for file in inbox.glob(pattern):
            name = {"records": "contacts", "results": "contacts"}.get(kind, kind)
            found |= {(source, name, str(row[key])): row for row in json.loads(file.read_bytes())[kind]}
    for file in inbox.glob("form/*.jsonl"):
        found |= {("form", "submissions", row["submission_id"]): row for row in map(json.loads, file.read_bytes().splitlines())}
    header, *cells = CalamineWorkbook.from_path(str(inbox / "spreadsheet" / "clientes-lojas-000.xlsx")).get_sheet_by_index(0).to_python()
    found |= {("spreadsheet", "clientes", str(row[0])): dict(zip(header, row, strict=True)) for row in cells}
    return found


def records(trap: dict[str, Any], rows: dict[tuple[str, str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    return [rows[record["source"], record["object"], record["source_key"]] for record in trap["records"]]


def test_there_are_twelve_and_each_is_described_in_both_languages(traps: dict[str, dict[str, Any]]) -> None:
    assert tuple(traps) == TRAPS
    for trap in traps.values():
        assert trap["description_pt"] and trap["description_en"]
        assert trap["expectation"]["check"] in {"redacted", "not_in_clean_view", "permission"}
        assert trap["source_keys"][0] == trap["source_key"]


@pytest.mark.parametrize("name", TRAPS)
def test_every_record_of_a_trap_is_written_and_not_in_the_refused_workbook(name: str, traps: dict, rows: dict) -> None:
    assert len(records(traps[name], rows)) == len(traps[name]["source_keys"])


def test_each_trap_has_people_of_its_own(inbox: Path, traps: dict) -> None:
    truth = {}
    for line in (inbox / "truth" / "truth.csv").read_text(encoding="utf-8").splitlines()[1:]:
        source, kind, key, person = line.split(",")
        truth[source, kind, key] = person
    people = {}
    for name, trap in traps.items():
        people[name] = {truth[record["source"], record["object"], record["source_key"]] for record in trap["records"] if record["object"] != "tickets"}
    everyone = [person for found in people.values() for person in found]
    assert len(everyone) == len(set(everyone))
    assert {name for name, found in people.items() if len(found) == 2} == {"shared_family_email"}


def test_planted_values_stand_where_the_trap_says(traps: dict, rows: dict) -> None:
    for name, column in (("cpf_in_ticket_text", "description"), ("health_data_in_ticket", "description"), ("card_number_in_notes", "Description")):
        assert traps[name]["expectation"]["value"] in records(traps[name], rows)[0][column]
    assert cpf.is_valid(traps["cpf_in_ticket_text"]["expectation"]["value"])
    assert luhn.is_valid(traps["card_number_in_notes"]["expectation"]["value"].replace(" ", ""))
    inside = traps["cpf_inside_name"]
    assert cpf.is_valid(inside["expectation"]["value"]) and inside["expectation"]["value"] in records(inside, rows)[0]["LastName"]


def test_tickets_of_traps_point_at_their_user(traps: dict, rows: dict) -> None:
    for name in ("cpf_in_ticket_text", "health_data_in_ticket"):
        ticket, user = records(traps[name], rows)
        assert ticket["requester_id"] == user["id"]


def test_withdrawal_is_later_than_the_grant_and_regrant_later_than_the_withdrawal(traps: dict, rows: dict) -> None:
    form, marketing = records(traps["withdrawal_in_another_source"], rows)
    assert form["consents"][0]["checked"] and marketing["properties"]["hs_email_optout"] == "true"
    assert form["submitted_at"] < marketing["properties"]["lastmodifieddate"]
    assert form["fields"]["email"] == marketing["properties"]["email"]
    form, marketing = records(traps["regrant_after_withdrawal"], rows)
    assert form["consents"][0]["checked"] and marketing["properties"]["hs_email_optout"] == "true"
    assert form["submitted_at"] > marketing["properties"]["lastmodifieddate"]


def test_minors_are_minors_and_only_one_has_a_guardian(traps: dict, rows: dict) -> None:
    alone, guarded = (records(traps[name], rows)[0] for name in ("minor_consented_alone", "minor_with_guardian"))
    for row in (alone, guarded):
        day, month, year = map(int, row["fields"]["nascimento"].split("/"))
        assert date(year + 18, month, day) > date(2026, 11, 20)
    assert alone["guardian"] is None and guarded["guardian"]["nome"]


def test_a_grant_for_one_address_stands_beside_a_record_with_another(traps: dict, rows: dict) -> None:
    other, form = records(traps["grant_stays_at_its_contact_point"], rows)
    assert other["Email"] != form["fields"]["email"] and other["CPF__c"] == form["fields"]["cpf"]


def test_unproven_consents_lack_their_proof(traps: dict, rows: dict) -> None:
    sheet = records(traps["import_without_proof"], rows)[0]
    assert sheet["Aceita receber novidades?"] == "sim"
    ticked = records(traps["ticked_without_text"], rows)[0]
    assert all(consent["checked"] and not consent["text"] and not consent["version"] for consent in ticked["consents"])


def test_two_persons_of_a_family_share_one_address_and_one_opted_out(traps: dict, rows: dict) -> None:
    mother, daughter = records(traps["shared_family_email"], rows)
    assert mother["Email"] == daughter["fields"]["email"] and mother["HasOptedOutOfEmail"]
    assert mother["CPF__c"] != daughter["fields"]["cpf"]
