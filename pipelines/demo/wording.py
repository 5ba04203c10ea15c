"""Free texts from the grammar in ``tables/texts.yml``: opening, body, closing, with or without somebody's personal data."""

from typing import Any

import numpy as np

from pipelines.demo.draw import AS_OF, Columns, Flags, Ints, Texts, document, texts
from pipelines.demo.identifiers import masked_cpf
from pipelines.demo.people import People
from pipelines.demo.places import written_postal

LANGUAGE = {"BR": "pt", "PT": "pt", "ES": "es", "DE": "de", "FR": "fr", "IT": "it"}


def slots(rng: np.random.Generator, people: People, at: Ints) -> Columns:
    """What the templates may mention, one row per text: the writer's own data, somebody else's, and look-alikes of neither."""
    count = len(at)
    grammar = document("texts")
    other = rng.integers(0, len(people), count) if count else at
    cpf = np.where(people.cpf[at] == "", "00000000191", people.cpf[at])
    bare = rng.random(count) < 0.4
    phone = np.where(people.mobile[at] == "", people.mobile_other[at], people.mobile[at])
    mail = np.where(people.email_other[at] == "", people.email[at], people.email_other[at])
    day = np.datetime_as_string(AS_OF - rng.integers(1, 60, count), unit="D").tolist()
    order = rng.integers(10**7, 10**11, count).tolist()
    address = people.address
    return {
        "language": texts([LANGUAGE[code] for code in people.country[at]]),
        "first": texts([given.split()[0] if given else family for given, family in zip(people.given[at], people.family[at], strict=True)]),
        "name": _names(people, at),
        "other": _names(people, other),
        "other_phone": texts([_spoken(number) for number in people.mobile[other]]),
        "cpf": texts([number if naked else masked_cpf(number) for number, naked in zip(cpf, bare, strict=True)]),
        "phone": texts([_spoken(number) for number in phone]),
        "email": texts([address or "contato@loja-demo.com.br" for address in mail]),
        "cep": texts([written_postal(code, digits) for code, digits in zip(address["country"][at], address["postal"][at], strict=True)]),
        "street": texts(
            [f"{kind} {name}, {house}".strip() for kind, name, house in zip(address["kind"][at], address["street"][at], address["number"][at], strict=True)]
        ),
        "card": texts(grammar["cards"])[rng.integers(0, len(grammar["cards"]), count)],
        "product": texts(grammar["products"])[rng.integers(0, len(grammar["products"]), count)],
        "order": texts([f"{number}" if number % 3 else f"PED-{number % 10**7}" for number in order]),
        "boleto": texts([f"23793.38128 6{number % 10**7:07d}.{number % 10**6:06d} {number % 10}" for number in order]),
        "date": texts([f"{text[8:]}/{text[5:7]}" for text in day]),
    }


def _names(people: People, at: Ints) -> Texts:
    return texts([" ".join(filter(None, parts)) for parts in zip(people.given[at], people.family[at], people.suffix[at], strict=True)])


def _spoken(number: str) -> str:
    if len(number) == 11:
        return f"({number[:2]}) {number[2:7]}-{number[7:]}"
    return number or "0800 722 0000"


def tickets(rng: np.random.Generator, filled: Columns, personal: Flags) -> tuple[list[str], list[str]]:
    """Subject and description of each ticket."""
    count = len(personal)
    grammar = document("texts")
    one, two, three = (rng.integers(0, 1 << 30, count).tolist() for _ in range(3))
    subjects, bodies = [], []
    for place, (language, private) in enumerate(zip(filled["language"], personal.tolist(), strict=True)):
        rules = grammar[language]
        choices = rules["personal" if private else "plain"]
        subject, body = choices[two[place] % len(choices)]
        opening = rules["openings"][one[place] % len(rules["openings"])]
        closing = rules["closings"][three[place] % len(rules["closings"])]
        subjects.append(subject)
        bodies.append(_fill(" ".join(filter(None, (opening, body, closing))), filled, place))
    return subjects, bodies


def notes(rng: np.random.Generator, filled: Columns, personal: Flags, has: Flags) -> list[str]:
    """A short note about the person for the rows that have one, else the empty text."""
    count = len(personal)
    grammar = document("texts")
    choice = rng.integers(0, 1 << 30, count).tolist()
    found = [""] * count
    for place in np.flatnonzero(has).tolist():
        rules = grammar[filled["language"][place]]
        choices = rules["notes_personal" if personal[place] else "notes_plain"]
        found[place] = _fill(choices[choice[place] % len(choices)], filled, place)
    return found


def messages(rng: np.random.Generator, filled: Columns, personal: Flags, has: Flags) -> list[str]:
    """A form message for the rows that have one: a ticket's words without its subject."""
    _, bodies = tickets(rng, filled, personal)
    return [body if wanted else "" for body, wanted in zip(bodies, has.tolist(), strict=True)]


def _fill(template: str, filled: Columns, place: int) -> str:
    if "{" not in template:
        return template
    return template.format_map(_Row(filled, place))


class _Row(dict[str, Any]):
    """The slots of one row, looked up only when the template asks."""

    def __init__(self, filled: Columns, place: int) -> None:
        super().__init__()
        self.filled = filled
        self.place = place

    def __missing__(self, name: str) -> str:
        return str(self.filled[name][self.place])
