"""Timeliness: what is too old to rely on, and what is dated where it cannot be."""

from expectations.conditions import YearsAgo
from expectations.rules.rule import OFFICER, SOURCE, STEWARD, Rule
from expectations.rules.words import CONSENT_YEARS, GRANTED, IS_OPEN, IS_USABLE, OPEN_YEARS, STALE_YEARS, VERIFIED_YEARS

RULES = (
    Rule("DQ-501", "contact", "record", "timeliness", "warn", SOURCE, 1, "UPDATED_IN_FUTURE", YearsAgo("source_updated_at", least=0, slack_days=1),
         "data de atualização no futuro", "updated in the future"),
    Rule("DQ-502", "contact", "record", "timeliness", "warn", STEWARD, 1, "STALE", YearsAgo("source_updated_at", most=STALE_YEARS),
         "sem atualização há mais de cinco anos", "not updated for more than five years"),
    Rule("DQ-503", "contact", "record", "timeliness", "warn", SOURCE, 1, "CREATED_IN_FUTURE", YearsAgo("source_created_at", least=0, slack_days=1),
         "data de cadastro no futuro", "created in the future"),
    Rule("DQ-504", "contact_point", "record", "timeliness", "warn", STEWARD, 0.5, "VERIFICATION_OLD", YearsAgo("verified_at", most=VERIFIED_YEARS),
         "confirmado há mais de dois anos: números trocam de dono", "confirmed more than two years ago: numbers get new owners", when=(IS_USABLE,)),
    Rule("DQ-505", "contact_point", "record", "timeliness", "warn", SOURCE, 1, "VERIFIED_IN_FUTURE", YearsAgo("verified_at", least=0, slack_days=1),
         "data de confirmação no futuro", "confirmed in the future"),
    Rule("DQ-506", "consent", "consents", "timeliness", "warn", OFFICER, 3, "CONSENT_IN_FUTURE", YearsAgo("effective_at", least=0, slack_days=1),
         "consentimento com data no futuro: o dado não prova nada", "consent dated in the future: it proves nothing"),
    Rule("DQ-507", "consent", "consents", "timeliness", "warn", OFFICER, 1, "CONSENT_OLD", YearsAgo("effective_at", most=CONSENT_YEARS),
         "consentimento há mais de dois anos: renovar no próximo contato", "consent more than two years old: renew it at the next contact", when=(GRANTED,)),
    Rule("DQ-508", "interaction", "record", "timeliness", "warn", SOURCE, 1, "INTERACTION_IN_FUTURE", YearsAgo("opened_at", least=0, slack_days=1),
         "atendimento aberto no futuro", "interaction opened in the future"),
    Rule("DQ-509", "interaction", "status", "timeliness", "warn", STEWARD, 1, "INTERACTION_FORGOTTEN", YearsAgo("updated_at", most=OPEN_YEARS),
         "pedido aberto sem movimento há mais de um ano", "open request without a move for more than a year", when=(IS_OPEN,)),
)  # fmt: skip
