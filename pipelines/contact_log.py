"""The ledger of attempts at contact and of what people prefer: recorded one by one, or read from a campaign tool's file.

A row is known by the tool's own id, so that giving a file twice adds nothing. Who is meant is a person, a record or a contact point; the
values of the file stay in memory, the ledger holds pseudonyms. An opt-out heard in an attempt becomes an objection at once.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from contacts import ledger, tables
from contacts.errors import ConfigurationError
from contacts.model import instant
from contacts.pseudonym import SEPARATOR, pseudonym, pseudonyms
from contacts.schema import CHANNELS
from contacts.settings import Settings, load
from contacts.values import email, phone
from contacts.warehouse import TEXT, Transaction
from pipelines import screen
from pipelines.quarantining import known
from pipelines.run import NAME, connect, staff_id
from pipelines.sources.reading import FileRefused
from pipelines.sources.tabular import read_csv
from pipelines.sources.words import Object
from privacy.contact_rules.model import OUTCOMES, is_window
from privacy.policy import load_policy

COLUMNS = ("id", "at", "channel", "direction", "purpose", "outcome", "campaign", "person", "contact")
"""Of a campaign tool's file; ``person``: P-…, a record id or source/object/key; ``contact``: the number or address used. One of the two is needed."""
DIRECTIONS = ("outbound", "inbound")
_SHAPE = Object.model_validate(
    {"kind": "contact", "read": {"format": "csv", "files": "attempts.csv", "delivery": "changes"}, "key": "id", "fields": {"full_name": "person"}}
)
_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})")
_WORD = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
REFUSED = {
    "NO_ID": "no id", "NO_MOMENT": "no exact moment with an offset", "CHANNEL": "an unknown channel", "DIRECTION": "an unknown direction",
    "PURPOSE": "a purpose the policy does not know", "OUTCOME": "an unknown outcome",
    "CAMPAIGN": "a campaign that is no plain word", "NOBODY": "nobody we know",
}  # fmt: skip


def record(person: str, said: Mapping[str, str], system: str, as_json: bool) -> None:
    """Add one attempt. Raises ConfigurationError for a word that is not allowed, NotFound for nobody."""
    from pipelines.explain import find_person

    settings = load()
    policy = load_policy(settings.policy)
    _check_system(system)
    known(said["channel"], CHANNELS, "a channel", needed=True, page="contact-rules")
    known(said["direction"], DIRECTIONS, "a direction", needed=True, page="contact-rules")
    known(said["outcome"], OUTCOMES, "an outcome", page="contact-rules")
    known(said["purpose"], policy.purposes, "a purpose of the policy", page="contact-rules")
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        find_person(db, settings, person)
        row = {**dict.fromkeys(COLUMNS, ""), **said, "person": person}
        row["id"] = row["id"] or SEPARATOR.join(row[name] for name in ("person", "at", "channel", "direction", "purpose"))
        data = add(db, settings, pd.DataFrame([row], dtype=TEXT), system, list(policy.purposes))
        if data["refused"]:
            raise ConfigurationError(f"The attempt has {REFUSED[next(iter(data['refused']))]}.", "docs/how-to/contact-rules.md shows how attempts are written.")
        ledger.append(db, "contact.recorded", "operator", None, {"system": system, "added": data["added"], "objections": data["objections"]})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    screen.show(as_json, data, [("", [data])], [], "lastro may-contact PERSON --purpose PURPOSE --channel CHANNEL")


def import_file(file: Path, system: str, as_json: bool) -> None:
    """Add the attempts of a campaign tool's CSV file; rows that say too little are counted by reason and left out."""
    settings = load()
    _check_system(system)
    try:
        content = read_csv(file.read_bytes(), _SHAPE)
    except OSError as error:
        raise ConfigurationError(f"The file cannot be read ({error.strerror}).", "Name a CSV file.") from None
    except FileRefused as refused:
        raise ConfigurationError(f"The file is no table that can be read ({refused.reason}).", f"It needs the columns {', '.join(COLUMNS)}.") from None
    if missing := [name for name in ("id", "at", "channel") if name not in content.columns]:
        raise ConfigurationError(f"The file has no column {missing[0]!r}.", f"Its columns are {', '.join(COLUMNS)}; the last seven may be left out or empty.")
    rows = pd.DataFrame([cells for _, cells in content.rows], dtype=TEXT).reindex(columns=list(COLUMNS)).astype(TEXT).fillna("")
    warehouse = connect(settings)
    with warehouse.transaction() as db:
        data = add(db, settings, rows, system, list(load_policy(settings.policy).purposes))
        data["refused"] |= {"COLUMN_COUNT": len(content.refused)} if content.refused else {}
        ledger.append(db, "contact.imported", "operator", None, {"system": system} | data)
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    shown = {name: value for name, value in data.items() if name != "refused"} | {f"refused: {code}": n for code, n in data["refused"].items()}
    screen.show(as_json, data, [("", [shown])], [], "lastro contact refresh")


def add(db: Transaction, settings: Settings, rows: pd.DataFrame, system: str, purposes: list[str]) -> dict[str, Any]:
    """Append the attempts of ``rows`` (``COLUMNS``, text) that are not known yet; what was read, added, known and refused."""
    rows = rows.apply(lambda column: column.str.strip()).assign(outcome=rows["outcome"].mask(rows["outcome"].eq(""), "unknown"))
    rows["direction"] = rows["direction"].mask(rows["direction"].eq(""), "outbound")
    exact = rows["at"].str.fullmatch(_EXACT).fillna(False).astype(bool)
    at = pd.to_datetime(rows["at"].where(exact), utc=True, errors="coerce", format="ISO8601").dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype(TEXT)
    found = rows.assign(at=at, record_id=_records(db, settings, rows["person"]), point_ref=_points(settings.key, rows["contact"]))
    held = db.read_for(tables.contact_point, "point_ref", found["point_ref"].dropna(), "record_id", "point_ref")
    nobody = found["record_id"].isna() & ~found["point_ref"].isin(held["point_ref"])
    checks = {
        "NO_ID": found["id"].eq(""), "NO_MOMENT": at.isna(), "CHANNEL": ~found["channel"].isin(CHANNELS), "DIRECTION": ~found["direction"].isin(DIRECTIONS),
        "PURPOSE": ~found["purpose"].isin(["", *purposes]), "OUTCOME": ~found["outcome"].isin(OUTCOMES),
        "CAMPAIGN": ~found["campaign"].str.fullmatch(f"({_WORD})?").fillna(False).astype(bool), "NOBODY": nobody,
    }  # fmt: skip
    why = pd.Series(pd.NA, index=found.index, dtype=TEXT)
    for code, wrong in checks.items():
        why = why.mask(why.isna() & wrong.fillna(True).to_numpy(dtype=bool), code)
    good = found[why.isna().to_numpy()]
    ids = pseudonyms(settings.key, "attempt", [f"{system}{SEPARATOR}{one}" for one in good["id"]])
    good = good.assign(attempt_id=pd.Series(ids, index=good.index, dtype="int64")).drop_duplicates("attempt_id")
    db.lock(tables.contact_attempt)
    there = db.read_for(tables.contact_attempt, "attempt_id", good["attempt_id"], "attempt_id")["attempt_id"]
    fresh = good[~good["attempt_id"].isin(there)]
    now = instant(datetime.now(UTC))
    words = {name: fresh[name].mask(fresh[name].eq("")) for name in ("purpose", "campaign")}
    columns = ["attempt_id", "record_id", "point_ref", "channel", "direction", "purpose", "at", "outcome", "system", "campaign", "recorded_at"]
    db.append(tables.contact_attempt, fresh.assign(system=system, recorded_at=now, **words)[columns])
    objections = _object(db, settings, fresh[fresh["outcome"].eq("opted_out").to_numpy(dtype=bool)], held, system, now)
    refused = {str(code): int(n) for code, n in why.value_counts().sort_index().items()}
    return {"read": len(rows), "added": len(fresh), "known": len(good) - len(fresh), "objections": objections, "refused": refused}


def _records(db: Transaction, settings: Settings, persons: pd.Series) -> pd.Series:
    """A record for each person named: the oldest of ``P-…``, the record itself else; missing for nobody we know."""
    ids = persons.str.upper()
    wanted = ids[ids.str.startswith("P-").fillna(False).to_numpy(dtype=bool)]
    member = db.read_for(tables.membership, "person_id", wanted, "record_id", "person_id")
    oldest = member.sort_values("record_id").drop_duplicates("person_id").set_index("person_id")["record_id"]
    parts = persons.str.fullmatch(r"[^/]+/[^/]+/.+").fillna(False).to_numpy(dtype=bool)
    made = pd.Series(pd.NA, index=persons.index, dtype="Int64")
    if parts.any():
        keys = [SEPARATOR.join(one.split("/", 2)) for one in persons[parts]]
        made[parts] = pseudonyms(settings.key, "record", keys)
    plain = persons.str.fullmatch(r"[0-9]{1,18}").fillna(False).to_numpy(dtype=bool)
    made[plain] = persons[plain].astype("int64")
    real = db.read_for(tables.contact, "record_id", made.dropna(), "record_id")["record_id"]
    return made.where(made.isin(real)).fillna(ids.map(oldest).astype("Int64"))


def _points(key: bytes, contacts: pd.Series) -> pd.Series:
    """The reference of each number or address as contact points have it; missing where it cannot be read."""
    found = pd.Series(pd.NA, index=contacts.index, dtype="Int64")
    written = contacts.str.contains("@", regex=False).fillna(False).to_numpy(dtype=bool)
    for kind, rows in (("email", written), ("phone", ~written & contacts.ne("").to_numpy(dtype=bool))):
        standard = email.standardise(contacts[rows]) if kind == "email" else phone.standardise(contacts[rows])
        keys = standard["match_key"].dropna()
        found.loc[keys.index] = pseudonyms(key, "point", [f"{kind}{SEPARATOR}{match}" for match in keys])
    return found


def _object(db: Transaction, settings: Settings, attempts: pd.DataFrame, held: pd.DataFrame, system: str, now: str) -> int:
    """An opt-out heard in an attempt is an objection of whoever it was said by: the record, or every record that holds the contact point."""
    if attempts.empty:
        return 0
    by_point = attempts[attempts["record_id"].isna()].drop(columns="record_id").merge(held.drop_duplicates(), on="point_ref")
    said = pd.concat([attempts[attempts["record_id"].notna()], by_point], ignore_index=True).drop_duplicates(["attempt_id", "record_id"])
    ids = pseudonyms(settings.key, "optout", [f"{one}{SEPARATOR}{record}" for one, record in said[["attempt_id", "record_id"]].itertuples(index=False)])
    events = said[["record_id", "channel"]].assign(
        event_id=ids, source=system, purpose=said["purpose"].mask(said["purpose"].eq(""), "*"), type="objected", effective_at=said["at"], recorded_at=now,
        actor="self", method="attempt", batch_no=db.maximum(tables.batch, "number") or 0,
    )  # fmt: skip
    return db.append(tables.consent_event, events.astype({"record_id": "int64"}))


def prefer(person: str, channels: list[str], hours: str, language: str, at: datetime | None, by: str, as_json: bool) -> None:
    """Record what a person said they prefer; the newest of a kind counts. Raises ConfigurationError, NotFound."""
    settings = load()
    who = staff_id(by)
    for channel in channels:
        known(channel, CHANNELS, "a channel", page="contact-rules")
    _check_hours(hours)
    if language and not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", language):
        raise ConfigurationError("The language is not a language tag.", "Write it like pt, en or pt-BR.")
    said = {kind: value for kind, value in (("channel", ",".join(sorted(set(channels)))), ("hours", hours), ("language", language)) if value}
    if not said:
        raise ConfigurationError("Nothing is preferred.", "Say --channel, --hours or --language.")
    now = datetime.now(UTC)
    moment, warehouse = instant(at or now), connect(settings)
    with warehouse.transaction() as db:
        from pipelines.explain import find_person

        person_id = find_person(db, settings, person)
        members = db.read(tables.membership, "record_id", where=tables.membership.c.person_id == person_id)["record_id"]
        record_id = int(members.min())
        rows = [
            {"preference_id": pseudonym(settings.key, "preference", str(record_id), kind, value, moment), "record_id": record_id, "kind": kind, "value": value,
             "said_at": moment, "recorded_by": who, "recorded_at": instant(now)}
            for kind, value in said.items()
        ]  # fmt: skip
        db.upsert(tables.contact_preference, rows)
        ledger.append(db, "contact.preference", who, None, {"person_id": person_id, "kinds": sorted(said)})
    with warehouse.transaction() as db:
        ledger.checkpoint(db, settings)
    screen.show(as_json, {"person_id": person_id, "said_at": moment} | said, [("", [said])], [], "lastro contact refresh")


def _check_hours(hours: str) -> None:
    if hours and not is_window(hours):
        raise ConfigurationError("The hours are not a window within one day.", "Write them like 09:00-12:00, on the person's own clock.")


def _check_system(system: str) -> None:
    if not NAME.fullmatch(system):
        raise ConfigurationError("The system is told by a plain name.", "Use letters, digits, dot, dash and underscore, for example mailing-tool.")
