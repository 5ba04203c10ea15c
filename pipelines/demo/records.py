"""What one source knows about its people: which of them it holds, how often, and each record with its own independent mess."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo import mess, phones
from pipelines.demo.draw import AS_OF, Columns, Days, Ints, Texts, change, document, stream, struck, texts
from pipelines.demo.people import People
from pipelines.demo.places import written_postal

SOURCES = ("crm", "marketing", "tickets", "form", "spreadsheet")
FIRST_DAY = np.datetime64("2019-01-07")
ADDRESS = ("kind", "street", "number", "complement", "district", "city", "region", "postal")


@dataclass(frozen=True)
class Plan:
    """Position of the person behind each record, by source, and how many tickets each user of the ticket system wrote."""

    people: dict[str, Ints]
    tickets: Ints

    def sizes(self) -> dict[str, int]:
        """Records per source; ``tickets.tickets`` are the tickets themselves."""
        return {source: len(at) for source, at in self.people.items()} | {"tickets.tickets": int(self.tickets.sum())}


def plan(count: int, seed: int, block: int) -> Plan:
    """Who is where: cheap, so that page numbers and totals are known before anything is written."""
    rng = stream(seed, block, "plan")
    rates = document("rates")
    held = {source: rng.random(count) < rates["coverage"][source] for source in SOURCES}
    nowhere = np.flatnonzero(~np.any(list(held.values()), axis=0))
    only = rng.integers(0, len(SOURCES), len(nowhere))
    for place, source in enumerate(SOURCES):
        held[source][nowhere[only == place]] = True
    at = {}
    for source in SOURCES:
        once = np.flatnonzero(held[source])
        again = once[rng.random(len(once)) < rates["twice"][source]]
        at[source] = rng.permutation(np.concatenate([once, again]))
    return Plan(at, rng.poisson(rates["tickets_per_user"], len(at["tickets"])))


def observe(people: People, at: Ints, source: str, seed: int, block: int) -> Columns:
    """The records of one source: clean columns of the people at these positions, then the mess common to all sources.

    Columns: person (position), given, family, suffix, honorific, social, email, email_more, mobile, mobile_more, landline (as
    typed), cpf and cnpj (digits), born (day or NaT), the address parts, country, created and changed (seconds).
    """
    rng = stream(seed, block, f"{source} records")
    rates = document("rates")
    present = rates["present"][source]
    count = len(at)
    rows: Columns = {"person": at, "country": people.country[at].copy(), "organisation": people.organisation[at], "cnpj": people.cnpj[at].copy()}
    for name in ("given", "family", "suffix", "social", "email", "mobile", "landline", "cpf", "born"):
        rows[name] = getattr(people, name)[at].copy()
    rows["minor"] = people.minor[at]
    person = ~rows["organisation"]
    _former(rng, people, at, rows, rates)
    rows["email_more"] = people.email_other[at].copy()
    rows["mobile_more"] = people.mobile_other[at].copy()
    for name in ("email", "mobile", "landline", "cpf"):
        rows[name][rng.random(count) > present[name]] = ""
    rows["born"][rng.random(count) > present["birth"]] = np.datetime64("NaT")
    gone = rng.random(count) > present["address"]
    for name in ADDRESS:
        rows[name][gone] = ""
    rows["social"][rng.random(count) > 0.5] = ""
    mess.spoil_names(rng, rows, person, rates["name"])
    rows["honorific"] = _honorifics(rng, people, at, person, rates["name"]["honorific"])
    at_cpf = struck(rng, rates["name"]["cpf_inside"], person & (people.cpf[at] != ""))
    rows["family"][at_cpf] = texts([f"{name} {cpf}" for name, cpf in zip(rows["family"][at_cpf], people.cpf[at][at_cpf], strict=True)])
    mess.spoil_emails(rng, rows["email"], rates["email"])
    mess.spoil_cpfs(rng, rows["cpf"], rates["cpf"])
    mess.spoil_addresses(rng, rows, rates["address"])
    for name in ("mobile", "mobile_more", "landline"):
        rows[name] = phones.written(rng, rows[name], rows["country"], rates["phone"])
    _misread_births(rng, rows["born"], rates["birth"])
    rows["created"], rows["changed"] = moments(rng, count)
    return rows


def _former(rng: np.random.Generator, people: People, at: Ints, rows: Columns, rates: Columns) -> None:
    """Some records are older than a marriage, a move or a change of address."""
    older = struck(rng, rates["name"]["former_surname"], people.former_family[at] != "")
    rows["family"][older] = people.former_family[at][older]
    older = struck(rng, rates["email"]["former"] / 0.3, people.email_former[at] != "")
    rows["email"][older] = people.email_former[at][older]
    moved = rng.random(len(at)) < rates["address"]["former"]
    for name in ADDRESS:
        rows[name] = np.where(moved, people.address_former[name][at], people.address[name][at]).astype(object)


def _honorifics(rng: np.random.Generator, people: People, at: Ints, person: np.ndarray, rate: float) -> Texts:
    words = texts([""] * len(at))
    polite = struck(rng, rate, person)
    chosen = rng.random(len(polite)) < 0.7
    words[polite] = np.where(people.female[at][polite], np.where(chosen, "Sra.", "Dra."), np.where(chosen, "Sr.", "Dr."))
    return words


def _misread_births(rng: np.random.Generator, born: Days, rates: Columns) -> None:
    known = ~np.isnat(born)
    off = struck(rng, rates["misread"], known)
    born[off] += rng.choice(np.array([1, -1, 10, -10, 30, 31, -365], dtype="timedelta64[D]"), len(off))
    placeholder = struck(rng, rates["placeholder"], known)
    born[placeholder] = rng.choice(np.array(["1900-01-01", "1970-01-01", "1899-12-30"], dtype="datetime64[D]"), len(placeholder))


def moments(rng: np.random.Generator, count: int) -> tuple[Days, Days]:
    """When each record was made and last changed (seconds, working hours mostly), the second never before the first nor after today."""
    span = (AS_OF - FIRST_DAY).astype(int) - 2
    made = (rng.beta(1.4, 1.0, count) * span).astype("timedelta64[D]")
    later = made + ((span - made.astype(int)) * rng.beta(0.7, 1.5, count)).astype("timedelta64[D]")
    second = [(rng.triangular(6, 14, 24, count) * 3600).astype("timedelta64[s]") for _ in range(2)]
    created = FIRST_DAY + made + second[0]
    return created, np.maximum(FIRST_DAY + later + second[1], created)


def stamps(moment: Days, tail: str = "Z") -> list[str]:
    """ISO 8601 texts of whole seconds; NaT becomes the empty text."""
    return ["" if text == "NaT" else text + tail for text in np.datetime_as_string(moment, unit="s").tolist()]


def days(born: Days) -> list[str]:
    """ISO days; NaT becomes the empty text."""
    return ["" if text == "NaT" else text for text in np.datetime_as_string(born, unit="D").tolist()]


def full_names(rows: Columns) -> Texts:
    """Honorific, given name, surname and suffix in one column, as sources with a single name field hold it."""
    return texts([" ".join(filter(None, parts)) for parts in zip(rows["honorific"], rows["given"], rows["family"], rows["suffix"], strict=True)])


def one_name(rng: np.random.Generator, rows: Columns, swapped: float) -> Texts:
    """The full name in one column, now and then as "Souza Lima, Maria"."""
    name = full_names(rows)
    at = struck(rng, swapped, (rows["given"] != "") & (rows["family"] != ""))
    name[at] = texts([f"{family}, {given}" for family, given in zip(rows["family"][at], rows["given"][at], strict=True)])
    return name


def two_names(rng: np.random.Generator, rows: Columns, swapped: float) -> tuple[Texts, Texts]:
    """Given name and surname with suffix in two columns, now and then each in the other's."""
    given, family = rows["given"].copy(), texts([f"{name} {suffix}".strip() for name, suffix in zip(rows["family"], rows["suffix"], strict=True)])
    at = struck(rng, swapped, given != "")
    given[at], family[at] = family[at], given[at]
    return given, family


def streets(rows: Columns, number: bool = True) -> list[str]:
    """One line: kind and street, with number and complement where ``number``."""
    lines = [f"{kind} {name}".strip() for kind, name in zip(rows["kind"], rows["street"], strict=True)]
    if not number:
        return lines
    return [", ".join(filter(None, (line, house, extra))) if line else "" for line, house, extra in zip(lines, rows["number"], rows["complement"], strict=True)]


def postals(rng: np.random.Generator, rows: Columns, plain: float) -> Texts:
    """Postal codes as written, a share of them without the hyphen."""
    bare = rng.random(len(rows["postal"])) < plain
    return texts([digits if naked else written_postal(code, digits) for code, digits, naked in zip(rows["country"], rows["postal"], bare, strict=True)])


def several_emails(rng: np.random.Generator, rows: Columns, rate: float) -> None:
    """A second address in the same cell, in place."""
    at = struck(rng, rate / 0.22, (rows["email_more"] != "") & (rows["email"] != ""))
    rows["email"][at] = texts(
        [f"{one}{' / ' if place % 2 else '; '}{two}" for one, two, place in zip(rows["email"][at], rows["email_more"][at], at.tolist(), strict=True)]
    )


def unique_emails(rows: Columns) -> None:
    """No address twice, in place, as systems demand whose key it is: the later record has the person's other address or none."""
    _, first = np.unique(np.char.lower(rows["email"].astype(str)), return_index=True)
    again = np.ones(len(rows["email"]), dtype=bool)
    again[first] = False
    rows["email"][again] = np.where(rows["email"][again] == "", "", rows["email_more"][again])


def states(rows: Columns) -> Texts:
    """The state's code where a Brazilian form asks for the UF; other countries leave it empty."""
    return np.where(rows["country"] == "BR", rows["region"], "").astype(object)


def region_names(rng: np.random.Generator, rows: Columns, rate: float) -> Texts:
    """The state's code, or sometimes its name."""
    names = {
        "SP": "São Paulo",
        "RJ": "Rio de Janeiro",
        "MG": "Minas Gerais",
        "RS": "Rio Grande do Sul",
        "BA": "Bahia",
        "PR": "Paraná",
        "CE": "Ceará",
        "PE": "Pernambuco",
    }
    region: Texts = rows["region"].copy()
    change(region, struck(rng, rate, region != ""), lambda code: names.get(code, code.lower()))
    return region
