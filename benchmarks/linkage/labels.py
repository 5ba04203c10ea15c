"""What a few hundred judged pairs are worth: each set linked without labels, then calibrated by pairs whose verdicts are read off its truth."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.linkage.evaluate import Quality, evaluate
from benchmarks.linkage.run import set_file
from benchmarks.linkage.sets import Bench

SPECS = Path(__file__).parent / "specs"


@dataclass(frozen=True)
class Draw:
    """One sample: its seed, which weights were taken, the threshold in bits, and how right the clusters then were."""

    seed: int
    weights: str
    edge: float
    bond: float
    quality: Quality


def calibrated(bench: Bench, labels: int, seeds: int, say: Callable[[str], None] = print) -> tuple[Quality, list[Draw]]:
    """Quality without labels, and with ``labels`` of them for every seed from 1 on. The truth serves the verdicts and the evaluator only."""
    from dedup import calibration
    from dedup.engine import link_frame
    from dedup.table import load_table

    rows = pq.read_table(set_file(bench))
    truth = rows["truth"].to_numpy()
    frame, table = rows.drop_columns(["truth"]), load_table(SPECS / f"{bench.kind}.yml")
    before = link_frame(frame, table)
    draws = []
    for seed in range(1, seeds + 1):
        pairs = calibration.sample(frame, table, before.model, labels, seed)
        judged = pairs.assign(same=truth[pairs["a"]] == truth[pairs["b"]])
        model = calibration.calibrate(frame, table, before.model, judged)
        chosen, weights = model["thresholds"], model["calibration"]["weights"]
        quality = evaluate(link_frame(frame, table, model).clusters, truth)
        draws.append(Draw(seed, weights, chosen["edge"], chosen["bond"], quality))
        say(f"  {bench.name}, seed {seed}: {weights}, {chosen['edge']:g} bits, F1 {quality.f1:.4f}")
    return evaluate(before.clusters, truth), draws


def as_table(name: str, labels: int, before: Quality, draws: list[Draw]) -> str:
    """Markdown: without labels, with them on average, and the worst draw."""
    many = len(draws)
    mean = [sum(getattr(draw.quality, what) for draw in draws) / many for what in ("precision", "recall", "f1", "b_cubed")]
    worst = min(draws, key=lambda draw: draw.quality.f1)
    corrected = sum(draw.weights != "learned" for draw in draws)
    rows = [
        f"### {name}, {labels} labels",
        "",
        "| | precision | recall | F1 | B-cubed |",
        "|---|--:|--:|--:|--:|",
        f"| no labels | {before.precision:.4f} | {before.recall:.4f} | {before.f1:.4f} | {before.b_cubed:.4f} |",
        f"| {labels} labels, mean of {many} draws | " + " | ".join(f"{value:.4f}" for value in mean) + " |",
    ]
    return "\n".join([*rows, "", f"Worst draw: F1 {worst.quality.f1:.4f}. Weights changed in {corrected} of {many} draws."])
