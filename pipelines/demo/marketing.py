"""The marketing system's contacts as a HubSpot v3 list delivers them; part of it once went through a cp1252 import."""

from typing import Any

import numpy as np

from pipelines.demo import mess
from pipelines.demo.consents import marketing_consents
from pipelines.demo.draw import Columns, change, document, stream, struck, texts
from pipelines.demo.people import People
from pipelines.demo.records import days, postals, region_names, stamps, two_names, unique_emails

FIELDS = (
    "email", "hs_additional_emails", "firstname", "lastname", "phone", "mobilephone", "date_of_birth", "city", "state", "zip", "country",
    "hs_language", "lifecyclestage", "hs_email_optout", "newsletter_optin", "newsletter_optin_at", "newsletter_text_version",
    "newsletter_optin_method", "createdate", "lastmodifieddate",
)  # fmt: skip
LANGUAGE = {"BR": "pt-br", "PT": "pt-pt", "ES": "es", "DE": "de", "FR": "fr", "IT": "it"}
COUNTRY = {"BR": "Brazil", "PT": "Portugal", "ES": "Spain", "DE": "Germany", "FR": "France", "IT": "Italy"}
STAGES = ("subscriber", "lead", "marketingqualifiedlead", "customer", "")


def key(number: int) -> str:
    """A record id: numeric text."""
    return str(10_000_001 + 3 * number)


def contact(identifier: str, properties: dict[str, Any]) -> dict[str, Any]:
    """One result with all properties; what is not given is the empty text."""
    values = dict.fromkeys(FIELDS, "") | properties
    return {"id": identifier, "properties": values, "createdAt": values["createdate"], "updatedAt": values["lastmodifieddate"], "archived": False}


def contacts(people: People, rows: Columns, first: int, seed: int, block: int) -> list[dict[str, Any]]:
    """The records of a block; ``first`` is the number of records before it."""
    rng = stream(seed, block, "marketing")
    rates = document("rates")
    count = len(rows["person"])
    unique_emails(rows)
    _misdecode(rng, rows, rates["name"])
    given, family = two_names(rng, rows, rates["name"]["swapped"])
    more = np.where((rng.random(count) < 0.35) & (rows["email"] != ""), rows["email_more"], "")
    language = texts([LANGUAGE[code] for code in rows["country"]])
    language[rng.random(count) < 0.25] = ""
    country = texts([COUNTRY[code] for code in rows["country"]])
    country[rows["city"] == ""] = ""
    consent = marketing_consents(rng, rows["created"], rows["changed"])
    stage = [STAGES[place] for place in rng.integers(0, len(STAGES), count).tolist()]
    created, changed = ([text.replace("Z", ".000Z") for text in stamps(rows[name])] for name in ("created", "changed"))
    columns = (
        rows["email"], more, given, family, rows["landline"], rows["mobile"], days(rows["born"]), rows["city"],
        region_names(rng, rows, rates["address"]["region_spelt_out"]), postals(rng, rows, rates["address"]["postal_plain"]), country, language, stage,
        consent["optout"], consent["newsletter_optin"], stamps(consent["at"], ".000Z"), consent["version"], consent["method"], created, changed,
    )  # fmt: skip
    return [
        {"id": key(first + place), "properties": dict(zip(FIELDS, row, strict=True)), "createdAt": row[-2], "updatedAt": row[-1], "archived": False}
        for place, row in enumerate(zip(*columns, strict=True))
    ]


def _misdecode(rng: np.random.Generator, rows: Columns, rates: Columns) -> None:
    accented = np.array([not (one + two).isascii() for one, two in zip(rows["given"], rows["family"], strict=True)], dtype=bool)
    for rate, how in ((rates["mojibake"], mess.mojibake), (rates["char_lost"], mess.char_lost)):
        at = struck(rng, rate, accented)
        accented[at] = False
        for name in ("given", "family", "city"):
            change(rows[name], at, how)
