"""Contact points: every address and number of every row, split, standardised, and given the reference by which records meet."""

import numpy as np
import pandas as pd

from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import POINT_TYPES
from contacts.values import address, email, phone, time_zone
from contacts.values.reading import missing
from contacts.warehouse import TEXT
from pipelines.sources.rows import Rows

COLUMNS = ["record_id", "type", "position", "point_ref", "value", "match_key", "raw", "subtype", "status", "reason", "suggestion"]


def contact_points(rows: Rows, key: bytes) -> pd.DataFrame:
    """All contact points of ``rows``, columns ``COLUMNS``; ``position`` counts within record and type.

    Columns come in the order of the mapping, the parts of a cell in their order; a point a record says twice is kept once.
    """
    found = pd.concat([_of_type(rows, kind) for kind in POINT_TYPES], ignore_index=True)
    found = found[found["status"] != "empty"]
    found = found[found["match_key"].isna() | ~found.duplicated(["record_id", "type", "match_key"])].reset_index(drop=True)
    found["position"] = found.groupby(["record_id", "type"], sort=False).cumcount()
    found["point_ref"] = _references(found, key)
    return found[COLUMNS]


def _of_type(rows: Rows, kind: str) -> pd.DataFrame:
    module = email if kind == "email" else phone
    cells = [part for column in rows.field(kind) for part in [module.split(column.dropna())]]
    raw = pd.concat(cells) if cells else pd.Series(dtype=TEXT)
    raw = raw.sort_index(kind="stable")  # row by row; within a row the order of columns and parts stays
    place = raw.index
    raw = raw.reset_index(drop=True).astype(TEXT)
    if kind == "phone":
        country = country_of(rows).loc[place].reset_index(drop=True)
        beside = phone.area_code_beside(raw.set_axis(place)).reset_index(drop=True)
        standard = phone.standardise(raw, country, _area_code(rows).loc[place].reset_index(drop=True).fillna(beside))
    else:
        standard = email.standardise(raw)
    return standard.assign(raw=raw, type=kind, record_id=rows.heads["record_id"].loc[place].to_numpy())


def country_of(rows: Rows) -> pd.Series:
    """Country a number without ``+`` is dialled from: the row's own, else the source's."""
    own = rows.field("country")
    if not own:
        return pd.Series(rows.source.country, index=rows.heads.index, dtype=TEXT)
    return address.standardise_country(own[0])["value"].fillna(rows.source.country)


def clock_of_phones(points: pd.DataFrame, record_ids: pd.Series) -> pd.Series:
    """The time zone the first usable phone of each record speaks for, with the index of ``record_ids``."""
    phones = points[(points["type"] == "phone") & points["value"].notna()].drop_duplicates("record_id").set_index("record_id")["value"]
    return time_zone.of_phone(record_ids.map(phones).astype(TEXT))


def _area_code(rows: Rows) -> pd.Series:
    """Area code the address speaks for, where a number has none: good for a suggestion only."""
    city, uf = rows.field("city"), rows.field("uf")
    return address.ddd_of_city(city[0], uf[0]) if city and uf else missing(rows.heads.index)


def _references(found: pd.DataFrame, key: bytes) -> pd.Series:
    texts = found["type"].astype(TEXT) + SEPARATOR + found["match_key"]
    codes, distinct = pd.factorize(texts)
    references = np.append(pseudonyms(key, "point", distinct), 0)
    return pd.Series(references[codes], index=found.index).astype("Int64").mask(codes < 0)
