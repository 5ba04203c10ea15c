"""The same engine on Spark: rows travel to their block keys once, and every partition runs the local kernel on what arrived.

A pair is made only where its first common key is, so no pair has to be found twice and thrown away; weights use value counts of the
whole table, so they are those of one machine. What crosses the network are rows (twice) and surviving edges, never pairs.
Importing this module needs the extra ``spark`` (pyspark 4 and Java 17).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import ArrayType, DoubleType, LongType, StructField, StructType

from contacts.errors import ConfigurationError
from dedup import engine, grouping, programs, training
from dedup.kernel import blocks as blocking
from dedup.kernel import run
from dedup.kernel.columns import Column, Ints, encode
from dedup.kernel.program import Program
from dedup.table import Table, under

ROW = "__row"
_KEYS, _RULE, _KEY, _PART = "__keys", "__rule", "__key", "__part"
_EDGES = StructType([StructField("a", LongType()), StructField("b", LongType()), StructField("bits", DoubleType()), StructField("pattern", LongType())])
_CLUSTERS = StructType([StructField(ROW, LongType()), StructField("cluster", LongType())])
DRIVER_EDGES = 20_000_000
"""Edges (16 bytes each) up to which components are worked out on the driver, in a fraction of a second per million; above, in Spark."""


@dataclass(frozen=True)
class Linked:
    """``edges``: a, b (values of the id column, a < b), bits, pattern; ``clusters``: the id column and cluster, named by its smallest id."""

    edges: DataFrame
    clusters: DataFrame


@dataclass(frozen=True)
class Facts:
    """What only the whole table knows, by column: values held more than twice (``values``, ``counts``), how many rows hold any
    (``total``), and by comparison the values that say nothing (``off``)."""

    values: Mapping[str, pa.Array]
    counts: Mapping[str, npt.NDArray[np.int64]]
    total: Mapping[str, int]
    off: Mapping[str, pa.Array]


def link_spark(frame: DataFrame, table: Table, model: Mapping[str, Any], row_id: str, partitions: int = 0, driver_edges: int = DRIVER_EDGES) -> Linked:
    """Link the rows of ``frame``, whose column ``row_id`` is a unique whole number, with weights learned before (``engine.Result.model``).

    The same edges, weights and clusters as ``engine.link_frame`` gives for the rows in the order of their ids. ``partitions``: how
    many pieces the work is cut into (default: Spark's own setting). Raises ConfigurationError for a column there is not.
    """
    spark, table = frame.sparkSession, under(table, model)
    if missing := [name for name in (row_id, *table.columns) if name not in frame.columns]:
        raise ConfigurationError(f"The table has no column {missing[0]!r}.", "Every column named in the linkage file must be there.")
    partitions = partitions or int(spark.conf.get("spark.sql.shuffle.partitions") or 8)
    extra = {part.column or name for name, part in table.comparisons.items() if part.compare == "custom"}
    wanted = sorted({*table.columns, *([table.duplicate_free] if table.duplicate_free else []), *(name for name in extra if name in frame.columns)})
    rows = frame.select(f.col(row_id).cast("long").alias(ROW), *(f.col(name).cast("string").alias(name) for name in wanted))
    rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
    n = rows.count()
    shipped = spark.sparkContext.broadcast((table.model_dump_json(), json.dumps(dict(model)), _facts(rows, table)))
    if n * (n - 1) // 2 <= table.blocking.full:
        placed = rows.withColumn(_RULE, f.lit(0)).withColumn(_KEY, f.lit(0).cast("long")).withColumn(_KEYS, f.array(f.lit(0).cast("long"))).repartition(1)
    else:
        placed = _placed(rows, table, shipped, partitions)
    edges = placed.mapInArrow(_scoring(shipped), _EDGES).persist(StorageLevel.MEMORY_AND_DISK)
    components = _components(spark, edges, table, driver_edges, partitions)
    inside = rows.join(components, ROW).repartition(partitions, _PART).mapInArrow(_grouping(shipped), _CLUSTERS)
    clusters = rows.select(ROW).join(inside, ROW, "left").select(f.col(ROW).alias(row_id), f.coalesce("cluster", ROW).alias("cluster"))
    return Linked(edges, clusters)


def session(cores: str = "local[2]", memory: str = "4g") -> SparkSession:
    """A Spark of its own on this machine, without a page and open to nobody else."""
    import os
    import sys

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else workers take another Python, which lacks our libraries
    builder = SparkSession.builder.master(cores).appName("lastro")
    settings = {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.driver.memory": memory,
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "8", "spark.sql.execution.arrow.maxRecordsPerBatch": "100000", "spark.sql.adaptive.enabled": "false",
        "spark.log.level": "ERROR",
    }  # fmt: skip
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _facts(rows: DataFrame, table: Table) -> Facts:
    """Counted once over the whole table; a value held once or twice weighs alike, so only the others are named."""
    parts = {name: part for name, part in table.comparisons.items() if part.compare != "custom" and (part.term_frequency or part.hub or part.shared_by)}
    columns = list(dict.fromkeys(part.column or name for name, part in parts.items()))
    values: dict[str, pa.Array] = {}
    counts: dict[str, Any] = {}
    off: dict[str, pa.Array] = {}
    wanted = dict.fromkeys([*columns, *(part.shared_by for part in parts.values() if part.shared_by)])
    given = rows.select([f.when(f.trim(name) != "", f.col(name)).alias(name) for name in wanted])
    held = given.agg(*(f.count(name).alias(name) for name in columns)).collect()[0].asDict() if columns else {}
    total = {name: int(number) for name, number in held.items()}
    least = min([2, *(part.hub for part in parts.values() if part.hub)])
    for name in columns:
        counted = given.where(f.col(name).isNotNull()).groupBy(name).count().where(f.col("count") > least).toPandas()
        values[name], counts[name] = pa.array(counted[name], pa.large_string()), counted["count"].to_numpy(np.int64)
    for name, part in parts.items():
        column = part.column or name
        silent = set(values[column].filter(pa.array(counts[column] > part.hub)).to_pylist()) if part.hub else set()
        if part.shared_by:
            both = given.select(column, part.shared_by).dropna().distinct().groupBy(column).count()
            silent |= set(both.where(f.col("count") > part.shared_most).select(column).toPandas()[column])
        if silent:
            off[name] = pa.array(sorted(silent), pa.large_string())
    return Facts(values, counts, total, off)


def _placed(rows: DataFrame, table: Table, shipped: Any, partitions: int) -> DataFrame:
    """Every row once per block it is in, in the partition of that block, with the keys of all its blocks.

    A key held once makes no pair and never travels; one held by more rows than the cap is a hub and makes none either.
    """
    keyed = rows.mapInArrow(_keying(shipped), StructType([StructField(ROW, LongType()), StructField(_KEYS, ArrayType(LongType()))]))
    keyed = keyed.persist(StorageLevel.MEMORY_AND_DISK)
    each = keyed.select(ROW, f.posexplode(_KEYS).alias(_RULE, _KEY)).where(f.col(_KEY).isNotNull())
    blocks = each.groupBy(_RULE, _KEY).count().where((f.col("count") > 1) & (f.col("count") <= table.blocking.cap)).drop("count")
    mine = each.join(blocks, [_RULE, _KEY]).groupBy(ROW).agg(f.map_from_entries(f.collect_list(f.struct(_RULE, _KEY))).alias("__in"))
    places = f.array(*(f.try_element_at("__in", f.lit(rule)) for rule in range(len(table.blocking.rules))))
    blocked = rows.join(mine.select(ROW, places.alias(_KEYS)), ROW)
    spread = blocked.select("*", f.posexplode(_KEYS).alias(_RULE, _KEY)).where(f.col(_KEY).isNotNull())
    return spread.repartition(partitions, _RULE, _KEY)


def _components(spark: SparkSession, edges: DataFrame, table: Table, driver_edges: int, partitions: int) -> DataFrame:
    """Component of every row that has an edge (columns ROW and PART), the large ones already cut at a rising threshold."""
    never = engine.never(table)
    kept = edges.mapInArrow(_allowed(table), _EDGES) if never is not None else edges
    if kept.count() <= driver_edges:
        found = kept.select("a", "b", "bits").toPandas()
        ids, codes = np.unique(found[["a", "b"]].to_numpy(np.int64), return_inverse=True)
        codes = codes.reshape(-1, 2)
        labels = grouping.cut_components(len(ids), codes[:, 0], codes[:, 1], found["bits"].to_numpy())
        made = pd.DataFrame({ROW: ids, _PART: ids[labels] if len(ids) else ids})
        return spark.createDataFrame(made, StructType([StructField(ROW, LongType()), StructField(_PART, LongType())]))
    labels_now = _connected(kept, partitions)
    floor = grouping.FLOOR
    while True:
        large = labels_now.groupBy(_PART).count().where(f.col("count") > grouping.SCORED).select(_PART).persist()
        if not large.count() or floor >= grouping.CEILING:
            break
        members = labels_now.join(large, _PART).select(ROW)
        cut = kept.join(members.withColumnRenamed(ROW, "a"), "a").where(f.col("bits") >= floor)
        again = _connected(cut, partitions)
        alone = members.join(again, ROW, "left").select(ROW, f.coalesce(_PART, ROW).alias(_PART))
        labels_now = labels_now.join(large, _PART, "left_anti").select(ROW, _PART).unionByName(alone).localCheckpoint()
        floor += grouping.FLOOR
    if floor >= grouping.CEILING:
        labels_now = labels_now.join(large.withColumn("big", f.lit(True)), _PART, "left").select(
            ROW, f.when(f.col("big"), f.col(ROW)).otherwise(f.col(_PART)).alias(_PART)
        )
    return labels_now.select(ROW, _PART)


def _connected(edges: DataFrame, partitions: int) -> DataFrame:
    """Connected components without the driver, by alternating large and small stars (Kiveris et al. 2014): ROW, PART."""
    now = edges.select("a", "b").distinct().repartition(partitions).localCheckpoint()
    nodes = now.select(f.col("a").alias(ROW)).union(now.select("b")).distinct()
    while True:
        large = _star(now, larger=True)
        small = _star(large, larger=False).localCheckpoint()
        if small.count() == now.count() and not small.exceptAll(now).limit(1).count():
            break
        now = small
    hubs = now.groupBy(f.col("b").alias(ROW)).agg(f.min("a").alias(_PART))
    return nodes.join(hubs, ROW, "left").select(ROW, f.coalesce(_PART, ROW).alias(_PART)).localCheckpoint()


def _star(edges: DataFrame, larger: bool) -> DataFrame:
    """One step: every node ties its larger (or its smaller) neighbours to the smallest one it knows."""
    both = edges.union(edges.select("b", "a")) if larger else edges.select(f.col("b").alias("a"), f.col("a").alias("b"))
    least = both.groupBy("a").agg(f.least(f.min("b"), f.col("a")).alias("least"))
    tied = both.join(least, "a")
    if larger:
        made = tied.where(f.col("b") > f.col("a")).select(f.col("least").alias("x"), f.col("b").alias("y"))
    else:
        made = tied.select(f.col("least").alias("x"), f.col("b").alias("y")).union(least.select(f.col("least").alias("x"), f.col("a").alias("y")))
    return made.where("x != y").select(f.least("x", "y").alias("a"), f.greatest("x", "y").alias("b")).distinct()


def _opened(shipped: Any) -> tuple[Table, training.Weights, Facts]:
    spec, model, facts = shipped.value
    table = Table.model_validate_json(spec)
    return table, training.from_dict(json.loads(model), table), facts


def _keying(shipped: Any) -> Any:
    """Rows of a partition -> their key of every rule, one 64-bit hash each, the same in every process."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table, _, _ = _opened(shipped)
        for batch in batches:
            columns = encode(pa.Table.from_batches([batch]), table.columns)
            made: dict[str, npt.NDArray[np.uint64]] = {}
            missing: dict[str, npt.NDArray[np.bool_]] = {}
            for key in dict.fromkeys(key for rule in table.blocking.rules for key in rule):
                column = programs.derived(columns, key)
                hashes = np.append(pd.util.hash_array(np.asarray(column.values.to_pylist(), dtype=object)), np.uint64(0))
                made[key], missing[key] = hashes[column.codes], column.codes < 0
            keys = []
            for number, rule in enumerate(table.blocking.rules):
                mixed = np.full(batch.num_rows, number + 1, dtype=np.uint64)
                for key in rule:
                    mixed = (mixed ^ made[key]) * np.uint64(0x9E3779B97F4A7C15)
                    mixed ^= mixed >> np.uint64(29)
                gone = np.logical_or.reduce([missing[key] for key in rule])
                keys.append(pa.array(mixed.view(np.int64), mask=gone))
            flat = pa.concat_arrays(keys).take(pa.array(np.arange(len(keys) * batch.num_rows).reshape(len(keys), -1).T.ravel()))
            offsets = pa.array(np.arange(batch.num_rows + 1) * len(keys), pa.int32())
            yield pa.record_batch([batch.column(ROW), pa.ListArray.from_arrays(offsets, flat)], names=[ROW, _KEYS])

    return work


def _scoring(shipped: Any) -> Any:
    """Rows of whole blocks -> their surviving pairs."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table, weights, facts = _opened(shipped)
        arrived = list(batches)
        if not arrived:
            return
        some = pa.Table.from_batches(arrived).sort_by(ROW)
        ids, first, place = np.unique(some[ROW].to_numpy(), return_index=True, return_inverse=True)
        rows = some.take(pa.array(first))
        program = _program(rows, table, weights, facts)
        members = np.array(rows[_KEYS].combine_chunks().flatten().fill_null(-1).to_numpy(zero_copy_only=False)).reshape(len(ids), -1)
        member = np.full(members.shape, -1, dtype=np.int32)
        for rule in range(members.shape[1]):
            known = np.array(pc.is_valid(pc.list_element(rows[_KEYS], rule)).to_numpy())
            member[known, rule] = np.unique(members[known, rule], return_inverse=True)[1]
        rule, key = some[_RULE].to_numpy(), some[_KEY].to_numpy()
        blocks = [_blocks(place[rule == number], key[rule == number]) for number in range(members.shape[1])]
        source = engine.source_of(rows, table)
        edges = run.score_blocks(program, blocks, weights.prior, table.clusters.edge, source, member)
        edges = engine.custom(_pandas(rows, table), table, program, edges)
        use = edges.bits >= table.clusters.edge
        told = {"a": ids[edges.a[use]], "b": ids[edges.b[use]], "bits": edges.bits[use].astype(np.float64), "pattern": edges.pattern[use]}
        yield pa.record_batch(told)

    return work


def _blocks(rows: Ints, keys: Ints) -> blocking.Blocks:
    """Blocks of one rule in one partition; rows of a block by rising number, as the local engine has them."""
    by = np.lexsort((rows, keys))
    rows, keys = rows[by].astype(np.int64), keys[by]
    if not len(rows):
        nothing = np.empty(0, dtype=np.int64)
        return blocking.Blocks(nothing, nothing, nothing, nothing)
    edges = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    return blocking.Blocks(rows, np.r_[0, edges].astype(np.int64), np.r_[edges, len(rows)].astype(np.int64), np.empty(0, dtype=np.int64))


def _allowed(table: Table) -> Any:
    """Edges whose pattern is not one the steward never joins."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        never = engine.never(table)
        for batch in batches:
            yield batch.filter(pa.array(~never(batch.column("pattern").to_numpy())))

    return work


def _grouping(shipped: Any) -> Any:
    """Rows of whole components -> their cluster: all pairs inside scored, average linkage."""

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        table, weights, facts = _opened(shipped)
        arrived = list(batches)
        if not arrived:
            return
        rows = pa.Table.from_batches(arrived).sort_by(ROW)
        ids = rows[ROW].to_numpy()
        labels = np.searchsorted(ids, rows[_PART].to_numpy())
        program, prior = _program(rows, table, weights, facts), weights.prior
        out = grouping.split_components(labels, program, prior, *engine.joining(_pandas(rows, table), table, program, prior, engine.source_of(rows, table)))
        yield pa.record_batch({ROW: ids, "cluster": ids[out]})

    return work


def _program(rows: pa.Table, table: Table, weights: training.Weights, facts: Facts) -> Program:
    """The kernel's program for the rows of one partition, with value counts of the whole table."""
    columns = {name: _counted(column, name, facts) for name, column in encode(rows, table.columns, 1).items()}
    off = {name: _silent(columns[part.column or name], facts.off.get(name)) for name, part in table.comparisons.items() if part.compare != "custom"}
    program = programs.build(table, columns, off)
    added = training.rarity(table, program, columns, weights.u[:, 0], facts.total)
    return program.weighing(weights.bits, added, weights.related_bits, weights.related_prior)


def _counted(column: Column, name: str, facts: Facts) -> Column:
    if name not in facts.values:
        return column
    place = pc.index_in(column.values, facts.values[name]).fill_null(-1).to_numpy(zero_copy_only=False)
    return replace(column, counts=np.append(facts.counts[name], 2)[place])


def _silent(column: Column, off: pa.Array | None) -> Any:
    if off is None:
        return None
    found = pc.is_in(column.values, off).to_numpy(zero_copy_only=False)
    return found if found.any() else None


def _pandas(rows: pa.Table, table: Table) -> pd.DataFrame:
    """The rows for comparisons of the user's own, which see a data frame; empty without one."""
    return rows.to_pandas() if any(part.compare == "custom" for part in table.comparisons.values()) else pd.DataFrame()
