"""Phone numbers: drawn once per person as national digits, then written in the many ways people write them."""

import numpy as np

from pipelines.demo.draw import Columns, Ints, Texts, pick, scatter, texts

PRIME = 29_999_999
COUNTRY_CODE = {"BR": "55", "PT": "351", "ES": "34", "DE": "49", "FR": "33", "IT": "39"}
TRUNK = {"BR": "", "PT": "", "ES": "", "DE": "0", "FR": "0", "IT": ""}
AREA_DIGITS = {"PT": 9, "ES": 9, "DE": 10, "FR": 9, "IT": 10}
"""Length of a national landline number with its area code, outside Brazil."""

BR_STYLES = (
    (34, "({ddd}) {head}-{tail}"),
    (24, "{ddd}{head}{tail}"),
    (14, "+55 {ddd} {head}-{tail}"),
    (9, "{ddd} {head} {tail}"),
    (8, "+55{ddd}{head}{tail}"),
    (4, "({ddd}){head}{tail}"),
    (3, "55{ddd}{head}{tail}"),
    (2, "0{ddd} {head}-{tail}"),
    (1, "0xx{ddd} {head}-{tail}"),
    (1, "+55 (0){ddd} {head}-{tail}"),
)
PLACEHOLDERS = ("(11) 99999-9999", "00000-0000", "(00) 00000-0000", "1234-5678", "não tem", "-", "0")


def mobiles(rng: np.random.Generator, first: int, seed: int, country: Texts, area: Texts) -> Texts:
    """One mobile number per person as national digits with area code; no two people share one by chance."""
    count = len(country)
    subscriber = (scatter(first, count, seed + 2, PRIME) + 65_000_001).tolist()
    prefix = rng.integers(0, 4, count).tolist()
    return texts([_mobile(*row) for row in zip(country, area, subscriber, prefix, strict=True)])


def landlines(rng: np.random.Generator, first: int, seed: int, country: Texts, area: Texts) -> Texts:
    """One landline per row as national digits with area code."""
    subscriber = (scatter(first, len(country), seed + 3, PRIME) + 20_000_000).tolist()
    return texts(
        [
            f"{ddd}{number}" if code == "BR" else (ddd + str(number))[: AREA_DIGITS[code]].ljust(AREA_DIGITS[code], "4")
            for code, ddd, number in zip(country, area, subscriber, strict=True)
        ]
    )


def _mobile(country: str, area: str, number: int, prefix: int) -> str:
    if country == "BR":
        return f"{area}9{number}"
    first = {"PT": ("91", "92", "93", "96"), "ES": ("61", "62", "65", "66"), "DE": ("151", "160", "171", "176")}
    first |= {"FR": ("6", "7", "6", "7"), "IT": ("333", "347", "320", "389")}
    length = {"PT": 9, "ES": 9, "DE": 11, "FR": 9, "IT": 10}[country]
    return (first[country][prefix] + str(number))[:length].ljust(length, "3")


def written(rng: np.random.Generator, digits: Texts, country: Texts, rates: Columns, with_area: float = 1.0) -> Texts:
    """Numbers as people type them: styles, missing area code, missing ninth digit, extension, placeholder, spreadsheet's ``.0``."""
    count = len(digits)
    style = pick(rng, [weight for weight, _ in BR_STYLES], count)
    bare = rng.random(count) < rates["no_area_code"] * with_area
    old = rng.random(count) < rates["eight_digits"]
    spaced = rng.random(count) < 0.5
    result = texts([_write(*row) for row in zip(digits, country, style.tolist(), bare.tolist(), old.tolist(), spaced.tolist(), strict=True)])
    has = digits != ""
    for rate, mark in ((rates["extension"], " ramal {}"), (rates["float_tail"], "")):
        at = np.flatnonzero(has & (rng.random(count) < rate))
        result[at] = texts(
            [value + mark.format(10 + place % 89) if mark else f"{number}.0" for value, number, place in zip(result[at], digits[at], at.tolist(), strict=True)]
        )
    at = np.flatnonzero(has & (rng.random(count) < rates["placeholder"]))
    result[at] = texts(PLACEHOLDERS)[rng.integers(0, len(PLACEHOLDERS), len(at))]
    return result


def _write(digits: str, country: str, style: int, bare: bool, old: bool, spaced: bool) -> str:
    if not digits:
        return ""
    if country != "BR":
        code = COUNTRY_CODE[country]
        return f"+{code} {digits}" if spaced else f"+{code}{digits}" if style else f"{TRUNK[country]}{digits}"
    ddd, rest = digits[:2], digits[2:]
    if old and len(rest) == 9:
        rest = rest[1:]
    head, tail = rest[:-4], rest[-4:]
    if bare:
        return f"{head}-{tail}" if spaced else rest
    return BR_STYLES[style][1].format(ddd=ddd, head=head, tail=tail)


def join_several(values: Texts, others: Texts, where: Ints, separators: tuple[str, ...] = (" / ", ", ", "; ", " ou ", " e ")) -> None:
    """Put a second number into the same cell, in place."""
    values[where] = texts(
        [
            first + separators[place % len(separators)] + second if first and second else first or second
            for first, second, place in zip(values[where], others[where], where.tolist(), strict=True)
        ]
    )
