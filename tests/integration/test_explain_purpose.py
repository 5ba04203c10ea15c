"""`lastro explain PERSON --purpose P` and `lastro check policy`: the chain behind an answer, and the matrix an officer signs."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from contacts import tables
from contacts.errors import NotFound
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from pipelines.cli import app
from pipelines.explain_purpose import explain_purpose
from pipelines.stages import consent
from privacy import matrix
from privacy.policy import load_policy
from tests.integration.privacy_batch import AS_OF, add_events, add_golden, add_people, no, run_stage, yes


@pytest.fixture
def decided(warehouse: Warehouse, settings: Settings) -> Warehouse:
    """Ana consented in March and withdrew in June; Bia, who may be the same person, objected in July."""
    with warehouse.transaction() as db:
        add_people(db)
        add_golden(db)
        moves = [
            {"batch_no": 1, "record_id": key, "kind": "new", "from_person": None, "to_person": who} for key, who in ((1, "P-ANA"), (2, "P-ANA"), (3, "P-BIA"))
        ]
        db.append(tables.identity_event, moves)
        db.append(tables.pair, [{"record_a": 2, "record_b": 3, "probability": 0.6, "zone": "unsure", "evidence": "[]", "batch_no": 1}])
        early = {"recorded_at": "2026-03-02T00:00:00Z"}
        withdrawn = no(2, 1, "withdrawn", "2026-06-01T10:00:00Z") | {"recorded_at": "2026-06-02T00:00:00Z"}
        objected = no(3, 3, "objected", "2026-07-01T10:00:00Z", "partner_offers") | {"recorded_at": "2026-07-02T00:00:00Z"}
        add_events(db, [yes(1, 2, 101) | early, withdrawn, objected])
    run_stage(consent, warehouse, settings)
    return warehouse


def told(warehouse: Warehouse, settings: Settings, person: str = "P-ANA", purpose: str = "newsletter", **when: datetime) -> dict[str, object]:
    with warehouse.transaction() as db:
        return explain_purpose(db, replace(settings, language="en"), person, purpose, **when)


def test_the_answer_names_every_event_restriction_rule_and_article(decided: Warehouse, settings: Settings) -> None:
    found = told(decided, settings)
    (email,) = found["decisions"]
    assert (email["channel"], email["contact point"], email["allowed"]) == ("email", "email 1", False)
    assert [reason["code"] for reason in email["reasons"]] == ["OBJECTED_TO_MARKETING", "WITHDRAWN", "NO_OF_POSSIBLE_SAME_PERSON"]
    assert all("LGPD art." in reason["text"] for reason in email["reasons"])
    assert [(event["said"], event["own record"]) for event in found["events"]] == [("granted", True), ("withdrawn", True), ("objected", False)]
    assert found["events"][0]["does"] == ["proven consent for this contact point, purpose, version and channel (LGPD art. 7 I, 8; GDPR art. 6(1)(a), 7)"]
    assert {"LGPD", "GDPR", "majority", "retention", "versions that count"} <= {rule["rule"] for rule in found["rules"]}
    assert "@" not in json.dumps(found)


@pytest.mark.parametrize("purpose", ["newsletter", "service", "billing", "satisfaction_survey", "fraud_prevention", "partner_offers"])
def test_it_says_what_the_permission_table_says(decided: Warehouse, settings: Settings, purpose: str) -> None:
    with decided.transaction() as db:
        table = db.read(tables.permission, where=tables.permission.c.purpose == purpose)
    for person in ("P-ANA", "P-BIA"):
        found = told(decided, settings, person, purpose)["decisions"]
        rows = table[table["person_id"] == person]
        assert sorted((row["channel"], row["allowed"]) for row in found) == sorted(zip(rows["channel"], rows["allowed"], strict=True))
        assert sorted(",".join(reason["code"] for reason in row["reasons"]) for row in found) == sorted(rows["reasons"])


def test_it_answers_as_effective_at_and_as_known_at(decided: Warehouse, settings: Settings) -> None:
    may = datetime(2026, 5, 1, tzinfo=UTC)
    assert told(decided, settings, effective_at=may)["decisions"][0]["allowed"] is True
    assert told(decided, settings, effective_at=AS_OF, known_at=AS_OF)["decisions"][0]["allowed"] is False
    assert told(decided, settings, effective_at=AS_OF, known_at=AS_OF)["events"] == told(decided, settings)["events"]
    assert told(decided, settings, effective_at=AS_OF, known_at=may)["decisions"] == []  # nobody was anybody's record before the first batch


def test_a_purpose_nobody_knows_is_answered_with_the_nearest(decided: Warehouse, settings: Settings) -> None:
    with pytest.raises(NotFound, match="did you mean 'newsletter'"):
        told(decided, settings, purpose="newsleter")


def test_the_matrix_says_exactly_what_the_policy_allows() -> None:
    policy = load_policy(ROOT / "privacy" / "policy.yml")
    first, *rest = matrix.as_csv(policy, "en").splitlines()
    assert policy.digest in first and policy.policy_version in first
    rows = list(csv.DictReader(io.StringIO("\n".join(rest))))
    assert {code: sum(row[code] == "x" for row in rows) for code in policy.purposes} == {
        code: len(purpose.fields) + purpose.texts for code, purpose in policy.purposes.items()
    }
    for language in ("pt", "en"):
        text = matrix.as_text(policy, language)
        assert policy.digest in text and policy.officer.name in text
        assert all(purpose.lgpd.article in text for purpose in policy.purposes.values())


def test_check_policy_prints_and_writes_the_matrix(settings: Settings, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    file = settings.home / "matrix.csv"
    settings.home.mkdir(parents=True, exist_ok=True)
    result = CliRunner().invoke(app, ["check", "policy", "--out", str(file), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["sha256"] in file.read_text(encoding="utf-8")
