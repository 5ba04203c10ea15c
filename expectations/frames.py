"""The frames rules look at, one per table of ``Rule.table``, from the warehouse's columns.

What a rule compares stands side by side in its frame: a point beside its record's state, a consent statement beside the
contact point it names, an interaction beside its requester.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from contacts.warehouse import TEXT
from expectations.conditions import NotNoted, notes_column
from expectations.masks import text
from expectations.rules import RULES
from expectations.rules.words import HOME, USABLE

CONTACT_COLUMNS = (
    "record_id", "source", "state", "batch_no", "kind", "full_name", "given_name", "family_name", "social_name", "company", "birth_date", "birth_precision",
    "cpf", "cnpj", "street", "city", "uf", "postal_code", "country", "name_key", "source_created_at", "source_updated_at",
    "team", "entered_by",
)  # fmt: skip
POINT_COLUMNS = ("record_id", "type", "position", "point_ref", "value", "match_key", "subtype", "status", "verified_at")
NOTE_COLUMNS = ("record_id", "field", "reason")
CONSENT_COLUMNS = (
    "record_id", "source", "point_ref", "purpose", "channel", "type", "effective_at", "recorded_at", "actor", "method", "text_version", "text_hash",
)  # fmt: skip
INTERACTION_COLUMNS = ("interaction_id", "record_id", "source", "channel", "status", "opened_at", "updated_at")
NOTED_FIELDS = tuple(sorted({rule.condition.field for rule in RULES if isinstance(rule.condition, NotNoted)}))
VOCABULARY = frozenset((
    "source", "state", "kind", "birth_precision", "uf", "country", "place", "type", "subtype", "status", "purpose", "channel", "actor", "method",
    "text_version", "text_hash", "point_status", "point_subtype", "requester_kind", "domain", "city", "given_key", "team", "entered_by",
))  # fmt: skip
"""Columns of few different values: kept once each, and judged value by value instead of row by row."""


@dataclass(frozen=True)
class Inputs:
    """Rows of the warehouse, with the columns named above; rows of other records than ``contacts`` are left out."""

    contacts: pd.DataFrame
    points: pd.DataFrame
    notes: pd.DataFrame
    consents: pd.DataFrame
    interactions: pd.DataFrame


def build_frames(given: Inputs) -> dict[str, pd.DataFrame]:
    """The frames by name of the rules' ``table``."""
    contact = _contacts(given)
    owners = contact.drop_duplicates("record_id").set_index("record_id")
    frames = {
        "contact": contact,
        "contact_point": _points(given.points, owners),
        "consent": _consents(given, owners),
        "interaction": _interactions(given.interactions, owners),
    }
    return {table: frame.assign(**{name: encoded(frame[name]) for name in frame.columns if name in VOCABULARY}) for table, frame in frames.items()}


def encoded(column: pd.Series) -> pd.Series:
    """Text as a categorical: every different value once, and where it stands."""
    found = text(column).dictionary_encode()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(found.dictionary.to_pandas())), index=column.index)


def _contacts(given: Inputs) -> pd.DataFrame:
    contact = given.contacts.reset_index(drop=True)
    ids = contact["record_id"]
    contact["place"] = contact["country"].fillna(HOME)
    contact["given_key"] = contact["name_key"].str.replace(" .*$", "", regex=True)
    contact["birth_latest"] = _latest_day(contact["birth_date"])
    contact["postal_address"] = contact["street"].where(contact["city"].notna() | contact["postal_code"].notna())
    contact["name_alone"] = contact["full_name"].where(~contact["full_name"].str.contains(" ", regex=False).fillna(True).astype(bool)).str.lower()
    points = given.points
    usable = (points["status"].isin(USABLE) & points["value"].notna()).to_numpy(dtype=bool)
    for kind in ("email", "phone"):
        rows = np.flatnonzero(usable & (points["type"] == kind).to_numpy(dtype=bool))
        rows = rows[np.lexsort((points["position"].to_numpy()[rows], points["record_id"].to_numpy()[rows]))]
        owner = points["record_id"].take(rows)
        first = rows[~owner.duplicated().to_numpy()]
        place = pd.Index(owner.drop_duplicates()).get_indexer(pd.Index(ids))
        place = np.where(place < 0, -1, np.append(first, -1)[place])
        contact[kind] = _taken(points["value"], place)
        contact[f"{kind}_key"] = _taken(points["match_key"], place)
    contact["email_local"] = contact["email"].str.replace("@.*$", "", regex=True).str.lower().where(contact["name_alone"].notna())
    for field in NOTED_FIELDS:
        contact[notes_column(field)] = _noted(given.notes[given.notes["field"] == field], ids)
    return contact


def _points(points: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    kept, place = _owned(points, owners)
    beside = {name: _taken(owners[name], place) for name in ("source", "uf", "given_key", "kind", "place")}
    domain = kept["value"].where((kept["type"] == "email").to_numpy()).str.replace("^.*@", "", regex=True)
    return kept.assign(**beside, domain=domain)


def _consents(given: Inputs, owners: pd.DataFrame) -> pd.DataFrame:
    """What each record says last of a purpose and channel; all of it when it says several things at once. Earlier words are nobody's work any more."""
    kept, place = _owned(given.consents, owners)
    when = kept["effective_at"].fillna(kept["recorded_at"])
    slot = kept.groupby(["record_id", "purpose", "channel"], sort=False).ngroup()
    rank = pd.Series(pd.factorize(when, sort=True)[0])
    last = (rank == rank.groupby(slot).transform("max")).to_numpy(dtype=bool)
    kept, place, when = kept[last].reset_index(drop=True), place[last], when[last].reset_index(drop=True)
    held = given.points.loc[given.points["point_ref"].isin(kept["point_ref"].dropna()), ["record_id", "point_ref", "status", "subtype"]]
    held = held.drop_duplicates(["record_id", "point_ref"])
    named = kept[["record_id", "point_ref"]].merge(held, on=["record_id", "point_ref"], how="left")
    beside = {name: _taken(owners[name], place) for name in ("kind", "birth_latest", "postal_address")}
    statement = kept["record_id"].astype(str).astype(TEXT) + " " + kept["purpose"] + " " + kept["channel"] + " " + when
    return kept.assign(**beside, point_status=named["status"], point_subtype=named["subtype"], statement=statement)


def _interactions(interactions: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """``record_id`` is the interaction's own, under which its row came in; ``requester`` is the contact's."""
    place = owners.index.get_indexer(pd.Index(interactions["record_id"].fillna(-2).astype("int64")))
    told = interactions.rename(columns={"record_id": "requester", "interaction_id": "record_id"})
    return told.assign(requester_kind=_taken(owners["kind"], place))


def _owned(rows: pd.DataFrame, owners: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of the records at hand, and the place of each one's record."""
    place = owners.index.get_indexer(pd.Index(rows["record_id"]))
    return rows[place >= 0].reset_index(drop=True), place[place >= 0]


def _taken(column: pd.Series, place: np.ndarray) -> pd.Series:
    """Values at these places, missing at -1."""
    values = column.reset_index(drop=True).array.take(place, allow_fill=True) if len(column) else pd.array([None] * len(place), dtype=TEXT)
    return pd.Series(values).astype(TEXT)


def _noted(notes: pd.DataFrame, ids: pd.Series) -> pd.Series:
    """The reasons of each record, in order of the alphabet, between blanks; few combinations occur, so each is written once."""
    codes, reasons = pd.factorize(notes["reason"], sort=True)
    if not len(reasons):
        return pd.Series(pd.Categorical.from_codes(np.zeros(len(ids), dtype=np.int8), categories=pd.Index([""])))
    marked = pd.DataFrame({"record_id": notes["record_id"].to_numpy(), "bit": 1 << codes.astype("int64")}).drop_duplicates()
    masks = marked.groupby("record_id")["bit"].sum().reindex(ids, fill_value=0).to_numpy()
    place, combinations = pd.factorize(masks)
    words = [" ".join(reason for bit, reason in enumerate(reasons) if int(mask) >> bit & 1) for mask in combinations]
    return pd.Series(pd.Categorical.from_codes(place, categories=pd.Index(words)))


def _latest_day(birth: pd.Series) -> pd.Series:
    """The latest day a birth date can mean (``1990-05`` -> ``1990-05-31``), missing when it names no year."""
    length = birth.str.len()
    known = birth.where((length != 4) & (length != 7), birth + birth.str.slice(4).map({"": "-12-31"}).fillna("-31").astype(TEXT))
    return known.where(~birth.str.startswith("--").astype(bool)).astype(TEXT)
