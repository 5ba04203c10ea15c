"""The linkage report: its figures add up, its page loads nothing, says nothing personal, and speaks both languages."""

import json
import re
import stat

import pandas as pd
import pytest
from judged_people import VALUES, open_people, run, write

from contacts import tables
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines.linkage_report import figures, page
from pipelines.linkage_report import write as report
from pipelines.linkage_report.cluster import bridges


@pytest.fixture
def linked(warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    open_people(settings, monkeypatch)
    crowd = [{"record": 20 + at, "name": f"{name} souza", "email": "todos@mail.example"} for at, name in enumerate(("eva", "ivo", "lia", "ute"))]
    write(warehouse)
    write(warehouse, *crowd)
    run(warehouse, settings, 1)
    return settings


def test_the_page_is_whole_private_and_silent_about_people(linked: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    report.write("", None, True)
    told = json.loads(capsys.readouterr().out)
    file = linked.home / "reports" / "linkage" / "linkage.html"
    html = file.read_text(encoding="utf-8")
    assert told["html"] == str(file) and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not [value for value in (*VALUES, "todos@", "souza") if value in html.lower()]
    assert not re.search(r"<script|src=|url\((?!#)|@import|https?://", html)
    assert "default-src 'none'" in html
    for words in ("How sure the model is", "Quão seguro está o modelo", "Which rule found the pairs", "Que regra achou os pares"):
        assert words in html
    assert html.count("<svg") > 40


def test_a_score_taken_apart_adds_up_to_the_score(linked: Settings, warehouse: Warehouse) -> None:
    with warehouse.transaction() as db:
        found = figures.collect(db, linked, "", (1, 2))
    pair = found["pair"]
    assert pair["probability"] == pytest.approx(1 / (1 + 2 ** -pair["total"]), abs=1e-6)
    assert sum(bar["unsure"] + bar["match"] for bar in found["histogram"]) == found["main"]["match"] + found["main"]["unsure"]
    assert found["hubs"]["rows"][0] | {"code": ""} == {"code": "", "kind": "email", "records": 4, "names": 4}
    assert max(row["pairs"] for row in found["rules"]) <= found["main"]["match"] + found["main"]["unsure"]
    assert found["last_model"] is None and found["quality"] is None
    assert found["households"] == {"households": 0, "persons": 0, "sizes": [], "lines": []}
    for language in ("pt", "en"):
        assert f'id="show-{language}" class="chooser" checked' in page.render(found, language)


def test_households_are_counted_by_size_and_by_what_ties_them(linked: Settings, warehouse: Warehouse) -> None:
    told = [("P-1", "H-1", "address+family"), ("P-2", "H-1", "address+family, address+phone"), ("P-3", "H-1", "address+phone"), ("P-4", None, None)]
    with warehouse.transaction() as db:
        row = {"kind": "person", "records": 1, "sources": 1, "batch_no": 1}
        db.replace(tables.golden_contact, pd.DataFrame([{"person_id": a, "household_id": b, "household_shares": c} | row for a, b, c in told]))
        found = figures.homes(db)
    assert (found["households"], found["persons"], found["sizes"]) == (1, 3, [{"persons": 3, "households": 1}])
    assert found["lines"] == [{"line": "address+family", "persons": 2}, {"line": "address+phone", "persons": 2}]


def test_a_bridge_is_what_holds_two_parts_together() -> None:
    import numpy as np

    first, second = np.array([0, 0, 1, 2, 3]), np.array([1, 2, 2, 3, 4])
    assert bridges(5, first, second, np.ones(5, dtype=bool)).tolist() == [False, False, False, True, True]
    assert bridges(5, first, second, np.array([True, True, False, True, True])).tolist() == [True, True, False, True, True]
