"""Figures about quality: scores and their trend, the problems that cost most, what is odd about a batch, and every rule with its second opinion."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from contacts import tables
from contacts.model import Batch
from contacts.warehouse import Transaction
from privacy.report.disclosure import THRESHOLD, few
from privacy.report.facts import Facts

TREND = 30
"""Batches a trend goes back."""
PROBLEMS = 8
_PLACES = 4
_LIMIT = "halt"
"""Severity of rules that judge whole sources, not rows."""


def quality(db: Transaction, batch: Batch, facts: Facts) -> dict[str, Any]:
    """Scores, problems and oddities; checks made and passed by rule, whether Great Expectations counted the same failures; sources beyond a limit."""
    meaning = {
        rule: (dimension, severity) for rule, dimension, severity, _ in db.counts(tables.finding, "rule", "dimension", "severity").itertuples(index=False)
    }
    meaning |= {code: (rule.dimension, rule.severity) for code, rule in facts.rules.items()}
    judged = {row["rule"]: row for row in db.read(tables.gate_result, where=tables.gate_result.c.batch_no == batch.number).to_dict("records")}
    limits = [row for row in judged.values() if row["severity"] == _LIMIT]
    by_source: Counter[tuple[str, str]] = Counter()
    by_rule: Counter[tuple[str, str]] = Counter()
    for row in db.read(tables.rule_result, where=tables.rule_result.c.batch_no == batch.number).to_dict("records"):
        dimension, severity = meaning.get(row["rule"], ("other", "warn"))
        for count in ("evaluated", "failed") if severity != _LIMIT else ():
            by_rule[row["rule"], count] += int(row[count])
        if severity != _LIMIT:
            by_source[row["rule"], row["source"]] = int(row["failed"])
    rules = sorted({rule for rule, _ in by_rule}, key=lambda rule: (-by_rule[rule, "failed"], rule))
    evaluated, failed = (sum(by_rule[rule, count] for rule in rules) for count in ("evaluated", "failed"))
    verdicts = []
    for rule in rules:
        dimension, severity = meaning.get(rule, ("other", "warn"))
        counted = {"evaluated": by_rule[rule, "evaluated"], "failed": few(by_rule[rule, "failed"])}
        verdicts.append({"rule": rule, "dimension": dimension, "severity": severity, **counted, **_second_opinion(judged.get(rule))})
    return {
        "scores": scores(db, batch),
        "problems": _problems(verdicts, by_source, facts),
        "odd": odd(db, batch),
        "by_rule": verdicts,
        "limits": [{"rule": row["rule"], "sources": int(row["evaluated"]), "beyond": int(row["failed"]), **_second_opinion(row)} for row in limits],
        "passed": evaluated - failed,
        "evaluated": evaluated,
    }


def scores(db: Transaction, batch: Batch, scopes: tuple[str, ...] = ("run", "source")) -> list[dict[str, Any]]:
    """The run's score, then every source's (or field's): now, in each dimension, and in up to TREND batches, oldest first.

    ``score`` is None and the trend empty for a source of so few contacts that its shares would speak of persons.
    """
    kept = tables.quality_score.c
    found = db.read(
        tables.quality_score,
        where=kept.scope.in_(scopes) & (kept.batch_no <= batch.number) & ((kept.batch_no == batch.number) | (kept.dimension == "all")),
    )
    found = found.assign(share=(found["numerator"] / found["denominator"]).round(_PLACES))
    rows = []
    for (scope, name), part in found.groupby(["scope", "scope_value"], sort=True):
        now = part[part["batch_no"] == batch.number].set_index("dimension")
        if now.empty:
            continue
        contacts = round(float(now["denominator"].get("uniqueness", 0)))  # every contact counts one there; of a field nobody asks
        trend = part[part["dimension"] == "all"].sort_values("batch_no")["share"].tail(TREND).tolist()
        told = scope == "field" or contacts >= THRESHOLD
        rows.append(
            {
                scope if scope == "field" else "source": str(name) if scope != "run" else None,
                "contacts": few(contacts),
                "score": float(now["share"]["all"]) if told else None,
                "dimensions": {str(dimension): float(share) for dimension, share in now["share"].drop("all").items()} if told else {},
                "trend": trend if told else [],
            }
        )
    return rows


def _problems(verdicts: list[dict[str, Any]], by_source: Mapping[tuple[str, str], int], facts: Facts) -> list[dict[str, Any]]:
    """The rules whose failures cost most (failures times weight), each with the source most of them come from."""
    failed: Counter[str] = Counter()
    for (rule, _), count in by_source.items():
        failed[rule] += count
    weight = {code: rule.weight for code, rule in facts.rules.items()}
    found: list[dict[str, Any]] = []
    for row in sorted(verdicts, key=lambda row: (-failed[row["rule"]] * weight.get(row["rule"], 1.0), row["rule"])):
        rule = row["rule"]
        sources = {source: count for (of, source), count in by_source.items() if of == rule}
        if failed[rule] >= THRESHOLD and len(found) < PROBLEMS:
            worst = max(sources, key=lambda source: (sources[source], source))
            known = facts.rules.get(rule)
            owner, about = (known.owner, known.field) if known else ("", "")
            told = {name: row[name] for name in ("rule", "dimension", "severity", "failed", "evaluated")}
            told |= {"owner": owner, "advice": about if about == "consents" else row["dimension"]}
            found.append(told | {"source": worst, "from_source": few(sources[worst])})
    return found


def odd(db: Transaction, batch: Batch) -> dict[str, Any]:
    """What is unlike earlier batches, the most unlike first; ``until`` batches are missing before anything can be called odd."""
    counts = db.read(tables.receipt, "counts", where=(tables.receipt.c.batch_no == batch.number) & (tables.receipt.c.stage == "validate"))["counts"]
    until = json.loads(counts.iloc[0]).get("batches_until_anomalies", 0) if len(counts) else 0
    found = db.read(tables.anomaly, where=tables.anomaly.c.batch_no == batch.number)
    found = found.sort_values(["distance", "source", "metric"], ascending=[False, True, True])
    return {"until": int(until), "found": [_told(row) for row in found.to_dict("records")]}


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """An anomaly with its metric split into what is measured and of which field."""
    metric, _, field = str(row["metric"]).partition(".")
    kind = metric if metric in ("rows", "contacts", "missing") else "spread"
    numbers = {name: round(float(row[name]), _PLACES) for name in ("observed", "usual", "distance")}
    return {"source": row["source"], "kind": kind, "of": field or (metric if kind == "spread" else None), **numbers}


def _second_opinion(judged: Mapping[Any, Any] | None) -> dict[str, Any]:
    if judged is None:
        return {"great_expectations_failed": None, "agrees": None}
    return {"great_expectations_failed": few(int(judged["gx_failed"])), "agrees": int(judged["gx_failed"]) == int(judged["failed"])}
