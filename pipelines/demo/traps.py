"""The twelve planted privacy traps of ``tables/traps.yml``: real rows of the sources, appended after the ordinary people, and what must happen to them."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.demo import crm, form, marketing, spreadsheet, tickets
from pipelines.demo.consents import answer
from pipelines.demo.draw import document
from pipelines.demo.identifiers import cpf_of, masked_cpf

OBJECT = {"crm": "contacts", "marketing": "contacts", "tickets": "users", "form": "submissions", "spreadsheet": "clientes"}
CPF_BASE = 555_000_100
"""First base of the traps' CPFs: the middle of a range no ordinary person of the made-up world has."""
MADE = "2024-03-11T10:00:00"
CHANGED = "2026-07-06T15:30:00"


@dataclass(frozen=True)
class Traps:
    """Rows to append per source (``tickets.tickets`` for tickets), truth rows (source, object, key, person), and the list for ``traps.json``."""

    rows: dict[str, list[dict[str, Any]]]
    truth: list[tuple[str, str, str, str]]
    listed: list[dict[str, Any]]


def sizes() -> dict[str, int]:
    """How many rows the traps add to each source."""
    counts = dict.fromkeys((*OBJECT, "tickets.tickets"), 0)
    for trap in document("traps"):
        for record in trap["records"]:
            counts[_shelf(record)] += 1
    return counts


def traps(before: dict[str, int]) -> Traps:
    """All traps; ``before`` is the number of ordinary rows per source, so that keys go on behind them."""
    rows: dict[str, list[dict[str, Any]]] = {shelf: [] for shelf in sizes()}
    truth: list[tuple[str, str, str, str]] = []
    listed = []
    for place, raw in enumerate(document("traps")):
        trap = _filled(raw, place)
        keys = _keys(trap["records"], rows, before)
        for record, key in zip(trap["records"], keys, strict=True):
            rows[_shelf(record)].append(_row(record, key, keys))
            if "person" in record:
                truth.append((record["source"], OBJECT[record["source"]], key, f"T{place + 1:02d}{record['person']}"))
        records = [
            {"source": record["source"], "object": record.get("object", OBJECT[record["source"]]), "source_key": key}
            for record, key in zip(trap["records"], keys, strict=True)
        ]
        first = records[0]
        listed.append(
            {"trap": trap["trap"], "description_pt": trap["pt"], "description_en": trap["en"], "source": first["source"], "object": first["object"]}
            | {
                "source_key": first["source_key"],
                "source_keys": [record["source_key"] for record in records],
                "records": records,
                "expectation": trap["expect"],
            }
        )
    return Traps(rows, truth, listed)


def _shelf(record: dict[str, Any]) -> str:
    return "tickets.tickets" if record.get("object") == "tickets" else str(record["source"])


def _filled(trap: dict[str, Any], place: int) -> dict[str, Any]:
    """The trap with its CPFs in place of the slots."""
    text = json.dumps(trap, ensure_ascii=False)
    for number, cpf in enumerate(cpf_of(np.array([CPF_BASE + 2 * place, CPF_BASE + 2 * place + 1])), start=1):
        text = text.replace(f"{{cpf{number}}}", cpf).replace(f"{{cpf{number}_masked}}", masked_cpf(cpf))
    return dict(json.loads(text))


def _keys(records: list[dict[str, Any]], rows: dict[str, list[dict[str, Any]]], before: dict[str, int]) -> list[str]:
    make = {"crm": crm.key, "marketing": marketing.key, "tickets": tickets.key, "form": form.key, "spreadsheet": spreadsheet.key}
    make["tickets.tickets"] = tickets.ticket_key
    used = {shelf: before[shelf] + len(rows[shelf]) for shelf in rows}
    keys = []
    for record in records:
        shelf = _shelf(record)
        keys.append(str(make[shelf](used[shelf])))
        used[shelf] += 1
    return keys


def _row(record: dict[str, Any], key: str, keys: list[str]) -> dict[str, Any]:
    source, values = _shelf(record), record.get("values", {})
    if source == "crm":
        made = {"Id": key, "CreatedDate": f"{MADE}.000+0000", "LastModifiedDate": f"{CHANGED}.000+0000"} | values
        return crm.contact(made | {"SystemModstamp": made["LastModifiedDate"]})
    if source == "marketing":
        return marketing.contact(key, values)
    if source == "tickets":
        return tickets.user({"id": int(key), "created_at": f"{MADE}Z", "updated_at": f"{CHANGED}Z"} | values)
    if source == "tickets.tickets":
        moment = int(np.datetime64(CHANGED).astype(np.int64))
        base = {"id": int(key), "requester_id": int(keys[record["of"]]), "created_at": f"{CHANGED}Z", "updated_at": f"{CHANGED}Z"}
        return tickets.ticket(base | {"generated_timestamp": moment} | values)
    if source == "form":
        consents = answer(record["version"], tuple(record["checked"]))
        return form.submission({"submission_id": key, "submitted_at": record["at"]}, record["fields"], consents, record.get("guardian"))
    return {"Código": key} | values
