"""Spark runs the same engine: on any table, cut into any pieces, the edges, weights and clusters of one machine, with components found in either place."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recordlinkage.compare import Exact

pytest.importorskip("pyspark", reason="the extra spark is not installed")

from contacts.errors import ConfigurationError
from dedup import distributed, grouping, training
from dedup.engine import link_frame
from dedup.table import Table

GIVEN, FAMILY = ("ana", "anna", "rui", "ruy", "eva", "ivo", "lia", "noé"), ("prado", "prados", "sá", "lima", "limma", "reis")
SPEC: dict[str, Any] = {
    "blocking": {"cap": 9, "full": 0, "rules": [["email"], ["given", "born"], ["family", "zip"], ["zip.first3", "given"]]},
    "comparisons": {
        "given": {"compare": "text", "term_frequency": True},
        "family": {"compare": "text", "term_frequency": True},
        "born": {"compare": "date"},
        "email": {"compare": "email", "term_frequency": True, "shared_by": "given", "shared_most": 3},
        "zip": {"compare": "identifier", "hub": 40},
    },
    "cannot_link": [{"born": ["different"], "zip": ["different"]}],
    "match_rate": 0.02,
    "clusters": {"bond": -1.0, "largest": 60, "edge": -2.0},
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from shutil import which

    if which("java") is None:
        pytest.skip("no Java: Spark needs 17 or newer")
    session = distributed.session(memory="1g")
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()


def made_up(rows: int, seed: int) -> pd.DataFrame:
    """Rows that agree on much by chance, with gaps, blanks, letters beyond the basic plane and hubs."""
    chance = np.random.default_rng(seed)

    def pick(words: tuple[str, ...]) -> Any:
        return np.asarray(words, dtype=object)[chance.integers(0, len(words), rows)]

    frame = pd.DataFrame(
        {
            "given": pick((*GIVEN, "", "🙂 eva", " ")),
            "family": pick(FAMILY),
            "born": [f"19{70 + n % 9}-0{1 + n % 4}-1{n % 3}" for n in chance.integers(0, 100, rows)],
            "email": [f"{name}{n}@exemplo.com" for name, n in zip(pick(GIVEN), chance.integers(0, 60, rows), strict=True)],
            "zip": [f"0{n:04d}000" for n in chance.integers(0, 40, rows)],
            "source": pick(("crm", "form")),
        },
        dtype=object,
    )
    return frame.mask(chance.random(frame.shape) < 0.1, None)


def agree(spark: Any, frame: pd.DataFrame, table: Table, driver_edges: int = distributed.DRIVER_EDGES, model: Any = None) -> tuple[int, int]:
    """Hold both engines to the same edges, weights, patterns and clusters; how many edges and joined rows there were."""
    model = model or training.starting(table).as_dict(table)
    here = link_frame(frame, table, model)
    numbered = frame.assign(id=np.arange(len(frame)) * 3 + 5)
    there = distributed.link_spark(
        spark.createDataFrame(numbered.sample(frac=1, random_state=1), schema=_schema(numbered)), table, model, "id", 2, driver_edges
    )
    edges = there.edges.toPandas().sort_values(["a", "b"], ignore_index=True)
    ours = pd.DataFrame({"a": here.edges.a * 3 + 5, "b": here.edges.b * 3 + 5, "bits": here.edges.bits, "pattern": here.edges.pattern})
    ours = ours.sort_values(["a", "b"], ignore_index=True)
    assert edges[["a", "b", "pattern"]].to_numpy().tolist() == ours[["a", "b", "pattern"]].to_numpy().tolist()
    assert np.abs(edges["bits"].to_numpy() - ours["bits"].to_numpy()).max(initial=0) < 1e-5
    clusters = there.clusters.toPandas().sort_values("id", ignore_index=True)
    assert (clusters["cluster"] == here.clusters * 3 + 5).all()
    return len(edges), int((here.clusters != np.arange(len(frame))).sum())


def _schema(frame: pd.DataFrame) -> str:
    return ", ".join(f"`{name}` {'long' if name == 'id' else 'string'}" for name in frame.columns)


@pytest.mark.parametrize("driver_edges", [distributed.DRIVER_EDGES, 0], ids=["components on the driver", "components in Spark"])
def test_edges_weights_and_clusters_are_those_of_one_machine(spark: Any, monkeypatch: pytest.MonkeyPatch, driver_edges: int) -> None:
    monkeypatch.setattr(grouping, "SCORED", 6)  # so that some components are too large to score, and are cut
    edges, joined = agree(spark, made_up(500, 1), Table.model_validate(SPEC), driver_edges)
    assert edges > 200 and joined > 50


def test_a_small_table_is_compared_whole_a_source_has_nobody_twice_and_a_feature_of_the_users_own_counts(spark: Any) -> None:
    spec = SPEC | {"blocking": SPEC["blocking"] | {"full": 1_000_000}, "duplicate_free": "source"}
    spec["comparisons"] = SPEC["comparisons"] | {"source": {"compare": "custom", "feature": f"{Exact.__module__}:Exact", "cuts": [0.5]}}
    edges, _ = agree(spark, made_up(150, 3), Table.model_validate(spec))
    assert edges


def test_a_model_calibrated_by_judged_pairs_links_there_as_here(spark: Any) -> None:
    table, frame = Table.model_validate(SPEC), made_up(300, 5)
    learned = training.starting(table)
    corrected = replace(learned, judged=np.where(learned.m > 0, -0.5, 0.0), judged_prior=1.5).as_dict(table)
    plain, _ = agree(spark, frame, table)
    fewer, _ = agree(spark, frame, table, model=corrected | {"thresholds": {"edge": 6.0, "bond": 6.0}})
    assert 0 < fewer < plain


def test_a_column_there_is_not_is_named(spark: Any) -> None:
    frame = spark.createDataFrame([(1, "x")], "id long, other string")
    with pytest.raises(ConfigurationError, match="no column 'given'"):
        distributed.link_spark(frame, Table.model_validate(SPEC), {}, "id")
