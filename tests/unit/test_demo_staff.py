"""The made-up staff: the mess is the same whoever typed it, the same people and seed give the same staff, and the bad ones have most of theirs."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from pipelines.demo import crm, spreadsheet, staff
from pipelines.demo.draw import Columns, document
from pipelines.demo.people import people
from pipelines.demo.records import observe, plan
from pipelines.demo.write import write_demo
from pipelines.sources.spec import load_sources

COUNT, SEED = 8_000, 21
STAFF_COLUMNS = {"OwnerId", "Equipe__c", "Loja", "Atendente"}


def rows_of(inbox: Path) -> list[dict]:
    """Every row of the CRM and of the workbooks, without who typed it in."""
    rows = [row for file in sorted(inbox.glob("crm/*.json")) for row in json.loads(file.read_bytes())["records"]]
    for file in sorted(inbox.glob("spreadsheet/*.xlsx")):
        head, *cells = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        rows += [dict(zip(head, one, strict=True)) for one in cells]
    return [{name: value for name, value in row.items() if name not in STAFF_COLUMNS} for row in rows]


def test_who_typed_a_row_changes_nothing_else_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_demo(tmp_path / "as it is", 300, 5)
    nobody = np.array([""] * 10_000, dtype=object)
    for module in (crm, spreadsheet):
        monkeypatch.setattr(module, "typed_by", lambda people, rows, *_: (nobody[: len(rows["person"])], nobody[: len(rows["person"])]))
    write_demo(tmp_path / "by nobody", 300, 5)
    assert rows_of(tmp_path / "as it is") == rows_of(tmp_path / "by nobody")
    others = {str(file.relative_to(tmp_path / "by nobody")): file.read_bytes() for file in (tmp_path / "by nobody").rglob("*.json*") if "crm" not in file.parts}
    assert others and all((tmp_path / "as it is" / name).read_bytes() == content for name, content in others.items())


def test_staff_ids_have_the_form_of_their_system_and_come_from_the_seed() -> None:
    assert staff.members("crm", 5) == staff.members("crm", 5) != staff.members("crm", 6)
    for source in ("crm", "spreadsheet"):
        ids = [one for _, one in staff.members(source, 5)]
        assert len(set(ids)) == len(ids)
        assert all(len(one) == (18 if source == "crm" else 4) for one in ids)


def test_the_teams_are_those_of_the_source_files(root: Path) -> None:
    for name, source in load_sources(root / "pipelines" / "sources").items():
        for spec in source.objects.values():
            assert (spec.team.words if spec.team else ()) == tuple(document("staff").get(name, {"teams": ()})["teams"])


def test_most_of_a_mess_is_its_planted_typists_who_type_no_more_than_others() -> None:
    world = people(0, COUNT, SEED, 0)
    for source in ("crm", "spreadsheet"):
        rows: Columns = observe(world, plan(COUNT, SEED, 0).people[source], source, SEED, 0)
        rows["phone"] = rows["mobile"]
        team, who = staff.typed_by(world, rows, source, SEED, 0)
        assert 0.02 < np.mean(who == "") < 0.06 and ((team == "") == (who == "")).all()
        assert max(Counter(who[who != ""]).values()) < 1.6 * np.mean(list(Counter(who[who != ""]).values()))
        for planted in [one for one in staff.planted(SEED) if one["source"] == source]:
            messy = staff.HABITS[planted["habit"]](world, rows)
            theirs = np.isin(who, planted["staff_ids"])
            assert messy.sum() > 10 and np.mean(theirs[messy]) > 0.55
            assert np.mean(messy[theirs]) > 4 * np.mean(messy[~theirs])


def test_the_planted_staff_are_listed_beside_the_truth(tmp_path: Path) -> None:
    write_demo(tmp_path, 60, 5)
    listed = json.loads((tmp_path / "truth" / "staff.json").read_bytes())
    assert listed == staff.planted(5)
    assert {(one["source"], one["team"], one["habit"], one["whole_team"]) for one in listed} == {
        ("crm", "Televendas", "placeholder_email", False),
        ("crm", "Campo", "wrong_cpf", False),
        ("spreadsheet", "Sul", "no_ddd", True),
        ("spreadsheet", "Centro", "placeholder_email", False),
    }
