"""Consent receipts a person can be handed: what was said, about what, when and on what proof, as JSON-LD.

The structure follows ISO/IEC TS 27560:2023 as the W3C community group's guide writes it in DPV (a receipt around a consent record).
Only terms in ``DPV`` are said in that vocabulary; what it has no term for, the LGPD above all, stands in our own namespace ``lastro:``,
so that nobody takes a word of ours for the standard's. Nothing is fetched: the context is inside the document.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from privacy.grounds import GDPR_6, LGPD_7
from privacy.policy import Policy

OURS = "urn:lastro:terms#"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "lastro": OURS,
}
DPV = (
    "dpv:Consent", "dpv:ConsentGiven", "dpv:ConsentReceipt", "dpv:ConsentRecord", "dpv:ConsentRefused",
    "dpv:ConsentUnknown", "dpv:ConsentWithdrawn", "dpv:Process", "dpv:hasConsentStatus", "dpv:hasDataController", "dpv:hasDataSubject",
    "dpv:hasLegalBasis", "dpv:hasProcess", "dpv:hasPurpose", "dpv:hasRecordOfActivity", "dpv:isIndicatedAtTime", "dpv:isIndicatedBy", "eu-gdpr:A6-1-a",
)  # fmt: skip
"""The terms used that are the Data Privacy Vocabulary's (2.x); everything else is ours or Dublin Core's."""
STATUS = {
    "granted": "dpv:ConsentGiven", "confirmed": "dpv:ConsentGiven", "refused": "dpv:ConsentRefused", "withdrawn": "dpv:ConsentWithdrawn",
    "objected": "lastro:Objected", "restricted": "lastro:Restricted", "lifted": "lastro:RestrictionLifted", "wrong_person": "lastro:WrongPerson",
    "notified": "lastro:Notified", "bought": "lastro:Bought",
}  # fmt: skip
"""An event's kind as a consent status. An objection or a restriction is no status of a consent in DPV, so the word is ours."""
UNPROVEN = "dpv:ConsentUnknown"


def receipts(policy: Policy, person_id: str, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One JSON-LD document with a receipt for every event, oldest first.

    ``events``: consent_event rows with ``contact`` (a masked value or None) and ``faults`` (reason codes; a grant that has any is UNPROVEN).
    The ledger of the warehouse stays the proof: a receipt repeats it and is not signed.
    """
    ordered = sorted(events, key=lambda event: (event["effective_at"] or event["recorded_at"], event["event_id"]))
    found = [_receipt(policy, person_id, event) for event in ordered]
    return {
        "@context": CONTEXT,
        "dct:conformsTo": "ISO/IEC TS 27560:2023 (style of; not certified)",
        "lastro:termsOfDPV": list(DPV),
        "lastro:otherTerms": "dct: is Dublin Core; lastro: is this house's own, its articles of the LGPD are our mapping and not part of DPV",
        "@graph": found,
    }


def _receipt(policy: Policy, person_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
    faults = list(event["faults"])
    status = UNPROVEN if faults and event["type"] == "granted" else STATUS.get(event["type"], f"lastro:{event['type']}")
    moment = event["effective_at"] or event["recorded_at"]
    said = {
        "@id": f"urn:lastro:consent:{event['event_id']}",
        "@type": "dpv:ConsentRecord",
        "dpv:hasDataSubject": f"urn:lastro:person:{person_id}",
        "dpv:hasDataController": policy.controller.name if event["controller"] == "own" else event["controller"],
        "dpv:hasConsentStatus": {"@id": status},
        "dpv:isIndicatedAtTime": moment,
        "dpv:isIndicatedBy": event["actor"],
        "dpv:hasProcess": _process(policy, event),
        "lastro:recordedAt": event["recorded_at"],
        "lastro:source": event["source"],
        "lastro:contact": event["contact"],
        "lastro:method": event["method"],
        "lastro:textVersion": event["text_version"],
        "lastro:textSha256": event["text_hash"],
        "lastro:expiresAt": event["expires_at"],
        "lastro:faults": faults,
    }
    record = {name: value for name, value in said.items() if value not in (None, [])}
    return {"@id": f"urn:lastro:receipt:{event['event_id']}", "@type": "dpv:ConsentReceipt", "dct:publisher": policy.controller.name,
            "dpv:hasRecordOfActivity": record}  # fmt: skip


def _process(policy: Policy, event: Mapping[str, Any]) -> dict[str, Any]:
    """What was spoken about: purpose, channel and grounds; a purpose the policy does not know has no ground here."""
    told: dict[str, Any] = {"@type": "dpv:Process", "dpv:hasPurpose": f"lastro:{event['purpose']}", "lastro:channel": event["channel"]}
    if event["purpose_version"]:
        told["lastro:purposeVersion"] = event["purpose_version"]
    purpose = policy.purposes.get(event["purpose"])
    if purpose is None:
        return told
    grounds = [
        {"@id": f"lastro:{ground.article.replace(' ', '-').replace('.', '')}", "dct:title": f"{ground.article}: {ground.en}"}
        for ground in (LGPD_7[purpose.lgpd.ground], GDPR_6[purpose.gdpr.ground])
    ]
    terms = ["dpv:Consent", "eu-gdpr:A6-1-a"] if purpose.gdpr.ground == "consent" else ["dpv:Consent"] if purpose.lgpd.ground == "consent" else []
    return told | {"dct:title": purpose.title.en, "dpv:hasLegalBasis": [{"@id": term} for term in terms] + grounds}
