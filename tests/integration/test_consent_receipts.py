"""A person's consent receipts: what is DPV's is said so, values are masked, the file is its owner's alone."""

import json
import re
from pathlib import Path

import pytest

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import consent_receipts
from privacy.consent_receipts import CONTEXT, DPV
from tests.integration.privacy_batch import EMAIL, add_events, add_people, no, yes


def test_receipts_tell_every_event_masked_and_in_words_that_say_whose_they_are(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LASTRO_HOME", str(settings.home))
    monkeypatch.setenv("LASTRO_DATABASE_URL", settings.database_url)
    with warehouse.transaction() as db:
        add_people(db)
        db.update(tables.contact_point, tables.contact_point.c.record_id == 2, value="jacarandavel@example.com")
        bare = yes(2, 1, EMAIL["P-ANA"], at="2026-02-01T10:00:00Z") | {"method": None, "text_hash": None}
        add_events(db, [yes(1, 2, EMAIL["P-ANA"]), bare, no(3, 1, "withdrawn", "2026-04-01T10:00:00Z"), no(4, 1, "objected", "2026-05-01T10:00:00Z")])
        document = consent_receipts.of_person(db, settings, "P-ANA")
        with pytest.raises(NotFound):
            consent_receipts.of_person(db, settings, "P-BIA")
    records = [receipt["dpv:hasRecordOfActivity"] for receipt in document["@graph"]]
    status = [record["dpv:hasConsentStatus"]["@id"] for record in records]
    assert status == ["dpv:ConsentUnknown", "dpv:ConsentGiven", "dpv:ConsentWithdrawn", "lastro:Objected"]
    assert records[0]["lastro:faults"] == ["PROOF_WITHOUT_METHOD", "PROOF_WITHOUT_TEXT"] and "lastro:faults" not in records[1]
    bases = [basis["@id"] for basis in records[1]["dpv:hasProcess"]["dpv:hasLegalBasis"]]
    assert bases == ["dpv:Consent", "eu-gdpr:A6-1-a", "lastro:LGPD-art-7-I", "lastro:GDPR-art-6(1)(a)"]
    text = json.dumps(document)
    assert "jacarandavel" not in text and records[1]["lastro:contact"] == "j***@e***.com"
    used = set(re.findall(r'"((?:dpv|eu-gdpr):[^"]+)"', text.replace(json.dumps(document["lastro:termsOfDPV"]), "")))
    assert used <= set(DPV) and {term.partition(":")[0] for term in used} <= set(CONTEXT), "a DPV term that is not in the checked list"
    file = tmp_path / "receipts.jsonld"
    consent_receipts.show("P-ANA", str(file))
    assert file.stat().st_mode & 0o077 == 0 and json.loads(file.read_text("utf-8")) == document
    with pytest.raises(ConfigurationError, match="there already"):
        consent_receipts.show("P-ANA", str(file))
