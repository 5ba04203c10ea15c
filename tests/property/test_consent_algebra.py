"""Consent under merge, unmerge, shuffling and every mixture of yes and no hypothesis can think of."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.settings import ROOT
from contacts.warehouse import TEXT
from privacy.consent import as_text, permissions
from privacy.decision import Record, decide
from privacy.policy import Policy, load_policy
from privacy.policy_parts import Notice, PublicData, SoftOptIn
from privacy.scope import RESTRICTIONS
from privacy.timeline import Event, counting

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOMENTS = (None, "2025-06-01", "2025-03-01T10:00:00Z", "2025-11-22T12:00:00Z", "2026-08-01T00:00:00Z", "2026-08-01T00:00:01Z", "2027-01-01T00:00:00Z")
BIRTHS = (None, "1980-05-04", "2008-11-22", "2008-11-23", "2009", "2010-11", "--02-29", "2012-01-01")
PURPOSES = ("newsletter", "partner_offers", "service", "billing", "satisfaction_survey", "fraud_prevention", "own_offers")
POINTS = (("email", 101), ("email", 102), ("phone", 201))
GONE = "-"


@cache
def policy(strict: bool = False) -> Policy:
    """The policy of the repository; ``strict``: with everything a policy may ask for besides."""
    found = load_policy(ROOT / "privacy" / "policy.yml")
    if not strict:
        return found
    twice = found.purposes["newsletter"].model_copy(update={"double_opt_in": ("email",), "confirm_within_days": 30})
    survey = found.purposes["satisfaction_survey"].model_copy(update={"marketing": True, "relation": ("tickets", "crm", "marketing")})
    soft = SoftOptIn(channels=("email",), days=365, since=date(2018, 5, 25), source="test")
    offers = found.purposes["satisfaction_survey"].model_copy(update={"marketing": True, "channels": ("email", "phone"), "soft_opt_in": soft})
    public = (
        PublicData(sources=("spreadsheet",), purposes=("billing", "newsletter"), since=date(2026, 1, 1), source="test"),
        PublicData(sources=("tickets",), purposes=("service",), since=date(2027, 1, 1), source="test"),
    )
    notice = Notice(sources=("marketing", "crm"), days=30, source="test")
    purposes = found.purposes | {"newsletter": twice, "satisfaction_survey": survey, "own_offers": offers}
    return found.model_copy(update={"purposes": purposes, "notice": notice, "public_data": public})


@dataclass(frozen=True)
class World:
    """A few records, the person each belongs to (GONE: none any more), what was said, and who may be the same."""

    records: tuple[Record, ...]
    person: tuple[str, ...]
    events: tuple[Event, ...]
    unsure: tuple[tuple[int, int], ...] = ()
    history: tuple[tuple[int, str | None, str | None], ...] = field(default=())
    strict: bool = False
    known_at: datetime | None = None


records = st.builds(
    lambda source, country, birth, points, address: Record(0, source, country, birth, points, address),
    st.sampled_from(("crm", "marketing", "form", "tickets", "spreadsheet")),
    st.sampled_from((None, "BR", "DE", "FR", "US")),
    st.sampled_from(BIRTHS),
    st.frozensets(st.sampled_from(POINTS), max_size=3),
    st.booleans(),
)
proven = st.builds(
    Event, record_id=st.integers(1, 5), type=st.just("granted"), purpose=st.sampled_from(("newsletter", "partner_offers")),
    channel=st.sampled_from(("email", "whatsapp", "phone")),
    point_ref=st.sampled_from((101, 102, 201)), purpose_version=st.just("1"), effective_at=st.sampled_from(MOMENTS[2:6]),
    recorded_at=st.just("2026-09-01T00:00:00Z"),
    actor=st.sampled_from(("self", "guardian")), method=st.just("form"), text_version=st.just("t1"), text_hash=st.just("aa"),
    expires_at=st.sampled_from((None, None, None, "2026-09-01T00:00:00Z", "2027-09-01T00:00:00Z")),
)  # fmt: skip
confirmed = st.builds(
    Event, record_id=st.integers(1, 5), type=st.just("confirmed"), purpose=st.just("newsletter"), channel=st.just("email"),
    point_ref=st.sampled_from((101, 102)), effective_at=st.sampled_from(("2025-03-20T10:00:00Z", "2026-08-01T00:00:01Z", "2026-08-20T00:00:00Z")),
    recorded_at=st.just("2026-09-01T00:00:00Z"), actor=st.sampled_from(("self", "self", "import")),
)  # fmt: skip
told = st.builds(
    Event, record_id=st.integers(1, 5), type=st.sampled_from(("notified", "lifted")), purpose=st.sampled_from(("*", *PURPOSES)),
    channel=st.sampled_from(("*", "email")), point_ref=st.sampled_from((None, None, 101)), effective_at=st.sampled_from(MOMENTS),
    recorded_at=st.sampled_from(("2026-08-01T00:00:00Z", "2026-12-01T00:00:00Z")), text_hash=st.sampled_from(("bb", "bb", None)),
)  # fmt: skip
doubtful = st.builds(
    Event, record_id=st.integers(1, 5), type=st.just("granted"), purpose=st.sampled_from((*PURPOSES, "old")),
    channel=st.sampled_from(("email", "whatsapp", "*")),
    point_ref=st.sampled_from((None, 101, 102, 201, 0)), purpose_version=st.sampled_from((None, "1", "9")), effective_at=st.sampled_from(MOMENTS),
    actor=st.sampled_from(("self", "guardian", "agent", "import")),
    method=st.sampled_from((None, "form", "pre_ticked")), controller=st.sampled_from(("own", "own", "other", None)),
    text_version=st.sampled_from((None, "t1")), text_hash=st.sampled_from(("", "aa")),
)  # fmt: skip
sales = st.builds(
    Event, record_id=st.integers(1, 5), type=st.just("bought"), purpose=st.sampled_from(("own_offers", "own_offers", "newsletter", "satisfaction_survey")),
    channel=st.sampled_from(("email", "email", "phone", "*")), point_ref=st.sampled_from((101, 102, 201, None)),
    effective_at=st.sampled_from(MOMENTS), recorded_at=st.just("2026-09-01T00:00:00Z"), actor=st.just("import"),
    text_version=st.sampled_from(("v1", "v1", None)), text_hash=st.sampled_from(("cc", "cc", None)), controller=st.sampled_from(("own", "own", "other")),
)  # fmt: skip
restrictions = st.builds(
    Event, record_id=st.integers(1, 5), type=st.sampled_from(("withdrawn", "refused", "objected", "restricted", "wrong_person")),
    purpose=st.sampled_from((*PURPOSES, "*", "old")),
    channel=st.sampled_from(("email", "phone", "*", "none", "post")), point_ref=st.sampled_from((None, None, 101, 102, 201)),
    effective_at=st.sampled_from(MOMENTS),
    recorded_at=st.sampled_from(("2025-02-01T00:00:00Z", "2026-08-01T00:00:00Z", "2026-09-01T00:00:00Z", "2026-12-01T00:00:00Z")),
)  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn, gone: bool = False) -> World:
    rows = tuple(replace(record, record_id=number) for number, record in enumerate(draw(st.lists(records, min_size=1, max_size=5)), start=1))
    names = ("A", "B", "C", GONE) if gone else ("A", "B", "C")
    person = tuple(draw(st.sampled_from(names)) for _ in rows)
    strict = draw(st.booleans())
    yes = (proven, proven, confirmed, sales, sales) if strict else (proven, proven)
    events = tuple(draw(st.lists(st.one_of(*yes, doubtful, restrictions, restrictions, told), max_size=7)))
    unsure = tuple(draw(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda pair: pair[0] < pair[1]), max_size=2, unique=True)))
    history = tuple((row.record_id, None, draw(st.sampled_from(("A", "B"))) if name == GONE else name) for row, name in zip(rows, person, strict=True))
    known_at = draw(st.sampled_from((None, None, None, datetime(2026, 8, 15, tzinfo=UTC))))
    return World(rows, person, events, unsure, history, strict, known_at)


def answer(world: World, shuffle: int = 0) -> pd.DataFrame:
    """What the set-based decision says about the world; ``shuffle`` changes the order of all rows."""

    def frame(rows: list[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
        made = pd.DataFrame(rows, columns=list(columns)).astype({name: TEXT if kind == "text" else kind for name, kind in columns.items()})
        return made.sample(frac=1, random_state=shuffle).reset_index(drop=True) if shuffle else made

    text = dict.fromkeys(
        (
            "type",
            "purpose",
            "purpose_version",
            "channel",
            "effective_at",
            "recorded_at",
            "actor",
            "method",
            "text_version",
            "text_hash",
            "controller",
            "expires_at",
        ),
        "text",
    )
    member = [(row, name) for row, name in zip(world.records, world.person, strict=True) if name != GONE]
    events = frame(
        [{name: getattr(event, name) for name in ("record_id", "point_ref", *text)} for event in world.events],
        {"record_id": "int64", "point_ref": "Int64", **text},
    )
    membership = frame([{"record_id": row.record_id, "person_id": name} for row, name in member], {"record_id": "int64", "person_id": "text"})
    contacts = frame(
        [{"record_id": row.record_id, "source": row.source, "country": row.country, "birth_date": row.birth_date,
          "street": "Rua" if row.has_address else None, "city": "Cidade", "postal_code": None} for row, _ in member],
        {"record_id": "int64", **dict.fromkeys(("source", "country", "birth_date", "street", "city", "postal_code"), "text")},
    )  # fmt: skip
    points = frame(
        [{"record_id": row.record_id, "type": kind, "point_ref": ref} for row in world.records for kind, ref in sorted(row.points)],
        {"record_id": "int64", "type": "text", "point_ref": "Int64"},
    )
    unsure = frame([{"record_a": a, "record_b": b} for a, b in world.unsure], {"record_a": "int64", "record_b": "int64"})
    history = frame(
        [dict(zip(("record_id", "from_person", "to_person"), row, strict=True)) for row in world.history],
        {"record_id": "int64", "from_person": "text", "to_person": "text"},
    )
    return as_text(permissions(policy(world.strict), AS_OF, events, membership, contacts, points, unsure, history, world.known_at))


def by_oracle(world: World) -> dict[tuple[str, str, str, int], tuple[object, ...]]:
    """The same, case by case in plain Python."""
    events = counting(world.events, AS_OF, world.known_at)
    home = {row.record_id: name for row, name in zip(world.records, world.person, strict=True)}
    alive = {name for name in world.person if name != GONE}
    said: dict[str, list[Event]] = {name: [event for event in events if home.get(event.record_id) == name] for name in alive}
    heard = {name: list(events) for name, events in said.items()}
    for a, b in world.unsure:
        pair = {home.get(a), home.get(b)}
        if len(pair) == 2 and pair <= alive:
            one, other = pair
            heard[one] += [replace(event, origin="possible") for event in said[other]]
            heard[other] += [replace(event, origin="possible") for event in said[one]]
    for event in events:
        if event.type == "wrong_person" and event.point_ref is not None:
            for name in alive:
                if any(home[row.record_id] == name and event.point_ref in {number for _, number in row.points} for row in world.records):
                    heard[name].append(event)
        if event.type in RESTRICTIONS and home.get(event.record_id, GONE) == GONE:
            was = {name for number, *names in world.history for name in names if number == event.record_id and name}
            mates = {number for number, *names in world.history if was & set(names)}
            for name in (was | {home[number] for number in mates}) & alive:
                heard[name].append(replace(event, origin="departed"))
            mine = [ref for row in world.records if row.record_id == event.record_id for _, ref in row.points]
            for ref in [event.point_ref] if event.point_ref is not None else mine:
                for name in alive:
                    if any(home[row.record_id] == name and ref in {number for _, number in row.points} for row in world.records):
                        heard[name].append(replace(event, origin="departed", point_ref=ref))
    answers = {}
    for name in alive:
        rows = tuple(row for row in world.records if home[row.record_id] == name)
        for code, purpose in policy(world.strict).purposes.items():
            for channel in purpose.slots:
                for ref in (0, 101, 102, 201):
                    if any(row.holds(channel, ref) for row in rows):
                        got = decide(policy(world.strict), AS_OF, rows, tuple(heard[name]), code, channel, ref)
                        answers[name, code, channel, ref] = (got.allowed, got.state, ",".join(got.reasons), got.regimes, got.basis, got.valid_until)
    return answers


def as_dict(frame: pd.DataFrame) -> dict[tuple[str, str, str, int], tuple[object, ...]]:
    columns = frame[["allowed", "state", "reasons", "regimes", "basis", "valid_until"]].astype(object)
    rows = columns.where(columns.notna(), None).itertuples(index=False, name=None)
    return dict(zip(frame[["person_id", "purpose", "channel", "point_ref"]].itertuples(index=False, name=None), rows, strict=True))


def allowed(world: World) -> set[tuple[str, str, str, int]]:
    return {key for key, row in as_dict(answer(world)).items() if row[0]}


def merged(world: World) -> World:
    """A and B become one person, and the history says so."""
    moves = tuple((row.record_id, "B", "A") for row, name in zip(world.records, world.person, strict=True) if name == "B")
    return replace(world, person=tuple("A" if name == "B" else name for name in world.person), history=world.history + moves)


@given(worlds(gone=True))
@settings(max_examples=50, deadline=None)
def test_the_set_based_decision_is_the_readable_one(world: World) -> None:
    assert as_dict(answer(world)) == by_oracle(world)


@given(worlds())
@settings(max_examples=50, deadline=None)
def test_a_merge_never_widens_a_permission(world: World) -> None:
    before = {key[1:] for key in allowed(world) if key[0] in "AB"}
    assert {key[1:] for key in allowed(merged(world)) if key[0] == "A"} <= before


@given(worlds())
@settings(max_examples=50, deadline=None)
def test_an_unmerge_restores_every_permission(world: World) -> None:
    both = merged(world)
    apart = replace(
        both, person=world.person, history=both.history + tuple((row.record_id, "A", name) for row, name in zip(world.records, world.person, strict=True))
    )
    pd.testing.assert_frame_equal(answer(apart), answer(world))


@given(worlds(gone=True), restrictions)
@settings(max_examples=20, deadline=None)
def test_one_more_no_never_permits_anything(world: World, no: Event) -> None:
    assert allowed(replace(world, events=(*world.events, no))) <= allowed(world)


@given(worlds(gone=True), st.integers(1, 5))
@settings(max_examples=20, deadline=None)
def test_a_source_cannot_widen_a_permission_by_deleting_a_record(world: World, record_id: int) -> None:
    gone = tuple(GONE if row.record_id == record_id else name for row, name in zip(world.records, world.person, strict=True))
    mine = {name for row, name in zip(world.records, world.person, strict=True) if row.record_id == record_id}
    left = {key for key in allowed(replace(world, person=gone)) if key[0] in mine}
    without_record_facts = {key for key in left if key in allowed(world)}
    # a birth date may leave with its record, and with it the protection of a minor; every no stays
    if not any(row.birth_date or row.country for row in world.records):
        assert left == without_record_facts


@given(worlds(gone=True), st.integers(1, 1000))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_changes_nothing(world: World, shuffle: int) -> None:
    pd.testing.assert_frame_equal(answer(world, shuffle), answer(world))


@given(worlds(), st.tuples(st.integers(1, 5), st.integers(1, 5)).filter(lambda pair: pair[0] < pair[1]))
@settings(max_examples=20, deadline=None)
def test_a_possible_match_never_permits_anything(world: World, pair: tuple[int, int]) -> None:
    assert allowed(replace(world, unsure=(*world.unsure, pair))) <= allowed(world)
