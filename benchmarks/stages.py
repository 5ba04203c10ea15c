"""Cost of every stage: wall and processor seconds and peak memory of a process of its own, rows per second, growth with size."""

import json
import math
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psutil

from benchmarks.contact_list import write_list
from pipelines.demo.write import write_demo
from pipelines.stages import STAGES

CHILD = """
import json, resource, sys, time
from datetime import UTC, datetime
started = time.perf_counter()
from contacts.settings import load
from contacts import tables
from pipelines.run import connect, execute, open_batch
settings = load(); warehouse = connect(settings)
batch = open_batch(warehouse, settings, "bench", datetime(2026, 11, 20, 6, tzinfo=UTC))
from pipelines.sources.names import source_names
parts = source_names(settings) if sys.argv[1] == "ingest" else [""]
if sys.argv[1] == "training":
    from contextlib import suppress
    from dedup.learning import NothingToLearn
    from pipelines.linkage_training import learn_weights
    with suppress(NothingToLearn):
        learn_weights(warehouse, settings)
    parts = []
for part in parts:
    execute(warehouse, settings, sys.argv[1], batch, part, "bench")
seconds = time.perf_counter() - started
with warehouse.transaction() as db:
    rows = db.count(tables.raw_record)
used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu = sum(one.ru_utime + one.ru_stime for one in used)
print(json.dumps({"seconds": seconds, "cpu": cpu, "rows": rows}))
"""
TRAINING = "training"
WORLD = tuple(name for stage in STAGES for name in ((TRAINING, stage.name) if stage.name == "link" else (stage.name,)))
"""Every stage, and before the link stage the training of its weights, which is a command of its own."""
LIST = ("ingest", "standardise", "validate")
"""What is measured on a list of contacts: it has no texts to scan, and nobody in it is there twice."""


def measure(size: int, database: str, seed: int, chosen: Sequence[str] = WORLD) -> dict[str, dict[str, float]]:
    """Stage name -> seconds, cpu, peak_mb, rows (raw records in the warehouse); empty when the database is not there.

    ``WORLD`` runs on the demo's made-up world of ``size`` people, ``LIST`` on a list of ``size`` contacts.
    """
    schema = f"lastro_bench_{uuid.uuid4().hex[:8]}"
    with TemporaryDirectory() as folder:
        home = Path(folder)
        environment = os.environ | {"LASTRO_HOME": str(home)}
        if database == "postgres":
            url = _postgres(f'CREATE SCHEMA "{schema}"')
            if not url:
                return {}
            environment["LASTRO_DATABASE_URL"] = f"{url}?options={quote(f'-csearch_path={schema}')}"
        if chosen == LIST:
            write_list(home, size, seed)
            environment["LASTRO_SOURCES"] = str(home / "sources")
        else:
            write_demo(home / "inbox", size, seed)
        try:
            return {stage: _in_child(stage, environment) for stage in chosen}
        finally:
            if database == "postgres":
                _postgres(f'DROP SCHEMA "{schema}" CASCADE')


def as_table(measured: dict[int, dict[str, dict[str, float]]], database: str, of: str = "people") -> str:
    """The figures as text; ``growth`` is the exponent of seconds between the two largest sizes (1 = linear)."""
    sizes = sorted(measured)
    stages = list(measured[sizes[0]])
    lines = [f"stages on {database}, each in a process of its own, start and imports included"]
    head = "".join(f"{f'{size:,} {of}: s':>24}{'CPU s':>9}{'rows/s':>9}{'MB':>7}" for size in sizes)
    lines.append(f"{'stage':<12}{head}" + (f"{'growth':>9}" if len(sizes) > 1 else ""))
    for stage in stages:
        cells = ""
        for size in sizes:
            found = measured[size][stage]
            cells += f"{found['seconds']:>24.1f}{found['cpu']:>9.1f}{found['rows'] / found['seconds']:>9,.0f}{found['peak_mb']:>7,.0f}"
        if len(sizes) > 1:
            small, large = (measured[size][stage]["seconds"] for size in sizes[-2:])
            cells += f"{math.log(large / small) / math.log(sizes[-1] / sizes[-2]):>9.2f}"
        lines.append(f"{stage:<12}{cells}")
    totals = "".join(f"{sum(found['seconds'] for found in measured[size].values()):>24.1f}{'':>25}" for size in sizes)
    lines.append(f"{'all':<12}{totals}")
    rows = ", ".join(f"{size:,} {of} = {next(iter(measured[size].values()))['rows']:,.0f} raw records" for size in sizes)
    return "\n".join([*lines, rows])


def _in_child(stage: str, environment: dict[str, str]) -> dict[str, float]:
    with subprocess.Popen([sys.executable, "-c", CHILD, stage], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        peak = Peak(child.pid)
        peak.start()
        told, failed = child.communicate()
        peak.join()
    if child.returncode:
        raise SystemExit(f"stage {stage} failed:\n{failed[-2000:]}")
    return json.loads(told.strip().splitlines()[-1]) | {"peak_mb": peak.bytes / 2**20}


class Peak(threading.Thread):
    """Memory of a process and all it started, looked at every half second: what they share counts once (PSS), the largest sum is kept.

    The maxima of the single processes added up would overstate it: they need not fall together. A look at two gigabytes takes 26 ms of a
    processor the stage could use, so it is not taken more often.
    """

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.process = psutil.Process(pid)
        self.bytes = 0

    def run(self) -> None:
        """Look until the process is gone."""
        with suppress(psutil.Error):
            while self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
                self.bytes = max(self.bytes, sum(_held(one) for one in [self.process, *self.process.children(recursive=True)]))
                time.sleep(0.5)


def _held(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except psutil.Error:  # gone meanwhile
        return 0
    return int(getattr(full, "pss", full.uss))  # only Linux tells what is shared


def _postgres(statement: str) -> str:
    import psycopg

    url = os.environ.get("LASTRO_TEST_POSTGRES") or "postgresql://postgres@127.0.0.1:5432/test"
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=2) as connection:
            connection.execute(statement)
    except psycopg.OperationalError:
        return ""
    return url
