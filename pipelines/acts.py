"""What the stages need to know of judgements and acts: which count, whose ids come back, which moves were an act's, and which of them never were.

An undone act leaves nothing behind: its judgements no longer count, the records it had moved claim the ids they had, and its
moves are no part of a record's history, on which the no of a departed record travels.
"""

import pandas as pd

from contacts import tables
from contacts.warehouse import TEXT, Transaction
from dedup import identity
from dedup import judgements as rules

act, member, event = tables.identity_act, tables.act_record, tables.identity_event


def judged(db: Transaction) -> pd.DataFrame:
    """The judgements that count, and as ``undone`` the pairs of which none counts any more: judgement_no, record_a, record_b, verdict."""
    given = db.read(tables.judgement)
    counts = rules.in_force(given)
    lifted = given.drop_duplicates(rules.PAIR, keep="last").assign(verdict=rules.UNDONE)
    every = pd.concat([counts, lifted[~pd.MultiIndex.from_frame(lifted[rules.PAIR]).isin(pd.MultiIndex.from_frame(counts[rules.PAIR]))]])
    return every.sort_values("judgement_no", ignore_index=True)[["judgement_no", *rules.PAIR, "verdict"]]


def returning(db: Transaction, before: pd.DataFrame, history: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """Records an act had moved that was undone since an earlier batch had followed it, with the person they were of: record_id, person_id.

    ``before`` and ``history``: membership before this batch, and all identity events.
    """
    mine = act.c.undone_by.is_not(None) & (act.c.taken_batch < batch_no) & (act.c.restored_batch.is_(None) | (act.c.restored_batch == batch_no))
    undone = db.read(act, "act_no", "taken_batch", where=mine).sort_values("act_no")
    named = db.read_for(member, "act_no", undone["act_no"], "act_no", "record_id", "person_id")
    given = [(int(taken), named[named["act_no"] == number]) for number, taken in undone[["act_no", "taken_batch"]].itertuples(index=False)]
    return identity.returning(before, history[history["batch_no"] < batch_no], given)


def follow(db: Transaction, events: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """``events`` of this batch with the number of the act behind each; notes which acts this batch is the first to follow or to give back."""
    counts = rules.in_force(db.read(tables.judgement))["act_no"].dropna().unique()
    open_ones = act.c.taken_batch.is_(None) | (act.c.taken_batch == batch_no)
    there = db.read(act, where=open_ones | act.c.restored_batch.is_(None) | (act.c.restored_batch == batch_no))
    taken = there[there["act_no"].isin(counts) & (there["taken_batch"].fillna(batch_no) == batch_no)]
    back = there[there["undone_by"].notna() & (there["restored_batch"].fillna(batch_no) == batch_no)]
    db.update_for(act, "act_no", taken["act_no"], taken_batch=batch_no)
    db.update_for(act, "act_no", back["act_no"], restored_batch=batch_no)
    telling = pd.concat([taken["act_no"], back.loc[back["taken_batch"] < batch_no, "act_no"]])
    records = db.read_for(member, "act_no", telling, "act_no", "record_id").sort_values("act_no").drop_duplicates("record_id", keep="last")
    return events.assign(act_no=events["record_id"].map(records.set_index("record_id")["act_no"]).astype("Int64"))


def history(db: Transaction) -> pd.DataFrame:
    """Identity events as if undone acts had never been: record_id, from_person, to_person."""
    moves = db.read(event, "record_id", "kind", "from_person", "to_person", "act_no")
    undone = db.read(act, "act_no", where=act.c.undone_by.is_not(None))["act_no"]
    mine = moves["act_no"].isin(undone).fillna(False).astype(bool)
    arrived = moves["kind"].isin(["born", "joined"])
    if mine.any():  # who arrived with the batch of the act arrived all the same, at the person it had before the act
        was = db.read_for(member, "act_no", undone, "act_no", "record_id", "person_id").set_index(["act_no", "record_id"])["person_id"]
        place = pd.MultiIndex.from_frame(moves.loc[mine & arrived, ["act_no", "record_id"]].astype("int64"))
        moves.loc[mine & arrived, "to_person"] = was.reindex(place).astype(TEXT).to_numpy()
    return moves.loc[~mine | arrived | (moves["kind"] == "left"), ["record_id", "from_person", "to_person"]]
