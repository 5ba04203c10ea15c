"""Why a contact is allowed or not now: stable codes with their texts; a reason names the rule it comes from, as ``CODE:rule``."""

from privacy.contact_rules.model import ContactRules
from privacy.reasons import Reason
from privacy.reasons import reason_text as permission_text

CONTACT_REASONS = (
    Reason("NOW", True, "o contato cabe nas regras agora", "the contact is within the rules now", "LGPD art. 6 I; CDC art. 42; GDPR art. 5(1)(a)"),
    Reason(
        "REPLY",
        True,
        "é resposta a quem escreveu ou ligou há pouco",
        "it answers somebody who wrote or called a short while ago",
        "LGPD art. 7 V; GDPR art. 6(1)(b)",
    ),
    Reason(
        "LIST_EXEMPT",
        True,
        "o contato está na lista, mas ela não alcança esta classe de mensagem",
        "the contact point is on the list, but the list does not cover this class of message",
        "LGPD art. 7; GDPR art. 6",
    ),
    Reason(
        "NO_PERMISSION",
        False,
        "não há permissão para esta finalidade, canal e contato",
        "there is no permission for this purpose, channel and contact point",
        "LGPD art. 7; GDPR art. 6(1)",
    ),
    Reason("PERMISSION_ENDED", False, "a permissão venceu", "the permission has ended", "LGPD art. 15; GDPR art. 5(1)(e)"),
    Reason(
        "NO_CLASS",
        False,
        "a política não diz de que classe são as mensagens desta finalidade",
        "the policy does not say of which class this purpose's messages are",
        "LGPD art. 6 I, VIII; GDPR art. 25",
    ),
    Reason(
        "WRONG_PERSON",
        False,
        "quem atendeu por este contato era outra pessoa",
        "another person answered at this contact point",
        "LGPD art. 6 V; GDPR art. 5(1)(d)",
    ),
    Reason(
        "BOUNCED", False, "o contato não existe mais: a mensagem voltou", "the contact point is dead: the message came back", "LGPD art. 6 V; GDPR art. 5(1)(d)"
    ),
    Reason(
        "OPTED_OUT",
        False,
        "a pessoa disse não em um contato mais recente que a última decisão",
        "the person said no in a contact more recent than the last decision",
        "LGPD art. 8 §5, 18 §2; GDPR art. 7(3), 21(3)",
    ),
    Reason("ON_LIST", False, "o contato está em uma lista de não perturbe", "the contact point is on a do-not-call list", "LGPD art. 18 §2; GDPR art. 21(5)"),
    Reason(
        "LIST_STALE",
        False,
        "não há cópia recente da lista de não perturbe",
        "there is no recent snapshot of the do-not-call list",
        "LGPD art. 6 VIII; GDPR art. 24",
    ),
    Reason(
        "NO_OPT_IN",
        False,
        "a pessoa não disse sim a esta finalidade neste canal",
        "the person has not said yes to this purpose on this channel",
        "LGPD art. 7 I; GDPR art. 6(1)(a)",
    ),
    Reason("PREFERS_OTHER_CHANNEL", False, "a pessoa prefere outro canal", "the person prefers another channel", "LGPD art. 6 I; CDC art. 6 IV"),
    Reason("QUIET_HOURS", False, "fora do horário de contato no relógio da pessoa", "outside the hours of contact on the person's clock", "CDC art. 42, 71"),
    Reason("HOLIDAY", False, "é feriado onde a pessoa está", "it is a holiday where the person is", "CDC art. 42, 71"),
    Reason(
        "DAY_OF_REST",
        False,
        "não se contata neste dia da semana, ou já passou do horário",
        "no contact on this day of the week, or not at this hour of it",
        "CDC art. 42, 71",
    ),
    Reason(
        "ZONE_UNKNOWN",
        False,
        "não se sabe o fuso da pessoa: vale só o que cabe em todos os do país",
        "the person's time zone is not known: only what fits all zones of the country counts",
        "CDC art. 42, 71",
    ),
    Reason("PREFERS_OTHER_HOURS", False, "a pessoa prefere outro horário", "the person prefers other hours", "LGPD art. 6 I; CDC art. 6 IV"),
    Reason("CAP_DAY", False, "a pessoa já foi contatada o máximo de vezes por dia", "the person was contacted as often as a day allows", "CDC art. 42, 71"),
    Reason(
        "CAP_WEEK", False, "a pessoa já foi contatada o máximo de vezes por semana", "the person was contacted as often as a week allows", "CDC art. 42, 71"
    ),
    Reason(
        "CAP_MONTH",
        False,
        "a pessoa já foi contatada o máximo de vezes no período",
        "the person was contacted as often as the period allows",
        "CDC art. 42, 71",
    ),
    Reason("NEVER_OPEN", False, "nenhum horário cabe nas regras no prazo examinado", "no time within the days looked at fits the rules", "LGPD art. 6 I"),
)

_BY_CODE = {reason.code: reason for reason in CONTACT_REASONS}


def cap_code(days: int) -> str:
    """The code of a cap over so many days."""
    return "CAP_DAY" if days == 1 else "CAP_WEEK" if days <= 7 else "CAP_MONTH"


def denies(reason: str) -> bool:
    """Whether a reason speaks against the contact; the permission's own reasons only explain."""
    found = _BY_CODE.get(reason.partition(":")[0])
    return found is not None and not found.permits


def reason_text(reason: str, rules: ContactRules, language: str = "pt") -> str:
    """The reason in plain words with the norm: the rule's own citation where a rule gave it."""
    code, _, name = reason.partition(":")
    found = _BY_CODE.get(code)
    if found is None:
        return permission_text(reason, language)
    said = found.pt if language == "pt" else found.en
    rule = next((rule for rule in rules.all_rules if rule.id == name), None)
    return f"{said} ({rule.source})" if rule else f"{said} ({found.article})"
