"""Write the made-up world: five sources below an inbox, and the truth beside them, the same bytes for the same people and seed.

The world is made in blocks of 25,000 people, each from its own random streams: memory does not grow with the world, and
blocks can be written by several processes in any order.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

from contacts.errors import ConfigurationError
from contacts.model import Progress, no_progress
from pipelines.demo import crm, form, marketing, spreadsheet, staff, tickets
from pipelines.demo.pages import Envelope, Place, Row, hubspot, salesforce, write_lines, write_pages, zendesk
from pipelines.demo.people import people as make_people
from pipelines.demo.records import SOURCES, observe, plan
from pipelines.demo.traps import OBJECT, Traps, sizes, traps

BLOCK = 25_000
MANY = 20_000
"""Worlds from here on get pages of 20,000 records instead of 500."""
DIGITS = "[0-9]" * 5
FILES = (
    f"crm/contacts-{DIGITS}.json", f"marketing/contacts-{DIGITS}.json", f"tickets/users-{DIGITS}.json", f"tickets/tickets-{DIGITS}.json",
    f"form/submissions-{DIGITS}.jsonl", "spreadsheet/clientes-lojas-[0-9][0-9][0-9].xlsx", "spreadsheet/clientes-feiras.xlsx",
)  # fmt: skip
"""What a demo writes; nothing else is ever removed."""
MARK = Path("truth", "traps.json")
"""Written first: it marks the inbox as a demo's."""
STAFF = Path("truth", "staff.json")
TRUTH_HEADER = "source,object,source_key,person\n"


@dataclass(frozen=True)
class Block:
    """One block to write: which people, and where its records stand among all records of each source."""

    inbox: Path
    number: int
    first: int
    people: int
    seed: int
    places: dict[str, Place]
    last: bool
    traps: Traps


def write_demo(inbox: Path, people: int, seed: int, progress: Progress = no_progress) -> dict[str, int]:
    """Write five sources about ``people`` invented people and the twelve traps below ``inbox``; returns rows by kind.

    ``truth/truth.csv`` names the person behind every contact record (those of the refused workbook too), ``truth/traps.json``
    lists the traps, ``truth/staff.json`` the staff made worse than the others. A demo already there is replaced. Raises
    ConfigurationError for a world without people, and for an inbox that holds deliveries which no demo wrote.
    """
    if people < 1:
        raise ConfigurationError("A made-up world needs at least one person.", "Give --people a number from 1 up.")
    _clear(inbox)
    for folder in (*SOURCES, "truth"):
        (inbox / folder).mkdir(parents=True, exist_ok=True)
    blocks = _blocks(inbox, people, seed)
    planted = blocks[-1].traps
    for file, listed in ((MARK, planted.listed), (STAFF, staff.planted(seed))):
        (inbox / file).write_text(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    refused = 0
    with (inbox / "truth" / "truth.csv").open("w", encoding="utf-8", newline="") as truth:
        truth.write(TRUTH_HEADER)
        for done, (lines, broken) in enumerate(_written(blocks), start=1):
            truth.write(lines)
            refused += broken
            progress("demo", min(done * BLOCK, people), people)
        truth.writelines(",".join(row) + "\n" for row in planted.truth)
    counts = {f"{source}.{OBJECT[source]}": place.total for source, place in blocks[0].places.items() if source in OBJECT}
    counts["tickets.tickets"] = blocks[0].places["tickets.tickets"].total
    counts["spreadsheet.refused"] = refused
    return {"people": people, "traps": len(planted.listed)} | counts


def _clear(inbox: Path) -> None:
    """Remove an earlier demo, and refuse an inbox that holds anything else."""
    there = {file for source in SOURCES for file in (inbox / source).glob("*")}
    ours = {file for pattern in FILES for file in inbox.glob(pattern)} if (inbox / MARK).exists() else set()
    if there - ours:
        raise ConfigurationError("The inbox already holds deliveries that no demo wrote.", "Give the demo an inbox of its own.")
    for file in ours:
        file.unlink()


def _blocks(inbox: Path, people: int, seed: int) -> list[Block]:
    size = 500 if people < MANY else 20_000
    heads = [min(BLOCK, people - first) for first in range(0, people, BLOCK)]
    rows = [plan(count, seed, number).sizes() for number, count in enumerate(heads)]
    planted = sizes()
    before = {shelf: sum(block[shelf] for block in rows) for shelf in planted}
    found = traps(before)
    places: dict[str, list[Place]] = {}
    for shelf, extra in planted.items():
        start = Place(0, 0, before[shelf] + extra, size)
        places[shelf] = list(accumulate((block[shelf] for block in rows), lambda place, count: place.after(count), initial=start))
    last = len(heads) - 1
    return [
        Block(inbox, number, number * BLOCK, count, seed, {shelf: at[number] for shelf, at in places.items()}, number == last, found)
        for number, count in enumerate(heads)
    ]


def _written(blocks: list[Block]) -> Iterator[tuple[str, int]]:
    workers = min(len(blocks), os.cpu_count() or 1)
    if workers == 1:
        yield from map(write_block, blocks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(write_block, blocks)


def write_block(block: Block) -> tuple[str, int]:
    """Write the files of one block; returns its lines of the truth, and how many rows went to the refused workbook."""
    world = make_people(block.first, block.people, block.seed, block.number)
    planned = plan(block.people, block.seed, block.number)
    lines: list[str] = []
    refused = 0
    for source in SOURCES:
        rows = observe(world, planned.people[source], source, block.seed, block.number)
        first = block.places[source].rows
        arguments = (world, rows, first, block.seed, block.number)
        if source == "crm":
            keys = _paged(block, source, "contacts", crm.contacts(*arguments), salesforce, "Id")
        elif source == "marketing":
            keys = _paged(block, source, "contacts", marketing.contacts(*arguments), hubspot, "id")
        elif source == "tickets":
            shelf = block.places["tickets.tickets"]
            written, earliest = tickets.tickets(world, rows, planned.tickets, first, shelf.rows, block.seed, block.number)
            _paged(block, "tickets.tickets", "tickets", written, zendesk("tickets"), "id")
            keys = _paged(block, source, "users", tickets.users(world, rows, earliest, first, block.seed, block.number), zendesk("users"), "id")
        elif source == "form":
            keys = _lined(block, form.submissions(*arguments))
        else:
            table = spreadsheet.clientes(*arguments)
            refused = spreadsheet.write(block.inbox / source, block.number, table, _planted(block, source))
            keys = [str(key) for key in table[0]]
        lines += [f"{source},{OBJECT[source]},{key},{person}\n" for key, person in zip(keys, world.truth[rows["person"]], strict=True)]
    return "".join(lines), refused


def _paged(block: Block, shelf: str, name: str, rows: list[Row], envelope: Envelope, key: str) -> list[str]:
    """Write the pages of a block, the traps' rows behind the last; returns the keys of the ordinary rows."""
    keys = [str(row[key]) for row in rows]
    write_pages(block.inbox / shelf.partition(".")[0], name, rows + _planted(block, shelf), block.places[shelf], envelope, block.last)
    return keys


def _lined(block: Block, rows: list[Row]) -> list[str]:
    keys = [row["submission_id"] for row in rows]
    write_lines(block.inbox / "form", "submissions", rows + _planted(block, "form"), block.places["form"])
    return keys


def _planted(block: Block, shelf: str) -> list[Row]:
    return block.traps.rows[shelf] if block.last else []
