"""What stands around a phone number: links, labels, remarks, extensions, and the decimals a spreadsheet made of it."""

import re
from decimal import Decimal

LINK = re.compile(
    r"(?:https?://)?(?:www\.)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#]*&)?phone=)(?:\+|%2B)?(?P<link>[0-9]{8,15})(?:[/?&#].*)?"
    r"|\+?(?P<account>[0-9]{8,15})@(?:s\.whatsapp\.net|c\.us)",
    re.IGNORECASE,
)
"""A WhatsApp link or account name; its digits always begin with the country."""

_SCHEME = re.compile(r"^(?:tel|callto|sms|whatsapp):(?://)?", re.IGNORECASE)
_QUOTES = " \"'=`´“”‘’*_~"
_SCIENTIFIC = re.compile(r"\+?([0-9])[.,]([0-9]+)E\+?([0-9]{1,2})", re.IGNORECASE)
_FLOAT = re.compile(r"([0-9]{7,15})[.,]0+")
_EXTENSION = re.compile(
    r"[\s,;(-]*(?<![A-Za-zÀ-ÿ])(?:ramal|ramais|ram|rml?|r|extens[aã]o|extension|ext|int(?:erno)?|poste|anexo|durchwahl|dw|x|#)"
    r"\s*[.:=]?\s*[0-9]{1,6}(?:\.[0-9]{1,5})*\)?\s*$",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r";(?:ext|isub|phone-context)=.*$", re.IGNORECASE)
_TRUNK_XX = re.compile(r"\(?\b0\s*xx\s*", re.IGNORECASE)
_HIDDEN = re.compile(r"[*•#]{2,}|[xX_]{2,}")
_COMMENT = re.compile(r"\([^()0-9]*\)|[A-Za-zÀ-ÿ][^0-9+(]*$")
_LABEL = re.compile(r"^[^0-9+(]*[A-Za-zÀ-ÿ][^0-9+(]*(?=[0-9+(])")
_WRITTEN = re.compile(r"\(?\s*\+?[0-9\s().\-–—/*_~]*")


def without_clutter(text: str) -> tuple[str | None, str | None]:
    """The number alone and what had to be cut for it; no number and why when letters or lost digits are part of it."""
    if link := LINK.fullmatch(text):
        return "+" + (link["link"] or link["account"]), None
    text = _SCHEME.sub("", text.strip(_QUOTES))
    if scientific := _SCIENTIFIC.fullmatch(text):
        return _written_out(*scientific.groups())
    if as_float := _FLOAT.fullmatch(text):
        return as_float[1], "NUMERIC_FORMAT"
    if _WRITTEN.fullmatch(text) and not _HIDDEN.search(text):
        return text, None
    text, reason = _TRUNK_XX.sub("0", text), None
    for cut, why in ((_PARAMETER, "EXTENSION_CUT"), (_EXTENSION, "EXTENSION_CUT"), (_COMMENT, "TEXT_CUT"), (_LABEL, "TEXT_CUT")):
        shorter = cut.sub("", text).strip()
        if shorter != text and any(char.isdigit() for char in shorter) and not _HIDDEN.search(text):
            text, reason = shorter, reason or why
    if _HIDDEN.search(text):
        # the form's own mask says nothing; a number with some digits starred was a number once
        return None, "MASKED_AT_SOURCE" if any(char.isdigit() for char in _HIDDEN.sub("", text)) else "PLACEHOLDER"
    return (text, reason) if _WRITTEN.fullmatch(text) else (None, None)


def _written_out(whole: str, decimals: str, exponent: str) -> tuple[str | None, str | None]:
    """Exact only when every digit is there: a spreadsheet that shows fewer has rounded, and zeros in their place would be invented."""
    kept = decimals[: int(exponent)] + decimals[int(exponent) :].rstrip("0")
    if len(kept) != int(exponent):
        return None, "NUMERIC_LOSS"
    return str(int(Decimal(f"{whole}.{kept}E{exponent}"))), "NUMERIC_FORMAT"
