"""Made-up contacts with their truth: people written down one or more times, each time with what was at hand and with slips."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.linkage import words
from benchmarks.linkage.people import FIRST_DAY, SUFFIXES, TODAY, Homes, People, draw_people, taken
from benchmarks.linkage.rates import rates
from benchmarks.linkage.slips import digit_changed, digits, either, mistyped, rewritten, sounding_alike, struck
from benchmarks.linkage.words import Codes
from pipelines.demo.draw import pick

Rng = np.random.Generator
COLUMNS = (
    "rec_id", "truth", "given_name", "middle_name", "surname", "suffix", "birth_date", "cpf", "email", "phone", "cep", "street", "number", "city", "uf",
)  # fmt: skip
_MOST = 12
_NO_EMAILS = ("naotem@gmail.com", "nao@tem.com", "teste@teste.com", "sememail@gmail.com", "cliente@loja.com.br")
_NO_PHONES = ("11999999999", "11900000000", "1133333333", "21999999999", "11987654321")
_NO_BIRTHS = ("1900-01-01", "1980-01-01", "2000-01-01", "1970-01-01")
_NO_NAMES = ("cliente", "teste", "consumidor", "nao informado")


def write_contacts(path: Path, records: int, seed: int, country: str = "br", hubs: bool = True) -> None:
    """The contacts as one parquet file."""
    pq.write_table(draw_contacts(records, seed, country, hubs), path)


def draw_contacts(records: int, seed: int, country: str = "br", hubs: bool = True) -> pa.Table:
    """``records`` contacts, a quarter of them repeats, in the columns ``COLUMNS``: already standardised (lower-case ASCII, digits, ISO dates),
    null where missing; ``truth`` is the person. Without ``hubs``: no flats, firms or placeholders. The same arguments give the same table."""
    rng = np.random.default_rng([seed, records])
    repeats = int(records * rates()["duplicates"])
    people, homes = draw_people(rng, records - repeats, country, hubs)
    person = rng.permutation(np.r_[np.arange(records - repeats), _repeated(rng, records - repeats, repeats)])
    seen = taken(people, person)
    noise, missing = rates()["noise"], rates()["missing"]
    names = _names(rng, seen)
    email = _emails(rng, seen)
    phone = digits(_phones(rng, seen))
    birth = _births(rng, seen.birth)
    given = names["given_name"]
    if hubs:
        email, phone, birth, given = (
            _placeholders(rng, column, noise[f"placeholder_{name}"], instead)
            for column, name, instead in ((email, "email", _NO_EMAILS), (phone, "phone", _NO_PHONES), (birth, "birth", _NO_BIRTHS), (given, "name", _NO_NAMES))
        )
    columns = {
        "rec_id": pa.array(np.arange(records)),
        "truth": pa.array(rng.permutation(records - repeats)[person]),
        **names,
        "given_name": given,
        "birth_date": either(rng.random(records) < missing["birth_date"], None, birth),
        "cpf": digits(_tax_numbers(rng, people, person), 11),
        "email": either(rng.random(records) < missing["email"], None, email),
        "phone": either(rng.random(records) < missing["phone"], None, phone),
        **_addresses(rng, seen, homes),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def _repeated(rng: Rng, people: int, repeats: int) -> Codes:
    """Who is there again: so many rows in all, some people several times."""
    more = 1 + pick(rng, np.arange(1.0, _MOST + 1) ** -rates()["more_per_person"], repeats)
    who = rng.permutation(people)[: len(more)]
    return np.repeat(who, more[: len(who)])[:repeats]


def _names(rng: Rng, seen: People) -> dict[str, pa.Array]:
    noise, count = rates()["noise"], len(seen.given)
    given_pool, surname_pool = words.given_names(), words.surnames()
    former = (seen.former_surname >= 0) & (rng.random(count) < noise["former_name"])
    middle_code = np.where(former, seen.former_middle, seen.middle)
    surname = surname_pool.take(np.where(former, seen.former_surname, seen.surname))
    first, second = seen.given.copy(), np.where(rng.random(count) < noise["second_given_dropped"], -1, seen.second)
    other = np.flatnonzero(rng.random(count) < noise["other_name"])
    first[other] = given_pool.draw(rng, np.char.add(seen.country[other], np.where(seen.female[other], "f", "m")))
    given = pc.binary_join_element_wise(given_pool.take(first), given_pool.take(second), " ", null_handling="skip")
    middle = words.middle_names().take(middle_code)
    middle = either(rng.random(count) < noise["middle_dropped"] + rates()["missing"]["middle_name"], None, middle)
    given, surname, middle = (
        sounding_alike(rng, mistyped(rng, column, noise[f"{name}_typo"]), noise["sounds_alike"])
        for column, name in ((given, "given"), (surname, "surname"), (middle, "middle"))
    )
    joined = struck(rng, middle, noise["middle_in_surname"])
    surname = either(joined, pc.binary_join_element_wise(middle, surname, " "), surname)
    middle = either(joined, None, middle)
    middle = either(struck(rng, middle, noise["middle_abbreviated"]), pc.utf8_slice_codeunits(middle, 0, 1), middle)
    surname = either(rng.random(count) < rates()["missing"]["surname"], None, surname)
    swapped = (rng.random(count) < noise["swapped"]) & pc.is_valid(surname).to_numpy(zero_copy_only=False)
    suffix = SUFFIXES.take(pa.array(seen.suffix, mask=(seen.suffix < 0) | (rng.random(count) < noise["suffix_dropped"])))
    return {"given_name": either(swapped, surname, given), "middle_name": middle, "surname": either(swapped, given, surname), "suffix": suffix}


def _births(rng: Rng, birth: Codes) -> pa.Array:
    noise, count = rates()["noise"], len(birth)
    days = pc.strftime(pa.array(FIRST_DAY + np.arange(TODAY + 1).astype("timedelta64[D]")), format="%Y-%m-%d").cast(pa.string())
    iso = days.take(pa.array(birth))
    day, month = (pc.utf8_slice_codeunits(iso, start, start + 2) for start in (8, 5))
    swapped = (rng.random(count) < noise["day_month_swapped"]) & pc.less_equal(day, "12").to_numpy(zero_copy_only=False)
    iso = either(swapped, pc.binary_join_element_wise(pc.utf8_slice_codeunits(iso, 0, 4), day, month, "-"), iso)
    day_off = rng.integers(1, 10, count)
    year_off = np.round(rng.choice([1, 10], count) * 365.2425).astype(np.int64)
    for rate, off in ((noise["date_year"], year_off), (noise["date_day"], day_off)):
        at = rng.random(count) < rate
        moved = birth[at] + off[at] * rng.choice([-1, 1], at.sum())
        iso = rewritten(iso, at, days.take(pa.array(moved.clip(0, TODAY))))
    return iso


def _emails(rng: Rng, seen: People) -> pa.Array:
    noise = rates()["noise"]
    other = rng.random(len(seen.given)) < noise["other_email"]
    local, host = either(other, seen.other_local, seen.local), either(other, seen.other_host, seen.host)
    local, host = mistyped(rng, local, noise["email_typo"]), mistyped(rng, host, noise["host_typo"])
    return pc.binary_join_element_wise(local, host, "@")


def _phones(rng: Rng, seen: People) -> Codes:
    noise, count = rates()["noise"], len(seen.phone)
    phone = np.where(rng.random(count) < noise["old_phone"], seen.old_phone, seen.phone)
    phone = digit_changed(rng, phone, noise["phone_digit"], 6)
    mobile = (phone // 10**8 % 10 == 9) & (phone >= 10**10)
    short = mobile & (rng.random(count) < noise["ninth_digit_lost"])
    return np.where(short, phone // 10**9 * 10**8 + phone % 10**8, phone)


def _tax_numbers(rng: Rng, people: People, person: Codes) -> Codes:
    family = rng.random(len(person)) < rates()["noise"]["family_tax_number"]
    number = people.tax_number[np.where(family, people.head[person], person)]
    return np.where(rng.random(len(person)) < rates()["missing"]["tax_number"], -1, number)


def _addresses(rng: Rng, seen: People, homes: Homes) -> dict[str, pa.Array]:
    noise, missing, count = rates()["noise"], rates()["missing"], len(seen.home)
    home = np.where(rng.random(count) < noise["old_address"], seen.old_home, seen.home)
    street = homes.street.take(pa.array(home))
    street = either(rng.random(count) < noise["kind_dropped"], pc.replace_substring_regex(street, "^(rua|avenida|via|calle|rue) ", ""), street)
    street = mistyped(rng, street, noise["street_typo"])
    cep = homes.cep[home]
    long = seen.country == "BR"
    of_town = long & (rng.random(count) < noise["cep_of_town"])
    cep = digit_changed(rng, np.where(of_town, cep // 1000 * 1000, cep), noise["cep_digit"], 3)
    width = np.where(long, 8, np.where(seen.country == "PT", 7, 5))
    written = pc.choose(pa.array((width - 5) // 2 + (width == 8)), digits(cep, 5), digits(cep, 7), digits(cep, 8))
    number = digits(digit_changed(rng, homes.number[home], noise["number_digit"], 1))
    town_pool, region, *_ = words.towns()
    town = pa.array(homes.town[home])
    nothing = rng.random(count) < missing["address"]
    return {
        "cep": either(nothing | (rng.random(count) < missing["cep"]), None, written),
        "street": either(nothing, None, street),
        "number": either(nothing | (rng.random(count) < missing["number"]), None, number),
        "city": either(nothing, None, town_pool.words.take(town)),
        "uf": either(nothing, None, pc.utf8_lower(region.take(town))),
    }


def _placeholders(rng: Rng, column: pa.Array, rate: float, instead: tuple[str, ...]) -> pa.Array:
    at = rng.random(len(column)) < rate
    return rewritten(column, at, pa.array(instead).take(pa.array(pick(rng, 1 / np.arange(1.0, len(instead) + 1), at.sum()))))
