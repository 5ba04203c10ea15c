"""Completeness: what is missing so that a record cannot be used, or a consent not be proved."""

from expectations.conditions import AnyGiven, NotInSet, NotNull
from expectations.rules.rule import OFFICER, SOURCE, STEWARD, Rule
from expectations.rules.words import BRAZIL, GO_BY, GRANTED, HAS_STREET, IS_PHONE, NAMES, ORGANISATION, PERSON, REACHES

RULES = (
    Rule("DQ-101", "contact", "full_name", "completeness", "warn", SOURCE, 2, "NO_NAME", AnyGiven((NAMES,)),
         "nenhum nome: nem civil, nem social, nem empresa", "no name at all: neither civil, nor social, nor company"),
    Rule("DQ-102", "contact", "email", "completeness", "warn", SOURCE, 3, "NO_CONTACT_POINT", AnyGiven((REACHES,)),
         "nenhum meio de contato utilizável: e-mail, telefone ou endereço postal", "no usable way to reach: e-mail, phone or postal address"),
    Rule("DQ-103", "contact", "country", "completeness", "warn", SOURCE, 1, "NO_COUNTRY", NotNull("country"),
         "país ausente: não se sabe qual lei e qual formato valem", "country missing: which law and which formats hold is unknown"),
    Rule("DQ-104", "contact", "cnpj", "completeness", "warn", SOURCE, 1, "NO_CNPJ", NotNull("cnpj"),
         "organização sem CNPJ", "organisation without CNPJ", when=(ORGANISATION, BRAZIL)),
    Rule("DQ-105", "contact_point", "phone", "completeness", "warn", STEWARD, 1, "PHONE_WITHOUT_DDD", NotInSet("status", ("suggested",)),
         "telefone sem DDD; há uma sugestão pelo endereço", "phone without area code; the address suggests one", when=(IS_PHONE,)),
    Rule("DQ-106", "contact", "record", "completeness", "quarantine", SOURCE, 3, "NOTHING_TO_GO_BY", AnyGiven((GO_BY,)),
         "nada por onde encontrar ou reconhecer: nem contato, nem endereço, nem documento, nem nascimento",
         "nothing to reach or recognise anybody by: no contact point, address, tax number or birth date"),
    Rule("DQ-107", "contact", "postal_code", "completeness", "warn", SOURCE, 1, "NO_TOWN", AnyGiven((("city", "postal_code"),)),
         "logradouro sem município e sem CEP: nada chega lá", "street without town and postal code: nothing gets there", when=(HAS_STREET,)),
    Rule("DQ-108", "contact", "uf", "completeness", "warn", SOURCE, 1, "NO_STATE", AnyGiven((("uf", "postal_code"),)),
         "município sem UF e sem CEP: há municípios de mesmo nome", "town without state and postal code: several towns may have the name",
         when=(NotNull("city"), BRAZIL)),
    Rule("DQ-109", "contact", "full_name", "completeness", "warn", SOURCE, 1, "NO_FAMILY_NAME", NotNull("family_name"),
         "só o primeiro nome: não distingue ninguém", "first name only: it tells nobody apart", when=(PERSON, NotNull("given_name"))),
    Rule("DQ-110", "consent", "consents", "completeness", "warn", OFFICER, 3, "CONSENT_WITHOUT_TEXT", AnyGiven((("text_version", "text_hash"),)),
         "consentimento sem o texto que foi mostrado: o ônus da prova é do controlador (LGPD art. 8º, § 2º)",
         "consent without the text that was shown: the controller bears the proof (LGPD art. 8 § 2, GDPR art. 7)", when=(GRANTED,)),
    Rule("DQ-111", "consent", "consents", "completeness", "warn", OFFICER, 2, "CONSENT_WITHOUT_DATE", NotNull("effective_at"),
         "consentimento sem data: não se sabe se vale mais do que uma recusa", "consent without a date: whether it outlives a refusal is unknown",
         when=(GRANTED,)),
    Rule("DQ-112", "consent", "consents", "completeness", "warn", OFFICER, 1, "CONSENT_WITHOUT_METHOD", NotNull("method"),
         "consentimento sem dizer por onde foi dado", "consent that does not say by which means it was given", when=(GRANTED,)),
    Rule("DQ-113", "interaction", "record", "completeness", "warn", SOURCE, 1, "INTERACTION_WITHOUT_REQUESTER", NotNull("requester"),
         "atendimento sem dizer de quem", "interaction that does not say with whom"),
    Rule("DQ-114", "interaction", "record", "completeness", "warn", SOURCE, 1, "INTERACTION_WITHOUT_DATE", NotNull("opened_at"),
         "atendimento sem data de abertura: fica fora de todo prazo", "interaction without opening date: it is in no deadline's count"),
)  # fmt: skip
