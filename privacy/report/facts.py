"""What the report is told from outside its tables: titles of sources, and what the quality rules mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Title:
    """A name in both languages of the report."""

    pt: str
    en: str


@dataclass(frozen=True)
class Rule:
    """A quality rule: its dimension, severity and message."""

    dimension: str
    severity: str
    title: Title


@dataclass(frozen=True)
class Facts:
    """Titles of sources and rules by code; what is not in them is shown by its bare code."""

    sources: Mapping[str, Title] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
