"""The linkage benchmark: figures counted right, contacts drawn as promised, losses printed as plainly as wins."""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import recordlinkage
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.br import cpf

from benchmarks.linkage.evaluate import Quality, evaluate
from benchmarks.linkage.rates import rates
from benchmarks.linkage.records import COLUMNS, draw_contacts
from benchmarks.linkage.run import Measured, Run, as_table, run_once

PARTITIONS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=24)


@pytest.fixture(scope="module")
def contacts() -> pd.DataFrame:
    return draw_contacts(20_000, 11).to_pandas()


@settings(deadline=None, max_examples=40)
@given(PARTITIONS)
def test_every_pair_is_counted_as_a_loop_counts_it(labels: list[tuple[int, int]]) -> None:
    count = len(labels)
    pairs = [(one, other) for one in range(count) for other in range(one)]
    found = {pair for pair in pairs if labels[pair[0]][0] == labels[pair[1]][0]}
    true = {pair for pair in pairs if labels[pair[0]][1] == labels[pair[1]][1]}
    measured = evaluate([one for one, _ in labels], [other for _, other in labels])
    assert (measured.found_pairs, measured.true_pairs, measured.right_pairs) == (len(found), len(true), len(found & true))
    assert measured.precision == (len(found & true) / len(found) if found else 1)
    assert measured.recall == (len(found & true) / len(true) if true else 1)
    shares = []
    for which in (0, 1):
        mates = [[other for other in range(count) if labels[other][which] == labels[one][which]] for one in range(count)]
        shares.append(np.mean([np.mean([labels[other] == labels[one] for other in mates[one]]) for one in range(count)]))
    assert measured.b_cubed == pytest.approx(2 * shares[0] * shares[1] / (shares[0] + shares[1]))


@settings(deadline=None, max_examples=40)
@given(PARTITIONS)
def test_figures_are_those_of_recordlinkage(labels: list[tuple[int, int]]) -> None:
    sides = []
    for which in (0, 1):
        pairs = [(one, other) for one in range(len(labels)) for other in range(one) if labels[one][which] == labels[other][which]]
        sides.append(pd.MultiIndex.from_tuples(pairs) if pairs else None)
    if sides[0] is None or sides[1] is None or not len(sides[0].intersection(sides[1])):
        return  # recordlinkage divides by zero there; the loop above covers it
    measured = evaluate([one for one, _ in labels], [other for _, other in labels])
    found, true = sides
    assert measured.precision == pytest.approx(recordlinkage.precision(true, found))
    assert measured.recall == pytest.approx(recordlinkage.recall(true, found))
    assert measured.f1 == pytest.approx(recordlinkage.fscore(true, found))


def test_labels_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 clusters' labels for 3 records"):
        evaluate([1, 1], [1, 1, 2])


def test_the_same_arguments_draw_the_same_contacts_and_another_seed_others() -> None:
    assert draw_contacts(3_000, 5).equals(draw_contacts(3_000, 5))
    assert not draw_contacts(3_000, 5).equals(draw_contacts(3_000, 6))


def test_a_quarter_of_the_contacts_are_repeats(contacts: pd.DataFrame) -> None:
    sizes = contacts["truth"].value_counts()
    assert tuple(contacts.columns) == COLUMNS
    assert len(contacts) == 20_000
    assert len(sizes) == 15_000
    assert sizes.max() > 5
    assert (sizes == 2).sum() > (sizes == 3).sum() > (sizes == 4).sum() > 0


def test_no_two_people_share_a_tax_number_but_by_the_rate_of_families(contacts: pd.DataFrame) -> None:
    held = contacts.dropna(subset="cpf")
    people = held.groupby("cpf")["truth"].nunique()
    assert (people > 1).mean() < 2 * rates()["noise"]["family_tax_number"]
    assert held["cpf"].map(cpf.is_valid).all()


def test_without_hubs_no_mailbox_or_phone_is_shared_beyond_a_household() -> None:
    alone = draw_contacts(20_000, 11, hubs=False).to_pandas()
    for column in ("email", "phone"):
        assert alone.groupby(column)["truth"].nunique().max() <= 5
    crowded = draw_contacts(20_000, 11).to_pandas()
    assert crowded.groupby("phone")["truth"].nunique().max() > 20


def test_values_are_missing_and_cleaned_as_promised(contacts: pd.DataFrame) -> None:
    missing = contacts.isna().mean()
    assert missing["cpf"] == pytest.approx(0.34, abs=0.02)
    assert missing["birth_date"] == pytest.approx(rates()["missing"]["birth_date"], abs=0.01)
    assert missing["email"] == pytest.approx(rates()["missing"]["email"], abs=0.01)
    for column in ("given_name", "middle_name", "surname", "street", "city"):
        assert contacts[column].dropna().str.fullmatch(r"[a-z0-9 .]+").all(), column
    assert contacts["birth_date"].dropna().str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    assert contacts["phone"].dropna().str.fullmatch(r"\d{10,11}").all()
    assert contacts["cep"].dropna().str.fullmatch(r"\d{8}").all()


def test_records_of_one_person_differ_and_mostly_agree(contacts: pd.DataFrame) -> None:
    first, second = (contacts.groupby("truth").nth(place).set_index("truth") for place in (0, 1))
    both = first.join(second, rsuffix="_again", how="inner")
    for column, least, most in (("given_name", 0.80, 0.95), ("surname", 0.80, 0.95), ("birth_date", 0.90, 0.98), ("email", 0.65, 0.85), ("phone", 0.65, 0.85)):
        agreed = (both[column] == both[f"{column}_again"])[both[column].notna() & both[f"{column}_again"].notna()].mean()
        assert least < agreed < most, column


def test_european_contacts_have_other_names_and_short_postal_codes() -> None:
    drawn = draw_contacts(3_000, 5, country="eu")
    assert set(pc.utf8_length(drawn["cep"].drop_null()).unique().to_pylist()) == {5, 7}
    assert isinstance(drawn, pa.Table)


def test_the_table_shows_losses_as_plainly_as_wins() -> None:
    right, wrong = Quality(1, 0.9, 0.947, 0.99, 10, 9, 9), Quality(0.5, 0.5, 0.5, 0.9, 10, 10, 5)
    told = as_table(
        "a set",
        [
            Measured("lastro", [Run(2.0, 3.0, 10**9)], wrong),
            Measured("quick", [Run(1.0, 1.0, 10**8)], wrong),
            Measured("right", [Run(9.0, 1.0, 10**8), Run(7.0, 1.0, 10**8), Run(8.0, 1.0, 10**8)], right),
            Measured("broken", [], None, "stopped after 9 s"),
        ],
    )
    assert "| quick | 1.0 | 0.50x |" in told
    assert "| right | 8.0 | 4.00x |" in told
    assert "| broken | stopped after 9 s |" in told
    assert told.endswith("Lost here: slower than quick; less right than right (F1 0.5000 against 0.9470).")


def test_a_run_is_measured_with_its_children_and_stopped_at_its_limit() -> None:
    child = "import json, time; held = bytearray(80_000_000); time.sleep(0.4)"
    code = f"import json, subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print(json.dumps({{'seconds': 0.4}}))"
    run = run_once([sys.executable, "-c", code], 30)
    assert run.seconds == 0.4
    assert run.peak > 80_000_000
    with pytest.raises(TimeoutError, match="stopped after 0 s"):
        run_once([sys.executable, "-c", "import time; time.sleep(20)"], 0.2)
    with pytest.raises(RuntimeError, match="code 1"):
        run_once([sys.executable, "-c", "raise SystemExit(1)"], 30)
