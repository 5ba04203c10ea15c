"""The container files say the same as the code: services, pins, health checks, secrets, settings. Static: no daemon needed."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from contacts.settings import SETTINGS

COMPONENTS = {"api-server", "scheduler", "dag-processor", "triggerer"}
SECRETS = {"POSTGRES_PASSWORD", "AIRFLOW_JWT_SECRET", "AIRFLOW_FERNET_KEY", "AIRFLOW_ADMIN_PASSWORD"}


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "docker-compose.yml").read_text())


@pytest.fixture
def example(root: Path) -> dict[str, str]:
    lines = (root / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_services_are_postgres_an_init_and_airflows_four_components(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == COMPONENTS | {"postgres", "init"}


def test_every_service_that_stays_up_has_a_health_check(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert name == "init" or service["healthcheck"]["test"], name


def test_nothing_starts_before_database_and_schema_are_there(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["init"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in COMPONENTS:
        assert services[name]["depends_on"] == {"init": {"condition": "service_completed_successfully"}}


def test_every_image_is_pinned_to_an_exact_version(compose: dict[str, Any], root: Path) -> None:
    base = re.search(r"^FROM (\S+)$", (root / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    for image in [base.group(1), *(service["image"] for service in compose["services"].values())]:
        assert re.search(r":\d+\.\d+", image), image


def test_our_image_has_the_version_of_the_package(compose: dict[str, Any], root: Path) -> None:
    version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
    assert {compose["services"][name]["image"] for name in COMPONENTS | {"init"}} == {f"lastro:{version}"}


def test_the_image_checks_hashes_and_runs_without_rights(root: Path) -> None:
    lines = (root / "Dockerfile").read_text()
    assert "pip install --require-hashes -r requirements.lock" in lines
    assert re.findall(r"^USER (\S+)$", lines, re.MULTILINE) == ["lastro"]


def test_components_drop_all_rights_and_only_loopback_is_published(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert name == "postgres" or (service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"])
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))


def test_named_volumes_are_declared_and_deliveries_are_read_only(compose: dict[str, Any]) -> None:
    mounted = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    named = {volume.split(":")[0] for volume in mounted if not volume.startswith("$")}
    assert named == set(compose["volumes"])
    assert {volume for volume in mounted if volume.startswith("$")} == {"${LASTRO_INBOX:-./var/inbox}:/inbox:ro"}


def test_every_variable_used_is_in_the_example_and_the_other_way_round(root: Path, example: dict[str, str]) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (root / "docker-compose.yml").read_text()))
    assert used == set(example)


def test_secrets_have_no_value_in_the_example_and_none_starts_without_one(root: Path, example: dict[str, str]) -> None:
    text = (root / "docker-compose.yml").read_text()
    assert {name for name, value in example.items() if not value} == SECRETS
    for name in SECRETS:
        uses = re.findall(r"\$\{" + name + r"([^}]*)\}", text)
        assert uses
        assert all(use.startswith(":?") for use in uses), name


def test_the_settings_given_are_settings_there_are(compose: dict[str, Any]) -> None:
    known = {setting.name for setting in SETTINGS}
    for service in compose["services"].values():
        assert {name for name in service["environment"] if name.startswith("LASTRO_")} <= known


def test_no_file_names_a_package_index(root: Path) -> None:
    for name in ("Dockerfile", "docker-compose.yml", "Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml", ".ci/run"):
        assert not re.search(r"(?i)--(extra-)?index-url|https?://[^ ]*(pypi|simple)", (root / name).read_text()), name


def test_docker_compose_accepts_the_file(root: Path, example: dict[str, str]) -> None:
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker client with Compose here")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"} | {name: value or "x" for name, value in example.items()}
    done = subprocess.run(["docker", "compose", "config", "--quiet"], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
