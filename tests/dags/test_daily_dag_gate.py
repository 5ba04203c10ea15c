"""Green publishes, amber waits for a person, red fails the run; the report is written in every case."""

from pathlib import Path
from typing import Any

import pytest
from airflow_runs import asset_events, gate_turns, task_states

from contacts.errors import ApprovalNeeded
from contacts.model import Outcome, Run
from dags.in_process import _answer
from dags.tasks import approver, question


@pytest.fixture
def published_by(stage_bodies: dict[str, Any]) -> list[str]:
    """Who approved, per call of publish."""
    seen: list[str] = []

    def publish(run: Run) -> Outcome:
        seen.append(run.approved_by)
        if "amber" in run.db.read(_batch(), "gate")["gate"].tolist() and not run.approved_by:
            raise ApprovalNeeded("The quality gate is amber.")
        return Outcome({"rows": 1})

    stage_bodies["publish"] = publish
    return seen


def _batch() -> Any:
    from contacts import tables

    return tables.batch


def test_green_is_published_without_asking(daily: Any, published_by: list[str]) -> None:
    states = task_states(run := daily.test())
    assert run.state == "success"
    assert published_by == [""]
    assert (states["approval"], states["publish"], states["report"]) == ("skipped", "success", "success")


def test_amber_held_is_not_published_and_still_reported(daily: Any, stage_bodies: dict[str, Any], published_by: list[str]) -> None:
    stage_bodies["validate"] = gate_turns("amber")
    states = task_states(run := daily.test(run_conf={"approval": "hold"}))
    assert run.state == "success"
    assert published_by == []
    assert (states["approval"], states["publish"], states["report"]) == ("skipped", "skipped", "success")


def test_amber_approved_is_published_in_the_name_of_who_answered(daily: Any, stage_bodies: dict[str, Any], published_by: list[str]) -> None:
    stage_bodies["validate"] = gate_turns("amber")
    _answer(daily.get_task("approval"), "steward-2")
    states = task_states(run := daily.test())
    assert run.state == "success"
    assert published_by == ["steward-2"]
    assert states["publish"] == "success"


def test_marking_the_question_as_done_approves_nothing(daily: Any, stage_bodies: dict[str, Any], published_by: list[str]) -> None:
    stage_bodies["validate"] = gate_turns("amber")
    states = task_states(run := daily.test(mark_success_pattern="approval"))
    assert run.state == "failed"
    assert published_by == [""]
    assert (states["publish"], states["report"]) == ("failed", "success")


@pytest.mark.parametrize("colour", ["red", None])
def test_red_or_no_judgement_fails_the_run_and_is_still_reported(colour: Any, daily: Any, stage_bodies: dict[str, Any], published_by: list[str]) -> None:
    stage_bodies["validate"] = gate_turns(colour)
    states = task_states(run := daily.test())
    assert run.state == "failed"
    assert published_by == []
    assert (states["gate"], states["publish"], states["report"]) == ("failed", "upstream_failed", "success")


def test_dags_that_wait_for_a_publication_hear_of_one_only_when_there_was_one(
    daily: Any, stage_bodies: dict[str, Any], published_by: list[str], airflow_home: Path
) -> None:
    publication = next(asset.uri for asset in daily.get_task("publish").outlets if "publication" in asset.uri)
    green = daily.test()
    stage_bodies["validate"] = gate_turns("amber")
    held = daily.test(run_conf={"approval": "hold"})
    assert asset_events(airflow_home, publication, green) == 1
    assert asset_events(airflow_home, publication, held) == 0


def test_only_an_approval_names_an_approver() -> None:
    ana = {"id": "7", "name": "ana"}
    assert approver({"chosen_options": ["Approve"], "responded_by_user": ana}) == "ana"
    assert approver({"chosen_options": ["Reject"], "responded_by_user": ana}) == ""
    assert approver({"chosen_options": ["Approve"], "responded_by_user": None}) == ""
    assert approver(None) == ""


def test_an_approver_s_e_mail_address_never_reaches_the_ledger() -> None:
    def approved_by(**user: str) -> str:
        return approver({"chosen_options": ["Approve"], "responded_by_user": user})

    assert approved_by(id="17", name="ana.souza@example.com") == "17"
    assert approved_by(id="ana.souza@example.com", name="Ana Souza") == "approver"


def test_the_question_names_rules_and_counts_in_both_languages() -> None:
    asked = question("2026-11-22.1", ["gate: amber: 9 of 90 contacts quarantined"], [("cpf_valid", 1200, 4000)])
    assert "Publicar mesmo assim?" in asked
    assert "Publish anyway?" in asked
    assert "- gate: amber: 9 of 90 contacts quarantined\n" in asked
    assert "| cpf_valid | 1,200 | 4,000 |" in asked
