"""The steward's queue, and judging pair by pair on a terminal or through a pipe: the most useful pair first, the score only afterwards."""

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.configuration import perhaps
from contacts.schema import FIELDS
from contacts.settings import Settings, load
from contacts.warehouse import TEXT, Transaction, Warehouse
from dedup import judgements as rules
from pipelines import judging, pair_view, screen
from pipelines.explain import HEADS_PT, MASKED
from pipelines.run import connect, staff_id

WHY = {
    "unsure": ("o modelo está em dúvida", "the model is unsure"),
    "changed": ("julgado antes; os dados mudaram desde então", "judged before; its data have changed since"),
    "second": ("falta uma segunda opinião", "a second opinion is missing"),
    "sample": ("da amostra", "from the sample"),
}
LABELS = {field.name: (field.label_pt, field.label_en) for field in FIELDS}
ANSWERS = {"s": rules.SAME, "d": rules.DIFFERENT, "u": rules.UNSURE, "m": rules.SAME, "n": rules.UNSURE}
"""One letter is enough: s(ame), d(ifferent), u(nsure); m(esma), d(iferente), n(ão sei)."""


def waiting(db: Transaction, key: bytes, who: str = "", sample: bool = False) -> pd.DataFrame:
    """Pairs that need a judgement, the most useful first: record_a, record_b, why.

    ``who`` leaves out what this person has already given an opinion on; ``sample`` takes the newest drawn sample in its order instead.
    """
    given = db.read(tables.judgement)
    counts, open_ones = rules.in_force(given), rules.waiting(given)
    mine = rules.opinions(given[given["judged_by"] == who]) if who else given.iloc[:0]
    if sample:
        drawn = newest_sample(db)
        pairs = drawn[rules.PAIR].assign(why="sample", usefulness=0.0)
        judged = pd.concat([counts, mine])
    else:
        pairs = _ranked(db, key, counts, open_ones)
        judged = mine[~mine["judgement_no"].isin(_changed(db, key, mine))]
    seen = pd.MultiIndex.from_frame(judged[rules.PAIR])
    return pairs[~pd.MultiIndex.from_frame(pairs[rules.PAIR]).isin(seen)].reset_index(drop=True)


def newest_sample(db: Transaction) -> pd.DataFrame:
    """The pairs of the newest sample in the order they were drawn; empty before one was."""
    number = db.maximum(tables.pair_sample, "sample_no") or 0
    return db.read(tables.pair_sample, where=tables.pair_sample.c.sample_no == number).sort_values("item_no", ignore_index=True)


def listing(most: int, reveal: bool, sample: bool, as_json: bool) -> None:
    """List the pairs that wait, both records side by side, without their scores."""
    settings = load()
    warehouse = connect(settings)
    with warehouse.transaction(read_only=not reveal) as db:
        pairs = waiting(db, settings.key, sample=sample)
        told = shown(db, pairs.head(most), reveal, settings.language)
        if reveal:
            ledger.append(db, "pairs.revealed", "operator", None, {"pairs": len(told)})
    if reveal:
        _checkpoint(warehouse, settings)
    rows = [row for pair in told for row in _two_lines(pair, settings.language)]
    pt = settings.language == "pt"
    says = [f"{len(pairs):,} pares esperam um julgamento." if pt else f"{len(pairs):,} pairs wait for a judgement."]
    says += [] if reveal else [MASKED[settings.language]]
    following = "lastro review --by YOU   ·   lastro review --export FILE   ·   lastro judge RECORD RECORD same|different|unsure --because CODE --by YOU"
    screen.show(as_json, {"waiting": len(pairs), "pairs": told}, [("", rows)], says, following)


def session(most: int, reveal: bool, sample: bool, by: str, as_json: bool) -> None:
    """Show one pair after the other and record what is answered; ``z`` undoes the last answer, an empty line leaves the pair, ``q`` ends."""
    settings, who = load(), staff_id(by)
    warehouse = connect(settings)
    with warehouse.transaction(read_only=not reveal) as db:
        pairs = waiting(db, settings.key, who, sample).head(most)
        told = shown(db, pairs, reveal, settings.language)
        if reveal:
            ledger.append(db, "pairs.revealed", who, None, {"pairs": len(told)})
    done = list(_ask(warehouse, settings, told, who, as_json))
    _checkpoint(warehouse, settings)
    counts = {verdict: sum(one["verdict"] == verdict for one in done) for verdict in (*rules.VERDICTS, rules.UNDONE)}
    pt = settings.language == "pt"
    says = [f"{len(done)} respostas guardadas." if pt else f"{len(done)} answers recorded."]
    screen.show(as_json, {"answered": len(done), **counts, "judgements": done}, [], says, "lastro run   ·   lastro linkage evaluate")


def _ask(warehouse: Warehouse, settings: Settings, told: list[dict[str, Any]], who: str, as_json: bool) -> Iterator[dict[str, Any]]:
    """One answer after the other, each in a transaction of its own, so that what was answered is kept whatever comes after."""
    from rich.console import Console

    console = Console(stderr=not screen.for_people(as_json), highlight=False)
    at, past = 0, list[tuple[int, int]]()
    while at < len(told):
        pair = told[at]
        console.print(_side_by_side(pair, f"{at + 1}/{len(told)} · {pair['why']}", settings.language))
        console.print(ASK[settings.language], style="dim")
        answer = sys.stdin.readline()
        words = answer.split()
        if not answer or words[:1] == ["q"]:
            return
        if not words:
            at += 1
            continue
        if words[0] == "z":
            if past:
                at, number = past.pop()
                with warehouse.transaction() as db:
                    db.lock(tables.judgement)
                    judging.take_back(db, db.read(tables.judgement, where=tables.judgement.c.judgement_no == number), "MISTAKE", who)
                    ledger.append(db, "judgement.undone", who, None, {"judgement_no": number, "because": "MISTAKE"})
                yield {"judgement_no": number, "verdict": rules.UNDONE}
            continue
        verdict, because, mistake = understood(words, settings.language)
        if mistake:
            console.print(mistake, style="yellow")
            continue
        row = pd.DataFrame([{"record_a": int(pair["record a"]), "record_b": int(pair["record b"]), "verdict": verdict, "reason": because}])
        with warehouse.transaction() as db:
            (given,) = judging.record(db, settings, row, who)
        for sentence in judging.said(given, settings.language):
            console.print(sentence)
        past.append((at, given.number))
        at += 1
        yield given.as_dict() | {"verdict": verdict}


ASK = {
    "pt": "m mesma · d diferentes · n não sei, com um motivo se não for AS_SHOWN (d NAMESAKE) · vazio pula · z desfaz · q termina",
    "en": "s same · d different · u unsure, with a reason unless AS_SHOWN (d NAMESAKE) · empty skips · z undoes · q ends",
}


def understood(words: list[str], language: str) -> tuple[str, str, str]:
    """Verdict and reason of an answer, or what is wrong with it in words; neither repeats what was typed."""
    verdict = ANSWERS.get(words[0].lower(), words[0].lower())
    if verdict not in rules.VERDICTS:
        return "", "", ("Não é resposta: " if language == "pt" else "Not an answer: ") + ", ".join(rules.VERDICTS)
    because = words[1].upper() if len(words) > 1 else "AS_SHOWN"
    allowed = rules.reasons_for(verdict)
    if because not in allowed:
        return (
            "",
            "",
            ("Não é motivo deste veredito" if language == "pt" else "Not a reason for this verdict") + (perhaps(because, allowed) or ": " + ", ".join(allowed)),
        )
    return verdict, because, ""


def _ranked(db: Transaction, key: bytes, counts: pd.DataFrame, open_ones: pd.DataFrame) -> pd.DataFrame:
    """Unsure pairs nobody has judged, judged pairs whose data changed, and opinions that wait for a second one, by usefulness."""
    pairs = db.read(tables.pair, *rules.PAIR, "probability", where=tables.pair.c.zone == "unsure")
    judged = pd.MultiIndex.from_frame(counts[rules.PAIR])
    fresh = pairs[~pd.MultiIndex.from_frame(pairs[rules.PAIR]).isin(judged)].assign(why="unsure")
    again = counts[counts["judgement_no"].isin(_changed(db, key, counts))][rules.PAIR].assign(why="changed", probability=0.5)
    second = open_ones[rules.PAIR].assign(why="second", probability=0.5)
    every = pd.concat([second, again, fresh], ignore_index=True).drop_duplicates(rules.PAIR)
    persons = db.read(tables.membership, "record_id", "person_id").set_index("record_id")["person_id"]
    clash = rules.contradictions(counts)
    torn = set(pd.concat([clash["record_a"], clash["record_b"]]).map(persons).dropna())
    conflicted = (every["record_a"].map(persons).isin(torn) | every["record_b"].map(persons).isin(torn)).to_numpy(bool)
    every["usefulness"] = rules.usefulness(every, persons, conflicted)
    ordered = every.sort_values(["usefulness", "record_a", "record_b"], ascending=[False, True, True], ignore_index=True)
    return ordered[[*rules.PAIR, "why", "usefulness"]].astype({"why": TEXT})


def _changed(db: Transaction, key: bytes, judged: pd.DataFrame) -> pd.Series:
    """Numbers of the judgements whose records no longer say what was seen then; a record that is gone changes nothing."""
    held = judged[judged["seen_hash"].notna()]
    active = db.read_for(tables.membership, "record_id", pd.concat([held["record_a"], held["record_b"]]), "record_id")["record_id"]
    held = held[held["record_a"].isin(active) & held["record_b"].isin(active)]
    if held.empty:
        return held["judgement_no"]
    return held.loc[(pair_view.traces(db, key, held) != held["seen_hash"]).to_numpy(bool), "judgement_no"]


def shown(db: Transaction, pairs: pd.DataFrame, reveal: bool, language: str) -> list[dict[str, Any]]:
    """The pairs side by side, each with the reason it is asked."""
    told = pair_view.side_by_side(db, pairs, reveal, language)
    return [pair | {"why": WHY[str(why)][language != "pt"]} for pair, why in zip(told, pairs["why"], strict=True)]


def _two_lines(pair: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """A pair as two lines of a table, the evidence beside the first."""
    names = ("record", "person", "source", "full_name", "birth_date", "cpf", "email", "phone", "postal_code")
    said = {"evidence": "; ".join(pair["evidence"])}
    heads = HEADS_PT if language == "pt" else {}
    rows = [{name: pair["a"][name] for name in names} | said, {name: pair["b"][name] for name in names} | {"evidence": ""}]
    return [{heads.get(name, name): value for name, value in row.items()} for row in rows]


def _side_by_side(pair: dict[str, Any], title: str, language: str) -> Any:
    """A pair as a table of fields, what both lack left out, what differs in bold."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False, caption="; ".join(pair["evidence"]), caption_justify="left"
    )
    for head in ("", pair["record a"], pair["record b"]):
        table.add_column(head, overflow="fold")
    heads = HEADS_PT if language == "pt" else {}
    for name, mine in pair["a"].items():
        theirs = pair["b"][name]
        if name == "record" or (mine == theirs == "–"):
            continue
        label = LABELS[name][language != "pt"] if name in LABELS else heads.get(name, name)
        table.add_row(escape(label), escape(mine), escape(theirs), style="" if mine == theirs else "bold")
    return table


def _checkpoint(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
