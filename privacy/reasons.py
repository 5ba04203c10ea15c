"""Why something is allowed or denied: stable codes, each with its text in Portuguese and English and its article."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason; ``permits`` tells reasons that speak for a permission from those that speak against it."""

    code: str
    permits: bool
    pt: str
    en: str
    article: str


REASONS = (
    Reason("GRANT_VALID", True, "consentimento comprovado para este contato, finalidade, versão e canal",
           "proven consent for this contact point, purpose, version and channel", "LGPD art. 7 I, 8; GDPR art. 6(1)(a), 7"),
    Reason("GRANT_AFTER_NO", True, "a própria pessoa consentiu de novo depois de ter dito não",
           "the person consented again after having said no", "LGPD art. 8 §5; GDPR art. 7(3)"),
    Reason("RELATION_PROVEN", True, "há registro ativo da relação, com este contato, em uma fonte que a comprova",
           "an active record with this contact point, in a source that proves the relation", "LGPD art. 7 II, V, IX, X; GDPR art. 6(1)(b), (c), (f)"),
    Reason("SALE_PROVEN", True, "há venda registrada, com referência, por este contato: ofertas próprias semelhantes, enquanto a pessoa não disser não",
           "a sale on record, with its reference, through this contact point: own similar offers, until the person says no",
           "LGPD art. 7 IX, 10; CAPEM; Directive 2002/58/EC art. 13(2)"),
    Reason("NOTHING_MORE_NEEDED", True, "a base legal não exige mais nada", "the legal ground needs nothing more", "LGPD art. 7; GDPR art. 6(1)"),
    Reason("DUTY_DESPITE_NO", True, "a pessoa disse não, mas a finalidade se apoia em dever ou contrato",
           "the person said no, but the purpose rests on a duty or a contract", "LGPD art. 7 II, V; GDPR art. 6(1)(b), (c)"),
    Reason("RESTRICTED", False, "o tratamento está bloqueado a pedido da pessoa", "processing is restricted at the person's request",
           "LGPD art. 18 IV; GDPR art. 18"),
    Reason("OBJECTED", False, "a pessoa se opôs", "the person objected", "LGPD art. 18 §2; GDPR art. 21"),
    Reason("OBJECTED_TO_MARKETING", False, "a pessoa se opôs a outra finalidade de marketing; a oposição vale para todas",
           "the person objected to another marketing purpose; that covers all of them", "LGPD art. 18 §2; GDPR art. 21(2)-(3)"),
    Reason("WITHDRAWN", False, "o consentimento foi retirado", "consent was withdrawn", "LGPD art. 8 §5, 18 IX; GDPR art. 7(3)"),
    Reason("REFUSED", False, "a pessoa recusou", "the person refused", "LGPD art. 8, 18 VIII; GDPR art. 4(11)"),
    Reason("WRONG_PERSON", False, "quem atende por este contato é outra pessoa", "somebody else answers at this contact point",
           "LGPD art. 6 V; GDPR art. 5(1)(d)"),
    Reason("NO_OF_POSSIBLE_SAME_PERSON", False, "quem talvez seja a mesma pessoa disse não", "somebody who may be the same person said no",
           "LGPD art. 6 VIII, 8 §5; GDPR art. 25"),
    Reason("NO_OF_DEPARTED_RECORD", False, "o não veio de um registro que a fonte já não entrega ou que está em quarentena",
           "the no came with a record its source no longer delivers or that is quarantined", "LGPD art. 8 §5; GDPR art. 7(3)"),
    Reason("ORDER_UNKNOWN", False, "não se sabe se o sim veio depois do não", "it is not known whether the yes came after the no",
           "LGPD art. 8 §2; GDPR art. 7(1)"),
    Reason("NEVER_ASKED", False, "nunca se perguntou a esta pessoa por este contato", "this person was never asked for this contact point",
           "LGPD art. 7 I, 8; GDPR art. 6(1)(a)"),
    Reason("PROOF_WITHOUT_TIME", False, "falta ao consentimento a data e hora", "the consent has no time", "LGPD art. 8 §2; GDPR art. 7(1)"),
    Reason("PROOF_WITHOUT_METHOD", False, "falta ao consentimento o modo como foi dado", "the consent does not say how it was given",
           "LGPD art. 8 §2; GDPR art. 7(1)"),
    Reason("PROOF_NULL_METHOD", False, "o modo como o consentimento foi obtido o torna nulo", "the way the consent was got makes it null",
           "LGPD art. 8 §3-4; GDPR art. 4(11), 7(4)"),
    Reason("PROOF_WITHOUT_TEXT", False, "falta ao consentimento o texto que a pessoa leu", "the text the person read is not on file",
           "LGPD art. 8 §1, §2, 9; GDPR art. 7(1)-(2)"),
    Reason("PROOF_NOT_BY_PERSON", False, "o consentimento não foi dado pela própria pessoa nem por responsável",
           "the consent was given neither by the person nor by a guardian", "LGPD art. 5 XII, 8 §3; GDPR art. 4(11)"),
    Reason("PROOF_OTHER_CONTROLLER", False, "o consentimento foi dado a outro controlador ou não diz a quem",
           "the consent was given to another controller or does not say to whom",
           "LGPD art. 8 §4, 9 III; GDPR art. 13(1)(a)"),
    Reason("PROOF_WITHOUT_POINT", False, "o consentimento não diz para qual contato ou canal vale", "the consent names no contact point or channel",
           "LGPD art. 8 §4; GDPR art. 4(11)"),
    Reason("OTHER_VERSION", False, "o consentimento foi para outra versão da finalidade", "the consent was for another version of the purpose",
           "LGPD art. 8 §6, 9 §2; GDPR art. 5(1)(b), 13(3)"),
    Reason("RECIPIENT_NOT_NAMED", False, "o texto aceito não diz com quem os dados são compartilhados",
           "the text agreed to does not name whom the data are shared with", "LGPD art. 7 §5; GDPR art. 13(1)(e)"),
    Reason("CONFIRM_PENDING", False, "o consentimento ainda não foi confirmado pelo próprio contato",
           "the consent was not yet confirmed through the contact point itself",
           "LGPD art. 8 §2; GDPR art. 7(1)"),
    Reason("NOTICE_PENDING", False, "os dados vieram de terceiros e a pessoa ainda não foi avisada",
           "the data came from others and the person was not told yet",
           "LGPD art. 9; GDPR art. 14(3)"),
    Reason("PUBLIC_WITHOUT_PURPOSE", False, "dados públicos: nenhuma finalidade foi declarada para usá-los assim",
           "public data: no purpose was named for using them so", "LGPD art. 7 §3-4, §7; GDPR art. 5(1)(b)"),
    Reason("NOT_YET_EFFECTIVE", False, "o consentimento tem data no futuro", "the consent is dated in the future", "LGPD art. 8 §2; GDPR art. 7(1)"),
    Reason("EXPIRED", False, "o consentimento venceu", "the consent has expired", "LGPD art. 15 II; GDPR art. 5(1)(e)"),
    Reason("GUARDIAN_LAPSED", False, "a pessoa atingiu a maioridade: o consentimento do responsável já não vale",
           "the person has come of age: the guardian's consent no longer counts", "LGPD art. 14 §1; GDPR art. 8"),
    Reason("MINOR_NO_GUARDIAN", False, "menor de idade sem consentimento do responsável", "a minor without a guardian's consent",
           "LGPD art. 14 §1; GDPR art. 8(1)"),
    Reason("MINOR", False, "finalidade vedada para menores de idade", "purpose not allowed for minors", "LGPD art. 14; GDPR art. 8, rec. 38"),
    Reason("CONSENT_REQUIRED", False, "onde a pessoa mora, marketing por este canal só com consentimento",
           "where the person lives, marketing on this channel needs consent", "Directive 2002/58/EC art. 13; Code de la consommation art. L.223-1"),
    Reason("NO_RELATION", False, "nenhuma fonte comprova a relação por este contato", "no source proves the relation for this contact point",
           "LGPD art. 7; GDPR art. 6(1)"),
    Reason("SALE_UNPROVEN", False, "nenhuma venda registrada (referência, data e hora, texto que oferecia o não) comprova a relação por este contato",
           "no sale on record (reference, time, text that offered the no) proves the relation through this contact point",
           "LGPD art. 10; CAPEM; Directive 2002/58/EC art. 13(2)"),
    Reason("SALE_LAPSED", False, "a última venda registrada por este contato é antiga demais", "the last sale on record through this contact point is too old",
           "LGPD art. 10, 15; Directive 2002/58/EC art. 13(2)"),
    Reason("BALANCING_TEST_EXPIRED", False, "o teste de balanceamento do legítimo interesse venceu",
           "the balancing test of the legitimate interest is past its review", "LGPD art. 10, 37; GDPR art. 6(1)(f)"),
)  # fmt: skip

BIT = {reason.code: 1 << place for place, reason in enumerate(REASONS)}
"""Each reason as one bit, so that all reasons of a decision fit one whole number."""
_BY_CODE = {reason.code: reason for reason in REASONS}

STATES = {
    "GRANTED": ("consentida", "consented"),
    "BASIS": ("permitida por outra base legal", "allowed on another legal ground"),
    "RESTRICTED": ("bloqueada", "restricted"),
    "OBJECTED": ("oposição", "objected"),
    "WITHDRAWN": ("consentimento retirado", "withdrawn"),
    "REFUSED": ("recusada", "refused"),
    "CONFLICT": ("sim e não sem ordem conhecida", "yes and no in unknown order"),
    "WRONG_PERSON": ("contato de outra pessoa", "somebody else's contact point"),
    "MINOR": ("menor de idade", "minor"),
    "NO_PURPOSE": ("dados públicos sem finalidade", "public data without a purpose"),
    "EXPIRED": ("vencida", "expired"),
    "CONFIRM_PENDING": ("à espera de confirmação", "waiting for confirmation"),
    "NOTICE_PENDING": ("à espera de aviso", "waiting for notice"),
    "UNPROVEN": ("sem prova", "unproven"),
    "NEVER_ASKED": ("nunca perguntada", "never asked"),
    "CONSENT_REQUIRED": ("só com consentimento", "only with consent"),
    "NO_RELATION": ("sem relação comprovada", "no proven relation"),
    "NO_SALE": ("sem venda comprovada", "no proven sale"),
    "LIA_EXPIRED": ("teste de balanceamento vencido", "balancing test expired"),
}
"""What a permission row can be in, in Portuguese and English; only the first two permit."""


def reason_text(code: str, language: str = "pt") -> str:
    """The reason in plain words with its article; an unknown code comes back as it is."""
    reason = _BY_CODE.get(code)
    return f"{reason.pt if language == 'pt' else reason.en} ({reason.article})" if reason else code


def state_text(state: str, language: str = "pt") -> str:
    """The state in plain words."""
    return STATES.get(state, (state, state))[0 if language == "pt" else 1]


def codes(bits: int) -> str:
    """The codes of a set of bits, joined by commas in the order of REASONS."""
    return ",".join(code for code, bit in BIT.items() if bits & bit)


PERMITTING = sum(BIT[reason.code] for reason in REASONS if reason.permits)
DENYING = sum(BIT[reason.code] for reason in REASONS if not reason.permits)
UNPROVEN = sum(bit for code, bit in BIT.items() if code.startswith("PROOF_"))
"""The faults of a proof."""
UNGRANTED = (("EXPIRED", BIT["EXPIRED"] | BIT["GUARDIAN_LAPSED"]), ("MINOR", BIT["MINOR_NO_GUARDIAN"]), ("CONFIRM_PENDING", BIT["CONFIRM_PENDING"]),
             ("NOTICE_PENDING", BIT["NOTICE_PENDING"]), ("UNPROVEN", UNPROVEN))  # fmt: skip
"""The state of a purpose nobody validly consented to: the first of these whose faults were found, else NEVER_ASKED."""


def ungranted(bits: int) -> str:
    """The state that the faults of all grants together give."""
    return next((state for state, faults in UNGRANTED if bits & faults), "NEVER_ASKED")
