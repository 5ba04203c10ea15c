"""Invented contacts for tests of the rules: a sound one by default, with the flaws a test asks for."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts.warehouse import TEXT
from expectations.frames import CONSENT_COLUMNS, CONTACT_COLUMNS, INTERACTION_COLUMNS, NOTE_COLUMNS, POINT_COLUMNS, Inputs, build_frames

AS_OF = datetime(2026, 11, 22, 6, tzinfo=UTC)
SOUND = {
    "source": "crm", "state": "active", "batch_no": 1, "kind": "person", "full_name": "Maria Exemplo", "given_name": "Maria",
    "family_name": "Exemplo", "social_name": None, "company": None,
    "birth_date": "1990-05-17", "birth_precision": "day", "cpf": None, "cnpj": None, "street": None, "city": "São Paulo", "uf": "SP",
    "postal_code": "01310100", "country": "BR", "name_key": "maria exenplo", "source_created_at": "2024-03-01T12:00:00Z",
    "source_updated_at": "2026-03-01T12:00:00Z", "team": None, "entered_by": None,
}  # fmt: skip
EMAIL = {"type": "email", "value": "maria@exemplo.com.br", "match_key": "maria@exemplo.com.br", "subtype": "personal", "status": "ok", "verified_at": None}
PHONE = {"type": "phone", "value": "+5511987654321", "match_key": "1187654321", "subtype": "mobile", "status": "ok", "verified_at": None}
YES = {
    "purpose": "newsletter", "channel": "email", "type": "granted", "effective_at": "2026-05-01T12:00:00Z", "recorded_at": "2026-05-02T06:00:00Z",
    "actor": "self", "method": "web form", "text_version": "v1", "text_hash": None, "to": 0,
}  # fmt: skip
"""A consent; ``to`` is the place of the contact point it is bound to, None for none, LOST for one the record no longer has."""
TICKET = {"channel": "email", "status": "solved", "opened_at": "2026-06-01T09:00:00Z", "updated_at": "2026-06-02T09:00:00Z", "by": "owner"}
"""An interaction; ``by`` is its requester: owner, nobody, stranger."""
LOST = -1


def person(*points: dict[str, Any], notes: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """One contact; without ``points`` it has a sound e-mail and a sound phone. ``notes`` maps field to reason.

    Among the changes, ``consents`` and ``tickets`` are lists of what differs from YES and TICKET.
    """
    return {**SOUND, **changes, "points": points or (EMAIL, PHONE), "notes": notes or {}}


def consenting(*consents: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A person who said this."""
    return person(**changes, consents=list(consents))


def asking(**ticket: Any) -> dict[str, Any]:
    """A person with one interaction."""
    return person(tickets=[ticket])


def email(value: str | None = None, **changes: Any) -> dict[str, Any]:
    """An e-mail; the match key is the value unless told."""
    return EMAIL | ({"value": value, "match_key": value} if value else {}) | changes


def phone(value: str | None = None, **changes: Any) -> dict[str, Any]:
    """A phone; the match key is the value unless told."""
    return PHONE | ({"value": value, "match_key": value} if value else {}) | changes


def unread(point: dict[str, Any]) -> dict[str, Any]:
    """The same contact point when standardising could not read it."""
    return point | {"value": None, "match_key": None, "status": "rejected"}


def columns(people: list[dict[str, Any]]) -> Inputs:
    """The tables' rows as the warehouse gives them; record ids count from 1 unless a person brings one, those of interactions from 1001."""
    people = [{"record_id": place, **one} for place, one in enumerate(people, start=1)]
    points = [
        {"record_id": one["record_id"], "position": place, "point_ref": _reference(one, place), **point}
        for one in people
        for place, point in enumerate(one["points"])
    ]
    notes = [{"record_id": one["record_id"], "field": field, "reason": reason} for one in people for field, reason in one["notes"].items()]
    consents = [
        {**YES, **told, "record_id": one["record_id"], "source": one["source"], "point_ref": _reference(one, {**YES, **told}["to"])}
        for one in people
        for told in one.get("consents", ())
    ]
    asked = [{**TICKET, **ticket, "source": one["source"], "owner": one["record_id"]} for one in people for ticket in one.get("tickets", ())]
    requester = {"nobody": None, "stranger": 999_999}
    tickets = [{**one, "interaction_id": place, "record_id": requester.get(one["by"], one["owner"])} for place, one in enumerate(asked, start=1001)]
    return Inputs(
        _frame(people, CONTACT_COLUMNS),
        _frame(points, POINT_COLUMNS),
        _frame(notes, NOTE_COLUMNS),
        _frame(consents, CONSENT_COLUMNS),
        _frame(tickets, INTERACTION_COLUMNS),
    )


def frames(people: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """The frames the rules look at."""
    return build_frames(columns(people))


def _reference(one: dict[str, Any], place: int | None) -> int | None:
    """A number for a contact point of a person; points of the same place of one record share it."""
    return None if place is None else int(one["record_id"]) * 100 + place + 1


def _frame(rows: list[dict[str, Any]], names: tuple[str, ...]) -> pd.DataFrame:
    kinds = dict.fromkeys(("batch_no", "position", "interaction_id"), "int64") | {"record_id": "Int64", "point_ref": "Int64"}
    frame = pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kinds.get(name, TEXT)) for name in names})
    return frame if frame["record_id"].hasnans else frame.astype({"record_id": "int64"})
