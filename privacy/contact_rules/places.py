"""Where a person may be, for rules that follow the recipient's place and clock: the address, and the area code of the number.

When both are known and disagree both count, so that only what either allows is allowed; a place whose clock is not known stands
for every clock of its country (IANA zone.tab).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values import time_zone
from contacts.values.phone_br import UF_OF_DDD
from contacts.values.reading import arrow, texts
from contacts.warehouse import TEXT
from privacy.contact_rules.model import ContactRules

_OF_CODE = {str(code): regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if regions[0].isalpha()}
"""Calling code → country; where several share one, the one the code is known by."""
COLUMNS = ["country", "uf", "time_zone"]
_COMPARED = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC))
"""Zones that show the same on every day between these are one clock; Brazil has had no summer time since 2019."""
PHONE_CHANNELS = ("phone", "sms", "whatsapp")


@dataclass(frozen=True)
class Place:
    """A place as far as it is known: ISO country, Brazilian state, IANA zone."""

    country: str | None
    state: str | None = None
    zone: str | None = None

    @property
    def zones(self) -> tuple[str, ...]:
        """The clocks it may have."""
        return (self.zone,) if self.zone else zones_of(self.country)


@cache
def clock(zone: str) -> ZoneInfo:
    """The clock of a zone, kept: the library keeps only the last eight and reads the others from their files again."""
    return ZoneInfo(zone)


@cache
def zones_of(country: str | None) -> tuple[str, ...]:
    """Every clock of a country by one of its IANA zones (the sixteen of Brazil are four clocks); UTC for a country that has none."""
    rows = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8").splitlines()
    found = [row.split("\t") for row in rows if not row.startswith("#")]
    days = [_COMPARED[0] + timedelta(days=n) for n in range((_COMPARED[1] - _COMPARED[0]).days)]
    same = {tuple(day.astimezone(clock(row[2])).utcoffset() for day in days): row[2] for row in reversed(found) if row[0] == country}
    return tuple(sorted(same.values())) or ("UTC",)


def of_phones(values: pd.Series) -> pd.DataFrame:
    """Country, state and zone a number in E.164 speaks for (columns ``COLUMNS``), on the index of ``values``; missing where it does not."""
    column = texts(values)
    text = arrow(column)
    country: pa.Array = pa.nulls(len(column), pa.large_string())
    for length in (1, 2, 3):  # no calling code begins like another
        known = {code: region for code, region in _OF_CODE.items() if len(code) == length}
        country = pc.coalesce(country, _looked_up(pc.utf8_slice_codeunits(text, 1, 1 + length), known))
    brazil = pc.match_substring_regex(text, r"\A\+55[0-9]{10,11}\z")
    state = _looked_up(pc.if_else(brazil, pc.utf8_slice_codeunits(text, 3, 5), None), UF_OF_DDD)
    found = {"country": pd.array(country, dtype=TEXT), "uf": pd.array(state, dtype=TEXT), "time_zone": time_zone.of_phone(column).array}
    return pd.DataFrame(found, index=column.index)


def _looked_up(codes: pa.Array, table: dict[str, str]) -> pa.Array:
    keys, answers = (pa.array(list(words), type=pa.large_string()) for words in (table.keys(), table.values()))
    return answers.take(pc.index_in(codes.cast(pa.large_string()), value_set=keys))


def candidates(rules: ContactRules, channel: str, address: Place, number: Place) -> tuple[Place, ...]:
    """The places that count: the address, and the number's on channels that dial one; without any, every country the policy assumes."""
    found = [place for place in (address, number if channel in PHONE_CHANNELS else Place(None)) if place.country]
    # a country alone says nothing that a state of the same country does not say better
    found = [place for place in found if place.state or not any(other.state and other.country == place.country for other in found)]
    return tuple(dict.fromkeys(found)) or tuple(Place(country) for country in rules.where_unknown)
