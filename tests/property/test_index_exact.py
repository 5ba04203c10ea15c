"""Whatever comes and goes, in whatever order: the index holds what one full run over the same rows under the same model gives."""

import stat
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.errors import LastroError
from dedup import training
from dedup.frozen import Frozen, Hasher, freeze, full_run
from dedup.index import Index
from dedup.index_files import IndexStale, keep, open_index, save
from dedup.index_store import MARKS
from dedup.kernel.siphash import siphash
from dedup.table import Table

SECRET = b"a key for tests, nothing else...."
TABLE = Table(
    **{
        "blocking": {"cap": 4, "rules": [["email"], ["phone.last4"], ["surname", "birth_date"], ["given.phonetic", "birth_date.year"]]},
        "comparisons": {
            "given": {"compare": "text", "swap": "surname", "term_frequency": True},
            "surname": {"compare": "text", "term_frequency": True},
            "birth_date": {"compare": "date"},
            "cpf": {"compare": "identifier", "shared_by": "given", "shared_most": 3},
            "email": {"compare": "email", "alike": [0.92], "term_frequency": True},
            "phone": {"compare": "edits", "edits": [1], "hub": 9},
        },
        "cannot_link": [{"cpf": ["different"]}],
        "match_rate": 0.01,
    }
)
VALUES: dict[str, tuple[str | None, ...]] = {
    "given": ("thiago", "tiago", "ana", "souza", "lima", None),
    "surname": ("souza", "sousa", "lima", "ana", " ", None),
    "birth_date": ("1990-05-07", "1990-07-05", "1971-11-23", None),
    "cpf": ("52998224725", "15350946056", None, None, None),
    "email": ("ana@x.br", "ana@y.br", "anna@x.br", "t@z.br", None, None),
    "phone": ("1155550001", "2155550001", "1155550002", None),
}
ROW = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})
BATCH = st.tuples(st.dictionaries(st.integers(0, 17), ROW, max_size=12), st.sets(st.integers(0, 17), max_size=8))
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def frame(rows: dict[int, dict[str, Any]]) -> pd.DataFrame:
    ordered = {name: pd.Series([rows[at][name] for at in sorted(rows)], dtype="string[pyarrow]") for name in VALUES}
    return pd.DataFrame({"id": pd.Series(sorted(rows), dtype="int64"), **ordered})


@pytest.fixture(scope="module")
def frozen() -> Frozen:
    chance = np.random.default_rng(3)
    rows = {at: {name: values[chance.integers(len(values))] for name, values in VALUES.items()} for at in range(40)}
    made = freeze(frame(rows), TABLE, training.starting(TABLE).as_dict(TABLE), SECRET)
    assert {name: len(off) for name, off in made.silent.items()} == {"cpf": 1, "phone": 2}  # some values say nothing, others do
    return made


def agree(index: Index, rows: dict[int, dict[str, Any]], frozen: Frozen) -> None:
    whole = frame(rows)
    ids = whole["id"].to_numpy()
    labels, edges = full_run(whole, frozen)
    expected = pd.DataFrame({"a": ids[edges.a], "b": ids[edges.b], "bits": edges.bits}).sort_values(["a", "b"], ignore_index=True)
    pd.testing.assert_frame_equal(index.edges(), expected, check_dtype=False, check_exact=True)
    assert index.labels().to_dict() == dict(zip(ids.tolist(), ids[labels].tolist(), strict=True))


@QUICK
@given(batches=st.lists(BATCH, min_size=1, max_size=5))
def test_after_any_batches_edges_and_clusters_are_those_of_a_full_run(frozen: Frozen, batches: list[Any]) -> None:
    index, rows = Index(frozen), {}  # type: ignore[var-annotated]
    for new, leaving in batches:
        gone = leaving - set(new)
        before = index.labels()
        change = index.add(frame(new), gone)
        rows = {at: row for at, row in rows.items() if at not in gone} | new
        agree(index, rows, frozen)
        now = before.drop(before.index.intersection(list(gone))).to_dict() | dict(zip(change.ids.tolist(), change.clusters.tolist(), strict=True))
        assert now == index.labels().to_dict(), "a row outside the change has moved"


@QUICK
@given(rows=st.dictionaries(st.integers(0, 17), ROW, min_size=2, max_size=18), order=st.randoms(use_true_random=False))
def test_the_order_and_the_splits_of_batches_do_not_matter(frozen: Frozen, rows: dict[int, Any], order: Any) -> None:
    ids, index = list(rows), Index(frozen)
    order.shuffle(ids)
    while ids:
        many = order.randint(1, len(ids))
        index.add(frame({at: rows[at] for at in ids[:many]}))
        ids = ids[many:]
    agree(index, rows, frozen)


@QUICK
@given(rows=st.dictionaries(st.integers(0, 17), ROW, min_size=2, max_size=18))
def test_a_record_finds_what_adding_it_would_tie_it_to(frozen: Frozen, rows: dict[int, Any]) -> None:
    newest = max(rows)
    record = {name: value for name, value in rows[newest].items() if value}
    index = Index(frozen)
    index.add(frame({at: row for at, row in rows.items() if at != newest}))
    told = {found.id: np.float32(found.bits) for found in index.find(record, least=0.5, most=100)}
    again = {found.id: np.float32(found.bits) for found in index.find(record, least=0.5, most=100)}
    clusters = index.labels()
    assert all(found.cluster == clusters[found.id] for found in index.find(record))
    edges, capped = index.edges(), _crowded(index)
    change = index.add(frame({newest: rows[newest]}))
    assert newest in change.ids
    if capped == _crowded(index):  # a block this record makes too large takes other pairs away as well
        mine = index.edges()
        mine = mine[(mine["a"] == newest) | (mine["b"] == newest)]
        assert told == again == dict(zip((mine["a"] + mine["b"] - newest).tolist(), mine["bits"], strict=True))
        assert len(index.edges()) == len(edges) + len(mine)


def _crowded(index: Index) -> int:
    return int(index.store["block_capped"].sum())


def test_a_saved_index_opens_as_it_was_and_goes_on_in_its_files(frozen: Frozen, tmp_path: Path) -> None:
    rows = _rows(17)
    index = Index(frozen)
    index.add(frame({at: rows[at] for at in range(12)}))
    save(index, tmp_path / "index", "batch 1")
    looked = open_index(tmp_path / "index", SECRET, "batch 1")
    looked.add(frame({at: rows[at] for at in range(9, 17)}))  # in memory only
    agree(looked, rows, frozen)
    written = open_index(tmp_path / "index", SECRET, "batch 1", write=True)
    agree(written, {at: rows[at] for at in range(12)}, frozen)
    written.add(frame({at: rows[at] for at in range(9, 17)}))
    with pytest.raises(IndexStale):
        open_index(tmp_path / "index", SECRET)  # whoever is killed here leaves nothing half done behind
    keep(written, "batch 2")
    agree(open_index(tmp_path / "index", SECRET, "batch 2"), rows, frozen)
    for refused in ({"secret": b"another key", "generation": None}, {"secret": SECRET, "generation": "batch 1"}):
        with pytest.raises(IndexStale):
            open_index(tmp_path / "index", **refused)  # type: ignore[arg-type]


def test_what_is_forgotten_is_in_no_file(frozen: Frozen, tmp_path: Path) -> None:
    canary = {"given": "zzyzxname", "surname": "qvxwfamily", "birth_date": "1931-12-30", "cpf": "98765432100", "email": "zzyzx@qvxw.br", "phone": "9987654321"}
    folder = tmp_path / "index"
    index = Index(frozen)
    index.add(frame(_rows(12) | {99: canary}))
    save(index, folder, "1")
    traces = [text.encode("utf-16-le") for text in ("zzyzxname", "qvxwfamily", "9987654321")] + [np.int32(19311230).tobytes()]
    hashes = Hasher(SECRET)(pa.array(list(canary.values())))
    assert all(_holds(folder, trace) for trace in traces)
    assert not any(_holds(folder, text.encode(code)) for text in ("98765432100", "zzyzx@qvxw.br") for code in ("utf-8", "utf-16-le")), (
        "compared as a whole: no letters kept"
    )
    opened = open_index(folder, SECRET, write=True)
    own = {file.name for file in folder.iterdir()} - {"index.json"}
    assert own - {f"known.{at}" for at in range(3)} - {f"silent.{at}" for at in range(2)} == set(MARKS)
    opened.find({"email": "zzyzy@qvxw.br", "given": "lookedup", "phone": canary["phone"]})
    opened.forget([99])
    keep(opened, "2")
    assert not any(_holds(folder, trace) for trace in [*traces, *(one.tobytes() for one in hashes), "lookedup".encode("utf-16-le"), np.int64(99).tobytes()])
    agree(opened, _rows(12), frozen)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def _holds(folder: Path, trace: bytes) -> bool:
    return any(trace in file.read_bytes() for file in folder.iterdir() if file.name not in ("index.json",))


def _rows(many: int) -> dict[int, dict[str, Any]]:
    chance = np.random.default_rng(11)
    return {at: {name: values[chance.integers(len(values))] for name, values in VALUES.items()} for at in range(many)}


def test_mistakes_are_refused(frozen: Frozen) -> None:
    index = Index(frozen)
    rows = frame(_rows(3))
    with pytest.raises(LastroError, match="no column 'email'"):
        index.add(rows.drop(columns="email"))
    with pytest.raises(LastroError, match="twice"):
        index.add(pd.concat([rows, rows]))
    with pytest.raises(LastroError, match="no column 'mail'"):
        index.find({"mail": "ana@x.br"})
    with pytest.raises(LastroError, match="cannot be kept in an index"):
        own = TABLE.comparisons["given"].model_copy(update={"compare": "custom", "feature": "any:Thing"})
        freeze(rows, TABLE.model_copy(update={"comparisons": {"given": own}}), {}, SECRET)
    assert index.find({"email": "ana@x.br"}) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=30), st.integers(0, 5))
def test_compiled_hashes_are_those_of_the_plain_path(texts: list[str | None], skip: int) -> None:
    hasher = Hasher(SECRET)
    array = pa.array([text and text.encode("utf-8", "ignore").decode() for text in texts], pa.large_string()).slice(min(skip, len(texts)))
    with pytest.MonkeyPatch.context() as patch:
        compiled = hasher(array)
        patch.setenv("LASTRO_KERNEL", "numpy")
        np.testing.assert_array_equal(hasher(array), compiled)


def test_siphash_gives_the_authors_own_vectors() -> None:
    key, data = np.frombuffer(bytes(range(16)), np.uint64), np.arange(15, dtype=np.uint8)
    out = np.empty(1, dtype=np.uint64)
    for size, expected in ((0, 0x726FDB47DD0E0E31), (1, 0x74F839C593DC67FD), (8, 0x93F5F5799A932462), (15, 0xA129CA6149BE45E5)):
        siphash(data, np.array([0, size]), key, out)
        assert int(out[0]) == expected
