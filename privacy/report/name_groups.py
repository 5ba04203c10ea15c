"""Figures about whom errors hit: how often records are set aside, merged wrongly or missed, by groups of names (LGPD art. 6 IX)."""

from typing import Any

from privacy.report.disclosure import exact, protect
from privacy.report.facts import Errors, Facts

FEWEST_PAIRS = 20
"""Judged pairs below which no share is told: its interval would reach from nothing to all."""


def name_groups(facts: Facts) -> dict[str, Any]:
    """Per group: records, those set aside, and both errors of linkage; ``sample`` is None until one is drawn.

    Groups overlap, and are protected like a breakdown all the same: what is left of a total then tells no more than it would without overlap.
    """
    groups = facts.name_groups
    records = protect({name: group.records for name, group in groups.items()})
    aside = protect({name: group.set_aside for name, group in groups.items()})
    errors = {kind: _errors({name: getattr(group, kind) for name, group in groups.items()}) for kind in ("false_merges", "missed")}
    sample = facts.judged_sample
    return {
        "groups": [
            {"group": name, "records": records[name], "set_aside": aside[name]} | {kind: found[name] for kind, found in errors.items()} for name in groups
        ],
        "sample": {"number": sample.number, "pairs": sample.pairs, "judged": sample.judged} if sample else None,
        "fewest": FEWEST_PAIRS,
    }


def _errors(found: dict[str, Errors | None]) -> dict[str, dict[str, Any]]:
    """Judged pairs and wrong ones of every group, small counts hidden; the share with its interval where neither is and enough were judged."""
    judged = protect({name: errors.judged if errors else 0 for name, errors in found.items()})
    wrong = protect({name: errors.wrong if errors else 0 for name, errors in found.items()})
    told = {}
    for name, errors in found.items():
        open_ = errors is not None and errors.judged >= FEWEST_PAIRS and exact(judged[name]) is not None and exact(wrong[name]) is not None
        shares = {part: round(getattr(errors, part), 4) if open_ else None for part in ("share", "low", "high")}
        told[name] = {"judged": judged[name], "wrong": wrong[name]} | shares
    return told
