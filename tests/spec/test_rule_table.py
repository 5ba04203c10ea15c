"""What each rule means, as a table: records that fail it, records that pass it, and the reason left on the failing ones.

Every line is judged twice, by the column masks and by Great Expectations.
"""

from typing import Any

import pytest
from rule_rows import AS_OF, EMAIL, LOST, PHONE, asking, consenting, email, frames, person, phone, unread

from expectations import findings
from expectations.rules import RULES

BY_ID = {rule.id: rule for rule in RULES}
CPF, OTHER_CPF = "52998224725", "11144477735"
ORGANISATION: dict[str, Any] = {"kind": "organisation", "full_name": None, "company": "Exemplo Ltda", "birth_date": None, "birth_precision": None}

BARE = person(unread(EMAIL), birth_date=None, birth_precision=None)
"""A name and a town, and nothing else."""

# rule, reason, records that fail it, records that pass it
ROWS: list[tuple[str, str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("DQ-101", "NO_NAME", [person(full_name=None)], [person(full_name=None, social_name="Ana"), person(**ORGANISATION)]),
    ("DQ-102", "NO_CONTACT_POINT",
     [person(unread(EMAIL)), person(unread(PHONE), street="Rua Exemplo", city=None, postal_code=None)],
     [person(unread(EMAIL), PHONE), person(EMAIL), person(unread(EMAIL), street="Rua Exemplo")]),
    ("DQ-103", "NO_COUNTRY", [person(country=None)], [person(country="PT")]),
    ("DQ-104", "NO_CNPJ", [person(**ORGANISATION)], [person(**ORGANISATION, cnpj="11222333000181"), person(**(ORGANISATION | {"country": "PT"}))]),
    ("DQ-105", "PHONE_WITHOUT_DDD", [person(EMAIL, phone(value=None, status="suggested"))], [person(EMAIL, PHONE), person(email(status="suggested"))]),
    ("DQ-106", "NOTHING_TO_GO_BY", [BARE],
     [BARE | {"street": "Rua Exemplo"}, BARE | {"cpf": CPF}, BARE | {"birth_date": "1990"}, person(EMAIL, full_name=None, birth_date=None)]),
    ("DQ-107", "NO_TOWN", [person(street="Rua Exemplo", city=None, postal_code=None)], [person(street="Rua Exemplo", city=None), person(city=None)]),
    ("DQ-108", "NO_STATE", [person(uf=None, postal_code=None)], [person(uf=None), person(postal_code=None), person(uf=None, postal_code=None, country="PT")]),
    ("DQ-109", "NO_FAMILY_NAME", [person(full_name="Maria", family_name=None)], [person(), person(full_name=None, given_name=None, family_name=None)]),
    ("DQ-110", "CONSENT_WITHOUT_TEXT", [consenting({"text_version": None})],
     [consenting({"text_version": None, "text_hash": "0af1"}), consenting({"text_version": None, "type": "refused"}), consenting({})]),
    ("DQ-111", "CONSENT_WITHOUT_DATE", [consenting({"effective_at": None})], [consenting({}), consenting({"effective_at": None, "type": "refused"})]),
    ("DQ-112", "CONSENT_WITHOUT_METHOD", [consenting({"method": None})], [consenting({}), consenting({"method": None, "type": "objected"})]),
    ("DQ-113", "INTERACTION_WITHOUT_REQUESTER", [asking(by="nobody")], [asking(by="stranger"), asking()]),
    ("DQ-114", "INTERACTION_WITHOUT_DATE", [asking(opened_at=None)], [asking()]),
    ("DQ-201", "CPF_CHECK_DIGITS", [person(cpf="52998224724"), person(cpf="11111111111"), person(cpf="123")], [person(cpf=CPF), person(cpf=None)]),
    ("DQ-202", "CNPJ_CHECK_DIGITS", [person(cnpj="11222333000180"), person(cnpj="00000000000000")],
     [person(cnpj="11222333000181"), person(cnpj="12ABC34501DE35")]),
    ("DQ-203", "EMAIL_FORM", [person(email("sem-arroba")), person(email("a@b")), person(email("a b@exemplo.com"))],
     [person(email("a.b+c@exemplo.com.br")), person(unread(EMAIL))]),
    ("DQ-204", "PHONE_NOT_E164", [person(phone("11987654321")), person(phone("+0511987654321"))], [person(phone("+351912345678"))]),
    ("DQ-205", "EMAIL_UNREADABLE", [person(EMAIL, unread(EMAIL))], [person(EMAIL, unread(PHONE))]),
    ("DQ-206", "PHONE_UNREADABLE", [person(unread(PHONE), EMAIL)], [person(unread(EMAIL), PHONE)]),
    ("DQ-207", "BIRTH_DATE_IMPOSSIBLE", [person(birth_date="2026-11-23"), person(birth_date="1899-12-30")],
     [person(birth_date="2026-11-22"), person(birth_date="1990-05", birth_precision="month"), person(birth_date="--03-07", birth_precision="yearless")]),
    ("DQ-208", "UF_UNKNOWN", [person(uf="XX"), person(uf="sp")], [person(uf="DF"), person(uf=None), person(uf="XX", country="PT")]),
    ("DQ-209", "CEP_FORM", [person(postal_code="1310100"), person(postal_code="01310-100", country=None)], [person(postal_code="1000001", country="PT")]),
    ("DQ-210", "NAME_LENGTH", [person(full_name="Jo"), person(full_name="A" * 121)], [person(full_name="Ana"), person(full_name=None)]),
    ("DQ-211", "CPF_UNREADABLE", [person(notes={"cpf": "CHECK_DIGITS"})], [person(notes={"cpf": "LOST_ZEROS"}), person(notes={"cnpj": "CHECK_DIGITS"})]),
    ("DQ-212", "BIRTH_DATE_UNREADABLE", [person(notes={"birth_date": "FUTURE_DATE"})], [person(notes={"birth_date": "EXCEL_SERIAL"})]),
    ("DQ-213", "UF_UNREADABLE", [person(notes={"uf": "UNKNOWN_UF"})], [person(uf=None)]),
    ("DQ-214", "CEP_UNREADABLE", [person(notes={"postal_code": "WRONG_LENGTH"})], [person(postal_code=None)]),
    ("DQ-215", "CNPJ_UNREADABLE", [person(notes={"cnpj": "CHECK_DIGITS"})], [person(notes={"cnpj": "LOST_ZEROS"}), person(notes={"cpf": "CHECK_DIGITS"})]),
    ("DQ-216", "COUNTRY_UNREADABLE", [person(country=None, notes={"country": "UNKNOWN_COUNTRY"})], [person(country=None)]),
    ("DQ-217", "CITY_UNREADABLE", [person(notes={"city": "NOT_A_CITY"}), person(notes={"city": "CHAR_LOSS"})], [person(notes={"city": "CASING"})]),
    ("DQ-218", "STREET_UNREADABLE", [person(notes={"street": "NOT_A_STREET"})], [person(notes={"street": "MOJIBAKE"})]),
    ("DQ-219", "LANGUAGE_UNREADABLE", [person(notes={"language": "UNKNOWN_LANGUAGE"})], [person()]),
    ("DQ-220", "NAME_UNREADABLE", [person(full_name=None, notes={"full_name": "NOT_A_NAME"})], [person(notes={"full_name": "REVERSED"})]),
    ("DQ-221", "PHONE_NOT_IN_PLAN",
     [person(phone("+551187654321")), person(phone("+5510987654321")), person(phone("+55119876543210"))],
     [person(PHONE), person(phone("+551133334444", subtype="fixed")), person(phone("+351912345678")), person(phone("+5508001234567", subtype="service"))]),
    ("DQ-222", "INTERACTION_CHANNEL_UNKNOWN", [asking(channel="any_channel"), asking(channel="unknown")], [asking(channel="chat"), asking(channel="whatsapp")]),
    ("DQ-223", "CONSENT_CHANNEL_UNKNOWN", [consenting({"channel": "*", "to": None})], [consenting({"channel": "*", "to": None, "type": "refused"})]),
    ("DQ-224", "CONSENT_UNREADABLE", [person(notes={"consents": "CONSENT_NOT_READ"})], [person()]),
    ("DQ-225", "SOCIAL_NAME_UNREADABLE", [person(notes={"social_name": "PLACEHOLDER"})],
     [person(social_name="Ana"), person(notes={"full_name": "PLACEHOLDER"})]),
    ("DQ-226", "RG_UNREADABLE", [person(notes={"rg": "NO_ISSUING_UF"}), person(notes={"rg": "MASKED_AT_SOURCE"})], [person(notes={"cpf": "MASKED_AT_SOURCE"})]),
    ("DQ-227", "TAX_ID_UNREADABLE", [person(notes={"tax_id": "CHECK_DIGITS"})], [person(notes={"tax_id": "NOT_VERIFIED"})]),
    ("DQ-301", "DUPLICATE_CPF_AND_NAME", [person(cpf=CPF), person(cpf=CPF)],
     [person(cpf=CPF, source="form"), person(cpf=CPF, name_key="ana exenplo"), person(cpf=None), person(cpf=None)]),
    ("DQ-302", "DUPLICATE_EMAIL_AND_NAME", [person(EMAIL), person(EMAIL)], [person(EMAIL, source="form"), person(PHONE), person(PHONE)]),
    ("DQ-303", "CPF_SHARED", [person(cpf=CPF, name_key="ana luz"), person(cpf=CPF, name_key="rui luz")],
     [person(cpf=OTHER_CPF, name_key="ana luz"), person(cpf=OTHER_CPF, name_key="ana luz silva"), person(cpf=CPF, name_key=None)]),
    ("DQ-304", "EMAIL_SHARED", [person(email("loja@exemplo.com"), name_key=name) for name in ("ana", "rui", "eva")],
     [person(email("casa@exemplo.com"), name_key=name) for name in ("ana", "rui", "ana maria")]),
    ("DQ-305", "PHONE_SHARED", [person(phone("+551133334444"), name_key=name) for name in ("ana", "rui", "eva", "ivo")],
     [person(phone("+551155556666"), name_key=name) for name in ("ana", "rui", "eva")]),
    ("DQ-306", "DUPLICATE_PHONE_AND_NAME", [person(PHONE), person(PHONE)],
     [person(PHONE, source="form"), person(PHONE, name_key="ana luz"), person(EMAIL), person(EMAIL, name_key="eva")]),
    ("DQ-307", "DUPLICATE_CNPJ", [person(**ORGANISATION, cnpj="11222333000181"), person(**ORGANISATION, cnpj="11222333000181")],
     [person(**ORGANISATION, cnpj="11222333000181", source="form"), person(cnpj="11222333000181"), person(cnpj="11222333000181")]),
    ("DQ-308", "DUPLICATE_NAME_AND_BIRTH", [person(EMAIL), person(PHONE)],
     [person(name_key="ana luz"), person(birth_date="1990-05-18"), person(birth_date="1990", birth_precision="year", source="form"),
      person(birth_date="1990", birth_precision="year", source="form")]),
    ("DQ-401", "DDD_UF_DISAGREE", [person(phone("+5521987654321")), person(PHONE, uf="GO")],
     [person(PHONE), person(phone("+5561987654321"), uf="GO"), person(phone("+5561987654321"), uf="DF"), person(phone("+351912345678")),
      person(PHONE, uf=None)]),
    ("DQ-402", "CEP_UF_DISAGREE", [person(postal_code="20040020"), person(postal_code="72800000", uf="DF"), person(postal_code="69300000", uf="AM")],
     [person(), person(postal_code="72800000", uf="GO"), person(postal_code="69300000", uf="RR"), person(postal_code="20040020", uf=None)]),
    ("DQ-403", "ORGANISATION_WITH_CPF", [person(**ORGANISATION, cpf=CPF)], [person(**ORGANISATION), person(cpf=CPF)]),
    ("DQ-404", "CREATED_AFTER_UPDATED", [person(source_created_at="2026-03-01T12:00:01Z")],
     [person(source_created_at="2026-03-01T12:00:00Z"), person(source_created_at=None)]),
    ("DQ-405", "ORGANISATION_WITH_BIRTH_DATE", [person(**(ORGANISATION | {"birth_date": "1990-05-17", "birth_precision": "day"}))],
     [person(**ORGANISATION), person()]),
    ("DQ-406", "SOCIAL_NAME_IS_CIVIL", [person(social_name="Maria Exemplo")], [person(social_name="Ana Exemplo"), person(social_name="Ana", full_name=None)]),
    ("DQ-407", "COMPANY_IS_NAME", [person(company="Maria Exemplo")],
     [person(company="Exemplo Ltda"), person(**(ORGANISATION | {"full_name": "Exemplo Ltda"}))]),
    ("DQ-408", "STATE_CONTRADICTED", [person(PHONE, cpf=CPF, uf="MG")],
     [person(PHONE, cpf=CPF, uf="SP"), person(PHONE, cpf=CPF, uf="ES"), person(PHONE, uf="MG"), person(EMAIL, cpf=CPF, uf="MG")]),
    ("DQ-409", "BORN_AFTER_CREATED", [person(birth_date="2024-03-02")], [person(), person(birth_date="2024-03-01"), person(source_created_at=None)]),
    ("DQ-410", "FREE_MAIL_OF_ORGANISATION", [person(email("loja@gmail.com"), **ORGANISATION)],
     [person(email("loja@exemplo.com.br"), **ORGANISATION), person(email("maria@gmail.com"))]),
    ("DQ-411", "GRANT_WITHOUT_POINT", [consenting({"to": None})],
     [consenting({}), consenting({"to": None, "type": "refused"}), consenting({"to": None, "channel": "post"})]),
    ("DQ-412", "GRANT_POINT_GONE", [consenting({"to": LOST})], [consenting({}), consenting({"to": None}), consenting({"to": LOST, "type": "withdrawn"})]),
    ("DQ-413", "GRANT_POINT_UNUSABLE", [person(unread(EMAIL), consents=[{}])], [person(email(status="suggested"), consents=[{}]), consenting({"to": LOST})]),
    ("DQ-414", "GRANT_WITHOUT_ADDRESS", [consenting({"channel": "post", "to": None})],
     [consenting({"channel": "post", "to": None}, street="Rua Exemplo"), consenting({})]),
    ("DQ-415", "MOBILE_GRANT_ON_LANDLINE",
     [person(phone("+551133334444", subtype="fixed"), consents=[{"channel": "whatsapp"}]), person(phone(subtype="fixed"), consents=[{"channel": "sms"}])],
     [person(PHONE, consents=[{"channel": "whatsapp"}]), person(phone(subtype="fixed"), consents=[{"channel": "phone"}])]),
    ("DQ-416", "GUARDIAN_OF_ADULT", [consenting({"actor": "guardian"})],
     [consenting({"actor": "guardian"}, birth_date="2010-01-01"), consenting({}), consenting({"actor": "guardian"}, birth_date=None),
      consenting({"actor": "guardian"}, birth_date="2008", birth_precision="year")]),
    ("DQ-417", "MINOR_WITHOUT_GUARDIAN",
     [consenting({}, birth_date="2008-11-23"), consenting({"actor": "import"}, birth_date="2008", birth_precision="year")],
     [consenting({}), consenting({}, birth_date="2008-11-22"), consenting({"actor": "guardian"}, birth_date="2010-01-01")]),
    ("DQ-418", "CONSENT_CONTRADICTS_ITSELF", [consenting({}, {"type": "refused"})],
     [consenting({}, {"type": "refused", "effective_at": "2026-05-01T12:00:01Z"}), consenting({}, {"type": "refused", "purpose": "surveys"}),
      consenting({}, {"type": "refused", "channel": "phone"}), consenting({}, {"to": 1})]),
    ("DQ-419", "REQUESTER_UNKNOWN", [asking(by="stranger")], [asking(), asking(by="nobody")]),
    ("DQ-420", "CLOSED_BEFORE_OPENED", [asking(updated_at="2026-06-01T08:59:59Z")], [asking(updated_at="2026-06-01T09:00:00Z"), asking(updated_at=None)]),
    ("DQ-421", "CITY_NOT_IN_UF", [person(notes={"city": "CITY_NOT_IN_UF"})], [person(notes={"city": "CITY_ALIAS"})]),
    ("DQ-501", "UPDATED_IN_FUTURE", [person(source_updated_at="2026-11-23T06:00:01Z")], [person(source_updated_at="2026-11-23T06:00:00Z")]),
    ("DQ-502", "STALE", [person(source_updated_at="2021-11-22T05:59:59Z")], [person(source_updated_at="2021-11-22T06:00:00Z"), person(source_updated_at=None)]),
    ("DQ-503", "CREATED_IN_FUTURE", [person(source_created_at="2026-11-23T06:00:01Z")], [person(source_created_at="2026-11-23T06:00:00Z")]),
    ("DQ-504", "VERIFICATION_OLD", [person(email(verified_at="2024-11-22T05:59:59Z"))],
     [person(email(verified_at="2024-11-22T06:00:00Z")), person(), person(email(verified_at="2020-01-01T00:00:00Z", status="rejected"))]),
    ("DQ-505", "VERIFIED_IN_FUTURE", [person(email(verified_at="2027-01-01T00:00:00Z"))], [person(email(verified_at="2026-11-22T00:00:00Z"))]),
    ("DQ-506", "CONSENT_IN_FUTURE",
     [consenting({"effective_at": "2026-11-24T00:00:00Z"}), consenting({"effective_at": "2026-11-24T00:00:00Z", "type": "refused"})], [consenting({})]),
    ("DQ-507", "CONSENT_OLD", [consenting({"effective_at": "2024-11-22T05:59:59Z"})],
     [consenting({"effective_at": "2024-11-22T06:00:00Z"}), consenting({"effective_at": "2020-01-01T00:00:00Z", "type": "refused"}),
      consenting({"effective_at": "2020-01-01T00:00:00Z"}, {})]),
    ("DQ-508", "INTERACTION_IN_FUTURE", [asking(opened_at="2026-11-23T06:00:01Z", updated_at=None)], [asking()]),
    ("DQ-509", "INTERACTION_FORGOTTEN", [asking(status="open", updated_at="2025-11-22T05:59:59Z", opened_at="2025-01-01T00:00:00Z")],
     [asking(status="open"), asking(status="solved", updated_at="2024-01-01T00:00:00Z")]),
    ("DQ-601", "NAME_CHARACTER_LOSS", [person(notes={"full_name": "CHAR_LOSS"})], [person(notes={"full_name": "CASING"}), person(full_name=None)]),
    ("DQ-602", "NAME_PLACEHOLDER", [person(full_name=None, notes={"full_name": "PLACEHOLDER"})], [person(notes={"cpf": "PLACEHOLDER"})]),
    ("DQ-603", "CPF_IN_NAME", [person(notes={"full_name": "CPF_IN_NAME"})], [person(notes={"full_name": "CNPJ_IN_NAME"})]),
    ("DQ-604", "EMAIL_TYPO", [person(email("maria@gmial.com", status="suggested"))], [person(EMAIL), person(email(status="fixed"))]),
    ("DQ-605", "EMAIL_DISPOSABLE", [person(email(subtype="disposable"))], [person(email(subtype="role")), person(email(subtype=None))]),
    ("DQ-606", "MINOR",
     [person(birth_date="2008-11-23"), person(birth_date="2008-11", birth_precision="month"), person(birth_date="2008", birth_precision="year")],
     [person(birth_date="2008-11-22"), person(birth_date="2007", birth_precision="year"), person(birth_date="--11-23", birth_precision="yearless")]),
    ("DQ-607", "CPF_LEFT_IN_NAME", [person(full_name="Joao 529.982.247-25"), person(full_name="Joao 52998224725")], [person(full_name="Joao 5299822472")]),
    ("DQ-608", "PHONE_FOR_ANYBODY", [person(phone("+551199998888"), name_key=f"ana{n}") for n in range(21)],
     [person(phone("+551177776666"), name_key=f"ana{n}") for n in range(20)]),
    ("DQ-609", "EMAIL_FOR_ANYBODY", [person(email("cliente@exemplo.com"), name_key=f"ana{n}") for n in range(21)],
     [person(email("contato@exemplo.com", subtype="role"), name_key=f"ana{n}") for n in range(21)]),
    ("DQ-610", "EMAIL_AS_NAME", [person(full_name=None, notes={"full_name": "EMAIL_IN_NAME"})], [person(notes={"full_name": "CASING"})]),
    ("DQ-611", "CNPJ_BESIDE_NAME", [person(notes={"full_name": "CNPJ_IN_NAME"})], [person(notes={"full_name": "CPF_IN_NAME"})]),
    ("DQ-612", "NAME_FROM_EMAIL", [person(email("mexemplo@exemplo.com.br"), full_name="Mexemplo")],
     [person(email("maria@exemplo.com.br")), person(email("m.exemplo@exemplo.com.br"), full_name="Maria"), person(PHONE, full_name="Maria"),
      person(email("loja@exemplo.com"), **(ORGANISATION | {"full_name": "Loja"}))]),
    ("DQ-613", "CEP_OF_WHOLE_TOWN", [person(street="Rua Exemplo", postal_code="01000000")],
     [person(street="Rua Exemplo"), person(postal_code="01000000"), person(street="Rua Exemplo", city="Jataí", uf="GO", postal_code="75800000")]),
    ("DQ-614", "SERVICE_NUMBER", [person(phone("+5508001234567", match_key=None, subtype="service"))], [person(PHONE)]),
    ("DQ-615", "ROLE_EMAIL_OF_PERSON", [person(email("contato@exemplo.com.br", subtype="role"))],
     [person(EMAIL), person(email("contato@exemplo.com.br", subtype="role"), **ORGANISATION)]),
    ("DQ-616", "CONTACT_IN_STREET", [person(street="Rua A, ana@exemplo.com"), person(street="Rua A tel (11) 98765-4321")],
     [person(street="Rua 25 de Março, 100"), person(street="Quadra 12 Lote 3344")]),
]  # fmt: skip

# halt rule, sources it stops, sources it lets pass
SOURCES: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("DQ-901", [person(record_id=7), person(record_id=7)], [person(record_id=8, source="form")]),
    ("DQ-902", [person(), BARE, BARE], [person(source="form"), BARE | {"source": "form"}]),
    ("DQ-903", [person(EMAIL, unread(PHONE), unread(EMAIL))], [person(EMAIL, unread(PHONE), source="form")]),
    ("DQ-904", [person(), person(notes={"full_name": "CHAR_LOSS"})],
     [person(source="form")] * 7 + [person(source="form", notes={"full_name": "CHAR_LOSS"})] * 3),
    ("DQ-905", [person()] * 8 + [person(notes={"consents": "CONSENT_NOT_READ"})],
     [person(source="form")] * 9 + [person(source="form", notes={"consents": "CONSENT_NOT_READ"})]),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "reason", "fail", "hold"), ROWS, ids=[row[0] for row in ROWS])
def test_a_record_fails_a_rule_or_passes_it(rule_id: str, reason: str, fail: list[dict[str, Any]], hold: list[dict[str, Any]]) -> None:
    from expectations.parts import validate_frames

    rule, built = BY_ID[rule_id], frames(fail + hold)
    judged = findings.judge(built, AS_OF, (rule,))
    found = findings.findings(judged, built)
    first = 1001 if rule.table == "interaction" else 1
    assert found["record_id"].tolist() == list(range(first, first + len(fail)))
    assert set(found["reason"]) == {reason}
    assert validate_frames(built, AS_OF, (rule,))[rule_id].failed_rows == int(judged[0].failed.sum())


@pytest.mark.parametrize(("rule_id", "stop", "hold"), SOURCES, ids=[row[0] for row in SOURCES])
def test_a_source_stops_the_batch_or_lets_it_pass(rule_id: str, stop: list[dict[str, Any]], hold: list[dict[str, Any]]) -> None:
    from expectations.gate import failing_sources
    from expectations.parts import validate_frames

    rule, built = BY_ID[rule_id], frames(stop + hold)
    judged = findings.judge(built, AS_OF, (rule,))
    assert failing_sources(findings.counts(judged, built))["source"].tolist() == ["crm"]
    assert findings.findings(judged, built).empty, "a rule about sources leaves nothing on records"
    assert validate_frames(built, AS_OF, (rule,))[rule_id].failed_sources == 1


def test_every_rule_is_in_a_table() -> None:
    assert [row[0] for row in ROWS] + [row[0] for row in SOURCES] == [rule.id for rule in RULES]


def test_a_sound_contact_has_no_finding() -> None:
    built = frames([person()])
    assert findings.findings(findings.judge(built, AS_OF), built).empty
