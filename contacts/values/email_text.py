"""What stands around an e-mail address: links, names, remarks, and the @ that got lost; cut only where nothing has to be guessed."""

import html
import re
import unicodedata
from urllib.parse import unquote

BRACKETS = re.compile(r"<\s*(?:mailto:)?\s*([^<>\s]+@[^<>\s]+)\s*>", re.IGNORECASE)

_MAIL_LINK = re.compile(r"^mailto\s*:\s*([^?]*)(?:\?.*)?$", re.IGNORECASE)
_WORD = re.compile(r"^(?:e-?mail|mail|correio eletr[oô]nico)\b[^@]*?[\s:=-]+(?=\S+@)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|lt|gt|amp|quot|nbsp);", re.IGNORECASE)
_EDGES = "\"'`´“”‘’<>()[]{}.,;:/\\|* "
_LOST_AT = re.compile(r"\s*[(\[{]\s*(?:at|arroba)\s*[)\]}]\s*|\s+arroba\s+|(?<=^)(?P<local>\S+)\s+at\s+(?=\S+\.\S+$)", re.IGNORECASE)
_LOST_DOT = re.compile(r"\s*[(\[{]\s*(?:dot|ponto)\s*[)\]}]\s*|\s+(?:dot|ponto)\s+", re.IGNORECASE)
_NEAR_AT = re.compile(r"\s*@\s*")
_NEAR_DOT = re.compile(r"\s+(?=\.)|(?<=\.)\s+")
_LAST_SIGN = re.compile(r"[:;,|–(<-]$")


def unwrapped(text: str) -> tuple[str, str | None]:
    """The bare address, and a reason when more than its wrapping had to go; what is not understood comes back as it was."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if "@" not in text and "%40" in text:
        text = unquote(text)
    bracketed = BRACKETS.search(text)
    address = bracketed[1] if bracketed else text.strip(_EDGES)
    if link := _MAIL_LINK.match(address):
        address = link[1]
    address = _WORD.sub("", address).strip(_EDGES)
    if "@" not in address:
        shown = _LOST_AT.sub(lambda found: f"{found['local'] or ''}@", address)
        return (_LOST_DOT.sub(".", shown), "AT_REPAIRED") if shown.count("@") == 1 else (address, None)
    if address.count("@") != 1 or " " not in address:
        return address, None
    local, domain = _NEAR_AT.sub("@", address).split("@")
    joined = f"{local}@{_NEAR_DOT.sub('', domain)}"
    if " " not in joined:
        return joined, "BLANKS_REMOVED"
    return _token(joined)


def _token(text: str) -> tuple[str, str | None]:
    """The word with the @, when a sign parts it from the words before; without one nobody knows where the address begins."""
    local, domain = text.split("@")
    before, _, own = local.rpartition(" ")
    if before and not _LAST_SIGN.search(before):
        return text, None
    return f"{own}@{domain.split(' ')[0]}".strip(_EDGES), "TEXT_CUT"
