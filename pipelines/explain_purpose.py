"""`lastro explain PERSON --purpose P`: the answer for one purpose, and the chain of events, rules and articles it follows from.

Asked `as known at` a moment, it takes the events, the links between records, what the records themselves said (contact points, country,
birth date) and the policy of that moment. Pairs nobody has decided are those of today; who else had a
number is looked for among those who have it today and those who ever said anything about it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from contacts import tables
from contacts.configuration import one_of
from contacts.errors import NotFound
from contacts.model import instant
from contacts.settings import Settings
from contacts.warehouse import Transaction
from pipelines.as_known import POINT_COLUMNS, last_batch, values_known
from privacy.consent import CONTACT_COLUMNS, permissions
from privacy.decision import Record, about, circumstances
from privacy.policy import Policy, load_policy
from privacy.policy_history import policy_at
from privacy.policy_parts import in_force
from privacy.proof import faults_of, faults_of_sale
from privacy.reasons import codes, reason_text, state_text
from privacy.scope import RESTRICTIONS, restriction_reason
from privacy.timeline import Event, counting

FACTS = ("record_id", "type", "purpose", "channel", "purpose_version", "effective_at", "recorded_at", "actor", "method", "text_version", "text_hash",
         "controller", "expires_at")  # fmt: skip


@dataclass(frozen=True)
class Near:
    """A person's surroundings: everything a decision about them may depend on."""

    events: pd.DataFrame
    membership: pd.DataFrame
    contacts: pd.DataFrame
    points: pd.DataFrame
    unsure: pd.DataFrame
    history: pd.DataFrame


def explain_purpose(
    db: Transaction, settings: Settings, person_id: str, purpose: str, known_at: datetime | None = None, effective_at: datetime | None = None
) -> dict[str, Any]:
    """Decisions, events and rules as plain data. Raises NotFound for a purpose the policy does not know."""
    newest = db.maximum(tables.batch, "as_of")
    as_of = effective_at or known_at or (datetime.fromisoformat(newest) if newest else datetime.now(UTC))
    policy = (policy_at(db, known_at) if known_at else None) or load_policy(settings.policy)
    try:
        one_of(purpose, policy.purposes, "a purpose")
    except ValueError as error:
        raise NotFound(f"{error}.".replace("?.", "?"), "The purposes are those of the policy: `lastro check policy`.") from None
    near = surroundings(db, settings, person_id, known_at)
    decided = permissions(policy, as_of, near.events, near.membership, near.contacts, near.points, near.unsure, near.history, known_at)
    mine = decided[(decided["person_id"].eq(person_id) & decided["purpose"].eq(purpose)).to_numpy(dtype=bool)]
    language = settings.language
    names = point_names(db, person_id)
    names = _with_former(names, near, person_id, language) if known_at else names
    return {
        "person_id": person_id,
        "purpose": purpose,
        "effective_at": instant(as_of),
        "known_at": instant(known_at) if known_at else None,
        "policy_version": policy.policy_version,
        "decisions": [
            {
                "channel": row["channel"],
                "contact point": names.get(int(row["point_ref"]), "–"),
                "allowed": bool(row["allowed"]),
                "state": state_text(row["state"], language),
                "reasons": [{"code": code, "text": reason_text(code, language)} for code in row["reasons"].split(",")],
                "basis": row["basis"],
                "until": row["valid_until"] if isinstance(row["valid_until"], str) else None,
            }
            for row in mine.astype(object).to_dict("records")
        ],
        "events": _chain(policy, as_of, known_at, near, person_id, purpose, names, language),
        "rules": _rules(policy, as_of, purpose, set(near.contacts["country"].dropna()), language),
    }


def surroundings(db: Transaction, settings: Settings, person_id: str, known_at: datetime | None) -> Near:
    """What a decision about one person reads, and nothing of people who cannot matter to it."""
    membership, history = _membership(db, known_at), db.read(tables.identity_event, "record_id", "from_person", "to_person")
    mine = membership.loc[membership["person_id"].eq(person_id).to_numpy(dtype=bool), "record_id"]
    unsure = db.read(tables.pair, "record_a", "record_b", where=tables.pair.c.zone == "unsure")
    home = membership.set_index("record_id")["person_id"]
    touching = unsure[(unsure["record_a"].isin(mine) | unsure["record_b"].isin(mine)).to_numpy(dtype=bool)]
    others = home.reindex(pd.concat([touching["record_a"], touching["record_b"]])).dropna()
    held = _values(db, settings, mine, known_at)[1]["point_ref"].dropna().drop_duplicates()
    who_tells = (tables.contact_point, tables.consent_event) if known_at else (tables.contact_point,)  # who had it then may have it no more
    beside = pd.concat([db.read_for(table, "point_ref", held, "record_id")["record_id"] for table in who_tells])
    once = history.loc[(history["from_person"].eq(person_id) | history["to_person"].eq(person_id)).fillna(False).to_numpy(dtype=bool), "record_id"]
    persons = {person_id, *others}
    members = membership[membership["person_id"].isin(persons).to_numpy(dtype=bool)]
    mates = history[history["record_id"].isin(once)]
    was = pd.concat([mates["from_person"], mates["to_person"]]).dropna()
    once = pd.concat([once, history.loc[(history["from_person"].isin(was) | history["to_person"].isin(was)).to_numpy(dtype=bool), "record_id"]])
    ids = pd.concat([members["record_id"], beside, once]).drop_duplicates()
    contacts, points = _values(db, settings, ids, known_at)
    return Near(
        db.read_for(tables.consent_event, "record_id", ids),
        membership[membership["record_id"].isin(ids).to_numpy(dtype=bool)],
        contacts,
        points,
        touching,
        history[history["record_id"].isin(ids).to_numpy(dtype=bool)],
    )


def _values(db: Transaction, settings: Settings, ids: pd.Series, known_at: datetime | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What these records say of themselves and their contact points: today, or as far as it was known at a moment."""
    if known_at is not None:
        return values_known(db, settings, ids, known_at)
    return db.read_for(tables.contact, "record_id", ids, *CONTACT_COLUMNS), db.read_for(tables.contact_point, "record_id", ids, *POINT_COLUMNS)


def _membership(db: Transaction, known_at: datetime | None) -> pd.DataFrame:
    """Who was made of which records: today, or after the last batch at or before ``known_at``."""
    if known_at is None:
        return db.read(tables.membership, "record_id", "person_id")
    moves = db.read(tables.identity_event, "batch_no", "record_id", "to_person", where=tables.identity_event.c.batch_no <= last_batch(db, known_at))
    last = moves.sort_values("batch_no", kind="stable").drop_duplicates("record_id", keep="last")
    return last.dropna(subset=["to_person"]).rename(columns={"to_person": "person_id"})[["record_id", "person_id"]].reset_index(drop=True)


def point_names(db: Transaction, person_id: str) -> dict[int, str]:
    """Contact points by the name the person's page gives them: ``email 1``, never the value."""
    golden = db.read(tables.golden_point, "point_ref", "type", "rank", where=tables.golden_point.c.person_id == person_id)
    return {int(ref): f"{kind} {rank}" for ref, kind, rank in golden.itertuples(index=False, name=None)}


def _with_former(names: dict[int, str], near: Near, person_id: str, language: str) -> dict[int, str]:
    """``names`` and, in their own row of numbers, those of contact points the person had then and has no more."""
    mine = near.membership.loc[near.membership["person_id"].eq(person_id).to_numpy(dtype=bool), "record_id"]
    had = near.points[near.points["record_id"].isin(mine)].dropna(subset=["point_ref"]).drop_duplicates("point_ref").sort_values(["type", "point_ref"])
    had = had[~had["point_ref"].isin(list(names))]
    number = had.groupby("type").cumcount() + 1
    former = FORMER[language]
    return names | {int(ref): f"{kind} {former} {n}" for ref, kind, n in zip(had["point_ref"], had["type"], number, strict=True)}


FORMER = {"pt": "anterior", "en": "former"}


def records_of(near: Near, person_id: str) -> tuple[Record, ...]:
    """The person's records as the readable decision takes them."""
    mine = near.membership.loc[near.membership["person_id"].eq(person_id).to_numpy(dtype=bool), "record_id"]
    found = near.contacts[near.contacts["record_id"].isin(mine)]
    points = near.points.dropna(subset=["point_ref"])
    held = {record: frozenset(zip(part["type"], part["point_ref"].astype(int), strict=True)) for record, part in points.groupby("record_id")}
    return tuple(
        Record(row["record_id"], row["source"], row["country"], row["birth_date"], held.get(row["record_id"], frozenset()), row["has_address"])
        for row in _plain(found.assign(has_address=found["street"].notna() & (found["city"].notna() | found["postal_code"].notna())))
    )


def _chain(
    policy: Policy, as_of: datetime, known_at: datetime | None, near: Near, person_id: str, purpose: str, names: dict[int, str], language: str
) -> list[dict[str, Any]]:
    """Every event that bears on the purpose, oldest first, with what it does."""
    records = records_of(near, person_id)
    mine, slots = {record.record_id for record in records}, policy.purposes[purpose].slots
    rows = _plain(near.events.sort_values(["recorded_at", "event_id"]))
    events = [Event(**{name: row[name] for name in FACTS}, point_ref=None if row["point_ref"] is None else int(row["point_ref"])) for row in rows]
    counted = set(counting(events, as_of, known_at))
    linked = _reaching(near, person_id)
    found = []
    for row, event in zip(rows, events, strict=True):
        own = event.record_id in mine
        covers = sorted({reason for channel in slots if (reason := restriction_reason(policy, event.type, event.purpose, event.channel, purpose, channel))})
        if event.type in RESTRICTIONS and (not covers or not (own or event.record_id in linked)):
            continue
        if event.type not in RESTRICTIONS and (not own or event.purpose not in (purpose, "*")):
            continue
        does = covers
        if event not in counted:
            does = ["NOT_COUNTED"]
        elif event.type == "granted":
            does = _faults(policy, as_of, records, tuple(counted), event, purpose) or ["GRANT_VALID"]
        elif event.type == "bought":
            does = _faults(policy, as_of, records, tuple(counted), event, purpose) or ["SALE_PROVEN"]
        elif event.type not in RESTRICTIONS:
            does = []
        told = [NOT_COUNTED[language] if code == "NOT_COUNTED" else reason_text(code, language) for code in does]
        found.append(
            {
                "effective at": event.effective_at, "recorded at": event.recorded_at, "said": event.type, "purpose": event.purpose, "channel": event.channel,
                "contact point": "*" if event.point_ref is None else names.get(event.point_ref, "–"), "by": event.actor, "how": event.method,
                "text": f"{event.text_version or '–'} {(event.text_hash or '')[:8]}".strip(), "source": row["source"], "own record": own, "does": told,
            }
        )  # fmt: skip
    return found


NOT_COUNTED = {
    "pt": "não conta neste momento: ainda não era conhecido, ou o bloqueio foi levantado",
    "en": "does not count at this moment: not known yet, or the restriction was lifted",
}


def _faults(policy: Policy, as_of: datetime, records: tuple[Record, ...], events: tuple[Event, ...], event: Event, purpose: str) -> list[str]:
    """What is wrong with a grant or a sale in the case it is nearest to; empty when it counts there."""
    refs = sorted({ref for record in records for _, ref in record.points} | {0})
    worst: list[str] = []
    for channel in policy.purposes[purpose].slots:
        for ref in refs:
            if about(event, records, purpose, channel, ref, event.type):
                rules = policy.purposes[purpose]
                case = circumstances(policy, as_of, records, events, rules, purpose, channel, ref)
                faults = codes(faults_of(event, events, rules, case) if event.type == "granted" else faults_of_sale(event, rules, case))
                if not faults:
                    return []
                worst = faults.split(",")
    return worst or ["NEVER_ASKED" if event.type == "granted" else "SALE_UNPROVEN"]


def _reaching(near: Near, person_id: str) -> set[int]:
    """Records of others whose no reaches this person: possible matches, departed records, wrong numbers."""
    alive = set(near.membership["record_id"])
    home = near.membership.set_index("record_id")["person_id"]
    maybe = {home.get(record) for record in pd.concat([near.unsure["record_a"], near.unsure["record_b"]])} - {person_id, None}
    possible = set(near.membership.loc[near.membership["person_id"].isin(maybe), "record_id"])
    departed = set(near.events["record_id"]) - alive
    wrong = set(near.events.loc[near.events["type"].eq("wrong_person").to_numpy(dtype=bool), "record_id"])
    return possible | departed | wrong


def _rules(policy: Policy, as_of: datetime, purpose: str, countries: set[str], language: str) -> list[dict[str, str]]:
    """The rules of the policy that bear on the purpose, each with its article or citation."""
    rules, on = policy.purposes[purpose], as_of.date()
    found = [
        ("LGPD", rules.lgpd.ground, rules.lgpd.article),
        ("GDPR", rules.gdpr.ground, rules.gdpr.article),
        *((f"{name} consent age", str(age.years), age.source) for name, law in policy.regimes.items() for age in in_force(law.consent_age, on)),
        *(("majority", str(age.years), age.source) for age in in_force(policy.majority, on)),
        *((f"validity {rule.country}", f"{rule.days} d", rule.source) for rule in in_force(policy.consent_validity, on) if rule.country in countries),
        ("retention", getattr(rules.retention, language), rules.retention.source),
    ]
    if rules.balancing_test:
        found.append(("balancing test", f"{rules.balancing_test.made} – {rules.balancing_test.review_by}", rules.balancing_test.document))
    if rules.versions:
        found.append(("versions that count", ", ".join(sorted(rules.accepted_versions)), "LGPD art. 8 §6"))
    return [{"rule": name, "says": says, "source": source} for name, says, source in found]


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object)
    return [{str(name): value for name, value in row.items()} for row in plain.where(plain.notna(), None).to_dict("records")]
