"""Any flat table: its file is refused where it errs, its presets are whole, budgets and hubs are told, clusters know their bonds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contacts.errors import ConfigurationError, LastroError
from contacts.settings import ROOT
from dedup import engine, training
from dedup.bonds import bonds
from dedup.phonetic import phonetic
from dedup.table import Table, load_table

PRESETS = sorted((ROOT / "dedup" / "presets").glob("*.yml"))


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.stem)
def test_every_preset_can_be_read_and_trained_weights_survive_being_stored(file: Path) -> None:
    table = load_table(file)
    weights = training.starting(table)
    assert training.from_dict(weights.as_dict(table), table).as_dict(table) == weights.as_dict(table)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("phone.last8", "phone.lsat8", "did you mean 'last'"),
        ("phone.last8", "phone.last", "says no number of letters"),
        ("compare: date", "compare: dates", "did you mean 'date'"),
        ("{cpf: [different]}", "{cpf: [diferent]}", "did you mean 'different'"),
        ("{cpf: [different]}", "{cfp: [different]}", "did you mean 'cpf'"),
        ("mailbox:     [email]", "mailbox:     [emial]", "did you mean 'email'"),
        ("use_related: evidence", "use_relatd: evidence", "did you mean 'use_related'"),
        ("column: cep, street: street, number: number", "column: cep", "address needs the columns"),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_the_nearest_word(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    text = (ROOT / "dedup" / "presets" / "contacts_br.yml").read_text(encoding="utf-8")
    assert right in text
    (tmp_path / "table.yml").write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_table(tmp_path / "table.yml")
    assert "table.yml, line " in refused.value.sentence and told in refused.value.sentence


def table(**more: object) -> Table:
    return Table.model_validate({"blocking": {"full": 0, "rules": [["name"]]} | more, "comparisons": {"name": {"compare": "text"}}})


def test_more_pairs_than_the_budget_are_refused_before_any_is_compared() -> None:
    frame = pd.DataFrame({"name": ["ana"] * 50})
    with pytest.raises(LastroError, match="1,225 pairs, above the budget of 1,000") as refused:
        engine.prepare(frame, table(budget=1000))
    assert "[name] alone gives 1,225" in refused.value.hint


def test_a_hub_is_no_block_and_is_counted() -> None:
    frame = pd.DataFrame({"name": ["ana"] * 50 + ["bia", "bia"]})
    result = engine.link_frame(frame, table(cap=10))
    assert result.rules == [{"rule": "name", "pairs": 1, "hubs": 1}]
    assert result.candidates == 1


def test_a_column_the_table_lacks_is_named() -> None:
    with pytest.raises(LastroError, match="no column 'name'"):
        engine.link_frame(pd.DataFrame({"nome": ["ana", "ana"]}), table())


def test_few_rows_keep_the_documented_weights_and_say_so() -> None:
    result = engine.link_frame(pd.DataFrame({"name": ["ana", "bia", None]}), table())
    assert (result.model["origin"], result.model["reason"]) == ("prior", "too few rows")
    assert result.clusters.tolist() == [0, 1, 2]


def test_missing_values_do_not_part_a_person_and_contradictions_do() -> None:
    told = {"m": 0.9, "u": 0.001}, {"m": 0.1, "u": 0.999}
    levels = dict(zip(("exact", "different"), told, strict=True))
    names = ("a", "b", "c", "d")
    spec = {"comparisons": {name: {"compare": "identifier", "levels": levels} for name in names}, "match_rate": 0.001, "train_from": 1000}
    linking = Table.model_validate(spec | {"blocking": {"rules": [["a"]]}})
    sparse = pd.DataFrame({"a": ["1", "1", None], "b": ["2", "2", "2"], "c": ["3", "3", None], "d": [None, "4", "4"]})
    assert engine.link_frame(sparse, linking).clusters.tolist() == [0, 0, 0]
    against = sparse.assign(a=["1", "1", "8"], c=["3", "3", "9"], d=["7", "4", "4"])
    assert engine.link_frame(against, linking).clusters.tolist() == [0, 0, 2]


def test_a_cluster_knows_its_weakest_bond_and_its_bridges() -> None:
    a, b, bits = np.array([0, 1, 0, 2, 3]), np.array([1, 2, 2, 3, 4]), np.array([9.0, 8.0, 7.0, 2.0, 5.0])
    found = bonds(np.arange(5), a, b, bits)
    assert found.weakest == (2, 3, 2.0)
    assert set(found.bridges) == {(2, 3, 2.0), (3, 4, 5.0)}
    assert bonds(np.array([7]), a[:0], b[:0], bits[:0]).weakest is None


@pytest.mark.parametrize(("one", "other"), [("souza", "sousa"), ("thiago", "tiago"), ("luiz", "luis"), ("philippe", "filipe"), ("yasmin", "iasmim")])
def test_names_that_sound_alike_have_one_key(one: str, other: str) -> None:
    assert phonetic(one) == phonetic(other)
    assert phonetic("marta") != phonetic("marcia")


def test_a_value_is_rare_for_all_comparisons_of_its_column_or_for_none() -> None:
    twice = {"email": {"compare": "email", "term_frequency": True}, "mailbox": {"compare": "identifier", "column": "email"}}
    with pytest.raises(ValueError, match="column 'email' differ in term_frequency"):
        Table.model_validate({"blocking": {"rules": [["email"]]}, "comparisons": twice})
    twice["mailbox"]["term_frequency"] = True
    assert Table.model_validate({"blocking": {"rules": [["email"]]}, "comparisons": twice})
