"""The compiled path, the numpy path and recordlinkage's own classes give the same pairs, levels and weights, whatever the texts."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import recordlinkage
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler
from recordlinkage.compare import String

from dedup import engine, training
from dedup.comparison import name_comparer
from dedup.facade import TableClassifier, TableCompare, TableIndex, row_numbers
from dedup.kernel import run
from dedup.kernel.text import LONGEST, jaro_winkler, osa
from dedup.names import name_level
from dedup.table import Table

TABLE = Table.model_validate(
    {
        "blocking": {"full": 0, "cap": 40, "rules": [["given"], ["born.year", "family.first2"], ["mail"], ["family.phonetic", "code.last2"]]},
        "comparisons": {
            "given": {"compare": "text", "swap": "family", "term_frequency": True},
            "family": {"compare": "text", "swap": "given", "alike": [0.9, 0.8, 0.7], "term_frequency": True},
            "suffix": {"compare": "identifier", "one_sided": True},
            "born": {"compare": "date", "days": [31, 366]},
            "mail": {"compare": "email", "hub": 30},
            "code": {"compare": "edits", "edits": [1, 2], "shared_by": "given", "shared_most": 3},
            "place": {"compare": "address", "column": "postal", "street": "street", "number": "number"},
            "postal": {"compare": "prefix", "letters": [4, 2]},
        },
        "related": {"household": ["family", "place"]},
        "use_related": "always",
        "cannot_link": [{"suffix": ["different"]}],
        "train_from": 10,
    }
)
WORDS = ("ana", "anna", "ána", "maria", "mario", "joão", "joao", "", "x", "josé da silva", "ß", "Å", "𝒜na", "名前", "名前前", "0123456789" * 8, "ab" * 40)


def people(seed: int, n: int = 400) -> pd.DataFrame:
    """Records full of near misses: few words, letters changed at random, missing values, days no calendar has."""
    chance = np.random.default_rng(seed)

    def some(values: Any, missing: float = 0.15) -> list[Any]:
        return [None if chance.random() < missing else values[chance.integers(0, len(values))] for _ in range(n)]

    def spoil(word: str | None) -> str | None:
        if not word or chance.random() < 0.6:
            return word
        at = int(chance.integers(0, len(word)))
        return word[:at] + str(chance.choice([*"aé0 名", ""])) + word[at + int(chance.integers(0, 2)) :]

    days = [f"{year}-{month:02}-{day:02}" for year in (1980, 1981, 2008) for month in (1, 2, 12) for day in (1, 2, 11, 12, 21, 31)]
    mails = [f"{user}@{at}" for user in ("ana", "anna.reis", "joao", "名") for at in ("a.example", "b.example")] + ["no-at-sign", "@"]
    frame = {
        "given": [spoil(word) for word in some(WORDS)],
        "family": [spoil(word) for word in some(WORDS)],
        "suffix": some(["filho", "neto"], 0.8),
        "born": some([*days, "1980", "19800211", "31/12/1980"]),
        "mail": some(mails),
        "code": some([f"{at:05}" for at in range(0, 40, 3)]),
        "postal": some(["01310100", "01310200", "01999", "0", "7"]),
        "street": some(["rua azul", "rua azull", "avenida brasil", "名前"]),
        "number": some(["1", "2", "10a"]),
    }
    whole = pd.DataFrame(frame, dtype=object)
    again = whole.iloc[: n // 3].copy()  # the same people once more, their names spoilt
    again["given"] = [spoil(word) for word in again["given"]]
    return pd.concat([whole, again], ignore_index=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_compiled_fallback_and_recordlinkage_give_the_same_levels_weights_and_clusters(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = people(seed)
    ready = engine.prepare(frame, TABLE)
    a, b = run.pairs_of(ready.blocks, len(frame))
    compiled = run.levels_of(ready.program, a, b), engine.link_frame(frame, TABLE, keep=-6.0)
    model = compiled[1].model
    vectors = recordlinkage.Compare([TableCompare(ready)], indexing_type="position").compute(
        recordlinkage.Index(TableIndex(ready)).index(frame), row_numbers(frame)
    )
    monkeypatch.setenv("LASTRO_KERNEL", "numpy")
    slow = engine.prepare(frame, TABLE)
    first, second = run.pairs_of(slow.blocks, len(frame))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == set(zip(first.tolist(), second.tolist(), strict=True))
    np.testing.assert_array_equal(run.levels_of(slow.program, a, b), compiled[0])
    np.testing.assert_array_equal(vectors.iloc[:, : compiled[0].shape[1]].to_numpy(), compiled[0])
    numpy = engine.link_frame(frame, TABLE, keep=-6.0)
    assert numpy.model == model and numpy.candidates == compiled[1].candidates == len(a)
    one, other = (result.pairs.sort_values(["a", "b"], ignore_index=True) for result in (compiled[1], numpy))
    assert len(one) > 50
    pd.testing.assert_frame_equal(one, other)
    np.testing.assert_array_equal(numpy.clusters, compiled[1].clusters)
    classifier = TableClassifier(ready, training.from_dict(model, TABLE))
    bits = pd.Series(classifier.bits(vectors.to_numpy()), index=vectors.index)
    kept = pd.MultiIndex.from_arrays([one["a"], one["b"]])
    np.testing.assert_allclose(bits[kept].to_numpy(), one["bits"].to_numpy(), atol=1e-4)
    assert (bits >= -6.0).sum() == len(one)


def test_the_full_index_gives_the_same_on_both_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = people(4, 150)
    table = TABLE.model_copy(update={"blocking": TABLE.blocking.model_copy(update={"full": 100_000}), "duplicate_free": "postal"})
    compiled = engine.link_frame(frame, table)
    monkeypatch.setenv("LASTRO_KERNEL", "numpy")
    numpy = engine.link_frame(frame, table)
    assert compiled.rules[0]["rule"] == "full index"
    assert compiled.candidates == numpy.candidates
    np.testing.assert_array_equal(compiled.clusters, numpy.clusters)
    source = frame["postal"]
    for _, rows in source.groupby(compiled.clusters):
        assert rows.dropna().is_unique, "no source holds anybody twice"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=90), st.text(max_size=90), st.integers(1, 4))
def test_string_measures_are_those_of_rapidfuzz(one: str, other: str, most: int) -> None:
    one, other = (text.encode("utf-16-le", "ignore").decode("utf-16-le") for text in (one, other))
    letters = sorted(set(one + other))
    units = np.array([letters.index(letter) for letter in one + other], dtype=np.uint16)
    sides = 0, len(one), len(one), len(one) + len(other)
    assert jaro_winkler(units, *sides) == JaroWinkler.similarity(one, other)
    scratch = np.empty((3, LONGEST + 1), dtype=np.int32)
    assert osa(units, *sides, most, scratch) == min(OSA.distance(one, other), most + 1)


def test_levels_are_those_of_recordlinkages_own_comparer() -> None:
    frame = people(5).dropna(subset=["given"]).reset_index(drop=True)
    table = Table.model_validate({"blocking": {"full": 10**6, "rules": [["given"]]}, "comparisons": {"given": {"compare": "text"}}})
    ready = engine.prepare(frame, table)
    a, b = np.triu_indices(len(frame), 1)
    library = recordlinkage.Compare([String("given", "given", method="jarowinkler")]).compute(pd.MultiIndex.from_arrays([a, b]), frame)[0].to_numpy()
    same = (frame["given"].to_numpy()[a] == frame["given"].to_numpy()[b]).astype(bool)
    blank = (frame["given"].str.strip().to_numpy()[a] == "") | (frame["given"].str.strip().to_numpy()[b] == "")
    expected = np.select([blank, same, library >= 0.92, library >= 0.85], [-1, 0, 1, 2], 3)
    np.testing.assert_array_equal(run.levels_of(ready.program, a, b)[:, 0], expected)


def test_the_labelled_classifier_counts_m_and_finds_the_labelled_pairs() -> None:
    frame = people(6, 200)
    frame = pd.concat([frame.iloc[:200], frame.iloc[:120]], ignore_index=True)
    ready = engine.prepare(frame, TABLE)
    pairs = recordlinkage.Index(TableIndex(ready)).index(frame)
    vectors = recordlinkage.Compare([TableCompare(ready)], indexing_type="position").compute(pairs, row_numbers(frame))
    truth = pd.MultiIndex.from_arrays([np.arange(120), np.arange(200, 320)])
    classifier = TableClassifier(ready)
    classifier.fit(vectors, truth.intersection(pairs))
    assert classifier.weights is not None and classifier.weights.m[0, 0] > 0.7
    found = classifier.prob(vectors)[truth.intersection(pairs)]
    assert found.mean() > 0.8


def test_names_have_the_same_level_word_by_word_and_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(11)
    words = [
        "ana", "anna", "j", "joao", "paulo", "paula", "daniel", "daniela", "gabriel", "gabriela", "francisco", "fransicsco",
        "conceicao", "m", "c", "souza", "sousa", "oliveira", "olivera",
        "名", "é", "𝄞x",
    ]  # fmt: skip

    def name() -> str:
        chosen = [str(word) for word in chance.choice(words, int(chance.integers(0, 6)))]
        if chosen and chance.random() < 0.3:
            at, word = int(chance.integers(0, len(chosen))), str(chance.choice(words))
            cut = int(chance.integers(0, len(word)))
            chosen[at] = word[:cut] + str(chance.choice([*"aeo x", ""])) + word[cut + int(chance.integers(0, 2)) :]
        return " ".join(chosen)

    left = np.array([*(name() for _ in range(400)), "", " ana", "a " * 80, "x" * 600], dtype=object)
    right = np.array([*(name() for _ in range(400)), "", "ana  ", "b " * 90 + "c", "x" * 599 + "y"], dtype=object)
    a, b = chance.integers(0, len(left), 30_000), chance.integers(0, len(right), 30_000)
    assert run.is_compiled()
    for one, other in ((left, right), (left, left)):
        expected = [name_level(one[x], other[y]) for x, y in zip(a, b, strict=True)]
        np.testing.assert_array_equal(name_comparer(np.concatenate([one, other]))(a, b + len(one)), expected)
    assert len(set(expected)) == 6  # a suffix is not the names' own affair
    monkeypatch.setenv("LASTRO_KERNEL", "numpy")
    np.testing.assert_array_equal(name_comparer(left)(a, b), expected)
