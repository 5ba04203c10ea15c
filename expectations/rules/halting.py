"""The gate: whole sources that were not read the way they were meant."""

from expectations.conditions import AnyGiven, NotNoted, Unique
from expectations.rules.rule import OFFICER, SOURCE, Rule
from expectations.rules.words import GO_BY, HALT_CONSENT_SHARE, HALT_INTACT_SHARE, HALT_USABLE_SHARE

RULES = (
    Rule("DQ-901", "contact", "record", "uniqueness", "halt", SOURCE, 0, "RECORD_ID_REPEATED", Unique(("source", "record_id")),
         "registro repetido na mesma fonte", "record id repeated within a source"),
    Rule("DQ-902", "contact", "record", "completeness", "halt", SOURCE, 0, "SOURCE_MOSTLY_UNUSABLE", AnyGiven((GO_BY,)),
         "mais da metade dos registros da fonte ficaria em quarentena",
         "more than half of the source's records would be quarantined", mostly=HALT_USABLE_SHARE),
    Rule("DQ-903", "contact_point", "record", "validity", "halt", SOURCE, 0, "SOURCE_POINTS_UNREADABLE", AnyGiven((("value", "match_key"),)),
         "mais da metade dos meios de contato da fonte não se lê", "more than half of the source's contact points cannot be read", mostly=HALT_USABLE_SHARE),
    Rule("DQ-904", "contact", "full_name", "accuracy", "halt", SOURCE, 0, "SOURCE_ENCODING_BROKEN", NotNoted("full_name", ("CHAR_LOSS",)),
         "nomes da fonte lidos com a codificação errada", "names of the source read in the wrong encoding", mostly=HALT_INTACT_SHARE),
    Rule("DQ-905", "contact", "consents", "validity", "halt", OFFICER, 0, "SOURCE_CONSENTS_UNREADABLE", NotNoted("consents", ("CONSENT_NOT_READ",)),
         "provas de consentimento da fonte mudaram de formato: recusas passariam despercebidas",
         "the source's consent evidence changed its shape: refusals would go unnoticed", mostly=HALT_CONSENT_SHARE),
)  # fmt: skip
