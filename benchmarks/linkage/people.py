"""The people of the made-up contacts: families, twins, namesakes, neighbours and colleagues, every column drawn at once."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.linkage import words
from benchmarks.linkage.points import YEAR, firms, mailboxes, phones, tax_numbers
from benchmarks.linkage.rates import rates
from benchmarks.linkage.words import Codes, Flags
from pipelines.demo.draw import pick

Rng = np.random.Generator
SUFFIXES = pa.array(["junior", "filho", "neto"])
FIRST_DAY = np.datetime64("1915-01-01")
TODAY = int((np.datetime64("2026-11-01") - FIRST_DAY).astype(np.int64))


@dataclass(frozen=True)
class People:
    """One row per person, members of a household side by side. Names are places in the pools of ``words``, -1 where there is none."""

    country: npt.NDArray[np.str_]
    head: Codes
    """Row of the household's first member."""
    female: Flags
    given: Codes
    second: Codes
    middle: Codes
    surname: Codes
    former_middle: Codes
    former_surname: Codes
    """-1 where nobody changed a name."""
    suffix: Codes
    birth: Codes
    """Days since ``FIRST_DAY``."""
    tax_number: Codes
    """-1 where never given."""
    phone: Codes
    old_phone: Codes
    home: Codes
    old_home: Codes
    """Rows of ``Homes``."""
    local: pa.Array
    host: pa.Array
    other_local: pa.Array
    other_host: pa.Array
    """The e-mail addresses before and after their @."""


@dataclass(frozen=True)
class Homes:
    """Addresses: one row per household, and one more per household for where it lived before."""

    street: pa.Array
    number: Codes
    cep: Codes
    town: Codes


def draw_people(rng: Rng, count: int, country: str, hubs: bool) -> tuple[People, Homes]:
    """So many people of one ``country`` (br, eu) and their homes. Without ``hubs`` nobody gives a contact at work and no house has flats."""
    rate = rates()["people"]
    sizes = np.minimum(1 + pick(rng, rate["listed_household"], count), count)
    household = np.repeat(np.arange(count), sizes)[:count]
    household = np.unique(household, return_inverse=True)[1]
    head = np.searchsorted(household, household)
    role = np.arange(count) - head
    nations = words.COUNTRIES[country]
    weights = [words.COUNTRY_WEIGHT[nation] for nation in nations]
    nation = np.array(nations)[pick(rng, weights, household[-1] + 1)]
    homes, area_code = _homes(rng, nation, hubs)
    people = _families(rng, nation[household], head, role)
    people = _namesakes(rng, people, homes.town[household])
    firm = np.where(rng.random(count) < (rate["company"] if hubs else 0.0), firms(rng, count), -1)
    boxes = mailboxes(rng, people, firm)
    phone, old_phone = phones(rng, household, area_code, role, firm)
    number = tax_numbers(rng, count)
    number[rng.random(count) < rates()["values"]["no_tax_number"][country]] = -1
    moved = household + household[-1] + 1
    return replace(people, tax_number=number, phone=phone, old_phone=old_phone, home=household, old_home=moved, **boxes), homes


def _families(rng: Rng, country: npt.NDArray[np.str_], head: Codes, role: Codes) -> People:
    rate, count = rates()["people"], len(head)
    couple = (rng.random(count) < rate["couple"])[head]
    partner, child = (role == 1) & couple, (role > 1) | ((role == 1) & ~couple)
    parent = np.where(couple, np.minimum(head + 1, count - 1), head)
    female = rng.random(count) < 0.5
    female[partner] = ~female[head[partner]]
    names, families = words.given_names(), words.surnames()
    group = np.char.add(country, np.where(female, "f", "m"))
    given, second = names.draw(rng, group), names.draw(rng, group)
    own = np.stack([families.draw(rng, country) for _ in range(2)])
    iberian = np.isin(country, ["BR", "PT", "ES"])
    compound = _by_country(country, rate["compound_given"])
    second[(rng.random(count) >= compound) | (second == given)] = -1
    middle = np.where(child, own[1][parent], own[0])
    middle[child & ~couple] = own[0][child & ~couple]
    surname = np.where(child, own[1][head], own[1])
    single = rng.random(count) < np.where(iberian, rate["single_surname"], 1.0)
    single = np.where(child, single[head], single)
    middle[single | (middle == surname)] = -1
    added = ~iberian & (rng.random(count) < rate["second_given"])
    middle[added] = len(families.words) + names.draw(rng, group[added])

    age = np.where(role == 0, rng.gamma(6.0, 5.0, count) + 17, 0.0)
    age = np.where(partner, age[head] + rng.normal(0, 4, count), age)
    age = np.where(child, age[head] - rng.uniform(19, 38, count), age).clip(0.5, 105)
    lone = child & (age < 8)  # nobody so young is in a list: an adult relative instead
    age[lone] = rng.uniform(17, 60, lone.sum())
    birth = TODAY - (age * YEAR).astype(np.int64)

    suffix = np.full(count, -1)
    son = np.flatnonzero(child & ~female & ~female[head] & iberian)
    chance = rng.random(len(son))
    junior = son[chance < rate["named_after_father"]]
    grandson = son[(chance >= rate["named_after_father"]) & (chance < rate["named_after_father"] + rate["named_after_grandfather"])]
    suffix[junior], suffix[grandson] = rng.integers(0, 2, len(junior)), 2
    for namesakes in (junior, grandson):
        for column in (given, second, middle, surname):
            column[namesakes] = column[head[namesakes]]

    twin = np.flatnonzero(child & np.roll(child, 1) & (np.roll(head, 1) == head) & (suffix < 0) & (rng.random(count) < rate["twin"]))
    birth[twin] = birth[twin - 1]
    alike = twin[(rng.random(len(twin)) < rate["twin_alike"]) & (female[twin] == female[twin - 1])]
    given[alike] = _alike(given[alike - 1])

    former_middle, former_surname = np.full(count, -1), np.full(count, -1)
    wed = np.flatnonzero(partner & female & (rng.random(count) < rate["married_name"]))
    once = np.flatnonzero(~partner & female & (age > 25) & (rng.random(count) < rate["former_name"]))
    for changed, other in ((wed, own[1][head[wed]]), (once, families.draw(rng, country[once]))):
        former_middle[changed], former_surname[changed] = middle[changed], surname[changed]
        middle[changed] = np.where(iberian[changed] & (surname[changed] != other), surname[changed], middle[changed])
        surname[changed] = other
    nothing = np.full(count, -1)
    empty = pa.nulls(0, pa.string())
    return People(
        country, head, female, given, second, middle, surname, former_middle, former_surname, suffix, birth,
        nothing, nothing, nothing, nothing, nothing, empty, empty, empty, empty,
    )  # fmt: skip


def _by_country(country: npt.NDArray[np.str_], rate: dict[str, float]) -> npt.NDArray[np.float64]:
    names, place = np.unique(country, return_inverse=True)
    return np.array([rate[name] for name in names])[place]


def _alike(given: Codes) -> Codes:
    """For each name the next one in the alphabet of the same country and sex, as parents of twins like it."""
    pool = words.given_names()
    order = np.lexsort((pool.words.to_numpy(zero_copy_only=False).astype(str), pool.groups))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    follower = order[(place[given] + 1) % len(order)]
    return np.where(pool.groups[follower] == pool.groups[given], follower, given)


def _namesakes(rng: Rng, people: People, town: Codes) -> People:
    """Some bear the whole name of somebody else of their town, and some of these were born on the same day."""
    rate = rates()["people"]
    order = np.lexsort((rng.random(len(town)), people.female, town))
    here, there = order[1:], order[:-1]
    fits = (town[here] == town[there]) & (people.female[here] == people.female[there]) & (people.country[here] == people.country[there])
    chosen = fits & (people.head[here] != people.head[there]) & (rng.random(len(here)) < rate["namesake"])
    here, there = here[chosen], there[chosen]
    changed = {}
    for column in ("given", "second", "middle", "surname", "suffix"):
        changed[column] = getattr(people, column).copy()
        changed[column][here] = getattr(people, column)[there]
    same_day = rng.random(len(here)) < rate["namesake_birth"]
    changed["birth"] = people.birth.copy()
    changed["birth"][here[same_day]] = people.birth[there[same_day]]
    return replace(people, **changed)


def _homes(rng: Rng, nation: npt.NDArray[np.str_], hubs: bool) -> tuple[Homes, Codes]:
    """The homes, and the area code of each household's present one."""
    rate, households = rates()["people"], len(nation)
    town_pool, _, area_code, low, high = words.towns()
    twice = np.tile(nation, 2)
    number_of_streets = max(len(np.unique(nation)) * 4, households // rate["street"])
    street_nation = np.r_[np.unique(nation), rng.choice(nation, number_of_streets)]
    street_town = town_pool.draw(rng, street_nation)
    name = words.streets().take(words.streets().draw(rng, street_nation))
    bearers = words.given_names().draw(rng, np.char.add(street_nation, "m")), words.surnames().draw(rng, street_nation)
    somebody = pc.binary_join_element_wise("rua" if "BR" in nation else "via", words.given_names().take(bearers[0]), words.surnames().take(bearers[1]), " ")
    name = pc.if_else(pa.array(rng.random(len(street_nation)) < 0.6), somebody, name)  # most are named after somebody
    code = low[street_town] + (rng.random(len(street_town)) * (high - low + 1)[street_town]).astype(np.int64)
    tail = np.isin(street_nation, ["BR", "PT"])
    cep = np.where(tail, code * 1000 + rng.integers(0, 900, len(code)), code)

    street = _places(rng, twice, street_nation)
    number = (rng.pareto(0.9, len(street)) * 60).astype(np.int64).clip(1, 4999)
    if hubs:
        buildings = max(len(np.unique(nation)), int(2 * households * rate["flat"] / rate["building"]))
        building_nation = np.r_[np.unique(nation), rng.choice(nation, buildings)]
        building_street, building_number = _places(rng, building_nation, street_nation), rng.integers(1, 3_000, len(building_nation))
        flat = np.flatnonzero(rng.random(len(street)) < rate["flat"])
        building = _places(rng, twice[flat], building_nation)
        street[flat], number[flat] = building_street[building], building_number[building]
    homes = Homes(name.take(pa.array(street)), number, cep[street], street_town[street])
    return homes, area_code[homes.town[:households]]


def _places(rng: Rng, wanted: npt.NDArray[np.str_], offered: npt.NDArray[np.str_]) -> Codes:
    """For each row a place (street, building) of its country; some are larger than others."""
    weights = rng.gamma(1.5, 1.0, len(offered))
    places = np.empty(len(wanted), dtype=np.int64)
    for nation in np.unique(wanted):
        rows, members = np.flatnonzero(wanted == nation), np.flatnonzero(offered == nation)
        places[rows] = members[pick(rng, weights[members], len(rows))]
    return places


def taken(people: People, rows: Codes) -> People:
    """These rows, in this order, one person as often as it is named."""
    index = pa.array(rows)
    return People(
        **{
            name: column.take(index) if isinstance(column, pa.Array) else column[rows]
            for name, column in ((field.name, getattr(people, field.name)) for field in fields(people))
        }
    )
