"""Bring one source into raw records: suppression first, every row kept, known, or set aside with a reason."""

import pandas as pd

from contacts import tables
from contacts.configuration import perhaps
from contacts.errors import NotFound
from contacts.model import Outcome, Run
from contacts.warehouse import TEXT
from pipelines.sources import clauses
from pipelines.sources.classify import against_known, is_older, one_row_per_key
from pipelines.sources.columns import column, decoded
from pipelines.sources.delivery import Delivery, read_delivery
from pipelines.sources.names import source_names
from pipelines.sources.spec import load_source
from pipelines.sources.suppressed import is_suppressed
from pipelines.sources.versions import add_versions, content_hashes, known_versions, mark_gone, record_ids, undo_batch
from pipelines.sources.words import Object, Source

ASIDE = ["file_no", "row_no", "reason", "payload"]
SUPERSEDED = "OLDER_VERSION"
"""Reason of a row refused because a newer version is held: nothing of it is missing."""


def ingest_source(run: Run) -> Outcome:
    """Read every object of the source ``run.part``. Files and rows that cannot be read are counted, never fatal.

    Raises ConfigurationError when the source's own file is wrong, NotFound when there is no such source.
    """
    _check_name(run)
    source = load_source(run.settings.sources / f"{run.part}.yml")
    _forget_this_batch(run)
    totals: dict[str, int] = {}
    notes: list[str] = []
    for place, (name, spec) in enumerate(source.objects.items()):
        run.progress(f"{source.name}.{name}", place, len(source.objects))
        found = read_delivery(spec, run.settings.inbox)
        counts, said = _ingest(run, source, name, found)
        totals = {key: totals.get(key, 0) + count for key, count in counts.items()}
        notes += [f"{source.name}.{name}: {note}" for note in said]
    run.progress(source.name, len(source.objects), len(source.objects))
    return Outcome(totals, tuple(notes))


def _check_name(run: Run) -> None:
    known = source_names(run.settings)
    if run.part not in known:
        raise NotFound(f"There is no source {run.part!r}{perhaps(run.part, known) or '.'}", f"The sources are {', '.join(known)}.")


def _forget_this_batch(run: Run) -> None:
    undo_batch(run)
    for table in (tables.refused_row, tables.delivery, tables.contract_result):
        run.db.delete(table, (table.c.batch_no == run.batch.number) & (table.c.source == run.part))


def _ingest(run: Run, source: Source, name: str, found: Delivery) -> tuple[dict[str, int], list[str]]:
    """Counts of the delivery, and what is to be said of it."""
    spec = source.objects[name]
    known = known_versions(run, name)
    rows = _frame(run, name, found)
    seen = rows["record_id"].to_numpy()
    aside = pd.DataFrame(found.refused_rows, columns=ASIDE)

    strangers = rows[~rows["record_id"].isin(known.index)]
    stopped = strangers.index[is_suppressed(run, source, spec, strangers)]
    if run.db.count(tables.suppression) or spec.guardian_only:
        aside["payload"] = None  # what cannot be read cannot be checked for what must not be kept: only its place is
    rows = rows.drop(stopped)
    came, held = rows["record_id"].nunique(), int(known["is_current"].sum())
    results = clauses.judge(spec, found, run.batch.as_of, source.timezone, came, held)

    unique = rows.drop_duplicates(["record_id", "content_hash"])
    repeated = len(rows) - len(unique)
    rows, rivals = one_row_per_key(unique, spec.read.delivery, source.timezone)
    rows = against_known(rows, known)
    late = _late(run, source, spec, rows)
    rows = rows.drop(late.index)
    older = pd.concat([rivals[rivals["reason"] == SUPERSEDED], late])
    again = _is_held(run, older)
    repeated += int(again.sum())  # files of changes stay in the inbox: yesterday's version comes again every day
    older = older[~again].assign(payload=None)  # the newer version is held, and nobody will mend this one
    aside = pd.concat([aside, rivals.loc[rivals["reason"] != SUPERSEDED, ASIDE], older[ASIDE]], ignore_index=True)

    add_versions(run, name, rows[rows["class"] != "unchanged"])
    whole = spec.read.delivery == "full" and found.complete and not clauses.too_few(results)
    gone = mark_gone(run, known, seen) if whole else 0
    run.db.append(tables.refused_row, aside.assign(batch_no=run.batch.number, source=run.part, object=name))
    counts = {
        "read": found.rows_read,
        "new": int((rows["class"] == "new").sum()),
        "changed": int((rows["class"] == "changed").sum()),
        "unchanged": int((rows["class"] == "unchanged").sum()) + repeated,
        "suppressed": len(stopped),
        "refused": len(aside),
        "gone": gone,
        "files_refused": len(found.refused_files),
    }
    refused = {str(reason): int(n) for reason, n in sorted(aside["reason"].value_counts().items(), key=lambda told: (-told[1], str(told[0])))}
    breaches = {clauses.sentence(result, spec.read.delivery == "full"): result.reason for result in results if result.reason}
    _write_delivery(run, name, spec, found, counts, refused, breaches)
    _write_results(run, name, results)
    return counts, _notes(found, refused, breaches)


def _frame(run: Run, name: str, found: Delivery) -> pd.DataFrame:
    rows = pd.DataFrame({"file_no": pd.Series(found.file_no, dtype="int64"), "row_no": pd.Series(found.row_no, dtype="int64")})
    for text in ("source_key", "payload", "updated"):
        rows[text] = pd.Series(getattr(found, text), dtype=TEXT)
    rows["content_hash"] = pd.Series(content_hashes(run.settings.key, found.payload), dtype=TEXT)
    return rows.assign(record_id=record_ids(run.settings.key, run.part, name, found.source_key))


def _late(run: Run, source: Source, spec: Object, rows: pd.DataFrame) -> pd.DataFrame:
    """Changes older than what is held already: files of changes may come late, or twice."""
    changed = rows[rows["class"] == "changed"]
    if spec.read.delivery == "full" or not spec.updated_at or changed.empty:
        return changed.iloc[:0].assign(reason=None)
    held = run.db.read_for(tables.raw_record, "raw_id", changed["old_raw_id"], "raw_id", "payload").set_index("raw_id")["payload"]
    before = column(decoded(held.loc[changed["old_raw_id"]]), spec.updated_at, changed.index)
    return changed[is_older(changed["updated"], before, source.timezone)].assign(reason=SUPERSEDED)


def _is_held(run: Run, rows: pd.DataFrame) -> pd.Series:
    """Which of these rows are held already, word for word, as some version of their record."""
    versions = run.db.read_for(tables.raw_record, "record_id", rows["record_id"], "record_id", "content_hash")
    known = pd.MultiIndex.from_frame(versions)
    return pd.Series(pd.MultiIndex.from_frame(rows[["record_id", "content_hash"]]).isin(known), index=rows.index, dtype=bool)


def _write_results(run: Run, name: str, results: list[clauses.Result]) -> None:
    place = {"batch_no": run.batch.number, "source": run.part, "object": name}
    rows = [
        {
            **place,
            **{"clause": result.clause, "source_column": result.column, "status": "breached" if result.breached else "met"},
            **{"failed": result.failed, "of": result.of, "bound": result.bound},
        }
        for result in results
    ]
    run.db.append(tables.contract_result, rows)


def _write_delivery(run: Run, name: str, spec: Object, found: Delivery, counts: dict[str, int], refused: dict[str, int], breaches: dict[str, str]) -> None:
    status, reasons, details = _verdict(spec, found, refused, breaches)
    row = {
        **{"batch_no": run.batch.number, "source": run.part, "object": name, "status": status, "files": found.files, "files_refused": len(found.refused_files)},
        "reason": ",".join(reasons) or None,
        "detail": "; ".join(details) or None,
        "rows_read": counts["read"],
        **{key: counts[key] for key in ("new", "changed", "unchanged", "suppressed", "refused", "gone")},
        "dropped_columns": ", ".join(found.dropped) or None,
    }
    run.db.append(tables.delivery, [row])


def _verdict(spec: Object, found: Delivery, refused: dict[str, int], breaches: dict[str, str]) -> tuple[str, list[str], list[str]]:
    """Status, reason codes and details of a delivery: ok, partial (what is not in it proves nothing), stopped, empty.

    ``breaches`` of the contract (sentence → reason) are added, but not where every file was refused: the reason for that says enough.
    """
    reasons = sorted({refusal.reason for _, refusal in found.refused_files})
    details = [f"file {number}: {refusal.detail}" for number, refusal in found.refused_files]
    told = list(dict.fromkeys(breaches.values()))
    if not found.files:
        return "empty", ["NO_FILES", *told], [f"no file matches {spec.read.files}", *breaches]
    if len(found.refused_files) == found.files:
        return "stopped", reasons, details
    if not found.rows_read and not reasons:
        return "empty", ["NO_ROWS", *told], ["the files hold no row; nothing is taken for gone", *breaches]
    full = spec.read.delivery == "full"
    lost = [reason for reason in refused if reason != SUPERSEDED]
    partial = bool(reasons or lost)
    if full and found.lacks_a_page and not reasons:
        partial, reasons = True, ["INCOMPLETE_DELIVERY"]
        details = [f"the source speaks of {found.told} rows, {found.rows_read} came; nothing is taken for gone"]
    elif lost and not reasons:
        reasons, details = lost[:1], [_in_words(refused)] + (["nothing is taken for gone"] if full and not found.complete else [])
    partial |= full and clauses.TOO_FEW in told
    return ("partial" if partial else "ok"), [*reasons, *told], [*details, *breaches]


def _in_words(refused: dict[str, int]) -> str:
    total = sum(refused.values())
    return f"{total} {'row' if total == 1 else 'rows'} refused: " + ", ".join(f"{reason} {n}" for reason, n in refused.items())


def _notes(found: Delivery, refused: dict[str, int], breaches: dict[str, str]) -> list[str]:
    notes = [f"file {number} of {found.files} refused: {refusal.reason}: {refusal.detail}" for number, refusal in found.refused_files]
    notes += [_in_words(refused)] if refused else []
    notes += [f"contract: {breach}" for breach in breaches]
    notes += found.notes
    if found.dropped:
        notes.append("columns the contract does not know were dropped: " + ", ".join(found.dropped))
    return notes
