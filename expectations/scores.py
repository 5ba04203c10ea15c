"""How good the records are: six dimensions per record, each a numerator and a denominator, added up by source, field and run.

What a score means (numerator of denominator, weights aside):
completeness, cells given of cells this kind of contact should have; validity, consistency and accuracy, rules passed of rules judged;
uniqueness, records that are not a surplus copy within their source of all records; timeliness, one that halves with every
``HALF_LIFE_YEARS`` since the record or one of its contact points was last confirmed, of records that say when.
Scores per record are worked out when asked for: kept as a column they would rewrite every contact in every batch.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.warehouse import TEXT
from expectations.findings import Judged

Numbers = npt.NDArray[np.floating]
COLUMNS = ["scope", "scope_value", "dimension", "numerator", "denominator"]
DIMENSIONS = {"completeness": 1.0, "validity": 2.0, "uniqueness": 1.0, "consistency": 1.0, "timeliness": 1.0, "accuracy": 2.0}
"""Weight of each dimension in the whole; a wrong value does more harm than a missing one."""
WHOLE = "all"
EXPECTED: dict[str, dict[str, float]] = {
    "person": {"full_name": 3, "email": 2, "phone": 2, "country": 1, "uf": 1, "city": 1, "postal_code": 1},
    "organisation": {"full_name": 3, "cnpj": 2, "email": 2, "phone": 2, "country": 1, "uf": 1, "city": 1, "postal_code": 1},
}
"""Cells each kind of contact should have, with their weight; documents and birth dates of persons are not asked of everybody."""
SAME_RECORD = (("cpf", "name_key"), ("email_key", "name_key"), ("phone_key", "name_key"), ("name_key", "birth_date"))
"""Within a source, records alike in one of these are copies of each other."""
HALF_LIFE_YEARS = 2.0
_YEAR = 365.2425 * 86_400


@dataclass(frozen=True)
class Part:
    """Numerator and denominator of every contact in one dimension, and the field they speak of."""

    dimension: str
    field: str
    numerator: Numbers
    denominator: Numbers


def parts(judged: list[Judged], frames: dict[str, pd.DataFrame], as_of: datetime) -> list[Part]:
    """What every contact's scores are made of, arrays in the order of the contact frame."""
    contact = frames["contact"]
    return [*_given(contact), *_passed(judged, frames), _unique(contact), _recent(contact, frames["contact_point"], as_of)]


def of_records(made: list[Part], frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per contact: record_id, the share reached in each dimension (missing where nothing was judged) and ``all``, their weighted mean."""
    shares = {}
    for dimension in DIMENSIONS:
        mine = [part for part in made if part.dimension == dimension]
        shares[dimension] = _share(np.sum([part.numerator for part in mine], axis=0), np.sum([part.denominator for part in mine], axis=0))
    table = pd.DataFrame(shares)
    judged = table.notna() * pd.Series(DIMENSIONS)
    whole = (table.fillna(0.0) * pd.Series(DIMENSIONS)).sum(axis="columns") / judged.sum(axis="columns")
    return table.assign(**{WHOLE: whole}).assign(record_id=frames["contact"]["record_id"].to_numpy())


def aggregated(made: list[Part], frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Scores of the run, of every source and of every field: COLUMNS. ``all`` is the weighted mean of a scope's dimensions."""
    codes, sources = pd.factorize(frames["contact"]["source"], sort=True)
    rows = []
    for part in made:
        total = part.numerator.sum(), part.denominator.sum()
        rows += [("run", "", part.dimension, *total), ("field", part.field, part.dimension, *total)]
        by_source = (np.bincount(codes, values, len(sources)) for values in (part.numerator, part.denominator))
        rows += [("source", source, part.dimension, *found) for source, *found in zip(sources, *by_source, strict=True)]
    table = pd.DataFrame(rows, columns=COLUMNS).groupby(COLUMNS[:3], as_index=False, sort=True).sum()
    table = table[table["denominator"] > 0]
    weight = table["dimension"].map(DIMENSIONS)
    whole = table.assign(dimension=WHOLE, numerator=weight * table["numerator"] / table["denominator"], denominator=weight)
    found = pd.concat([table, whole.groupby(COLUMNS[:3], as_index=False).sum()], ignore_index=True).sort_values(COLUMNS[:3], ignore_index=True)
    return found.astype(dict.fromkeys(COLUMNS[:3], TEXT) | dict.fromkeys(COLUMNS[3:], "float64"))


def _given(contact: pd.DataFrame) -> list[Part]:
    found = []
    for field in dict.fromkeys(name for fields in EXPECTED.values() for name in fields):
        weight = contact["kind"].astype(object).map({kind: fields.get(field, 0.0) for kind, fields in EXPECTED.items()}).fillna(0.0).to_numpy(dtype=np.float64)
        there = contact["full_name"].notna() | contact["company"].notna() if field == "full_name" else contact[field].notna()
        found.append(Part("completeness", field, weight * there.to_numpy(), weight))
    return found


def _passed(judged: list[Judged], frames: dict[str, pd.DataFrame]) -> list[Part]:
    """Rules about contacts, their points and consents; interactions are nobody's quality but their own."""
    ids = pd.Index(frames["contact"]["record_id"])
    ids = ids if ids.is_unique else pd.Index(np.where(ids.duplicated(), -1 - np.arange(len(ids)), ids))
    place = {table: ids.get_indexer(pd.Index(frames[table]["record_id"])) for table in ("contact_point", "consent")}
    found = []
    for one in judged:
        rule = one.rule
        if rule.dimension in ("validity", "consistency", "accuracy") and rule.severity != "halt" and rule.table != "interaction":
            made = [one.evaluated & ~one.failed, one.evaluated]
            sums = [np.bincount(place[rule.table], rows, len(ids)) for rows in made] if rule.table != "contact" else [rows.astype(float) for rows in made]
            found.append(Part(rule.dimension, rule.field, rule.weight * sums[0], rule.weight * sums[1]))
    return found


def _unique(contact: pd.DataFrame) -> Part:
    known = {name: pd.factorize(contact[name])[0] for name in ("source", *dict.fromkeys(column for key in SAME_RECORD for column in key))}
    surplus = np.zeros(len(contact), dtype=bool)
    for key in SAME_RECORD:
        given = np.logical_and.reduce([known[column] >= 0 for column in key])
        surplus[given] |= pd.DataFrame({column: known[column][given] for column in ("source", *key)}).duplicated(keep="first").to_numpy()
    return Part("uniqueness", "record", (~surplus).astype(np.float64), np.ones(len(contact)))


def _recent(contact: pd.DataFrame, points: pd.DataFrame, as_of: datetime) -> Part:
    verified = points.loc[points["verified_at"].notna(), ["record_id", "verified_at"]]
    newest = pd.DataFrame({"record_id": verified["record_id"], "at": _seconds(verified["verified_at"])}).groupby("record_id")["at"].max()
    told = np.fmax(_seconds(contact["source_updated_at"]), newest.reindex(contact["record_id"]).to_numpy())
    years = np.maximum(as_of.timestamp() - told, 0) / _YEAR
    return Part("timeliness", "record", np.where(np.isnan(years), 0.0, 0.5 ** (years / HALF_LIFE_YEARS)), (~np.isnan(years)).astype(np.float64))


def _seconds(instants: pd.Series) -> Numbers:
    moments = pd.to_datetime(instants.astype(object), format="ISO8601", utc=True, errors="coerce")
    seconds = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return seconds.to_numpy(dtype=np.float64)


def _share(numerator: Numbers, denominator: Numbers) -> Numbers:
    return np.divide(numerator, denominator, out=np.full(len(denominator), np.nan), where=denominator > 0)
