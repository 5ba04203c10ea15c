"""Whom errors hit, in the privacy report: rejections of all records and errors of judged pairs, by groups of names (LGPD art. 6 IX)."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import report_facts
from pipelines.linkage_quality import newest_judged
from privacy.report.facts import Errors, NameGroup, Title
from privacy.report.language import load
from privacy.report.name_groups import name_groups
from privacy.report.page import body
from tests.integration.report_batch import FACTS, POLICY, seed
from tests.integration.test_report import figures_of

PEOPLE: dict[str, dict[str, Any]] = {
    "compound": {"name_key": "ana beatriz moreira lima", "country": "BR"},
    "foreign": {"name_key": "mei chen", "country": "CN"},
    "social": {"name_key": "joao prado", "country": "BR", "social_name": "Joana"},
    "none": {"name_key": "rui prado", "country": None},
}
HELD = {"compound": (30, 9), "foreign": (12, 6), "social": (10, 0), "none": (60, 6)}
"""Records of each group, and how many of them are set aside."""


def write_people(warehouse: Warehouse) -> None:
    rows = [
        {**PEOPLE[group], "state": "quarantined" if place < aside else "active", "kind": "person"}
        for group, (number, aside) in HELD.items()
        for place in range(number)
    ]
    rows += [{**PEOPLE["compound"], "state": "gone", "kind": "person"}, {**PEOPLE["compound"], "state": "quarantined", "kind": "organisation"}]
    rows += [{"name_key": None, "country": None, "state": "quarantined", "kind": "person"}] * 7
    frame = pd.DataFrame(rows).assign(record_id=range(1, len(rows) + 1), raw_id=1, source="crm", batch_no=1)
    with warehouse.transaction() as db:
        db.append(tables.contact, frame)


def draw_pairs(warehouse: Warehouse, verdicts: list[str | None]) -> None:
    """Pairs of a record of a compound surname with one of no group: every other one held together; the verdict of each, None for none."""
    first = HELD["compound"][0] + HELD["foreign"][0] + HELD["social"][0]
    pairs = pd.DataFrame({"record_a": range(1, len(verdicts) + 1), "record_b": range(first + 1, first + 1 + len(verdicts))})
    drawn = pairs.assign(
        sample_no=1,
        item_no=range(len(verdicts)),
        stratum="all",
        weight=1.0,
        together=[not place % 2 for place in range(len(verdicts))],
        batch_no=1,
        seed=1,
        drawn_by="a",
    )
    said = pairs.assign(judgement_no=range(1, len(verdicts) + 1), verdict=verdicts, judged_by="a", judged_at="2026-11-21T09:00:00Z").dropna(subset="verdict")
    with warehouse.transaction() as db:
        db.append(tables.pair_sample, drawn)
        db.append(tables.judgement, said)


def told(warehouse: Warehouse) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    with warehouse.transaction() as db:
        facts = replace(FACTS, name_groups=report_facts.name_groups(db, newest_judged(db)), judged_sample=report_facts.judged_sample(newest_judged(db)))
    figures = name_groups(facts)
    return figures, {row["group"]: row for row in figures["groups"]}


def test_rejections_are_counted_for_persons_that_are_held_and_have_a_name(warehouse: Warehouse) -> None:
    write_people(warehouse)
    _, groups = told(warehouse)
    assert {group: (row["records"], row["set_aside"]) for group, row in groups.items()} == HELD


def test_both_errors_of_linkage_come_from_the_judged_pairs_of_the_group(warehouse: Warehouse) -> None:
    write_people(warehouse)
    # of 30 pairs, those at even places are held together: 6 are two people; those at odd places apart: 5 are one person
    verdicts: list[str | None] = ["different" if place < 12 else "same" for place in range(30)]
    for place in range(1, 30, 2):
        verdicts[place] = "same" if place < 10 else "different"
    draw_pairs(warehouse, verdicts)
    with warehouse.transaction() as db:
        found = report_facts.name_groups(db, newest_judged(db))
    merged, missed = found["compound"].false_merges, found["compound"].missed
    assert merged and missed
    assert (merged.judged, merged.wrong, missed.judged, missed.wrong) == (15, 6, 9 + 5, 5)
    assert merged.share == pytest.approx(6 / 15)
    assert merged.low < 0.4 < merged.high
    assert found["none"].false_merges is None, "a pair with one of the group is no pair of none"
    figures, groups = told(warehouse)
    assert figures["sample"] == {"number": 1, "pairs": 30, "judged": 30}
    assert groups["compound"]["false_merges"] == {"judged": 15, "wrong": 6, "share": None, "low": None, "high": None}, "too few for a share"


@pytest.mark.parametrize(("judged", "says"), [(None, "nenhuma amostra de pares"), ([], "ninguém julgou ainda um par da amostra 1")])
def test_the_page_says_plainly_that_nobody_has_judged_a_sample(warehouse: Warehouse, settings: Settings, judged: list[str] | None, says: str) -> None:
    batch = seed(warehouse, settings, persons=20)
    if judged is not None:
        draw_pairs(warehouse, [None] * 9)
    with warehouse.transaction() as db:
        facts = replace(FACTS, name_groups=report_facts.name_groups(db, newest_judged(db)), judged_sample=report_facts.judged_sample(newest_judged(db)))
    figures = figures_of(warehouse, settings, batch) | {"name_groups": name_groups(facts)}
    assert says in body(figures, POLICY, facts, load("pt"))


def test_small_groups_and_few_errors_are_hidden_and_give_no_share() -> None:
    title = Title("g", "g")
    groups = {
        "social": NameGroup(title, 9, 3, Errors(40, 3, 0.075, 0.03, 0.2)),
        "none": NameGroup(title, 900, 60, Errors(90, 9, 0.1, 0.05, 0.18), Errors(19, 5, 0.26, 0.1, 0.5)),
    }
    social, none = name_groups(replace(FACTS, name_groups=groups))["groups"]
    assert (social["records"], social["set_aside"], none["set_aside"]) == (9, "<5", "≥5"), "the total of what is set aside would tell"
    assert social["false_merges"] == {"judged": 40, "wrong": "<5", "share": None, "low": None, "high": None}
    assert none["false_merges"]["share"] is None, "hidden with the small one"
    assert none["missed"] == {"judged": 19, "wrong": 5, "share": None, "low": None, "high": None}, "too few judged"
