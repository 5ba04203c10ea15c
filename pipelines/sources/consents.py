"""Consent evidence out of source rows: who said what about which purpose and channel, when, and what proves it.

Nothing is decided here. A grant is bound to the contact point the same record names for the channel, and to the first one
we saw: when the address changes later, the old yes does not move along (its event is known and not written again).
A no is about every contact point of the record.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.pseudonym import SEPARATOR, pseudonyms
from contacts.schema import CHANNEL_POINT, CHANNELS
from contacts.values.reading import arrow
from contacts.warehouse import TEXT
from pipelines.sources.columns import UNKNOWN, moments, words
from pipelines.sources.rows import Rows
from pipelines.sources.words import Consent, ConsentList

_BETWEEN = pa.scalar(SEPARATOR, type=pa.large_string())
TEXTS = ("purpose", "purpose_version", "channel", "type", "effective_at", "actor", "method", "text_version", "text_hash", "controller", "expires_at")
OWN = "own"
"""The controller whose system the source is."""
AT_A_POINT = ("granted", "confirmed", "wrong_person", "bought")
"""What is said of one contact point; everything else is about all of the record's."""


def consent_events(rows: Rows, points: pd.DataFrame, key: bytes) -> pd.DataFrame:
    """Every statement in ``rows``: ``event_id``, ``record_id``, ``point_ref``, ``evidence_raw_id`` and the columns ``TEXTS``."""
    found = [_of_columns(rows, rule) for rule in rows.spec.consents]
    if rows.spec.consent_list:
        found.append(_of_list(rows, rows.spec.consent_list))
    events = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["place", *TEXTS])
    place = events["place"].to_numpy(dtype="int64")
    events = events[list(TEXTS)].astype(TEXT)
    purpose = events["purpose"].str.strip().str.casefold()  # as the policy writes its codes
    events["purpose"] = words(purpose).mask(purpose.eq("*").fillna(False).astype(bool), "*")  # `*` is no word, but means every purpose
    for name in ("effective_at", "expires_at"):
        events[name] = moments(events[name], rows.source.timezone)
    events["record_id"] = rows.heads["record_id"].to_numpy()[place]
    events["evidence_raw_id"] = rows.heads["raw_id"].to_numpy()[place]
    events["point_ref"] = _granted_points(events, points)
    events["event_id"] = pseudonyms(key, "consent", _identities(events))
    return events.drop_duplicates("event_id").reset_index(drop=True)


def _identities(events: pd.DataFrame) -> pa.Array:
    """What makes a statement the same one: who said what about what, and when.

    A no without a date is another one in every version of its row: it may have been said again after a yes, and nobody can tell.
    """
    told = [arrow(events[name].fillna("")) for name in ("purpose", "channel", "type", "effective_at", "text_version", "actor")]
    identity = pc.binary_join_element_wise(_number(events["record_id"]), *told, _BETWEEN)
    undated_no = (events["effective_at"].isna() & ~events["type"].isin(["granted", "confirmed", "bought"])).to_numpy(dtype=bool)
    return pc.if_else(pa.array(undated_no), pc.binary_join_element_wise(identity, _number(events["evidence_raw_id"]), _BETWEEN), identity)


def _number(column: pd.Series) -> pa.Array:
    return pa.array(column).cast(pa.large_string())


def text_hash(text: str) -> str:
    """Hash of the wording a person read; blanks and the composition of letters do not count."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFC", text).split()).encode("utf-8", "replace")).hexdigest()


def _of_columns(rows: Rows, rule: Consent) -> pd.DataFrame:
    said = rows.holds(rule.when)
    for also in rule.where:
        said = said & rows.holds(also)
    if rule.reference:
        said = said & rows.text(rule.reference).notna()
    version = rows.text(rule.text_version)
    wording = rows.text(rule.text).fillna(version.map(dict(rule.texts)).astype(TEXT))
    method = _proof(rows.text(rule.method), rule.methods)
    base = pd.DataFrame(
        {
            "place": np.arange(len(said)),
            "purpose_version": version.map(dict(rule.purpose_versions)).astype(TEXT),
            "type": rule.says,
            "effective_at": rows.text(rule.effective_at),
            "actor": rule.actor,
            "expires_at": rows.text(rule.expires_at),
            "controller": rows.text(rule.controller) if rule.controller else OWN,
            "method": method.fillna(rule.method_is) if rule.method_is else method,
            "text_version": _proof(version, {code: code for code in (*rule.texts, *rule.purpose_versions)}),
            "text_hash": wording.map({text: text_hash(text) for text in wording.dropna().unique()}).astype(TEXT),
        }
    )[said.to_numpy()]
    return pd.concat([base.assign(purpose=purpose, channel=channel) for purpose in rule.purposes for channel in rule.channels], ignore_index=True)


def _of_list(rows: Rows, rule: ConsentList) -> pd.DataFrame:
    effective, guardian = rows.text(rule.effective_at), rows.text(rule.guardian).notna()
    boxes = [
        (place, _word(box, rule.purpose), _channel(box, rule), _word(box, rule.version), _word(box, rule.text), _ticked(box.get(rule.checked)))
        for place, row in enumerate(rows.values)
        for box in _list(row.get(rule.column))
        if _word(box, rule.purpose)
    ]
    found = pd.DataFrame(boxes, columns=["place", "purpose", "channel", "text_version", "text", "ticked"])
    place = found["place"].to_numpy(dtype="int64")
    wording = found["text"].dropna().unique()
    return found.assign(
        type=np.where(found["ticked"].astype(bool), "granted", "refused"),
        effective_at=effective.array[place],
        actor=np.where(guardian.to_numpy()[place], "guardian", "self"),
        method=rule.method_is,
        controller=OWN,
        expires_at=None,
        purpose_version=found["text_version"].map(dict(rule.purpose_versions)),
        text_version=_proof(found["text_version"], {code: code for code in rule.purpose_versions}),
        text_hash=found["text"].map({text: text_hash(text) for text in wording}),
    ).drop(columns=["text", "ticked"])


def _proof(texts: pd.Series, named: Mapping[str, str]) -> pd.Series:
    """A part of a proof as we name it; one that is no word at all proves nothing, so it is missing."""
    ours = texts.map(dict(named)).astype(TEXT)
    kept = words(texts)
    return ours.fillna(kept.where(kept != UNKNOWN))


def unread_consents(rows: Rows) -> pd.Series:
    """Where a record says something of consent in a shape nobody can read: no list of boxes, or a box without a purpose."""
    rule = rows.spec.consent_list
    unread = [not _is_read(row.get(rule.column), rule) for row in rows.values] if rule else [False] * len(rows.values)
    return pd.Series(unread, index=rows.heads.index, dtype=bool)


def _is_read(value: Any, rule: ConsentList) -> bool:
    if not value and value not in (False, 0):  # nothing was said
        return True
    return isinstance(value, list) and all(isinstance(box, dict) and _word(box, rule.purpose) for box in value)


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [box for box in value if isinstance(box, dict)] if isinstance(value, list) else []


def _word(box: Mapping[str, Any], name: str) -> str | None:
    value = box.get(name)
    return (str(value).replace("\0", "").strip() or None) if value is not None else None


def _channel(box: Mapping[str, Any], rule: ConsentList) -> str:
    named = (_word(box, rule.channel) or "*").casefold()
    return named if named in CHANNELS else "*"  # a channel nobody knows proves no yes, and its no is about all


def _ticked(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() in ("true", "1", "on", "yes", "sim"))


def _granted_points(events: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """The first usable contact point of the channel's type in the same record, for what is said of one; missing for everything else."""
    # nullable integers all the way: a detour over floats would cost the last digits of a reference
    found = pd.Series(pd.NA, index=events.index, dtype="Int64")
    kind = events["channel"].map(CHANNEL_POINT).where(events["type"].isin(AT_A_POINT))
    for name in kind.dropna().unique():
        first = points[(points["type"] == name) & points["point_ref"].notna()].drop_duplicates("record_id")
        here = (kind == name).to_numpy(dtype=bool)
        found[here] = first["point_ref"].astype("Int64").array.take(pd.Index(first["record_id"]).get_indexer(events["record_id"][here]), allow_fill=True)
    return found
