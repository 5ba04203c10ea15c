"""The raw rows of one object on their way to contacts: who they are, and their columns as text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.values.reading import missing
from contacts.warehouse import TEXT
from pipelines.sources.columns import column, decoded_with, holds, instants, joined
from pipelines.sources.words import Object, Source, When


@dataclass(frozen=True)
class Rows:
    """Rows of one object. ``heads`` has ``record_id``, ``raw_id``, ``source_key`` and ``gone`` with index 0..n-1; ``values`` their columns."""

    source: Source
    spec: Object
    heads: pd.DataFrame
    values: Sequence[dict[str, Any]]
    _read: dict[str, pd.Series] = field(default_factory=dict, repr=False, compare=False)

    def text(self, name: str | None) -> pd.Series:
        """A column as text; all missing when there is no such column."""
        if not name:
            return missing(self.heads.index)
        if name not in self._read:  # several fields, conditions and layouts ask for the same column
            self._read[name] = column(self.values, name, self.heads.index)
        return self._read[name].copy()

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
        return holds(self.text(condition.column), condition)


@dataclass(frozen=True)
class RawRows:
    """Raw rows of one object not taken apart yet: the columns of a million of them do not fit in memory beside what is made of them.

    ``heads`` as in ``Rows``; ``payloads`` in the same order.
    """

    source: Source
    name: str
    heads: pd.DataFrame
    payloads: pd.Series

    @property
    def spec(self) -> Object:
        return self.source.objects[self.name]

    def rows(self, columns: Iterable[str] = ()) -> Rows:
        """All of them taken apart: every column the source file names, or those of them that will be asked for."""
        return Rows(self.source, self.spec, self.heads, *decoded_with(self.payloads, columns or self.spec.mapped))

    def chosen(self, places: npt.NDArray[np.int64]) -> "RawRows":
        """Those at these places, in that order."""
        heads, payloads = self.heads.take(places), self.payloads.take(places)
        return RawRows(self.source, self.name, heads.reset_index(drop=True), payloads.reset_index(drop=True))

    def parts(self, most: int) -> Iterator["RawRows"]:
        """All of them in their order, at most so many at a time."""
        for start in range(0, len(self.heads), most):
            yield self.chosen(np.arange(start, min(start + most, len(self.heads))))
