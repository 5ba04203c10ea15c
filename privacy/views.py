"""The clean views and the pointer they read: write, audit, publish in one transaction; roll back by moving the pointer.

A view shows the permitted columns of the live version, and of its rows only those the permission table allows **now**:
a withdrawal takes effect with the consent stage, even while the new version waits for a person or after a rollback.
A purpose that reads texts has a second view, of the redacted ones only.
"""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import ScalarSelect, Select, exists, func, inspect, select, text

from contacts import ledger
from contacts.errors import ApprovalNeeded, ConfigurationError, GateClosed, NotFound
from contacts.model import Run, instant
from contacts.tables import OUR_VIEWS, batch, clean_masked, clean_officer, clean_row, free_text, interaction, live, membership, permission, publication
from contacts.warehouse import Transaction
from privacy.contact_views import CONTACTABLE_VIEW, contactable_now, contactable_of
from privacy.policy import ANALYST_COLUMNS, NOW, TEXTS, Policy

KEPT = 3
"""Published versions that stay."""
ANALYST_VIEW, OFFICER_VIEW = "clean_analyst", "clean_officer_view"
_VERSIONED = (clean_row, clean_masked, clean_officer)


def view_of(purpose: str) -> str:
    """Name of a purpose's clean view."""
    return f"clean_{purpose}"


def texts_view_of(purpose: str) -> str:
    """Name of a purpose's view of redacted texts."""
    return view_of(purpose) + TEXTS


def now_view_of(purpose: str) -> str:
    """Name of a purpose's view of whom it may contact at this moment."""
    return view_of(purpose) + NOW


def views(policy: Policy) -> dict[str, Select[Any]]:
    """Every clean view and its definition."""
    version = select(live.c.batch_no).where(live.c.slot == 1).scalar_subquery()
    found: dict[str, Select[Any]] = {}
    for code, purpose in policy.purposes.items():
        names = ["person_id", *(["channel"] if purpose.channels else []), *(["contact_value"] if purpose.reads_contact_value else []), *purpose.columns]
        key = [permission.c[name] == clean_row.c[name] for name in ("person_id", "purpose", "channel", "point_ref")]
        still = exists(select(1).where(*key, permission.c.allowed))
        columns = [clean_row.c[name] for name in (*names, "basis", "valid_until", "policy_version", "derived_at", "stale_after", "batch_no")]
        found[view_of(code)] = select(*columns).where(clean_row.c.purpose == code, clean_row.c.batch_no == version, still)
        if purpose.channels:
            found[now_view_of(code)] = contactable_of(columns, still).where(clean_row.c.purpose == code, clean_row.c.batch_no == version)
        if purpose.texts:
            found[texts_view_of(code)] = _texts(code, version)
    shown = [name for name in ANALYST_COLUMNS if policy.analyst[name] != "drop"]
    restricted = exists(select(1).where(permission.c.person_id == clean_masked.c.person_id, permission.c.state == "RESTRICTED"))
    columns = [clean_masked.c[name] for name in ("person_id", "kind", *shown, "records", "sources", "batch_no")]
    found[ANALYST_VIEW] = select(*columns).where(clean_masked.c.batch_no == version, ~restricted)
    found[CONTACTABLE_VIEW] = contactable_now()
    found[OFFICER_VIEW] = select(*clean_officer.c).where(clean_officer.c.batch_no == version)
    return found


def _texts(code: str, version: ScalarSelect[Any]) -> Select[Any]:
    """Redacted texts up to the live version of whoever the purpose may reach now, on whatever channel; never the text as it came.

    A text said in an interaction comes with its channel and its time; a note about a person has neither.
    """
    may = exists(select(1).where(permission.c.person_id == membership.c.person_id, permission.c.purpose == code, permission.c.allowed))
    columns = (
        membership.c.person_id,
        free_text.c.source,
        free_text.c.field,
        free_text.c.redacted.label("text"),
        interaction.c.channel,
        interaction.c.opened_at,
    )
    joined = select(*columns, free_text.c.batch_no).join_from(free_text, membership, membership.c.record_id == free_text.c.record_id)
    joined = joined.outerjoin(interaction, interaction.c.interaction_id == free_text.c.interaction_id)
    return joined.where(free_text.c.redacted.is_not(None), free_text.c.batch_no <= version, may)


def refresh_views(db: Transaction, policy: Policy) -> bool:
    """Bring the database's clean views in line with the policy; True when anything changed. Untouched views keep their grants."""
    wanted = {
        name: str(query.compile(dialect=db.connection.dialect, compile_kwargs={"literal_binds": True})).replace("\n", " ")
        for name, query in views(policy).items()
    }
    there = {name: _stored(db, name) for name in inspect(db.connection).get_view_names() if name.startswith(OUR_VIEWS)}
    stale = [name for name in there if there[name] != wanted.get(name)]
    for name in stale:
        db.connection.exec_driver_sql(f'DROP VIEW "{name}"')
    for name in (new := [name for name in wanted if there.get(name) != wanted[name]]):
        barrier = " WITH (security_barrier)" if db.is_postgres else ""  # a reader's own function must not see filtered rows
        db.connection.exec_driver_sql(f'CREATE VIEW "{name}"{barrier} AS {wanted[name]}')
        if db.is_postgres:
            db.connection.exec_driver_sql(f"COMMENT ON VIEW \"{name}\" IS '{_quoted(wanted[name])}'")
    return bool(stale or new)


def check_gate(run: Run) -> None:
    """Let a green batch pass, an amber one with a name that answers for it; record the approval.

    Raises GateClosed (red, or never judged) or ApprovalNeeded (amber).
    """
    row = run.db.read(batch, "gate", "approved_by", where=batch.c.number == run.batch.number).iloc[0]
    gate, known = row["gate"], row["approved_by"] if isinstance(row["approved_by"], str) else ""
    if gate not in ("green", "amber"):
        raise GateClosed(
            f"The quality gate of batch {run.batch.batch_id} is {gate if isinstance(gate, str) else 'not decided'}: nothing was published.",
            "The report names the rules that failed; the last published version stays.",
        )
    if gate == "amber" and not (run.approved_by or known):
        raise ApprovalNeeded(
            f"The quality gate of batch {run.batch.batch_id} is amber: a person has to decide.",
            f"Read the report, then `lastro run --batch {run.batch.batch_id} --approve WHO`, or mend the source.",
        )
    if gate == "amber" and run.approved_by and run.approved_by != known:
        run.db.update(batch, batch.c.number == run.batch.number, approved_by=run.approved_by)
        ledger.append(run.db, "gate.approved", run.approved_by, run.batch.number, {"gate": gate})


def check_transfers(policy: Policy, on: date) -> None:
    """Refuse to publish while a consumer's way out of the country is closed (LGPD art. 33, GDPR ch. V). Raises ConfigurationError naming it."""
    if closed := policy.closed_transfers(on):
        raise ConfigurationError(
            f"consumers.{closed[0]}: nothing lets data go to its country on {on}; nothing was published.",
            "Renew its `transfer:`, or take the consumer out of the policy.",
        )


def write_version(db: Transaction, number: int, rows: pd.DataFrame, masked: pd.DataFrame, officer: pd.DataFrame) -> None:
    """Put the three clean tables of a batch in place of what an earlier try of the same batch wrote."""
    for table, frame in zip(_VERSIONED, (rows, masked, officer), strict=True):
        db.replace(table, frame.assign(batch_no=number), table.c.batch_no == number)


def audit(db: Transaction, policy: Policy, number: int) -> None:
    """Refuse a written version with a row without permission, a field its purpose may not see, or a purpose nobody declared. Raises GateClosed."""
    mine = clean_row.c.batch_no == number
    key = [permission.c[name] == clean_row.c[name] for name in ("person_id", "purpose", "channel", "point_ref")]
    without = select(func.count()).select_from(clean_row).where(mine, ~exists(select(1).where(*key, permission.c.allowed)))
    found = {"rows_without_permission": int(db.execute(without).scalar_one()), "fields_not_permitted": 0}
    for code, purpose in policy.purposes.items():
        counted = db.execute(select(*[func.count(clean_row.c[name]) for name in purpose.closed]).where(mine, clean_row.c.purpose == code)).one()
        found["fields_not_permitted"] += sum(counted)
    found["purposes_unknown"] = db.count(clean_row, mine & clean_row.c.purpose.not_in(list(policy.purposes)))
    faults = ", ".join(f"{n} {what}" for what, n in found.items() if n)
    if faults:
        raise GateClosed(f"The audit of the new version found {faults}; nothing was published.", "The last published version stays.")


def move_pointer(db: Transaction, number: int, actor: str) -> int:
    """Make a written version the live one and log the publication; returns how many versions stay.

    Repeated for the batch that is live already, it rewrites the same log row.
    """
    log = db.read(publication, "publication_no", "batch_no", "action")
    again = bool(len(log)) and (log["batch_no"].iloc[-1], log["action"].iloc[-1]) == (number, "publish")
    row = {"publication_no": len(log) + (not again), "batch_no": number, "action": "publish", "actor": actor}
    db.upsert(publication, [row | {"at": instant(datetime.now(UTC))}])
    db.upsert(live, [{"slot": 1, "batch_no": number}])
    kept = versions(db)
    for table in _VERSIONED:
        db.delete(table, table.c.batch_no.not_in(kept))
    return len(kept)


def versions(db: Transaction) -> list[int]:
    """The published versions that can be live, oldest first, the live one last: a rollback takes the newest away, so it is never returned to."""
    stack: list[int] = []
    for number, action in db.read(publication)[["batch_no", "action"]].itertuples(index=False, name=None):
        rest = [known for known in stack if known != number]
        stack = [*rest, number][-KEPT:] if action == "publish" else stack[: stack.index(number) + 1]
    return stack


def rollback(db: Transaction, actor: str) -> tuple[int, int]:
    """Move the pointer to the version that was live before; returns (from, to). Raises NotFound when there is none."""
    stack = versions(db)
    if len(stack) < 2:
        raise NotFound(
            "There is no earlier published version to go back to.", f"The last {KEPT} published versions are kept; `lastro status` lists the batches."
        )
    before, after = stack[-1], stack[-2]
    row = {"publication_no": db.count(publication) + 1, "batch_no": after, "action": "rollback", "actor": actor}
    db.append(publication, [row | {"at": instant(datetime.now(UTC))}])
    db.upsert(live, [{"slot": 1, "batch_no": after}])
    ledger.append(db, "publish.rollback", actor, before, {"from": before, "to": after})
    return before, after


def _stored(db: Transaction, name: str) -> str:
    """The definition a view was made from, as ``refresh_views`` wrote it."""
    if db.is_postgres:
        query = text("SELECT obj_description(to_regclass(:name), 'pg_class')").bindparams(name=f'"{name}"')
        return db.connection.execute(query).scalar() or ""
    query = text("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = :name").bindparams(name=name)
    return (db.connection.execute(query).scalar() or "").partition(" AS ")[2]


def _quoted(value: str) -> str:
    return value.replace("'", "''")
