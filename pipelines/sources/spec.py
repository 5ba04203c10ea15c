"""Read source files; a mistake is refused with file, line and the word that was perhaps meant."""

from pathlib import Path

from contacts.configuration import load_model
from contacts.errors import ConfigurationError
from pipelines.sources.words import Source

__all__ = ["Source", "load_source", "load_sources"]


def load_sources(folder: Path) -> dict[str, Source]:
    """Every source in ``folder`` by name, in order. Raises ConfigurationError naming file and line."""
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise ConfigurationError("There is no source file (*.yml) in the folder LASTRO_SOURCES names.", "Point it at a folder with one YAML file per source.")
    return {file.stem: load_source(file) for file in files}


def load_source(file: Path) -> Source:
    """One source file; its name is the source's name. Raises ConfigurationError naming file and line."""
    return load_model(Source, file, "`lastro check` reads every file again; docs/reference/sources.md explains each key.", {"name": file.stem})
