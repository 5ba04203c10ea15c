"""Who typed a row in: a keyed pseudonym of the source's own staff id, since staff are people too, and a team out of a closed list."""

import pandas as pd

from contacts.pseudonym import SEPARATOR, pseudonym, staff_code
from contacts.values.reading import missing
from contacts.warehouse import TEXT
from pipelines.sources.columns import UNKNOWN
from pipelines.sources.rows import Rows


def staff_pseudonym(key: bytes, source: str, staff_id: str) -> str:
    """The pseudonym of one staff member of a source; blanks around the id do not count, case does."""
    return staff_code(pseudonym(key, "staff", f"{source}{SEPARATOR}{staff_id.strip()}"))


def entered_by(rows: Rows, key: bytes) -> pd.Series:
    """The pseudonym of who typed each row in, missing where the row does not say."""
    ids = rows.text(rows.spec.entered_by)
    return ids.map({one: staff_pseudonym(key, rows.source.name, one) for one in ids.dropna().unique()}).astype(TEXT)


def teams(rows: Rows) -> pd.Series:
    """The team of each row as the source file writes it, ``unknown`` for any other word, missing where the row does not say."""
    spec = rows.spec.team
    if spec is None:
        return missing(rows.heads.index)
    if spec.is_:
        return pd.Series(spec.is_, index=rows.heads.index, dtype=TEXT)
    said = rows.text(spec.column)
    ours = {word.strip().casefold(): word for word in spec.words}
    return said.map({word: ours.get(word.casefold(), UNKNOWN) for word in said.dropna().unique()}).astype(TEXT)
