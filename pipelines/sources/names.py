"""Names of the sources, for who needs nothing else of them."""

from contacts.settings import Settings


def source_names(settings: Settings) -> tuple[str, ...]:
    """Names of the sources in order: the stems of the YAML files, nothing opened (Airflow asks at every parse)."""
    return tuple(sorted(file.stem for file in settings.sources.glob("*.yml")))
