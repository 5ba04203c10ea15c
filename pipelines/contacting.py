"""`lastro may-contact` and `lastro contactable`: who may be contacted now, why not, and when next; and the hours the clean views show."""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import one_of
from contacts.errors import ConfigurationError, NotFound
from contacts.model import instant
from contacts.schema import CHANNELS
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from pipelines import screen
from pipelines.run import connect
from privacy.contact_rules.decision import SUSPENDING, may_contact
from privacy.contact_rules.everyone import Known, contactable
from privacy.contact_rules.facts import ATTEMPT, GOLDEN, PERMISSION, POINT, attempts_of, cases_of, facts_of
from privacy.contact_rules.reasons import reason_text
from privacy.policy import Policy, load_policy

HEADS_PT = {
    "contact point": "contato", "allowed": "permitido", "why": "por quê", "next time": "próximo horário", "until": "até", "language": "idioma",
    "reason": "motivo", "contacts": "contatos",
}  # fmt: skip


def may(person: str, purpose: str, channel: str, at: datetime | None, as_json: bool) -> None:
    """Print for each contact point of one person whether it may be used now, all reasons and the next allowed time."""
    from pipelines.explain import find_person

    settings = load()
    policy = load_policy(settings.policy)
    check_words(policy, purpose, channel)
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    with connect(settings).transaction(read_only=True) as db:
        person_id = find_person(db, settings, person)
        cases = read_cases(db, purpose, channel, person_id)
        known = read_known(db, policy, moment, cases["point_ref"], person_id)
        ranks = db.read(tables.golden_point, "point_ref", "type", "rank", where=tables.golden_point.c.person_id == person_id)
    if cases.empty:
        raise NotFound(f"This person has no contact point for {channel}, or none was decided on for {purpose}.", "`lastro explain PERSON` shows what there is.")
    names = {int(row["point_ref"]): f"{row['type']} {row['rank']}" for row in ranks.to_dict("records")}
    rows: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = cases.to_dict("records")  # type: ignore[assignment]
    for case in records:
        answer = may_contact(policy, facts_of(policy, channel, case, known), purpose, channel, moment)
        told = {"contact point": names.get(int(case["point_ref"]), channel), "allowed": answer.allowed, "reasons": list(answer.reasons)}
        told["why"] = [reason_text(reason, policy.contact_rules, settings.language) for reason in answer.reasons]
        told |= {"next time": answer.next_at and instant(answer.next_at), "until": answer.until and instant(answer.until), "language": answer.language}
        rows.append(told)
    data = {"person_id": person_id, "purpose": purpose, "channel": channel, "at": instant(moment), "policy_version": policy.policy_version, "answers": rows}
    shown = [
        {name: value for name, value in row.items() if name != "reasons"}
        | {"allowed": "✓" if row["allowed"] else "✗", "why": "\n".join(row["why"]), "next time": row["next time"] or "–", "until": row["until"] or "–"}
        | {"language": row["language"] or "–"}
        for row in rows
    ]
    screen.show(as_json, data, [(f"{person_id} · {purpose} · {channel} · {instant(moment)}", _in_language(shown, settings))], [], "lastro explain PERSON")


def everyone(purpose: str, channel: str, at: datetime | None, file: str, as_json: bool) -> None:
    """Count who may be contacted now and why the others may not; write the list with ``file`` (mode 0600, told to the ledger)."""
    settings = load()
    policy = load_policy(settings.policy)
    check_words(policy, purpose, channel)
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    warehouse = connect(settings)
    with warehouse.transaction(read_only=True) as db:
        cases = read_cases(db, purpose, channel)
        found = contactable(policy, moment, purpose, channel, cases, read_known(db, policy, moment, cases["point_ref"]))
    now = found["allowed"].to_numpy(dtype=bool)
    waiting = found["next_at"].notna().to_numpy() & ~now
    denied = found.loc[~now, "reasons"].str.split(",").explode().value_counts()
    data: dict[str, Any] = {
        "purpose": purpose, "channel": channel, "at": instant(moment), "policy_version": policy.policy_version, "contact_points": len(cases),
        "permitted": int(cases["allowed"].sum()), "contactable_now": int(now.sum()), "later": int(waiting.sum()),
        "reasons": {str(code): int(n) for code, n in sorted(denied.items())},
    }  # fmt: skip
    if file:
        values = cases["value"] if policy.purposes[purpose].reads_contact_value else pd.Series(pd.NA, index=cases.index)
        rows = cases[["person_id"]].assign(contact_value=values, language=found["language"], until=found["until"])[now]
        data["file"] = str(_write(Path(file), rows.sort_values("person_id")))
        with warehouse.transaction() as db:
            detail = {name: data[name] for name in ("purpose", "channel", "at", "policy_version", "contactable_now")}
            ledger.append(db, "contactable.exported", "operator", None, detail)
        with warehouse.transaction() as db:
            ledger.checkpoint(db, settings)
    told = [{"reason": reason_text(code, policy.contact_rules, settings.language), "contacts": n} for code, n in data["reasons"].items()]
    pt = settings.language == "pt"
    said = f"{data['contactable_now']:,} " + ("contatos permitidos agora" if pt else "contacts allowed now")
    said += f", {data['later']:,} " + ("mais tarde" if pt else "later") + f" ({instant(moment)})."
    screen.show(as_json, data, [("", _in_language(told, settings))], [said], "lastro may-contact PERSON --purpose PURPOSE --channel CHANNEL")


def refresh(as_json: bool) -> None:
    """Work out anew, for every purpose and channel, the hours in which each permitted contact may be made next."""
    settings = load()
    with connect(settings).transaction() as db:
        db.take_turn()
        counts = write_windows(db, load_policy(settings.policy), datetime.now(UTC).replace(microsecond=0))
    screen.show(as_json, counts, [("", [counts])], [], "lastro contactable --purpose PURPOSE --channel CHANNEL")


def write_windows(db: Transaction, policy: Policy, at: datetime) -> dict[str, int]:
    """Put the next hours of every permitted contact in the place of those worked out before; counts of what may be contacted."""
    parts = []
    known, allowed = read_known(db, policy, at), db.read(tables.permission, "purpose", "channel", *PERMISSION, where=tables.permission.c.allowed)
    golden, points = db.read(tables.golden_contact, *GOLDEN), db.read(tables.golden_point, *POINT)
    for code, purpose in policy.purposes.items():
        for channel in purpose.channels:
            mine = allowed[(allowed["purpose"].eq(code) & allowed["channel"].eq(channel)).to_numpy(dtype=bool)]
            cases = cases_of(mine[list(PERMISSION)], golden, points)
            found = contactable(policy, at, code, channel, cases, known)
            rows = cases[["person_id", "point_ref"]].assign(
                purpose=code, channel=channel, opens_at=found["next_at"], closes_at=found["until"], reasons=found["reasons"], contact_language=found["language"]
            )
            parts.append(rows[found["next_at"].notna().to_numpy()])
    windows = pd.concat(parts) if parts else pd.DataFrame()
    db.replace(tables.contact_window, windows.assign(computed_at=instant(at), policy_version=policy.policy_version))
    now = int((windows["opens_at"] <= instant(at)).sum()) if len(windows) else 0
    return {"contactable_now": now, "contactable_later": len(windows) - now}


def find_breaches(db: Transaction, policy: Policy) -> pd.DataFrame:
    """Contacts made against a rule or a no, of the whole ledger of attempts: ``rule``, ``channel``, ``n``, ``of`` (for the report)."""
    from privacy.contact_rules.breaches import breaches

    members, points = db.read(tables.membership, "record_id", "person_id"), db.read(tables.golden_point, *POINT)
    cases = cases_of(points[["person_id", "point_ref"]], db.read(tables.golden_contact, *GOLDEN), points)
    attempts = attempts_of(db.read(tables.contact_attempt, *ATTEMPT), members, points[["person_id", "point_ref"]])
    events = db.read(tables.consent_event, "record_id", "type", "purpose", "channel", "effective_at", "recorded_at", "actor")
    return breaches(policy, attempts, cases, events.merge(members, on="record_id"))


def read_cases(db: Transaction, purpose: str, channel: str, person_id: str = "") -> pd.DataFrame:
    """The decided cases of a purpose and channel, of everybody or of one person."""
    permission, golden, point = tables.permission, tables.golden_contact, tables.golden_point
    mine = (permission.c.purpose == purpose) & (permission.c.channel == channel)
    mine = mine & (permission.c.person_id == person_id) if person_id else mine
    return cases_of(
        db.read(permission, *PERMISSION, where=mine),
        db.read(golden, *GOLDEN, where=golden.c.person_id == person_id if person_id else None),
        db.read(point, *POINT, where=point.c.person_id == person_id if person_id else None),
    )


def read_known(db: Transaction, policy: Policy, at: datetime, points: pd.Series | None = None, person_id: str = "") -> Known:
    """Attempts that can still count, preferences and lists; with ``person_id`` only theirs and those at their contact ``points``."""
    member, attempt, said = tables.membership, tables.contact_attempt, tables.contact_preference
    membership = db.read(member, "record_id", "person_id", where=member.c.person_id == person_id if person_id else None)
    holders = db.read(tables.golden_point, "person_id", "point_ref", where=tables.golden_point.c.person_id == person_id if person_id else None)
    rules = policy.contact_rules
    longest = max([rule.days for rule in rules.caps] + [rule.hours // 24 + 1 for rule in rules.replies], default=1)
    since = instant(at - pd.Timedelta(days=longest + 1))
    lasting = attempt.c.outcome.in_([*SUSPENDING, "opted_out"])
    if person_id:
        wanted = [db.read_for(attempt, key, ids, *ATTEMPT) for key, ids in (("record_id", membership["record_id"]), ("point_ref", holders["point_ref"]))]
        attempts = pd.concat(wanted, ignore_index=True).drop_duplicates("attempt_id")
        others = db.read_for(member, "record_id", attempts["record_id"].dropna(), "record_id", "person_id")  # at a number somebody else has too
        membership = pd.concat([membership, others]).drop_duplicates("record_id")
        preferences = db.read_for(said, "record_id", membership["record_id"], "record_id", "kind", "value", "said_at")
    else:
        attempts = db.read(attempt, *ATTEMPT, where=(attempt.c.at > since) | lasting)
        preferences = db.read(said, "record_id", "kind", "value", "said_at")
    entry = tables.donotcall_entry
    listed = db.read(entry) if points is None or not person_id else db.read_for(entry, "point_ref", points)
    snapshots = db.counts(tables.donotcall_snapshot, "list", "taken_at")
    taken = {str(name): datetime.fromisoformat(max(rows["taken_at"])) for name, rows in snapshots.groupby("list")}
    decided = db.maximum(tables.batch, "as_of")
    return Known(
        attempts_of(attempts, membership, holders),
        preferences.merge(membership, on="record_id"),
        listed,
        taken,
        datetime.fromisoformat(decided) if decided else at,
    )


def check_words(policy: Policy, purpose: str, channel: str) -> None:
    """Refuse a purpose the policy does not know and a channel there is not, with the nearest word. Raises ConfigurationError."""
    for word, allowed, what in ((purpose, policy.purposes, "a purpose of the policy"), (channel, CHANNELS, "a channel")):
        try:
            one_of(word, allowed, what)
        except ValueError as error:
            raise ConfigurationError(f"{error}".rstrip(".") + ("" if str(error).endswith("?") else "."), "privacy/policy.yml lists the purposes.") from None
    if channel not in policy.purposes[purpose].channels:
        raise ConfigurationError(
            f"The policy gives {purpose} no {channel}.", f"Its channels are {', '.join(policy.purposes[purpose].channels) or 'none: it contacts nobody'}."
        )


def _write(file: Path, rows: pd.DataFrame) -> Path:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError("The file of the list is there already.", "Name another with --csv.") from None
    except OSError as error:
        raise ConfigurationError(f"The list cannot be written ({error.strerror}).", "Name a file in a folder you own with --csv.") from None
    with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows.columns)
        writer.writerows([_harmless(cell) for cell in row] for row in rows.fillna("").itertuples(index=False))
    return file


def _harmless(cell: str) -> str:
    """A cell as a spreadsheet may open it: what begins like a formula is marked as text; a number with its country code is none."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not cell[1:].isdecimal() else cell


def _in_language(rows: list[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    heads = HEADS_PT if settings.language == "pt" else {}
    return [{heads.get(name, name): value for name, value in row.items()} for row in rows]
