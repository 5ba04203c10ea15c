"""Scores mean what they say: shares with numerator and denominator, per record and added up."""

import numpy as np
import pandas as pd
import pytest
from rule_rows import AS_OF, EMAIL, PHONE, asking, consenting, email, frames, person, unread

from expectations import findings, scores

BARE = person(unread(EMAIL), city=None, uf=None, postal_code=None, country=None)


def made(*people: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    built = frames(list(people))
    parts = scores.parts(findings.judge(built, AS_OF), built, AS_OF)
    return scores.of_records(parts, built), scores.aggregated(parts, built).set_index(["scope", "scope_value", "dimension"])


def score(table: pd.DataFrame, *key: str) -> float:
    return float(table.loc[key, "numerator"] / table.loc[key, "denominator"])


def test_completeness_counts_the_cells_a_contact_of_its_kind_should_have() -> None:
    records, _ = made(person(), BARE, person(kind="organisation", full_name=None, company="Exemplo Ltda"))
    assert records["completeness"].round(3).tolist() == [1.0, round(3 / 11, 3), round(11 / 13, 3)]


def test_uniqueness_takes_away_surplus_copies_within_a_source() -> None:
    same = person(EMAIL)
    records, table = made(same, same, same, same | {"source": "form"}, person(PHONE, name_key="ana luz"))
    assert records["uniqueness"].tolist() == [1, 0, 0, 1, 1]
    assert table.loc[("run", "", "uniqueness")].tolist() == [3, 5]


def test_timeliness_halves_with_every_half_life_since_the_last_confirmation() -> None:
    records, table = made(
        person(source_updated_at="2026-11-22T06:00:00Z"),
        person(source_updated_at="2024-11-21T18:21:00Z"),
        person(email(verified_at="2026-11-22T06:00:00Z"), source_updated_at="2010-01-01T00:00:00Z"),
        person(source_updated_at="2030-01-01T00:00:00Z"),
        person(source_updated_at=None),
    )
    assert records["timeliness"].round(3).tolist()[:4] == [1, 0.5, 1, 1]
    assert np.isnan(records["timeliness"].iloc[4]), "what does not say when is not judged"
    assert table.loc[("run", "", "timeliness"), "denominator"] == 4


def test_a_failed_rule_costs_its_weight_in_its_dimension_only() -> None:
    sound, _ = made(person())
    flawed, _ = made(person(cpf="52998224724"))
    other = [name for name in scores.DIMENSIONS if name != "validity"]
    assert flawed["validity"].iloc[0] < sound["validity"].iloc[0] == 1
    assert flawed[other].equals(sound[other])


def test_points_and_consents_count_for_their_contact() -> None:
    records, _ = made(consenting({"effective_at": "2026-05-01T12:00:00Z", "to": None}), person(PHONE, name_key="rui"))
    assert records["consistency"].iloc[0] < records["consistency"].iloc[1] == 1


def test_records_add_up_to_source_field_and_run() -> None:
    people = [person(cpf="52998224724"), BARE, person(EMAIL, source="form", name_key="rui"), asking(by="stranger"), consenting({"to": None}, source="form")]
    _, table = made(*people)
    for dimension in scores.DIMENSIONS:
        run = table.loc[("run", "", dimension)]
        for scope in ("source", "field"):
            parts = table[(table.index.get_level_values("scope") == scope) & (table.index.get_level_values("dimension") == dimension)]
            assert parts.sum().tolist() == pytest.approx(run.tolist()), (scope, dimension)
    shares = [score(table, "run", "", name) * weight for name, weight in scores.DIMENSIONS.items()]
    assert score(table, "run", "", "all") == pytest.approx(sum(shares) / sum(scores.DIMENSIONS.values()))
    assert ((table["numerator"] >= 0) & (table["numerator"] <= table["denominator"])).all()


def test_nobody_at_all_has_no_score() -> None:
    records, table = made()
    assert records.empty
    assert table.empty
