"""Judge a whole delivery by its contract: one result per clause and column, in counts and in the contract's own words."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pandas as pd

from contacts.warehouse import TEXT
from pipelines.sources.columns import timestamps
from pipelines.sources.contract import Checked
from pipelines.sources.contract_words import Freshness
from pipelines.sources.delivery import Delivery
from pipelines.sources.words import Object

REASONS = {
    "enum": "OUTSIDE_ENUM",
    "filled": "NOT_FILLED",
    "freshness": "NOT_FRESH",
    "at_least": "TOO_FEW_ROWS",
    "at_most": "TOO_MANY_ROWS",
    "shrinks_at_most": "TOO_FEW_ROWS",
}
"""Clauses whose breach lets the rows in and asks for a person → the reason the delivery carries. Any other refuses its file."""
TOO_FEW = "TOO_FEW_ROWS"
_AHEAD = timedelta(days=1)
"""Clocks and time zones disagree by hours; what lies further ahead is a mistake, and one of them would keep a source fresh for years."""
_EMPTY = ("[]", "{}")


@dataclass(frozen=True)
class Result:
    """One clause held against one delivery. ``failed`` of ``of`` cells, rows or files do not do what ``bound``, the contract's words, says."""

    clause: str
    column: str
    breached: bool
    failed: int
    of: int
    bound: str

    @property
    def reason(self) -> str:
        """The delivery's reason for a breach that lets the rows in; empty for any other."""
        return REASONS.get(self.clause, "") if self.breached else ""


def judge(spec: Object, found: Delivery, as_of: datetime, zone: str, came: int, held: int) -> list[Result]:
    """Every clause of the contract of ``spec``, one result each, whether anything came or not.

    ``zone``: where moments without an offset are from; ``came``: different records in the delivery; ``held``: records current before it.
    """
    contract = spec.contract
    results = _of_files(spec, found.checked)
    results += [_enum(name, words, found.cells(name)) for name, words in contract.enum.items()]
    results += [_filled(name, found.cells(name), share) for name, share in contract.filled.items()]
    if contract.freshness and spec.moment:
        results.append(_fresh(spec.moment, found.cells(spec.moment), contract.freshness, as_of, zone))
    if contract.volume:
        rows, volume = found.rows_read, contract.volume
        if volume.at_least is not None:
            results.append(_counted("at_least", max(0, volume.at_least - rows), rows, volume.at_least))
        if volume.at_most is not None:
            results.append(_counted("at_most", max(0, rows - volume.at_most), rows, volume.at_most))
        if volume.shrinks_at_most is not None:
            lost = max(0, held - came)
            results.append(Result("shrinks_at_most", "", lost > volume.shrinks_at_most * held, lost, held, str(volume.shrinks_at_most)))
    return results


def too_few(results: Sequence[Result]) -> bool:
    """Whether so few rows came that those missing prove nothing about anybody."""
    return any(result.reason == TOO_FEW for result in results)


def sentence(result: Result, full: bool) -> str:
    """A breach that lets the rows in, told in counts; ``full`` deliveries say what becomes of those who are missing."""
    kept = "; nothing is taken for gone" if full else ""
    return {
        "enum": f"{result.failed} of {result.of} cells in {result.column} hold none of the words agreed",
        "filled": f"{result.column} is blank in {result.failed} of {result.of} rows; at least {result.bound} of them are to fill it",
        "freshness": f"no {result.column} is within {result.bound} before the batch",
        "at_least": f"{_rows(result.of)} came, at least {result.bound} were agreed{kept}",
        "at_most": f"{_rows(result.of)} came, at most {result.bound} were agreed",
        "shrinks_at_most": f"{result.failed} fewer records came than the {result.of} held; at most {result.bound} of them may be missing{kept}",
    }[result.clause]


def _of_files(spec: Object, checked: Sequence[Checked]) -> list[Result]:
    """The clauses that refuse a file: files that break them, of all files that could be read; for ``types`` cells."""
    missing = {name: sum(name in seen.missing for seen in checked) for name in spec.required}
    results = [Result("required", name, files > 0, files, len(checked), "required") for name, files in missing.items()]
    for name, kind in spec.contract.types.items():
        different, filled = (sum(seen.types[name][place] for seen in checked) for place in (0, 1))
        results.append(Result("types", name, any(name in seen.redefined for seen in checked), different, filled, kind))
    new = sum(bool(seen.new) for seen in checked)
    bound = spec.contract.on_new_column
    return [*results, Result("on_new_column", "", bound == "stop" and new > 0, new, len(checked), bound)]


def _enum(name: str, words: tuple[str, ...], cells: pd.Series) -> Result:
    known = {_plain(word) for word in words}
    counts = cells[~cells.isin(_EMPTY)].value_counts()
    outside = sum(int(n) for cell, n in counts.items() if _plain(str(cell)) not in known)
    return Result("enum", name, outside > 0, outside, int(counts.sum()), ", ".join(words))


def _plain(word: str) -> str:
    return " ".join(unicodedata.normalize("NFC", word).casefold().split())


def _filled(name: str, cells: pd.Series, share: Decimal) -> Result:
    blank = int((cells.isna() | cells.isin(_EMPTY)).sum())
    return Result("filled", name, len(cells) - blank < share * len(cells), blank, len(cells), str(share))


def _fresh(name: str, cells: pd.Series, clause: Freshness, as_of: datetime, zone: str) -> Result:
    """Fresh is a delivery with one fresh row; ``failed`` counts the rows that are not."""
    counts = cells.value_counts()
    at = timestamps(pd.Series(counts.index, dtype=TEXT), zone)
    fresh = int(counts.to_numpy()[((at >= as_of - clause.length) & (at <= as_of + _AHEAD)).to_numpy()].sum())
    return Result("freshness", name, not fresh, len(cells) - fresh, len(cells), clause.within)


def _counted(clause: str, failed: int, of: int, bound: int) -> Result:
    return Result(clause, "", failed > 0, failed, of, str(bound))


def _rows(number: int) -> str:
    return f"{number} {'row' if number == 1 else 'rows'}"
