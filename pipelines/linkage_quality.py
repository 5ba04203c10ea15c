"""`lastro linkage evaluate`: draw pairs to be judged, and what the judgements say: precision, recall, the cost of every threshold, who suffers.

An estimate is Wilson's score interval on Kish's effective sample size (`contacts.estimate`), not a bootstrap: it needs no
random numbers, and does not shrink to nothing where all of a stratum were judged alike, which is the usual case here.
"""

from typing import Any

import numpy as np
import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError, NotFound
from contacts.estimate import Estimate, estimate
from contacts.settings import Settings, load
from contacts.warehouse import Transaction
from dedup import judgements as rules
from pipelines import screen
from pipelines.name_groups import GROUPS, groups_of_pairs
from pipelines.reviewing import newest_sample
from pipelines.run import connect, find_batch, staff_id
from privacy.report.disclosure import few
from privacy.report.name_groups import FEWEST_PAIRS

FEWEST_JUDGED = FEWEST_PAIRS


def sample(size: int, seed: int, by: str, as_json: bool) -> None:
    """Draw pairs over the whole range of scores; the same seed on the same warehouse draws the same ones."""
    from dedup import judged_sample

    settings, who = load(), staff_id(by)
    warehouse = connect(settings)
    batch = find_batch(warehouse)
    with warehouse.transaction() as db:
        db.lock(tables.pair_sample)
        pairs = population(db)
        if pairs.empty:
            raise NotFound("There are no pairs to draw from yet.", "`lastro run` makes some.")
        drawn = judged_sample.draw(pairs, size, seed)
        number = (db.maximum(tables.pair_sample, "sample_no") or 0) + 1
        rows = drawn.assign(sample_no=number, item_no=range(1, len(drawn) + 1), batch_no=batch.number, seed=seed, drawn_by=who)
        db.append(tables.pair_sample, rows)
        strata = {str(name): int(n) for name, n in drawn["stratum"].value_counts().sort_index().items()}
        detail = {"sample_no": number, "seed": seed, "pairs": len(drawn), "population": len(pairs)}
        ledger.append(db, "sample.drawn", who, batch.number, detail)
        ledger.checkpoint(db, settings)
    pt = settings.language == "pt"
    said = f"Amostra {number}: {len(drawn):,} de {len(pairs):,} pares." if pt else f"Sample {number}: {len(drawn):,} of {len(pairs):,} pairs drawn."
    following = f"lastro review --from-sample --by {who}   ·   lastro review --from-sample --export FILE   ·   lastro linkage evaluate"
    screen.show(as_json, detail | {"strata": strata}, [], [said], following)


def population(db: Transaction) -> pd.DataFrame:
    """Pairs that may be drawn: stored ones, those inside persons, those that share a contact point, a number, a name, or birth date and first name."""
    from dedup import judged_sample

    members = db.read(tables.membership, "record_id", "person_id")
    contacts = db.read(tables.contact, "record_id", "name_key", "birth_date", "cpf", "cnpj", where=tables.contact.c.state == "active")
    points = db.read(tables.contact_point, "record_id", "point_ref", where=tables.contact_point.c.point_ref.is_not(None))
    born = contacts["birth_date"] + " " + contacts["name_key"].str.extract(r"^(\S+)", expand=False)
    values = [contacts[["record_id", name]].set_axis(["record_id", "value"], axis=1) for name in ("cpf", "cnpj", "name_key")]
    values += [pd.DataFrame({"record_id": contacts["record_id"], "value": born}), points.set_axis(["record_id", "value"], axis=1)]
    stored = db.read(tables.pair, *rules.PAIR, "probability")
    return judged_sample.population(stored, members, values)


def evaluate(as_json: bool) -> None:
    """Print what the judged sample says. Raises NotFound without one, ConfigurationError while too few of it are judged."""
    settings = load()
    with connect(settings).transaction(read_only=True) as db:
        told = evaluation(db, settings)
    pt = settings.language == "pt"
    heads = HEADS_PT if pt else {}
    tables_shown = [
        (("Vínculos de hoje" if pt else "Links as they are"), [_written(row, heads) for row in told["figures"]]),
        (
            ("O que cada limiar custaria, só com o modelo" if pt else "What each threshold would cost, by the model alone"),
            [_written(row, heads) for row in told["thresholds"]],
        ),
        (("Erros por grupo" if pt else "Errors by group"), [_written(row | {"group": GROUPS[row["group"]][not pt]}, heads) for row in told["groups"]]),
    ]
    says = [
        f"Amostra {told['sample_no']}: {told['judged']} de {told['pairs']} pares julgados, {told['unsure']} em dúvida. Intervalos de 95 %."
        if pt
        else f"Sample {told['sample_no']}: {told['judged']} of {told['pairs']} pairs judged, {told['unsure']} unsure. Intervals of 95 %."
    ]
    says += ["Recall: entre pares que têm algo em comum." if pt else "Recall is among pairs that have anything in common at all."]
    screen.show(as_json, told, tables_shown, says, "lastro linkage report   ·   lastro review --from-sample --by YOU")


HEADS_PT = {
    "figure": "medida", "share": "parcela", "low": "de", "high": "até", "judged": "julgados", "threshold": "limiar", "persons": "pessoas", "largest": "maior",
    "to review": "a revisar", "precision": "precisão", "recall": "cobertura", "wrong": "juntos por engano", "missed": "perdidos", "group": "grupo",
    "now": "atual", "errors": "erros",
}  # fmt: skip


def evaluation(db: Transaction, settings: Settings) -> dict[str, Any]:
    """The figures as plain data: counts and shares only."""
    drawn = newest_judged(db)
    if drawn.empty:
        raise NotFound("No sample has been drawn yet.", "`lastro review --sample 300 --by YOU` draws one.")
    told = settled(drawn)
    if len(told) < FEWEST_JUDGED:
        raise ConfigurationError(
            f"{len(told)} pairs of the sample are judged; it takes {FEWEST_JUDGED} to say anything.", "`lastro review --from-sample --by YOU` goes on."
        )
    figures = [{"figure": name} | _share(told[over], told.loc[over, hit]) for name, over, hit in _figures(told, told["together"])]
    return {
        "sample_no": int(drawn["sample_no"].iloc[0]),
        "pairs": len(drawn),
        "judged": len(told),
        "unsure": int((drawn["verdict"] == rules.UNSURE).sum()),
        "figures": figures,
        "thresholds": _thresholds(db, settings, told),
        "groups": _groups(db, told),
    }


def newest_judged(db: Transaction) -> pd.DataFrame:
    """The newest sample with the ``verdict`` on each pair, missing where nobody judged it; empty before one is drawn."""
    return newest_sample(db).merge(rules.in_force(db.read(tables.judgement))[[*rules.PAIR, "verdict"]], on=rules.PAIR, how="left")


def settled(drawn: pd.DataFrame) -> pd.DataFrame:
    """The pairs of a sample a person was sure about, with ``same``: what they said."""
    told = drawn[drawn["verdict"].isin([rules.SAME, rules.DIFFERENT])]
    return told.assign(same=told["verdict"] == rules.SAME)


def errors_by_group(db: Transaction, told: pd.DataFrame) -> dict[str, tuple[Estimate | None, Estimate | None]]:
    """Per group of names: the share of pairs held together that are different people, and of pairs of one person that are held apart.

    A share is None where nothing of the kind was judged; ``right`` of an estimate counts the errors.
    """
    inside = groups_of_pairs(db, told)
    told = told.assign(right=told["together"].astype(bool) != told["same"].astype(bool))
    kinds = told["together"].astype(bool), told["same"].astype(bool)
    return {group: (estimate(told[inside[group] & kinds[0]]), estimate(told[inside[group] & kinds[1]])) for group in GROUPS}


def _figures(told: pd.DataFrame, together: pd.Series) -> list[tuple[str, pd.Series, str]]:
    return [("precision", together, "same"), ("recall", told["same"], "together")]


def _share(part: pd.DataFrame, right: pd.Series) -> dict[str, Any]:
    found = estimate(part.assign(right=right))
    if found is None:
        return {"share": None, "low": None, "high": None, "judged": 0}
    return {"share": round(found.share, 4), "low": round(found.low, 4), "high": round(found.high, 4), "judged": found.judged}


def _thresholds(db: Transaction, settings: Settings, told: pd.DataFrame) -> list[dict[str, Any]]:
    """Per threshold: persons, largest person, pairs left to a person, precision and recall on whole clusters, and pairs wrong either way.

    Judgements are left out of the clusters: the sample would be right by definition.
    """
    from dedup import judged_sample
    from dedup.linkage import load_linkage

    linkage = load_linkage(settings.linkage)
    records = np.sort(db.read(tables.membership, "record_id")["record_id"].to_numpy("int64"))
    stored = db.read(tables.pair, *rules.PAIR, "probability", "zone", "evidence")
    judged = stored["evidence"].str.contains('"judged":', regex=False)
    zones = linkage.person.zones
    stored = stored.assign(barred=(stored["zone"] == "unsure") & (stored["probability"] >= zones.match) & ~judged)
    absent = told[told["probability"].notna()].merge(stored[rules.PAIR], on=rules.PAIR, how="left", indicator=True)
    absent = absent.loc[absent["_merge"] == "left_only", [*rules.PAIR, "probability"]].assign(barred=False)
    stored = pd.concat([stored[[*rules.PAIR, "probability", "barred"]], absent], ignore_index=True)
    stored = stored[stored["record_a"].isin(records) & stored["record_b"].isin(records)]
    told = told[told["record_a"].isin(records) & told["record_b"].isin(records)]
    rows = []
    for threshold in sorted({*judged_sample.THRESHOLDS, zones.match}):
        if threshold < zones.unsure:
            continue
        groups = judged_sample.regrouped(stored, records, threshold, linkage.person.clusters)
        at = [np.searchsorted(records, told[side].to_numpy("int64")) for side in rules.PAIR]
        part = told.assign(together=groups[at[0]] == groups[at[1]])
        shares = {name: _share(part[over], part.loc[over, hit]) for name, over, hit in _figures(part, part["together"])}
        sizes = np.bincount(np.unique(groups, return_inverse=True)[1])
        waiting = int(stored["probability"].between(zones.unsure, threshold, inclusive="left").sum() + stored["barred"].sum())
        weight = part["weight"]
        rows.append(
            {"threshold": threshold, "now": threshold == zones.match, "persons": len(sizes), "largest": int(sizes.max(initial=0)), "to review": waiting}
            | {name: share["share"] for name, share in shares.items()}
            | {f"{name} {end}": share[end] for name, share in shares.items() for end in ("low", "high")}
            | {"wrong": round(weight[part["together"] & ~part["same"]].sum()), "missed": round(weight[~part["together"] & part["same"]].sum())}
        )
    return rows


def _groups(db: Transaction, told: pd.DataFrame) -> list[dict[str, Any]]:
    """Errors among the judged pairs in which a record of the group takes part; one to four are not told, nor shares of few pairs."""
    inside = groups_of_pairs(db, told)
    wrong = told["together"] != told["same"]
    rows = []
    for group in GROUPS:
        mine = told[inside[group]]
        errors = few(int(wrong[inside[group]].sum()))
        found = _share(mine, wrong[inside[group]]) if len(mine) >= FEWEST_JUDGED and isinstance(errors, int) else {"share": None, "low": None, "high": None}
        rows.append({"group": group, "judged": few(len(mine)), "errors": errors} | {name: found[name] for name in ("share", "low", "high")})
    return rows


def _written(row: dict[str, Any], heads: dict[str, str]) -> dict[str, Any]:
    """A row for a table on a terminal: an estimate with its interval in one cell, a dash for what is not told."""
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("low", "high") or name.endswith((" low", " high")):
            continue
        if name in ("share", "precision", "recall"):
            low, high = (row[end if name == "share" else f"{name} {end}"] for end in ("low", "high"))
            value = "–" if value is None else f"{value:.1%} ({low:.1%}–{high:.1%})"
        shown[heads.get(name, name)] = "●" if value is True else "" if value is False else f"{value:g}" if isinstance(value, float) else value
    return shown
