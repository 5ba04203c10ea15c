"""Consent evidence is taken down as it was given: every box of a form, with the text that was shown, by whom, for which address."""

from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from contacts.pseudonym import pseudonym
from pipelines.sources.consents import consent_events, text_hash
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows
from pipelines.sources.words import Consent, Source

KEY = bytes(32)
FORM = Source.model_validate(
    {
        "name": "form",
        "title": {"pt": "Formulário", "en": "Form"},
        "owner": "tests",
        "trust": "50",
        "country": "BR",
        "objects": {
            "entries": {
                "kind": "contact",
                "read": {"format": "jsonl", "files": "form.jsonl", "delivery": "changes"},
                "key": "id",
                "fields": {"email": "mail", "phone": "phone"},
                "consent_list": {
                    "column": "boxes",
                    "effective_at": "at",
                    "method_is": "web form",
                    "guardian": "guardian.name",
                    "purpose_versions": {"v2": "1"},
                },
            }
        },
    }
)
BOX = {"purpose": "newsletter", "channel": "email", "text": "Quero receber.", "version": "v2", "checked": True}


def events(boxes: Any, raw_id: int = 70, **row: Any) -> list[dict[str, Any]]:
    values = {"id": "1", "at": "2026-01-02T03:04:05Z", "mail": "ana@example.com, dois@example.com", "phone": "(11) 96412-0001", "boxes": boxes} | row
    heads = pd.DataFrame({"record_id": [7], "raw_id": [raw_id], "source_key": ["1"], "gone": [False]})
    rows = Rows(FORM, FORM.objects["entries"], heads, [values])
    found = consent_events(rows, contact_points(rows, KEY), KEY)
    return [{name: None if pd.isna(value) else value for name, value in event.items()} for event in found.to_dict("records")]


def test_a_ticked_box_is_a_grant_for_the_first_address_with_the_hash_of_its_text() -> None:
    (event,) = events([BOX])
    event.pop("event_id")
    assert event == {
        "purpose": "newsletter", "purpose_version": "1", "channel": "email", "type": "granted", "effective_at": "2026-01-02T03:04:05Z", "actor": "self",
        "method": "web form", "text_version": "v2", "text_hash": text_hash("Quero receber."), "controller": "own",
        "expires_at": None, "record_id": 7, "evidence_raw_id": 70,
        "point_ref": pseudonym(KEY, "point", "email", "ana@example.com"),
    }  # fmt: skip


def test_an_empty_box_is_a_refusal_everywhere() -> None:
    (event,) = events([BOX | {"checked": False}])
    assert (event["type"], event["point_ref"]) == ("refused", None)


def test_every_box_counts_by_itself() -> None:
    found = events([BOX, BOX | {"channel": "whatsapp"}, BOX | {"purpose": "partner_offers", "checked": False}])
    assert [(event["purpose"], event["channel"], event["type"]) for event in found] == [
        ("newsletter", "email", "granted"),
        ("newsletter", "whatsapp", "granted"),
        ("partner_offers", "email", "refused"),
    ]


def test_a_guardian_is_the_actor_where_one_is_named() -> None:
    assert [event["actor"] for event in events([BOX], **{"guardian.name": "Perpétua Rocio"})] == ["guardian"]
    assert [event["actor"] for event in events([BOX], **{"guardian.name": " "})] == ["self"]


@pytest.mark.parametrize("missing", [{"text": ""}, {"version": ""}, {"text": None, "version": None}])
def test_without_text_or_version_the_proof_stays_incomplete(missing: dict[str, Any]) -> None:
    (event,) = events([BOX | missing])
    assert event["text_hash"] is None or event["text_version"] is None


@pytest.mark.parametrize(
    ("checked", "said"), [(True, "granted"), ("true", "granted"), ("sim", "granted"), (False, "refused"), ("", "refused"), (None, "refused"), (1.5, "refused")]
)
def test_only_a_clear_tick_is_a_yes(checked: Any, said: str) -> None:
    assert events([BOX | {"checked": checked}])[0]["type"] == said


def test_a_channel_nobody_knows_proves_nothing_and_denies_everything() -> None:
    for channel in ("carrier pigeon", "", None):
        (event,) = events([BOX | {"channel": channel}])
        assert (event["channel"], event["point_ref"]) == ("*", None)


@pytest.mark.parametrize("boxes", [None, [], "yes", {"purpose": "newsletter"}, [None, "x", {}, {"purpose": ""}, {"purpose": None}]])
def test_what_is_no_list_of_boxes_says_nothing(boxes: Any) -> None:
    assert events(boxes) == []


def test_the_same_statement_is_the_same_event_whatever_else_the_row_says() -> None:
    (before,), (after,) = events([BOX]), events([BOX], mail="nova@example.com", phone=None)
    assert before["event_id"] == after["event_id"]
    (later,) = events([BOX], at="2026-01-02T03:04:06Z")
    assert later["event_id"] != before["event_id"]
    assert len(events([BOX, dict(BOX)])) == 1


def _sale(**row: Any) -> list[dict[str, Any]]:
    """The events of an order, read by a rule that says ``bought``."""
    rule = {
        "when": {"column": "status", "equals": "paid"}, "says": "bought", "purposes": "own_offers", "channels": "email", "actor": "import",
        "effective_at": "at", "reference": "order", "text_version": "version", "texts": {"v1": "Pode recusar ofertas quando quiser."},
    }  # fmt: skip
    entries = FORM.objects["entries"].model_dump(exclude={"consent_list"}) | {"consents": [rule]}
    shop = Source.model_validate(FORM.model_dump() | {"objects": {"entries": entries}})
    values = {"id": "1", "at": "2026-01-02T03:04:05Z", "mail": "ana@example.com", "status": "paid", "order": "PED-77", "version": "v1"} | row
    rows = Rows(shop, shop.objects["entries"], pd.DataFrame({"record_id": [7], "raw_id": [70], "source_key": ["1"], "gone": [False]}), [values])
    return consent_events(rows, contact_points(rows, KEY), KEY).to_dict("records")


def test_a_sale_is_on_record_only_with_its_reference_and_for_the_address_of_its_row() -> None:
    (event,) = _sale()
    assert (event["type"], event["point_ref"], event["evidence_raw_id"]) == ("bought", pseudonym(KEY, "point", "email", "ana@example.com"), 70)
    assert event["text_hash"] == text_hash("Pode recusar ofertas quando quiser.")
    assert _sale(order=" ") == _sale(order=None) == _sale(status="cart") == []


def test_only_a_sale_has_a_reference_and_it_needs_one() -> None:
    for says, reference in (("bought", None), ("granted", "order")):
        rule = {"when": {"column": "a", "equals": "b"}, "says": says, "purposes": "x", "channels": "email", "actor": "self", "reference": reference}
        with pytest.raises(ValidationError, match="reference"):
            Consent.model_validate(rule)


def test_blanks_and_composition_of_letters_do_not_change_a_text() -> None:
    assert text_hash("Aceito  condições\n") == text_hash("Aceito condic\u0327o\u0303es")
    assert text_hash("Aceito condições") != text_hash("Aceito condicoes")


def test_a_no_without_a_date_is_said_anew_by_every_version_of_its_row_and_a_yes_is_not() -> None:
    no, yes = [BOX | {"checked": False}], [BOX]
    assert events(no, at=None)[0]["event_id"] == events(no, at="some day")[0]["event_id"]
    assert events(no, at=None)[0]["event_id"] != events(no, raw_id=71, at=None)[0]["event_id"]
    assert events(yes, at=None)[0]["event_id"] == events(yes, raw_id=71, at=None)[0]["event_id"]
    assert events(no)[0]["event_id"] == events(no, raw_id=71)[0]["event_id"]


def test_a_purpose_that_is_no_code_is_unknown_and_a_version_that_is_none_proves_nothing() -> None:
    said = [BOX | {"purpose": "Ana Prado, CPF 529.982.247-25"}, BOX | {"version": "ligar para Ana"}, BOX | {"purpose": "Newsletter", "version": "v2.1"}]
    assert [(event["purpose"], event["text_version"]) for event in events(said)] == [("unknown", "v2"), ("newsletter", None), ("newsletter", "v2.1")]
