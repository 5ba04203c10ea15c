"""What a batch looks like, per source: volumes, missing cells and how values spread over closed lists of categories; never a value.

A category is a word of ours (an area code, a state, a class of e-mail domain); whatever is in no list counts as ``other``.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from contacts.warehouse import TEXT
from expectations.geography import DDD_UFS
from expectations.masks import is_in
from expectations.rules.words import FREE_PROVIDERS, HOME, UFS

COLUMNS = ["source", "metric", "category", "n", "of"]
MISSING = ("full_name", "birth_date", "cpf", "email", "phone", "city", "uf", "postal_code", "country", "source_updated_at")
"""Fields whose share of empty cells is watched."""
OTHER, NONE = "other", "none"
EUROPEAN = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO",
            "SE", "SI", "SK")  # fmt: skip


def profile(frames: dict[str, pd.DataFrame], rows_read: pd.Series) -> pd.DataFrame:
    """Counts per source, metric and category (COLUMNS): ``n`` of ``of``. ``rows_read`` holds this batch's delivered rows by source."""
    contact, points = frames["contact"], frames["contact_point"]
    held = contact.groupby("source", observed=True).size()
    told = [_volume("rows", rows_read), _volume("contacts", held)]
    for field in MISSING:
        empty = contact.loc[contact[field].isna(), "source"].value_counts().reindex(held.index, fill_value=0)
        told.append(_rows(f"missing.{field}", held.index, "", empty, held))
    email, phone = points[(points["type"] == "email").to_numpy()], points[(points["type"] == "phone").to_numpy()]
    told += [
        _spread("kind", contact["source"], contact["kind"], ("person", "organisation")),
        _spread("uf", contact["source"], contact["uf"], UFS),
        _spread("country", contact["source"], _country(contact["country"]), ("home", "europe")),
        _spread("email_domain", email["source"], _domain_class(email), ("free", "own", "disposable", "role")),
        _spread("ddd", phone["source"], phone["value"].where(phone["value"].str.startswith("+55").fillna(False).astype(bool)).str.slice(3, 5), tuple(DDD_UFS)),
        _spread("phone_subtype", phone["source"], phone["subtype"], ("mobile", "fixed", "service", "unknown")),
        _spread("point_status", points["source"], points["status"], ("ok", "fixed", "suggested", "rejected")),
    ]
    found = pd.concat(told, ignore_index=True).astype({"source": TEXT, "metric": TEXT, "category": TEXT, "n": "int64", "of": "int64"})
    return found.sort_values(COLUMNS[:3], ignore_index=True)


def _rows(metric: str, sources: Sequence[str] | pd.Index, category: str, n: pd.Series, of: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"source": np.asarray(sources, dtype=object), "metric": metric, "category": category, "n": n.to_numpy(), "of": of.to_numpy()})


def _volume(metric: str, counts: pd.Series) -> pd.DataFrame:
    return _rows(metric, counts.index, "", counts, counts)


def _spread(metric: str, source: pd.Series, values: pd.Series, known: Sequence[str]) -> pd.DataFrame:
    """How the values of each source spread over the known words, with what is in no list and what is missing."""
    place = np.where(values.isna().to_numpy(), len(known) + 1, np.where(is_in(values, known), 0, len(known)))
    inside = place == 0
    place[inside] = pd.Index(known).get_indexer(pd.Index(values[inside].astype(object)))
    codes, sources = pd.factorize(source, sort=True)
    table = np.bincount(codes * (len(known) + 2) + place, minlength=len(sources) * (len(known) + 2)).reshape(len(sources), len(known) + 2)
    words = [*known, OTHER, NONE]
    rows = [
        (name, metric, words[column], counts[column], counts.sum()) for name, counts in zip(sources, table, strict=True) for column in np.flatnonzero(counts)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _country(country: pd.Series) -> pd.Series:
    codes = country.astype(object)
    return codes.map({HOME: "home"} | dict.fromkeys(EUROPEAN, "europe")).fillna(codes).astype(TEXT)  # where nobody names one, pandas makes numbers of it


def _domain_class(email: pd.DataFrame) -> pd.Series:
    subtype = email["subtype"].astype(object)
    plain = np.where(is_in(email["domain"], FREE_PROVIDERS), "free", "own")
    return pd.Series(plain, index=email.index, dtype=object).where(~subtype.isin(["disposable", "role"]), subtype).where(email["value"].notna(), None)
