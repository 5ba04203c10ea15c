"""The audit ledger: append-only, each entry chained to the one before by its hash, verifiable without trusting the database.

Entries hold actions, actors' roles and counts, never a personal value. After every stage a checkpoint
(size and head hash, keyed) goes to a file outside the database: who rewrites the tables cannot rewrite that.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contacts.canonical import canonical_json
from contacts.model import instant
from contacts.settings import Settings, private_folder
from contacts.tables import ledger
from contacts.warehouse import Transaction

_START = "0" * 64


@dataclass(frozen=True)
class Verdict:
    """Result of a verification: how many entries and checkpoints held, and what broke first (empty when nothing did)."""

    entries: int
    checkpoints: int
    head: str
    problem: str = ""


def append(db: Transaction, action: str, actor: str, batch_no: int | None, detail: Mapping[str, Any]) -> None:
    """Add one entry inside the caller's transaction, so that what is recorded and what happened stand or fall together."""
    db.lock(ledger)
    number = db.maximum(ledger, "entry_no") or 0
    previous = db.read(ledger, "hash", where=ledger.c.entry_no == number)["hash"].iloc[0] if number else _START
    entry = {
        "entry_no": number + 1,
        "at": instant(datetime.now(UTC)),
        "action": action,
        "actor": actor,
        "batch_no": batch_no,
        "detail": canonical_json(dict(detail)),
        "previous_hash": previous,
    }
    db.append(ledger, [entry | {"hash": _hash(entry)}])


def checkpoint(db: Transaction, settings: Settings) -> None:
    """Write size and head of the ledger to the checkpoint file, keyed with the pseudonym key.

    A line an earlier process died in is cut off first: what it was to say, the new one says too.
    """
    db.lock(ledger)  # one writer of the file at a time
    size = db.maximum(ledger, "entry_no") or 0
    if not size:
        return
    head = db.read(ledger, "hash", where=ledger.c.entry_no == size)["hash"].iloc[0]
    file = checkpoint_file(settings)
    private_folder(file.parent)
    line = canonical_json({"size": size, "head": head, "mac": _mac(settings.key, size, head)}) + "\n"
    with file.open("ab") as handle:
        handle.truncate(_whole(file))
        handle.write(line.encode())
        handle.flush()
        os.fsync(handle.fileno())


def verify(db: Transaction, settings: Settings) -> Verdict:
    """Recompute every hash and compare with every checkpoint; reads the whole ledger."""
    points = _checkpoints(checkpoint_file(settings))  # before the entries: a run may be adding to both
    entries = db.read(ledger)
    heads = {0: _START}
    previous = _START
    for number, row in enumerate(entries.to_dict("records"), start=1):
        entry = {name: (None if row[name] != row[name] else row[name]) for name in entries.columns if name != "hash"}
        entry["batch_no"] = None if row["batch_no"] is None or row["batch_no"] != row["batch_no"] else int(row["batch_no"])
        if row["entry_no"] != number:
            return Verdict(number - 1, 0, previous, f"entry {number} is missing")
        if row["previous_hash"] != previous or row["hash"] != _hash(entry):
            return Verdict(number - 1, 0, previous, f"entry {number} was changed")
        previous = heads[number] = row["hash"]
    checked = 0
    for line_no, point in enumerate(points, start=1):
        if point is None or not hmac.compare_digest(str(point.get("mac")), _mac(settings.key, point.get("size"), point.get("head"))):
            return Verdict(len(entries), checked, previous, f"checkpoint {line_no} was changed")
        if heads.get(point["size"]) != point["head"]:
            return Verdict(len(entries), checked, previous, f"the ledger does not hold what checkpoint {line_no} saw (entry {point['size']})")
        checked += 1
    if len(entries) and not checked:
        return Verdict(len(entries), 0, previous, "the checkpoint file is gone")
    return Verdict(len(entries), checked, previous)


def checkpoint_file(settings: Settings) -> Path:
    """Where the checkpoints are: beside the warehouse, not in it."""
    return settings.home / "ledger" / "checkpoints.jsonl"


def _checkpoints(file: Path) -> list[dict[str, Any] | None]:
    """Every checkpoint, None for a line that is none. A last line without its end is a crash, not a change: it was never written."""
    points: list[dict[str, Any] | None] = []
    for line in file.read_bytes()[: _whole(file)].splitlines() if file.exists() else []:
        try:
            point = json.loads(line)
        except ValueError:
            point = None
        points.append(point if isinstance(point, dict) else None)
    return points


def _whole(file: Path) -> int:
    """How many bytes of the file are whole lines."""
    return file.read_bytes().rfind(b"\n") + 1


def _hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(dict(entry)).encode()).hexdigest()


def _mac(key: bytes, size: Any, head: Any) -> str:
    return hmac.new(key, f"ledger:{size}:{head}".encode(), hashlib.sha256).hexdigest()
