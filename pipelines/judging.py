"""Judgements as they are given: recorded with who, why and what was seen; warned of where they contradict others; undone by appending."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import perhaps
from contacts.errors import ConfigurationError, NotFound
from contacts.model import instant
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from dedup import judgements as rules
from pipelines import pair_view, screen
from pipelines.run import connect, staff_id

judgement = tables.judgement


@dataclass(frozen=True)
class Recorded:
    """What became of a judgement: its number, whether it counts already, the model's score, and the judgements it contradicts."""

    number: int
    counts: bool
    probability: float | None
    against: list[list[str]]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"judgement_no": self.number, "counts": self.counts, "score": self.probability, "contradicts": self.against}


def judge(record_a: int, record_b: int, verdict: str, because: str, by: str, as_json: bool) -> None:
    """Append one judgement and say what it means. Raises ConfigurationError for wrong words, NotFound for unknown records."""
    check_words(verdict, because)
    if record_a == record_b:
        raise ConfigurationError("Both ids name the same record.", "`lastro review` lists pairs of two records.")
    settings, who = load(), staff_id(by)
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        pair = pd.DataFrame([sorted((record_a, record_b))], columns=rules.PAIR).assign(verdict=verdict, reason=because)
        (done,) = record(db, settings, pair, who)
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    screen.show(as_json, done.as_dict() | {"verdict": verdict}, [], said(done, settings.language), "lastro review   ·   lastro run")


def undo(number: int, because: str, by: str, as_json: bool) -> None:
    """Take one judgement back; what was there before counts again. Raises NotFound, ConfigurationError."""
    check_words(rules.UNDONE, because)
    settings, who = load(), staff_id(by)
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        db.lock(judgement)
        found = db.read(judgement, where=judgement.c.judgement_no == number)
        if found.empty:
            raise NotFound("There is no judgement of this number.", "`lastro judge` and `lastro review` say the number of each.")
        row = found.iloc[0]
        if pd.notna(row["act_no"]):
            raise ConfigurationError(
                "This judgement is part of a merge, unmerge or move.", f"Undo the whole act: `lastro undo-act {int(row['act_no'])} --by YOU`."
            )
        if row["verdict"] == rules.UNDONE or db.count(judgement, judgement.c.undoes == number):
            raise ConfigurationError("This judgement is undone already.", "`lastro judge` gives a new one.")
        take_back(db, found, because, who)
        ledger.append(db, "judgement.undone", who, None, {"judgement_no": number, "because": because})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    pt = settings.language == "pt"
    says = [f"O julgamento {number} foi desfeito; vale o que havia antes." if pt else f"Judgement {number} is undone; what was there before counts again."]
    screen.show(as_json, {"undone": number}, [], says, "lastro review   ·   lastro run")


def record(db: Transaction, settings: Settings, pairs: pd.DataFrame, who: str, act_no: int | None = None) -> list[Recorded]:
    """Append one judgement per row of ``pairs`` (record_a < record_b, verdict, reason) and tell of each what it means.

    Raises NotFound when a record is not there. Of an act (``act_no``) the ledger's entry is the act's own.
    """
    from privacy.policy import load_policy

    ids = pd.concat([pairs["record_a"], pairs["record_b"]]).drop_duplicates()
    if len(db.read_for(tables.contact, "record_id", ids, "record_id")) != len(ids):
        raise NotFound("One of the two records does not exist." if len(ids) == 2 else "A record does not exist.", "`lastro review` lists pairs with their ids.")
    db.lock(judgement)
    limit = load_policy(settings.policy).review.second_opinion_above
    first = (db.maximum(judgement, "judgement_no") or 0) + 1
    reaches = touched(db, pairs)
    needed = ((reaches if act_no is None else reaches.clip(lower=reaches.max())) > limit).map({True: 2, False: 1})  # an act counts whole or not at all
    rows = pairs.assign(
        judgement_no=range(first, first + len(pairs)), judged_by=who, judged_at=instant(datetime.now(UTC)), opinions=needed, act_no=act_no,
        seen_hash=pair_view.traces(db, settings.key, pairs),
    )  # fmt: skip
    before = rules.in_force(db.read(judgement))
    db.append(judgement, rows)
    counted = set(rules.in_force(db.read(judgement))["judgement_no"])
    scores = db.read_for(tables.pair, "record_a", pairs["record_a"], *rules.PAIR, "probability").set_index(rules.PAIR)["probability"]
    done = []
    for row in rows.to_dict("records"):
        a, b = row["record_a"], row["record_b"]
        against = rules.between(before, a, b, row["verdict"]) if act_no is None else before.iloc[:0]
        told = [[str(one), str(other), said] for one, other, said in against[[*rules.PAIR, "verdict"]].itertuples(index=False)]
        score = round(float(scores[a, b]), 3) if (a, b) in scores.index else None
        done.append(Recorded(int(row["judgement_no"]), row["judgement_no"] in counted, score, told))
        if act_no is None:
            detail = {"judgement_no": done[-1].number, "verdict": row["verdict"], "because": row["reason"], "counts": done[-1].counts, "contradicts": len(told)}
            ledger.append(db, "pair.judged", who, None, detail)
    return done


def take_back(db: Transaction, found: pd.DataFrame, because: str, who: str) -> None:
    """Append what undoes the judgements ``found``."""
    first = (db.maximum(judgement, "judgement_no") or 0) + 1
    rows = found[[*rules.PAIR]].assign(
        judgement_no=range(first, first + len(found)), verdict=rules.UNDONE, reason=because, judged_by=who, judged_at=instant(datetime.now(UTC)),
        undoes=found["judgement_no"].to_numpy(), act_no=found["act_no"].to_numpy(),
    )  # fmt: skip
    db.append(judgement, rows)


def touched(db: Transaction, pairs: pd.DataFrame) -> pd.Series:
    """How many records the persons have that a judgement on each pair touches, together."""
    ids = pd.concat([pairs["record_a"], pairs["record_b"]])
    person = db.read_for(tables.membership, "record_id", ids, "record_id", "person_id").set_index("record_id")["person_id"]
    size = db.read_for(tables.membership, "person_id", person, "record_id", "person_id")["person_id"].value_counts()
    a, b = pairs["record_a"].map(person), pairs["record_b"].map(person)
    both = a.map(size).fillna(1) + b.map(size).fillna(1)
    return both.where((a != b).fillna(True), a.map(size).fillna(1)).astype("int64")


def check_words(verdict: str, because: str, or_verdict: str = "") -> None:
    """Raises ConfigurationError, with the nearest allowed word, for a verdict or reason that is none."""
    allowed = (rules.UNDONE,) if verdict == rules.UNDONE else rules.VERDICTS
    if verdict not in allowed:
        told = perhaps(verdict, allowed)
        raise ConfigurationError(f"The verdict is not one Lastro knows{told or '.'}", f"Say one of {', '.join(allowed)}.")
    reasons = tuple(dict.fromkeys((*rules.reasons_for(verdict), *rules.reasons_for(or_verdict))))
    if because not in reasons:
        told = perhaps(because.upper(), reasons)
        raise ConfigurationError(f"Not a reason for this verdict{told or '.'}", f"Say one of {', '.join(reasons)}.")


def said(done: Recorded, language: str) -> list[str]:
    """What a judgement means, in words."""
    pt = language == "pt"
    words = [f"Julgamento {done.number} guardado." if pt else f"Judgement {done.number} is recorded."]
    if done.counts:
        words[0] += " A próxima vinculação o segue." if pt else " The next link stage follows it."
    else:
        words[0] += (
            " Toca uma pessoa de muitos registros: vale quando uma segunda pessoa julgar o mesmo."
            if pt
            else " It touches a person of many records: it counts once a second person judges the same."
        )
    if done.probability is not None:
        score = f"{done.probability:.2f}"
        words.append(f"O modelo dá {score.replace('.', ',')}." if pt else f"The model says {score}.")
    if done.against:
        number = len(done.against)
        words.append(f"⚠ Contradiz {number} outros julgamentos:" if pt else f"⚠ It contradicts {number} other judgements:")
        words += [f"   {a} · {b}: {verdict}" for a, b, verdict in done.against[:5]]
    return words
