"""Write the report of a batch: report.html and report.json in its own folder and in `latest`, each whole or not at all."""

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from contacts import ledger
from contacts.errors import ConfigurationError
from contacts.model import Batch
from contacts.settings import Settings, private_folder
from contacts.warehouse import Transaction
from privacy.policy import Policy
from privacy.report import page
from privacy.report.facts import Facts
from privacy.report.figures import collect, fingerprint

LATEST = "latest"


def write(db: Transaction, settings: Settings, batch: Batch, policy: Policy, facts: Facts) -> Mapping[str, int]:
    """Collect, render and write; the ledger keeps the fingerprints of both files. Returns the main figures for the receipt.

    Raises ConfigurationError for a batch id that would lead out of the reports folder.
    """
    if Path(batch.batch_id).name != batch.batch_id or batch.batch_id in ("", ".", "..", LATEST):
        raise ConfigurationError(
            "The batch id cannot be the name of a folder, so its report cannot be written.", "Use letters, digits, dots and dashes for batch ids."
        )
    figures = collect(db, settings, batch, policy, facts)
    html = page.render(figures, policy, facts, settings.language)
    twin = json.dumps({"report": "lastro", "version": 1, "sha256": fingerprint(figures), "figures": figures}, ensure_ascii=False, indent=1) + "\n"
    folders = [batch.batch_id, LATEST] if figures["batch"]["newest"] else [batch.batch_id]
    for folder in folders:
        for name, content in (("report.html", html), ("report.json", twin)):
            write_whole(settings.home / "reports" / folder / name, content)
    ledger.append(db, "report.write", "pipeline", batch.number, {"figures_sha256": fingerprint(figures), "html_sha256": sha256(html.encode()).hexdigest()})
    levels = [need["level"] for need in figures["needs"]]
    return figures["main"] | {"needs_red": levels.count("red"), "needs_amber": levels.count("amber")}


def write_whole(file: Path, content: str) -> None:
    """Write beside the file, then rename: a reader sees the old report or the new one, never half of one."""
    descriptor, temporary = tempfile.mkstemp(dir=private_folder(file.parent), prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(content)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
