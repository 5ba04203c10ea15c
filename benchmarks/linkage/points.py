"""Phones, mailboxes and tax numbers of the people, those shared at home and at work included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.linkage import words
from benchmarks.linkage.rates import rates
from benchmarks.linkage.words import Codes
from pipelines.demo.draw import pick

if TYPE_CHECKING:
    from benchmarks.linkage.people import People

Rng = np.random.Generator
YEAR = 365.25


def firms(rng: Rng, count: int) -> Codes:
    rate = rates()["people"]
    firms = max(1, int(count * rate["company"] / rate["company_size"]))
    return pick(rng, 1 / np.arange(1.0, firms + 1) ** 0.8, count)


def phones(rng: Rng, household: Codes, area_code: Codes, role: Codes, firm: Codes) -> tuple[Codes, Codes]:
    """The phone a person gives and the one before it, with area code: mobile, the household's landline, or the firm's switchboard."""
    rate, count = rates(), len(household)
    mobile = _distinct(rng, np.tile(area_code[household], 2), 960_000_000, 1_000_000_000, 1_000_000_000)
    landline = _distinct(rng, np.r_[area_code, rng.choice(area_code, firm.max() + 2)], 20_000_000, 60_000_000, 100_000_000)
    phone, old = mobile[:count].copy(), mobile[count:]
    at_home = (rng.random(area_code.size) < rate["people"]["landline"])[household] & (
        rng.random(count) < rate["values"]["phone_is_landline"] / rate["people"]["landline"]
    )
    phone[at_home] = landline[household[at_home]]
    at_work = (firm >= 0) & (rng.random(count) < rate["people"]["switchboard"])
    phone[at_work] = landline[area_code.size + firm[at_work]]
    return phone, old


def _distinct(rng: Rng, area_code: Codes, low: int, high: int, scale: int) -> Codes:
    """One number each, area code in front; the same eight digits do occur in two area codes, as they do in life."""
    numbers = area_code * scale + rng.integers(low, high, len(area_code))
    while True:
        order = np.argsort(numbers, kind="stable")
        again = order[1:][numbers[order[1:]] == numbers[order[:-1]]]
        if not len(again):
            return numbers
        numbers[again] = area_code[again] * scale + rng.integers(low, high, len(again))


def tax_numbers(rng: Rng, count: int) -> Codes:
    """Nine digits, none twice, and the two check digits of a CPF (Receita Federal, modulo 11)."""
    prime = 999_999_937
    base = (np.arange(count, dtype=np.int64) * 618_033_989 + rng.integers(prime)) % prime
    digits = base[:, None] // 10 ** np.arange(8, -1, -1) % 10
    first = digits @ np.arange(10, 1, -1) * 10 % 11 % 10
    second = (digits @ np.arange(11, 2, -1) + first * 2) * 10 % 11 % 10
    return base * 100 + first * 10 + second


def mailboxes(rng: Rng, people: People, firm: Codes) -> dict[str, pa.Array]:
    """Two addresses each. A name that is taken gets the next free number, as providers offer it, so that no mailbox is two people's by accident."""
    rate, count = rates(), len(firm)
    twice = np.tile(np.arange(count), 2)
    host = words.hosts().draw(rng, people.country[twice])
    own_host = len(words.hosts().words) + firm
    at_firm = np.flatnonzero((firm >= 0) & (rng.random(count) < 0.5))
    host[at_firm] = own_host[at_firm]
    shape = pick(rng, [5, 2, 3, 2, 2, 2], 2 * count)
    given, surname = words.given_names().take(people.given[twice]), words.surnames().take(people.surname[twice])
    given, surname = (pc.replace_substring(column, " ", "") for column in (given, surname))
    letter = pc.utf8_slice_codeunits(given, 0, 1)
    year = pc.utf8_slice_codeunits((pa.array(1915 + people.birth[twice] // YEAR).cast(pa.int64())).cast(pa.string()), 2, 4)
    forms = (
        _joined(given, ".", surname), _joined(given, "_", surname), _joined(given, surname), _joined(letter, surname), _joined(surname, ".", given),
        _joined(given, surname, ".", year),
    )  # fmt: skip
    local = pc.choose(pa.array(shape), *forms)
    local = _numbered(rng, local, host)
    names = pa.concat_arrays([words.hosts().words, _joined("empresa", pa.array(np.arange(firm.max() + 1)).cast(pa.string()), ".com.br")])
    host_names = names.take(pa.array(host))
    shared = (firm >= 0) & (rng.random(count) < rate["people"]["mailbox"])
    first_local = pc.if_else(pa.array(shared), "contato", local[:count])
    first_host = pc.if_else(pa.array(shared), names.take(pa.array(np.where(shared, own_host, 0))), host_names[:count])
    family = np.flatnonzero((people.head != np.arange(count)) & ~shared & (rng.random(count) < 2 * rate["values"]["family_mailbox"]))
    place = np.arange(count)
    place[family] = people.head[family]
    return {
        "local": first_local.take(pa.array(place)),
        "host": first_host.take(pa.array(place)),
        "other_local": local[count:],
        "other_host": host_names[count:],
    }


def _numbered(rng: Rng, local: pa.Array, host: Codes) -> pa.Array:
    code = pc.dictionary_encode(local).indices.to_numpy(zero_copy_only=False).astype(np.int64)
    key = code * (host.max() + 1) + host
    shuffled = rng.permutation(len(key))
    order = shuffled[np.argsort(key[shuffled], kind="stable")]
    ordered = key[order]
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = np.arange(len(key)) - np.searchsorted(ordered, ordered)
    return pc.if_else(pa.array(rank > 0), _joined(local, pa.array(rank).cast(pa.string())), local)


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
