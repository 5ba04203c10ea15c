"""The made-up world: same bytes for same people and seed, the shapes of the real systems, and a truth about every record."""

import csv
import hashlib
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from stdnum.br import cpf

from contacts.errors import ConfigurationError
from pipelines.demo import crm, form, marketing, spreadsheet, tickets, write
from pipelines.demo.draw import AS_OF
from pipelines.demo.people import people
from pipelines.demo.write import write_demo

PEOPLE = 1_200


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, PEOPLE, seed=11)
    return folder


def pages(inbox: Path, pattern: str) -> list[dict]:
    return [json.loads(file.read_bytes()) for file in sorted(inbox.glob(pattern))]


def workbook(file: Path) -> list[list]:
    return CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()


def fingerprint(inbox: Path) -> dict[str, str]:
    return {str(file.relative_to(inbox)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(inbox.rglob("*")) if file.is_file()}


def written_keys(inbox: Path) -> list[tuple[str, str, str]]:
    keys = [("crm", "contacts", row["Id"]) for page in pages(inbox, "crm/*.json") for row in page["records"]]
    keys += [("marketing", "contacts", row["id"]) for page in pages(inbox, "marketing/*.json") for row in page["results"]]
    keys += [("tickets", "users", str(row["id"])) for page in pages(inbox, "tickets/users-*.json") for row in page["users"]]
    for file in inbox.glob("form/*.jsonl"):
        keys += [("form", "submissions", json.loads(line)["submission_id"]) for line in file.read_bytes().splitlines()]
    for file in inbox.glob("spreadsheet/*.xlsx"):
        keys += [("spreadsheet", "clientes", row[0]) for row in workbook(file)[1:]]
    return keys


def test_same_people_and_seed_give_the_same_bytes_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        write_demo(tmp_path / name, 300, seed)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    other = fingerprint(tmp_path / "other")
    assert all(other[name] != value for name, value in fingerprint(tmp_path / "one").items() if name != "truth/traps.json")


def test_several_processes_write_what_one_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "BLOCK", 150)
    for workers in (1, 2):
        monkeypatch.setattr(write.os, "cpu_count", lambda workers=workers: workers)
        write_demo(tmp_path / str(workers), 400, seed=3)
    assert fingerprint(tmp_path / "1") == fingerprint(tmp_path / "2")
    keys = written_keys(tmp_path / "2")
    assert len(keys) == len(set(keys)), "keys repeat between blocks"
    ids = [row["id"] for page in pages(tmp_path / "2", "tickets/tickets-*.json") for row in page["tickets"]]
    assert len(ids) == len(set(ids))


def test_a_new_demo_replaces_the_old_one_but_never_deliveries_of_others(tmp_path: Path) -> None:
    write_demo(tmp_path / "a", 1_500, seed=1)
    write_demo(tmp_path / "a", 40, seed=1)
    write_demo(tmp_path / "b", 40, seed=1)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    theirs = tmp_path / "c" / "crm" / "contacts-2026.json"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("{}")
    with pytest.raises(ConfigurationError, match="no demo wrote"):
        write_demo(tmp_path / "c", 40, seed=1)
    assert theirs.read_text() == "{}"


@pytest.mark.parametrize("people_", [1, 2, 7])
def test_a_tiny_world_is_written_too(tmp_path: Path, people_: int) -> None:
    counts = write_demo(tmp_path, people_, seed=2)
    assert counts["people"] == people_
    assert len(written_keys(tmp_path)) == sum(counts[name] for name in counts if name not in {"people", "traps", "tickets.tickets", "spreadsheet.refused"})


def test_a_world_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least one person"):
        write_demo(tmp_path, 0, seed=1)


def test_salesforce_pages_chain_to_the_last_and_say_the_total(inbox: Path) -> None:
    found = pages(inbox, "crm/*.json")
    assert len(found) > 1
    assert [page["done"] for page in found] == [False] * (len(found) - 1) + [True]
    assert {page["totalSize"] for page in found} == {sum(len(page["records"]) for page in found)}
    assert all(("nextRecordsUrl" in page) is not page["done"] for page in found)
    for page in found:
        for row in page["records"]:
            assert list(row) == ["attributes", *crm.FIELDS]
            assert row["attributes"] == {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{row['Id']}"}
            assert len(row["Id"]) == 18


def test_hubspot_pages_have_text_properties_and_end_without_paging(inbox: Path) -> None:
    found = pages(inbox, "marketing/*.json")
    assert len(found) > 1
    assert [set(page["paging"]["next"]) for page in found[:-1]] == [{"after", "link"}] * (len(found) - 1)
    assert "paging" not in found[-1]
    for page in found:
        for row in page["results"]:
            assert list(row) == ["id", "properties", "createdAt", "updatedAt", "archived"]
            assert list(row["properties"]) == list(marketing.FIELDS)
            assert all(isinstance(value, str) for value in row["properties"].values())


def test_zendesk_exports_end_their_stream_and_every_ticket_has_its_user(inbox: Path) -> None:
    users, found = pages(inbox, "tickets/users-*.json"), pages(inbox, "tickets/tickets-*.json")
    for stream in (users, found):
        assert [page["end_of_stream"] for page in stream] == [False] * (len(stream) - 1) + [True]
        assert all(page["after_cursor"] for page in stream)
    made = {row["id"]: row["created_at"] for page in users for row in page["users"]}
    for page in found:
        for row in page["tickets"]:
            assert list(row) == list(tickets.TICKET_FIELDS)
            assert made[row["requester_id"]] <= row["created_at"] <= row["updated_at"]
            assert row["subject"] and row["description"] and "{" not in row["description"]
    assert all(list(row) == list(tickets.USER_FIELDS) for page in users for row in page["users"])


def test_form_lines_hold_fields_consents_with_text_and_version_and_a_guardian(inbox: Path) -> None:
    rows = [json.loads(line) for file in inbox.glob("form/*.jsonl") for line in file.read_bytes().splitlines()]
    for row in rows:
        assert list(row) == ["submission_id", "form_id", "submitted_at", "page_url", "fields", "consents", "guardian"]
        assert list(row["fields"]) == list(form.FIELDS)
        assert all(list(consent) == ["purpose", "channel", "text", "version", "checked"] for consent in row["consents"])
        assert all(bool(consent["text"]) == bool(consent["version"]) for consent in row["consents"])
    assert any(row["guardian"] for row in rows)
    assert {consent["version"] for row in rows for consent in row["consents"]} == {"v1", "v2", "v3", ""}


def test_one_workbook_is_whole_and_one_has_its_email_column_renamed(inbox: Path) -> None:
    headers = {file.name: workbook(file)[0] for file in inbox.glob("spreadsheet/*.xlsx")}
    assert headers["clientes-lojas-000.xlsx"] == list(spreadsheet.HEADER)
    assert headers["clientes-feiras.xlsx"] == ["Correio" if name == "E-mail" else name for name in spreadsheet.HEADER]
    assert len(headers) == 2


def test_workbooks_open_in_a_second_library_with_real_dates(inbox: Path) -> None:
    from datetime import datetime

    import openpyxl

    sheet = openpyxl.load_workbook(inbox / "spreadsheet" / "clientes-lojas-000.xlsx").active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == len(workbook(inbox / "spreadsheet" / "clientes-lojas-000.xlsx"))
    updated = [row[-1] for row in rows[1:]]
    assert any(isinstance(value, datetime) for value in updated) and any(isinstance(value, str) for value in updated)
    assert all(value.date().isoformat() <= str(AS_OF) for value in updated if isinstance(value, datetime))


def test_truth_names_the_person_of_every_contact_record_once(inbox: Path) -> None:
    with (inbox / "truth" / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["source", "object", "source_key", "person"]
    truth = [(row["source"], row["object"], row["source_key"]) for row in rows]
    assert len(truth) == len(set(truth))
    assert sorted(truth) == sorted(written_keys(inbox))
    ordinary = {row["person"] for row in rows if row["person"].startswith("P")}
    assert len(ordinary) == PEOPLE, "somebody is in no source"


def test_returned_counts_are_the_rows_of_the_files(inbox: Path, tmp_path: Path) -> None:
    counts = write_demo(tmp_path, PEOPLE, seed=11)
    keys = written_keys(inbox)
    for name in ("crm.contacts", "marketing.contacts", "tickets.users", "form.submissions", "spreadsheet.clientes"):
        source, _, kind = name.partition(".")
        assert counts[name] == sum(key[:2] == (source, kind) for key in keys)
    assert counts["tickets.tickets"] == sum(len(page["tickets"]) for page in pages(inbox, "tickets/tickets-*.json"))
    assert counts["spreadsheet.refused"] == len(workbook(inbox / "spreadsheet" / "clientes-feiras.xlsx")) - 1


def test_every_cpf_of_the_world_is_valid_and_nobody_else_has_it() -> None:
    world = people(0, 5_000, seed=4, block=0)
    given = [number for number in world.cpf if number]
    assert len(given) > 4_000
    assert all(cpf.is_valid(number) and len(set(number)) > 1 for number in given)
    assert len(given) == len(set(given))


def test_nothing_in_the_world_is_younger_than_its_day(inbox: Path) -> None:
    moments = [row[name] for page in pages(inbox, "crm/*.json") for row in page["records"] for name in ("CreatedDate", "LastModifiedDate")]
    moments += [row["updated_at"] for page in pages(inbox, "tickets/*.json") for row in page.get("users", []) + page.get("tickets", [])]
    moments += [row["properties"]["newsletter_optin_at"] for page in pages(inbox, "marketing/*.json") for row in page["results"]]
    assert max(moments)[:10] <= str(AS_OF)
