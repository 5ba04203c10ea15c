"""Which judgements count: the newest of enough opinions, undone ones never, contradictions told, the most useful pair first."""

import numpy as np
import pandas as pd
import pytest

from dedup import judgements as rules
from dedup.explain import evidence_in_words, name_difference

Given = tuple[int, int, str, str, int, int | None]


def given(*rows: Given) -> pd.DataFrame:
    """record_a, record_b, verdict, who, opinions needed, undoes; numbered in order."""
    frame = pd.DataFrame(rows, columns=[*rules.PAIR, "verdict", "judged_by", "opinions", "undoes"])
    return frame.assign(judgement_no=range(1, len(rows) + 1), undoes=frame["undoes"].astype("Int64"))


def counting(*rows: Given) -> dict[tuple[int, int], str]:
    found = rules.in_force(given(*rows))
    return {(a, b): verdict for a, b, verdict in found[[*rules.PAIR, "verdict"]].itertuples(index=False)}


@pytest.mark.parametrize(
    ("told", "rows", "counts"),
    [
        ("the newest counts", [(1, 2, "same", "a", 1, None), (1, 2, "different", "b", 1, None)], "different"),
        ("undone, the one before counts again", [(1, 2, "same", "a", 1, None), (1, 2, "different", "a", 1, None), (1, 2, "undone", "a", 1, 2)], "same"),
        ("undone, none counts", [(1, 2, "same", "a", 1, None), (1, 2, "undone", "b", 1, 1)], None),
        ("one opinion of two does not count", [(1, 2, "same", "a", 2, None)], None),
        ("nor does the same person's second", [(1, 2, "same", "a", 2, None), (1, 2, "same", "a", 2, None)], None),
        ("two people's does", [(1, 2, "same", "a", 2, None), (1, 2, "same", "b", 2, None)], "same"),
        ("a lone opinion leaves what counted", [(1, 2, "different", "a", 1, None), (1, 2, "same", "b", 2, None)], "different"),
        ("until the first changes its mind", [(1, 2, "different", "a", 1, None), (1, 2, "same", "b", 2, None), (1, 2, "same", "a", 2, None)], "same"),
        ("two who disagree decide nothing", [(1, 2, "same", "a", 2, None), (1, 2, "different", "b", 2, None)], None),
    ],
)
def test_which_judgement_of_a_pair_counts(told: str, rows: list[Given], counts: str | None) -> None:
    assert counting(*rows) == ({} if counts is None else {(1, 2): counts}), told


def test_an_opinion_that_waits_for_a_second_is_asked_for() -> None:
    assert rules.waiting(given((1, 2, "same", "a", 2, None), (3, 4, "same", "a", 1, None)))[rules.PAIR].values.tolist() == [[1, 2]]


def test_what_contradicts_is_found_along_a_chain_and_between_groups() -> None:
    chain = rules.in_force(given((1, 2, "same", "a", 1, None), (2, 3, "same", "a", 1, None)))
    assert rules.between(chain, 1, 3, "different")["judgement_no"].tolist() == [1, 2]
    assert rules.between(chain, 1, 3, "same").empty
    torn = rules.in_force(given((1, 2, "same", "a", 1, None), (3, 4, "same", "a", 1, None), (2, 3, "different", "a", 1, None)))
    assert rules.between(torn, 1, 4, "same")["judgement_no"].tolist() == [3]
    assert rules.contradictions(torn).empty
    both = rules.in_force(given((1, 3, "same", "a", 1, None), (2, 3, "same", "a", 1, None), (1, 2, "different", "a", 1, None)))
    assert rules.contradictions(both)[rules.PAIR].values.tolist() == [[1, 2]], "A is not B, yet both are C"


def test_the_most_useful_pair_is_uncertain_and_brings_many_records_together() -> None:
    persons = pd.Series(["A", "A", "B", "B", "C", "D"], index=[1, 2, 3, 4, 5, 6])
    pairs = pd.DataFrame({"record_a": [5, 1, 1, 5, 1], "record_b": [6, 3, 5, 6, 2], "probability": [0.5, 0.5, 0.5, 0.9, 0.5]})
    useful = rules.usefulness(pairs, persons, np.zeros(5, dtype=bool))
    assert useful.round(3).tolist() == [1.0, 4.0, 2.0, 0.469, 0.5]
    assert rules.usefulness(pairs, persons, np.array([True, *[False] * 4]))[0] == 2.0


def test_every_reason_stands_with_a_verdict_and_each_verdict_has_some() -> None:
    assert all(set(verdicts) <= {*rules.VERDICTS, rules.UNDONE} for verdicts, _, _ in rules.REASONS.values())
    assert all(rules.reasons_for(verdict) for verdict in (*rules.VERDICTS, rules.UNDONE))


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("ana moreira", "anna moreira", ("first", 1)),
        ("ana moreira", "ana moreyrra", ("last", 2)),
        ("ana rosa lima", "ana roza lima", ("middle", 1)),
        ("ana moreira", "bia moreyra", None),
        ("ana moreira", "ana", None),
        ("ana moreira", "carolina moreira", None),
    ],
)
def test_where_two_names_differ_is_told_without_the_letters(first: str, second: str, found: tuple[str, int] | None) -> None:
    assert name_difference(first, second) == found


def test_evidence_in_words_says_how_far_a_value_is_shared() -> None:
    evidence = {"name": "close", "email": "exact", "phone": "shared", "cpf": "missing", "rules": ["email"]}
    detail = {"name": ("first", 1), "email": 1, "phone": 4}
    assert evidence_in_words(evidence, "en", detail) == [
        "name a letter or two apart (given name one letter apart)",
        "same e-mail, used by 1 person",
        "same phone, but used under several names (4)",
    ]
    assert evidence_in_words(evidence, "pt", detail)[:2] == [
        "nome com uma ou duas letras de diferença (primeiro nome com uma letra de diferença)",
        "mesmo e-mail, de uma só pessoa",
    ]
