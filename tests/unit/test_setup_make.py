"""`make` explains itself, refuses a Python that cannot work, and sets up once."""

import re
import subprocess
from pathlib import Path

COMMANDS = {"help", "demo", "airflow", "test", "check", "bench", "docs", "lock", "clean"}


def make(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=root, capture_output=True, text=True, check=False)


def test_make_alone_lists_every_command(root: Path) -> None:
    listed = make(root).stdout
    assert set(re.findall(r"^  make (\w+)", listed, re.MULTILINE)) == COMMANDS


def test_every_command_is_phony(root: Path) -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert set(phony.group(1).split()) == COMMANDS


def test_a_python_that_is_missing_or_too_old_is_refused_in_one_sentence(root: Path, tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for python in (str(old), str(tmp_path / "nowhere")):
        done = make(root, f"PYTHON={python}", f"VENV={tmp_path / 'venv'}", "demo")
        assert done.returncode != 0
        assert "Lastro needs Python 3.11, 3.12 or 3.13" in done.stdout
        assert not (tmp_path / "venv").exists()


def test_a_second_call_does_no_set_up_work(root: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    for stamp in (".uv", ".runtime", ".dev"):
        (venv / stamp).touch()
    planned = make(root, "--dry-run", f"VENV={venv}", "test").stdout
    (only,) = planned.splitlines()
    assert only.startswith(f"{venv}/bin/python -m pytest ")


def test_a_changed_lock_file_is_installed_again(root: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    for stamp in (".uv", ".runtime", ".dev"):
        (venv / stamp).touch()
    planned = make(root, "--dry-run", "--what-if=requirements.lock", f"VENV={venv}", "demo").stdout
    assert "--require-hashes" in planned
    assert planned.rstrip().endswith("lastro demo")


def test_continuous_integration_is_a_script_that_parses(root: Path) -> None:
    script = root / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
