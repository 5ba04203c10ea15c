"""What the consent rules decide, as tables: what was said (oldest first), then the answer and every reason.

The person is one adult in Brazil with two records: a form (e-mail 101) and the CRM (e-mails 101 and 102), unless the row says otherwise.
Each case is asked twice: of the readable rules, and of the set-based decision the stage runs.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from privacy.decision import Record, decide
from privacy.policy_parts import Version
from privacy.timeline import Event
from tests.property.test_consent_algebra import AS_OF, World, answer, as_dict, policy

FORM = Record(1, "form", "BR", "1980-01-01", frozenset({("email", 101)}))
CRM = Record(2, "crm", "BR", None, frozenset({("email", 101), ("email", 102)}), True)
MARCH, AUGUST = "2026-03-01T10:00:00Z", "2026-08-01T00:00:00Z"
YES = Event(1, "granted", "newsletter", "email", 101, "1", MARCH, "2026-03-02T00:00:00Z", "self", "web form", "v3", "aa")
CELL = replace(YES, actor="import", effective_at=None, method=None, text_version=None, text_hash=None, purpose_version=None)
NO = Event(2, "withdrawn", "newsletter", "*", None, None, "2026-06-01T10:00:00Z", "2026-06-02T00:00:00Z", "self")
LIFT = replace(NO, type="lifted", purpose="*", effective_at=AUGUST, text_hash="cc", actor="agent")
CHILD = replace(FORM, birth_date="2012-05-10")


def yes(**other: Any) -> Event:
    return replace(YES, **other)


def no(kind: str = "withdrawn", **other: Any) -> Event:
    return replace(NO, type=kind, **other)


def both(
    records: tuple[Record, ...], events: tuple[Event, ...], purpose: str, channel: str, point: int, strict: bool = False, known_at: datetime | None = None
) -> tuple[bool, str, str]:
    """The case decided by the readable rules, after checking that the set-based decision says the same."""
    read = decide(policy(strict), AS_OF, records, events, purpose, channel, point, known_at)
    world = World(records, tuple("A" for _ in records), events, strict=strict, known_at=known_at)
    assert as_dict(answer(world))["A", purpose, channel, point] == (
        read.allowed, read.state, ",".join(read.reasons), read.regimes, read.basis, read.valid_until,
    )  # fmt: skip
    return read.allowed, read.state, ",".join(read.reasons)


NEWSLETTER = [
    # what was said                                        asked about  answer, state, every reason
    ("nothing",                                            (), 101, (False, "NEVER_ASKED", "NEVER_ASKED")),
    ("a proven yes",                                       (yes(),), 101, (True, "GRANTED", "GRANT_VALID")),
    ("a proven yes, asked about another address",          (yes(),), 102, (False, "NEVER_ASKED", "NEVER_ASKED")),
    ("a yes for WhatsApp, asked about e-mail",             (yes(channel="whatsapp"),), 101, (False, "NEVER_ASKED", "NEVER_ASKED")),
    ("a yes for everything",                               (yes(channel="*"),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_POINT")),
    ("a yes without a contact point",                      (yes(point_ref=None),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_POINT")),
    ("a yes without a time",                               (yes(effective_at=None),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_TIME")),
    ("a yes with a day but no time",                       (yes(effective_at="2026-03-01"),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_TIME")),
    ("a yes without a method",                             (yes(method=None),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_METHOD")),
    ("a yes to a text nobody kept",                        (yes(text_hash=None),), 101, (False, "UNPROVEN", "PROOF_WITHOUT_TEXT")),
    ("a yes from an import",                               (yes(actor="import"),), 101, (False, "UNPROVEN", "PROOF_NOT_BY_PERSON")),
    ("a ticked cell in a workbook",                        (CELL,), 101,
        (False, "UNPROVEN", "PROOF_WITHOUT_TIME,PROOF_WITHOUT_METHOD,PROOF_WITHOUT_TEXT,PROOF_NOT_BY_PERSON,OTHER_VERSION")),
    ("a yes to another version of the purpose",            (yes(purpose_version="9"),), 101, (False, "NEVER_ASKED", "OTHER_VERSION")),
    ("a yes dated tomorrow",                               (yes(effective_at="2026-11-23T12:00:00Z"),), 101, (False, "NEVER_ASKED", "NOT_YET_EFFECTIVE")),
    ("yes, then no by another record",                     (yes(), no()), 101, (False, "WITHDRAWN", "WITHDRAWN")),
    ("no, then yes by the person",                         (no(), yes(effective_at=AUGUST)), 101, (True, "GRANTED", "GRANT_VALID,GRANT_AFTER_NO")),
    ("no, then yes by an import",                          (no(), yes(effective_at=AUGUST, actor="import")), 101,
        (False, "WITHDRAWN", "WITHDRAWN,PROOF_NOT_BY_PERSON")),
    ("yes and no at the same second",                      (yes(), no(effective_at=MARCH)), 101, (False, "CONFLICT", "WITHDRAWN,ORDER_UNKNOWN")),
    ("yes, then a no of unknown time that came later",     (yes(), no("refused", effective_at=None)), 101, (False, "REFUSED", "REFUSED")),
    ("a no of unknown time, then yes after it came",       (no("refused", effective_at=None), yes(effective_at=AUGUST)), 101,
        (True, "GRANTED", "GRANT_VALID,GRANT_AFTER_NO")),
    ("yes, then a no for another address",                 (yes(), no(point_ref=102)), 101, (True, "GRANTED", "GRANT_VALID")),
    ("yes, then a no for another purpose",                 (yes(), no(purpose="partner_offers")), 101, (True, "GRANTED", "GRANT_VALID")),
    ("yes, then an objection to other marketing",          (yes(), no("objected", purpose="partner_offers")), 101,
        (False, "OBJECTED", "OBJECTED_TO_MARKETING")),
    ("yes, then an objection to the survey",               (yes(), no("objected", purpose="satisfaction_survey")), 101, (True, "GRANTED", "GRANT_VALID")),
    ("yes, then an objection to a purpose long gone",      (yes(), no("objected", purpose="old_campaign")), 101, (False, "OBJECTED", "OBJECTED_TO_MARKETING")),
    ("yes, then withdrawn from a purpose nobody knows",    (yes(), no(purpose="nope")), 101, (False, "WITHDRAWN", "WITHDRAWN")),
    ("yes, then a refusal of a purpose nobody knows",      (yes(), no("refused", purpose="nope")), 101, (False, "REFUSED", "REFUSED")),
    ("a proven yes to a purpose nobody knows",             (yes(purpose="nope"),), 101, (False, "NEVER_ASKED", "NEVER_ASKED")),
    ("processing restricted, then yes",                    (no("restricted", purpose="*"), yes(effective_at=AUGUST)), 101, (False, "RESTRICTED", "RESTRICTED")),
    ("a yes got by a box ticked beforehand",               (yes(method="pre_ticked"),), 101, (False, "UNPROVEN", "PROOF_NULL_METHOD")),
    ("a yes given to another company",                     (yes(controller="Outra SA"),), 101, (False, "UNPROVEN", "PROOF_OTHER_CONTROLLER")),
    ("a yes that does not say to whom",                    (yes(controller=None),), 101, (False, "UNPROVEN", "PROOF_OTHER_CONTROLLER")),
    ("a yes that ended yesterday by its own date",         (yes(expires_at="2026-11-21T12:00:00Z"),), 101, (False, "EXPIRED", "EXPIRED")),
    ("an inbound call is no yes",                          (yes(method="inbound_call"),), 101, (False, "UNPROVEN", "PROOF_NULL_METHOD")),
    ("objected, then an import says yes",                  (no("objected"), yes(effective_at=AUGUST, actor="import")), 101,
        (False, "OBJECTED", "OBJECTED,PROOF_NOT_BY_PERSON")),
    ("objected, then an import says yes without a time",   (no("objected"), CELL), 101,
        (False, "OBJECTED", "OBJECTED,PROOF_WITHOUT_TIME,PROOF_WITHOUT_METHOD,PROOF_WITHOUT_TEXT,PROOF_NOT_BY_PERSON,OTHER_VERSION")),
    ("yes, then somebody else answers there",              (yes(), no("wrong_person", point_ref=101)), 101, (False, "WRONG_PERSON", "WRONG_PERSON")),
    ("somebody else answers at another address",           (yes(), no("wrong_person", point_ref=102)), 101, (True, "GRANTED", "GRANT_VALID")),
    ("somebody else answered, then yes from there",        (no("wrong_person", point_ref=101), yes(effective_at=AUGUST)), 101,
        (True, "GRANTED", "GRANT_VALID,GRANT_AFTER_NO")),
    ("restricted, lifted with notice",                     (yes(), no("restricted", purpose="*"), LIFT), 101, (True, "GRANTED", "GRANT_VALID")),
    ("restricted, lifted without telling the person",      (yes(), no("restricted", purpose="*"), replace(LIFT, text_hash=None)), 101,
        (False, "RESTRICTED", "RESTRICTED")),
    ("restricted by one record, lifted for another",       (yes(), no("restricted", purpose="*"), replace(LIFT, record_id=1)), 101,
        (False, "RESTRICTED", "RESTRICTED")),
    ("lifted before it was restricted again",              (yes(), LIFT, no("restricted", purpose="*", effective_at="2026-09-01T00:00:00Z")), 101,
        (False, "RESTRICTED", "RESTRICTED")),
    ("a no announced for tomorrow counts today",           (yes(), no(effective_at="2026-11-23T12:00:00Z")), 101, (False, "WITHDRAWN", "WITHDRAWN")),
    ("somebody who may be the same withdrew",              (yes(), no(origin="possible")), 101, (False, "WITHDRAWN", "WITHDRAWN,NO_OF_POSSIBLE_SAME_PERSON")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "events", "point", "expected"), NEWSLETTER, ids=[row[0] for row in NEWSLETTER])
def test_newsletter_needs_a_proven_yes_for_this_very_address(said: str, events: tuple[Event, ...], point: int, expected: tuple[bool, str, str]) -> None:
    if any(event.origin != "own" for event in events):  # the frames say this by an undecided pair
        decided = decide(policy(), AS_OF, (FORM, CRM), events, "newsletter", "email", point)
        assert (decided.allowed, decided.state, ",".join(decided.reasons)) == expected
    else:
        assert both((FORM, CRM), events, "newsletter", "email", point) == expected


AGES = [
    # born, country, who said yes                           answer, state, every reason
    ("a child of 14 alone",              "2012-05-10", "BR", "self", (False, "MINOR", "MINOR_NO_GUARDIAN")),
    ("a child of 14 with its guardian",  "2012-05-10", "BR", "guardian", (True, "GRANTED", "GRANT_VALID")),
    ("17 years and 364 days",            "2008-11-23", "BR", "self", (False, "MINOR", "MINOR_NO_GUARDIAN")),
    ("18 today",                         "2008-11-22", "BR", "self", (True, "GRANTED", "GRANT_VALID")),
    ("18 today, the guardian said yes",  "2008-11-22", "BR", "guardian", (False, "EXPIRED", "GUARDIAN_LAPSED")),
    ("17 in Germany",                    "2009-01-01", "DE", "self", (True, "GRANTED", "GRANT_VALID")),
    ("15 in Germany",                    "2011-01-01", "DE", "self", (False, "MINOR", "MINOR_NO_GUARDIAN")),
    ("17, country unknown: both laws",   "2009-01-01", None, "self", (False, "MINOR", "MINOR_NO_GUARDIAN")),
    ("only the year 2008 known",         "2008", "BR", "self", (False, "MINOR", "MINOR_NO_GUARDIAN")),
    ("no year known",                    "--05-10", "BR", "self", (True, "GRANTED", "GRANT_VALID")),
]  # fmt: skip


@pytest.mark.parametrize(("who", "born", "country", "actor", "expected"), AGES, ids=[row[0] for row in AGES])
def test_children_need_a_guardian_until_they_come_of_age(who: str, born: str, country: str | None, actor: str, expected: tuple[bool, str, str]) -> None:
    record = replace(FORM, birth_date=born, country=country)
    assert both((record,), (yes(actor=actor),), "newsletter", "email", 101) == expected


def test_consent_to_phone_marketing_in_france_lasts_a_year() -> None:
    french = Record(1, "form", "FR", "1980-01-01", frozenset({("phone", 201)}))
    call = replace(YES, purpose="partner_offers", channel="phone", point_ref=201)
    for given, expected in (("2025-11-22T12:00:01Z", (True, "GRANTED", "GRANT_VALID")), ("2025-11-22T12:00:00Z", (False, "EXPIRED", "EXPIRED"))):
        assert both((french,), (replace(call, effective_at=given),), "partner_offers", "phone", 201) == expected
    decided = decide(policy(), AS_OF, (french,), (call,), "partner_offers", "phone", 201)
    assert decided.valid_until == "2027-03-01T10:00:00Z"
    assert (decided.regimes, decided.basis) == ("GDPR", "GDPR art. 6(1)(a)")


OTHER_BASES = [
    # purpose, channel, point, records, said                                              answer, state, every reason
    ("service",             "email", 102, (FORM, CRM), (),                                  (True, "BASIS", "RELATION_PROVEN")),
    ("service",             "email", 101, (FORM,), (),                                      (False, "NO_RELATION", "NO_RELATION")),
    ("service",             "email", 101, (FORM, CRM), (no(purpose="*"),),                  (True, "BASIS", "RELATION_PROVEN,DUTY_DESPITE_NO")),
    ("service",             "email", 101, (FORM, CRM), (no("restricted", purpose="*"),),    (False, "RESTRICTED", "RESTRICTED")),
    ("billing",             "post",  0,   (FORM, CRM), (no("objected", purpose="billing"),), (True, "BASIS", "RELATION_PROVEN,DUTY_DESPITE_NO")),
    ("satisfaction_survey", "email", 101, (FORM, CRM), (),                                  (True, "BASIS", "RELATION_PROVEN")),
    ("satisfaction_survey", "email", 101, (FORM, CRM), (no("objected", purpose="satisfaction_survey"),), (False, "OBJECTED", "OBJECTED")),
    ("satisfaction_survey", "email", 101, (FORM,), (no("objected", purpose="satisfaction_survey", record_id=1),), (False, "OBJECTED", "OBJECTED,NO_RELATION")),
    ("satisfaction_survey", "email", 101, (CHILD, CRM), (),                                 (False, "MINOR", "MINOR")),
    ("fraud_prevention",    "none",  0,   (FORM, CRM), (no("objected", purpose="newsletter"),), (True, "BASIS", "RELATION_PROVEN")),
    ("fraud_prevention",    "none",  0,   (FORM, CRM), (no("objected", purpose="fraud_prevention"),), (False, "OBJECTED", "OBJECTED")),
    ("satisfaction_survey", "email", 101, (FORM, CRM), (no(purpose="nope"),),               (False, "WITHDRAWN", "WITHDRAWN")),
    ("satisfaction_survey", "email", 101, (FORM, CRM), (no("objected", purpose="nope"),),   (False, "OBJECTED", "OBJECTED")),
    ("service",             "email", 101, (FORM, CRM), (no(purpose="nope"),),               (True, "BASIS", "RELATION_PROVEN")),
    ("service",             "email", 101, (FORM, CRM), (no("restricted", purpose="nope"),), (False, "RESTRICTED", "RESTRICTED")),
    ("partner_offers",      "email", 101, (CHILD,), (yes(purpose="partner_offers", actor="guardian"),),  (False, "MINOR", "MINOR")),
]  # fmt: skip


@pytest.mark.parametrize(("purpose", "channel", "point", "records", "events", "expected"), OTHER_BASES)
def test_contract_duty_and_legitimate_interest(
    purpose: str, channel: str, point: int, records: tuple[Record, ...], events: tuple[Event, ...], expected: tuple[bool, str, str]
) -> None:
    assert both(records, events, purpose, channel, point) == expected


def test_a_balancing_test_past_its_review_blocks_the_purpose() -> None:
    day_after = AS_OF.replace(year=2027, month=2, day=11)
    decided = decide(policy(), day_after, (FORM, CRM), (), "satisfaction_survey", "email", 101)
    assert (decided.allowed, decided.state, decided.reasons) == (False, "LIA_EXPIRED", ("BALANCING_TEST_EXPIRED",))
    assert decide(policy(), AS_OF, (FORM, CRM), (), "satisfaction_survey", "email", 101).valid_until == "2027-02-10T23:59:59Z"


def test_people_who_share_an_address_decide_each_for_themselves() -> None:
    mother, daughter = replace(CRM, record_id=2), replace(FORM, record_id=1)
    world = World((daughter, mother), ("B", "A"), (yes(), no(record_id=2)))
    told = as_dict(answer(world))
    assert told["B", "newsletter", "email", 101][0] is True
    assert told["A", "newsletter", "email", 101][:2] == (False, "WITHDRAWN")


def test_a_post_needs_an_address() -> None:
    told = as_dict(answer(World((FORM,), ("A",), ())))
    assert ("A", "service", "post", 0) not in told
    assert ("A", "service", "email", 101) in told


SURE = replace(YES, type="confirmed", method=None, text_version=None, text_hash=None, purpose_version=None, effective_at="2026-03-10T10:00:00Z")
DOUBLE_OPT_IN = [
    # where every yes by e-mail has to be confirmed within 30 days
    ("a yes nobody confirmed",                    (yes(),), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("a yes confirmed nine days later",           (yes(), SURE), (True, "GRANTED", "GRANT_VALID")),
    ("confirmed before it was said",              (yes(), replace(SURE, effective_at="2026-02-01T10:00:00Z")), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("confirmed after 31 days",                   (yes(), replace(SURE, effective_at="2026-04-01T10:00:00Z")), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("confirmed through another address",         (yes(), replace(SURE, point_ref=102)), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("confirmed by another record",               (yes(), replace(SURE, record_id=2)), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("confirmed by an import",                    (yes(), replace(SURE, actor="import")), (False, "CONFIRM_PENDING", "CONFIRM_PENDING")),
    ("withdrawn between the two",                 (yes(), no(record_id=1, effective_at="2026-03-05T10:00:00Z"), SURE), (False, "WITHDRAWN", "WITHDRAWN")),
    ("a confirmation without a proven yes",       (yes(text_hash=None), SURE), (False, "UNPROVEN", "PROOF_WITHOUT_TEXT")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "events", "expected"), DOUBLE_OPT_IN, ids=[row[0] for row in DOUBLE_OPT_IN])
def test_where_a_yes_must_be_confirmed_it_counts_once_it_was(said: str, events: tuple[Event, ...], expected: tuple[bool, str, str]) -> None:
    assert both((FORM,), events, "newsletter", "email", 101, strict=True) == expected


TOLD = Event(2, "notified", "*", effective_at=AUGUST, recorded_at=AUGUST, actor="agent")


def test_nobody_is_reached_from_bought_data_before_they_were_told() -> None:
    assert both((CRM,), (), "satisfaction_survey", "email", 102, strict=True) == (False, "NOTICE_PENDING", "NOTICE_PENDING,NO_RELATION")
    assert both((CRM,), (TOLD,), "satisfaction_survey", "email", 102, strict=True) == (True, "BASIS", "RELATION_PROVEN")
    late = replace(TOLD, effective_at="2026-12-01T00:00:00Z", recorded_at="2026-12-01T00:00:00Z")
    assert both((CRM,), (late,), "satisfaction_survey", "email", 102, strict=True) == (False, "NOTICE_PENDING", "NOTICE_PENDING,NO_RELATION")


def test_where_the_law_wants_consent_no_other_ground_reaches_for_marketing() -> None:
    german = replace(CRM, country="DE")
    assert both((german,), (TOLD,), "satisfaction_survey", "email", 102, strict=True) == (False, "CONSENT_REQUIRED", "CONSENT_REQUIRED")


LEAD = Record(3, "spreadsheet", "BR", None, frozenset({("email", 103)}))
UNNAMED = (False, "NO_PURPOSE", "PUBLIC_WITHOUT_PURPOSE,NO_RELATION")
COPIED = yes(record_id=3, purpose="partner_offers", point_ref=103)
PUBLIC = [
    # the workbook was scraped: billing and the newsletter are named for it, nothing else is; the tickets' purpose begins next year
    ("a purpose that is named",            LEAD, (), "billing", "email", 103, (True, "BASIS", "RELATION_PROVEN")),
    ("a purpose nobody named",             LEAD, (), "service", "email", 103, UNNAMED),
    ("a purpose that contacts nobody",     LEAD, (), "fraud_prevention", "none", 0, UNNAMED),
    ("a purpose not named yet",            replace(LEAD, source="tickets"), (), "service", "email", 103, UNNAMED),
    ("a yes for a purpose that is named",  LEAD, (yes(record_id=3, purpose="newsletter", point_ref=103), replace(SURE, record_id=3, point_ref=103)),
        "newsletter", "email", 103, (True, "GRANTED", "GRANT_VALID")),
    ("a yes copied along with the data",   LEAD, (COPIED,), "partner_offers", "email", 103, (False, "NO_PURPOSE", "PUBLIC_WITHOUT_PURPOSE")),
    ("a no to what nobody named",          LEAD, (no("objected", record_id=3, purpose="fraud_prevention"),), "fraud_prevention", "none", 0,
        (False, "OBJECTED", "OBJECTED,PUBLIC_WITHOUT_PURPOSE,NO_RELATION")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "record", "events", "purpose", "channel", "point", "expected"), PUBLIC, ids=[row[0] for row in PUBLIC])
def test_public_data_count_only_for_the_purposes_named_for_their_source(
    said: str, record: Record, events: tuple[Event, ...], purpose: str, channel: str, point: int, expected: tuple[bool, str, str]
) -> None:
    assert both((record,), events, purpose, channel, point, strict=True) == expected


def test_public_data_lend_no_permission_to_an_address_another_source_gave_too() -> None:
    own = replace(LEAD, record_id=1, source="form")
    assert both((own, LEAD), (), "service", "email", 103, strict=True) == (False, "NO_RELATION", "NO_RELATION")
    assert both((own, LEAD), (COPIED,), "partner_offers", "email", 103, strict=True) == (False, "NEVER_ASKED", "PUBLIC_WITHOUT_PURPOSE")
    assert both((own, LEAD), (yes(purpose="partner_offers", point_ref=103),), "partner_offers", "email", 103, strict=True)[0]


SALE = Event(2, "bought", "own_offers", "email", 102, None, MARCH, "2026-03-02T00:00:00Z", "import", None, "v1", "cc")
SALES = [
    # what the CRM says of a customer; own similar products, by e-mail, for a year after a sale
    ("a customer, no sale on record",              (TOLD,), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale on record",                           (TOLD, SALE), (True, "BASIS", "RELATION_PROVEN,SALE_PROVEN")),
    ("a sale through another address",             (TOLD, replace(SALE, point_ref=101)), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale through no address in particular",    (TOLD, replace(SALE, point_ref=None)), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale on no channel in particular",         (TOLD, replace(SALE, channel="*")), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale of something that is not similar",    (TOLD, replace(SALE, purpose="newsletter")), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale by another company",                  (TOLD, replace(SALE, controller="Outra SA")), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale at an unknown time",                  (TOLD, replace(SALE, effective_at=None)), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale dated tomorrow",                      (TOLD, replace(SALE, effective_at="2026-11-23T12:00:00Z")), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("the no was not offered with the address",    (TOLD, replace(SALE, text_hash=None)), (False, "NO_SALE", "SALE_UNPROVEN")),
    ("a sale a year ago",                          (TOLD, replace(SALE, effective_at="2025-11-22T12:00:00Z")), (False, "NO_SALE", "SALE_LAPSED")),
    ("a sale by a record nobody was told of",      (SALE,), (False, "NOTICE_PENDING", "NOTICE_PENDING,NO_RELATION,SALE_UNPROVEN")),
    ("said no after the sale",                     (TOLD, SALE, no("objected", purpose="own_offers")), (False, "OBJECTED", "OBJECTED")),
    ("said no, then bought again",                 (TOLD, no("objected", purpose="own_offers"), replace(SALE, effective_at=AUGUST)),
        (False, "OBJECTED", "OBJECTED")),
    ("said no to any other marketing",             (TOLD, SALE, no("objected", purpose="newsletter")), (False, "OBJECTED", "OBJECTED_TO_MARKETING")),
]  # fmt: skip


@pytest.mark.parametrize(("said", "events", "expected"), SALES, ids=[row[0] for row in SALES])
def test_without_a_sale_on_record_there_is_no_soft_opt_in(said: str, events: tuple[Event, ...], expected: tuple[bool, str, str]) -> None:
    assert both((CRM,), events, "own_offers", "email", 102, strict=True) == expected


def test_a_soft_opt_in_ends_with_its_days_or_the_balancing_test_whichever_is_earlier() -> None:
    for sold, until in ((MARCH, "2027-02-10T23:59:59Z"), ("2026-01-01T10:00:00Z", "2027-01-01T10:00:00Z")):
        assert both((CRM,), (TOLD, replace(SALE, effective_at=sold)), "own_offers", "email", 102, strict=True)[0]
        assert decide(policy(True), AS_OF, (CRM,), (TOLD, replace(SALE, effective_at=sold)), "own_offers", "email", 102).valid_until == until


def test_a_sale_stands_for_consent_only_where_the_law_takes_it() -> None:
    german, french = replace(CRM, country="DE"), replace(CRM, country="FR", points=frozenset({("email", 102), ("phone", 201)}))
    assert both((german,), (TOLD, SALE), "own_offers", "email", 102, strict=True) == (True, "BASIS", "RELATION_PROVEN,SALE_PROVEN")
    assert both((german,), (TOLD,), "own_offers", "email", 102, strict=True) == (False, "CONSENT_REQUIRED", "CONSENT_REQUIRED,SALE_UNPROVEN")
    assert both((french,), (TOLD, SALE), "own_offers", "phone", 201, strict=True) == (False, "CONSENT_REQUIRED", "CONSENT_REQUIRED")


def test_a_text_that_does_not_name_the_recipients_shares_nothing() -> None:
    partner = policy().purposes["partner_offers"]
    silent = partner.model_copy(update={"versions": {"0": Version(), "1": Version(covered_by=("0",), names=("partners",))}})
    changed = policy().model_copy(update={"purposes": policy().purposes | {"partner_offers": silent}})
    old = yes(purpose="partner_offers", purpose_version="0")
    told = decide(changed, AS_OF, (FORM,), (old,), "partner_offers", "email", 101)
    assert (told.allowed, told.reasons) == (False, ("RECIPIENT_NOT_NAMED",))


def test_a_yes_to_version_1_does_not_cover_a_version_2_that_asks_for_more() -> None:
    letter = policy().purposes["newsletter"].model_copy(update={"versions": {"1": Version(), "2": Version()}})
    changed = policy().model_copy(update={"purposes": policy().purposes | {"newsletter": letter}})
    assert decide(changed, AS_OF, (FORM,), (yes(),), "newsletter", "email", 101).reasons == ("OTHER_VERSION",)
    assert decide(changed, AS_OF, (FORM,), (yes(purpose_version="2"),), "newsletter", "email", 101).allowed


CLOCKS = [
    # as known at, as effective at                                                  what the ledger answers
    ("what we knew before the withdrawal came",   datetime(2026, 6, 1, 12, tzinfo=UTC), AS_OF, True),
    ("what we knew after it came",                datetime(2026, 6, 3, tzinfo=UTC), AS_OF, False),
    ("what was so before it took effect",         None, datetime(2026, 5, 1, tzinfo=UTC), True),
    ("what was so after it took effect",          None, datetime(2026, 6, 1, 12, tzinfo=UTC), False),
    ("what was so before the yes",                None, datetime(2026, 2, 1, tzinfo=UTC), False),
    ("what we knew before the yes came",          datetime(2026, 3, 1, 12, tzinfo=UTC), AS_OF, False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "known_at", "as_of", "allowed"), CLOCKS, ids=[row[0] for row in CLOCKS])
def test_the_ledger_answers_as_known_at_and_as_effective_at(what: str, known_at: datetime | None, as_of: datetime, allowed: bool) -> None:
    assert decide(policy(), as_of, (FORM, CRM), (yes(), no()), "newsletter", "email", 101, known_at).allowed is allowed


def test_an_age_counts_on_the_day_of_the_decision_not_of_the_load() -> None:
    child = replace(FORM, birth_date="2008-11-23")
    granted = yes(actor="guardian")
    assert decide(policy(), AS_OF, (child,), (granted,), "newsletter", "email", 101).allowed
    assert decide(policy(), AS_OF.replace(day=23), (child,), (granted,), "newsletter", "email", 101).reasons == ("GUARDIAN_LAPSED",)


def test_a_rule_counts_from_its_day_on() -> None:
    french = Record(1, "form", "FR", "1980-01-01", frozenset({("phone", 201)}))
    call = replace(YES, purpose="partner_offers", channel="phone", point_ref=201, effective_at="2025-01-01T00:00:00Z")
    for day, allowed in ((10, True), (11, False)):  # in force since 11 August 2026
        assert decide(policy(), datetime(2026, 8, day, tzinfo=UTC), (french,), (call,), "partner_offers", "phone", 201).allowed is allowed
