"""The canary in the quarantine: values that are patched, repaired, refused or looked at stay in columns marked personal, and nowhere else."""

import csv
import logging
from pathlib import Path

import pytest
from deliveries import read
from quarantine_shop import ANA, RUI, batch, open_shop, record, sell

from contacts.errors import LastroError
from contacts.settings import Settings
from contacts.tables import metadata
from contacts.warehouse import Warehouse
from pipelines import explain, patch_file, quarantining, rehearsing

MAIL, NAME, CPF = "zoraquel.vimbrasto@quimbralto-zarpe.com.br", "Zoraquel Vimbrásto Quentorim", "738.264.915-64"
CANARY = {"id": "9", "name": NAME, "email": "", "phone": "(11) 0000", "cpf": ""}
NEEDLES = ("zoraquel", "vimbr", "quentorim", "quimbralto", "738.264", "73826491564", "trifoldina")


def leaks(text: str) -> list[str]:
    return [needle for needle in NEEDLES if needle in text.casefold()]


def give(file: Path, **changes: str) -> None:
    line = {"source": "shop", "object": "customers", "key": "9", "field": "email", "value": MAIL, "by": "steward", "reason": "TYPING_ERROR"} | changes
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(line))
        writer.writeheader()
        writer.writerow(line)
    patch_file.patch(file, "", "", True)


def test_mending_tells_and_keeps_values_only_where_they_are_marked_personal(
    warehouse: Warehouse,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    shop = open_shop(settings, monkeypatch, ANA, RUI, CANARY)
    batch(warehouse, shop, 1)
    refusals = []
    for wrong in ({"field": "Zoraquel"}, {"by": NAME}, {"reason": "Trifoldina"}, {"key": CPF}, {"value": "zoraquel at quimbralto"}, {"Quentorim": NAME}):
        with pytest.raises(LastroError) as caught:
            give(tmp_path / "patches.csv", **wrong)
        refusals.append(caught.value.sentence + caught.value.hint)
    quarantining.listing("", "", 0, True)
    quarantining.show("shop/customers/9", False, True)
    patch_file.template("shop", "", True)
    give(tmp_path / "patches.csv")
    give(tmp_path / "patches.csv", field="cpf", value=CPF)
    sell(shop, ANA, RUI, CANARY | {"name": NAME.replace("á", "\ufffd")})
    batch(warehouse, shop, 2)
    quarantining.show("shop/customers/9", False, True)
    explain.show("shop/customers/9", False, True)
    rehearsing.diff(True, True, True)
    streams = capfd.readouterr()
    assert leaks(streams.out + streams.err + caplog.text + "".join(refusals)) == []

    kept = {
        (name, column.name): "\n".join(read(warehouse, name, column.name)[column.name].astype(str))
        for name, table in metadata.tables.items()
        for column in table.columns
    }
    marks = {(name, column.name): column.info["mark"] for name, table in metadata.tables.items() for column in table.columns}
    assert [place for place, text in kept.items() if leaks(text) and marks[place] != "personal"] == []
    assert ("patch", "value") in [place for place, text in kept.items() if leaks(text)], "the canary did get in"
    assert read(warehouse, "contact").set_index("record_id").loc[record(shop, "9"), "full_name"] == NAME, "and was repaired"
    files = [file for file in shop.home.rglob("*") if file.is_file() and file.relative_to(shop.home).parts[0] not in ("inbox", "keys", "sources")]
    assert [str(file) for file in files if leaks(str(file)) or (not file.name.startswith("warehouse.db") and leaks(file.read_text("utf-8", "replace")))] == []
    quarantining.show("shop/customers/9", True, True)
    explain.show("shop/customers/9", True, True)
    assert leaks(capfd.readouterr().out), "and --reveal shows it"
