"""What kind of day it is where a person is: weekday, Saturday, Sunday or holiday, by the calendars of the ``holidays`` library.

A state nobody knows has the holidays of every state of its country: doubt denies. Municipal holidays are not covered.
"""

from datetime import date
from functools import cache

_KINDS = ("weekday",) * 5 + ("saturday", "sunday")


def kind_of_day(day: date, country: str | None, state: str | None, categories: tuple[str, ...]) -> str:
    """``holiday`` before ``saturday``, ``sunday`` and ``weekday``; ``categories``: public, or optional too."""
    return "holiday" if day in holidays_of(country, state, categories, day.year) else _KINDS[day.weekday()]


@cache
def holidays_of(country: str | None, state: str | None, categories: tuple[str, ...], year: int) -> frozenset[date]:
    """National and state holidays of a year; none for a country the library does not know."""
    import holidays

    if not country:
        return frozenset()
    try:
        known = holidays.country_holidays(country)
    except (NotImplementedError, AttributeError):  # asking first would load the calendars of every country
        return frozenset()
    wanted = tuple(name for name in categories if name in known.supported_categories)
    parts = (state,) if state in known.subdivisions else (None, *known.subdivisions)
    # the library moves days of one year into the next (observed holidays), so it is asked for the year before too
    years = (year - 1, year)
    found = {day for part in parts for day in holidays.country_holidays(country, subdiv=part, years=years, categories=wanted)}
    return frozenset(day for day in found if day.year == year)
