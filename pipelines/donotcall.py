"""`lastro donotcall`: snapshots of do-not-call lists, read once and kept as keyed references only, never as numbers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.settings import load
from contacts.values import email, phone
from contacts.warehouse import TEXT
from pipelines import screen
from pipelines.quarantining import known
from pipelines.run import connect
from privacy.contact_rules.model import DoNotCall
from privacy.policy import load_policy

_CHUNK = 250_000
_CELL = re.compile(r'^\s*"?([^";,\t\r\n]*)')
_SHRINKS_TO = 0.5
"""A snapshot with less than this part of the last one's entries is probably half a file."""


def import_list(name: str, file: Path, taken: datetime | None, smaller: bool, as_json: bool) -> None:
    """Put a snapshot in the place of the list's last one: one number or address per line, first column; all or nothing.

    Raises ConfigurationError for a list the policy does not name, an unreadable file, an older snapshot, or one that lost half its entries.
    """
    settings = load()
    rules = {rule.id: rule for rule in load_policy(settings.policy).contact_rules.lists}
    known(name, rules, "a list of the policy", needed=True, page="contact-rules")
    now = datetime.now(UTC).replace(microsecond=0)
    moment = taken or now
    if moment > now:
        raise ConfigurationError("The snapshot would be of the future.", "--taken says when the list's keeper made it.")
    refs, unread = references(settings.key, rules[name], file)
    if not len(refs):
        raise ConfigurationError("The file holds no number or address that can be read.", "Write one per line, with area code; a header line does no harm.")
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        db.take_turn()
        snapshot, entry = tables.donotcall_snapshot, tables.donotcall_entry
        before, last = db.count(entry, entry.c.list == name), db.maximum(snapshot, "taken_at", snapshot.c.list == name)
        if last and instant(moment) < last:
            raise ConfigurationError(f"A newer snapshot of {name} is held already ({last}).", "Import the newest one; --taken says when it was made.")
        if len(refs) < before * _SHRINKS_TO and not smaller:
            raise ConfigurationError(
                f"The snapshot has {len(refs):,} entries, the last one {before:,}.",
                "If the list really shrank, say --smaller; half a file would let calls through.",
            )
        db.replace(entry, pd.DataFrame({"list": name, "point_ref": refs}), entry.c.list == name)
        db.upsert(snapshot, [{"list": name, "taken_at": instant(moment), "entries": len(refs), "unread": unread, "imported_at": instant(now)}])
        told: dict[str, Any] = {"list": name, "taken_at": instant(moment), "entries": len(refs), "unread": unread, "before": before}
        ledger.append(db, "donotcall.imported", "operator", None, told)
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    says = [f"{rules[name].title}: {len(refs):,} · {instant(moment)} · +{rules[name].stale_days} d"]
    screen.show(as_json, told, [("", [told])], says, "lastro contact refresh   ·   lastro donotcall list")


def listing(as_json: bool) -> None:
    """Show every list of the policy: its newest snapshot and until when that counts."""
    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        snapshots = db.read(tables.donotcall_snapshot).sort_values("taken_at").to_dict("records")
    newest: dict[str, Any] = {row["list"]: row for row in snapshots}
    rows = []
    for rule in load_policy(settings.policy).contact_rules.lists:
        held = newest.get(rule.id)
        ends = datetime.fromisoformat(held["taken_at"]) + pd.Timedelta(days=rule.stale_days) if held else None
        state = "missing" if ends is None else "fresh" if ends > datetime.now(UTC) else "stale"
        told = {"list": rule.id, "title": rule.title, "state": state, "taken": held["taken_at"] if held else "–"}
        rows.append(told | {"counts until": instant(ends) if ends else "–", "entries": int(held["entries"]) if held else 0})
    screen.show(as_json, rows, [("", rows)], [], "lastro donotcall import LIST FILE")


def references(key: bytes, rule: DoNotCall, file: Path) -> tuple[npt.NDArray[np.int64], int]:
    """The distinct references of what a list's file holds, sorted, and how many lines could not be read; numbers stay in memory only."""
    country = rule.countries[0] if rule.countries else "BR"
    found, unread = [np.zeros(0, dtype=np.int64)], 0
    for lines in _chunks(file):
        cells = lines.str.extract(_CELL, expand=False).str.strip()
        cells = cells[cells.str.contains(r"[0-9@]", regex=True, na=False)].reset_index(drop=True)
        written = cells.str.contains("@", regex=False, na=False).to_numpy(dtype=bool)
        for kind, some in (("email", cells[written]), ("phone", cells[~written])):
            read = email.standardise(some) if kind == "email" else phone.standardise(some, country)
            keys = read["match_key"].dropna()
            found.append(pseudonyms(key, "point", [f"{kind}{SEPARATOR}{match}" for match in keys]) if len(keys) else found[0])
            unread += len(some) - len(keys)
    return np.unique(np.concatenate(found)), unread


def _chunks(file: Path) -> Iterator[pd.Series]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as stream:
            while lines := list(islice(stream, _CHUNK)):
                yield pd.Series(lines, dtype=TEXT)
    except OSError as error:
        raise ConfigurationError(f"The list's file cannot be read ({error.strerror}).", "Name a text file with one number or address per line.") from None
