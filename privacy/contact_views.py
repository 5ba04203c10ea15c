"""The views of whom a purpose may contact at this very moment: the hours worked out last, the database's clock, and nothing done since."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, exists, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from contacts.tables import clean_row, contact_attempt, contact_window, membership, permission

CONTACTABLE_VIEW = "contactable_now"
"""Every purpose in one, for the officer: pseudonyms only."""
_KEY = ("person_id", "purpose", "channel", "point_ref")


class utc_now(FunctionElement):  # written like SQL's own functions
    """The database's clock as the warehouse writes moments."""

    type = Text()
    inherit_cache = True


@compiles(utc_now, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@compiles(utc_now, "postgresql")
def _postgres(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"


def contactable_of(columns: Sequence[ColumnElement[Any]], permitted: ColumnElement[bool]) -> Select[Any]:
    """The rows of a clean view that may be contacted now: its ``columns``, until when, and in which language."""
    joined = and_(*[contact_window.c[name] == clean_row.c[name] for name in _KEY])
    until = (contact_window.c.closes_at.label("contactable_until"), contact_window.c.contact_language)
    return select(*columns, *until).join_from(clean_row, contact_window, joined).where(permitted, *_open())


def contactable_now() -> Select[Any]:
    """Whom any purpose may contact now, by pseudonym."""
    still = exists(select(1).where(*[permission.c[name] == contact_window.c[name] for name in _KEY], permission.c.allowed))
    names = (*_KEY, "opens_at", "closes_at", "computed_at", "reasons", "policy_version")
    return select(*[contact_window.c[name] for name in names]).where(still, *_open())


def _open() -> tuple[ColumnElement[bool], ...]:
    """Within the hours, and not contacted since they were worked out: a cap may be full now, so the next refresh decides."""
    record = and_(membership.c.record_id == contact_attempt.c.record_id, membership.c.person_id == contact_window.c.person_id)
    since = or_(contact_attempt.c.at > contact_window.c.computed_at, contact_attempt.c.recorded_at > contact_window.c.computed_at)
    theirs = exists(select(1).select_from(contact_attempt).join(membership, record).where(since))
    here = exists(select(1).where(contact_attempt.c.point_ref == contact_window.c.point_ref, since))
    return (contact_window.c.opens_at <= utc_now(), utc_now() < contact_window.c.closes_at, ~or_(theirs, here))
