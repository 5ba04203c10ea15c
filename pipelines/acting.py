"""`lastro merge | unmerge | move`: a steward's act on persons, kept as judgements the next link run follows, undone without a trace."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.model import instant
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from dedup import acts
from dedup import judgements as rules
from pipelines import judging, screen
from pipelines.explain import find_person
from pipelines.quarantining import find_record
from pipelines.run import connect, staff_id

act, member = tables.identity_act, tables.act_record


def merge(one: str, other: str, because: str, by: str, as_json: bool) -> None:
    """Make one person of two. Raises ConfigurationError, NotFound."""
    judging.check_words(rules.SAME, because)
    settings = load()
    with connect(settings).transaction() as db:
        persons = sorted((find_person(db, settings, one), find_person(db, settings, other)))
        if persons[0] == persons[1]:
            raise ConfigurationError("Both are the same person already.", "`lastro explain` shows the person's records.")
        done = _act(db, settings, acts.MERGE, [_members(db, person) for person in persons], because, by)
    _tell(settings, done, as_json)


def unmerge(person: str, records: list[str], because: str, by: str, as_json: bool) -> None:
    """Take records out of a person. Raises ConfigurationError, NotFound."""
    judging.check_words(rules.DIFFERENT, because)
    settings = load()
    with connect(settings).transaction() as db:
        person_id = find_person(db, settings, person)
        whole = _members(db, person_id)
        leaving = pd.Series([find_record(db, settings, record) for record in records]).drop_duplicates()
        if not leaving.isin(whole).all():
            raise NotFound("One of the records is not this person's.", f"`lastro explain {person_id}` lists them.")
        if len(leaving) == len(whole):
            raise ConfigurationError("Nothing would stay of the person.", "Name the records that are somebody else's; the others stay.")
        done = _act(db, settings, acts.UNMERGE, [whole[~whole.isin(leaving)], leaving], because, by)
    _tell(settings, done, as_json)


def move(record: str, person: str, because: str, by: str, as_json: bool) -> None:
    """Take a record out of its person and give it to another. Raises ConfigurationError, NotFound."""
    judging.check_words(rules.SAME, because, rules.DIFFERENT)
    settings = load()
    with connect(settings).transaction() as db:
        record_id, target = find_record(db, settings, record), find_person(db, settings, person)
        source = find_person(db, settings, str(record_id))
        if source == target:
            raise ConfigurationError("The record is this person's already.", f"`lastro explain {target}` lists the person's records.")
        whole = _members(db, source)
        done = _act(db, settings, acts.MOVE, [whole[whole != record_id], pd.Series([record_id]), _members(db, target)], because, by)
    _tell(settings, done, as_json)


def undo(act_no: int, because: str, by: str, as_json: bool) -> None:
    """Take an act back: the next link run gives every record the person it had before. Raises ConfigurationError, NotFound."""
    judging.check_words(rules.UNDONE, because)
    settings, who = load(), staff_id(by)
    with connect(settings).transaction() as db:
        db.lock(act)
        found = db.read(act, where=act.c.act_no == act_no)
        if found.empty:
            raise NotFound("There is no act of this number.", "`lastro merge`, `unmerge` and `move` say the number of each.")
        if pd.notna(found["undone_by"].iloc[0]):
            raise ConfigurationError("This act is undone already.", "`lastro explain PERSON` shows how it is now.")
        mine = db.read(member, "record_id", where=member.c.act_no == act_no)
        later = db.read_for(member, "record_id", mine["record_id"], "act_no").query("act_no > @act_no")["act_no"].unique()
        standing = db.read(act, "act_no", where=act.c.act_no.in_(later.tolist()) & act.c.undone_by.is_(None))["act_no"]
        if len(standing):
            raise ConfigurationError(
                f"Act {standing.max()} came later and concerns some of the same records.", f"Undo it first: `lastro undo act {standing.max()} --by YOU`."
            )
        db.lock(tables.judgement)
        given = db.read(tables.judgement, where=(tables.judgement.c.act_no == act_no) & tables.judgement.c.undoes.is_(None))
        judging.take_back(db, given, because, who)
        db.update(act, act.c.act_no == act_no, undone_by=who)
        ledger.append(db, "act.undone", who, None, {"act_no": act_no, "because": because, "records": len(mine)})
        ledger.checkpoint(db, settings)
    pt = settings.language == "pt"
    says = [f"O ato {act_no} foi desfeito; a próxima vinculação devolve a cada registro a pessoa que tinha." if pt
            else f"Act {act_no} is undone; the next link stage gives every record the person it had."]  # fmt: skip
    screen.show(as_json, {"undone": act_no, "records": len(mine)}, [], says, FOLLOWING)


FOLLOWING = "lastro stage link   ·   lastro run --batch BATCH   ·   lastro undo act NUMBER --by YOU"


def _act(db: Transaction, settings: Settings, kind: str, sides: list[pd.Series], because: str, by: str) -> dict[str, Any]:
    """Record an act, or the second opinion on one that waits for it."""
    who = staff_id(by)
    db.take_turn()
    parts = pd.concat([pd.DataFrame({"record_id": side, "part": part}) for part, side in enumerate(sides, 1)], ignore_index=True)
    person = db.read_for(tables.membership, "record_id", parts["record_id"], "record_id", "person_id")
    parts = parts.merge(person, on="record_id").sort_values("record_id", ignore_index=True)
    _check(db, settings, kind, parts, sides)
    pairs = acts.judged_pairs(kind, parts)
    _check_judged(db, pairs)
    known = _waiting(db, kind, parts, who)
    number = known or (db.maximum(act, "act_no") or 0) + 1
    if known:
        db.update(act, act.c.act_no == known, confirmed_by=who)
    else:
        row = {"act_no": number, "kind": kind, "reason": because, "acted_by": who, "acted_at": instant(datetime.now(UTC))}
        db.append(act, [row])
        db.append(member, parts.assign(act_no=number))
    given = judging.record(db, settings, pairs.assign(reason=because), who, number) if len(pairs) else []
    counts = all(one.counts for one in given)
    told = {"act_no": number, "kind": kind, "records": len(parts), "judgements": len(given), "counts": counts, "confirms": bool(known)}
    ledger.append(db, f"person.{kind}", who, None, told | {"because": because, "persons": sorted(parts["person_id"].unique())})
    ledger.checkpoint(db, settings)
    return told


def _check(db: Transaction, settings: Settings, kind: str, parts: pd.DataFrame, sides: list[pd.Series]) -> None:
    """Refuse what no link run could keep: people with organisations, or a person of more records than one may have."""
    from dedup.linkage import load_linkage

    joined = parts if kind == acts.MERGE else parts[parts["part"] >= 2] if kind == acts.MOVE else parts.iloc[:0]
    kinds = db.read_for(tables.contact, "record_id", joined["record_id"], "kind")["kind"].unique()
    if len(kinds) > 1:
        raise ConfigurationError("One is a person, the other an organisation.", "Mend the record's kind at its source.")
    if len(kinds) and len(joined) > (largest := load_linkage(settings.linkage).kind(str(kinds[0])).clusters.largest):
        raise ConfigurationError(
            f"The person would have {len(joined)} records, more than the {largest} one may have.", "`clusters: largest` in linkage.yml says how many."
        )


def _check_judged(db: Transaction, pairs: pd.DataFrame) -> None:
    """Refuse an act against what a person has judged pair by pair: that has to be looked at first. A later act may go against an earlier one."""
    counts = rules.in_force(db.read(tables.judgement))
    counts = counts[counts["act_no"].isna()]
    both = pairs.merge(counts[[*rules.PAIR, "verdict", "judgement_no"]], on=rules.PAIR, suffixes=("", "_judged"))
    against = both[(both["verdict"] != both["verdict_judged"]) & (both["verdict_judged"] != rules.UNSURE)]
    if len(against):
        number = int(against["judgement_no"].iloc[0])
        raise ConfigurationError(
            f"{len(against)} pairs are judged otherwise, the first by judgement {number}.",
            f"Undo what is wrong first: `lastro undo judgement {number} --by YOU`.",
        )


def _waiting(db: Transaction, kind: str, parts: pd.DataFrame, who: str) -> int:
    """The act of another person that is the same and waits for a second opinion; 0 without one."""
    mine = act.c.kind == kind
    open_ones = db.read(
        act, "act_no", where=mine & act.c.undone_by.is_(None) & act.c.confirmed_by.is_(None) & act.c.taken_batch.is_(None) & (act.c.acted_by != who)
    )
    records = db.read_for(member, "act_no", open_ones["act_no"])
    wanted = set(parts[["record_id", "part"]].itertuples(index=False, name=None))
    same = [
        int(group["act_no"].iloc[0]) for _, group in records.groupby("act_no") if set(group[["record_id", "part"]].itertuples(index=False, name=None)) == wanted
    ]
    waits = rules.waiting(db.read(tables.judgement))["act_no"].dropna().unique()
    return next((number for number in same if number in waits), 0)


def _members(db: Transaction, person_id: str) -> pd.Series:
    return db.read(tables.membership, "record_id", where=tables.membership.c.person_id == person_id)["record_id"]


def _tell(settings: Settings, done: dict[str, Any], as_json: bool) -> None:
    pt = settings.language == "pt"
    words = {acts.MERGE: ("Fusão", "Merge"), acts.UNMERGE: ("Separação", "Unmerge"), acts.MOVE: ("Mudança", "Move")}[done["kind"]]
    if done["counts"]:
        said = (
            f"{words[0]} {done['act_no']} guardada; a próxima vinculação a segue."
            if pt
            else f"{words[1]} {done['act_no']} is recorded; the next link stage follows it."
        )
    elif pt:
        said = f"{words[0]} {done['act_no']} guardada. Toca muitos registros: vale quando uma segunda pessoa der o mesmo comando."
    else:
        said = f"{words[1]} {done['act_no']} is recorded. It touches many records: it counts once a second person gives the same command."
    screen.show(as_json, done, [], [said], FOLLOWING)
