"""The mappings the how-to shows turn Salesforce's and HubSpot's shapes into the right consent events, and a bare flag into nothing proven."""

import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
import yaml

from contacts.settings import ROOT
from pipelines.sources.consents import consent_events
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows
from pipelines.sources.words import Source
from privacy.policy import load_policy
from privacy.proof import Circumstances, faults_of
from privacy.reasons import codes
from privacy.timeline import Event

KEY = bytes(32)
POLICY = load_policy(ROOT / "privacy" / "policy.yml")
PAGE = (ROOT / "docs" / "how-to" / "consents-from-a-crm.md").read_text(encoding="utf-8")
SALESFORCE, HUBSPOT = (Source.model_validate(yaml.safe_load(block)) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
OPT_IN = {
    "Id": "0ZX1", "PrivacyConsentStatus": "OptIn", "DataUsePurpose": {"Name": "Newsletter"}, "ContactPointType": "Email", "CaptureSource": "Web",
    "CaptureDate": "2026-03-01T10:00:00.000+0000", "NoticeVersion__c": "v3", "ContactPointEmail": {"EmailAddress": "ana@example.com"},
}  # fmt: skip
STATUS = {"contactId": "7", "subscriptionId": "1001", "status": "SUBSCRIBED", "legalBasis": "CONSENT_WITH_NOTICE", "updatedAt": "2026-05-01T00:00:00Z"}
PROVED = {"newsletter_optin_at": "2026-03-01T10:00:00Z", "newsletter_optin_method": "form", "newsletter_text_version": "v3"}


def test_the_page_in_portuguese_shows_the_same_mappings() -> None:
    twin = (ROOT / "docs" / "how-to" / "consents-from-a-crm.pt-BR.md").read_text(encoding="utf-8")
    blocks = [re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) for page in (PAGE, twin)]
    assert blocks[0] == blocks[1] and len(blocks[0]) == 2


def said(source: Source, row: dict[str, Any]) -> list[dict[str, Any]]:
    heads = pd.DataFrame({"record_id": [7], "raw_id": [70], "source_key": ["1"], "gone": [False]})
    rows = Rows(source, next(iter(source.objects.values())), heads, pd.json_normalize(row).to_dict("records"))  # as the reader lays rows out
    found = consent_events(rows, contact_points(rows, KEY), KEY)
    return [{name: None if pd.isna(value) else value for name, value in event.items()} for event in found.to_dict("records")]


def hubspot(row: dict[str, Any], **properties: Any) -> list[dict[str, Any]]:
    return said(HUBSPOT, STATUS | row | {"properties": {"email": "ana@example.com"} | properties})


def proof_lacks(event: dict[str, Any]) -> set[str]:
    facts = Event(**{name: event[name] for name in Event.__dataclass_fields__ if name in event})
    case = Circumstances(POLICY, datetime(2026, 11, 22, tzinfo=UTC), "email", 1, 0, minor=False, of_age=True, consent_only=False, unnoticed=frozenset())
    return set(codes(faults_of(facts, (), POLICY.purposes["newsletter"], case)).split(",")) - {""}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (OPT_IN, [("granted", "newsletter", "email")]),
        (OPT_IN | {"PrivacyConsentStatus": "OptOut"}, [("withdrawn", "newsletter", "*")]),
        (OPT_IN | {"PrivacyConsentStatus": "Seen"}, []),
        (OPT_IN | {"PrivacyConsentStatus": "NotSeen"}, []),
        (OPT_IN | {"DataUsePurpose": {"Name": "Analytics"}}, []),
        (OPT_IN | {"ContactPointType": "Phone"}, []),
        ({"Id": "1", "Individual": {"HasOptedOutSolicit": True}}, [("objected", "newsletter", "*"), ("objected", "partner_offers", "*")]),
        ({"Id": "1", "Individual": {"HasOptedOutProcessing": True}}, [("restricted", "*", "*")]),
    ],
)
def test_salesforce_says_what_its_row_says(row: dict[str, Any], expected: list[tuple[str, str, str]]) -> None:
    assert [(event["type"], event["purpose"], event["channel"]) for event in said(SALESFORCE, row)] == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, [("granted", "newsletter")]),
        ({"status": "NOT_SUBSCRIBED"}, [("withdrawn", "newsletter")]),
        ({"status": "UNSUBSCRIBED", "legalBasis": None}, [("withdrawn", "newsletter")]),
        ({"status": "NOT_SPECIFIED"}, []),
        ({"legalBasis": "LEGITIMATE_INTEREST_CLIENT"}, []),
        ({"legalBasis": "PERFORMANCE_OF_CONTRACT"}, []),
        ({"subscriptionId": "2002"}, []),
    ],
)
def test_hubspot_says_what_its_status_says(row: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [(event["type"], event["purpose"]) for event in hubspot(row)] == expected


def test_a_hubspot_opt_out_of_everything_is_an_objection() -> None:
    found = hubspot({"status": "NOT_SPECIFIED"}, hs_email_optout="true", lastmodifieddate="2026-05-01T00:00:00Z")
    assert {(event["type"], event["purpose"]) for event in found} == {("objected", "newsletter"), ("objected", "partner_offers")}


def test_what_proves_when_how_and_what_text_has_no_fault_and_a_bare_flag_is_unproven() -> None:
    (whole,), (other,) = said(SALESFORCE, OPT_IN), hubspot({}, **PROVED)
    assert (proof_lacks(whole), proof_lacks(other)) == (set(), set())
    assert whole["effective_at"] == "2026-03-01T10:00:00Z" and whole["point_ref"] is not None and whole["method"] == "web form"
    (bare,) = said(SALESFORCE, {name: value for name, value in OPT_IN.items() if name not in ("CaptureDate", "CaptureSource", "NoticeVersion__c")})
    (flag,) = hubspot({})
    for event in (bare, flag):
        assert proof_lacks(event) >= {"PROOF_WITHOUT_TIME", "PROOF_WITHOUT_METHOD", "PROOF_WITHOUT_TEXT"}
