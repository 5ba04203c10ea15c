"""The records to link as columns of whole numbers: one code per distinct value, so that comparing is comparing integers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from anyascii import anyascii

from contacts.values.name_key import name_key
from dedup.linkage import Sharing

Codes = npt.NDArray[np.int64]
_AFTER_FIRST, _BEFORE_LAST, _LAST_WORD = r" .*$", r"^.* ", r" \S+$"
NO_PERSON_KEY = ("role", "service")
"""Subtypes of contact points that by their nature belong to an office, not to a person."""


@dataclass(frozen=True)
class Column:
    """A single-valued field: ``codes`` (n,) with -1 for missing, ``values`` the distinct texts they stand for."""

    codes: Codes
    values: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Points:
    """A many-valued field as rows (record, code), sorted; per code: text, pseudonym, and whether it tells people apart.

    ``first`` (n,) is each record's first telling value, -1 without one.
    """

    rows: Codes
    codes: Codes
    values: npt.NDArray[np.object_]
    refs: Codes
    telling: npt.NDArray[np.bool_]
    first: Codes


@dataclass(frozen=True)
class Records:
    """Active records of one kind sorted by ``ids``; row i of every column is the same record."""

    ids: Codes
    columns: dict[str, Column]
    points: dict[str, Points]

    def __len__(self) -> int:
        return len(self.ids)


def census(contacts: pd.DataFrame, points: pd.DataFrame, sharing: Sharing) -> pd.DataFrame:
    """How many different names use each contact point: columns point_ref, type, names, shared.

    A name counts by its first word, so that one person's spellings are not taken for several people; whole
    families and switchboards stand out all the same. Counted over people and organisations together.
    """
    usable = points.loc[points["point_ref"].notna(), ["record_id", "type", "point_ref"]]
    name = contacts.set_index("record_id")["name_key"].str.replace(_AFTER_FIRST, "", regex=True)
    name = name.where(name != "")
    first = usable["record_id"].map(name)
    users = pd.DataFrame({"point_ref": usable["point_ref"].astype("int64"), "type": usable["type"], "name": first}).drop_duplicates()
    names = users.groupby(["point_ref", "type"], sort=True)["name"].count().rename("names").reset_index()
    limit = names["type"].map(sharing.model_dump()).astype("int64")
    return names.assign(names=names["names"].astype("int64"), shared=names["names"] > limit)


def encode(contacts: pd.DataFrame, points: pd.DataFrame, shared: pd.DataFrame) -> Records:
    """Columns of one kind's records. ``contacts``: one row per record; ``points``: their contact points; ``shared``: the census."""
    contacts = contacts.sort_values("record_id", ignore_index=True)
    ids = contacts["record_id"].to_numpy("int64")
    key = contacts["name_key"]
    key = key.where(contacts["name_suffix"].isna(), key.str.replace(_LAST_WORD, "", regex=True))  # the suffix is compared by itself
    birth = contacts["birth_date"]
    street = fold_each(contacts["street"])
    in_front = street.str.extract(r"^(\d+) ", expand=False)  # 12 Main Street: the number where many countries write it
    number = contacts["number"].str.upper().where(contacts["number"].str.contains(r"[0-9]", na=False)).fillna(in_front)
    texts = {
        "name_key": key,
        "given": key.str.replace(_AFTER_FIRST, "", regex=True),
        "given_letters": key.str[:3],
        "family": key.str.replace(_BEFORE_LAST, "", regex=True).where(key.str.contains(" ", regex=False, na=False)),
        "social": _each(contacts["social_name"], lambda name: name_key(name) or ""),
        "suffix": fold_each(contacts["name_suffix"]),
        "birth_date": birth,
        "birth_year": birth.str[:4].where(~birth.str.startswith("--")),
        "street_key": street.str.replace(r"^\d+ ", "", regex=True),
        "number": number,
        "city": fold_each(contacts["city"]),
        **{name: contacts[name] for name in ("cpf", "cnpj", "postal_code", "uf", "source")},
    }
    off = set(shared.loc[shared["shared"], "point_ref"])
    return Records(ids, {name: _column(text) for name, text in texts.items()}, {kind: _points(points, ids, kind, off) for kind in ("email", "phone")})


def _column(text: pd.Series) -> Column:
    codes, values = pd.factorize(text.where(text != "").astype(object))
    return Column(codes.astype(np.int64), np.asarray(values, dtype=object))


def _points(points: pd.DataFrame, ids: Codes, kind: str, off: set[int]) -> Points:
    mine = points.loc[(points["type"] == kind) & points["point_ref"].notna(), ["record_id", "position", "point_ref", "match_key", "subtype"]]
    mine = mine[mine["record_id"].isin(ids)].sort_values(["record_id", "position"], kind="stable")
    mine = mine.drop_duplicates(["record_id", "point_ref"])
    rows = np.searchsorted(ids, mine["record_id"].to_numpy("int64"))
    codes, refs = pd.factorize(mine["point_ref"].to_numpy("int64"))
    values = np.empty(len(refs), dtype=object)
    values[codes] = mine["match_key"].fillna("").to_numpy(object)
    telling = ~np.isin(refs, list(off))
    telling[codes[mine["subtype"].isin(NO_PERSON_KEY).to_numpy()]] = False
    first = np.full(len(ids), -1, dtype=np.int64)
    good = telling[codes]
    first[rows[good][::-1]] = codes[good][::-1]  # the last written is the first of the record
    return Points(rows.astype(np.int64), codes.astype(np.int64), values, refs.astype(np.int64), telling, first)


def fold_each(text: pd.Series) -> pd.Series:
    """Lower case without accents or punctuation."""
    return _each(text, _fold)


def _each(text: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """``change`` applied once per distinct value."""
    return text.map({value: change(value) for value in text.dropna().unique()}).astype(text.dtype)


def _fold(value: str) -> str:
    """Lower case without accents or punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in anyascii(value).lower()).split())
