"""E-mail addresses: unwrapped, syntax by RFC 5321/5322 (email-validator, no network), misspelt providers suggested, never replaced."""

import re
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii
from email_validator import EmailNotValidError, validate_email

from contacts.values.email_domain import CANONICAL, IGNORES_DOTS, IGNORES_PLUS, known
from contacts.values.email_text import BRACKETS, unwrapped
from contacts.values.placeholders import EMAIL_DOMAIN, EMAIL_LOCAL, is_placeholder
from contacts.values.reading import COLUMNS, Reading, arrow, by_text, read_one, rejected, split_cells, table, texts, usable, with_careful

ROLES = frozenset(table("email_role")["local"])

_LOCAL = r"[A-Za-z0-9_-]+(?:[.+][A-Za-z0-9_-]+)*"
_PLAIN = rf"^\s*{_LOCAL}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{{2,}}\s*$"
_HALVES = r"^\s*(?P<local>[^@\s]*)@(?P<domain>[^@\s]*)\s*$"
_SPLIT = re.compile(r"\s*(?:[;,|/\\\n\r]|:::|\s(?:ou|e|or|and|y|&|[-–])\s)\s*|(?<=\w)\s+(?=\S+@)", re.IGNORECASE)
_ONE_SIGN = "^(?:" + "|".join(f"{sign}{{3,}}" for sign in "abcdefghijklmnopqrstuvwxyz0123456789") + ")$"
_NUMBER_BEHIND = r"[._-]?[0-9]+$"
_DAMAGED = re.compile(r"[.,;:]{2,}|[,;:]")
_AT = pa.scalar("@", type=pa.large_string())


def split(values: pd.Series) -> pd.Series:
    """The addresses of each cell, one row each, the index repeated; display names are left out, a cell with one address stays as it is."""
    column = texts(values)
    several = pc.fill_null(pc.greater(pc.count_substring(arrow(column), "@"), 1), False).to_numpy(zero_copy_only=False)
    return split_cells(column, several, _parts) if several.any() else column


def _parts(cell: str) -> list[str]:
    bracketed = BRACKETS.findall(cell)
    rest = [part for part in _SPLIT.split(BRACKETS.sub(" ; ", cell)) if part and part.strip()]
    found = [part for part in rest if "@" in part or not bracketed]
    return [*bracketed, *found] or [cell]


def standardise(values: pd.Series) -> pd.DataFrame:
    """Addresses with lower-case domain; ``subtype`` personal, role or disposable.

    The key is the whole address in lower case, without what the provider ignores (dots and ``+tag`` at Gmail, ``+tag`` at a few
    others), at the provider's main name. A misspelt domain keeps its value, gets the meant one as suggestion, and the key of the
    suggestion.
    """
    column = texts(values)
    answers, plain = _plain_ascii(column)
    return with_careful(answers, plain, lambda rest: standardise_each(column[rest]), column.index)


def standardise_each(values: pd.Series) -> pd.DataFrame:
    """What ``standardise`` answers, each distinct value read on its own: slower, and the judge of the fast reading."""
    return by_text(values, _read)


def is_valid(text: str) -> bool:
    """Whether ``text`` is an address mail could be sent to, as far as writing alone can tell."""
    return usable(read_one(text, _read))


def mask(values: pd.Series) -> pd.Series:
    """First letters and the last label: ``m***@e***.com``; parts under three characters show nothing."""
    column = texts(values)
    local, domain = column.str.replace(r"@[^@]*$", "", regex=True), column.str.replace(r"^.*@", "", regex=True)
    name, suffix = domain.str.replace(r"\.?[^.]*$", "", regex=True), domain.str.replace(r"^.*\.", "", regex=True)
    suffix = suffix.where(suffix.str.fullmatch("[A-Za-z]{2,6}"), "***")
    first = local.str[:1].where(local.str.len() > 2, "")
    house = name.str[:1].where(name.str.len() > 2, "")
    whole = first + "***@" + house + "***." + suffix
    return whole.where(column.str.contains("@") & (name != ""), "***").where(column.notna())


def _plain_ascii(column: pd.Series) -> tuple[dict[str, pa.Array], np.ndarray]:
    """The answers for plain ASCII addresses at a domain without doubt, or surely misspelt, as columns, and which rows they are for."""
    text = arrow(column)
    usual = pc.match_substring_regex(text, _PLAIN)
    found = pc.extract_regex(pc.if_else(usual, text, None), _HALVES)
    written, houses = pc.struct_field(found, "local"), pc.ascii_lower(pc.struct_field(found, "domain")).dictionary_encode()
    local, at, names = pc.ascii_lower(written), houses.indices, houses.dictionary.to_pylist()
    facts = [known(name) for name in names]
    meant = [fact.suggestion or name for name, fact in zip(names, facts, strict=True)]

    def where_house(flags: Iterable[bool]) -> pa.Array:
        """What is known of a domain, on every row that has it."""
        return pc.fill_null(pa.array(flags, type=pa.bool_()).take(at), False)

    def house(texts: Iterable[str | None]) -> pa.Array:
        return pa.array(texts, type=pa.large_string()).take(at)

    sure = (not fact.reason or fact.suggestion for fact in facts)
    good = where_house(bool(ok) and name not in EMAIL_DOMAIN and _labels_plain(name) for name, ok in zip(names, sure, strict=True))
    untagged = _where(pc.match_substring(local, "+"), local, lambda some: pc.replace_substring_regex(some, r"\+.*$", ""))
    short = pc.and_(pc.less_equal(pc.binary_length(local), 3), pc.equal(local, house(name.partition(".")[0] for name in names)))
    nobody = pc.or_(pc.or_(pc.is_in(untagged, value_set=_set(EMAIL_LOCAL)), pc.match_substring_regex(local, _ONE_SIGN)), short)
    plain = pc.fill_null(pc.and_(pc.and_(good, pc.less_equal(pc.binary_length(local), 64)), pc.invert(nobody)), False)

    key = pc.if_else(where_house(name in IGNORES_PLUS for name in meant), untagged, local)
    key = _where(where_house(name in IGNORES_DOTS for name in meant), key, lambda some: pc.replace_substring(some, ".", ""))
    unnumbered = _where(pc.match_substring_regex(local, "[0-9]$"), local, lambda some: pc.replace_substring_regex(some, _NUMBER_BEHIND, ""))
    role, typo = pc.is_in(unnumbered, value_set=_set(ROLES)), where_house(bool(fact.suggestion) for fact in facts)
    subtype = pc.if_else(where_house(fact.disposable for fact in facts), "disposable", pc.if_else(role, "role", "personal"))
    answers = (
        _address(written, houses.dictionary.take(at)),
        _address(key, house(CANONICAL.get(name, name) for name in meant)),
        pc.if_else(typo, "suggested", "ok").cast(pa.large_string()),
        pc.if_else(typo, "TYPO_DOMAIN", pa.scalar(None, pa.string())).cast(pa.large_string()),
        _address(written, house(fact.suggestion for fact in facts)),
        subtype.cast(pa.large_string()),
    )
    return dict(zip(COLUMNS, answers, strict=True)), plain.to_numpy(zero_copy_only=False)


def _address(local: pa.Array, house: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(local, house, _AT)


def _where(chosen: pa.Array, column: pa.Array, change: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """``column`` with ``change`` made to the chosen rows alone."""
    mask = pc.fill_null(chosen, False)
    return pc.replace_with_mask(column, mask, change(column.filter(mask)))


def _set(words: frozenset[str]) -> pa.Array:
    return pa.array(sorted(words), type=pa.large_string())


def _labels_plain(domain: str) -> bool:
    """No internationalised label and none too long; those go through the validator."""
    return "--" not in domain and len(domain) <= 180 and all(len(label) <= 63 for label in domain.split("."))


def key(value: str) -> str:
    """The match key of a standard address."""
    local, _, domain = value.lower().rpartition("@")
    if domain in IGNORES_PLUS:
        local = local.partition("+")[0] or local
    if domain in IGNORES_DOTS:
        local = local.replace(".", "") or local
    return f"{local}@{CANONICAL.get(domain, domain)}"


def _read(text: str) -> Reading:
    if is_placeholder(text):
        return rejected("PLACEHOLDER")
    address, reason = unwrapped(text)
    local, at, domain = address.rpartition("@")
    if not at:
        return rejected("PLACEHOLDER" if is_placeholder(address, EMAIL_LOCAL) else "NOT_AN_EMAIL")
    if not local or not domain or "@" in local:
        return rejected("INVALID_EMAIL")
    if len(local.encode("utf-8", "replace")) > 64:
        return rejected("TOO_LONG")
    domain = domain.lower()
    if _is_nobody(local.lower(), domain):
        return rejected("PLACEHOLDER")
    whole = _DAMAGED.sub(".", domain)
    facts = known(whole)
    if facts.suggestion or (whole != domain and not facts.reason):
        return _misspelt(local, domain, facts.suggestion or whole)
    try:
        checked = validate_email(f"{local}@{domain}", check_deliverability=False)
    except (EmailNotValidError, UnicodeError):
        return rejected("INVALID_EMAIL")
    facts = known(checked.ascii_domain)
    if facts.reason:
        return rejected(facts.reason)
    if not checked.local_part.isascii():
        return _accented(checked.local_part, checked.domain.lower())
    value = f"{checked.local_part}@{checked.domain.lower()}"
    if len(value) > 254:
        return rejected("TOO_LONG")
    match = key(f"{checked.local_part}@{checked.ascii_domain}")
    subtype = "disposable" if facts.disposable else _subtype(local)
    return Reading(value, match, "fixed" if reason else "ok", reason, None, subtype)


def _is_nobody(local: str, domain: str) -> bool:
    plain = local.partition("+")[0]
    if plain in EMAIL_LOCAL or domain in EMAIL_DOMAIN:
        return True
    return (len(set(local)) == 1 and len(local) > 2 and local.isalnum()) or (len(local) <= 3 and local == domain.partition(".")[0])


def _misspelt(local: str, domain: str, meant: str) -> Reading:
    try:
        suggestion = validate_email(f"{local}@{meant}", check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError):
        return rejected("INVALID_EMAIL")
    return Reading(f"{local}@{domain}", key(suggestion), "suggested", "TYPO_DOMAIN", suggestion, _subtype(local))


def _accented(local: str, domain: str) -> Reading:
    """Accents are allowed by RFC 6531, but no big provider gives them out: almost surely the keyboard's doing."""
    plain = anyascii(local)
    if not re.fullmatch(_LOCAL, plain):
        return rejected("INVALID_EMAIL")
    suggestion = f"{plain}@{domain}"
    return Reading(f"{local}@{domain}", key(suggestion), "suggested", "ACCENT_IN_EMAIL", suggestion, _subtype(plain))


def _subtype(local: str) -> str:
    return "role" if re.sub(_NUMBER_BEHIND, "", local.lower()) in ROLES else "personal"
