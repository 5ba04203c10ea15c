"""How the blocks of a source file are read, and the small types their keys share."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field


def listed(value: object) -> object:
    """A single word as a list of one: people leave the brackets out."""
    return [value] if isinstance(value, str) else value


STRICT = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
"""Unknown words are mistakes."""
Columns = Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=1)]
"""One column, or several in order; in JSON a column is a dotted path such as ``properties.email``."""
Words = Annotated[tuple[str, ...], BeforeValidator(listed)]
