"""The raw rows of one object on their way to contacts: who they are, and their columns as text."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from contacts.values.reading import missing
from contacts.warehouse import TEXT
from pipelines.sources.columns import column, holds, instants, joined
from pipelines.sources.words import Object, Source, When


@dataclass(frozen=True)
class Rows:
    """Rows of one object. ``heads`` has ``record_id``, ``raw_id``, ``source_key`` and ``gone`` with index 0..n-1; ``values`` their columns."""

    source: Source
    spec: Object
    heads: pd.DataFrame
    values: list[dict[str, Any]]

    def text(self, name: str | None) -> pd.Series:
        """A column as text; all missing when there is no such column."""
        return column(self.values if name else [{}] * len(self.values), name or "", self.heads.index)

    def instants(self, name: str | None) -> pd.Series:
        """A column as moments in UTC; what is written without an offset is the source's own time."""
        return instants(self.text(name), self.source.timezone)

    def field(self, name: str) -> list[pd.Series]:
        """The columns mapped to a field, in the order of the mapping."""
        if name in self.spec.constants:
            return [pd.Series(self.spec.constants[name], index=self.heads.index, dtype=TEXT)]
        return [self.text(mapped) for mapped in self.spec.fields.get(name, ())]

    def one(self, name: str) -> pd.Series:
        """The columns of a single-valued field put together."""
        columns = self.field(name)
        return joined(columns) if columns else missing(self.heads.index)

    def holds(self, condition: When | None) -> pd.Series:
        """Where a condition of the source file is true; nowhere without one."""
        if condition is None:
            return pd.Series(False, index=self.heads.index)
        return holds(self.values, condition, self.heads.index)
