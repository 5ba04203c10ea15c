"""The verdict in one word and the list of what needs a person: each with its level, its figures, and the command to type or where to look."""

from typing import Any

from privacy.report.disclosure import few
from privacy.report.upkeep import OLD

VERDICTS = ("published", "waiting", "stopped", "rolled_back", "superseded", "unfinished")
LEVELS = ("red", "amber", "info")
WAITING = ("red", "amber")
"""Levels of needs that wait for somebody; ``info`` is only to be known."""
BROKEN = ("OUTSIDE_ENUM", "NOT_FILLED", "NOT_FRESH", "TOO_FEW_ROWS", "TOO_MANY_ROWS")
"""Reasons of a delivery that was read although it breaks its contract."""
AUDIT_DAYS = 180
"""Days after which a signed audit says little of today's values."""
Figures = dict[str, Any]


def verdict(figures: Figures) -> Figures:
    """What became of the batch (one of VERDICTS) and its light: the worst of gate and needs."""
    batch = figures["batch"]
    missing = [stage["stage"] for stage in figures["integrity"]["stages"] if not stage["finished"]]
    if batch["live_number"] == batch["number"]:
        state = "published"
    elif batch["once_published"]:
        state = "superseded" if (batch["live_number"] or 0) > batch["number"] else "rolled_back"
    elif [stage for stage in missing if stage != "publish"]:
        state = "unfinished"
    else:
        state = {"red": "stopped", "amber": "waiting"}.get(batch["gate"] or "", "unfinished")
    levels = [need["level"] for need in figures["needs"] if need["level"] in WAITING]
    calm = state in ("published", "superseded") and batch["gate"] != "amber" and not levels
    light = "red" if "red" in levels or state == "stopped" else "green" if calm else "amber"
    return {"state": state, "gate": batch["gate"], "light": light, "waiting": len(levels), "missing": missing}


def needs(figures: Figures) -> list[Figures]:
    """What a person has to look at, worst first; ``code`` names the text, ``values`` fill it, ``see`` is a section of the page.

    ``command`` is None where no command does the thing.
    """
    found = [*_proof(figures), *_gate(figures), *_sources(figures), *_quality(figures), *_people(figures)]
    return sorted(found, key=lambda need: LEVELS.index(need["level"]))


def _proof(figures: Figures) -> list[Figures]:
    found = []
    batch = figures["batch"]["batch_id"]
    if figures["integrity"]["problem"]:
        found.append(_need("ledger", "red", "lastro ledger verify", "integrity", problem=figures["integrity"]["problem"]))
    without = next((check["left"] for check in figures["conservation"] if check["check"] == "published" and not check["holds"]), 0)
    if without:
        found.append(_need("without_permission", "red", f"lastro stage publish --batch {batch}", "conservation", n=few(without)))
    elif figures["lapsed_rows"]:
        found.append(_need("lapsed", "info", None, "purposes", n=few(figures["lapsed_rows"]), live=figures["batch"]["live_batch"]))
    lost = [check["check"] for check in figures["conservation"] if not check["holds"] and check["check"] != "published"]
    lost += [f"{row['source']}/{row['object']}" for row in figures["deliveries"] if not row["holds"]]
    if lost:
        found.append(_need("conservation", "red", None, "conservation", n=len(lost), places=", ".join(lost)))
    disagreeing = _disagreeing(figures)
    if disagreeing:
        found.append(_need("disagreement", "red", f"lastro stage validate --batch {batch}", "quality", n=len(disagreeing), rules=", ".join(disagreeing)))
    return found


def _gate(figures: Figures) -> list[Figures]:
    batch = figures["batch"]
    funnel = figures["funnel"]
    aside = {"quarantined": funnel["quarantined"], "contacts": funnel["records"] - funnel["gone"]}
    unsafe = sum(row["status"] in ("partial", "stopped") or bool(_broken(row)) for row in figures["deliveries"])
    beyond = [row["rule"] for row in figures["quality"]["limits"] if row["beyond"]]
    if batch["once_published"]:
        return []
    if batch["gate"] == "red":
        return [_need("gate_red", "red", "lastro run", "quality", halting=len(beyond), disagreeing=len(_disagreeing(figures)))]
    if batch["gate"] == "amber":
        return [_need("gate_amber", "amber", f"lastro run --batch {batch['batch_id']} --approve WHO", "quality", deliveries=unsafe, **aside)]
    missing = [stage["stage"] for stage in figures["integrity"]["stages"] if not stage["finished"]]
    return [_need("unfinished", "amber", f"lastro run --batch {batch['batch_id']}", "integrity", n=len(missing), stages=", ".join(missing))] if missing else []


def _disagreeing(figures: Figures) -> list[str]:
    return [row["rule"] for row in [*figures["quality"]["by_rule"], *figures["quality"]["limits"]] if row["agrees"] is False]


def _sources(figures: Figures) -> list[Figures]:
    found = []
    for row in figures["deliveries"]:
        again = f"lastro stage ingest --source {row['source']} --batch {figures['batch']['batch_id']}"
        place = {"source": row["source"], "object": row["object"]}
        broken = _broken(row)
        others = ",".join(reason for reason in (row["reason"] or "").split(",") if reason not in broken)
        only_rows = row["status"] == "partial" and row["refused"] and not row["files_refused"]  # told below, with other advice
        if row["status"] in ("stopped", "partial") and not only_rows and (others or not broken):
            found.append(_need(f"delivery_{row['status']}", "amber", again, "quality", **place, reason=others))
        elif row["status"] == "empty":
            found.append(_need("delivery_empty", "info", None, "quality", **place, reason=others))
        if broken:
            found.append(_need("contract_breached", "amber", "lastro sources breaches", "quality", **place, reason=",".join(broken)))
    if refused := [{"source": row["source"], "n": row["refused"]} for row in figures["deliveries"] if row["refused"]]:
        found.append(_need("rows_refused", "amber", None, "quality", by=refused))
    return found


def _broken(row: Figures) -> list[str]:
    """Why a delivery that was read is not as its contract says; empty when it is."""
    return [reason for reason in (row["reason"] or "").split(",") if reason in BROKEN]


def _quality(figures: Figures) -> list[Figures]:
    found = []
    if odd := figures["quality"]["odd"]["found"]:
        level = "info" if figures["batch"]["once_published"] else "amber"
        found.append(_need("odd", level, None, "quality", n=len(odd), by_source=sorted({row["source"] for row in odd})))
    if figures["ageing"]["old"]:
        found.append(_need("quarantine_old", "amber", f"lastro quarantine list --older-than {OLD}", "quality", n=figures["ageing"]["old"], days=OLD))
    if figures["audit"] is None:
        found.append(_need("audit_never", "info", "lastro audit draw --by WHO", "quality"))
    elif figures["audit"]["days"] > AUDIT_DAYS:
        found.append(_need("audit_old", "info", "lastro audit draw --by WHO", "quality", date=figures["audit"]["signed_on"]))
    return found


def _people(figures: Figures) -> list[Figures]:
    found = []
    if waiting := figures["merges"]["unsure_pairs"]:
        found.append(_need("unsure_pairs", "amber", "lastro review", "merges", n=waiting))
    for state in ("UNPROVEN", "CONFLICT", "NOTICE_PENDING", "NO_PURPOSE"):
        by = [{"purpose": row["purpose"], "n": denied["persons"]} for row in figures["purposes"] for denied in row["denied"] if denied["state"] == state]
        if by:
            found.append(_need(state.lower(), "amber", None, "purposes", by=by))
    if late := [{"source": row["source"], "n": row["overdue"]} for row in figures["consents"].get("notices", ()) if row["overdue"]]:
        found.append(_need("notice_overdue", "amber", None, "consents", by=late))
    against = figures["consents"]["breaches"]
    if after := [{"channel": row["channel"], "n": row["n"]} for row in against if row["rule"] == "AFTER_NO"]:
        found.append(_need("contact_after_no", "red", None, "consents", by=after))
    if other := [row for row in against if row["rule"] != "AFTER_NO"]:
        found.append(_need("contact_breaches", "amber", None, "consents", n=len(other)))
    many = [row for row in figures["consents"].get("volumes", ()) if row["n"] > row["above"]]
    found += [
        _need("contact_volume", "amber", None, "consents", norm=row["source"], **{name: row[name] for name in ("title", "n", "above", "days")}) for row in many
    ]
    due = [row for row in figures["purposes"] if row["review_due"]]
    found += [_need("balancing_review", "amber", None, "purposes", purpose=row["purpose"], date=row["balancing_review"]) for row in due]
    if expiring := [{"purpose": row["purpose"], "n": row["expiring"]} for row in figures["purposes"] if row["expiring"]]:
        found.append(_need("expiring", "info", None, "purposes", by=expiring))
    data = figures["personal_data"]["found"]
    for code, level, sensitive in (("sensitive", "amber", True), ("misplaced", "amber", False)):
        places = sorted({row["field"] for row in data if row["sensitive"] is sensitive})
        if places:
            found.append(_need(code, level, None, "personal_data", n=len(places), places=", ".join(places)))
    if places := sorted({row["field"] for row in figures["personal_data"].get("inferred", ())}):
        found.append(_need("inferred", "info", None, "personal_data", n=len(places), places=", ".join(places)))
    return found


def _need(code: str, level: str, command: str | None, see: str, **values: Any) -> Figures:
    return {"code": code, "level": level, "command": command, "see": see, "values": values}
