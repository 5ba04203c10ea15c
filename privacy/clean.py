"""The clean tables as frames: for every purpose only permitted rows and permitted fields; a masked copy for analysts; the whole for the officer."""

from importlib import import_module

import numpy as np
import pandas as pd

from contacts.schema import CHANNEL_POINT, FIELDS, POINT_TYPES, PUBLISHED
from contacts.warehouse import TEXT
from privacy.policy import ANALYST_COLUMNS, Policy

MASK_OF = {field.name: field.value_type for field in FIELDS}
PERMITTED = ("person_id", "purpose", "channel", "point_ref", "basis", "valid_until", "policy_version")
"""Columns of permission a clean row needs."""
_ROW = ["purpose", "person_id", "channel", "point_ref", "contact_value", *PUBLISHED, "basis", "valid_until", "policy_version"]


def clean_rows(policy: Policy, permitted: pd.DataFrame, golden: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """One row per permission that can be acted on (LGPD art. 6 I-III, GDPR art. 5(1)(b)-(c)).

    ``permitted``: allowed rows of permission; ``golden``, ``points``: golden_contact and golden_point. A permission whose contact
    point has no usable value, or whose person has no address, gives no row; a field the purpose does not list is missing.
    """
    rows = permitted.merge(golden[["person_id", *PUBLISHED]], on="person_id")
    values = points[["person_id", "point_ref", "type", "value"]].rename(columns={"value": "contact_value"})
    rows = rows.merge(values, on=["person_id", "point_ref"], how="left")
    needs = rows["channel"].map(CHANNEL_POINT)
    reachable = needs.isna() | (needs.eq("address") & rows["street"].notna()) | (needs.eq(rows["type"]) & rows["contact_value"].notna())
    rows = rows[reachable.to_numpy(dtype=bool)].reset_index(drop=True)
    parts = [rows[:0]]
    for code, purpose in policy.purposes.items():
        mine = rows[rows["purpose"].eq(code).to_numpy(dtype=bool)]
        parts.append(mine.assign(**dict.fromkeys(purpose.closed, pd.Series(np.nan, index=mine.index, dtype=TEXT))))
    rows = pd.concat(parts)
    return rows[_ROW].sort_values(["purpose", "person_id", "channel", "point_ref"], ignore_index=True)


def masked_rows(policy: Policy, golden: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """One row per person with every value masked, shortened or dropped as the policy's ``analyst`` block says."""
    rows = golden[["person_id", "kind", "records", "sources", *[name for name in ANALYST_COLUMNS if name not in POINT_TYPES]]]
    first = points.sort_values(["person_id", "type", "rank"]).drop_duplicates(["person_id", "type"])
    for kind in POINT_TYPES:
        mine = first.loc[first["type"].eq(kind).to_numpy(dtype=bool), ["person_id", "value"]]
        rows = rows.merge(mine.rename(columns={"value": kind}), on="person_id", how="left")
    country = rows["country"]
    for name, how in policy.analyst.items():
        rows[name] = look(rows[name], MASK_OF[name], how, country)
    return rows


def look(values: pd.Series, value_type: str, how: str, country: pd.Series) -> pd.Series:
    """A column as analysts see it: ``keep``, ``drop``, ``year``, ``region``, or ``mask`` (the value type's own).

    ``region`` shows five of the eight digits of a Brazilian CEP, and two digits where ``country`` is another or not known:
    five are the whole postal code of Germany, Spain, France or Italy (LGPD art. 12, GDPR recital 26).
    """
    if how == "keep":
        return values
    if how == "drop":
        return pd.Series(np.nan, index=values.index, dtype=TEXT)
    if how == "year":
        return values.str.extract(r"^(\d{4})", expand=False).astype(TEXT)
    if how == "region":
        region = values.str.extract(r"^(\d{2})", expand=False)
        return region.mask(country.eq("BR").fillna(False).to_numpy(dtype=bool), values.str.extract(r"^(\d{5})", expand=False)).astype(TEXT)
    masked: pd.Series = import_module(f"contacts.values.{value_type}").mask(values)
    return masked


def officer_rows(golden: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """One row per person with every golden value; contact points joined by ``; `` in their order."""
    rows = golden[["person_id", "kind", "records", "sources", *PUBLISHED]]
    ranked = points.dropna(subset=["value"]).sort_values(["person_id", "type", "rank"])
    for kind in POINT_TYPES:
        mine = ranked[ranked["type"].eq(kind).to_numpy(dtype=bool)]
        joined = mine.groupby("person_id", sort=True)["value"].agg("; ".join)
        rows = rows.assign(**{f"{kind}s": rows["person_id"].map(joined).astype(TEXT)})
    return rows
