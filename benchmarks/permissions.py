"""Decisions for everybody at once beside the plain loop over ``decide``: seconds, decisions per second, peak memory, ratio, agreement.

The people are made up as columns (no names are needed to decide): one or two records each, an e-mail and a phone, what they said
over the years, some pairs that may be the same person. Six purposes, each on three channels.
"""

import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from contacts.settings import ROOT
from contacts.warehouse import TEXT
from privacy.consent import permissions
from privacy.decision import Record, decide
from privacy.policy import Policy, load_policy
from privacy.timeline import Event

AS_OF = datetime(2026, 11, 26, 6, tzinfo=UTC)
CHANNELS = ("email", "phone", "whatsapp")
SAMPLE = 2_000
"""People whose cases the plain loop decides; its cost grows with their number alone."""
EVENT_TEXTS = ("type", "purpose", "purpose_version", "channel", "effective_at", "recorded_at", "actor", "method", "text_version", "text_hash",
               "controller", "expires_at")  # fmt: skip


@dataclass(frozen=True)
class World:
    """The frames a decision reads, in the order of ``permissions``."""

    events: pd.DataFrame
    membership: pd.DataFrame
    contacts: pd.DataFrame
    points: pd.DataFrame
    unsure: pd.DataFrame
    history: pd.DataFrame

    def frames(self) -> tuple[pd.DataFrame, ...]:
        return (self.events, self.membership, self.contacts, self.points, self.unsure, self.history)


def six_by_three() -> Policy:
    """The policy of the repository with every purpose on three channels."""
    policy = load_policy(ROOT / "privacy" / "policy.yml")
    purposes = {code: purpose.model_copy(update={"channels": CHANNELS}) for code, purpose in policy.purposes.items()}
    return policy.model_copy(update={"purposes": purposes})


def make_world(people: int, seed: int) -> World:
    """Columns for ``people`` persons; the same seed gives the same world."""
    draw = np.random.default_rng(seed)
    n = people + people // 3  # every third person has a second record
    person = np.concatenate([np.arange(people), np.arange(people // 3) * 3])
    record = np.arange(n, dtype=np.int64)
    membership = pd.DataFrame({"record_id": record, "person_id": pd.Series([f"P-{number:09d}" for number in person], dtype=TEXT)})
    born = pd.Series([f"{year}-05-17" for year in range(1930, 2016)] + [None], dtype=TEXT)
    contacts = pd.DataFrame(
        {
            "record_id": record,
            "source": _pick(draw, n, ("crm", "marketing", "form", "tickets", "spreadsheet")),
            "country": _pick(draw, n, ("BR", "BR", "BR", "BR", "DE", "FR", None)),
            "birth_date": born.take(draw.integers(0, len(born), n)).reset_index(drop=True),
            "street": _pick(draw, n, ("Rua", None)),
            "city": _pick(draw, n, ("Cidade",)),
            "postal_code": _pick(draw, n, (None,)).astype(TEXT),
        }
    )
    refs = np.concatenate([person * 2 + 1_000_000_000, person * 2 + 2_000_000_001])  # both records of a person share their contact points
    points = pd.DataFrame({"record_id": np.concatenate([record, record]), "type": _repeat(("email", "phone"), n), "point_ref": pd.array(refs, dtype="Int64")})
    events = _events(draw, record, person, n)
    pairs = max(people // 100, 1)
    unsure = pd.DataFrame({"record_a": draw.integers(0, n, pairs), "record_b": draw.integers(0, n, pairs)})
    history = pd.DataFrame({"record_id": pd.Series(dtype="int64"), "from_person": pd.Series(dtype=TEXT), "to_person": pd.Series(dtype=TEXT)})
    return World(events, membership, contacts, points, unsure, history)


def _events(draw: np.random.Generator, record: np.ndarray, person: np.ndarray, n: int) -> pd.DataFrame:
    """Two statements a record on average: two thirds a yes, most of them proven; a third a no, most of them of the whole person."""
    m = 2 * n
    who = draw.integers(0, n, m)
    yes = draw.random(m) < 0.66
    proven = draw.random(m) < 0.8
    channel = np.asarray(CHANNELS, dtype=object)[draw.integers(0, 3, m)]
    wide = ~yes & (draw.random(m) < 0.5)
    point = np.where(channel == "email", person[who] * 2 + 1_000_000_000, person[who] * 2 + 2_000_000_001)
    days = draw.integers(0, 900, m)
    at = (np.datetime64("2024-06-01T08:00:00") + days.astype("timedelta64[D]")).astype(str).astype(object) + "Z"
    purposes = np.asarray(("newsletter", "partner_offers"), dtype=object)[draw.integers(0, 2, m)]
    noes = np.asarray(("withdrawn", "refused", "objected", "restricted"), dtype=object)[draw.choice(4, m, p=(0.6, 0.15, 0.2, 0.05))]
    columns = {
        "type": np.where(yes, "granted", noes), "purpose": np.where(~yes & (draw.random(m) < 0.1), "*", purposes), "purpose_version": "1",
        "channel": np.where(wide, "*", channel), "effective_at": np.where(proven, at, None), "recorded_at": at, "actor": np.where(proven, "self", "import"),
        "method": np.where(proven, "web form", None), "text_version": "v1", "text_hash": np.where(proven, "aa", None), "controller": "own", "expires_at": None,
    }  # fmt: skip
    frame = pd.DataFrame({name: pd.Series(np.broadcast_to(values, m), dtype=TEXT) for name, values in columns.items()})
    frame["record_id"] = record[who]
    frame["point_ref"] = pd.array(point, dtype="Int64")
    frame.loc[~yes | ~proven, "point_ref"] = pd.NA
    return frame


def _pick(draw: np.random.Generator, n: int, words: tuple[str | None, ...]) -> pd.Series:
    return pd.Series(list(words), dtype=TEXT).take(draw.integers(0, len(words), n)).reset_index(drop=True)


def _repeat(words: tuple[str, ...], n: int) -> pd.Series:
    return pd.Series(np.repeat(np.asarray(words, dtype=object), n), dtype=TEXT)


def measure(people: int, seed: int) -> str:
    """Decide for everybody, then for a sample with the plain loop, and compare every answer of the sample."""
    policy, world = six_by_three(), make_world(people, seed)
    before = resource.getrusage(resource.RUSAGE_SELF)
    started, cpu = time.perf_counter(), time.process_time()
    decided = permissions(policy, AS_OF, *world.frames())
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told, loop_cpu, cases = _loop(policy, world, people, seed)
    mine = decided[decided["person_id"].isin({key[0] for key in told})]
    answers = mine[["person_id", "purpose", "channel", "point_ref", "allowed", "state", "reasons", "valid_until"]].astype(object)
    answers = answers.where(answers.notna(), None)
    agree = sum(told.get(tuple(row[:4])) == tuple(row[4:]) for row in answers.itertuples(index=False, name=None))
    allowed = int(decided["allowed"].sum())
    rate, plain = len(decided) / cpu, cases / loop_cpu
    return "\n".join(
        [
            f"permissions for {people:,} people, {len(world.events):,} consent events, six purposes on three channels",
            f"{'decisions':<34}{len(decided):>16,}   ({allowed:,} allowed, {len(set(decided['state']))} states)",
            f"{'wall / CPU seconds':<34}{wall:>9.1f} /{cpu:>5.1f}",
            f"{'decisions per CPU second':<34}{rate:>16,.0f}",
            f"{'peak memory, the made-up world too':<34}{peak / 1024:>13,.0f} MB   ({before.ru_maxrss / 1024:,.0f} MB before deciding)",
            f"{'plain loop over decide':<34}{plain:>16,.0f}   decisions per CPU second, on {len(told):,} cases",
            f"{'ratio to the plain loop':<34}{rate / plain:>15,.0f}×",
            f"{'answers that agree':<34}{agree:>16,}   of {len(told):,} (allowed, state, every reason, end)",
        ]
    )


def _loop(policy: Policy, world: World, people: int, seed: int) -> tuple[dict[tuple[object, ...], tuple[object, ...]], float, int]:
    """The plain loop over ``decide`` on a sample, its processor seconds without the gathering of events, and how many cases it decided."""
    wanted = np.random.default_rng(seed + 1).choice(people, min(SAMPLE, people), replace=False)
    chosen = {f"P-{number:09d}" for number in wanted}
    home = world.membership.set_index("record_id")["person_id"]
    members = world.membership[world.membership["person_id"].isin(chosen)]
    links = world.unsure.assign(a=world.unsure["record_a"].map(home), b=world.unsure["record_b"].map(home))
    near = pd.concat([links[["a", "b"]], links[["b", "a"]].set_axis(["a", "b"], axis=1)]).drop_duplicates()
    near = near[near["a"].isin(chosen) & (near["a"] != near["b"])]
    heard = world.events.assign(person=world.events["record_id"].map(home))
    heard = heard[heard["person"].isin(chosen | set(near["b"]))]
    said: dict[str, list[Event]] = {}
    for row in heard.astype(object).where(heard.notna(), None).to_dict("records"):
        event = Event(int(row["record_id"]), point_ref=row["point_ref"], **{name: row[name] for name in EVENT_TEXTS})
        said.setdefault(row["person"], []).append(event)
    points = world.points[world.points["record_id"].isin(members["record_id"])].groupby("record_id")[["type", "point_ref"]]
    held = {record: frozenset((kind, int(ref)) for kind, ref in rows.itertuples(index=False, name=None)) for record, rows in points}
    records: dict[str, list[Record]] = {}
    facts = members.merge(world.contacts, on="record_id")
    for row in facts.astype(object).where(facts.notna(), None).to_dict("records"):
        record = Record(row["record_id"], row["source"], row["country"], row["birth_date"], held[row["record_id"]], bool(row["street"]))
        records.setdefault(row["person_id"], []).append(record)
    noes = {name: [event for event in said.get(name, []) if event.type != "granted"] for name in set(near["b"])}
    everything = []
    for name in sorted(chosen):
        over = [Event(**{**vars(event), "origin": "possible"}) for other in near.loc[near["a"] == name, "b"] for event in noes[other]]
        everything.append((name, tuple(records[name]), (*said.get(name, []), *over)))
    started, found = time.process_time(), {}
    for name, mine, events in everything:
        for code, purpose in policy.purposes.items():
            for channel in purpose.slots:
                kind = "email" if channel == "email" else "phone"
                for ref in {ref for record in mine for what, ref in record.points if what == kind}:
                    got = decide(policy, AS_OF, mine, events, code, channel, ref)
                    found[name, code, channel, ref] = (got.allowed, got.state, ",".join(got.reasons), got.valid_until)
    return found, time.process_time() - started, len(found)
