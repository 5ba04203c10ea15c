"""What is known of an e-mail domain: living provider, throw-away, misspelt, or without a public suffix."""

from functools import lru_cache
from typing import NamedTuple

from publicsuffixlist import PublicSuffixList
from rapidfuzz.distance import OSA

from contacts.values.reading import table

_DOMAINS = table("email_domain").set_index("domain")
_WRONG: list[tuple[str, str]] = list(table("email_typo").itertuples(index=False, name=None))
_TYPOS = {wrong: right for wrong, right in _WRONG if not wrong.startswith(".")}
_ENDINGS = {wrong: right for wrong, right in _WRONG if wrong.startswith(".")}
FREE = frozenset(_DOMAINS.index[_DOMAINS["kind"] == "free"])
LIVING = frozenset(_DOMAINS.index)
DISPOSABLE = frozenset(table("email_disposable")["domain"])
IGNORES_PLUS = frozenset(_DOMAINS.index[_DOMAINS["plus"] == "1"])
IGNORES_DOTS = frozenset(_DOMAINS.index[_DOMAINS["dots"] == "1"])
CANONICAL: dict[str, str] = {str(name): main for name, main in _DOMAINS["same_as"].items() if main}

_BIG = ("gmail.com", "hotmail.com", "outlook.com", "icloud.com", "yahoo.com", "yahoo.com.br", "hotmail.com.br", "outlook.com.br")
"""Only long names: one letter away from ``uol`` or ``ig`` lie real companies."""


class Domain(NamedTuple):
    """``reason`` says why the domain cannot stand as it is; ``suggestion`` is the domain that was meant."""

    reason: str | None
    suggestion: str | None
    disposable: bool


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=200_000)
def known(domain: str) -> Domain:
    """Judge a lower-case domain; the public suffix list comes with the package, nothing is asked of the network.

    Whether a domain lives is looked up in a table and not counted in the data: the answer must not depend on who else came today.
    """
    if domain in LIVING:
        return Domain(None, None, False)
    meant = _TYPOS.get(domain)
    own = _suffixes().privatesuffix(domain)
    if not meant and (domain in DISPOSABLE or own in DISPOSABLE):
        return Domain(None, None, True)
    meant = meant or _neighbour(domain) or _mended_ending(domain)
    if meant:
        return Domain("TYPO_DOMAIN", meant, False)
    if not _suffixes().publicsuffix(domain):
        return Domain("UNKNOWN_SUFFIX", None, False)
    return Domain(None if own else "NO_DOMAIN", None, False)


def _neighbour(domain: str) -> str | None:
    """The one big provider at one insertion, deletion, replacement or swap; a tie says nothing, nor does an ending of another country."""
    ending = _suffixes().publicsuffix(domain)
    near = [big for big in _BIG if OSA.distance(domain, big, score_cutoff=1) == 1 and ending in (None, _suffixes().publicsuffix(big))]
    return near[0] if len(near) == 1 else None


def _mended_ending(domain: str) -> str | None:
    """The domain with an ending that exists in place of one that does not: ``empresa.con.br``."""
    for wrong, right in _ENDINGS.items():
        if domain.endswith(wrong):
            mended = domain.removesuffix(wrong) + right
            if mended in LIVING or (_suffixes().privatesuffix(mended) and not _TYPOS.get(mended)):
                return _neighbour(mended) or mended
            return _TYPOS.get(mended)
    return None
