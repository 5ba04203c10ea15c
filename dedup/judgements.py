"""What people have decided about pairs: which judgements count, where they contradict one another, which pair to ask about next.

Judgements are appended, never changed. Of one pair every judge's newest opinion stands, an undone one is as if it had never
been given, and the newest verdict that has enough opinions behind it counts.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from contacts.warehouse import TEXT

SAME, DIFFERENT, UNSURE, UNDONE = "same", "different", "unsure", "undone"
VERDICTS = (SAME, DIFFERENT, UNSURE)
PAIR = ["record_a", "record_b"]

REASONS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "AS_SHOWN": ((SAME, DIFFERENT, UNSURE), "o que os registros mostram basta", "what the records show is enough"),
    "CONFIRMED_WITH_PERSON": ((SAME, DIFFERENT), "a própria pessoa confirma", "the person confirms it"),
    "CONFIRMED_BY_SOURCE": ((SAME, DIFFERENT), "o responsável pela fonte confirma", "the source's owner confirms it"),
    "CONFIRMED_BY_DOCUMENT": ((SAME, DIFFERENT), "conferido em documento", "checked against a document"),
    "NAME_CHANGED": ((SAME,), "o nome mudou: casamento, nome social, grafia", "the name has changed: marriage, social name, spelling"),
    "NAMESAKE": ((DIFFERENT,), "homônimos", "two people of the same name"),
    "FAMILY": ((DIFFERENT,), "família: pai e filho, gêmeos, casal", "one family: father and son, twins, a couple"),
    "SHARED_CONTACT": ((DIFFERENT,), "e-mail ou telefone de uso comum", "a shared mailbox or phone"),
    "NOT_ENOUGH": ((UNSURE,), "os dados não bastam", "the data do not suffice"),
    "MISTAKE": ((UNDONE,), "julgado por engano", "judged by mistake"),
    "NEW_INFORMATION": ((UNDONE,), "há informação nova", "something new has come to light"),
}
"""Code -> the verdicts it may stand with, Portuguese, English: a closed list, as words typed freely would bring personal data into the ledger."""


def reasons_for(verdict: str) -> tuple[str, ...]:
    """The reasons that may stand with a verdict (``undone`` for taking one back)."""
    return tuple(code for code, (verdicts, _, _) in REASONS.items() if verdict in verdicts)


def opinions(judgements: pd.DataFrame) -> pd.DataFrame:
    """Judgements that stand: not undone, and of each judge the newest per pair; in the order they were given."""
    undone = judgements["undoes"].dropna()
    given = judgements[judgements["undoes"].isna() & ~judgements["judgement_no"].isin(undone)]
    return given.sort_values("judgement_no").drop_duplicates([*PAIR, "judged_by"], keep="last")


def in_force(judgements: pd.DataFrame) -> pd.DataFrame:
    """The judgements that count, one per pair: the newest of the verdict that has enough opinions, the newest such verdict.

    ``judgements``: judgement_no, record_a, record_b, verdict, judged_by, opinions (missing counts as one), undoes, and what else is to be kept.
    """
    stand = opinions(judgements)
    groups = stand.groupby([*PAIR, "verdict"], sort=False)["judgement_no"]
    enough = groups.transform("size") >= stand["opinions"].fillna(1).astype("int64")
    newest = stand["judgement_no"] == groups.transform("max")
    return stand[newest & enough].drop_duplicates(PAIR, keep="last").sort_values("judgement_no", ignore_index=True)


def waiting(judgements: pd.DataFrame) -> pd.DataFrame:
    """Opinions that wait for a second person: given on a pair, newer than what counts there, and not enough."""
    stand = opinions(judgements)
    counts = in_force(judgements)[[*PAIR, "judgement_no"]].rename(columns={"judgement_no": "counts"})
    both = stand.merge(counts, on=PAIR, how="left")
    return both[both["judgement_no"] > both["counts"].fillna(0)].drop(columns="counts").drop_duplicates(PAIR, keep="last")


def contradictions(judged: pd.DataFrame) -> pd.DataFrame:
    """Pairs judged different (record_a, record_b, judgement_no) although judgements of `same` lead from one record to the other: A≠B, yet both are C."""
    same, different = judged[judged["verdict"] == SAME], judged[judged["verdict"] == DIFFERENT]
    ids = np.unique(judged[PAIR].to_numpy("int64").ravel())
    if same.empty or different.empty:
        return different.iloc[:0][[*PAIR, "judgement_no"]]
    group = pd.Series(_joined(ids, same), index=ids)
    return different.loc[(different["record_a"].map(group) == different["record_b"].map(group)).to_numpy(), [*PAIR, "judgement_no"]]


def between(judged: pd.DataFrame, first: int, second: int, verdict: str) -> pd.DataFrame:
    """The judgements a new ``verdict`` on a pair would contradict: those that lead from one record to the other, or keep their groups apart."""
    judged = judged[~((judged["record_a"] == first) & (judged["record_b"] == second))]
    same, different = judged[judged["verdict"] == SAME], judged[judged["verdict"] == DIFFERENT]
    ids = np.unique(np.r_[judged[PAIR].to_numpy("int64").ravel(), first, second])
    group = pd.Series(_joined(ids, same), index=ids)
    if verdict == DIFFERENT:
        return same[(same["record_a"].map(group) == group[first]).to_numpy()] if group[first] == group[second] else same.iloc[:0]
    sides = pd.DataFrame({"a": different["record_a"].map(group), "b": different["record_b"].map(group)})
    across = ((sides["a"] == group[first]) & (sides["b"] == group[second])) | ((sides["a"] == group[second]) & (sides["b"] == group[first]))
    return different[across.to_numpy()] if verdict == SAME else different.iloc[:0]


def usefulness(pairs: pd.DataFrame, persons: pd.Series, conflicted: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How much a judgement on each pair would teach: uncertainty in bits times the pairs of records it would bring together.

    ``pairs``: record_a, record_b, probability; ``persons``: person_id by record_id; ``conflicted``: pairs whose persons other
    judgements contradict, which weigh double. A pair that is in one person by other bonds changes least.
    """
    p = np.clip(pairs["probability"].to_numpy("float64"), 1e-9, 1 - 1e-9)
    uncertain = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    sizes = persons.value_counts()
    a, b = pairs["record_a"].map(persons), pairs["record_b"].map(persons)
    would = a.map(sizes).fillna(1).to_numpy("float64") * b.map(sizes).fillna(1).to_numpy("float64")
    settled = (a == b).fillna(False).to_numpy(bool)
    return np.asarray(uncertain * np.where(settled, 0.5, would) * np.where(conflicted, 2.0, 1.0))


def cross(first: pd.Series, second: pd.Series, verdict: str) -> pd.DataFrame:
    """Every record of one side against every record of the other: record_a, record_b, verdict."""
    a, b = (np.asarray(side, dtype="int64") for side in (first, second))
    pairs = np.sort(np.stack([np.repeat(a, len(b)), np.tile(b, len(a))], axis=1), axis=1)
    return pd.DataFrame({"record_a": pairs[:, 0], "record_b": pairs[:, 1], "verdict": pd.Series([verdict] * len(pairs), dtype=TEXT)})


def _joined(ids: npt.NDArray[np.int64], same: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Group of every record by the judgements of `same`."""
    place = pd.Series(np.arange(len(ids)), index=ids)
    a, b = same["record_a"].map(place).to_numpy("int64"), same["record_b"].map(place).to_numpy("int64")
    graph = coo_matrix((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(ids), len(ids)))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
