"""The legal grounds as the two laws list them: the word a policy uses, its article, its name in both languages and its DPV term.

LGPD art. 7 (ten grounds) and art. 11 (sensitive data: no legitimate interest, no credit protection); GDPR art. 6(1) (six) and art. 9(2) (ten).
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Ground:
    """One ground under one law. ``dpv``: the nearest term of the W3C Data Privacy Vocabulary."""

    article: str
    pt: str
    en: str
    dpv: str


LgpdGround = Literal["consent", "legal_obligation", "public_policy", "research", "contract", "legal_claims", "vital_interests", "health_care",
                     "legitimate_interest", "credit_protection"]  # fmt: skip
GdprGround = Literal["consent", "contract", "legal_obligation", "vital_interests", "public_policy", "legitimate_interest"]

LGPD_7: dict[str, Ground] = {
    "consent": Ground("LGPD art. 7 I", "consentimento", "consent", "dpv:Consent"),
    "legal_obligation": Ground("LGPD art. 7 II", "obrigação legal ou regulatória", "legal or regulatory obligation", "dpv:LegalObligation"),
    "public_policy": Ground("LGPD art. 7 III", "políticas públicas", "public policy", "dpv:OfficialAuthorityOfController"),
    "research": Ground("LGPD art. 7 IV", "estudos por órgão de pesquisa", "studies by a research body", "dpv:PublicInterest"),
    "contract": Ground("LGPD art. 7 V", "contrato ou preliminares", "contract or steps before it", "dpv:Contract"),
    "legal_claims": Ground("LGPD art. 7 VI", "exercício regular de direitos em processo", "exercise of rights in proceedings", "dpv:LegitimateInterest"),
    "vital_interests": Ground("LGPD art. 7 VII", "proteção da vida", "protection of life", "dpv:VitalInterest"),
    "health_care": Ground("LGPD art. 7 VIII", "tutela da saúde", "health care", "dpv:VitalInterest"),
    "legitimate_interest": Ground("LGPD art. 7 IX", "legítimo interesse", "legitimate interest", "dpv:LegitimateInterest"),
    "credit_protection": Ground("LGPD art. 7 X", "proteção do crédito", "credit protection", "dpv:LegitimateInterest"),
}
GDPR_6: dict[str, Ground] = {
    "consent": Ground("GDPR art. 6(1)(a)", "consentimento", "consent", "eu-gdpr:A6-1-a"),
    "contract": Ground("GDPR art. 6(1)(b)", "contrato", "contract", "eu-gdpr:A6-1-b"),
    "legal_obligation": Ground("GDPR art. 6(1)(c)", "obrigação legal", "legal obligation", "eu-gdpr:A6-1-c"),
    "vital_interests": Ground("GDPR art. 6(1)(d)", "interesses vitais", "vital interests", "eu-gdpr:A6-1-d"),
    "public_policy": Ground("GDPR art. 6(1)(e)", "interesse público ou autoridade", "public interest or authority", "eu-gdpr:A6-1-e"),
    "legitimate_interest": Ground("GDPR art. 6(1)(f)", "legítimo interesse", "legitimate interests", "eu-gdpr:A6-1-f"),
}
LGPD_11: dict[str, Ground] = {
    "specific_consent": Ground("LGPD art. 11 I", "consentimento específico e destacado", "specific, highlighted consent", "dpv:ExplicitlyExpressedConsent"),
    "legal_obligation": Ground("LGPD art. 11 II a", "obrigação legal ou regulatória", "legal or regulatory obligation", "dpv:LegalObligation"),
    "public_policy": Ground("LGPD art. 11 II b", "políticas públicas", "public policy", "dpv:OfficialAuthorityOfController"),
    "research": Ground("LGPD art. 11 II c", "estudos por órgão de pesquisa", "studies by a research body", "dpv:PublicInterest"),
    "legal_claims": Ground("LGPD art. 11 II d", "exercício regular de direitos", "exercise of rights", "dpv:LegalObligation"),
    "vital_interests": Ground("LGPD art. 11 II e", "proteção da vida", "protection of life", "dpv:VitalInterest"),
    "health_care": Ground("LGPD art. 11 II f", "tutela da saúde", "health care", "dpv:VitalInterest"),
    "fraud_prevention": Ground(
        "LGPD art. 11 II g", "prevenção à fraude e segurança do titular", "fraud prevention and the person's security", "dpv:LegalBasis"
    ),
}
GDPR_9: dict[str, Ground] = {
    "explicit_consent": Ground("GDPR art. 9(2)(a)", "consentimento explícito", "explicit consent", "eu-gdpr:A9-2-a"),
    "employment": Ground("GDPR art. 9(2)(b)", "trabalho e seguridade social", "employment and social security", "eu-gdpr:A9-2-b"),
    "vital_interests": Ground("GDPR art. 9(2)(c)", "interesses vitais", "vital interests", "eu-gdpr:A9-2-c"),
    "nonprofit": Ground("GDPR art. 9(2)(d)", "entidade sem fins lucrativos", "not-for-profit body", "eu-gdpr:A9-2-d"),
    "made_public": Ground("GDPR art. 9(2)(e)", "tornados públicos pela pessoa", "made public by the person", "eu-gdpr:A9-2-e"),
    "legal_claims": Ground("GDPR art. 9(2)(f)", "processos judiciais", "legal claims", "eu-gdpr:A9-2-f"),
    "substantial_public_interest": Ground("GDPR art. 9(2)(g)", "interesse público relevante", "substantial public interest", "eu-gdpr:A9-2-g"),
    "health_care": Ground("GDPR art. 9(2)(h)", "saúde e assistência", "health or social care", "eu-gdpr:A9-2-h"),
    "public_health": Ground("GDPR art. 9(2)(i)", "saúde pública", "public health", "eu-gdpr:A9-2-i"),
    "research": Ground("GDPR art. 9(2)(j)", "arquivo, pesquisa, estatística", "archiving, research, statistics", "eu-gdpr:A9-2-j"),
}
NOT_FOR_SENSITIVE = ("legitimate_interest", "credit_protection")
"""Grounds of art. 7 that art. 11 does not know."""


def cites(article: str, ground: Ground) -> bool:
    """Whether a citation in a policy names the ground's article: ``LGPD art. 7 V`` is not ``LGPD art. 7 VI``."""
    rest = article.partition(ground.article)
    return bool(rest[1]) and not rest[2][:1].isalnum()
