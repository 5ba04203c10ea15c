"""Brazil's numbering plan: area codes, the ninth digit, trunk and carrier prefixes, service numbers."""

import re

from contacts.values.reading import Reading, rejected, table

_DDD = table("ddd")
UF_OF_DDD: dict[str, str] = dict(zip(_DDD["ddd"], _DDD["uf"], strict=True))
DDD_PATTERN = "|".join(UF_OF_DDD)

KEYBOARD = ("0123456789" * 2, "9876543210" * 2)
RUNS = tuple(row[start : start + 8] for row in KEYBOARD for start in range(10))
"""Eight digits nobody was given: typed along the keyboard, up or down, and round its end."""

UNIQUE_NUMBER = ("3003", "4003", "4004", "4020")
"""First digits of one number for the whole country, dialled with or without an area code; banks and airlines have them."""

_SERVICE = re.compile(r"(?:[358]00[0-9]{6,7}|900[0-9]{7}|[34]00[0-9]{5}|(?:4020|4370)[0-9]{4})")
_TELEMARKETING = re.compile(r"303[0-9]{7}")
"""Only behind a zero or the country: without one it is an area code (30) that was never given out."""

_SHORT = re.compile(r"1[0-9]{2}(?:[0-9]{2})?|911")


def is_run(digits: str) -> bool:
    """One digit repeated, or the keyboard's row, in the last eight digits (or in all, when they are fewer)."""
    tail = digits[-8:]
    return len(set(tail)) == 1 or tail in RUNS or (4 < len(digits) < 8 and any(digits in row for row in KEYBOARD))


def national(digits: str, address_ddd: str, with_country: bool = False) -> Reading:
    """Read the digits dialled inside Brazil; ``with_country`` when +55 was before them, so that no country code can follow."""
    prefixed = with_country or digits.startswith("0")
    digits, reason = _without_prefix(digits) if not with_country or digits.startswith("0") else (digits, None)
    if is_run(digits):
        return rejected("PLACEHOLDER")
    if _SERVICE.fullmatch(digits) or (prefixed and _TELEMARKETING.fullmatch(digits)):
        return Reading(f"+55{digits}", None, "fixed" if reason else "ok", reason, subtype="service")
    if len(digits) in (8, 9):
        return _without_ddd(digits, address_ddd)
    if len(digits) < 8:
        return rejected("SHORT_CODE", subtype="service") if _SHORT.fullmatch(digits) else rejected("TOO_SHORT")
    if len(digits) > 11:
        return rejected("TOO_LONG")
    ddd, number = digits[:2], digits[2:]
    if ddd not in UF_OF_DDD:
        return rejected("UNKNOWN_DDD")
    subscriber, why = _subscriber(number)
    if subscriber is None:
        return rejected("INVALID_NUMBER")
    reason = why or reason
    subtype = _subtype(subscriber)
    key = None if subtype == "service" else ddd + subscriber[-8:]
    return Reading(f"+55{ddd}{subscriber}", key, "fixed" if reason else "ok", reason, None, subtype)


def _without_prefix(digits: str) -> tuple[str, str | None]:
    """Without trunk 0, carrier code (0 + 2 digits), collect call (90, 9090) and country code."""
    if digits.startswith("0"):
        rest = digits[1:]
        if len(rest) in (12, 13) and rest.startswith("55") and rest[2:4] in UF_OF_DDD:
            return rest[2:], None
        if len(rest) in (12, 13) and rest[2:4] in UF_OF_DDD:
            return rest[2:], "CARRIER_CODE"
        return rest, None
    if len(digits) in (14, 15) and digits.startswith("90") and digits[4:6] in UF_OF_DDD:
        return digits[4:], "CARRIER_CODE"
    if len(digits) in (12, 13) and digits.startswith("9090"):
        return digits[4:], "CARRIER_CODE"
    if len(digits) in (12, 13, 14) and digits.startswith("55"):
        return digits[2:].removeprefix("0"), None
    return digits, None


def _subscriber(number: str) -> tuple[str | None, str | None]:
    """Eight or nine digits as dialled today; trunk radio (7x) never got a ninth digit."""
    if len(number) == 9:
        return (number, None) if number[0] == "9" else (None, None)
    if number[0] in "23457":
        return number, None
    return ("9" + number, "NINTH_DIGIT") if number[0] in "689" else (None, None)


def _subtype(subscriber: str) -> str:
    if len(subscriber) == 8 and subscriber.startswith(UNIQUE_NUMBER):
        return "service"
    return "fixed" if subscriber[0] in "2345" else "mobile"


def _without_ddd(number: str, address_ddd: str) -> Reading:
    subscriber, _ = _subscriber(number)
    if subscriber is None:
        return rejected("INVALID_NUMBER")
    if address_ddd in UF_OF_DDD:
        return Reading(None, None, "suggested", "MISSING_DDD", f"+55{address_ddd}{subscriber}", _subtype(subscriber))
    return rejected("MISSING_DDD", subtype=_subtype(subscriber))
