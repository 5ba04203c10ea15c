"""The CRM's contacts as a Salesforce REST query delivers them."""

from typing import Any

from pipelines.demo import wording
from pipelines.demo.draw import Columns, document, stream, texts
from pipelines.demo.identifiers import masked_cnpj, masked_cpf
from pipelines.demo.people import People
from pipelines.demo.records import days, postals, region_names, several_emails, stamps, streets, two_names
from pipelines.demo.staff import typed_by

FIELDS = (
    "Id", "IsDeleted", "Salutation", "FirstName", "LastName", "NomeSocial__c", "CPF__c", "Birthdate", "Email", "Phone", "MobilePhone",
    "HomePhone", "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "Company__c", "Description",
    "HasOptedOutOfEmail", "DoNotCall", "CreatedDate", "LastModifiedDate", "SystemModstamp", "OwnerId", "Equipe__c",
)  # fmt: skip
COUNTRY = {
    "BR": ("Brasil", "BR", "Brazil", "brasil"),
    "PT": ("Portugal",),
    "ES": ("Espanha", "España"),
    "DE": ("Alemanha", "Deutschland"),
    "FR": ("França",),
    "IT": ("Itália",),
}


def key(number: int) -> str:
    """An 18-character record id."""
    return f"003Hs0{number:09d}IAQ"


def contact(values: dict[str, Any]) -> dict[str, Any]:
    """One record with all fields in the system's order; what is not given is null, flags false."""
    base = {"attributes": {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{values['Id']}"}}
    empty = dict.fromkeys(FIELDS) | {"IsDeleted": False, "HasOptedOutOfEmail": False, "DoNotCall": False}
    return base | empty | values


def contacts(people: People, rows: Columns, first: int, seed: int, block: int) -> list[dict[str, Any]]:
    """The records of a block; ``first`` is the number of records before it."""
    rng = stream(seed, block, "crm")
    rates = document("rates")
    count = len(rows["person"])
    several_emails(rng, rows, rates["email"]["several"])
    filled = wording.slots(rng, people, rows["person"])
    note = wording.notes(rng, filled, rng.random(count) < rates["text"]["crm_note_personal"], rng.random(count) < rates["text"]["crm_note"])
    given, family = two_names(rng, rows, rates["name"]["swapped"])
    masked = rng.random(count) < rates["cpf"]["masked"]
    document_number = [
        (masked_cnpj(firm) if mask else firm) if firm else masked_cpf(cpf) if mask and cpf else cpf
        for cpf, firm, mask in zip(rows["cpf"], rows["cnpj"], masked.tolist(), strict=True)
    ]
    country = texts([COUNTRY[code][place % len(COUNTRY[code])] for code, place in zip(rows["country"], rng.integers(0, 9, count).tolist(), strict=True)])
    country[rng.random(count) < 0.3] = ""
    company = [name if firm else "" for name, firm in zip(rows["family"], rows["organisation"], strict=True)]
    created, changed = ([text.replace("Z", ".000+0000") for text in stamps(rows[name])] for name in ("created", "changed"))
    texts_ = (
        rows["honorific"], given, family, rows["social"], document_number, days(rows["born"]), rows["email"], rows["landline"], rows["mobile"], [""] * count,
        streets(rows), rows["city"], region_names(rng, rows, rates["address"]["region_spelt_out"]), postals(rng, rows, rates["address"]["postal_plain"]),
        country, company, note,
    )  # fmt: skip
    columns = [[key(number) for number in range(first, first + count)], [False] * count]
    columns += [[value or None for value in column] for column in texts_]
    team, owner = typed_by(people, rows, "crm", seed, block)
    columns += [
        (rng.random(count) < rates["consent"]["crm_email_opt_out"]).tolist(),
        (rng.random(count) < rates["consent"]["crm_do_not_call"]).tolist(),
        created,
        changed,
        changed,
        [value or None for value in owner],
        [value or None for value in team],
    ]
    return [
        {"attributes": {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{row[0]}"}} | dict(zip(FIELDS, row, strict=True))
        for row in zip(*columns, strict=True)
    ]
