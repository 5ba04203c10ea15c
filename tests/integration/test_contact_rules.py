"""Contact rules on both databases: the commands, the ledger of attempts, the lists, and the views campaigns read."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.model import Run, instant
from contacts.pseudonym import SEPARATOR, pseudonym
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import contact_log, contacting, donotcall
from pipelines.stages import consent, publish
from privacy.contact_rules.decision import may_contact
from privacy.contact_rules.everyone import contactable
from privacy.contact_rules.facts import facts_of
from privacy.policy import load_policy
from tests.contact_worlds import as_row
from tests.integration.privacy_batch import AS_OF, add_events, add_golden, add_people, batch, query, run_stage, yes

MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)


@pytest.fixture
def shop(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Ana consented to the newsletter by e-mail, Bia did not; it is decided, and nothing is published yet."""
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    monkeypatch.setenv("LASTRO_DATABASE_URL", settings.database_url)
    with warehouse.transaction() as db:
        add_people(db)
        add_events(db, [yes(1, 2, 101)])
        add_golden(db)
    run_stage(consent, warehouse, settings)
    return warehouse


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def campaign(tmp_path: Path, *rows: str) -> Path:
    file = tmp_path / "sent.csv"
    file.write_text("id,at,channel,purpose,outcome,person,contact\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return file


SENT = ("m1,2026-11-23T10:00:00Z,email,newsletter,delivered,P-ANA,", "m2,2026-11-23T11:00:00Z,email,newsletter,delivered,2,")


def test_may_contact_tells_reasons_norms_and_the_next_time(shop: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    contacting.may("P-ANA", "newsletter", "email", MONDAY, True)
    answer = told(capsys)["answers"][0]
    assert (answer["allowed"], answer["contact point"], answer["next time"]) == (True, "email 1", "2026-11-23T15:00:00Z")
    contacting.may("P-BIA", "newsletter", "email", MONDAY, True)
    answer = told(capsys)["answers"][0]
    assert answer["reasons"][:2] == ["NO_PERMISSION", "NEVER_ASKED"] and "LGPD art. 7" in answer["why"][0]
    with pytest.raises(ConfigurationError, match="did you mean 'newsletter'"):
        contacting.may("P-ANA", "newsleter", "email", MONDAY, True)
    with pytest.raises(NotFound):
        contacting.may("P-NOBODY", "newsletter", "email", MONDAY, True)


def test_a_campaigns_file_counts_for_the_caps_of_the_whole_person_and_only_once(shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = campaign(tmp_path, *SENT)  # two records of Ana: the CRM's and the form's
    contact_log.import_file(file, "mailer", True)
    assert told(capsys) == {"read": 2, "added": 2, "known": 0, "objections": 0, "refused": {}}
    contact_log.import_file(file, "mailer", True)
    assert told(capsys) == {"read": 2, "added": 0, "known": 2, "objections": 0, "refused": {}}
    contacting.may("P-ANA", "newsletter", "email", MONDAY, True)
    answer = told(capsys)["answers"][0]
    assert "CAP_DAY:house-day" in answer["reasons"] and answer["next time"] == "2026-11-24T10:00:00Z"
    with shop.transaction() as db:  # parted again, each has one attempt
        db.update(tables.membership, tables.membership.c.record_id == 2, person_id="P-BIA")
        known = contacting.read_known(db, load_policy(Path("privacy/policy.yml")), MONDAY)
    assert sorted(known.attempts["person_id"]) == ["P-ANA", "P-BIA"]


def test_rows_that_say_too_little_are_counted_by_reason_and_no_value_is_kept(shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (
        ",2026-11-23T10:00:00Z,email,newsletter,delivered,P-ANA,", "n2,2026-11-23,email,newsletter,delivered,P-ANA,",
        "n3,2026-11-23T10:00:00Z,pigeon,newsletter,delivered,P-ANA,", "n4,2026-11-23T10:00:00Z,email,newsletterr,delivered,P-ANA,",
        "n5,2026-11-23T10:00:00Z,email,newsletter,loved,P-ANA,", "n6,2026-11-23T10:00:00Z,email,newsletter,delivered,,canary.jacarandavel@example.com",
    )  # fmt: skip
    contact_log.import_file(campaign(tmp_path, *rows), "mailer", True)
    assert told(capsys)["refused"] == {"CHANNEL": 1, "NOBODY": 1, "NO_ID": 1, "NO_MOMENT": 1, "OUTCOME": 1, "PURPOSE": 1}
    with shop.transaction() as db:
        held = "".join(str(db.read(table).to_dict()) for table in (tables.contact_attempt, tables.ledger))
    assert "jacarandavel" not in held and "@" not in held


def test_an_opt_out_heard_counts_at_once_and_becomes_an_objection(shop: Warehouse, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    said = {"id": "", "at": "2026-11-23T10:00:00Z", "channel": "email", "direction": "inbound", "purpose": "newsletter", "outcome": "opted_out"}
    contact_log.record("P-ANA", said | {"campaign": "", "contact": ""}, "desk", True)
    assert told(capsys)["objections"] == 1
    contacting.may("P-ANA", "newsletter", "email", MONDAY, True)
    assert "OPTED_OUT" in told(capsys)["answers"][0]["reasons"]
    with shop.transaction() as db:  # as the next batch decides
        consent(Run(replace(batch(), as_of=datetime.now(UTC) + timedelta(minutes=1)), settings, db))
        assert db.count(tables.permission, (tables.permission.c.person_id == "P-ANA") & (tables.permission.c.state == "OBJECTED")) > 0


def test_a_list_is_kept_as_references_and_half_a_file_is_refused(
    shop: Warehouse, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.txt"
    file.write_text("numero\n(11) 99123-4071\n11 9123-4071\n+55 21 99814-5273;extra\nnada\n", encoding="utf-8")  # the second is the first without its nine
    donotcall.import_list("nao_me_perturbe", file, datetime(2026, 11, 20, tzinfo=UTC), False, True)
    assert told(capsys) | {"before": 0} == {"list": "nao_me_perturbe", "taken_at": "2026-11-20T00:00:00Z", "entries": 2, "unread": 0, "before": 0}
    with shop.transaction() as db:
        refs = set(db.read(tables.donotcall_entry)["point_ref"])
        held = "".join(str(db.read(table).to_dict()) for table in (tables.donotcall_entry, tables.donotcall_snapshot, tables.ledger))
    assert pseudonym(settings.key, "point", "phone", "1191234071") in refs and SEPARATOR not in held and "91234071" not in held
    file.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no number"):
        donotcall.import_list("nao_me_perturbe", file, None, False, True)
    file.write_text("11 99123-4071\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="newer snapshot"):
        donotcall.import_list("nao_me_perturbe", file, datetime(2026, 11, 1, tzinfo=UTC), False, True)
    with pytest.raises(ConfigurationError, match="did you mean 'procon_sp'"):
        donotcall.import_list("procon_s", file, None, False, True)
    donotcall.listing(True)
    states = {row["list"]: row["state"] for row in told(capsys)}
    assert states["procon_sp"] == "missing"


def test_the_views_show_who_may_be_contacted_now_and_nobody_contacted_since(shop: Warehouse, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    run_stage(publish, shop, settings)
    contacting.refresh(True)
    assert told(capsys)["contactable_now"] >= 1
    seen = query(shop, "SELECT * FROM clean_newsletter_now")
    assert seen[["person_id", "contact_value"]].values.tolist() == [["P-ANA", "ana@example.com"]]
    assert seen["contactable_until"].iloc[0] > instant(datetime.now(UTC))
    assert "P-BIA" not in set(query(shop, "SELECT person_id FROM contactable_now WHERE purpose = 'newsletter'")["person_id"])
    with shop.transaction() as db:
        db.update(tables.contact_window, closes_at="2026-01-01T00:00:00Z")
    assert query(shop, "SELECT * FROM clean_newsletter_now").empty
    contacting.refresh(True)
    later = instant(datetime.now(UTC) + timedelta(seconds=2))
    said = {"id": "x", "at": later, "channel": "email", "direction": "outbound", "purpose": "newsletter", "outcome": "delivered"}
    contact_log.record("P-ANA", said | {"campaign": "", "contact": ""}, "mailer", True)
    assert query(shop, "SELECT * FROM clean_newsletter_now").empty
    with shop.transaction() as db:
        db.delete(tables.contact_attempt)
        db.update(tables.permission, tables.permission.c.purpose == "newsletter", allowed=False)
    assert query(shop, "SELECT * FROM clean_newsletter_now").empty and "newsletter" not in set(query(shop, "SELECT purpose FROM contactable_now")["purpose"])


def test_what_a_person_prefers_is_kept_and_followed(shop: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    contact_log.prefer("P-ANA", ["phone"], "09:00-12:00", "pt", datetime(2026, 11, 20, tzinfo=UTC), "desk-1", True)
    capsys.readouterr()
    contacting.may("P-ANA", "newsletter", "email", MONDAY, True)
    answer = told(capsys)["answers"][0]
    assert "PREFERS_OTHER_CHANNEL" in answer["reasons"] and answer["language"] == "pt"
    with pytest.raises(ConfigurationError, match="window"):
        contact_log.prefer("P-ANA", [], "12:00-09:00", "", None, "desk-1", True)


def test_everybody_is_counted_and_the_list_written_for_its_owner_alone(shop: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "now.csv"
    contacting.everyone("newsletter", "email", MONDAY, str(file), True)
    data = told(capsys)
    assert (data["contact_points"], data["permitted"], data["contactable_now"]) == (2, 1, 1)
    assert data["reasons"]["NO_PERMISSION"] == 1
    assert file.stat().st_mode & 0o077 == 0 and file.read_text(encoding="utf-8-sig").splitlines()[1].startswith("P-ANA,ana@example.com")
    with pytest.raises(ConfigurationError, match="there already"):
        contacting.everyone("newsletter", "email", MONDAY, str(file), True)
    with shop.transaction() as db:
        assert "contactable.exported" in set(db.read(tables.ledger, "action")["action"])


def test_from_the_tables_both_ways_of_deciding_agree(shop: Warehouse, settings: Settings, tmp_path: Path) -> None:
    contact_log.import_file(campaign(tmp_path, *SENT, "m3,2026-11-23T12:00:00Z,email,,bounced,,bia@example.com"), "mailer", True)
    policy = load_policy(settings.policy)
    with shop.transaction() as db:
        for code, purpose in policy.purposes.items():
            for channel in purpose.channels:
                cases = contacting.read_cases(db, code, channel)
                known = contacting.read_known(db, policy, MONDAY)
                found = contactable(policy, MONDAY, code, channel, cases, known).astype(object)
                for case, row in zip(cases.to_dict("records"), found.where(found.notna(), None).to_dict("records"), strict=True):
                    assert as_row(may_contact(policy, facts_of(policy, channel, case, known), code, channel, MONDAY)) == row  # type: ignore[arg-type]


def test_breaches_are_found_in_the_tables(shop: Warehouse, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contact_log.import_file(campaign(tmp_path, *SENT, "m9,2026-11-23T12:00:00Z,email,newsletter,delivered,P-ANA,"), "mailer", True)
    with shop.transaction() as db:
        found = contacting.find_breaches(db, load_policy(settings.policy))
    assert found.values.tolist() == [["CAP_DAY:house-day", "email", 1, 3]]


def test_interactions_are_attempts_in_both_directions(warehouse: Warehouse, settings: Settings) -> None:
    from pipelines.sources.attempts import add_attempts, forget_attempts

    rows = pd.DataFrame(
        {"interaction_id": [1, 2, 3], "record_id": [1, 1, None], "source": "tickets", "channel": ["whatsapp", "phone", "api"],
         "direction": ["inbound", "outbound", "inbound"], "purpose": None, "opened_at": ["2026-11-20T10:00:00Z"] * 3, "batch_no": 1}
    ).astype({"record_id": "Int64"})  # fmt: skip
    with warehouse.transaction() as db:
        run = Run(batch(), settings, db)
        assert (add_attempts(run, rows), add_attempts(run, rows)) == (2, 0)
        assert db.read(tables.contact_attempt)["direction"].tolist() == ["inbound", "outbound"]
        forget_attempts(run, ["tickets"])
        assert db.count(tables.contact_attempt) == 0
    assert AS_OF.tzinfo is UTC
