"""Who stands out among those who type: clearly, by enough, and not by chance; a team not for one member, nobody for having once been bad."""

import numpy as np
import pandas as pd
import pytest

from contacts.warehouse import TEXT
from expectations import blame
from expectations.rules import RULES

EMAIL, PHONE, CPF = "DQ-205", "DQ-105", "DQ-201"
Who = tuple[str, str, str]


def counts(batch_no: int, people: dict[Who, tuple[int, dict[str, int]]], fresh: bool = True) -> pd.DataFrame:
    """A tally of one batch: (source, team, user) -> records, and how many of them fail which rule."""
    rows = []
    for who, (of, wrong) in people.items():
        found = {blame.ANY: max(wrong.values(), default=0), **{rule: n for rule, n in wrong.items() if n}}
        rows += [(batch_no, *who, rule, blame.TYPED.get(rule, ""), n, of, n if fresh else 0) for rule, n in found.items()]
    frame = pd.DataFrame(rows, columns=["batch_no", *blame.COLUMNS])
    return frame.astype({"source": TEXT, "team": TEXT, "entered_by": TEXT, "rule": TEXT, "field": TEXT})


def user(name: str, team: str = "", source: str = "crm") -> Who:
    return source, team, name


def named(found: list[blame.Need]) -> list[tuple[str, str, str]]:
    return [(need.team, need.user, need.rule) for need in found]


CALM = {user(f"U-{letter}"): (100, {EMAIL: 2}) for letter in "ABCDEFGH"}


def test_who_is_clearly_worse_is_named_with_the_figures_of_both_sides() -> None:
    need = blame.training_needs(counts(1, CALM | {user("U-Z"): (100, {EMAIL: 30, PHONE: 1})}), 1)
    assert len(need) == 1
    assert (need[0].user, need[0].rule, need[0].field) == ("U-Z", EMAIL, "email")
    assert (need[0].n, need[0].of, need[0].rest_n, need[0].rest_of, need[0].fresh, need[0].batches) == (30, 100, 16, 800, 30, 1)
    assert (need[0].rate, need[0].rest_rate, need[0].again, need[0].trend) == (30.0, 2.0, False, None)


@pytest.mark.parametrize(
    "people",
    [
        {},
        {user("U-A"): (0, {})},
        {user("U-A"): (500, {}), user("U-B"): (500, {})},
        {user("U-A"): (500, {EMAIL: 500})},
        {user(f"U-{letter}"): (300, {EMAIL: 30}) for letter in "ABCDE"},
        CALM | {user("U-Z"): (19, {EMAIL: 19})},
        CALM | {user("U-Z"): (100, {EMAIL: 4})},
        {user("U-Z"): (100, {EMAIL: 90}), user("U-A"): (19, {})},
        CALM | {user(""): (100, {EMAIL: 90}), ("crm", "unknown", ""): (100, {EMAIL: 90})},
        {user("U-A"): (100_000, {EMAIL: 14_000}), user("U-B"): (100_000, {EMAIL: 10_000})},
    ],
    ids=["nobody", "no records", "no findings", "one user only", "all alike", "too few records", "too few findings", "too few others",
         "who is not told", "sure but hardly worse"],
)  # fmt: skip
def test_nobody_is_named(people: dict[Who, tuple[int, dict[str, int]]]) -> None:
    assert blame.training_needs(counts(1, people), 1) == []


def test_the_least_that_is_named() -> None:
    crowd = {user(f"U-{place:03}"): (100, {}) for place in range(30)}
    assert named(blame.training_needs(counts(1, crowd | {user("U-Z"): (20, {EMAIL: 5})}), 1)) == [("", "U-Z", EMAIL)]


def test_others_are_those_of_the_same_source() -> None:
    elsewhere = {user(f"U-{letter}", source="form"): (1_000, {}) for letter in "KLM"}
    alike = {user(f"U-{letter}"): (200, {EMAIL: 40}) for letter in "ABC"}
    assert blame.training_needs(counts(1, elsewhere | alike), 1) == []


def test_with_many_at_work_somebody_is_always_the_worst_and_is_not_named_for_it() -> None:
    dice = np.random.default_rng(5)
    wrong = 0
    for _ in range(20):
        people = {user(f"U-{place:03}"): (100, {rule: int(dice.binomial(100, 0.08)) for rule in list(blame.TYPED)[:20]}) for place in range(40)}
        wrong += bool(blame.training_needs(counts(1, people), 1))
    assert wrong <= 2, "one batch in twenty is the chance that is allowed"


@pytest.mark.parametrize(("n", "rest_n", "chance"), [(4, 0, 1 / 70), (3, 1, 17 / 70), (0, 4, 1.0)])
def test_the_chance_is_that_of_the_lady_tasting_tea(n: int, rest_n: int, chance: float) -> None:
    """Four cups of eight, as Fisher tells it (The Design of Experiments, ch. II)."""
    assert blame._chance(*(np.array([float(one)]) for one in (n, 4, rest_n, 4)))[0] == pytest.approx(chance)


def test_a_team_is_named_when_it_is_the_team_and_not_one_of_it() -> None:
    others = {user(f"U-{letter}", team): (100, {PHONE: 2}) for letter, team in zip("ABCDEF", ("North", "South") * 3, strict=True)}
    whole = others | {user(f"U-{letter}", "West"): (100, {PHONE: 25}) for letter in "XYZ"}
    assert named(blame.training_needs(counts(1, whole), 1))[0] == ("West", "", PHONE)
    one = others | {user("U-X", "West"): (100, {PHONE: 60}), user("U-Y", "West"): (100, {PHONE: 2}), user("U-Z", "West"): (100, {PHONE: 2})}
    assert named(blame.training_needs(counts(1, one), 1)) == [("West", "U-X", PHONE)]
    nameless = {("crm", team, ""): (300, {PHONE: n}) for team, n in (("North", 6), ("South", 6), ("West", 75))}
    assert named(blame.training_needs(counts(1, nameless), 1)) == [("West", "", PHONE)]


def test_a_user_of_several_teams_is_one_user_without_a_team() -> None:
    people = CALM | {user("U-Z", "North"): (15, {EMAIL: 8}), user("U-Z", "South"): (15, {EMAIL: 8})}
    need = [one for one in blame.training_needs(counts(1, people), 1) if one.user]
    assert [(one.team, one.user, one.n, one.of) for one in need] == [("", "U-Z", 16, 30)]


def test_most_findings_too_many_come_first() -> None:
    people = CALM | {user("U-Y"): (40, {EMAIL: 20}), user("U-Z"): (400, {EMAIL: 120, PHONE: 60})}
    assert named(blame.training_needs(counts(1, people), 1)) == [("", "U-Z", EMAIL), ("", "U-Z", PHONE), ("", "U-Y", EMAIL)]


def test_a_batch_counts_only_when_the_finding_came_in_with_it() -> None:
    bad = CALM | {user("U-Z"): (100, {EMAIL: 30})}
    still = pd.concat([counts(1, bad), counts(2, bad, fresh=False), counts(3, bad, fresh=False)])
    assert [(need.batches, need.again) for need in blame.training_needs(still, 3)] == [(1, False)]
    again = pd.concat([still, counts(4, bad)])
    assert [(need.batches, need.again) for need in blame.training_needs(again, 4)] == [(2, True)]
    assert [(need.batches, need.again) for need in blame.training_needs(again, 3)] == [(1, False)], "later batches say nothing of this one"


def test_who_was_bad_once_and_is_no_longer_is_not_named() -> None:
    assert blame.training_needs(pd.concat([counts(1, CALM | {user("U-Z"): (100, {EMAIL: 30})}), counts(2, CALM | {user("U-Z"): (100, {})})]), 2) == []


def test_the_trend_is_against_the_oldest_batch_kept() -> None:
    history = [CALM | {user("U-Z"): (100, {EMAIL: n} if n else {PHONE: 1})} for n in (0, 20, 30)]
    for first, trend in ((0, 30.0), (1, 10.0), (2, None)):
        told = pd.concat([counts(number, people) for number, people in enumerate(history) if number >= first])
        assert [need.trend for need in blame.training_needs(told, 2)] == ([trend] if trend is None else [pytest.approx(trend)])


CONTACTS = pd.DataFrame(
    {
        "record_id": [7, 5, 9, 11],
        "source": ["crm", "crm", "crm", "form"],
        "team": ["North", "North", None, None],
        "entered_by": ["U-A", "U-A", "U-B", None],
    }
).astype({"source": TEXT, "team": TEXT, "entered_by": TEXT})


def test_records_are_counted_by_who_typed_them() -> None:
    rows = [(5, EMAIL, "warn"), (5, PHONE, "warn"), (7, EMAIL, "warn"), (9, CPF, "quarantine"), (1001, EMAIL, "warn")]
    found = blame.tally(CONTACTS, pd.DataFrame(rows, columns=["record_id", "rule", "severity"]), pd.Series([7, 11]))
    assert found[["source", "team", "entered_by", "rule", "n", "of", "fresh"]].to_numpy().tolist() == [
        ["crm", "", "U-B", "", 1, 1, 0],
        ["crm", "", "U-B", CPF, 1, 1, 0],
        ["crm", "North", "U-A", "", 2, 2, 1],
        ["crm", "North", "U-A", PHONE, 1, 2, 0],
        ["crm", "North", "U-A", EMAIL, 2, 2, 1],
        ["form", "", "", "", 0, 1, 0],
    ]
    assert dict(zip(found["rule"], found["field"], strict=True))[EMAIL] == "email"


def test_what_nobody_typed_wrong_is_nobodys_fault() -> None:
    """An exception a person answers for, a minor, a record grown old, a hint, an interaction."""
    rows = [(5, CPF, "warn"), (5, "DQ-606", "warn"), (5, "DQ-502", "warn"), (5, "DQ-401", "warn"), (5, "DQ-113", "warn"), (5, "DQ-999", "warn")]
    found = blame.tally(CONTACTS, pd.DataFrame(rows, columns=["record_id", "rule", "severity"]), pd.Series([], dtype="int64"))
    assert found["n"].sum() == 0 and set(found["rule"]) == {""}
    assert {rule.id for rule in RULES} >= set(blame.NOT_TYPED), "a rule that is gone is named no longer"


def test_nothing_at_all_is_counted_too() -> None:
    nothing = pd.DataFrame({"record_id": [], "rule": [], "severity": []}).astype({"record_id": "int64", "rule": TEXT, "severity": TEXT})
    for contacts in (CONTACTS, CONTACTS.iloc[:0]):
        found = blame.tally(contacts, nothing, pd.Series([], dtype="int64"))
        assert (found["n"] == 0).all() and found["of"].sum() == len(contacts)
        assert blame.training_needs(found.assign(batch_no=1), 1) == []
        for by in ("source", "team", "user", "field", "rule"):
            assert blame.rates(found, by)["findings"].sum() == 0


def test_rates_have_their_numerator_and_denominator() -> None:
    people = {user("U-A", "North"): (10, {EMAIL: 4, PHONE: 2}), user("U-B", "North"): (30, {EMAIL: 2}), user("U-C", "South"): (10, {})}
    told = counts(1, people)
    assert blame.rates(told, "source").to_numpy().tolist() == [["crm", 8, 50]]
    assert blame.rates(told, "team").to_numpy().tolist() == [["crm", "North", 8, 40], ["crm", "South", 0, 10]]
    assert blame.rates(told, "user").to_numpy().tolist() == [["crm", "North", "U-A", 6, 10], ["crm", "North", "U-B", 2, 30], ["crm", "South", "U-C", 0, 10]]
    assert blame.rates(told, "field").to_numpy().tolist() == [["crm", "email", 6, 50], ["crm", "phone", 2, 50]]
    assert blame.rates(told, "rule").to_numpy().tolist() == [["crm", "email", EMAIL, 6, 50], ["crm", "phone", PHONE, 2, 50]]
