"""Great Expectations judges the stored tables inside both databases and names the same records as our own code, all of them, without a value."""

import json
import logging
from typing import Any

import pytest
from arrivals import arrive, validate
from rule_rows import AS_OF, EMAIL, PHONE, person
from worlds import AS_OF as DEMO_DAY
from worlds import deliver, steps

from contacts import tables
from contacts.errors import LastroError
from contacts.settings import Settings
from contacts.warehouse import Warehouse
from expectations import in_database
from pipelines import cross_checking
from pipelines.run import execute, open_batch

Printed = pytest.CaptureFixture[str]
ODD = ("", " ", "a\n", "\u00a0", "٣٤", "１２３", "x" * 300, "🙂", "a'b\"`@", "\\", "%", "nan", "<NA>", "529.982.247-25")


@pytest.fixture
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in {"HOME": settings.home, "DATABASE_URL": settings.database_url, "LANGUAGE": "en"}.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    return settings


def crossed(printed: Printed, ids: bool = False) -> dict[str, dict[str, Any]]:
    printed.readouterr()
    cross_checking.cross_check(ids, True)
    return {row["rule"]: row for row in json.loads(printed.readouterr().out)}


def test_every_failing_record_of_a_messy_world_is_named_inside_the_database_too(warehouse: Warehouse, here: Settings, capsys: Printed) -> None:
    with pytest.raises(LastroError, match="No batch has been validated yet"):
        cross_checking.cross_check(False, True)
    deliver(here, 200)
    batch = open_batch(warehouse, here, "first", DEMO_DAY)
    for stage, part in steps(here):
        if stage in ("ingest", "standardise", "validate"):
            execute(warehouse, here, stage, batch, part, "tester")
    found = crossed(capsys, ids=True)
    assert {rule.id for rule in in_database.judged_in_sql()} == set(found) and len(found) > 25
    assert all(row["agree"] for row in found.values())
    many = found["DQ-103"]
    assert many["database"] > 100 and len(set(many["records"])) == many["database"], "more than the twenty ids the library gives of its own accord"
    tables_seen = {rule.table for rule in in_database.judged_in_sql() if found[rule.id]["database"]}
    assert tables_seen == {"contact", "contact_point", "consent", "interaction"}


def test_values_nobody_would_send_are_judged_alike(warehouse: Warehouse, here: Settings, capsys: Printed) -> None:
    odd: list[dict[str, Any]] = [
        person(EMAIL, full_name=text, uf=text, postal_code=text, cpf=text, country="BR", name_key=f"a{n}") for n, text in enumerate(ODD)
    ]
    odd += [person({**PHONE, "value": text, "match_key": text}, name_key=f"b{n}") for n, text in enumerate(ODD)]
    with warehouse.transaction() as db:
        arrive(db, odd)
        validate(db, here)
        db.append(tables.receipt, [{"batch_no": 1, "stage": "validate", "part": "", "counts": "{}", "notes": "[]"}])
    assert all(row["agree"] for row in crossed(capsys).values())


def test_another_answer_is_told_by_rule_and_never_by_value(warehouse: Warehouse, here: Settings, capsys: Printed, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with warehouse.transaction() as db:
        arrive(db, [person(EMAIL, uf="SP", name_key="ana")])
        validate(db, here)
        db.append(tables.receipt, [{"batch_no": 1, "stage": "validate", "part": "", "counts": "{}", "notes": "[]"}])
        db.update(tables.contact, birth_date="Vimbrasto", birth_precision="day")
        db.update(tables.contact_point, value="zoraquel.exemplo.com")
    with pytest.raises(LastroError, match=r"inside the database: .*DQ-203") as error:
        cross_checking.cross_check(True, True)
    said = capsys.readouterr()
    told = said.out + said.err + str(error.value) + caplog.text
    assert "Vimbrasto" not in told and "zoraquel" not in told
    assert not all(row["agree"] for row in json.loads(said.out))


def test_nothing_can_be_written_by_way_of_it(warehouse: Warehouse) -> None:
    import sqlalchemy

    with warehouse.read_only_engine().connect() as connection, pytest.raises(sqlalchemy.exc.DBAPIError):
        connection.exec_driver_sql("CREATE TABLE written (a INTEGER)")


def test_a_rule_of_columns_only_frames_have_is_left_to_them(warehouse: Warehouse) -> None:
    assert "DQ-211" not in in_database.failing_records(warehouse, AS_OF)  # reasons noted stand in no column of a table
