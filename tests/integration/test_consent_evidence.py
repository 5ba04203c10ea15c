"""Consent evidence as it really comes: words in any writing, shapes nobody announced; a no is never lost, nothing vanishes unsaid."""

from typing import Any

import pandas as pd
import pytest
from deliveries import declare, ingest, put, read

from contacts.settings import Settings
from contacts.values.reasons import REASONS
from contacts.warehouse import Warehouse

FORM = """
    title: {pt: Formulário, en: Form}
    owner: tests
    trust: 50
    country: BR
    objects:
      submissions:
        kind: contact
        read: {format: json, files: form.json, records: rows, delivery: changes}
        key: id
        fields: {full_name: name, email: email}
        consent_list:
          column: consents
          purpose: purpose
          channel: channel
          text: text
          version: version
          checked: checked
          effective_at: at
          method_is: web form
          purpose_versions: {v1: "1"}
"""
BOX = {"purpose": "newsletter", "channel": "email", "text": "Quero novidades.", "version": "v1", "checked": True}


def arrive(warehouse: Warehouse, settings: Settings, consents: list[Any]) -> dict[str, int]:
    settings = declare(settings, form=FORM)
    people = [{"id": n, "name": "Ana Prado", "email": "ana@example.com", "at": "2026-01-02T03:04:05Z"} for n in range(len(consents))]
    put(settings, "form.json", {"rows": [row if said == "missing" else row | {"consents": said} for row, said in zip(people, consents, strict=True)]})
    return ingest(warehouse, settings, standardise=True)["standardise"].counts


def test_a_purpose_is_read_in_any_writing(warehouse: Warehouse, settings: Settings) -> None:
    arrive(warehouse, settings, [[BOX | {"purpose": " Newsletter ", "checked": False}]])
    assert read(warehouse, "consent_event")[["purpose", "type"]].to_numpy().tolist() == [["newsletter", "refused"]]


UNREAD = ["sim", 1, False, BOX, [BOX, "sim"], [{"checked": True}], [None]]


@pytest.mark.parametrize("said", UNREAD, ids=str)
def test_evidence_in_a_wrong_shape_is_noted_and_counted(warehouse: Warehouse, settings: Settings, said: Any) -> None:
    counts = arrive(warehouse, settings, [said, [BOX]])
    notes = read(warehouse, "value_note")
    notes = notes[notes["field"] == "consents"]
    assert notes[["outcome", "reason"]].to_numpy().tolist() == [["rejected", "CONSENT_NOT_READ"]]
    assert notes["suggestion"].isna().all()
    assert counts["consents_not_read"] == 1
    assert "CONSENT_NOT_READ" in REASONS


def test_nobody_having_said_anything_is_not_noted(warehouse: Warehouse, settings: Settings) -> None:
    counts = arrive(warehouse, settings, ["missing", None, [], {}, "", [BOX]])
    assert counts["consents_not_read"] == 0
    assert read(warehouse, "value_note").query("field == 'consents'").empty
    assert len(read(warehouse, "consent_event")) == 1


SHEET = """
    title: {pt: Planilha, en: Sheet}
    owner: tests
    trust: 50
    country: BR
    objects:
      people:
        kind: contact
        read: {format: csv, files: sheet.csv, delivery: full}
        key: id
        fields: {full_name: name, email: email}
        consents:
          - {when: {column: news, equals: "yes"}, says: granted, purposes: newsletter, channels: email, actor: self, effective_at: at, method_is: form}
          - {when: {column: news, equals: "no"}, says: refused, purposes: newsletter, channels: "*", actor: self, effective_at: at}
"""


def test_a_second_no_without_a_date_is_heard_after_a_dated_yes(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, sheet=SHEET)
    added = []
    for number, said in enumerate(["no,", "yes,2026-11-02T05:00:00Z", "no,", "no,"], start=1):
        put(settings, "sheet.csv", f"id,name,email,news,at\n1,Ana Prado,ana@example.com,{said}\n")
        added.append(ingest(warehouse, settings, number, standardise=True)["standardise"].counts["consent_events"])
    assert added == [1, 1, 1, 0]  # the last row is the same as the one before it
    events = read(warehouse, "consent_event")
    assert sorted(zip(events["recorded_at"], events["type"], strict=True)) == [
        ("2026-11-01T06:00:00Z", "refused"),
        ("2026-11-02T06:00:00Z", "granted"),
        ("2026-11-03T06:00:00Z", "refused"),
    ]
    ingest(warehouse, settings, 4, standardise=True)
    pd.testing.assert_frame_equal(read(warehouse, "consent_event"), events)


def test_a_batch_done_again_hears_an_undated_no_once(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, sheet=SHEET)
    put(settings, "sheet.csv", "id,name,email,news,at\n1,Ana Prado,ana@example.com,no,\n")
    ingest(warehouse, settings, standardise=True)
    events = read(warehouse, "consent_event")
    ingest(warehouse, settings, standardise=True)
    assert len(events) == 1
    pd.testing.assert_frame_equal(read(warehouse, "consent_event"), events)
