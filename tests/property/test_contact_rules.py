"""The next allowed time is exact, and what is decided for everybody at once is what the readable rules decide one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.contact_rules.decision import Attempt, Preference, horizon, may_contact
from privacy.contact_rules.places import Place
from privacy.policy import Policy
from tests.contact_worlds import Somebody, as_row, facts, of_everyone, policy, with_rules

HOUSE = policy().contact_rules.hours[0].model_dump(mode="json")
CAP = policy().contact_rules.caps[0].model_dump(mode="json")
LISTS = ("nao_me_perturbe", "procon_sp", "bloctel", "tps")
ALL = ["marketing", "credit_offer", "research", "service", "collection", "fraud_alert"]
windows = st.lists(
    st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda pair: pair[0] < pair[1]).map(
        lambda pair: f"{pair[0] * 15 // 60:02d}:{pair[0] * 15 % 60:02d}-{pair[1] * 15 // 60:02d}:{pair[1] * 15 % 60:02d}"
    ),
    max_size=2,
)  # fmt: skip
hours = st.builds(
    lambda number, countries, **days: HOUSE | days | {"countries": countries, "id": f"h{number}", "classes": ALL, "channels": ["phone", "whatsapp", "email"]},
    number=st.integers(1, 10**6),
    countries=st.sampled_from(([], ["BR"], ["PT", "DE"])),
    fallback=st.booleans(),
    holidays=st.sampled_from((["public"], ["public", "optional"])),
    weekday=windows, saturday=windows, sunday=windows, holiday=windows,
)  # fmt: skip
caps = st.builds(
    lambda number, **said: CAP | said | {"id": f"c{number}", "classes": ["marketing", "service"], "channels": ["phone", "whatsapp"]},
    number=st.integers(1, 10**6), most=st.integers(1, 3), days=st.sampled_from((1, 2, 7)), per=st.sampled_from(("person", "point")),
)  # fmt: skip
policies = st.builds(
    lambda hours, caps, ahead: with_rules(hours=hours, caps=caps, look_ahead_days=ahead),
    st.lists(hours, max_size=3, unique_by=lambda rule: rule["id"]),
    st.lists(caps, max_size=3, unique_by=lambda rule: rule["id"]),
    st.integers(1, 9),
)
places = st.sampled_from((
    Place(None), Place("BR"), Place("BR", "SP", "America/Sao_Paulo"), Place("BR", "AC", "America/Rio_Branco"),
    Place("BR", "AM"), Place("BR", "PE", "America/Noronha"),
    Place("PT", None, "Europe/Lisbon"), Place("PT"), Place("FR"), Place("DE", None, "Europe/Berlin"), Place("IT"), Place("US"),
))  # fmt: skip
# around the end of summer time in Europe, Carnival, a rule that begins in France, Christmas
DAYS = (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 2, 13, tzinfo=UTC), datetime(2026, 8, 9, tzinfo=UTC))
moments = st.builds(lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(DAYS), st.integers(0, 3 * 1440))
seconds_before = st.integers(-86_400, 8 * 86_400)


@st.composite
def somebody(draw: st.DrawFn, at: datetime) -> Somebody:
    def before() -> datetime:
        return at - timedelta(seconds=draw(seconds_before))

    attempts = tuple(
        Attempt(
            before(), draw(st.sampled_from(("outbound", "outbound", "inbound"))), draw(st.sampled_from(("phone", "whatsapp", "email"))),
            draw(st.sampled_from((None, 1, 2))), draw(st.sampled_from((None, "newsletter", "service", "gone"))),
            draw(st.sampled_from((None, "reached", "reached", "wrong_person", "bounced", "opted_out"))), draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 5)))
    )  # fmt: skip
    said = [("channel", "phone,whatsapp"), ("channel", "email"), ("hours", "10:30-12:00"), ("hours", "22:00-24:00"), ("language", "pt")]
    preferences = tuple(Preference(*draw(st.sampled_from(said)), before()) for _ in range(draw(st.integers(0, 2))))
    bases = (("BASIS", ("RELATION_PROVEN",)), ("BASIS", ("RELATION_PROVEN", "SALE_PROVEN")))
    state, reasons = draw(st.sampled_from((("GRANTED", ("GRANT_VALID",)), *bases, ("WITHDRAWN", ("WITHDRAWN",)))))
    return Somebody(
        draw(places), draw(places), state != "WITHDRAWN", state, reasons,
        draw(st.none() | st.just(at + timedelta(seconds=draw(st.integers(-60, 3 * 86_400))))), draw(st.none() | st.builds(before)), attempts, preferences,
        draw(st.frozensets(st.sampled_from(LISTS), max_size=1)),
    )  # fmt: skip


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Somebody], str, str, datetime]:
    """A few people, a purpose, a channel and a moment; all under the same snapshots."""
    at = draw(moments)
    snapshots = tuple((name, at - timedelta(days=draw(st.integers(0, 40)))) for name in LISTS if draw(st.booleans()))
    people = [draw(somebody(at)).but(snapshots=snapshots) for _ in range(draw(st.integers(1, 4)))]
    return people, draw(st.sampled_from(("newsletter", "service", "billing", "fraud_prevention"))), draw(st.sampled_from(("phone", "whatsapp", "email"))), at


@settings(max_examples=60, deadline=None)
@given(questions(), policies)
def test_everybody_at_once_is_decided_as_one_by_one(question: tuple[list[Somebody], str, str, datetime], rules: Policy) -> None:
    people, purpose, channel, at = question
    one_by_one = [as_row(may_contact(rules, facts(rules, who, channel), purpose, channel, at)) for who in people]
    assert of_everyone(rules, people, purpose, channel, at) == one_by_one


@settings(max_examples=25, deadline=None)
@given(questions(), policies)
def test_no_minute_before_the_next_allowed_time_is_allowed_and_that_one_is(question: tuple[list[Somebody], str, str, datetime], rules: Policy) -> None:
    (who, *_), purpose, channel, at = question
    known = facts(
        rules, who.but(attempts=tuple(one for one in who.attempts if one.at <= at), preferences=tuple(p for p in who.preferences if p.said_at <= at)), channel
    )

    def allowed(moment: datetime) -> bool:
        return may_contact(rules, known, purpose, channel, moment).allowed

    answer = may_contact(rules, known, purpose, channel, at)
    assert answer.allowed == (answer.next_at == at)
    end = answer.next_at or min(horizon(rules.contact_rules, at), at + timedelta(days=2))
    assert answer.next_at is None or (allowed(answer.next_at) and answer.next_at < horizon(rules.contact_rules, at))
    if answer.next_at != at:
        assert not allowed(end - timedelta(seconds=1)) or end == at
    steps = min(int((end - at).total_seconds()) // 60, 2 * 1440)
    assert not [minute for minute in range(0, steps, 7) if allowed(at + timedelta(minutes=minute))]
    if answer.allowed and answer.until:
        assert allowed(answer.until - timedelta(seconds=1))
        stays = answer.until == horizon(rules.contact_rules, at)
        assert stays or not allowed(answer.until)


@pytest.mark.parametrize("purpose", ["newsletter", "service"])
def test_nothing_widens_a_permission(purpose: str) -> None:
    @settings(max_examples=15, deadline=None)
    @given(questions(), policies)
    def check(question: Any, rules: Policy) -> None:
        people, _, channel, at = question
        denied = [who.but(allowed=False, state="NEVER_ASKED", reasons=("NEVER_ASKED",)) for who in people]
        assert not any(row["allowed"] for row in of_everyone(rules, denied, purpose, channel, at))

    check()
