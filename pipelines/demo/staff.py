"""Who typed each record in: made-up staff of the CRM and the shops, a few of whom are worse than the others in one thing each.

Nothing is spoilt for their sake: records that show a mess anyway are laid at the door of whoever has that habit.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines.demo.draw import Columns, Flags, Texts, document, stream, struck, texts
from pipelines.demo.mess import EMAIL_PLACEHOLDERS
from pipelines.demo.people import People
from pipelines.demo.phones import PLACEHOLDERS

UNTOLD = 0.04
"""Share of the records that do not say who typed them in."""
_BARE = re.compile(r"9?\d{4}-?\d{4}")
_BETWEEN = re.compile(r" / |, |; | ou | e ")

Habit = Callable[[People, Columns], Flags]


def members(source: str, seed: int) -> list[tuple[str, str]]:
    """Team and staff id of everybody who works on a source, team by team; ids have the form of the system's own."""
    teams = [team for team, size in document("staff")[source]["teams"].items() for _ in range(size)]
    numbers = stream(seed, 0, f"{source} staff").permutation(900)[: len(teams)].tolist()
    form = "005Hs0{:09d}IAB" if source == "crm" else "V{:03d}"
    return [(team, form.format(100 + number)) for team, number in zip(teams, numbers, strict=True)]


def typed_by(people: People, rows: Columns, source: str, seed: int, block: int) -> tuple[Texts, Texts]:
    """Team and staff id of each row; the empty text where it does not say. ``rows`` are as the source writes them, ``phone`` among them."""
    rng = stream(seed, block, f"{source} typed by")
    staff, count = members(source, seed), len(rows["person"])
    who = rng.integers(0, len(staff), count)
    for bad in document("staff")[source]["bad"]:
        theirs = struck(rng, bad["share"], HABITS[bad["habit"]](people, rows))
        chosen = _of(bad, staff)
        who[theirs] = np.array(chosen)[rng.integers(0, len(chosen), len(theirs))]
    told = rng.random(count) >= UNTOLD
    team, staff_id = (texts([pair[place] for pair in staff])[who] for place in (0, 1))
    return np.where(told, team, "").astype(object), np.where(told, staff_id, "").astype(object)


def planted(seed: int) -> list[dict[str, Any]]:
    """Who was made worse than the others and how: what ``lastro blame`` should find."""
    found = []
    for source, told in document("staff").items():
        staff = members(source, seed)
        for bad in told["bad"]:
            words = {name: bad[name] for name in ("habit", "rules", "pt", "en")}
            ids = [staff[place][1] for place in _of(bad, staff)]
            found.append({"source": source, "team": bad["team"], "whole_team": "member" not in bad, "staff_ids": ids} | words)
    return found


def _of(bad: dict[str, Any], staff: list[tuple[str, str]]) -> list[int]:
    """The positions of those who have a habit: one member of a team, counted from 1, or all of it."""
    team = [place for place, (name, _) in enumerate(staff) if name == bad["team"]]
    return [team[bad["member"] - 1]] if "member" in bad else team


def _placeholder_email(_: People, rows: Columns) -> Flags:
    return np.isin(rows["email"].astype(str), EMAIL_PLACEHOLDERS)


def _wrong_cpf(people: People, rows: Columns) -> Flags:
    return (rows["cpf"] != "") & (rows["cpf"] != people.cpf[rows["person"]])


def _no_ddd(_: People, rows: Columns) -> Flags:
    brazilian = rows["country"] == "BR"
    bare = [any(_BARE.fullmatch(part) and part not in PLACEHOLDERS for part in _BETWEEN.split(cell)) for cell in rows["phone"]]
    return brazilian & np.array(bare, dtype=bool)


HABITS: dict[str, Habit] = {"placeholder_email": _placeholder_email, "wrong_cpf": _wrong_cpf, "no_ddd": _no_ddd}
