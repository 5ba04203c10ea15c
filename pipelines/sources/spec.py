"""Read source files; a mistake is refused with file, line and the word that was perhaps meant."""

from collections.abc import Collection, Mapping
from pathlib import Path

from contacts.configuration import load_model, one_of
from contacts.errors import ConfigurationError
from pipelines.sources.words import Source

__all__ = ["Source", "check_purposes", "load_source", "load_sources"]


def load_sources(folder: Path) -> dict[str, Source]:
    """Every source in ``folder`` by name, in order. Raises ConfigurationError naming file and line."""
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise ConfigurationError("There is no source file (*.yml) in the folder LASTRO_SOURCES names.", "Point it at a folder with one YAML file per source.")
    return {file.stem: load_source(file) for file in files}


def load_source(file: Path) -> Source:
    """One source file; its name is the source's name. Raises ConfigurationError naming file and line."""
    return load_model(Source, file, "`lastro check` reads every file again; docs/reference/sources.md explains each key.", {"name": file.stem})


def check_purposes(sources: Mapping[str, Source], known: Collection[str]) -> None:
    """Refuse an interaction's purpose the policy does not know: its contacts would count for every cap, and nobody would see why.

    Raises ConfigurationError naming file, object and the nearest purpose.
    """
    for name, source in sources.items():
        for thing, spec in source.objects.items():
            for purpose in spec.interaction.named_purposes if spec.interaction else ():
                try:
                    one_of(purpose, known, "a purpose of the policy")
                except ValueError as error:
                    stop = "" if str(error).endswith("?") else "."
                    raise ConfigurationError(f"{name}.yml, {thing}: {error}{stop}", "`lastro check policy` lists the purposes.") from None
