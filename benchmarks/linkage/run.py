"""Engines in turn, each run a process of its own: wall and CPU seconds, peak memory of its whole process tree, and how right its clusters are."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pyarrow.parquet as pq

from benchmarks.linkage.evaluate import Quality, evaluate
from benchmarks.linkage.sets import Bench

HERE = Path(__file__).parent
PEERS = ("splink", "splink-std", "goldenmatch-prob", "goldenmatch-zero", "recordlinkage", "custmatch", "dedupe")
"""Peer, and after the hyphen which of its ways."""
OURS = "lastro"


@dataclass(frozen=True)
class Run:
    """One run: ``seconds`` from opening the file to holding the clusters, as the engine's process measured them; CPU seconds and peak bytes of its tree."""

    seconds: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Measured:
    """An engine on a set: its runs, the quality of the last (``None`` where it failed, and why)."""

    engine: str
    runs: list[Run]
    quality: Quality | None
    failure: str = ""

    def median(self, what: str) -> float:
        """Median over the runs of seconds, cpu or peak."""
        return statistics.median(getattr(run, what) for run in self.runs)


def cache_folder() -> Path:
    """Where environments and sets are kept between runs: ``LASTRO_BENCH_CACHE``, else the user's cache folder."""
    return Path(os.environ.get("LASTRO_BENCH_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lastro-benchmarks")


def environment(name: str) -> Path:
    """The Python of a peer's environment, made by uv on first use from ``peers/<name>.txt``."""
    folder, wanted = cache_folder() / "environments" / name, HERE / "peers" / f"{name}.txt"
    python, stamp = folder / "bin" / "python", folder / "requirements.txt"
    if stamp.exists() and stamp.read_text() == wanted.read_text():
        return python
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "-r", wanted], check=True)
    stamp.write_text(wanted.read_text())
    return python


def set_file(bench: Bench) -> Path:
    """The set's file, written on first use."""
    path = cache_folder() / "sets" / f"{bench.name}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        bench.write(path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)
    return path


def measure(bench: Bench, engines: Sequence[str], runs: int, limit: float, say: Callable[[str], None] = print) -> list[Measured]:
    """Every engine in turn, ``runs`` times over; an engine that fails or passes ``limit`` seconds is not tried again."""
    file = set_file(bench)
    truth = pq.read_table(file, columns=["rec_id", "truth"]).to_pandas().set_index("rec_id")["truth"]
    done: dict[str, list[Run]] = {engine: [] for engine in engines}
    quality: dict[str, Quality] = {}
    failed: dict[str, str] = {}
    with TemporaryDirectory() as folder:
        if any(engine.partition("-")[0] == OURS for engine in engines):
            _compile(bench, file, Path(folder), say)
        for turn in range(runs):
            for engine in engines:
                if engine in failed:
                    continue
                out = Path(folder) / f"{engine}.parquet"
                try:
                    done[engine].append(run_once(_command(engine, bench.kind, file, out), limit))
                except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as error:
                    failed[engine] = str(error)
                    continue
                if turn == 0:
                    clusters = pq.read_table(out).to_pandas().set_index("rec_id")["cluster"].reindex(truth.index)
                    if clusters.isna().any():
                        failed[engine] = f"left {int(clusters.isna().sum())} records without a cluster"
                        continue
                    quality[engine] = evaluate(clusters.astype(str).to_numpy(), truth.to_numpy())
                say(f"  {engine}, run {turn + 1}: {done[engine][-1].seconds:.1f} s")
    return [Measured(engine, done[engine], quality.get(engine), failed.get(engine, "")) for engine in engines]


def _compile(bench: Bench, file: Path, folder: Path, say: Callable[[str], None]) -> None:
    """Our engine once on the first ten thousand rows, so that no timed run compiles; what that took is said. A failure shows in the timed runs."""
    few = folder / "few.parquet"
    pq.write_table(pq.read_table(file).slice(0, 10_000), few)
    began = time.monotonic()
    subprocess.run(_command(OURS, bench.kind, few, folder / "few-out.parquet"), env=_surroundings(), capture_output=True, check=False)
    say(f"  {OURS}, compiled or found compiled in {time.monotonic() - began:.1f} s (not counted)")


def _surroundings() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(HERE.parents[1])}


def _command(engine: str, kind: str, file: Path, out: Path) -> list[str]:
    peer, _, way = engine.partition("-")
    python = Path(sys.executable) if peer == OURS else environment(peer)
    if peer == "splink" and way:
        kind, way = f"{kind}-{way}", ""
    if peer == OURS and way:
        kind, way = f"{kind}-{way}", ""
    return [str(python), str(HERE / "peers" / f"run_{peer}.py"), kind, str(file), str(out), *([way] if way else [])]


def run_once(command: list[str], limit: float) -> Run:
    """Run to the end, looking at the memory of the process and its children twenty times a second."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with TemporaryDirectory() as folder:
        told, complaints = Path(folder) / "out", Path(folder) / "err"
        with told.open("wb") as out, complaints.open("wb") as errors:
            process = subprocess.Popen(command, stdout=out, stderr=errors, env=_surroundings())
            peak, started = 0, time.monotonic()
            while process.poll() is None:
                peak = max(peak, _resident(process.pid))
                if time.monotonic() - started > limit:
                    process.kill()
                    process.wait()
                    raise TimeoutError(f"stopped after {limit:.0f} s")
                time.sleep(0.05)
        lines = told.read_text(errors="replace").strip().splitlines()
        if process.returncode:
            last = complaints.read_text(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"ended with code {process.returncode}: {last[0][:120] if last else 'killed'}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(json.loads(lines[-1])["seconds"], cpu, peak)


def _resident(pid: int) -> int:
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def as_table(bench: str, measured: Sequence[Measured]) -> str:
    """Markdown; ``ours`` is how many times as fast as that engine we were: below 1 we lost."""
    ours = next((one for one in measured if one.engine == OURS and one.runs and one.quality), None)
    rows = [
        f"### {bench}",
        "",
        "| engine | seconds | ours is faster by | CPU s | peak MB | precision | recall | F1 | B-cubed | runs |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for one in measured:
        if not one.quality or not one.runs:
            rows.append(f"| {one.engine} | {one.failure or 'no result'} |  |  |  |  |  |  |  |  |")
            continue
        ratio = f"{one.median('seconds') / ours.median('seconds'):.2f}x" if ours and one is not ours else "-"
        good = one.quality
        rows.append(
            f"| {one.engine} | {one.median('seconds'):.1f} | {ratio} | {one.median('cpu'):.1f} | {one.median('peak') / 1e6:,.0f} "
            f"| {good.precision:.4f} | {good.recall:.4f} | {good.f1:.4f} | {good.b_cubed:.4f} | {len(one.runs)} |"
        )
    lost = [one for one in measured if ours and one is not ours and one.quality and one.runs]
    told = [f"slower than {one.engine}" for one in lost if one.median("seconds") < ours.median("seconds")]
    told += [f"less right than {one.engine} (F1 {ours.quality.f1:.4f} against {one.quality.f1:.4f})" for one in lost if one.quality.f1 > ours.quality.f1]
    return "\n".join([*rows, "", f"Lost here: {'; '.join(told)}." if told else "Lost here: nothing." if lost else "Nobody to compare with in this run."])


def as_json(bench: str, measured: Sequence[Measured]) -> str:
    """The same with every run."""
    return json.dumps({"set": bench, "engines": [asdict(one) for one in measured]}, indent=1)
