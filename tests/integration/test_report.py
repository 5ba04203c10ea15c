"""The report of a whole batch: what it says, that it adds up, that it holds no personal value, that it is the same for the same tables."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from contacts import ledger, tables
from contacts.canonical import canonical_json
from contacts.errors import ConfigurationError
from contacts.model import Batch
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from privacy.report.consents import withdrawals
from privacy.report.facts import Breach
from privacy.report.figures import collect
from privacy.report.page import render
from privacy.report.write import write
from privacy.views import rollback
from tests.integration.report_batch import FACTS, FIRST, POLICY, SECOND, plant, seed


def figures_of(warehouse: Warehouse, settings: Settings, batch: Batch) -> dict[str, Any]:
    with warehouse.transaction() as db:
        return collect(db, settings, batch, POLICY, FACTS)


def written(warehouse: Warehouse, settings: Settings, batch: Batch) -> tuple[str, dict[str, Any]]:
    with warehouse.transaction() as db:
        write(db, settings, batch, POLICY, FACTS)
    folder = settings.home / "reports" / batch.batch_id
    return (folder / "report.html").read_text("utf-8"), json.loads((folder / "report.json").read_text("utf-8"))


@pytest.fixture
def batch(warehouse: Warehouse, settings: Settings) -> Batch:
    return seed(warehouse, settings, persons=200)


def codes(figures: dict[str, Any]) -> set[str]:
    return {need["code"] for need in figures["needs"]}


def test_a_published_batch(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    figures = figures_of(warehouse, settings, batch)
    assert figures["verdict"]["state"] == "published"
    assert codes(figures) == {"delivery_partial", "odd", "unsure_pairs", "unproven", "sensitive", "misplaced", "expiring"} | (codes(figures) & {"conflict"})
    assert figures["funnel"]["published_persons"] == figures["funnel"]["reachable_persons"] > 0
    assert figures["merges"]["unsure_pairs"] == 18 - 1 + 5, "one of the eighteen is judged"


@pytest.mark.parametrize(("gate", "state", "need"), [("amber", "waiting", "gate_amber"), ("red", "stopped", "gate_red"), ("green", "unfinished", "unfinished")])
def test_a_batch_without_publication_gets_its_report(warehouse: Warehouse, settings: Settings, gate: str, state: str, need: str) -> None:
    html, twin = written(warehouse, settings, seed(warehouse, settings, gate=gate, published=False, persons=60))
    assert twin["figures"]["verdict"]["state"] == state
    assert need in codes(twin["figures"])
    assert FIRST.batch_id in html, "it says which version stays public"
    assert "lapsed" in codes(twin["figures"]), "who withdrew meanwhile is out of the views, and the officer knows"


def test_a_batch_that_has_only_been_opened_gets_its_report(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        db.append(tables.batch, [{"number": 1, "batch_id": FIRST.batch_id, "as_of": FIRST.as_of_text}])
    html, twin = written(warehouse, settings, FIRST)
    assert twin["figures"]["verdict"]["state"] == "unfinished"
    assert "Nenhum lote foi publicado ainda" in html


def test_same_tables_same_bytes(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    first = render(figures_of(warehouse, settings, batch), POLICY, FACTS, "pt")
    again = render(figures_of(warehouse, settings, batch), POLICY, FACTS, "pt")
    assert first == again


def test_the_twin_holds_the_figures_and_their_fingerprint_and_so_does_the_ledger(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, twin = written(warehouse, settings, batch)
    fingerprint = hashlib.sha256(canonical_json(twin["figures"]).encode()).hexdigest()
    assert twin["sha256"] == fingerprint
    assert html.count(fingerprint) == 2, "once per language"
    with warehouse.transaction() as db:
        detail = json.loads(db.read(tables.ledger, "action", "detail").query("action == 'report.write'")["detail"].iloc[-1])
    assert detail == {"figures_sha256": fingerprint, "html_sha256": hashlib.sha256(html.encode()).hexdigest()}


def test_no_personal_value_reaches_the_report(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    with warehouse.transaction() as db:
        unplanted = plant(db, lambda table, column: f"canary-{table}-{column}@canario.example")
    assert unplanted == [], "the made-up batch has a row in every table with personal columns"
    html, twin = written(warehouse, settings, batch)
    for made in (html, json.dumps(twin)):
        assert "canary" not in made
        assert "canario" not in made
        assert "P-0000" not in made, "not even a pseudonym"


def test_the_page_loads_nothing_and_runs_nothing(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, _ = written(warehouse, settings, batch)
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    assert re.findall(r"https?:|//[a-z]|@import|<script|<link|<iframe|<object|<embed|\bon[a-z]+=|\bsrc=|srcset|javascript:", html) == []
    assert set(re.findall(r"url\(([^)]*)\)", html)) <= {f"#{kind}-{code}" for kind in ("unproven", "never", "lost") for code in ("pt", "en")}
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', html))


def test_every_id_is_unique_and_every_link_inside_the_page_has_its_target(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, _ = written(warehouse, settings, batch)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    referred = re.findall(r'href="#([^"]+)"', html) + re.findall(r'aria-labelledby="([^"]+)"', html) + re.findall(r"url\(#([^)]+)\)", html)
    assert set(referred) <= set(ids)


def test_each_language_is_marked_and_opens_when_chosen(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    figures = figures_of(warehouse, settings, batch)
    for code, tag in (("pt", "pt-BR"), ("en", "en")):
        html = render(figures, POLICY, FACTS, code)
        assert f'<html lang="{tag}">' in html
        assert re.findall(r'id="show-(\w+)" class="chooser" checked', html) == [code]
        assert '<div class="page pt" lang="pt-BR">' in html
        assert '<div class="page en" lang="en">' in html


def test_both_languages_show_the_same_numbers(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, _ = written(warehouse, settings, batch)
    pt, en = (re.findall(r"<td[^>]*class=\"n[^>]*>([^<]+)</td>", part) for part in re.split('<div class="page en"', html))
    assert len(pt) > 100
    assert [cell.translate(str.maketrans(".,", ",.")) for cell in pt if cell != SECOND.batch_id] == [cell for cell in en if cell != SECOND.batch_id]


def test_every_breakdown_of_people_adds_up_or_hides(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    for row in figures_of(warehouse, settings, batch)["purposes"]:
        cells = [row["allowed"], *(denied["persons"] for denied in row["denied"])]
        shown = [cell for cell in cells if isinstance(cell, int)]
        assert all(cell == 0 or cell >= 5 for cell in shown)
        if len(shown) == len(cells):
            assert row["persons"] == sum(shown)
        else:
            assert str(row["persons"]).startswith("≈"), "a total over hidden cells is rounded"


def test_a_reason_is_hidden_where_its_permission_is(warehouse: Warehouse, settings: Settings) -> None:
    found = 0
    for row in figures_of(warehouse, settings, seed(warehouse, settings, persons=60))["purposes"]:
        hidden = {denied["state"] for denied in row["denied"] if not isinstance(denied["persons"], int)}
        for reason in row["reasons"]:
            if reason["reason"] in hidden:
                found += 1
                assert reason["persons"] in ("<5", "≥5"), f"{row['purpose']}: {reason['reason']}"
    assert found, "the made-up batch hides a permission that is a reason too"


def test_a_refused_file_is_seen_where_rows_are_accounted_for(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    figures = figures_of(warehouse, settings, batch)
    assert {row["source"]: (row["files_refused"], row["files"]) for row in figures["deliveries"] if row["files_refused"]} == {"spreadsheet": (1, 2)}
    assert "1 file was refused whole: its rows were not read" in render(figures, POLICY, FACTS, "en")


def test_a_broken_clause_is_named_with_what_was_agreed(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    broken = {row["source"]: row["breached"] for row in figures_of(warehouse, settings, batch)["contracts"] if row["breached"]}
    assert broken == {"spreadsheet": [{"clause": "required", "column": "E-mail", "bound": "required", "failed": 1, "of": 2}]}


def test_scores_have_the_trend_of_both_batches(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    scores = figures_of(warehouse, settings, batch)["quality"]["scores"]
    assert [row["source"] for row in scores] == [None, "crm", "form", "marketing", "spreadsheet", "tickets"]
    assert all(row["trend"] == [0.924, 0.928] and row["score"] == 0.928 for row in scores)


def test_problems_come_by_what_they_cost_and_small_ones_are_left_out(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    problems = figures_of(warehouse, settings, batch)["quality"]["problems"]
    assert [row["rule"] for row in problems] == ["DQ-102", "DQ-502", "DQ-201", "DQ-206", "DQ-304"], "31 and 16 count three times; 3 and 2 are too few to tell"


def test_records_in_quarantine_are_counted_by_their_days_there(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    ageing = figures_of(warehouse, settings, batch)["ageing"]
    assert (ageing["records"], ageing["oldest"], ageing["released"]) == (41, 1, 6)
    assert [row["records"] for row in ageing["by_age"]] == [41, 0, 0, 0]


def test_who_needs_training_is_counted_and_never_named(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, twin = written(warehouse, settings, batch)
    assert [(row["people"], row["records"], row["rate"]) for row in twin["figures"]["training"]] == [(0, 31, 0.3523), ("<5", 7, 0.1167), (6, "<5", None)]
    assert "U-" not in html


def test_after_a_rollback_the_report_says_so_and_latest_is_renewed(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    written(warehouse, settings, batch)
    with warehouse.transaction() as db:
        assert rollback(db, "DPO") == (SECOND.number, FIRST.number)
    html, twin = written(warehouse, settings, batch)
    assert (twin["figures"]["verdict"]["state"], twin["figures"]["verdict"]["light"]) == ("rolled_back", "amber")
    assert "Published, then rolled back" in html
    assert f"The clean views show batch {FIRST.batch_id}." in html
    assert (settings.home / "reports" / "latest" / "report.html").read_text("utf-8") == html


def test_a_row_lost_on_the_way_is_seen(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    assert all(check["holds"] for check in figures_of(warehouse, settings, batch)["conservation"])
    with warehouse.transaction() as db:
        db.delete(tables.membership, tables.membership.c.record_id == 5)
        db.update(tables.delivery, (tables.delivery.c.batch_no == 2) & (tables.delivery.c.source == "crm"), rows_read=1)
    figures = figures_of(warehouse, settings, batch)
    assert [check["check"] for check in figures["conservation"] if not check["holds"]][:1] == ["contacts"]
    assert [row["source"] for row in figures["deliveries"] if not row["holds"]] == ["crm"]
    assert figures["needs"][0]["code"] == "conservation"
    assert figures["verdict"]["light"] == "red"
    html = render(figures, POLICY, FACTS, "en")
    assert "does not add up" in html


def test_a_row_published_without_permission_is_seen(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    with warehouse.transaction() as db:
        gone = tables.permission.c.person_id.in_([f"P-{number:013d}" for number in range(20)]) & (tables.permission.c.purpose == "service")
        db.update(tables.permission, gone, allowed=False, state="RESTRICTED", reasons="RESTRICTED")
    figures = figures_of(warehouse, settings, batch)
    assert {"check": "published", "right": {}, "holds": False}.items() <= next(c for c in figures["conservation"] if c["check"] == "published").items()
    assert "without_permission" in codes(figures)
    assert figures["verdict"]["light"] == "red"


def test_a_ledger_somebody_changed_is_the_first_thing_said(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    assert figures_of(warehouse, settings, batch)["integrity"]["problem"] == ""
    with warehouse.transaction() as db:
        db.execute(text("UPDATE ledger SET detail = '{}' WHERE entry_no = 4"))
        assert ledger.verify(db, settings).problem
    figures = figures_of(warehouse, settings, batch)
    assert figures["needs"][0]["code"] == "ledger"
    assert figures["verdict"]["light"] == "red"


def test_what_changed_since_the_batch_before(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    changes = {row["figure"]: row for row in figures_of(warehouse, settings, batch)["changes"]}
    assert changes["unsure_pairs"] == {"figure": "unsure_pairs", "then": 17, "now": 22, "batch": FIRST.batch_id}
    assert figures_of(warehouse, settings, FIRST)["changes"] == []


def test_latest_is_the_report_of_the_newest_batch(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    html, _ = written(warehouse, settings, batch)
    older, _ = written(warehouse, settings, FIRST)
    latest = settings.home / "reports" / "latest"
    assert (latest / "report.html").read_text("utf-8") == html
    assert not (latest / "report.html").is_symlink()
    assert "depois de lotes mais novos" in older, "an older report written again says that people are shown as they are now"


def test_a_report_is_written_whole_or_not_at_all(warehouse: Warehouse, settings: Settings, batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    html, _ = written(warehouse, settings, batch)

    def full_disk(self: Path, target: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="no space"):
        written(warehouse, settings, batch)
    folder = settings.home / "reports" / batch.batch_id
    assert (folder / "report.html").read_text("utf-8") == html
    assert sorted(file.name for file in folder.iterdir()) == ["report.html", "report.json"]


@pytest.mark.parametrize("name", ["../outside", "a/b", "latest", ".."])
def test_a_batch_id_cannot_lead_out_of_the_reports_folder(warehouse: Warehouse, settings: Settings, name: str) -> None:
    with warehouse.transaction() as db, pytest.raises(ConfigurationError):
        write(db, settings, Batch(name, 1, FIRST.as_of), POLICY, FACTS)


def test_coverage_counts_every_contact_point_once_under_purpose_channel_and_law(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    rows = figures_of(warehouse, settings, batch)["consents"]["coverage"]
    assert {(row["purpose"], row["law"], row["basis"]) for row in rows} >= {("newsletter", "LGPD", "LGPD art. 7 I"), ("billing", "LGPD", "LGPD art. 7 II")}
    for row in rows:
        cells = [cell["n"] for cell in row["states"]]
        assert all(cell in ("<5", "≥5") or cell >= 5 for cell in cells)
        assert row["contact_points"] == sum(cells) == 200 if all(isinstance(cell, int) for cell in cells) else str(row["contact_points"]) == "≈200"
    mail = next(row for row in rows if (row["purpose"], row["channel"]) == ("newsletter", "email"))
    assert {"UNPROVEN", "EXPIRED", "WITHDRAWN"} <= {cell["state"] for cell in mail["states"]} and mail["expiring"]


def test_a_withdrawal_is_measured_up_to_the_first_batch_that_counted_it(warehouse: Warehouse, settings: Settings) -> None:
    said = {"record_id": 1, "source": "crm", "purpose": "newsletter", "channel": "email", "actor": "self", "batch_no": 1}
    times = [("2026-11-21T12:00:00Z", "2026-11-22T06:00:00Z", 2)] * 4 + [("2026-11-21T18:00:00Z", "2026-11-21T18:00:01Z", 1)]
    times += [("2026-11-01T00:00:00Z", "2026-11-21T06:00:00Z", 1)] * 6 + [(None, "2026-11-21T06:00:00Z", 1)] * 5 + [("2026-11-23T00:00:00Z",) * 2 + (2,)] * 7
    with warehouse.transaction() as db:
        for number, as_of in ((1, "2026-11-21T06:00:00Z"), (2, "2026-11-22T06:00:00Z")):
            db.append(tables.batch, [{"number": number, "batch_id": f"b{number}", "as_of": as_of}])
            told = {"part": "", "counts": "{}", "notes": "[]", "seconds": 0.1}
            db.append(tables.receipt, [told | {"batch_no": number, "stage": "consent"}])
        events = [said | {"event_id": number, "type": "withdrawn", "effective_at": effective, "recorded_at": recorded, "batch_no": of}
                  for number, (effective, recorded, of) in enumerate(times)]  # fmt: skip
        db.append(tables.consent_event, events)
        assert withdrawals(db) == {"measured": 5, "median": 0.75, "p95": 0.75, "longest": 0.75, "before": 6, "undated": 5, "waiting": 7}
        db.delete(tables.consent_event, tables.consent_event.c.event_id == 0)
        assert withdrawals(db) | {"before": 0} == {"measured": "<5", "median": None, "p95": None, "longest": None, "before": 0, "undated": 5, "waiting": 7}


def test_a_contact_made_after_a_no_is_the_officers_first_concern_and_few_are_hidden(warehouse: Warehouse, settings: Settings, batch: Batch) -> None:
    against = (Breach("CAP_DAY:house-day", "email", 3, 80), Breach("AFTER_NO", "email", 7, 80))
    with warehouse.transaction() as db:
        figures = collect(db, settings, batch, POLICY, replace(FACTS, breaches=against))
    assert [(row["rule"], row["n"]) for row in figures["consents"]["breaches"]] == [("AFTER_NO", 7), ("CAP_DAY:house-day", "<5")]
    assert {("contact_after_no", "red"), ("contact_breaches", "amber")} <= {(need["code"], need["level"]) for need in figures["needs"]}
