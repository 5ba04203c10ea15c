"""Where an Airflow started by Lastro keeps its things: one folder below LASTRO_HOME, everything on this machine's loopback."""

import json
import os
import secrets
from pathlib import Path

from contacts.settings import ROOT, Settings, private_folder

USER = "admin"


def environment(settings: Settings, port: int = 0) -> dict[str, str]:
    """The environment variables of every Airflow process of this home; ``port`` is the API server's (none when in process)."""
    home = private_folder(settings.home / "airflow")
    database = f"sqlite:///{home / 'airflow.db'}"
    variables = {
        "LASTRO_HOME": str(settings.home),
        "LASTRO_DATABASE_URL": settings.database_url,
        "LASTRO_INBOX": str(settings.inbox),
        "LASTRO_SOURCES": str(settings.sources),
        "LASTRO_POLICY": str(settings.policy),
        "LASTRO_LINKAGE": str(settings.linkage),
        "LASTRO_KEY_FILE": str(settings.key_file),
        "LASTRO_LANGUAGE": settings.language,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",  # each idle worker costs memory; five sources and one stage at a time need no more
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONWARNINGS": "ignore",
    }
    if port:
        url = f"http://127.0.0.1:{port}"
        variables |= {
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__BASE_URL": url,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        }
    return variables


def password(settings: Settings) -> str:
    """The password of ``USER``, made on first use and kept readable for its owner only."""
    file = settings.home / "airflow" / "passwords.json"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as handle:
            json.dump({USER: secrets.token_urlsafe(9)}, handle)
    return str(json.loads(file.read_text())[USER])


def migrate(home: Path) -> None:
    """Make Airflow's own tables on first use; the environment must be set. Importing Airflow is what takes long."""
    done = home / "airflow" / f"tables-of-{_airflow_version()}"
    if done.exists():
        return
    from airflow.utils.db import initdb

    initdb()
    done.touch()


def _airflow_version() -> str:
    from importlib.metadata import version

    return version("apache-airflow-core")
