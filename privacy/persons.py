"""What is true of each person whatever was said: laws, age, and the rules of the country they live in, for everybody at once."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from contacts.values.date import age_on
from contacts.warehouse import TEXT
from privacy.cases import Ints, Slots
from privacy.decision import UNKNOWN
from privacy.policy import Policy
from privacy.policy_parts import in_force

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Persons:
    """``laws``: bits of the policy's regimes. ``validity``: rules as (persons, slots, days).

    ``consent_only``: rules as (persons, slots, whether a sale will do).
    """

    laws: Ints
    minor: Flags
    of_age: Flags
    validity: tuple[tuple[Flags, Flags, int], ...]
    consent_only: tuple[tuple[Flags, Flags, bool], ...]

    def days(self, person: Ints, slot: Ints) -> Ints:
        """Days a consent counts: the shortest rule, 0 for no limit."""
        found = np.zeros(len(person), dtype=np.int64)
        for who, which, days in self.validity:  # shortest last
            found[who[person] & which[slot]] = days
        return found

    def needs_consent(self, person: Ints, slot: Ints, sold: Flags) -> Flags:
        """Where marketing reaches people on consent alone; ``sold``: cases with a sale on record, which some laws take in its place."""
        found = np.zeros(len(person), dtype=bool)
        for who, which, soft in self.consent_only:
            found |= who[person] & which[slot] & (~sold if soft else True)
        return found


def persons_of(policy: Policy, as_of: datetime, members: pd.DataFrame, slots: Slots, n: int) -> Persons:
    """Facts about ``n`` persons. ``members``: record_id, person, country, birth_date."""
    on = as_of.date()
    born, births = pd.factorize(members["birth_date"])  # some ten thousand dates, however many people
    age_of = age_on(pd.Series(births, dtype=TEXT), on).fillna(UNKNOWN).to_numpy(dtype=np.int64)
    ages = np.append(age_of, UNKNOWN)[born]
    country, countries = pd.factorize(members["country"])
    law = np.array([sum(1 << place for place, name in enumerate(policy.regimes) if name in policy.regimes_of(code)) for code in [*countries, None]])
    every = int(law[-1])
    age_of_law = np.array([0] + [policy.consent_age(frozenset(laws_of(policy, bits)), on) for bits in range(1, every + 1)])
    person = members["person"].to_numpy(dtype=np.int64)
    laws = np.zeros(n, dtype=np.int64)
    np.bitwise_or.at(laws, person[country >= 0], law[country[country >= 0]])
    laws[laws == 0] = every
    threshold = np.maximum(age_of_law[laws[person]], age_of_law[law[country]])  # law[-1]: a record without a country is under every law
    living = np.asarray(countries)

    def there(codes: tuple[str, ...]) -> Flags:
        return _any(n, person[np.isin(country, np.flatnonzero(np.isin(living, codes)))])

    validity = tuple(
        (there((rule.country,)), _slots(slots, rule.channels, rule.purposes), rule.days)
        for rule in sorted(in_force(policy.consent_validity, on), key=lambda rule: rule.days, reverse=True)
    )
    marketing = tuple(code for code, purpose in policy.purposes.items() if purpose.marketing)
    only = tuple((there(rule.countries), _slots(slots, rule.channels, marketing or ("",)), rule.soft_opt_in) for rule in in_force(policy.consent_only, on))
    return Persons(laws, _any(n, person[ages < threshold]), _any(n, person[(ages >= policy.majority_age(on)) & (ages < UNKNOWN)]), validity, only)


def laws_of(policy: Policy, bits: int) -> list[str]:
    """The names of the laws of a set of bits."""
    return [name for place, name in enumerate(policy.regimes) if bits >> place & 1]


def _any(n: int, person: Ints) -> Flags:
    flags = np.zeros(n, dtype=bool)
    flags[person] = True
    return flags


def _slots(slots: Slots, channels: tuple[str, ...], purposes: tuple[str, ...]) -> Flags:
    return np.array([channel in channels and (not purposes or code in purposes) for code, channel in zip(slots.purpose, slots.channel, strict=True)])
