"""Figures about people: the way from record to publication, what is allowed and why not, personal data out of place, merges."""

from datetime import timedelta
from typing import Any

from contacts import tables
from contacts.model import Batch, instant
from contacts.warehouse import Transaction
from privacy.inference import INFERRED
from privacy.policy import NO_CHANNEL, Policy
from privacy.reasons import REASONS, STATES
from privacy.report.disclosure import few, hidden_too, protect, whole

STATES_OF_NO = tuple(state for state in STATES if state not in ("GRANTED", "BASIS"))
"""A person with nothing allowed is counted once, under the first of these states."""
ALLOWED = "ALLOWED"
SENSITIVE = "SENSITIVE_"
EXPIRING, REVIEW_NOTICE = timedelta(days=30), timedelta(days=60)
SIZES = (("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4", 4, 4), ("5–9", 5, 9), ("10+", 10, None))


def funnel(db: Transaction, published_no: int | None) -> dict[str, Any]:
    """Records received, set aside and linked, then people, those who may be contacted for something, and those in version ``published_no``."""
    states = {state: int(n) for state, n in db.counts(tables.contact, "state").itertuples(index=False)}
    live = tables.clean_row.c
    published = (
        0 if published_no is None else _different(db, tables.clean_row, (live.batch_no == published_no) & (live.channel != NO_CHANNEL) & permitted_now())
    )
    return {
        "records": sum(states.values()),
        "quarantined": states.get("quarantined", 0),
        "gone": states.get("gone", 0),
        "linked_records": db.count(tables.membership),
        "persons": _different(db, tables.membership),
        "reachable_persons": _different(db, tables.permission, tables.permission.c.allowed & (tables.permission.c.channel != NO_CHANNEL)),
        "published_persons": published,
    }


def purposes(db: Transaction, batch: Batch, policy: Policy) -> list[dict[str, Any]]:
    """Per purpose: basis, consumers, people allowed on at least one channel, the others by the strongest reason (small counts hidden)."""
    column = tables.permission.c
    soon = (column.state == "GRANTED") & (column.valid_until >= batch.as_of_text) & (column.valid_until < instant(batch.as_of + EXPIRING))
    expiring = {code: int(n) for code, n in db.counts(tables.permission, "purpose", where=soon, distinct="person_id").itertuples(index=False)}
    allowed = {code: int(n) for code, n in db.counts(tables.permission, "purpose", where=column.allowed, distinct="person_id").itertuples(index=False)}
    found = []
    for code, purpose in policy.purposes.items():
        by_state, by_reason, states_of = _denied(db, code)
        shown = protect({ALLOWED: allowed.get(code, 0)} | by_state)
        test = purpose.balancing_test
        found.append(
            {
                "purpose": code,
                "lgpd": {"ground": purpose.lgpd.ground, "article": purpose.lgpd.article},
                "gdpr": {"ground": purpose.gdpr.ground, "article": purpose.gdpr.article},
                "channels": list(purpose.channels),
                "consumers": sorted(name for name, consumer in policy.consumers.items() if code in consumer.purposes),
                "balancing_review": test.review_by.isoformat() if test else None,
                "review_due": bool(test and test.review_by <= (batch.as_of + REVIEW_NOTICE).date()),
                "persons": whole(allowed.get(code, 0) + sum(by_state.values()), shown),
                "allowed": shown[ALLOWED],
                "denied": [{"state": state, "persons": count} for state, count in shown.items() if state != ALLOWED],
                "reasons": [
                    {"reason": reason, "persons": hidden_too(count, [shown.get(state, count) for state in states_of[reason]])}
                    for reason, count in by_reason.items()
                ],
                "expiring": few(expiring.get(code, 0)),
            }
        )
    return found


def personal_data(db: Transaction) -> dict[str, Any]:
    """Personal data found in free text: by source, field and entity; ``sensitive`` marks special categories (LGPD art. 5 II).

    ``inferred``: records whose e-mail domain or employer hints at one (LGPD art. 11 §1), by source, field and kind.
    """
    guess = tables.pii_finding.c.entity.startswith(INFERRED, autoescape=True)
    rows = db.counts(tables.pii_finding, "source", "field", "entity", where=~guess)
    records = db.counts(tables.pii_finding, "source", "field", "entity", where=~guess, distinct="record_id")["n"]
    guessed = db.counts(tables.pii_finding, "source", "field", "entity", where=guess)
    return {
        "texts": db.count(tables.free_text),
        "texts_with": _different(db, tables.pii_finding, ~guess, "text_id"),
        "found": [
            {"source": source, "field": field, "entity": entity, "count": few(int(n)), "records": few(int(of)), "sensitive": entity.startswith(SENSITIVE)}
            for (source, field, entity, n), of in zip(rows.itertuples(index=False), records, strict=True)
        ],
        "inferred": [
            {"source": source, "field": field, "kind": entity.replace(INFERRED, SENSITIVE), "records": few(int(n))}
            for source, field, entity, n in guessed.itertuples(index=False)
        ],
    }


def merges(db: Transaction, batch: Batch) -> dict[str, Any]:
    """People by number of records, pairs waiting for a judgement, judgements, and what happened to identities in this batch."""
    sizes = db.counts(tables.membership, "person_id")["n"]
    within = {name: int(((sizes >= low) & (sizes <= (high or sizes.max()))).sum()) for name, low, high in SIZES}
    events = db.counts(tables.identity_event, "kind", where=tables.identity_event.c.batch_no == batch.number)
    unsure = db.read(tables.pair, "record_a", "record_b", where=tables.pair.c.zone == "unsure")
    judged = db.read(tables.judgement, "judgement_no", "record_a", "record_b", "verdict", "undoes")
    judged = judged[judged["undoes"].isna() & ~judged["judgement_no"].isin(judged["undoes"].dropna())]
    settled = judged.loc[judged["verdict"] != "unsure", ["record_a", "record_b", "verdict"]]
    waiting = unsure.merge(settled.drop_duplicates(["record_a", "record_b"]), how="left", on=["record_a", "record_b"])["verdict"].isna()
    return {
        "persons_by_records": [{"records": name, "persons": few(count)} for name, count in within.items()],
        "persons": len(sizes),
        "records": int(sizes.sum()),
        "largest": int(sizes.max()) if len(sizes) else 0,
        "matched_pairs": db.count(tables.pair, tables.pair.c.zone == "match"),
        "unsure_pairs": int(waiting.sum()),
        "judgements": {verdict: int(n) for verdict, n in judged["verdict"].value_counts().sort_index().items()},
        "identity_events": {kind: int(n) for kind, n in events.itertuples(index=False)},
    }


def permitted_now() -> Any:
    """Whether a row of a published version is still permitted; the clean views show no other."""
    row, yes = tables.clean_row.c, tables.permission.c
    same = (yes.person_id == row.person_id) & (yes.purpose == row.purpose) & (yes.channel == row.channel) & (yes.point_ref == row.point_ref)
    return tables.permission.select().where(same & yes.allowed).exists()


def _denied(db: Transaction, purpose: str) -> tuple[dict[str, int], dict[str, int], dict[str, set[str]]]:
    """People with nothing allowed for a purpose: each once under the strongest state, most frequent first; and under each of their reasons.

    Third: per reason the state of its own name and the one it mostly leads to, under which the same people are counted.
    """
    row, other = tables.permission.c, tables.permission.alias()
    allowed = other.select().where((other.c.person_id == row.person_id) & (other.c.purpose == purpose) & other.c.allowed).exists()
    rows = db.read(tables.permission, "person_id", "state", "reasons", where=(row.purpose == purpose) & ~row.allowed & ~allowed)
    person = rows["person_id"].astype("category").cat.codes
    states = [*STATES_OF_NO, *sorted(set(rows["state"]) - set(STATES_OF_NO))]
    rank = rows["state"].astype("object").map({state: place for place, state in enumerate(states)})
    numbers = rank.groupby(person).min().value_counts()
    by_state = {state: int(numbers[place]) for place, state in enumerate(states) if place in numbers.index}
    reasons = rows["reasons"].astype("category")
    by_reason, states_of = {}, {}
    for reason in (reason.code for reason in REASONS if not reason.permits):
        combined = [text for text in reasons.cat.categories if reason in text.split(",")]
        if combined:
            mine = reasons.isin(combined)
            by_reason[reason] = int(person[mine].nunique())
            states_of[reason] = {reason, rows["state"][mine].mode().iloc[0]}
    return dict(sorted(by_state.items(), key=lambda item: (-item[1], item[0]))), by_reason, states_of


def _different(db: Transaction, table: Any, where: Any = None, column: str = "person_id") -> int:
    return int(db.counts(table, where=where, distinct=column)["n"].iloc[0])
