"""Uniqueness: records that say the same twice, and values too many people share to identify one."""

from expectations.conditions import InSet, SharedByAtMost, Unique
from expectations.rules.rule import SOURCE, STEWARD, Rule
from expectations.rules.words import IS_EMAIL, IS_PHONE, NAMES_PER_EMAIL, NAMES_PER_PHONE, ORGANISATION

RULES = (
    Rule("DQ-301", "contact", "cpf", "uniqueness", "warn", STEWARD, 2, "DUPLICATE_CPF_AND_NAME", Unique(("source", "cpf", "name_key")),
         "mesmo CPF e mesmo nome mais de uma vez na mesma fonte", "same CPF and same name more than once in one source"),
    Rule("DQ-302", "contact", "email", "uniqueness", "warn", STEWARD, 2, "DUPLICATE_EMAIL_AND_NAME", Unique(("source", "email_key", "name_key")),
         "mesmo e-mail e mesmo nome mais de uma vez na mesma fonte", "same e-mail and same name more than once in one source"),
    Rule("DQ-303", "contact", "cpf", "uniqueness", "warn", SOURCE, 3, "CPF_SHARED", SharedByAtMost("cpf", "given_key", 1),
         "mesmo CPF com primeiros nomes diferentes", "same CPF with different first names"),
    Rule("DQ-304", "contact_point", "email", "uniqueness", "warn", STEWARD, 1, "EMAIL_SHARED", SharedByAtMost("match_key", "given_key", NAMES_PER_EMAIL),
         "e-mail usado por mais de dois primeiros nomes: não identifica ninguém",
         "e-mail used by more than two first names: it identifies nobody", when=(IS_EMAIL,)),
    Rule("DQ-305", "contact_point", "phone", "uniqueness", "warn", STEWARD, 1, "PHONE_SHARED", SharedByAtMost("match_key", "given_key", NAMES_PER_PHONE),
         "telefone usado por mais de três primeiros nomes: não identifica ninguém", "phone used by more than three first names: it identifies nobody",
         when=(IS_PHONE,)),
    Rule("DQ-306", "contact", "phone", "uniqueness", "warn", STEWARD, 1, "DUPLICATE_PHONE_AND_NAME", Unique(("source", "phone_key", "name_key")),
         "mesmo telefone e mesmo nome mais de uma vez na mesma fonte", "same phone and same name more than once in one source"),
    Rule("DQ-307", "contact", "cnpj", "uniqueness", "warn", STEWARD, 1, "DUPLICATE_CNPJ", Unique(("source", "cnpj")),
         "mesma organização mais de uma vez na mesma fonte", "same organisation more than once in one source", when=(ORGANISATION,)),
    Rule("DQ-308", "contact", "birth_date", "uniqueness", "warn", STEWARD, 1, "DUPLICATE_NAME_AND_BIRTH", Unique(("source", "name_key", "birth_date")),
         "mesmo nome e mesmo nascimento mais de uma vez na mesma fonte", "same name and same birth date more than once in one source",
         when=(InSet("birth_precision", ("day",)),)),
)  # fmt: skip
