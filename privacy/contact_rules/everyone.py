"""Whom we may contact now, for everybody at once: the rules of ``privacy.contact_rules.decision`` as column operations.

What differs between people is few: places, reasons, preferred hours. Each distinct one is worked out once; counts and moments are numpy.
The property tests hold both against each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.warehouse import TEXT
from privacy.columns import NEVER, seconds
from privacy.contact_rules.decision import SUSPENDING, horizon, hours_reasons
from privacy.contact_rules.model import ContactRule, ContactRules
from privacy.contact_rules.places import COLUMNS, Place, candidates
from privacy.contact_rules.reasons import cap_code, denies
from privacy.contact_rules.schedule import Stretches, open_stretches
from privacy.policy import Policy

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
_LATE = 1 << 42
"""A moment that does not come, in seconds; more than any real one and little enough to be packed beside a number."""
_DAY = 86_400


@dataclass(frozen=True)
class Known:
    """What the ledgers know beside the permissions.

    ``attempts``: attempt_id, person_id, point_ref, channel, direction, purpose, at, outcome; one row per attempt and person it counts for.
    ``preferences``: person_id, kind, value, said_at. ``listed``: list, point_ref. ``snapshots``: list → when its snapshot was taken.
    """

    attempts: pd.DataFrame
    preferences: pd.DataFrame
    listed: pd.DataFrame
    snapshots: Mapping[str, datetime] = field(default_factory=dict)
    decided_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)


class _Told:
    """Reasons of every row, kept as one number per row and one text per distinct set of reasons."""

    def __init__(self, n: int) -> None:
        self.code: Ints = np.zeros(n, dtype=np.int64)
        self.texts: list[tuple[str, ...]] = [()]

    def add(self, code: Ints, texts: Sequence[tuple[str, ...]]) -> None:
        """Give every row the further reasons ``texts[code]``."""
        together, distinct = pd.factorize(self.code * len(texts) + code)
        self.code, self.texts = together.astype(np.int64), [self.texts[one // len(texts)] + texts[one % len(texts)] for one in distinct.tolist()]

    def add_where(self, rows: Bools, reason: str) -> None:
        """Give the rows one further reason."""
        if rows.any():
            self.add(rows.astype(np.int64), ((), (reason,)))

    def of_texts(self, says: Sequence[bool]) -> Bools:
        """Per row what is said of its set of reasons."""
        return np.array(says, dtype=bool)[self.code] if len(self.texts) else np.zeros(0, dtype=bool)


def contactable(policy: Policy, at: datetime, purpose: str, channel: str, cases: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Per row of ``cases``: ``allowed``, ``reasons`` (joined by commas), ``next_at`` and ``until`` when from then on
    (ISO 8601 UTC, missing for none), ``language``.

    ``cases``: permissions of one purpose and channel (person_id, point_ref, allowed, state, reasons, valid_until) with the person's
    country, uf, time_zone and language, the number's phone_country, phone_uf and phone_time_zone, and verified_at.
    Linear in the rows but for one sort; index and order are those of ``cases``.
    """
    rules, now = policy.contact_rules, int(at.timestamp())
    message = rules.classes.get(purpose)
    told = _Told(len(cases))
    _permission(told, cases, now)
    here = _Here(rules, message or "", channel, at, cases, known)
    language = here.preferred("language").fillna(cases["language"])
    if message is None:
        told.add_where(np.ones(len(cases), dtype=bool), "NO_CLASS")
        nothing = np.full(len(cases), _LATE)
        return _table(cases, told, nothing, nothing, language)
    here.suspended(told)
    closes = here.lists(told)
    reply, reply_end = here.reply()
    opted = here.opt_in(told, ~reply)
    here.prefers_channel(told)
    lasts = told.of_texts([any(map(denies, text)) for text in told.texts])
    told.add(reply_end[1], [(), *((f"REPLY:{rule.id}",) for rule in rules.replies)])
    hour, schedules = here.hours(told, ~reply)
    free = here.caps(told, ~reply)
    allowed = told.of_texts([not any(map(denies, text)) for text in told.texts])
    told.add_where(allowed, "NOW")

    closes = np.minimum(np.minimum(closes, int(horizon(rules, at).timestamp())), np.where(here.ends == NEVER, _LATE, here.ends))
    start = np.where(reply, np.maximum(reply_end[0], now), np.maximum(free, now))
    opens, shuts = _next(hour, schedules, start)
    goes_on = opted & (opens == start) & (free <= start)
    until = np.where(reply, np.where(goes_on, shuts, reply_end[0]), shuts)
    waits = ~allowed & ~lasts
    next_at = np.where(allowed, now, np.where(waits & (opens < closes), opens, _LATE))
    until = np.where(next_at < _LATE, np.minimum(until, closes), _LATE)
    told.add_where(waits & (next_at == _LATE), "NEVER_OPEN")
    return _table(cases, told, until, next_at, language)


def _permission(told: _Told, cases: pd.DataFrame, now: int) -> None:
    allowed, ends = cases["allowed"].to_numpy(dtype=bool), seconds(cases["valid_until"])
    code, distinct = pd.factorize(cases["reasons"].fillna(""))
    said = [tuple(part for part in str(text).split(",") if part) for text in distinct]
    told.add(code * 2 + allowed, [text for reasons in said for text in (("NO_PERMISSION", *reasons), reasons)] or [()])
    told.add_where(allowed & (ends != NEVER) & (ends <= now), "PERMISSION_ENDED")


class _Here:
    """The columns one question needs, made once: who, where, what happened before."""

    def __init__(self, rules: ContactRules, message: str, channel: str, at: datetime, cases: pd.DataFrame, known: Known) -> None:
        self.rules, self.message, self.channel, self.at, self.now = rules, message, channel, at, int(at.timestamp())
        self.cases, self.known, self.ends = cases, known, seconds(cases["valid_until"])
        self.person, self.people = pd.factorize(cases["person_id"])
        self.point, self.points = pd.factorize(cases["point_ref"].to_numpy(dtype=np.int64))
        attempts = known.attempts.assign(at=seconds(known.attempts["at"]))
        attempts = attempts[attempts["at"].to_numpy() <= self.now]
        self.attempts = attempts.assign(
            person=pd.Index(self.people).get_indexer(pd.Index(attempts["person_id"])),
            point=pd.Index(self.points).get_indexer(pd.Index(attempts["point_ref"].fillna(-1).astype("int64"))),
        )
        self.key, self.places = self._places()

    def _places(self) -> tuple[Ints, list[tuple[Place, ...]]]:
        """The places of every row: the number of its set of places, and the sets."""
        code, parts = np.zeros(len(self.cases), dtype=np.int64), []
        for name in [*COLUMNS, *(f"phone_{name}" for name in COLUMNS)]:
            number, words = pd.factorize(self.cases[name])
            parts.append([*words, None])
            code = code * (len(words) + 1) + np.where(number < 0, len(words), number)
        key, distinct = pd.factorize(code)
        sets: list[tuple[Place, ...]] = []
        place_of: dict[tuple[Place, ...], int] = {}
        ours: list[int] = []
        for combined in distinct.tolist():
            names = []
            for words in reversed(parts):
                combined, place = divmod(combined, len(words))
                names.append(words[place])
            found = candidates(self.rules, self.channel, Place(*names[:2:-1]), Place(*names[2::-1]))
            if found not in place_of:
                place_of[found] = len(sets)
                sets.append(found)
            ours.append(place_of[found])
        return (np.array(ours, dtype=np.int64)[key] if ours else key.astype(np.int64)), sets

    def reached(self, rule: ContactRule) -> Bools:
        """Rows at a place the rule binds."""
        binds = [any(rule.reaches(place.country, place.state) for place in places) for places in self.places]
        return np.array(binds, dtype=bool)[self.key] if binds else np.zeros(0, dtype=bool)

    def latest(self, rows: pd.DataFrame, of: str, n: int) -> Ints:
        """The last moment of some attempts per person or point; NEVER where there is none."""
        found = np.full(n, NEVER)
        rows = rows[rows[of].to_numpy() >= 0]
        np.maximum.at(found, rows[of].to_numpy(), rows["at"].to_numpy())
        return found

    def suspended(self, told: _Told) -> None:
        verified = seconds(self.cases["verified_at"])
        for outcome, reason in SUSPENDING.items():
            last = self.latest(self.attempts[self.attempts["outcome"].eq(outcome).to_numpy(dtype=bool)], "point", len(self.points))[self.point]
            told.add_where((last != NEVER) & (last >= verified), reason)
        no = self.latest(self.attempts[self.attempts["outcome"].eq("opted_out").to_numpy(dtype=bool)], "person", len(self.people))[self.person]
        told.add_where((no != NEVER) & (no > int(self.known.decided_at.timestamp())), "OPTED_OUT")

    def lists(self, told: _Told) -> Ints:
        """Adds the reasons of every list, and returns until when the snapshots that count stay fresh."""
        closes = np.full(len(self.cases), _LATE)
        for rule in self.rules.in_force(self.rules.lists, None, self.channel, self.at.date()):
            here = self.reached(rule)
            mine = self.known.listed.loc[self.known.listed["list"].eq(rule.id).to_numpy(dtype=bool), "point_ref"]
            on = np.isin(self.points, mine.to_numpy(dtype=np.int64))[self.point] & here
            if self.message not in rule.classes:
                told.add_where(on, f"LIST_EXEMPT:{rule.id}")
                continue
            taken = self.known.snapshots.get(rule.id)
            stale = int(taken.timestamp()) + rule.stale_days * _DAY if taken else NEVER
            told.add_where(on, f"ON_LIST:{rule.id}")
            told.add_where(here & (self.now >= stale), f"LIST_STALE:{rule.id}")
            closes = np.where(here, np.minimum(closes, stale), closes)
        return closes

    def reply(self) -> tuple[Bools, tuple[Ints, Ints]]:
        """Rows that would answer somebody; until when, and by which rule (its place among the rules, from 1)."""
        mine = (self.attempts["direction"].eq("inbound") & self.attempts["channel"].eq(self.channel)).to_numpy(dtype=bool)
        heard = self.latest(self.attempts[mine], "person", len(self.people))[self.person]
        end, by = np.full(len(self.cases), NEVER), np.zeros(len(self.cases), dtype=np.int64)
        for rule in self.rules.in_force(self.rules.replies, self.message, self.channel, self.at.date()):
            ends = np.where(heard == NEVER, NEVER, heard + rule.hours * 3600)
            here = self.reached(rule) & (ends > self.now)
            by = np.where(here & (by == 0), self.rules.replies.index(rule) + 1, by)
            end = np.where(here, np.maximum(end, ends), end)
        return by > 0, (end, by)

    def opt_in(self, told: _Told, rows: Bools) -> Bools:
        """Adds the reason where a yes is missing, among ``rows``; returns where none is missing, answer or not."""
        granted = self.cases["state"].eq("GRANTED").to_numpy(dtype=bool, na_value=False)
        code, distinct = pd.factorize(self.cases["reasons"].fillna(""))
        sold = np.array(["SALE_PROVEN" in str(text).split(",") for text in distinct] or [False])[code]
        fine = np.ones(len(self.cases), dtype=bool)
        for rule in self.rules.in_force(self.rules.opt_in, self.message, self.channel, self.at.date()):
            missing = self.reached(rule) & ~(granted | (sold if rule.relation_suffices else False))
            fine &= ~missing
            told.add_where(missing & rows, f"NO_OPT_IN:{rule.id}")
        return fine

    def preferred(self, kind: str) -> pd.Series:
        """What each row's person said last about one kind of preference."""
        said = self.known.preferences
        said = said[said["kind"].eq(kind).to_numpy(dtype=bool)]
        said = said.assign(at=seconds(said["said_at"]))
        said = said[said["at"].to_numpy() <= self.now].sort_values(["at", "value"]).drop_duplicates("person_id", keep="last")
        values = pd.Series(said["value"].array, index=pd.Index(said["person_id"])).reindex(pd.Index(self.people)).array
        return pd.Series(pd.Series(values, dtype=TEXT).array.take(self.person), index=self.cases.index)

    def prefers_channel(self, told: _Told) -> None:
        if self.message in self.rules.preferences:
            code, distinct = pd.factorize(self.preferred("channel"))
            other = np.array([*(self.channel not in str(text).split(",") for text in distinct), False])
            told.add_where(other[code], "PREFERS_OTHER_CHANNEL")

    def hours(self, told: _Told, rows: Bools) -> tuple[Ints, list[Stretches]]:
        """Adds the reasons of hours among ``rows``; returns the number of every row's schedule, and the schedules."""
        bound = self.message in self.rules.preferences
        window, windows = pd.factorize(self.preferred("hours") if bound else pd.Series(pd.NA, index=self.cases.index, dtype=TEXT))
        no_reasons: tuple[str, ...] = ()
        words: list[str | None] = [*map(str, windows), None]
        key, distinct = pd.factorize(self.key * len(words) + np.where(window < 0, len(words) - 1, window))
        end, texts = int(horizon(self.rules, self.at).timestamp()), [no_reasons]
        schedules = []
        for combined in distinct.tolist():
            places, wanted = self.places[combined // len(words)], words[combined % len(words)]
            found = hours_reasons(self.rules, places, self.message, self.channel, self.at)
            shut = bool(wanted) and not _is_open(open_stretches(_NO_RULES, places, self.message, self.channel, wanted, self.now, self.now + 1))
            texts.append((*found, "PREFERS_OTHER_HOURS") if shut else found)
            schedules.append(open_stretches(self.rules, places, self.message, self.channel, wanted, self.now, end))
        told.add(np.where(rows, key + 1, 0), texts)
        return key.astype(np.int64), schedules

    def caps(self, told: _Told, rows: Bools) -> Ints:
        """Adds the reasons of full caps among ``rows``; returns when the last of them is no longer full (NEVER for none)."""
        free = np.full(len(self.cases), NEVER)
        message_of = self.attempts["purpose"].map(self.rules.classes)
        made = self.attempts["direction"].eq("outbound").to_numpy(dtype=bool)
        for rule in self.rules.in_force(self.rules.caps, self.message, self.channel, self.at.date()):
            counts = made & self.attempts["channel"].isin(rule.channels).to_numpy() & (message_of.isna() | message_of.isin(rule.classes)).to_numpy()
            counts &= self.attempts["at"].to_numpy() > self.now - rule.days * _DAY
            of, n = ("person", len(self.people)) if rule.per == "person" else ("point", len(self.points))
            mine = self.attempts[counts & (self.attempts[of].to_numpy() >= 0)].drop_duplicates(["attempt_id", of])
            mine = mine.sort_values("at", ascending=False)
            full = mine[(mine.groupby(of, sort=False).cumcount() == rule.most - 1).to_numpy()]
            again = np.full(n, NEVER)
            again[full[of].to_numpy()] = full["at"].to_numpy() + rule.days * _DAY
            mine_again = np.where(self.reached(rule), again[self.person if rule.per == "person" else self.point], NEVER)
            told.add_where((mine_again > self.now) & rows, f"{cap_code(rule.days)}:{rule.id}")
            free = np.maximum(free, mine_again)
        return free


_NO_RULES = ContactRules.model_validate({})


def _is_open(stretches: Stretches) -> bool:
    return bool(stretches)


def _next(key: Ints, schedules: list[Stretches], start: Ints) -> tuple[Ints, Ints]:
    """Per row the first moment from ``start`` on at which its schedule is open, and when it shuts again; _LATE where it never is."""
    flat = np.array([(number, low, high) for number, stretches in enumerate(schedules) for low, high in stretches], dtype=np.int64).reshape(-1, 3)
    if not len(flat) or not len(key):
        late = np.full(len(key), _LATE)
        return late, late
    place = np.searchsorted(flat[:, 0] * _LATE + flat[:, 2], key * _LATE + np.clip(start, 0, _LATE - 1), side="right")
    found = place < len(flat)
    place = np.minimum(place, len(flat) - 1)
    found &= flat[place, 0] == key
    return np.where(found, np.maximum(flat[place, 1], start), _LATE), np.where(found, flat[place, 2], _LATE)


def _table(cases: pd.DataFrame, told: _Told, until: Ints, next_at: Ints, language: pd.Series) -> pd.DataFrame:
    texts = np.array([",".join(text) for text in told.texts], dtype=object)
    columns = {
        "allowed": told.of_texts([not any(map(denies, text)) for text in told.texts]),
        "reasons": pd.array(texts[told.code], dtype=TEXT) if len(cases) else pd.array([], dtype=TEXT),
        "until": _moments(until),
        "next_at": _moments(next_at),
        "language": language.array,
    }
    return pd.DataFrame(columns, index=cases.index)


def _moments(when: Ints) -> Any:
    """Seconds as the warehouse writes moments; missing for _LATE."""
    code, distinct = pd.factorize(when)
    words = [None if second >= _LATE else f"{np.datetime64(second, 's')}Z" for second in distinct.tolist()]
    return pd.Series(words, dtype=TEXT).array.take(code)
