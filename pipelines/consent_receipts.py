"""`lastro consent receipts PERSON`: the receipts of everything a person's records said, masked, on the screen or in a private file."""

import json
import os
from pathlib import Path
from typing import Any

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings, load, private_folder
from contacts.warehouse import Transaction
from pipelines.explain import find_person, masked
from pipelines.run import connect
from privacy.consent_receipts import receipts
from privacy.policy import load_policy

FIELDS = ("event_id", "point_ref", "source", "purpose", "purpose_version", "channel", "type", "effective_at", "recorded_at", "actor", "method",
          "text_version", "text_hash", "controller", "expires_at")  # fmt: skip
PARTS = {"effective_at": "PROOF_WITHOUT_TIME", "method": "PROOF_WITHOUT_METHOD", "text_hash": "PROOF_WITHOUT_TEXT"}
"""Parts of a proof a receipt shows; a grant that lacks one is UNPROVEN here as in the decision, which asks for more."""


def show(person: str, out: str) -> None:
    """Print the document, or write it to a new file for its owner alone."""
    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        document = of_person(db, settings, find_person(db, settings, person))
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    if not out:
        print(text, end="")  # noqa: T201
        return
    write(Path(out), text)
    print(json.dumps({"file": out, "receipts": len(document["@graph"])}))  # noqa: T201


def of_person(db: Transaction, settings: Settings, person_id: str) -> dict[str, Any]:
    """The receipts of a person's records. Raises NotFound where nothing was ever said."""
    records = db.read(tables.membership, "record_id", where=tables.membership.c.person_id == person_id)["record_id"]
    events = db.read_for(tables.consent_event, "record_id", records, *FIELDS)
    if events.empty:
        raise NotFound("No consent event is on record for this person.", "`lastro explain PERSON` shows on what other grounds they may be contacted.")
    points = db.read_for(tables.contact_point, "record_id", records, "point_ref", "type", "value").dropna(subset=["point_ref"])
    shown = {int(ref): masked(kind, value, False) for ref, kind, value in points[["point_ref", "type", "value"]].itertuples(index=False)}
    rows = events.astype(object).where(events.notna(), None).to_dict("records")
    for row in rows:
        row["contact"] = shown.get(int(row["point_ref"])) if row["point_ref"] is not None else None
        row["faults"] = [code for name, code in PARTS.items() if not row[name]] if row["type"] == "granted" else []
    return receipts(load_policy(settings.policy), person_id, rows)  # type: ignore[arg-type]


def write(file: Path, text: str) -> None:
    """A new file, mode 0600. Raises ConfigurationError where it cannot be made."""
    try:
        private_folder(file.parent)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError("The receipts' file is there already.", "Name another with --out.") from None
    except OSError as error:
        raise ConfigurationError(f"The receipts cannot be written ({error.strerror}).", "Name a file in a folder you own with --out.") from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
