"""When a person may be contacted, as tables a privacy officer can read; each line is asked of the readable and of the set-based rules.

Unless a line says otherwise: a person in São Paulo who consented, in November 2026, with lists read the day before.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from privacy.contact_rules.calendar import kind_of_day
from privacy.contact_rules.decision import Attempt, Preference
from privacy.contact_rules.model import ContactRules
from privacy.contact_rules.places import Place, of_phones, zones_of
from privacy.contact_rules.reasons import CONTACT_REASONS, reason_text
from tests.contact_worlds import HOME, NOWHERE, Somebody, ask, policy, with_rules

BRASILIA = ZoneInfo("America/Sao_Paulo")
ACRE, NORONHA = Place("BR", "AC", "America/Rio_Branco"), Place("BR", "PE", "America/Noronha")
AMAZONAS, RIO = Place("BR", "AM", "America/Manaus"), Place("BR", "RJ", "America/Sao_Paulo")
BASIS: dict[str, Any] = {"state": "BASIS", "reasons": ("RELATION_PROVEN",)}
SP = Somebody()


def brasilia(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRASILIA).astimezone(UTC)


def why(who: Somebody, purpose: str, channel: str, at: datetime, under: Any = None) -> str:
    """``yes``, or the reasons against."""
    answer = ask(who, purpose, channel, at, under)
    against = [reason for reason in answer.reasons if reason.partition(":")[0] not in ("GRANT_VALID", "RELATION_PROVEN", "REPLY", "LIST_EXEMPT")]
    return "yes" if answer.allowed else ",".join(against)


HOURS = [
    # where the person is (address, number)     Brasília time        answer
    ("São Paulo, one minute before",  HOME, HOME,       "2026-11-24T08:59", "QUIET_HOURS:house"),
    ("São Paulo, on the hour",        HOME, HOME,       "2026-11-24T09:00", "yes"),
    ("São Paulo, last minute",        HOME, HOME,       "2026-11-24T18:59", "yes"),
    ("São Paulo, closed",             HOME, HOME,       "2026-11-24T19:00", "QUIET_HOURS:house"),
    ("Acre at nine in Brasília",      ACRE, ACRE,       "2026-11-24T09:00", "QUIET_HOURS:house"),
    ("Acre at eleven in Brasília",    ACRE, ACRE,       "2026-11-24T11:00", "yes"),
    ("Noronha, closed an hour early", NORONHA, NORONHA, "2026-11-24T18:00", "QUIET_HOURS:house"),
    ("Noronha opens an hour early",   NORONHA, NORONHA, "2026-11-24T08:00", "yes"),
    ("address Acre, number São Paulo: only what both allow", ACRE, HOME, "2026-11-24T10:00", "QUIET_HOURS:house"),
    ("address Acre, number São Paulo, in the evening",       ACRE, HOME, "2026-11-24T19:30", "QUIET_HOURS:house"),
    ("address Acre, number São Paulo, at noon",              ACRE, HOME, "2026-11-24T12:00", "yes"),
    ("state unknown: every clock of Brazil",  Place("BR"), NOWHERE, "2026-11-24T10:00", "QUIET_HOURS:house,ZONE_UNKNOWN"),
    ("state unknown, when all are open",      Place("BR"), NOWHERE, "2026-11-24T12:00", "yes"),
    ("Saturday",                      HOME, HOME,       "2026-11-28T12:00", "DAY_OF_REST:house"),
    ("Sunday",                        HOME, HOME,       "2026-11-29T12:00", "DAY_OF_REST:house"),
    ("20 November, a Friday",         HOME, HOME,       "2026-11-20T12:00", "HOLIDAY:house"),
    ("9 July is a holiday in São Paulo", HOME, HOME,    "2026-07-09T12:00", "HOLIDAY:house"),
    ("and none in Rio",               RIO, RIO,         "2026-07-09T12:00", "yes"),
    ("with a number in São Paulo both count", RIO, HOME, "2026-07-09T12:00", "HOLIDAY:house"),
    ("Carnival is optional, and the house keeps it", HOME, HOME, "2026-02-17T12:00", "HOLIDAY:house"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "address", "number", "at", "expected"), HOURS, ids=[row[0] for row in HOURS])
def test_hours_follow_the_recipients_clock_and_calendar(case: str, address: Place, number: Place, at: str, expected: str) -> None:
    fresh = tuple((name, brasilia(at) - timedelta(days=1)) for name in ("nao_me_perturbe", "procon_sp"))
    assert why(SP.but(address=address, number=number, snapshots=fresh), "partner_offers", "phone", brasilia(at)) == expected


COLLECTION = [
    # R83: where                 Brasília time          answer (rule)
    ("SP", HOME,                 "2026-11-24T19:59", "yes"),
    ("SP", HOME,                 "2026-11-24T20:00", "QUIET_HOURS:br-sp-collection"),
    ("SP, Saturday morning", HOME, "2026-11-28T13:59", "yes"),
    ("SP, Saturday afternoon", HOME, "2026-11-28T14:00", "DAY_OF_REST:br-sp-collection"),
    ("SP, Sunday", HOME,         "2026-11-29T10:00", "DAY_OF_REST:br-sp-collection"),
    ("SP, holiday", HOME,        "2026-11-20T10:00", "HOLIDAY:br-sp-collection"),
    ("SP, Carnival is no public holiday", HOME, "2026-02-17T10:00", "yes"),
    ("RJ, Saturday", RIO,        "2026-11-28T10:00", "DAY_OF_REST:br-rj-collection"),
    ("AM, on its own clock", AMAZONAS, "2026-11-24T19:30", "yes"),
    ("no rule of its own: the house", ACRE, "2026-11-24T10:30", "QUIET_HOURS:house"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "where", "at", "expected"), COLLECTION, ids=[row[0] for row in COLLECTION])
def test_collection_keeps_the_states_hours(case: str, where: Place, at: str, expected: str) -> None:
    collects = with_rules(classes={"service": "collection"})
    assert why(SP.but(address=where, number=where, **BASIS), "service", "phone", brasilia(at), collects) == expected


@pytest.mark.parametrize(("at", "expected"), [("20:59", "yes"), ("21:00", "QUIET_HOURS:br-telecom")])
def test_the_telecom_code_binds_telecoms_only(at: str, expected: str) -> None:
    evening = brasilia(f"2026-11-24T{at}")
    assert why(SP, "partner_offers", "phone", evening, with_rules(sectors=["telecom"])) == expected
    assert why(SP, "partner_offers", "phone", evening) == "QUIET_HOURS:house"


def test_europes_clocks_change_and_the_hours_with_them() -> None:
    berlin = SP.but(address=Place("DE", None, "Europe/Berlin"), number=Place("DE"))
    summer, winter = datetime(2026, 10, 23, 7, tzinfo=UTC), datetime(2026, 10, 26, 7, tzinfo=UTC)
    assert (why(berlin, "partner_offers", "phone", summer), why(berlin, "partner_offers", "phone", winter)) == ("yes", "QUIET_HOURS:house")
    assert ask(berlin, "partner_offers", "phone", datetime(2026, 10, 23, 18, tzinfo=UTC)).next_at == datetime(2026, 10, 26, 8, tzinfo=UTC)


def test_the_next_time_steps_over_weekend_and_holiday() -> None:
    thursday = brasilia("2026-11-19T19:00")  # Friday is 20 November
    fresh = SP.but(snapshots=tuple((name, thursday) for name, _ in SP.snapshots))
    assert ask(fresh, "partner_offers", "phone", thursday).next_at == brasilia("2026-11-23T09:00")


NOON = brasilia("2026-11-24T12:00")


def called(*hours_ago: float, **other: Any) -> tuple[Attempt, ...]:
    said = {"direction": "outbound", "channel": "phone", "point_ref": 1, "purpose": "partner_offers"} | other
    return tuple(Attempt(at=NOON - timedelta(hours=ago), **said) for ago in hours_ago)


CAPS = [
    ("called once today",                                    called(3), "yes"),
    ("twice today, by two systems or under two records",     called(3, 5), "CAP_DAY:number-day,CAP_DAY:house-day"),
    ("twice, one of them over 24 hours ago",                 called(3, 25), "yes"),
    ("twice today from their side",                          called(3, 5, direction="inbound"), "yes"),
    ("an e-mail and a call today",                           (*called(3), *called(5, channel="email", purpose="newsletter")), "CAP_DAY:house-day"),
    ("twice for service",                                    called(3, 5, purpose="service"), "CAP_DAY:number-day"),
    ("twice for a purpose nobody knows",                     called(3, 5, purpose=None), "CAP_DAY:number-day,CAP_DAY:house-day"),
    ("somebody else was called twice at this number",        called(3, 5, own=False), "CAP_DAY:number-day"),
    ("four times in the week",                               called(26, 50, 74, 98), "CAP_WEEK:house-week"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "attempts", "expected"), CAPS, ids=[row[0] for row in CAPS])
def test_caps_count_the_person_over_systems_and_records(case: str, attempts: tuple[Attempt, ...], expected: str) -> None:
    assert why(SP.but(attempts=attempts), "partner_offers", "phone", NOON) == expected


def test_a_full_day_opens_again_24_hours_after_the_call_that_leaves_it() -> None:
    assert ask(SP.but(attempts=called(1, 2)), "partner_offers", "phone", NOON).next_at == NOON + timedelta(hours=22)


ON = frozenset({"nao_me_perturbe"})
STALE = (("nao_me_perturbe", NOON - timedelta(days=45)), ("procon_sp", NOON))
LISTS = [
    # class of message   on the list  snapshots       answer
    ("credit_offer", frozenset(), SP.snapshots, "yes"),
    ("credit_offer", ON,          SP.snapshots, "ON_LIST:nao_me_perturbe"),
    ("credit_offer", frozenset(), STALE,        "LIST_STALE:nao_me_perturbe"),
    ("credit_offer", ON,          STALE,        "ON_LIST:nao_me_perturbe,LIST_STALE:nao_me_perturbe"),
    ("credit_offer", frozenset(), (),           "LIST_STALE:nao_me_perturbe,LIST_STALE:procon_sp"),
    ("fraud_alert",  ON,          SP.snapshots, "yes"),
    ("fraud_alert",  ON,          (),           "yes"),
    ("collection",   ON,          STALE,        "yes"),
    ("service",      ON,          STALE,        "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "listed", "snapshots", "expected"), LISTS)
def test_lists_stop_offers_exempt_alerts_and_fail_closed(message: str, listed: frozenset[str], snapshots: Any, expected: str) -> None:
    under = with_rules(classes={"partner_offers": message})
    assert why(SP.but(listed=listed, snapshots=snapshots), "partner_offers", "phone", NOON, under) == expected
    reasons = ask(SP.but(listed=listed, snapshots=snapshots), "partner_offers", "phone", NOON, under).reasons
    assert ("LIST_EXEMPT:nao_me_perturbe" in reasons) == (bool(listed) and message != "credit_offer")


def test_an_alert_of_fraud_waits_for_no_hour() -> None:
    assert why(SP, "partner_offers", "phone", brasilia("2026-11-29T03:00"), with_rules(classes={"partner_offers": "fraud_alert"})) == "yes"


def wrote(hours_ago: float) -> tuple[Attempt, ...]:
    return (Attempt(NOON - timedelta(hours=hours_ago), "inbound", "whatsapp", 1),)


WHATSAPP = [
    # who                                   purpose        answer
    ("nobody wrote, no opt-in",             SP.but(**BASIS), "service", "NO_OPT_IN:whatsapp"),
    ("wrote 23 hours ago",                  SP.but(**BASIS, attempts=wrote(23)), "service", "yes"),
    ("wrote 24 hours ago",                  SP.but(**BASIS, attempts=wrote(24)), "service", "NO_OPT_IN:whatsapp"),
    ("wrote an hour ago: no grant of marketing", SP.but(**BASIS, attempts=wrote(1)), "newsletter", "NO_OPT_IN:whatsapp"),
    ("opted in",                            SP, "newsletter", "yes"),
    ("wrote, but never permitted",          SP.but(allowed=False, state="NEVER_ASKED", reasons=("NEVER_ASKED",), attempts=wrote(1)), "newsletter",
        "NO_PERMISSION,NEVER_ASKED,NO_OPT_IN:whatsapp"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "who", "purpose", "expected"), WHATSAPP, ids=[row[0] for row in WHATSAPP])
def test_whatsapp_needs_an_opt_in_or_a_recent_message(case: str, who: Somebody, purpose: str, expected: str) -> None:
    assert why(who, purpose, "whatsapp", NOON) == expected


def test_an_answer_may_come_at_night_until_the_window_closes() -> None:
    night = NOON + timedelta(hours=10)
    answer = ask(SP.but(**BASIS, attempts=wrote(1)), "service", "whatsapp", night)
    assert answer.allowed and answer.until == NOON + timedelta(hours=23)


def test_french_numbers_need_a_dated_yes_since_august_2026() -> None:
    paris = SP.but(address=Place("FR", None, "Europe/Paris"), number=Place("FR"), **BASIS)
    before, after = datetime(2026, 8, 10, 9, tzinfo=UTC), datetime(2026, 8, 11, 9, tzinfo=UTC)
    assert why(paris, "partner_offers", "phone", before) == "LIST_STALE:bloctel"
    assert why(paris, "partner_offers", "phone", after) == "NO_OPT_IN:fr-phone"
    said_yes, lunch = paris.but(state="GRANTED", reasons=("GRANT_VALID",)), datetime(2026, 8, 11, 11, 30, tzinfo=UTC)
    assert why(said_yes, "partner_offers", "phone", after) == "yes"
    assert why(said_yes, "partner_offers", "phone", lunch) == "QUIET_HOURS:fr-calls"


def test_a_relation_alone_is_no_soft_opt_in_and_a_sale_on_record_is() -> None:
    for who, rule in ((SP, "br-email"), (SP.but(address=Place("PT", None, "Europe/Lisbon")), "eu-email")):
        customer, bought = who.but(**BASIS), who.but(state="BASIS", reasons=("RELATION_PROVEN", "SALE_PROVEN"))
        assert f"NO_OPT_IN:{rule}" in ask(customer, "newsletter", "email", NOON).reasons
        assert f"NO_OPT_IN:{rule}" not in ask(bought, "newsletter", "email", NOON).reasons


def prefers(kind: str, value: str, days_ago: int = 1) -> Preference:
    return Preference(kind, value, NOON - timedelta(days=days_ago))


PREFERENCES = [
    ("e-mail only",                (prefers("channel", "email"),), "PREFERS_OTHER_CHANNEL"),
    ("phone among others",         (prefers("channel", "email,phone"),), "yes"),
    ("the newest counts",          (prefers("channel", "email", 9), prefers("channel", "phone", 2)), "yes"),
    ("mornings",                   (prefers("hours", "09:00-11:00"),), "PREFERS_OTHER_HOURS"),
    ("around noon",                (prefers("hours", "11:30-12:30"),), "yes"),
    ("said only tomorrow",         (prefers("channel", "email", -1),), "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "preferences", "expected"), PREFERENCES, ids=[row[0] for row in PREFERENCES])
def test_what_a_person_prefers_binds_marketing(case: str, preferences: tuple[Preference, ...], expected: str) -> None:
    assert why(SP.but(preferences=preferences), "partner_offers", "phone", NOON) == expected
    assert why(SP.but(preferences=preferences), "partner_offers", "phone", NOON, with_rules(classes={"partner_offers": "fraud_alert"})) == "yes"


def test_the_preferred_language_is_told() -> None:
    assert ask(SP.but(preferences=(prefers("language", "en"),)), "partner_offers", "phone", NOON).language == "en"


@pytest.mark.parametrize(("outcome", "verified", "expected"), [
    ("wrong_person", None, "WRONG_PERSON"), ("wrong_person", -1, "yes"), ("wrong_person", 9, "WRONG_PERSON"), ("bounced", None, "BOUNCED"),
    ("opted_out", None, "OPTED_OUT"), ("no_answer", None, "yes"),
])  # fmt: skip
def test_a_number_where_somebody_else_answers_rests_until_the_person_confirms_it(outcome: str, verified: int | None, expected: str) -> None:
    at = NOON - timedelta(hours=verified) if verified is not None else None
    assert why(SP.but(attempts=called(5, outcome=outcome), verified_at=at), "partner_offers", "phone", NOON) == expected


def test_permission_comes_first_and_its_end_is_the_end() -> None:
    assert why(SP.but(allowed=False, state="WITHDRAWN", reasons=("WITHDRAWN",)), "partner_offers", "phone", NOON) == "NO_PERMISSION,WITHDRAWN"
    assert why(SP.but(valid_until=NOON), "partner_offers", "phone", NOON) == "PERMISSION_ENDED"
    assert ask(SP.but(valid_until=NOON + timedelta(hours=1)), "partner_offers", "phone", NOON).until == NOON + timedelta(hours=1)
    assert why(SP, "partner_offers", "phone", NOON, with_rules(classes={})) == "NO_CLASS"


def test_without_an_allowed_time_ahead_the_answer_says_so() -> None:
    never = with_rules(hours=[policy().contact_rules.hours[0].model_dump(mode="json") | {"weekday": []}])
    answer = ask(SP, "partner_offers", "phone", NOON, never)
    assert (answer.next_at, answer.reasons[-1]) == (None, "NEVER_OPEN")


def test_numbers_tell_country_state_and_clock() -> None:
    import pandas as pd

    found = of_phones(pd.Series(["+5511987654321", "+5568987654321", "+5597987654321", "+4915112345678", "+351912345678", None]))
    assert found["country"].fillna("").tolist() == ["BR", "BR", "BR", "DE", "PT", ""]
    assert found["uf"].fillna("").tolist() == ["SP", "AC", "AM", "", "", ""]
    assert found["time_zone"].fillna("").tolist() == ["America/Sao_Paulo", "America/Rio_Branco", "", "", "", ""]


def test_brazil_has_four_clocks_and_germany_one() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert sorted(noon.astimezone(ZoneInfo(zone)).hour for zone in zones_of("BR")) == [7, 8, 9, 10]
    assert len(zones_of("DE")) == 1


def test_the_calendar_knows_public_and_optional_days() -> None:
    days = [date(2026, 11, 20), date(2026, 2, 17), date(2026, 7, 9), date(2023, 11, 20)]
    assert [kind_of_day(day, "BR", "SP", ("public",)) for day in days] == ["holiday", "weekday", "holiday", "weekday"]
    assert kind_of_day(days[1], "BR", "SP", ("public", "optional")) == "holiday"
    assert kind_of_day(days[2], "BR", None, ("public",)) == "holiday"  # a state nobody knows keeps every state's holidays


def test_every_reason_is_told_in_both_languages_with_its_norm() -> None:
    rules = policy().contact_rules
    for reason in CONTACT_REASONS:
        assert reason_text(reason.code, rules, "pt") != reason_text(reason.code, rules, "en")
        assert reason.article
    assert "Lei 15.426/2014" in reason_text("QUIET_HOURS:br-sp-collection", rules, "pt")
    assert [rule.id for rule in rules.all_rules if not rule.source] == []


def test_rules_are_refused_where_they_contradict_themselves() -> None:
    cap = policy().contact_rules.caps[0].model_dump(mode="json")
    for wrong in ({"states": ["SP"], "countries": []}, {"valid_to": "2001-01-01"}, {"classes": []}, {"most": 0}):
        with pytest.raises(ValueError, match=r"states|ends|at least|greater"):
            ContactRules.model_validate({"caps": [cap | wrong]})
    with pytest.raises(ValueError, match="two rules"):
        ContactRules.model_validate({"caps": [cap, cap]})
