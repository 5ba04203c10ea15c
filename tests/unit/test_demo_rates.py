"""The mess of the made-up world keeps the rates counted in real lists (tables/rates.yml), within sampling error at five thousand people."""

import re
from collections import Counter

import numpy as np
import pytest

from pipelines.demo import marketing, spreadsheet
from pipelines.demo.draw import Columns, document, table
from pipelines.demo.people import People, people
from pipelines.demo.places import addresses
from pipelines.demo.records import SOURCES, Plan, observe, plan

COUNT, SEED = 5_000, 21


@pytest.fixture(scope="module")
def world() -> People:
    return people(0, COUNT, SEED, 0)


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(COUNT, SEED, 0)


@pytest.fixture(scope="module")
def seen(world: People, planned: Plan) -> dict[str, Columns]:
    return {source: observe(world, planned.people[source], source, SEED, 0) for source in SOURCES}


@pytest.fixture(scope="module")
def sheet(world: People, planned: Plan) -> dict[str, list]:
    rows = observe(world, planned.people["spreadsheet"], "spreadsheet", SEED, 0)
    return dict(zip(spreadsheet.HEADER, spreadsheet.clientes(world, rows, 0, SEED, 0), strict=True))


def share(hits: object) -> float:
    values = np.asarray(hits, dtype=float)
    assert len(values) > 300
    return float(values.mean())


def test_people_are_in_one_to_five_sources_with_about_two_records_each(planned: Plan) -> None:
    records = sum(len(at) for at in planned.people.values())
    assert 2.05 < records / COUNT < 2.35
    sources = Counter(int(person) for at in planned.people.values() for person in np.unique(at))
    assert set(sources.values()) == {1, 2, 3, 4, 5} and len(sources) == COUNT
    assert 0.55 < planned.tickets.sum() / COUNT < 0.70


def test_most_people_are_brazilian_and_some_are_minors_elderly_or_firms(world: People) -> None:
    assert 0.85 < share(world.country == "BR") < 0.91
    assert set(world.country) == {"BR", "PT", "ES", "DE", "FR", "IT"}
    assert 0.03 < share(world.minor) < 0.15
    assert share(world.born < np.datetime64("1951-11-20")) > 0.02
    assert 0.008 < share(world.organisation) < 0.025
    assert all(world.cnpj[world.organisation]) and not any(world.cpf[world.organisation])


def test_names_are_skewed_like_real_ones(world: People) -> None:
    first = Counter(name.split()[0] for name in world.given if name)
    assert first.most_common(1)[0][0] == "Maria"
    assert sum(count for _, count in first.most_common(10)) > 0.2 * COUNT
    assert len(first) > 300


def test_families_share_home_landline_and_surname_and_some_sons_carry_their_fathers_name(world: People) -> None:
    child = np.flatnonzero(world.minor & (world.head != np.arange(COUNT)))
    assert (world.address["street"][child] == world.address["street"][world.head[child]]).all()
    assert (world.landline[child] == world.landline[world.head[child]]).all()
    sons = np.flatnonzero((world.suffix != "") & (world.given == world.given[world.head]) & (world.head != np.arange(COUNT)))
    assert len(sons) > 5 and (world.family[sons] == world.family[world.head[sons]]).all()
    twins = Counter(zip(world.household.tolist(), world.born.tolist(), strict=True))
    assert sum(count > 1 and born is not None for (_, born), count in twins.items()) > 5


def test_one_in_twenty_uses_an_email_of_the_household(world: People) -> None:
    counted = Counter(world.email[world.email != ""])
    assert 0.035 < sum(count - 1 for count in counted.values()) / COUNT < 0.065


def test_typo_domains_strike_about_one_address_in_eighty(seen: dict[str, Columns]) -> None:
    wrong = {typo for row in table("email_domains") for typo in row["typos"].split()}
    given = [email.lower().split("@")[-1] for rows in seen.values() for email in rows["email"] if "@" in email]
    assert 0.008 < share([domain in wrong for domain in given]) < 0.017


def test_thirteen_in_a_hundred_brazilian_phones_lack_the_area_code(seen: dict[str, Columns]) -> None:
    given = [phone for rows in seen.values() for phone, code in zip(rows["mobile"], rows["country"], strict=True) if phone and code == "BR"]
    assert 0.115 < share([bool(re.fullmatch(r"9?\d{4}-?\d{4}", phone)) for phone in given if phone != "1234-5678"]) < 0.15


def test_over_half_of_the_workbooks_cpfs_lost_their_leading_zeros(sheet: dict[str, list]) -> None:
    given = [cell for cell in sheet["CPF"] if cell]
    assert 0.50 < share([isinstance(cell, int) and cell < 10**10 for cell in given]) < 0.60


def test_a_third_of_the_workbooks_addresses_have_no_number(sheet: dict[str, list]) -> None:
    given = [number for number, street in zip(sheet["Número"], sheet["Endereço"], strict=True) if street]
    assert 0.31 < share([number in spreadsheet.NO_NUMBER for number in given]) < 0.39


def test_a_fifth_of_the_marketing_sources_accented_names_are_mojibake(world: People, planned: Plan, seen: dict[str, Columns]) -> None:
    before = seen["marketing"]
    rows = observe(world, planned.people["marketing"], "marketing", SEED, 0)
    after = marketing.contacts(world, rows, 0, SEED, 0)
    accented = [not (given + family).isascii() for given, family in zip(before["given"], before["family"], strict=True)]
    names = [row["properties"]["firstname"] + row["properties"]["lastname"] for row in after]
    spoilt = [bool(re.search("Ã|Â", name)) for name, had in zip(names, accented, strict=True) if had]
    assert 0.16 < share(spoilt) < 0.24


def test_systems_keyed_by_email_hold_no_address_twice(world: People, planned: Plan) -> None:
    rows = observe(world, planned.people["marketing"], "marketing", SEED, 0)
    given = [row["properties"]["email"].lower() for row in marketing.contacts(world, rows, 0, SEED, 0) if row["properties"]["email"]]
    repeated = sum(count - 1 for count in Counter(given).values())
    assert repeated / len(given) < 0.01


def test_addresses_agree_with_themselves() -> None:
    rng = np.random.default_rng(1)
    country = np.array(["BR"] * 3_000, dtype=object)
    found = addresses(rng, country)
    towns = {row["city"]: row for row in table("towns")}
    for city, region, area, postal in zip(found["city"], found["region"], found["area_code"], found["postal"], strict=True):
        row = towns[city]
        assert (region, area) == (row["region"], row["area_code"])
        assert row["postal_from"] <= postal[:5] <= row["postal_to"]


def test_every_brazilian_state_has_a_town_and_ddds_are_real() -> None:
    import phonenumbers

    rows = [row for row in table("towns") if row["country"] == "BR"]
    assert len({row["region"] for row in rows}) == 27
    assert len(rows) >= 60
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(f"+55{row['area_code']}32221234")) for row in rows)


def test_withdrawals_and_unproven_consents_are_common_enough_to_matter(world: People, planned: Plan) -> None:
    rates = document("rates")["consent"]
    rows = observe(world, planned.people["marketing"], "marketing", SEED, 0)
    found = [row["properties"] for row in marketing.contacts(world, rows, 0, SEED, 0)]
    opted = [row for row in found if row["newsletter_optin"] == "true"]
    assert abs(len(opted) / len(found) - rates["marketing_opt_in"]) < 0.04
    assert abs(share([bool(row["newsletter_optin_at"]) for row in opted]) - rates["marketing_opt_in_proven"]) < 0.06
    assert all(bool(row["newsletter_optin_at"]) == bool(row["newsletter_text_version"]) == bool(row["newsletter_optin_method"]) for row in found)
    assert abs(share([row["hs_email_optout"] == "true" for row in found]) - rates["marketing_opt_out"]) < 0.03
