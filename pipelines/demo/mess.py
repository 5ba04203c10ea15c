"""Mess in names, addresses and e-mails: small functions that spoil one value, and which rows chance lets them strike."""

import re

import numpy as np

from pipelines.demo.draw import Columns, Flags, Texts, change, struck, table, texts
from pipelines.demo.names import plain

SOUNDS = (("ss", "ç"), ("z", "s"), ("s", "z"), ("y", "i"), ("i", "y"), ("th", "t"), ("ph", "f"), ("f", "ph"), ("v", "w"), ("c", "k"), ("nn", "n"), ("ll", "l"))
NAME_PLACEHOLDERS = ("teste", "Teste Teste", "não informado", "sem nome", "-", ".", "Cliente", "xxx", "asdf", "N/A")
EMAIL_PLACEHOLDERS = ("nao@tem.com", "naotem@naotem.com", "teste@teste.com", "sememail@email.com", "x@x.com", "não tem", "-")
CPF_PLACEHOLDERS = ("11111111111", "00000000000", "12345678909", "99999999999")
PARTICLES = {"da", "de", "do", "das", "dos", "e"}


def misspelt(text: str, place: int) -> str:
    """One slip of the pen or ear: transposed, missing, doubled or another letter of the same sound."""
    if len(text) < 4:
        return text
    at = 1 + place % (len(text) - 2)
    kind = place % 5
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    start = place % len(SOUNDS)
    for heard, meant in SOUNDS[start:] + SOUNDS[:start]:
        if heard in text[1:]:
            return text[0] + text[1:].replace(heard, meant, 1)
    return text[:at] + text[at + 1 :]


def mojibake(text: str) -> str:
    """UTF-8 read as cp1252: JoÃ£o. A letter that cp1252 cannot show leaves the text as it is."""
    try:
        return text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return text.encode().decode("latin-1")


def char_lost(text: str) -> str:
    """Every accented letter replaced by U+FFFD: not repairable."""
    return "".join(letter if letter.isascii() else "\ufffd" for letter in text)


def middle_abbreviated(family: str) -> str:
    """All surnames but the last as initials: de Souza Lima -> S. Lima."""
    words = [word for word in family.split() if word.lower() not in PARTICLES]
    return " ".join([f"{word[0]}." for word in words[:-1]] + words[-1:])


def middle_dropped(family: str) -> str:
    """Only the last surname, with its particle."""
    words = family.split()
    keep = 2 if len(words) > 1 and words[-2].lower() in PARTICLES else 1
    return " ".join(words[-keep:])


def spoil_names(rng: np.random.Generator, rows: Columns, person: Flags, rates: Columns) -> None:
    """Spoil given and family in place; organisations (``person`` false) keep their words but not their case."""
    count = len(person)
    given, family = rows["given"], rows["family"]
    for name, column, how in (
        ("middle_dropped", family, middle_dropped),
        ("middle_abbreviated", family, middle_abbreviated),
        ("second_given_dropped", given, lambda text: text.split()[0] if text else text),
    ):
        change(column, struck(rng, rates[name], person), how)
    for column in (given, family):
        at = struck(rng, rates["misspelt"] / 2, person)
        column[at] = texts([misspelt(value, place) for value, place in zip(column[at], rng.integers(0, 10_000, len(at)).tolist(), strict=True)])
    at = struck(rng, rates["suffix_dropped"], person)
    rows["suffix"][at] = ""
    at = struck(rng, rates["placeholder"], person)
    given[at] = texts(NAME_PLACEHOLDERS)[rng.integers(0, len(NAME_PLACEHOLDERS), len(at))]
    family[at] = ""
    rows["suffix"][at] = ""
    lost, case = rng.random(count) < rates["accents_lost"], rng.random(count)
    for column in (given, family, rows["suffix"]):
        change(column, np.flatnonzero(lost), plain)
        change(column, np.flatnonzero(case < rates["upper_case"]), str.upper)
        change(column, np.flatnonzero(case > 1 - rates["lower_case"]), str.lower)


def spoil_emails(rng: np.random.Generator, email: Texts, rates: Columns) -> None:
    """Typos in well-known domains, placeholders, capitals and wrappings, in place."""
    has = email != ""
    typos: dict[str, list[str]] = {}
    for row in table("email_domains"):
        typos.setdefault(row["domain"], []).extend(row["typos"].split())
    at = struck(rng, rates["typo_domain"], has)
    email[at] = texts([_wrong_domain(value, typos, place) for value, place in zip(email[at], rng.integers(0, 999, len(at)).tolist(), strict=True)])
    change(email, struck(rng, rates["upper_case"], has), str.upper)
    at = struck(rng, rates["wrapped"], has)
    shapes = (" {} ", "{}.", "mailto:{}", "<{}>", "Contato <{}>")
    email[at] = texts([shapes[place % len(shapes)].format(value) for place, value in zip(at.tolist(), email[at], strict=True)])
    at = struck(rng, rates["placeholder"], np.ones(len(email), dtype=bool))
    email[at] = texts(EMAIL_PLACEHOLDERS)[rng.integers(0, len(EMAIL_PLACEHOLDERS), len(at))]


def _wrong_domain(email: str, typos: dict[str, list[str]], place: int) -> str:
    local, _, domain = email.partition("@")
    wrong = typos.get(domain)
    if wrong:
        return f"{local}@{wrong[place % len(wrong)]}"
    return f"{local}@{domain.replace('.com', '.con')}"


def spoil_cpfs(rng: np.random.Generator, cpf: Texts, rates: Columns) -> None:
    """One wrong digit, or a placeholder that looks like a CPF, in place."""
    has = cpf != ""
    at = struck(rng, rates["digit_wrong"], has)
    cpf[at] = texts([_wrong_digit(value, place) for value, place in zip(cpf[at], rng.integers(0, 99, len(at)).tolist(), strict=True)])
    at = struck(rng, rates["placeholder"], has)
    cpf[at] = texts(CPF_PLACEHOLDERS)[rng.integers(0, len(CPF_PLACEHOLDERS), len(at))]


def _wrong_digit(cpf: str, place: int) -> str:
    at = 1 + place % 9
    return cpf[:at] + str((int(cpf[at]) + 1 + place % 8) % 10) + cpf[at + 1 :]


def spoil_addresses(rng: np.random.Generator, rows: Columns, rates: Columns) -> None:
    """Abbreviated kinds of street, lost accents, capitals, wrong and town-wide postal codes, in place."""
    brazilian = rows["country"] == "BR"
    short = {"Rua": "R.", "Avenida": "Av.", "Travessa": "Tv.", "Praça": "Pça.", "Alameda": "Al.", "Rodovia": "Rod.", "Estrada": "Est."}
    change(rows["kind"], struck(rng, rates["abbreviated"], brazilian), lambda text: short.get(text, text))
    count = len(brazilian)
    lost, capital = rng.random(count) < rates["accents_lost"], rng.random(count) < rates["upper_case"]
    for name in ("kind", "street", "complement", "district", "city"):
        change(rows[name], np.flatnonzero(lost), plain)
        change(rows[name], np.flatnonzero(capital), str.upper)
    postal = rows["postal"]
    change(postal, struck(rng, rates["postal_town_wide"], brazilian & (postal != "")), lambda text: text[:5] + "000")
    change(
        postal, struck(rng, rates["postal_wrong"], brazilian & (postal != "")), lambda text: re.sub(r"^\d", lambda digit: str((int(digit[0]) + 5) % 10), text)
    )
