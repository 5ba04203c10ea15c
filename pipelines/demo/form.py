"""The web form's submissions, one JSON per line: fields, consents with text and version, the guardian of a minor."""

from typing import Any

import numpy as np

from pipelines.demo import wording
from pipelines.demo.consents import form_consents
from pipelines.demo.draw import Columns, document, pick, stream, texts
from pipelines.demo.identifiers import masked_cnpj, masked_cpf
from pipelines.demo.people import People
from pipelines.demo.phones import join_several
from pipelines.demo.records import days, full_names, postals, stamps, states

FIELDS = (
    "nome", "nome_social", "email", "telefone", "cpf", "nascimento", "cep", "cidade", "uf", "pais", "mensagem",
)  # fmt: skip
FORMS = {"cadastro": 55, "newsletter": 25, "fale-conosco": 20}
COUNTRY = {"BR": "Brasil", "PT": "Portugal", "ES": "Espanha", "DE": "Alemanha", "FR": "França", "IT": "Itália"}
KEY_PRIME = 281_474_976_710_597
"""Largest prime below 2**48."""


def key(number: int) -> str:
    """A submission id that shows no order."""
    return f"sub_{(number + 1) * 173_961_102_589_771 % KEY_PRIME:012x}"


def submission(values: dict[str, Any], fields: dict[str, Any], consents: list[dict[str, Any]], guardian: dict[str, str] | None = None) -> dict[str, Any]:
    """One submission with all fields; what is not given is the empty text."""
    head = {"form_id": "cadastro", "page_url": "https://loja-demo.example/cadastro"} | values
    order = ("submission_id", "form_id", "submitted_at", "page_url")
    return {name: head[name] for name in order} | {"fields": dict.fromkeys(FIELDS, "") | fields, "consents": consents, "guardian": guardian}


def submissions(people: People, rows: Columns, first: int, seed: int, block: int) -> list[dict[str, Any]]:
    """The submissions of a block; ``first`` is the number of submissions before it."""
    rng = stream(seed, block, "form")
    rates = document("rates")
    count = len(rows["person"])
    when = rows["changed"]
    second = _later_of_two(rows["person"], when)
    consents = form_consents(rng, when, second)
    filled = wording.slots(rng, people, rows["person"])
    text = rates["text"]
    message = wording.messages(rng, filled, rng.random(count) < text["form_message_personal"], rng.random(count) < text["form_message"])
    phone = texts([mobile or landline for mobile, landline in zip(rows["mobile"], rows["landline"], strict=True)])
    join_several(phone, rows["mobile_more"], np.flatnonzero(rng.random(count) < rates["phone"]["several"]))
    masked = rng.random(count) < rates["cpf"]["masked"]
    number = [
        masked_cnpj(firm) if firm else masked_cpf(cpf) if cpf and mask else cpf
        for cpf, firm, mask in zip(rows["cpf"], rows["cnpj"], masked.tolist(), strict=True)
    ]
    brazilian = (rng.random(count) < 0.8).tolist()
    born = [f"{day[8:]}/{day[5:7]}/{day[:4]}" if day and local else day for day, local in zip(days(rows["born"]), brazilian, strict=True)]
    guardians = _guardians(rng, people, rows, rates["consent"]["minor_with_guardian"])
    forms = [list(FORMS)[place] for place in pick(rng, list(FORMS.values()), count)]
    fields = zip(
        full_names(rows), rows["social"], rows["email"], phone, number, born,
        postals(rng, rows, rates["address"]["postal_plain"]), rows["city"], states(rows),
        [COUNTRY[code] for code in rows["country"]], message, strict=True,
    )  # fmt: skip
    return [
        {
            "submission_id": key(first + place),
            "form_id": form,
            "submitted_at": moment,
            "page_url": f"https://loja-demo.example/{form}",
            "fields": dict(zip(FIELDS, row, strict=True)),
            "consents": consent,
            "guardian": guardian,
        }
        for place, (form, moment, row, consent, guardian) in enumerate(zip(forms, stamps(when), fields, consents, guardians, strict=True))
    ]


def _later_of_two(person: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Whether the same person already submitted before."""
    order = np.lexsort((when, person))
    later = np.zeros(len(person), dtype=bool)
    later[order[1:]] = person[order[1:]] == person[order[:-1]]
    return later


def _guardians(rng: np.random.Generator, people: People, rows: Columns, rate: float) -> list[dict[str, str] | None]:
    named: list[dict[str, str] | None] = [None] * len(rows["person"])
    for place in np.flatnonzero(rows["minor"] & (rng.random(len(named)) < rate)).tolist():
        head = people.head[rows["person"][place]]
        if not people.minor[head]:
            named[place] = {"nome": f"{people.given[head]} {people.family[head]}", "parentesco": "mãe" if people.female[head] else "pai"}
    return named
