"""The people of one block of the made-up world: households, families, names, numbers and addresses, before any mess."""

from dataclasses import dataclass

import numpy as np

from pipelines.demo import identifiers, names, phones
from pipelines.demo.draw import AS_OF, Columns, Days, Flags, Ints, Texts, document, pick, stream, texts
from pipelines.demo.places import addresses

COUNTRIES = {"BR": 0.88, "PT": 0.05, "ES": 0.02, "DE": 0.02, "FR": 0.015, "IT": 0.015}
HOUSEHOLD_SIZES = (0.36, 0.27, 0.19, 0.12, 0.06)
ORGANISATIONS = 0.015
TWINS = 0.05
YEAR = 365.2425


@dataclass(frozen=True)
class People:
    """``len(truth)`` people as columns; a text that is empty is something the person does not have."""

    truth: Texts
    """Who it is, as the truth file says it."""
    country: Texts
    female: Flags
    organisation: Flags
    household: Ints
    head: Ints
    """Position of the first adult of the household."""
    minor: Flags
    given: Texts
    family: Texts
    suffix: Texts
    former_family: Texts
    social: Texts
    born: Days
    cpf: Texts
    cnpj: Texts
    email: Texts
    email_other: Texts
    email_former: Texts
    mobile: Texts
    mobile_other: Texts
    landline: Texts
    address: Columns
    address_former: Columns

    def __len__(self) -> int:
        return len(self.truth)


def people(first: int, count: int, seed: int, block: int) -> People:
    """``count`` people; ``first`` is the number of people in the blocks before, so that documents and numbers never repeat."""
    rng = stream(seed, block, "people")
    rates = document("rates")
    household, role = _households(rng, count)
    head = np.searchsorted(household, household)
    houses = int(household[-1]) + 1 if count else 0
    country = texts(list(COUNTRIES))[pick(rng, list(COUNTRIES.values()), houses)][household]
    female = rng.random(count) < 0.52
    alone = np.bincount(household, minlength=houses)[household] == 1
    organisation = alone & (rng.random(count) < ORGANISATIONS / max(alone.mean(), 0.1)) if count else alone
    born = _births(rng, household, role, head, organisation)
    minor = (AS_OF - born).astype(float) < 18 * YEAR
    minor[np.isnat(born)] = False
    named = names.family_names(rng, country, female, household, role, head, organisation)
    address = _shared(addresses(stream(seed, block, "address"), country[head == np.arange(count)]), household)
    former = addresses(stream(seed, block, "former address"), country)
    numbers = stream(seed, block, "phones")
    mobile = phones.mobiles(numbers, first, seed, country, address["area_code"])
    other = phones.mobiles(numbers, first + 17_000_000, seed, country, address["area_code"])
    landline = phones.landlines(numbers, first, seed, country, address["area_code"])[head]
    small = (AS_OF - born).astype(float) < 12 * YEAR
    mobile[organisation | small] = ""
    other[rng.random(count) > 0.3] = ""
    landline[(rng.random(houses) > 0.55)[household] & ~organisation] = ""
    cpf = identifiers.cpfs(first, count, seed, rng.random(count) < rates["cpf"]["leading_zero"])
    cpf[organisation | ((country != "BR") & (rng.random(count) > 0.08))] = ""
    cnpj = identifiers.cnpjs(first, count, seed)
    cnpj[~organisation] = ""
    mail = names.emails(stream(seed, block, "email"), first, seed, country, named["given"], named["family"], organisation)
    for column in mail.values():
        column[small] = ""
    _share_emails(rng, mail, household, role, head, minor, rates["email"]["shared"])
    return People(
        truth=texts([f"P{number:08d}" for number in range(first, first + count)]),
        country=country,
        female=female,
        organisation=organisation,
        household=household,
        head=head,
        minor=minor,
        born=born,
        cpf=cpf,
        cnpj=cnpj,
        mobile=mobile,
        mobile_other=other,
        landline=landline,
        address=address,
        address_former=former,
        **named,
        **mail,
    )


def _households(rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Household of each person, rising, and the person's place in it (0 head, 1 partner, 2 and above children)."""
    sizes = pick(rng, HOUSEHOLD_SIZES, count) + 1
    household = np.repeat(np.arange(count), sizes)[:count]
    return household, np.arange(count) - np.searchsorted(household, household)


def _births(rng: np.random.Generator, household: Ints, role: Ints, head: Ints, organisation: Flags) -> Days:
    """Birth dates: heads 19 to 94, partners of about their age,
    children of at least 8 who are 19 to 41 years younger (other relatives where that cannot be), some twins.
    """
    count = len(role)
    age = 19 + 75 * rng.beta(1.6, 2.6, count)
    partner = (age[head] + rng.normal(0, 4, count)).clip(18.5, 96)
    child = age[head] - rng.uniform(19, 41, count)
    relative = (age[head] + rng.normal(0, 6, count)).clip(18.5, 96)
    age = np.where(role == 0, age, np.where(role == 1, partner, np.where(child < 8, relative, child)))
    born = AS_OF - (age * YEAR).astype("timedelta64[D]")
    twin = np.flatnonzero((role >= 3) & (rng.random(count) < TWINS * 3))
    born[twin] = born[twin - 1]
    born[organisation] = np.datetime64("NaT")
    return born


def _shared(columns: Columns, household: Ints) -> Columns:
    return {name: column[household] for name, column in columns.items()}


def _share_emails(rng: np.random.Generator, mail: dict[str, Texts], household: Ints, role: Ints, head: Ints, minor: Flags, rate: float) -> None:
    """Some partners and children use the address of the household's head; small children have none of their own."""
    others = role > 0
    eligible = int(np.count_nonzero(others))
    chance = np.where(minor, 1.6, 0.75) * rate * len(role) / (eligible or 1)
    shares = np.flatnonzero(others & (rng.random(len(role)) < chance))
    mail["email"][shares] = mail["email"][head[shares]]
    mail["email_former"][shares] = ""
