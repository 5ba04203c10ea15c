"""Invariant 3: the order in which rows and files arrive, and the database, make no difference to the result."""

import json
import random
from pathlib import Path

from conftest import make_settings
from worlds import AS_OF, NEXT_DAY, assert_same, deliver, deliver_next_day, picture, run_all

from contacts.migrations.upgrade import upgrade
from contacts.settings import Settings
from contacts.warehouse import Warehouse, open_warehouse

PLACES = ("raw_record.file_no", "raw_record.row_no", "batch.config_hash", "ledger", "refused_row.file_no", "refused_row.row_no")


def shuffle(inbox: Path) -> None:
    """Deal the rows of every JSON delivery anew over its files, and turn the spreadsheet upside down."""
    dice = random.Random(11)
    for pattern, key in (("crm/*.json", "records"), ("marketing/*.json", "results"), ("tickets/users-*.json", "users"), ("tickets/tickets-*.json", "tickets")):
        files = sorted(inbox.glob(pattern))
        pages = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        rows = [row for page in pages for row in page[key]]
        dice.shuffle(rows)
        for file, page in zip(files, pages, strict=True):
            size = len(page[key])
            page[key], rows = rows[:size], rows[size:]
            file.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")
    for file in inbox.glob("form/*.jsonl"):
        lines = file.read_text(encoding="utf-8").splitlines()
        dice.shuffle(lines)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_shuffled_input_gives_the_same_persons_values_and_permissions(warehouse: Warehouse, settings: Settings, tmp_path: Path) -> None:
    shuffled_settings = make_settings(tmp_path / "shuffled")
    shuffled = open_warehouse(shuffled_settings.database_url)
    upgrade(shuffled)
    for day, as_of in (("first", AS_OF), ("next", NEXT_DAY)):
        for inbox in (settings, shuffled_settings):
            deliver(inbox)
            if day == "next":
                deliver_next_day(inbox)
        shuffle(shuffled_settings.inbox)
        run_all(warehouse, settings, day, as_of)
        run_all(shuffled, shuffled_settings, day, as_of)
        assert_same(picture(shuffled, PLACES), picture(warehouse, PLACES), f"{day} day, shuffled on SQLite against in order")
    shuffled.close()
