"""Who types what goes wrong: findings counted by source, team, user and rule; who stands out among the others of a source, and does so again.

Only what somebody types counts: no interactions, nothing that comes with age, no mere hints, no exception a person answers for.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.warehouse import TEXT
from expectations.rules import RULES

Numbers = npt.NDArray[np.float64]
COLUMNS = ["source", "team", "entered_by", "rule", "field", "n", "of", "fresh"]
ANY = ""
"""In the place of a rule: records with any finding; such a row is there for everybody."""
NOBODY = ("", "unknown")
"""Teams and users that name no one: the row does not say, or says a word no list has."""
NOT_TYPED = ("DQ-404", "DQ-412", "DQ-416", "DQ-606")
"""Rules about what a system writes, or what is so with a person (a minor, a ward come of age, an old address): nobody types that wrong."""
TYPED = {
    rule.id: rule.field
    for rule in RULES
    if rule.severity != "halt" and rule.table != "interaction" and rule.dimension != "timeliness" and rule.weight >= 1 and rule.id not in NOT_TYPED
}
"""Rules about what somebody types, and the field of each."""
FEWEST_RECORDS, FEWEST_FOUND = 20, 5
"""Under so many records, or so many of them with the finding, nobody is named."""
NOTABLE = 1.5
"""Whoever has less than this many times the others' rate needs no training, however sure the difference."""
ERROR = 0.05
"""Chance that anybody at all is named wrongly among the teams, or the users, of one source in one batch."""
KEPT = 30
"""Older batches than this many are forgotten: how somebody once worked says nothing of today."""
_HOLDING = {rule.id for rule in RULES if rule.severity == "quarantine"}
_GROUP = ["source", "team", "entered_by"]
_WHO = ["source", "team", "user"]


@dataclass(frozen=True)
class Need:
    """One team or one user of a source who stands out by one rule: ``n`` of their ``of`` records, ``rest_n`` of ``rest_of`` of the others'.

    ``user`` is empty for a team; ``team`` is empty for a user of several. ``fresh`` of the ``n`` came with the last batch; ``batches`` is in
    how many they stood out and made it again; ``trend`` by how many points of 100 records the rate moved since the oldest batch kept.
    """

    source: str
    team: str
    user: str
    rule: str
    field: str
    n: int
    of: int
    rest_n: int
    rest_of: int
    fresh: int
    batches: int
    trend: float | None

    @property
    def rate(self) -> float:
        """Records with the finding per 100."""
        return 100 * self.n / self.of

    @property
    def rest_rate(self) -> float:
        """The same of the others of the source."""
        return 100 * self.rest_n / self.rest_of

    @property
    def again(self) -> bool:
        """Whether this batch is not the first."""
        return self.batches > 1


def tally(contacts: pd.DataFrame, findings: pd.DataFrame, fresh: pd.Series) -> pd.DataFrame:
    """Records per source, team, user and rule (COLUMNS): ``n`` of ``of`` have the finding, ``fresh`` of them are among the record ids ``fresh``.

    ``contacts``: record_id (once each), source, team, entered_by; ``findings``: record_id, rule, severity, a record and rule once.
    """
    group, groups = _groups(contacts)
    ids = contacts["record_id"].to_numpy()
    new = np.isin(ids, fresh.to_numpy(dtype="int64"))
    codes, words = pd.factorize(findings["rule"])
    waived = (findings["severity"] != "quarantine").to_numpy() & np.isin(codes, np.flatnonzero(words.isin(_HOLDING)))
    rule = pd.Index(TYPED).get_indexer(words)[codes] if len(words) else codes
    place = pd.Index(ids).get_indexer(pd.Index(findings["record_id"]))
    counted = (place >= 0) & (rule >= 0) & ~waived
    place, rule = place[counted], rule[counted]
    wrong = np.zeros(len(ids), dtype=bool)
    wrong[place] = True
    cells, width = group[place] * len(TYPED) + rule, len(groups) * len(TYPED)
    n, again = np.bincount(cells, minlength=width), np.bincount(cells[new[place]], minlength=width)
    there = np.flatnonzero(n)
    size = np.bincount(group, minlength=len(groups))
    whole = groups.assign(rule=ANY, field="", n=np.bincount(group[wrong], minlength=len(groups)), of=size)
    whole["fresh"] = np.bincount(group[wrong & new], minlength=len(groups))
    names, fields = np.array(list(TYPED), dtype=object), np.array(list(TYPED.values()), dtype=object)
    each = groups.iloc[there // len(TYPED)].assign(rule=names[there % len(TYPED)], field=fields[there % len(TYPED)], n=n[there])
    each = each.assign(of=size[there // len(TYPED)], fresh=again[there])
    found = pd.concat([whole, each]).sort_values(COLUMNS[:4], ignore_index=True)[COLUMNS]
    return found.astype(dict.fromkeys(COLUMNS[:5], TEXT) | dict.fromkeys(COLUMNS[5:], "int64"))


def rates(counts: pd.DataFrame, by: str) -> pd.DataFrame:
    """``tally`` of one batch added up by source and ``by`` (source, team, user, field or rule), most per record first.

    ``findings``, and of how many ``records``: those of the team or user, else of the source. A team or user that is not told is empty.
    """
    keys = {"source": ["source"], "team": ["source", "team"], "user": _GROUP, "field": ["source", "field"], "rule": ["source", "field", "rule"]}[by]
    whole, each = counts[counts["rule"] == ANY], counts[counts["rule"] != ANY]
    base = [name for name in keys if name in _GROUP]
    records = whole.groupby(base)["of"].sum().rename("records").reset_index()
    found = each.groupby(keys)["n"].sum().rename("findings").reset_index()
    table = records.merge(found, on=base, how="left" if base == keys else "inner").fillna({"findings": 0}).astype({"findings": "int64"})
    table = table.assign(rate=table["findings"] / table["records"]).sort_values(["rate", *keys], ascending=[False, *[True] * len(keys)], ignore_index=True)
    return table[[*keys, "findings", "records"]].rename(columns={"entered_by": "user"})


def standing_out(counts: pd.DataFrame) -> pd.DataFrame:
    """The teams and users that are clearly worse than the others of their source: batch_no, source, team, user, rule, field, n, of, rest_*, fresh.

    ``counts`` are tallies with batch_no. Clearly worse is what chance would hardly do by Fisher's exact test (The Design of Experiments, 1935,
    ch. II), its level shared out over all comparisons of a source (Bonferroni): many are made, and somebody is always the worst. Intervals
    that are good for one comparison (Wilson 1927, Newcombe 1998) named somebody wrongly in every fifth batch or more at that level.
    A team is not named for what one of its members does.
    """
    teams, users = (_among(*_compared(counts, who)) for who in ("team", "user"))
    found = [_not_one_member(teams, counts), users]
    return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)


def training_needs(counts: pd.DataFrame, batch_no: int) -> list[Need]:
    """Who stands out in this batch and by what, most findings too many first. ``counts``: the tallies of this batch and earlier ones.

    A batch counts when they stood out in it and records with the finding came in with it: what was typed once stays in the stock of
    records, and would make a repeat offender of whoever has learned.
    """
    counts = counts[counts["batch_no"] <= batch_no]
    found = standing_out(counts)
    now = found[found["batch_no"] == batch_no]
    if now.empty:
        return []
    key = [*_WHO, "rule"]
    batches = found[found["fresh"] > 0].groupby(key).size().rename("batches").reset_index()
    now = now.merge(batches, on=key, how="left").merge(_before(counts, batch_no), on=key, how="left")
    now = now.assign(batches=now["batches"].fillna(0).astype("int64"), trend=100 * (now["n"] / now["of"] - now["before"]))
    excess = now["n"] - now["of"] * now["rest_n"] / now["rest_of"]
    now = now.assign(excess=excess).sort_values(["excess", *key], ascending=[False, *[True] * len(key)])
    team = _team_of_users(counts[counts["batch_no"] == batch_no])
    return [
        Need(
            source=row["source"],
            team=row["team"] or team.get((row["source"], row["user"]), ""),
            user=row["user"],
            rule=row["rule"],
            field=row["field"],
            trend=None if row["trend"] != row["trend"] else row["trend"],
            **{name: int(row[name]) for name in ("n", "of", "rest_n", "rest_of", "fresh", "batches")},
        )
        for row in now.to_dict("records")
    ]


def _groups(contacts: pd.DataFrame) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
    """The number of every contact's source, team and user together, and what each number stands for; a missing word is empty."""
    codes = np.zeros(len(contacts), dtype=np.int64)
    words = []
    for name in _GROUP:
        place, known = pd.factorize(contacts[name])
        codes = codes * (len(known) + 1) + place + 1
        words.append(np.array(["", *known], dtype=object))
    distinct, group = np.unique(codes, return_inverse=True)
    named = {}
    for name, known in zip(reversed(_GROUP), reversed(words), strict=True):
        named[name] = known[distinct % len(known)]
        distinct = distinct // len(known)
    return group, pd.DataFrame(named)[_GROUP]


def _compared(counts: pd.DataFrame, who: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Those who are told, teams or users: the records of each, and per rule those with the finding."""
    names = counts["entered_by" if who == "user" else who]
    told = counts.assign(team=names if who == "team" else "", user=names if who == "user" else "")[~names.isin(NOBODY)]
    whole, each = told[told["rule"] == ANY], told[told["rule"] != ANY]
    people = whole.groupby(["batch_no", *_WHO])["of"].sum().reset_index()
    return people, each.groupby(["batch_no", *_WHO, "rule", "field"])[["n", "fresh"]].sum().reset_index()


def _among(people: pd.DataFrame, each: pd.DataFrame) -> pd.DataFrame:
    here = ["batch_no", "source"]
    counted = people[people["of"] >= FEWEST_RECORDS].groupby(here).size().rename("counted")
    rules = each.groupby(here)["rule"].nunique().rename("rules")
    total = people.groupby(here)["of"].sum().rename("total")
    found = each.merge(people, on=["batch_no", *_WHO]).join(counted, on=here).join(rules, on=here).join(total, on=here)
    found["rest_n"] = found.groupby([*here, "rule"])["n"].transform("sum") - found["n"]
    found["rest_of"] = found["total"] - found["of"]
    enough = (found["of"] >= FEWEST_RECORDS) & (found["rest_of"] >= FEWEST_RECORDS) & (found["n"] >= FEWEST_FOUND)
    found = found[enough].drop(columns="total")
    found = found[found["n"] * found["rest_of"] >= NOTABLE * found["rest_n"] * found["of"]]
    clear = _chance(*(found[name].to_numpy(dtype=np.float64) for name in ("n", "of", "rest_n", "rest_of"))) * found["counted"] * found["rules"] <= ERROR
    return found[clear].drop(columns=["counted", "rules"])


def _not_one_member(teams: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """The teams that are still worse without whoever of them has the finding most often."""
    key = ["batch_no", "source", "team", "rule"]
    members = counts[~counts["entered_by"].isin(NOBODY)].sort_values(["n", "entered_by"]).drop_duplicates(key, keep="last")
    found = teams.merge(members[[*key, "n", "of"]], on=key, how="left", suffixes=("", "_one"))
    n, of = found["n"] - found["n_one"].fillna(0), found["of"] - found["of_one"].fillna(0)
    still = (of >= FEWEST_RECORDS) & (n >= FEWEST_FOUND) & (n * found["rest_of"] >= NOTABLE * found["rest_n"] * of)
    return found.loc[still, list(teams.columns)]


def _chance(n: Numbers, of: Numbers, rest_n: Numbers, rest_of: Numbers) -> Numbers:
    """How often ``n`` or more of the findings would fall on ``of`` of the records if they were dealt out blindly (Fisher's exact test, one-sided)."""
    from scipy.stats import hypergeom  # half a second

    return np.asarray(hypergeom.sf(n - 1, of + rest_of, n + rest_n, of))


def _before(counts: pd.DataFrame, batch_no: int) -> pd.DataFrame:
    """The share of everybody and rule in the oldest batch kept, of those who had enough records then: source, team, user, rule, before."""
    parts = []
    for who in ("team", "user"):
        people, each = _compared(counts[counts["batch_no"] < batch_no], who)
        oldest = people[people["of"] >= FEWEST_RECORDS].sort_values("batch_no").drop_duplicates(_WHO)
        rules = counts.loc[counts["rule"] != ANY, ["rule"]].drop_duplicates()
        known = oldest.merge(rules, how="cross").merge(each, on=["batch_no", *_WHO, "rule"], how="left")
        parts.append(known.assign(before=known["n"].fillna(0) / known["of"])[[*_WHO, "rule", "before"]])
    return pd.concat(parts, ignore_index=True)


def _team_of_users(counts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The team of every user who is in one only."""
    pairs = counts.loc[counts["rule"] == ANY, _GROUP]
    alone = pairs[~pairs.duplicated(["source", "entered_by"], keep=False)]
    return {(str(source), str(user)): str(team) for source, team, user in alone.itertuples(index=False)}
