"""What the operator sets by environment variable, read once and passed along."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from contacts.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, its default as text, and what it is for."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("LASTRO_HOME", "var", "folder for the warehouse, keys, logs and reports"),
    Setting("LASTRO_DATABASE_URL", "sqlite:///<home>/warehouse.db", "SQLAlchemy URL of the warehouse: SQLite or PostgreSQL"),
    Setting("LASTRO_INBOX", "<home>/inbox", "folder the paths in source files are relative to"),
    Setting("LASTRO_SOURCES", "pipelines/sources", "folder with one YAML file per source"),
    Setting("LASTRO_POLICY", "privacy/policy.yml", "the privacy officer's file"),
    Setting("LASTRO_LINKAGE", "dedup/linkage.yml", "the data steward's file"),
    Setting("LASTRO_KEY_FILE", "<home>/keys/pseudonym.key", "secret key behind every pseudonym; made on first use, keep a copy apart"),
    Setting("LASTRO_ENGINE", "local", "where `lastro linkage rows` links a table: local, or spark (the extra `spark` and Java 17)"),
    Setting("LASTRO_KERNEL", "numba", "how the linkage kernel runs: numba (compiled), or numpy with the same results"),
    Setting("LASTRO_LANGUAGE", "pt", "language of explanations, and of the report when it opens: pt or en"),
)


@dataclass(frozen=True)
class Settings:
    """The resolved settings of one process."""

    home: Path
    database_url: str
    inbox: Path
    sources: Path
    policy: Path
    linkage: Path
    key_file: Path
    language: str
    engine: str = "local"

    @property
    def key(self) -> bytes:
        """The pseudonym key (32 bytes); made with owner-only permission when absent."""
        return _read_or_make_key(self.key_file)


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises ConfigurationError for a value that cannot be meant."""
    home = Path(environ.get("LASTRO_HOME") or "var").absolute()

    def path(name: str, default: Path) -> Path:
        return Path(environ.get(name) or default).absolute()

    language = environ.get("LASTRO_LANGUAGE") or "pt"
    if language not in ("pt", "en"):
        raise ConfigurationError(f"LASTRO_LANGUAGE is {language!r}, which is not a language of the report.", "Set it to pt or en.")
    engine = environ.get("LASTRO_ENGINE") or "local"
    if engine not in ("local", "spark"):
        raise ConfigurationError(f"LASTRO_ENGINE is {engine!r}, which is no engine.", "Set it to local or spark.")
    return Settings(
        home=home,
        database_url=environ.get("LASTRO_DATABASE_URL") or f"sqlite:///{home / 'warehouse.db'}",
        inbox=path("LASTRO_INBOX", home / "inbox"),
        sources=path("LASTRO_SOURCES", ROOT / "pipelines" / "sources"),
        policy=path("LASTRO_POLICY", ROOT / "privacy" / "policy.yml"),
        linkage=path("LASTRO_LINKAGE", ROOT / "dedup" / "linkage.yml"),
        key_file=path("LASTRO_KEY_FILE", home / "keys" / "pseudonym.key"),
        language=language,
        engine=engine,
    )


def private_folder(folder: Path) -> Path:
    """Make the folder, and those above it that are missing, for their owner only; one that is there stays as it is."""
    for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    return folder


def open_to_others(path: Path) -> str:
    """Which command keeps other users of this machine out of ``path``; empty when they are, and on Windows, which has no such bits."""
    mode = path.stat().st_mode & 0o777
    return f"chmod {mode & 0o700:o} {path}" if os.name == "posix" and mode & 0o077 else ""


def _read_or_make_key(file: Path) -> bytes:
    if not file.exists():
        try:
            _make_key(file)
        except OSError as error:
            raise ConfigurationError(
                f"The pseudonym key cannot be made ({error.strerror}).", "Set LASTRO_KEY_FILE or LASTRO_HOME to a folder you own."
            ) from None
    try:
        key = bytes.fromhex(file.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ConfigurationError(
            "The pseudonym key file does not hold 64 hexadecimal digits.", "Restore it from your copy; a new key would orphan every pseudonym."
        )
    return key


def _make_key(file: Path) -> None:
    """A new key under its name whole or not at all, and only one, however many processes start at once."""
    descriptor, made = tempfile.mkstemp(dir=private_folder(file.parent), prefix=".key-")  # readable by its owner only
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_hex(32))
            handle.flush()
            os.fsync(handle.fileno())
        with suppress(FileExistsError):  # another process was faster: its key counts
            os.link(made, file)
    finally:
        Path(made).unlink()
