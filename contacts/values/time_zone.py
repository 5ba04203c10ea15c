"""The clock a person lives by, for rules about hours of contact: from town, state, postal code and country, or from a phone's area code.

Where a place has several clocks and nothing tells which, the answer is missing, and a rule has to be careful.
"""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from contacts.values.phone_br import UF_OF_DDD
from contacts.values.reading import arrow, table, texts
from contacts.warehouse import TEXT

_TABLE = table("time_zone")
_ZONES = {kind: dict(zip(rows["code"], rows["zone"], strict=True)) for kind, rows in _TABLE.groupby("kind")}
_OF_DDD = {ddd: _ZONES["uf"][uf] for ddd, uf in UF_OF_DDD.items() if ddd != "97"}
"""Area code -> clock; the 97 of western Amazonas has two."""


def of_address(country: pd.Series, uf: pd.Series, city_code: pd.Series, postal_code: pd.Series) -> pd.Series:
    """IANA zones such as ``America/Manaus``; all columns standardised, with one index."""
    place, state, town = (arrow(texts(column)) for column in (country, uf, city_code))
    prefix = pc.utf8_slice_codeunits(arrow(texts(postal_code)), 0, 2)
    brazil = pc.if_else(pc.equal(place, "BR"), pc.coalesce(_zone("town", town), _zone("uf", state)), None)
    islands = _zone("postal", pc.binary_join_element_wise(place, prefix, pa.scalar("", pa.large_string())))
    mainland = pc.if_else(pc.is_valid(prefix), _zone("mainland", place), None)
    return pd.Series(pd.array(pc.coalesce(brazil, islands, mainland, _zone("country", place)), dtype=TEXT), index=country.index)


def _zone(kind: str, codes: pa.LargeStringArray) -> pa.LargeStringArray:
    """The clock of each code, missing where it tells none."""
    known, zones = (pa.array(words, type=pa.large_string()) for words in (_ZONES[kind].keys(), _ZONES[kind].values()))
    return zones.take(pc.index_in(codes, value_set=known))


def of_phone(values: pd.Series) -> pd.Series:
    """The zone of a Brazilian number in E.164 by its area code; missing for every other number."""
    column = texts(values)
    text = arrow(column)
    ddd = pc.if_else(pc.match_substring_regex(text, r"\A\+55[0-9]{10,11}\z"), pc.utf8_slice_codeunits(text, 3, 5), None)
    place = pc.index_in(ddd, value_set=pa.array(list(_OF_DDD), type=pa.large_string()))
    return pd.Series(pd.array(pa.array(list(_OF_DDD.values()), type=pa.large_string()).take(place), dtype=TEXT), index=column.index)
