"""Contact points: every address and number of every row, split, standardised, and given the reference by which records meet."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import POINT_TYPES
from contacts.values import address, email, phone, time_zone
from contacts.values.reading import arrow, missing, with_careful
from contacts.warehouse import TEXT
from pipelines.sources.rows import Rows

COLUMNS = ["record_id", "type", "position", "point_ref", "value", "match_key", "raw", "subtype", "status", "reason", "suggestion"]


def contact_points(rows: Rows, key: bytes) -> pd.DataFrame:
    """All contact points of ``rows``, columns ``COLUMNS``; ``position`` counts within record and type.

    Columns come in the order of the mapping, the parts of a cell in their order; a point a record says twice is kept once.
    """
    return pd.concat([_of_type(rows, kind, key) for kind in POINT_TYPES], ignore_index=True)


def _of_type(rows: Rows, kind: str, key: bytes) -> pd.DataFrame:
    module = email if kind == "email" else phone
    cells = [part for column in rows.field(kind) for part in [module.split(column.dropna())]]
    raw = pd.concat(cells) if cells else pd.Series(dtype=TEXT, index=pd.RangeIndex(0))
    raw = raw.sort_index(kind="stable")  # row by row; within a row the order of columns and parts stays
    place = raw.index.to_numpy()
    raw = raw.reset_index(drop=True).astype(TEXT)
    standard = email.standardise(raw) if kind == "email" else _phones(rows, raw, place)
    found = standard.assign(raw=raw, type=kind, record_id=rows.heads["record_id"].to_numpy()[place])
    coded = arrow(found["match_key"]).dictionary_encode()
    found = found.assign(point_ref=_references(kind, coded, key))
    same = pd.DataFrame({"record_id": found["record_id"], "key": coded.indices.fill_null(-1).to_numpy()})
    found = found[((found["status"] != "empty") & (found["match_key"].isna() | ~same.duplicated())).to_numpy(dtype=bool)]
    return found.assign(position=found.groupby("record_id", sort=False).cumcount())[COLUMNS]


def _phones(rows: Rows, raw: pd.Series, place: np.ndarray) -> pd.DataFrame:
    """Numbers standardised; those without an area code once more, with the one that stands beside them in their row."""
    country = pd.Series(country_of(rows).array.take(place))
    standard = phone.standardise(raw, country)
    local = (standard["reason"] == "MISSING_DDD").to_numpy(dtype=bool)
    if not local.any():
        return standard
    near = np.isin(place, place[local])
    beside = phone.area_code_beside(raw[near].set_axis(place[near]))[local[near]]
    code = _area_code(rows).iloc[place[local]].reset_index(drop=True).fillna(beside.reset_index(drop=True))
    answers = {str(name): arrow(column) for name, column in standard.items()}
    return with_careful(answers, ~local, lambda some: phone.standardise(raw[some], country[some], code), standard.index)


def country_of(rows: Rows) -> pd.Series:
    """Country a number without ``+`` is dialled from: the row's own, else the source's."""
    own = rows.field("country")
    if not own:
        return pd.Series(rows.source.country, index=rows.heads.index, dtype=TEXT)
    return address.standardise_country(own[0])["value"].fillna(rows.source.country)


def clock_of_phones(points: pd.DataFrame, record_ids: pd.Series) -> pd.Series:
    """The time zone the first usable phone of each record speaks for, with the index of ``record_ids``."""
    mine = points["record_id"].isin(record_ids) & (points["type"] == "phone") & points["value"].notna()
    phones = points[mine].drop_duplicates("record_id").set_index("record_id")["value"]
    return time_zone.of_phone(record_ids.map(phones).astype(TEXT))


def _area_code(rows: Rows) -> pd.Series:
    """Area code the address speaks for, where a number has none: good for a suggestion only."""
    city, uf = rows.field("city"), rows.field("uf")
    return address.ddd_of_city(city[0], uf[0]) if city and uf else missing(rows.heads.index)


def _references(kind: str, coded: pa.DictionaryArray, key: bytes) -> pd.Series:
    """What contact points of one kind are known by, from their match keys; missing where there is none."""
    start, between = (pa.scalar(part, pa.large_string()) for part in (kind, SEPARATOR))
    references = np.append(pseudonyms(key, "point", pc.binary_join_element_wise(start, coded.dictionary, between)), 0)
    return pd.Series(references[coded.indices.fill_null(-1).to_numpy()]).astype("Int64").mask(coded.indices.is_null().to_numpy(zero_copy_only=False))
