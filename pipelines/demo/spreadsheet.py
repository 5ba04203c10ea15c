"""The shops' customer workbooks: numbers that lost their zeros, several phones in a cell, tick boxes without proof.

The second workbook is the broken delivery: somebody renamed its column ``E-mail`` to ``Correio``. It holds a tenth of the
first block's rows. Larger worlds get one good workbook per block of people, so no sheet comes near Excel's limit.
"""

from pathlib import Path

import numpy as np

from pipelines.demo import wording
from pipelines.demo.draw import Columns, document, stream, struck, texts
from pipelines.demo.identifiers import masked_cpf
from pipelines.demo.people import People
from pipelines.demo.phones import join_several
from pipelines.demo.records import days, one_name, postals, several_emails, states, streets
from pipelines.demo.staff import typed_by
from pipelines.demo.xlsx import Cell, Day, write_workbook

HEADER = (
    "Código", "Loja", "Atendente", "Nome completo", "CPF", "E-mail", "Telefones", "Nascimento", "Endereço", "Número", "Bairro", "Cidade", "UF", "CEP",
    "Aceita receber novidades?", "Observações", "Atualizado em",
)  # fmt: skip
RENAMED = "Correio"
BROKEN_SHARE = 0.1
YES = ("sim", "Sim", "SIM", "S")
NO = ("não", "Não", "NÃO", "N")
NO_NUMBER = ("S/N", "SN", "s/nº", "0")
Table = list[list[Cell]]
"""Columns of cells in the order of HEADER."""


def key(number: int) -> str:
    """A customer code."""
    return f"C{number:07d}"


def clientes(people: People, rows: Columns, first: int, seed: int, block: int) -> Table:
    """The rows of a block as columns; ``first`` is the number of rows before it."""
    rng = stream(seed, block, "spreadsheet")
    rates = document("rates")
    count = len(rows["person"])
    several_emails(rng, rows, rates["email"]["several"])
    name = one_name(rng, rows, rates["name"]["swapped"])
    phone = rows["mobile"].copy()
    both = rng.random(count) < rates["phone"]["several_in_spreadsheet"]
    join_several(phone, rows["landline"], np.flatnonzero(both | (phone == "")))
    join_several(phone, rows["mobile_more"], struck(rng, rates["phone"]["several"], phone != ""))
    number = rows["number"].copy()
    without = struck(rng, rates["address"]["no_number"], rows["street"] != "")
    number[without] = texts(NO_NUMBER)[rng.integers(0, len(NO_NUMBER), len(without))]
    filled = wording.slots(rng, people, rows["person"])
    note = wording.notes(rng, filled, rng.random(count) < rates["text"]["sheet_note_personal"], rng.random(count) < rates["text"]["sheet_note"])
    shop, seller = typed_by(people, rows | {"phone": phone}, "spreadsheet", seed, block)
    return [
        [key(at) for at in range(first, first + count)],
        list(shop),
        list(seller),
        list(name),
        _cpf_cells(rng, rows, rates["cpf"]),
        list(rows["email"]),
        list(phone),
        _date_cells(rng, rows["born"], rates["birth"]["as_text"]),
        streets(rows, number=False),
        [int(text) if text.isdigit() and text != "0" else text for text in number],
        list(rows["district"]),
        list(rows["city"]),
        list(states(rows)),
        _postal_cells(rng, rows, rates["address"]["postal_plain"]),
        _answers(rng, count, rates["consent"]),
        list(note),
        _date_cells(rng, rows["changed"].astype("datetime64[D]"), rates["birth"]["as_text"]),
    ]


def write(folder: Path, block: int, table: Table, extra: list[dict[str, Cell]]) -> int:
    """Write the block's workbooks; ``extra`` rows go to the end of the good one. Returns how many rows went to the broken one."""
    cut = round(len(table[0]) * BROKEN_SHARE) if block == 0 else 0
    if block == 0:
        header = [RENAMED if name == "E-mail" else name for name in HEADER]
        write_workbook(folder / "clientes-feiras.xlsx", header, [column[:cut] for column in table])
    good = [column[cut:] + [row.get(name) for row in extra] for name, column in zip(HEADER, table, strict=True)]
    write_workbook(folder / f"clientes-lojas-{block:03d}.xlsx", HEADER, good)
    return cut


def _cpf_cells(rng: np.random.Generator, rows: Columns, rates: Columns) -> list[Cell]:
    typed = (rng.random(len(rows["cpf"])) < rates["typed_as_number"]).tolist()
    return [(int(cpf) or cpf) if cpf and number else masked_cpf(cpf) if cpf else None for cpf, number in zip(rows["cpf"], typed, strict=True)]


def _postal_cells(rng: np.random.Generator, rows: Columns, plain: float) -> list[Cell]:
    written = postals(rng, rows, plain)
    return [int(text) if text.isdigit() else text for text in written]


def _date_cells(rng: np.random.Generator, moment: np.ndarray, as_text: float) -> list[Cell]:
    text = (rng.random(len(moment)) < as_text).tolist()
    number = moment.astype("datetime64[D]").astype(np.int64).tolist()
    cells: list[Cell] = []
    for day, serial, written in zip(days(moment), number, text, strict=True):
        if not day:
            cells.append(None)
        elif written or day < "1900-03-01":
            cells.append(f"{day[8:]}/{day[5:7]}/{day[:4]}")
        else:
            cells.append(Day(serial))
    return cells


def _answers(rng: np.random.Generator, count: int, rates: Columns) -> list[Cell]:
    chance = rng.random(count)
    form = rng.integers(0, len(YES), count).tolist()
    yes, no = rates["sheet_yes"], rates["sheet_yes"] + rates["sheet_no"]
    return [YES[at] if value < yes else NO[at] if value < no else None for value, at in zip(chance.tolist(), form, strict=True)]
