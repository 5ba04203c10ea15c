"""The command line: what people and programs see, exit codes, and the next command named."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import make_settings
from worlds import deliver

from contacts import tables
from contacts.settings import ROOT, Settings
from contacts.warehouse import open_warehouse

LASTRO = [sys.executable, "-c", "from pipelines.cli import main; main()"]


def lastro(settings: Settings, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a program would: output in a pipe."""
    variables = os.environ | {"LASTRO_HOME": str(settings.home)} | environment
    return subprocess.run([*LASTRO, *arguments], env=variables, capture_output=True, text=True, check=False)


def on_terminal(settings: Settings, *arguments: str) -> str:
    """Run a command as a person would: output on a terminal; colours are removed."""
    parent, child = pty.openpty()
    environment = os.environ | {"LASTRO_HOME": str(settings.home), "COLUMNS": "140", "TERM": "xterm"}
    process = subprocess.Popen([*LASTRO, *arguments], env=environment, stdout=child, stderr=subprocess.DEVNULL, stdin=child)
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    process.wait()
    os.close(parent)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which one small batch was run and approved."""
    settings = make_settings(tmp_path_factory.mktemp("cli"))
    deliver(settings, people=60)
    held = lastro(settings, "run", "--batch", "first", "--as-of", "2026-11-20")
    assert held.returncode == 4, held.stderr
    assert "amber" in held.stderr and "--approve" in held.stderr
    assert (settings.home / "reports" / "latest" / "report.html").exists(), "a batch that waits still gets its report"
    done = lastro(settings, "run", "--batch", "first", "--approve", "dpo")
    assert done.returncode == 0, done.stderr
    return settings


def test_a_waiting_batch_is_finished_by_approval_without_running_the_stages_before_again(ran: Settings) -> None:
    status = json.loads(lastro(ran, "status").stdout)
    assert status["stages_left"] == []
    assert status["batches"][0] | {"live": True} == status["batches"][0]
    assert status["batches"][0]["approved by"] == "dpo"


def test_help_answers_in_half_a_second_and_loads_nothing_heavy(ran: Settings) -> None:
    heavy = ("pandas", "sqlalchemy", "airflow", "great_expectations", "recordlinkage", "presidio_analyzer", "pydantic")
    code = f"import sys; import pipelines.cli; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    times = []
    for _ in range(3):
        started = time.perf_counter()
        assert lastro(ran, "--help").returncode == 0
        times.append(time.perf_counter() - started)
    assert min(times) < 2, "the promise is half a second; this bound only catches a heavy import on a slow machine"


SPEAKING = (
    ["status"], ["sources"], ["sources", "breaches"], ["sources", "contract", "crm"], ["review"], ["report"], ["ledger", "verify"], ["check"],
    ["quarantine", "list"], ["rules", "list"],
)  # fmt: skip


@pytest.mark.parametrize("command", SPEAKING)
def test_every_command_speaks_json_in_a_pipe_and_names_the_next_command_on_a_terminal(ran: Settings, command: list[str]) -> None:
    piped = lastro(ran, *command)
    assert piped.returncode == 0, piped.stderr
    json.loads(piped.stdout)
    shown = on_terminal(ran, *command)
    assert "Next:" in shown
    assert json.loads(lastro(ran, *command, "--json").stdout) is not None


def test_breaches_name_clause_counts_and_what_to_do_in_both_languages(ran: Settings) -> None:
    said = json.loads(lastro(ran, "sources", "breaches", LASTRO_LANGUAGE="en").stdout)
    (row,) = [row for row in said["breached"] if row["source"] == "spreadsheet"]
    assert {name: row[name] for name in ("object", "clause", "source_column", "bound", "failed", "of")} == {
        "object": "clientes", "clause": "required", "source_column": "E-mail", "bound": "required", "failed": 1, "of": 2,
    }  # fmt: skip
    assert row["do"] == "ask for the file with the column, or mend its name in the contract"
    assert said["clauses"] > 90
    (delivery,) = [row for row in said["deliveries"] if row["source"] == "spreadsheet"]
    assert "required column E-mail is missing; columns the contract does not know: Correio" in delivery["detail"]
    assert "peça o arquivo com a coluna" in lastro(ran, "sources", "breaches", LASTRO_LANGUAGE="pt").stdout


def test_a_contract_is_written_once_and_never_over_another_file(ran: Settings, tmp_path: Path) -> None:
    import yaml

    file = tmp_path / "crm.odcs.yaml"
    told = json.loads(lastro(ran, "sources", "contract", "crm", "--out", str(file)).stdout)
    assert yaml.safe_load(file.read_text(encoding="utf-8")) == told
    again = lastro(ran, "sources", "contract", "crm", "--out", str(file))
    assert again.returncode == 2 and "nothing was overwritten" in again.stderr
    unknown = lastro(ran, "sources", "contract", "crn")
    assert unknown.returncode == 8 and "did you mean 'crm'?" in unknown.stderr


def test_explain_tells_records_links_values_and_permissions_and_masks_unless_asked(ran: Settings) -> None:
    truth = (ran.inbox / "truth" / "truth.csv").read_text(encoding="utf-8").splitlines()
    key = next(line for line in truth if line.startswith("crm,")).split(",")
    masked = json.loads(lastro(ran, "explain", "/".join(key[:3])).stdout)
    revealed = json.loads(lastro(ran, "explain", masked["person_id"], "--reveal").stdout)
    assert masked["records"] and masked["values"] and masked["permissions"]
    assert all(row["why"] for row in masked["permissions"])
    assert {row["allowed"] for row in masked["permissions"]} <= {True, False}
    by_record = json.loads(lastro(ran, "explain", masked["records"][0]["record"]).stdout)
    assert by_record["person_id"] == masked["person_id"]
    names = [row["name"] for row in revealed["records"]]
    assert names != [row["name"] for row in masked["records"]]
    assert "***" in masked["records"][0]["name"] and "***" not in names[0]
    ledger = json.loads(lastro(ran, "ledger", "verify").stdout)
    assert ledger["problem"] == ""


def test_rollback_needs_an_earlier_version_then_moves_back_to_it(ran: Settings) -> None:
    refused = lastro(ran, "rollback")
    assert refused.returncode == 8 and "Traceback" not in refused.stderr
    assert lastro(ran, "run", "--batch", "second", "--as-of", "2026-11-21", "--approve", "dpo").returncode == 0
    moved = lastro(ran, "rollback")
    assert json.loads(moved.stdout) == {"from": "second", "to": "first"}
    assert next(row["batch"] for row in json.loads(lastro(ran, "status").stdout)["batches"] if row["live"]) == "first"


def test_a_user_name_that_is_an_e_mail_address_never_reaches_the_ledger(ran: Settings) -> None:
    assert lastro(ran, "run", "--batch", "third", "--as-of", "2026-11-22", "--approve", "dpo").returncode == 0
    assert lastro(ran, "rollback", USER="ana.souza@example.com").returncode == 0
    with open_warehouse(ran.database_url).transaction() as db:
        actors = db.read(tables.ledger, "actor", where=tables.ledger.c.action == "publish.rollback")["actor"].tolist()
        published = db.read(tables.publication, "actor")["actor"].tolist()
    assert actors[-1] == published[-1] == "operator"


def test_a_judgement_overrides_the_score_from_the_next_link_on(ran: Settings) -> None:
    waiting = json.loads(lastro(ran, "review").stdout)
    pair = waiting["pairs"][0]
    assert lastro(ran, "judge", pair["record a"], pair["record b"], "sama", "--by", "steward").returncode == 2
    judged = lastro(ran, "judge", pair["record a"], pair["record b"], "same", "--by", "steward")
    assert judged.returncode == 0, judged.stderr
    assert json.loads(lastro(ran, "review").stdout)["waiting"] == waiting["waiting"] - 1


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "says"),
    [
        (["explain", "P-NOBODY"], {}, 8, "no person"),
        (["explain", "crm/contacts/nothing"], {}, 8, "No person or record"),
        (["status", "--batch", "never"], {}, 8, "no batch"),
        (["stage", "standardize"], {}, 8, "standardise"),
        (["run", "--as-of", "yesterday"], {}, 2, "--as-of"),
        (["run", "--as-of", "2020-01-01"], {}, 2, "before the last one"),
        (["run", "--batch", "../../evil"], {}, 2, "not a plain name"),
        (["run", "--approve", "Maria da Silva"], {}, 2, "staff id"),
        (["judge", "5", "5", "same", "--by", "steward"], {}, 2, "same record"),
        (["judge", "5", "99999999999999999999", "same", "--by", "steward"], {}, 2, "record_b"),
        (["judge", "5", "6", "same", "--by", ""], {}, 2, "staff id"),
        (["status"], {"LASTRO_HOME": "/proc/nothing"}, 2, "LASTRO_HOME"),
        (["stage", "ingest", "--source", "crn"], {}, 8, "crm"),
        (["status"], {"LASTRO_LANGUAGE": "fr"}, 2, "pt or en"),
        (["status"], {"LASTRO_DATABASE_URL": "mysql://x/y"}, 2, "SQLite or PostgreSQL"),
        (["status"], {"LASTRO_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, 7, "did not answer"),
        (["roles"], {}, 2, "PostgreSQL"),
        (["run", "--no-such-option"], {}, 2, "--no-such-option"),
    ],
)
def test_a_mistake_ends_in_one_sentence_a_hint_and_an_exit_code(ran: Settings, arguments: list[str], environment: dict[str, str], code: int, says: str) -> None:
    done = lastro(ran, *arguments, **environment)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_check_names_what_is_wrong_and_how_to_mend_it(ran: Settings, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("version: 1\npurpses: {}\n", encoding="utf-8")
    linkage = tmp_path / "linkage.yml"
    shipped = (ROOT / "dedup" / "linkage.yml").read_text(encoding="utf-8")
    linkage.write_text(shipped.replace("  cannot_link: []", "  cannot_link: []\n  one_per_source: [crn]", 1), encoding="utf-8")
    done = lastro(ran, "check", LASTRO_POLICY=str(policy), LASTRO_INBOX=str(tmp_path / "empty"), LASTRO_LINKAGE=str(linkage))
    assert done.returncode == 2
    wrong = {row["what"]: row for row in json.loads(done.stdout) if not row["ok"]}
    assert set(wrong) == {"policy", "inbox", "linkage"}
    assert "'crn', which is no source; did you mean 'crm'" in wrong["linkage"]["found"]
    assert all(row["mend"] for row in wrong.values())
    assert "purposes" in wrong["policy"]["found"] + wrong["policy"]["mend"]


def test_a_policy_mistake_is_refused_before_anything_runs(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home")
    policy = tmp_path / "policy.yml"
    policy.write_text((ROOT / "privacy" / "policy.yml").read_text(encoding="utf-8").replace("requires: consent", "requires: consnet", 1), encoding="utf-8")
    done = lastro(settings, "run", LASTRO_POLICY=str(policy))
    assert done.returncode == 2 and "did you mean 'consent'?" in done.stderr
    assert "No batch has run yet" in lastro(settings, "status").stderr


def test_a_rollback_is_in_the_latest_report(ran: Settings) -> None:
    status = json.loads(lastro(ran, "status").stdout)
    live = next(row["batch"] for row in status["batches"] if row["live"])
    assert live != status["batches"][-1]["batch"]
    report = json.loads((ran.home / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))
    assert "rolled_back" in json.dumps(report)


def test_the_demo_never_overwrites_a_home_that_is_not_a_demo(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "mine")
    done = lastro(settings, "demo", "--only-data", "--people", "20")
    assert done.returncode == 2 and "not a demo" in done.stderr
    outside = lastro(make_settings(tmp_path / "other"), "demo", "--only-data", LASTRO_KEY_FILE=str(tmp_path / "mine.key"))
    assert outside.returncode == 2 and not (tmp_path / "mine.key").exists()
    fresh = make_settings(tmp_path / "fresh")
    fresh.key_file.unlink()
    fresh.key_file.parent.rmdir()
    assert lastro(fresh, "demo", "--only-data", "--people", "20").returncode == 0
    assert lastro(fresh, "demo", "--only-data", "--people", "20").returncode == 0
