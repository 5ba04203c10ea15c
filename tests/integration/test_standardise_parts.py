"""Standardising part by part, alone or in two processes, leaves what standardising everything at once leaves, row by row, on both databases."""

from pathlib import Path

import pytest
from conftest import make_settings
from worlds import NEXT_DAY, assert_same, deliver, deliver_next_day, picture, run_all

from contacts.migrations.upgrade import upgrade
from contacts.settings import Settings
from contacts.warehouse import Warehouse, open_warehouse
from pipelines import standardising
from pipelines.beside import Beside

WITHOUT = ("ledger", "batch.config_hash", "publication.publication_no", "publication.actor")


@pytest.mark.parametrize("processors", [1, 2])
def test_the_size_of_the_parts_and_who_works_them_changes_nothing(
    warehouse: Warehouse, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    whole_settings = make_settings(tmp_path / "whole", LASTRO_INBOX=str(settings.inbox))
    whole = open_warehouse(whole_settings.database_url)
    upgrade(whole)
    deliver(settings)
    monkeypatch.setattr(Beside, "processors", staticmethod(lambda: processors))
    for day, as_of in (("first", None), ("next", NEXT_DAY)):
        if as_of:
            deliver_next_day(settings)
        for target, own, part in ((whole, whole_settings, 1_000_000), (warehouse, settings, 29)):
            monkeypatch.setattr(standardising, "PART", part)
            run_all(target, own, day, as_of) if as_of else run_all(target, own, day)
        assert_same(picture(warehouse, WITHOUT), picture(whole, WITHOUT), f"{day} day")
    whole.close()
