"""From the command line: pairs asked about in a file of one's own, judged, read back into the model, and the rows linked by it."""

import csv
import json
import os
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from benchmarks.linkage.evaluate import evaluate
from benchmarks.linkage.records import draw_contacts
from contacts.errors import ConfigurationError
from pipelines.cli import app

SPEC = """
blocking:
  full: 0
  rules: [[email], [phone.last8], [given_name, birth_date], [surname, birth_date], [given_name, surname]]
comparisons:
  given_name: {compare: text, term_frequency: true}
  surname: {compare: text, term_frequency: true}
  birth_date: {compare: date}
  email: {compare: email}
  phone: {compare: edits, edits: [1]}
clusters: {edge: 14.0, bond: 10.0}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LASTRO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    rows = draw_contacts(1_200, 8).to_pandas()
    rows.loc[rows["truth"].duplicated(keep=False) & rows["email"].duplicated(keep=False), "phone"] = "=cmd()"
    rows.drop(columns=["truth"]).to_csv("table.csv", index=False)
    rows[["truth"]].to_csv("truth.csv", index=False)
    Path("spec.yml").write_text(SPEC, encoding="utf-8")
    assert run("train", "--model", "model.json")["origin"] == "trained"
    return tmp_path


def run(command: str, *more: str) -> dict:
    result = CliRunner().invoke(app, ["linkage", command, "spec.yml", "table.csv", *more, "--json"], catch_exceptions=False)
    return json.loads(result.stdout)


def refused(command: str, *more: str) -> str:
    with pytest.raises(ConfigurationError) as error:
        run(command, *more)
    return error.value.sentence


def rewrite(judge, **changes) -> None:
    """The asked file judged: ``judge(a, b)`` gives the word, ``changes`` map a column to what becomes of its cell in the first line."""
    with Path("pairs.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        a, b = (int(side[1:]) for side in row["pair"].split("-"))
        row["verdict"] = judge(a, b)
    for column, change in changes.items():
        rows[0][column] = change(rows[0][column])
    with Path("judged.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_judged_pairs_calibrate_the_model_that_rows_then_uses(folder: Path) -> None:
    truth = pd.read_csv("truth.csv")["truth"].to_numpy()
    run("rows", "--model", "model.json", "--out", "before.csv")
    asked = run("ask", "--model", "model.json", "--out", "pairs.csv", "--size", "150")
    assert asked["pairs"] == 150 and asked["population"] > 150
    rewrite(lambda a, b: "same" if truth[a] == truth[b] else "different")
    told = run("calibrate", "--model", "model.json", "--judged", "judged.csv")
    assert told["judged"] == 150 and {trial["weights"] for trial in told["trials"]} == {"learned", "levels corrected"}
    linked = run("rows", "--model", "model.json", "--out", "after.csv")
    row = next(row for row in told["thresholds"] if {"edge": row["edge"], "bond": row["bond"]} == told["chosen"])
    assert linked["rows"] - linked["clusters"] >= row["clusters"], "clusters of two rows or more, as told"
    before, after = (evaluate(pd.read_csv(name)["cluster"], truth).f1 for name in ("before.csv", "after.csv"))
    assert after > before
    stored = json.loads(Path("model.json").read_text())
    assert stored["model"]["calibration"]["judged"] == 150 and stored["calibrated_at"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no permission bits")
def test_values_are_in_the_asked_file_only_and_it_is_its_owners(folder: Path) -> None:
    run("ask", "--model", "model.json", "--out", "pairs.csv", "--size", "100000")
    assert Path("pairs.csv").stat().st_mode & 0o077 == 0
    text = Path("pairs.csv").read_text(encoding="utf-8-sig")
    assert ",'=cmd()," in text and ",=cmd()" not in text, "what begins like a formula is marked as text"
    assert not {"bits", "probability", "score"} & set(text.splitlines()[0].split(",")), "a score would lead whoever judges"
    truth = pd.read_csv("truth.csv")["truth"].to_numpy()
    rewrite(lambda a, b: "same" if truth[a] == truth[b] else "different")
    run("calibrate", "--model", "model.json", "--judged", "judged.csv")
    model = Path("model.json").read_text()
    held = pd.read_csv("table.csv", dtype=str)[["given_name", "surname", "email", "phone", "birth_date"]].stack().unique()
    assert not [value for value in held if f'"{value}"' in model]
    assert "there already" in refused("ask", "--model", "model.json", "--out", "pairs.csv"), "never over a file somebody may have filled in"


def test_a_file_that_errs_changes_nothing_and_no_value_is_repeated(folder: Path) -> None:
    run("ask", "--model", "model.json", "--out", "pairs.csv", "--size", "60")
    before = Path("model.json").read_bytes()
    for changes, told in (
        ({"verdict": lambda _: "smae"}, "line 2, column verdict: not a word for it; did you mean 'same'?"),
        ({"pair": lambda _: "r5-r5"}, "line 2: it names no pair of this table"),
        ({"pair": lambda _: "r1-r999999"}, "line 2: it names no pair of this table"),
        ({"check": lambda text: text + "0"}, "line 2: these rows of the table are not what they were"),
    ):
        rewrite(lambda a, b: "same" if (a + b) % 2 else "different", **changes)
        assert told in refused("calibrate", "--model", "model.json", "--judged", "judged.csv")
    rewrite(lambda a, b: "")
    assert "No line of the sample is judged" in refused("calibrate", "--model", "model.json", "--judged", "judged.csv")
    rewrite(lambda a, b: "same")
    assert "too few to calibrate by" in refused("calibrate", "--model", "model.json", "--judged", "judged.csv")
    assert Path("model.json").read_bytes() == before


def test_what_nobody_could_tell_is_stood_for_by_its_stratum(folder: Path) -> None:
    truth = pd.read_csv("truth.csv")["truth"].to_numpy()
    run("ask", "--model", "model.json", "--out", "pairs.csv", "--size", "200")
    rewrite(lambda a, b: "unsure" if a % 7 == 0 else "" if a % 7 == 1 else "same" if truth[a] == truth[b] else "different")
    told = run("calibrate", "--model", "model.json", "--judged", "judged.csv")
    assert told["unsure"] > 0 and told["judged"] + told["unsure"] < 200
    row = next(row for row in told["thresholds"] if {"edge": row["edge"], "bond": row["bond"]} == told["chosen"])
    run("rows", "--model", "model.json", "--out", "after.csv")
    right = evaluate(pd.read_csv("after.csv")["cluster"], truth)
    assert row["precision low"] - 0.02 <= right.precision <= row["precision high"] + 0.02
