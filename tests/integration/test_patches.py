"""Patch files: filled in by a source's owner, refused whole for one wrong line, laid over what the source says until it says something else."""

import csv
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deliveries import read
from quarantine_shop import ANA, NOTHING, RUI, batch, contact, entries, open_shop, points, record, sell
from worlds import assert_same, picture

from contacts import ledger, tables
from contacts.errors import LastroError
from contacts.pseudonym import pseudonym, suppression_tokens
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from pipelines import explain, patch_file
from pipelines.run import execute, find_batch

MAIL = "zoraquel.nova@example.com"
LINE = {"source": "shop", "object": "customers", "key": "3", "field": "email", "value": MAIL, "by": "steward-2", "reason": "CONFIRMED_WITH_PERSON"}


@pytest.fixture
def shop(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return open_shop(settings, monkeypatch)


def give(folder: Path, *lines: Mapping[str, Any], delimiter: str = ",", encoding: str = "utf-8", by: str = "", because: str = "") -> None:
    """Write a patch file and give it to the command."""
    file = folder / "patches.csv"
    columns = list(dict.fromkeys(name for line in lines for name in line))
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", delimiter=delimiter)
        writer.writeheader()
        writer.writerows(lines)
    patch_file.patch(file, by, because, True)


def test_a_template_names_records_and_fields_holds_no_value_and_is_for_one_reader(
    warehouse: Warehouse, shop: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch(warehouse, shop, 1, "validate")
    patch_file.template("shop", "", True)
    file = shop.home / "quarantine" / "shop.csv"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8-sig")
    assert not [value for value in NOTHING.values() if len(value) > 1 and value in text]
    rows = list(csv.DictReader(text.splitlines()))
    assert {(row["source"], row["object"], row["key"], row["record"]) for row in rows} == {("shop", "customers", "3", str(record(shop, "3")))}
    assert {row["field"] for row in rows} == {"email", "phone", "cpf", "birth_date", "street"}, "the fields this source can deliver"
    assert all(row["problem"] and not (row["value"] or row["by"] or row["reason"]) for row in rows)
    with pytest.raises(LastroError, match="there already"):
        patch_file.template("shop", "", True)
    filled = [row | ({"value": MAIL} if row["field"] == "email" else {}) for row in rows]
    capsys.readouterr()
    give(tmp_path, *filled, delimiter=";", encoding="cp1252", by="steward-2", because="CONFIRMED_BY_SOURCE")  # as a Brazilian Excel writes it
    assert json.loads(capsys.readouterr().out) == {"patches": 1, "records": 1, "left_empty": 4, "fields": {"email": 1}}


def test_a_patched_record_leaves_quarantine_is_published_and_says_so(
    warehouse: Warehouse, shop: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch(warehouse, shop, 1)
    raw = read(warehouse, "raw_record")
    give(tmp_path, LINE)
    entry = entries(warehouse, "values.patched")[0]
    assert entry["actor"] == "steward-2"
    assert entry["detail"] == {"first": 1, "last": 1, "patches": 1, "records": 1, "field": {"email": 1}, "because": {"CONFIRMED_WITH_PERSON": 1}}
    batch(warehouse, shop, 2)
    assert contact(warehouse, shop, "3")["state"] == "active" and points(warehouse, shop, "3", "email") == [MAIL]
    assert read(warehouse, "raw_record").equals(raw), "the raw record stays as it came"
    notes = read(warehouse, "value_note").set_index(["record_id", "field"])
    assert notes.loc[(record(shop, "3"), "email"), ["reason", "outcome"]].tolist() == ["PATCHED", "patched"]
    assert len(read(warehouse, "membership")) == len(read(warehouse, "contact")), "contacts = members of persons + quarantined"
    officer = read(warehouse, "clean_officer")
    assert MAIL in " ".join(officer.loc[officer["batch_no"] == 2, "emails"])
    assert read(warehouse, "contact").set_index("record_id").loc[[record(shop, "1"), record(shop, "2")], "batch_no"].tolist() == [1, 1]

    capsys.readouterr()
    explain.show("shop/customers/3", False, True)
    said = capsys.readouterr().out
    value = next(row for row in json.loads(said)["values"] if row["field"] == "email")
    assert value["mended"] == "patched by steward-2: checked with the person" and MAIL not in said
    with warehouse.transaction() as db:
        assert ledger.verify(db, shop).problem == ""
        assert MAIL not in " ".join(db.read(tables.ledger, "detail")["detail"])


def test_a_patch_stands_while_the_source_repeats_itself_and_ends_when_it_says_something_else(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "standardise")
    give(tmp_path, LINE)
    batch(warehouse, shop, 2, "standardise")
    sell(shop, ANA, RUI, NOTHING | {"name": "Outra Grafia"})  # another field moved
    batch(warehouse, shop, 3, "standardise")
    assert contact(warehouse, shop, "3")["full_name"] == "Outra Grafia" and points(warehouse, shop, "3", "email") == [MAIL]
    sell(shop, ANA, RUI, NOTHING | {"email": "propria@example.com"})
    batch(warehouse, shop, 4, "standardise")
    assert points(warehouse, shop, "3", "email") == ["propria@example.com"]
    assert read(warehouse, "patch")["ended_batch"].tolist() == [4]
    sell(shop, ANA, RUI, NOTHING)  # the old mistake again: the patch has done its work and does not come back
    batch(warehouse, shop, 5, "standardise")
    assert points(warehouse, shop, "3", "email") == []


def test_a_value_the_source_takes_away_does_not_live_on_in_its_patch(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "standardise")
    give(tmp_path, LINE)
    sell(shop, ANA, RUI, NOTHING | {"email": ""})
    batch(warehouse, shop, 2, "standardise")
    assert points(warehouse, shop, "3", "email") == [] and read(warehouse, "patch")["ended_batch"].tolist() == [2]


def test_the_newest_patch_counts_and_can_be_taken_back_or_empty_the_field(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "standardise")
    ana = LINE | {"key": "1"}
    give(tmp_path, ana | {"value": "um@example.com"})
    give(tmp_path, ana | {"value": "dois@example.com; tres@example.com"})
    batch(warehouse, shop, 2, "standardise")
    assert points(warehouse, shop, "1", "email") == ["dois@example.com", "tres@example.com"]
    give(tmp_path, ana | {"value": "", "reason": "NOT_THEIRS"})
    batch(warehouse, shop, 3, "standardise")
    assert points(warehouse, shop, "1", "email") == []
    give(tmp_path, ana | {"value": "", "reason": "TAKEN_BACK"})
    batch(warehouse, shop, 4, "standardise")
    assert points(warehouse, shop, "1", "email") == [ANA["email"]]
    assert len(read(warehouse, "patch")) == 4, "nothing that was decided is rewritten"


def test_a_repeated_stage_patches_and_ends_the_same(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "standardise")
    give(tmp_path, LINE, LINE | {"key": "1", "field": "phone", "value": "(11) 96412-0009"})
    sell(shop, ANA | {"phone": "(11) 96412-0007"}, RUI, NOTHING)
    batch(warehouse, shop, 2, "standardise")
    once = picture(warehouse)
    assert once["patch"]["ended_batch"].fillna(0).tolist() == [0, 2]
    execute(warehouse, shop, "standardise", find_batch(warehouse))
    assert_same({name: frame for name, frame in picture(warehouse).items() if name != "ledger"}, {n: f for n, f in once.items() if n != "ledger"}, "repeated")


def test_no_grant_moves_to_a_patched_address(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    yes = {"news": "yes", "news_at": "2026-10-01T10:00:00Z", "text": "v1"}
    sell(shop, ANA, RUI | yes)
    batch(warehouse, shop, 1)
    give(tmp_path, LINE | {"key": "1"})
    batch(warehouse, shop, 2)
    sell(shop, ANA | yes, RUI | yes)  # the yes comes with the address the source knows, while another one is laid over it
    batch(warehouse, shop, 3)
    granted = read(warehouse, "consent_event").set_index("record_id")["point_ref"]
    assert granted[record(shop, "1")] == pseudonym(shop.key, "point", "email", ANA["email"])
    assert points(warehouse, shop, "1", "email") == [MAIL]
    permitted = read(warehouse, "permission")
    permitted = permitted[permitted["allowed"] & (permitted["purpose"] == "newsletter")]
    person = read(warehouse, "membership").set_index("record_id")["person_id"]
    assert set(permitted["person_id"]) == {person[record(shop, "2")]}, "Rui's yes stands, Ana's was given for another address"


WRONG = {
    "line 3, column field: not a word for it; did you mean 'email'?": {"field": "emial"},
    "line 3, column field: not a word for it; it is one of full_name, email": {"field": "Zoraquel"},
    "line 3, column source: not a word for it; did you mean 'shop'?": {"source": "shpo"},
    "line 3, column object: not a word for it; did you mean 'customers'?": {"object": "customer"},
    "line 3, column reason: not a word for it; did you mean 'TYPING_ERROR'?": {"reason": "TYPING_EROR"},
    "line 3, column by": {"by": "Maria da Silva"},
    "line 3: no such record": {"key": "99"},
    "line 3: it names no record": {"key": ""},
    "line 3: line 2 patches the same field": {},
    "line 3: the value of email cannot be used": {"key": "1", "value": "zoraquel at example"},
    "line 3: the value of cpf cannot be used": {"key": "1", "field": "cpf", "value": "529.982.247-99"},
    "line 3: the birth date is not written year-month-day": {"key": "1", "field": "birth_date", "value": "03/04/1985"},
    "line 3: the reason NOT_THEIRS stands with an empty value": {"key": "1", "reason": "NOT_THEIRS"},
    "line 3: the reason TYPING_ERROR stands with a value": {"key": "1", "value": "", "reason": "TYPING_ERROR"},
    "line 3: no patch of this field is in force": {"key": "1", "value": "", "reason": "TAKEN_BACK"},
    "line 1: the name of column 8 is not one Lastro knows; did you mean 'value'?": {"vlaue": "x"},
}


def test_one_wrong_line_refuses_the_whole_file_and_repeats_no_value(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "validate")
    for says, wrong in WRONG.items():
        with pytest.raises(LastroError) as caught:
            give(tmp_path, LINE, LINE | wrong)
        assert says in caught.value.sentence, caught.value.sentence
        told = caught.value.sentence + caught.value.hint
        assert not [value for value in ("Zoraquel", "zoraquel", "Maria", "529", "03/04", MAIL) if value in told]
    with pytest.raises(LastroError, match="No line"):
        give(tmp_path, LINE | {"value": "", "reason": ""})
    with pytest.raises(LastroError, match="more or fewer cells"):
        (tmp_path / "short.csv").write_text("source,object,key,field,value,by,reason\nshop,customers\n", encoding="utf-8")
        patch_file.patch(tmp_path / "short.csv", "", "", True)
    assert len(read(warehouse, "patch")) == 0 and entries(warehouse, "values.patched") == []


def test_a_value_somebody_asked_not_to_keep_is_neither_taken_nor_laid_over(warehouse: Warehouse, shop: Settings, tmp_path: Path) -> None:
    batch(warehouse, shop, 1, "standardise")
    give(tmp_path, LINE | {"key": "1"})
    with warehouse.transaction() as db:
        token = int(suppression_tokens(shop.key, "email", [MAIL])[0])
        db.append(tables.suppression, [{"token": token, "normal_form": 1, "kind": "email", "reason": "erasure", "since": "2026-11-01"}])
    with pytest.raises(LastroError, match="line 2: somebody asked that this value is not kept"):
        give(tmp_path, LINE)
    batch(warehouse, shop, 2, "standardise")
    assert points(warehouse, shop, "1", "email") == [ANA["email"]], "a patch from before the request is not laid over either"
