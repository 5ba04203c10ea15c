"""`lastro review` on both databases: blind at first, by file or line by line, undone, warned, asked again when the data have changed."""

import csv
import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from judged_people import ANA, VALUES, open_people, run, write

from contacts import tables
from contacts.errors import ConfigurationError, NotFound
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import judging, linkage_quality, review_file, reviewing


@pytest.fixture
def linked(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    open_people(settings, monkeypatch)
    write(warehouse)
    run(warehouse, settings, 1)
    return settings


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    reviewing.listing(50, False, False, True)
    return said(capsys)["pairs"]


def filled(file: Path, *lines: dict[str, str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, review_file.FILLED, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return file


def test_the_list_is_blind_masked_and_tells_the_evidence_in_words(linked: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    reviewing.listing(50, False, False, True)
    out = capsys.readouterr().out
    pairs = json.loads(out)["pairs"]
    assert pairs and "probability" not in out and "score" not in out
    assert not [value for value in VALUES if value in out]
    assert any("same e-mail, used by 1 person" in words or "same phone, used by 1 person" in words for pair in pairs for words in pair["evidence"])
    judging.judge(int(pairs[0]["record a"]), int(pairs[0]["record b"]), "same", "AS_SHOWN", "steward", True)
    assert 0 < said(capsys)["score"] < 1, "the score is told once it can no longer lead"


def test_pairs_go_out_to_a_file_and_come_back_judged(linked: Settings, warehouse: Warehouse, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, revealed = tmp_path / "pairs.csv", tmp_path / "revealed.csv"
    review_file.export(out, 50, False, False, True)
    review_file.export(revealed, 50, True, False, True)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = out.read_text(encoding="utf-8-sig")
    assert not [value for value in VALUES if value in text]
    shown = revealed.read_text(encoding="utf-8-sig")
    assert "rocha" in shown and "'=cmd|calc" in shown and ",=cmd" not in shown and ",+cmd" not in shown, "a formula is no formula any more"
    with pytest.raises(ConfigurationError, match="there already"):
        review_file.export(out, 50, False, False, True)
    rows = list(csv.DictReader(io.StringIO(text)))
    rows[0] |= {"verdict": "Different", "reason": "namesake"}
    with out.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, review_file.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    capsys.readouterr()
    review_file.take_in(out, "steward", True)
    assert said(capsys)["judgements"] == 1
    assert rows[0]["pair"] not in {f"r{pair['record a']}-r{pair['record b']}" for pair in listed(capsys)}
    with warehouse.transaction() as db:
        row = db.read(tables.judgement).iloc[0]
        entries = db.read(tables.ledger, "action", "detail")
    assert (row["verdict"], row["reason"], row["judged_by"], len(row["seen_hash"])) == ("different", "NAMESAKE", "steward", 16)
    assert [json.loads(detail)["revealed"] for detail in entries.loc[entries["action"] == "pairs.exported", "detail"]] == [False, True]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"verdict": "sama", "reason": "AS_SHOWN"}, "line 3, column verdict: not a word for it; did you mean 'same'"),
        ({"verdict": "same", "reason": "NAMESAKE"}, "line 3, column reason"),
        ({"verdict": "different", "reason": "NAMESAK"}, "did you mean 'NAMESAKE'"),
        ({"verdict": "same", "reason": "AS_SHOWN", "pair": "r1-r1"}, "line 3, column pair: it names no pair"),
        ({"verdict": "same", "reason": "AS_SHOWN", "pair": "r1-r77"}, "line 3, column pair: no such record"),
        ({"verdict": "same", "reason": "AS_SHOWN", "by": "Maria da Silva"}, "line 3, column by"),
        ({"verdict": "same", "reason": "AS_SHOWN", "pair": "r2-r1"}, "line 2 judges the same pair"),
    ],
)
def test_one_wrong_line_and_nothing_of_the_file_is_kept(linked: Settings, warehouse: Warehouse, tmp_path: Path, line: dict[str, str], says: str) -> None:
    good = {"pair": "r1-r2", "verdict": "same", "reason": "AS_SHOWN"}
    file = filled(tmp_path / "pairs.csv", good, {"pair": "r3-r4"} | line)
    with pytest.raises((ConfigurationError, NotFound), match=says) as refused:
        review_file.take_in(file, "steward", True)
    assert "sama" not in str(refused.value) and "Maria" not in str(refused.value)
    with warehouse.transaction() as db:
        assert db.count(tables.judgement) == 0


def test_pair_by_pair_through_a_pipe_with_undo(
    linked: Settings, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = len(listed(capsys))
    monkeypatch.setattr("sys.stdin", io.StringIO("s\nz\nd NAMESAK\nd NAMESAKE\nq\n"))
    reviewing.session(10, False, False, "steward", True)
    done = said(capsys)
    assert (done["answered"], done["same"], done["different"], done["undone"]) == (3, 1, 1, 1)
    assert len(listed(capsys)) == waiting - 1
    judging.undo(3, "MISTAKE", "steward", True)
    capsys.readouterr()
    assert len(listed(capsys)) == waiting
    with pytest.raises(ConfigurationError, match="undone already"):
        judging.undo(3, "MISTAKE", "steward", True)
    with pytest.raises(NotFound):
        judging.undo(99, "MISTAKE", "steward", True)


def test_a_contradiction_is_told_and_changed_data_raise_the_pair_again(linked: Settings, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    for a, b in ((1, 3), (3, 5)):
        judging.judge(a, b, "same", "AS_SHOWN", "steward", True)
    capsys.readouterr()
    judging.judge(1, 5, "different", "NAMESAKE", "steward", True)
    assert said(capsys)["contradicts"] == [["1", "3", "same"], ["3", "5", "same"]]
    assert not [pair for pair in listed(capsys) if pair["why"].startswith("judged before")]
    write(warehouse, ANA | {"record": 1, "birth_date": "1984-03-08"}, number=2)
    run(warehouse, linked, 2)
    again = [(pair["record a"], pair["record b"]) for pair in listed(capsys) if pair["why"].startswith("judged before")]
    assert sorted(again) == [("1", "3"), ("1", "5")]


def test_a_sample_is_drawn_judged_and_evaluated(linked: Settings, warehouse: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound, match="No sample"):
        linkage_quality.evaluate(True)
    drawn = []
    for _ in range(2):
        linkage_quality.sample(30, 4, "steward", True)
        capsys.readouterr()
        with warehouse.transaction() as db:
            drawn.append(reviewing.newest_sample(db)[["record_a", "record_b", "weight"]])
    assert drawn[0].equals(drawn[1]) and len(drawn[0]) > 3
    with pytest.raises(ConfigurationError, match="it takes 20"):
        linkage_quality.evaluate(True)
    monkey = linkage_quality.FEWEST_JUDGED
    try:
        linkage_quality.FEWEST_JUDGED = 3
        for a, b in drawn[0][["record_a", "record_b"]].itertuples(index=False):
            judging.judge(a, b, "same" if (a + 1) // 2 == (b + 1) // 2 else "different", "AS_SHOWN", "steward", True)
        capsys.readouterr()
        linkage_quality.evaluate(True)
    finally:
        linkage_quality.FEWEST_JUDGED = monkey
    told = said(capsys)
    assert told["judged"] == len(drawn[0])
    assert {row["figure"] for row in told["figures"]} == {"precision", "recall"}
    assert [row["persons"] for row in told["thresholds"]] == sorted(row["persons"] for row in told["thresholds"]), "a higher threshold joins no more"
    assert sum(row["now"] for row in told["thresholds"]) == 1
    assert all(row["judged"] in (0, "<5") or row["judged"] >= 5 for row in told["groups"])
