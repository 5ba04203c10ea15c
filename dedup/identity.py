"""Who is who from batch to batch: clusters inherit person ids, and every change of a record's person is an event.

When persons merge the older id lives on; when a person splits, the larger part keeps the id; a part that had come
by a merge and leaves as it came gets its former id back, so an undone merge leaves no trace in the ids.
"""

from collections.abc import Callable, Container, Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from contacts.warehouse import TEXT

MOVES = ("born", "joined", "left", "moved", "merged", "split")
Birth = Callable[[int], str]
"""Smallest record id of a new cluster -> the id of the person born with it."""


def memberships(
    clusters: pd.DataFrame,
    before: pd.DataFrame,
    ages: pd.DataFrame,
    former: pd.DataFrame,
    born: Birth,
    batch_no: int,
    returning: pd.DataFrame | None = None,
    elsewhere: Container[str] = frozenset(),
) -> pd.DataFrame:
    """Person of every record: columns record_id, person_id, batch_no.

    ``clusters``: record_id, cluster (active records; a cluster is named by its smallest record id). ``before``: record_id,
    person_id, batch_no as it was before this batch. ``ages``: person_id, since (batch of birth). ``former``: record_id,
    person_id of those whose last move was a merge. ``returning``: record_id, person_id as they were before an act that was
    undone since: such a record claims its id of then, not the one the act gave it.

    All of it may be only what a batch reaches, as ``index.Change`` tells it (its rows and those gone): then ``elsewhere`` says of a
    person_id whether somebody outside bears it, and what comes out is what the whole would have given for these records.
    """
    held = before if returning is None or returning.empty else _as_it_was(before, returning)
    old = clusters.merge(held[["record_id", "person_id"]], on="record_id")
    claims = old.groupby(["cluster", "person_id"]).agg(records=("record_id", "size"), smallest=("record_id", "min")).reset_index()
    claims = claims.merge(ages, on="person_id", how="left").fillna({"since": 0})
    claims = _return_former(claims, clusters, former, set(held["person_id"]), elsewhere)
    # each old id goes to its largest part; of the ids a cluster then holds, the oldest lives on
    claims = claims.sort_values(["returned", "records", "smallest"], ascending=[False, False, True]).drop_duplicates("person_id")
    claims = claims.sort_values(["returned", "since", "records", "person_id"], ascending=[False, True, False, True]).drop_duplicates("cluster")
    person = dict(zip(claims["cluster"], claims["person_id"], strict=True))
    taken = set(person.values())
    for cluster in np.setdiff1d(clusters["cluster"], claims["cluster"]).tolist():
        code = born(cluster)
        if code in taken or code in elsewhere:  # a person that lost its founding record keeps its id
            others = clusters.loc[clusters["cluster"] == cluster, "record_id"].sort_values().tolist()
            code = next(code for code in map(born, [*others, -cluster]) if code not in taken and code not in elsewhere)
        person[cluster] = code
        taken.add(code)
    now = clusters.assign(person_id=clusters["cluster"].map(person).astype(TEXT))[["record_id", "person_id"]]
    now = now.merge(before, on="record_id", how="left", suffixes=("", "_before"))
    stayed = (now["person_id"] == now["person_id_before"]).fillna(False)
    now["batch_no"] = now["batch_no"].where(stayed, batch_no).astype("int64")
    return now[["record_id", "person_id", "batch_no"]].sort_values("record_id", ignore_index=True)


def events(before: pd.DataFrame, now: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """Moves of records between persons: batch_no, record_id, kind, from_person, to_person.

    born: new record, new person; joined: new record, known person; left: record no longer active; merged: its person
    went up in another; split: taken out into a new person; moved: from one living person to another.
    """
    both = before[["record_id", "person_id"]].merge(now[["record_id", "person_id"]], on="record_id", how="outer", suffixes=("_from", "_to"))
    both = both.rename(columns={"person_id_from": "from_person", "person_id_to": "to_person"})
    both = both[both["from_person"].isna() | both["to_person"].isna() | (both["from_person"] != both["to_person"])]
    was, alive = both["to_person"].isin(set(before["person_id"])), both["from_person"].isin(set(now["person_id"]))
    kind = pd.Series("moved", index=both.index, dtype=object)
    kind[~was] = "split"
    kind[~alive & was] = "merged"
    kind[both["from_person"].isna()] = "joined"
    kind[both["from_person"].isna() & ~was] = "born"
    kind[both["to_person"].isna()] = "left"
    columns = {"record_id": both["record_id"], "kind": kind, "from_person": both["from_person"], "to_person": both["to_person"]}
    return pd.DataFrame({"batch_no": batch_no, **columns}).sort_values("record_id", ignore_index=True)


def undo(now: pd.DataFrame, history: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """The membership as it was before ``batch_no``, from that batch's own events, so that a repeated stage starts where it started.

    ``history``: identity events of all batches; returns record_id, person_id, batch_no.
    """
    mine = history[history["batch_no"] == batch_no]
    earlier = history[(history["batch_no"] < batch_no) & history["record_id"].isin(mine["record_id"])]
    since = earlier.groupby("record_id")["batch_no"].max()
    restored = mine.loc[mine["from_person"].notna(), ["record_id", "from_person"]].rename(columns={"from_person": "person_id"})
    restored = restored.assign(batch_no=restored["record_id"].map(since).fillna(0).astype("int64"))
    kept = now.loc[~now["record_id"].isin(mine["record_id"]), ["record_id", "person_id", "batch_no"]]
    return pd.concat([kept, restored]).sort_values("record_id", ignore_index=True)


def returning(members: pd.DataFrame, history: pd.DataFrame, undone: Sequence[tuple[int, pd.DataFrame]]) -> pd.DataFrame:
    """Which records claim which person because acts were undone: record_id, person_id.

    ``undone``: the acts in their order, each with the batch that had followed it and the persons of its records (record_id, person_id)
    when it was made. Of several acts on a record the earliest knows how it was before all of them.
    """
    own = [was[["record_id", "person_id"]] for _, was in undone]
    around = [as_before(members, history, taken, was["record_id"]) for taken, was in undone]
    none = members[["record_id", "person_id"]].head(0)
    return pd.concat([none, *own, *around], ignore_index=True).drop_duplicates("record_id")


def as_before(members: pd.DataFrame, history: pd.DataFrame, batch_no: int, records: pd.Series) -> pd.DataFrame:
    """The persons of ``records`` before ``batch_no``, and of all who were or are one person with them, or with those, and so on: record_id, person_id.

    Taking a record out of one person may move records of the next, which nobody named; undone, they too are to have their persons back.
    ``members``: record_id, person_id of today; ``history``: identity events up to today. Records that were in no person then are left out.
    """
    since = history[history["batch_no"] >= batch_no].sort_values("batch_no", kind="stable").drop_duplicates("record_id")
    moved = members["record_id"].map(since.set_index("record_id")["from_person"])
    then = moved.astype(TEXT).where(members["record_id"].isin(since["record_id"]), members["person_id"])
    now, persons = pd.factorize(pd.concat([members["person_id"], then], ignore_index=True))
    count, ends = len(members), now.reshape(2, -1)
    known = ends[1] >= 0
    rows = np.concatenate([np.arange(count), np.flatnonzero(known)])
    columns = count + np.concatenate([ends[0], ends[1][known]])
    size = count + len(persons)
    _, group = connected_components(coo_matrix((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(size, size)), directed=False)
    group = group[:count]
    touched = known & np.isin(group, np.unique(group[members["record_id"].isin(records).to_numpy()]))
    return pd.DataFrame({"record_id": members["record_id"].array, "person_id": then.array})[touched].reset_index(drop=True)


def ages(history: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """Batch of birth of every person known before ``batch_no``: person_id, since."""
    known = history[(history["batch_no"] < batch_no) & history["to_person"].notna()]
    return known.groupby("to_person")["batch_no"].min().rename("since").rename_axis("person_id").reset_index()


def former(history: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """The person a record belonged to before it was merged away, for records whose last move was that merge: record_id, person_id."""
    last = history[history["batch_no"] < batch_no].sort_values("batch_no", kind="stable").drop_duplicates("record_id", keep="last")
    merged = last[last["kind"] == "merged"]
    return merged[["record_id", "from_person"]].rename(columns={"from_person": "person_id"})


def _as_it_was(before: pd.DataFrame, returning: pd.DataFrame) -> pd.DataFrame:
    """``before`` with the persons an undone act had taken records from."""
    then = before["record_id"].map(returning.set_index("record_id")["person_id"])
    return before.assign(person_id=then.astype(TEXT).fillna(before["person_id"]))


def _return_former(claims: pd.DataFrame, clusters: pd.DataFrame, former: pd.DataFrame, alive: set[str], elsewhere: Container[str]) -> pd.DataFrame:
    """Where a person falls apart, a part made up of all that one merge had brought claims the id it came with."""
    claims = claims.assign(returned=False)
    parts = claims.groupby("person_id")["cluster"].transform("size")
    broken = claims[parts > 1]
    if broken.empty or former.empty:
        return claims
    inside = clusters[clusters["cluster"].isin(broken["cluster"])].merge(former, on="record_id", how="left")
    origins = inside.groupby("cluster")["person_id"].agg(["nunique", "count", "size", "min"])
    whole = origins[(origins["nunique"] == 1) & (origins["count"] == origins["size"]) & ~origins["min"].isin(alive)]
    whole = whole[np.array([name not in elsewhere for name in whole["min"]], dtype=bool)]
    back = whole.drop_duplicates("min")["min"]
    staying = broken[~broken["cluster"].isin(back.index)].groupby("person_id").size()
    going = claims["cluster"].isin(back.index) & claims["person_id"].isin(staying.index)
    claims = claims.assign(person_id=claims["person_id"].where(~going, claims["cluster"].map(back)), returned=going)
    return claims.astype({"person_id": TEXT})
