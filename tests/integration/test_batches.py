"""Batches and their stages: the moment a batch stands for, what waits for what, and which rules its work was done under."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from deliveries import ANA, HEADER, RUI, SHOP, declare, put, read
from worlds import assert_same, picture

from contacts import tables
from contacts.errors import ConfigurationError, WarehouseUnavailable
from contacts.model import Receipt, instant
from contacts.settings import Settings
from contacts.warehouse import Warehouse, open_warehouse
from pipelines.run import execute, find_batch, open_batch
from pipelines.stages import STAGES

SAO_PAULO = timezone(timedelta(hours=-3))


def test_a_moment_with_an_offset_is_kept_in_utc(warehouse: Warehouse, settings: Settings) -> None:
    opened = open_batch(warehouse, settings, as_of=datetime(2026, 11, 20, 22, 30, tzinfo=SAO_PAULO))
    assert opened.as_of_text == "2026-11-21T01:30:00Z"
    assert opened.batch_id == "2026-11-21.1", "the id names the day in UTC, as every moment does"
    assert find_batch(warehouse) == opened, "read again it is the same moment"
    with pytest.raises(ConfigurationError, match="before the last one"):
        open_batch(warehouse, settings, as_of=datetime(2026, 11, 20, 22, 29, tzinfo=SAO_PAULO))
    assert open_batch(warehouse, settings, as_of=datetime(2026, 11, 20, 22, 31, tzinfo=SAO_PAULO)).number == 2


def test_a_moment_without_an_offset_is_refused(warehouse: Warehouse, settings: Settings) -> None:
    naive = datetime(2026, 11, 20, 6)
    with pytest.raises(ConfigurationError, match="no offset"):
        open_batch(warehouse, settings, as_of=naive)
    with pytest.raises(ValueError, match="offset"):
        instant(naive)
    with warehouse.transaction() as db:
        assert db.count(tables.batch) == 0


def test_standardise_waits_for_every_source(warehouse: Warehouse, settings: Settings) -> None:
    shops = declare(settings, north=SHOP, south=SHOP.replace("shop/", "south/"))
    put(shops, "shop/a.csv", HEADER + ANA)
    put(shops, "south/a.csv", HEADER + RUI)
    batch = open_batch(warehouse, shops)
    execute(warehouse, shops, "ingest", batch, "north")
    with pytest.raises(ConfigurationError, match="ingest south"):
        execute(warehouse, shops, "standardise", batch)
    execute(warehouse, shops, "ingest", batch, "south")
    assert execute(warehouse, shops, "standardise", batch).counts["contacts"] == 2


def test_two_runs_take_turns_and_only_different_sources_are_read_side_by_side(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = declare(settings, north=SHOP, south=SHOP)
    put(shops, "shop/a.csv", HEADER + ANA)
    batch = open_batch(warehouse, shops)
    monkeypatch.setattr("contacts.warehouse._TIMEOUT_S", 1)
    other = open_warehouse(shops.database_url)
    side_by_side = warehouse.engine.dialect.name == "postgresql"  # SQLite has one writer

    def waits(stage: str, part: str = "") -> bool:
        try:
            execute(other, shops, stage, batch, part)
        except WarehouseUnavailable as error:
            assert error.retryable
            return True
        return False

    with warehouse.transaction() as db:
        db.take_turn("north")
        assert waits("ingest", "north")
        assert waits("ingest", "south") != side_by_side
        assert waits("standardise")
    assert not waits("ingest", "north") and not waits("ingest", "south")
    with warehouse.transaction() as db:
        db.take_turn()
        assert waits("ingest", "north") and waits("standardise")
    assert not waits("standardise")
    other.close()


NOTED = HEADER + ANA.replace(",,,", ",,Prefere carta.,")


@pytest.fixture
def shop(settings: Settings) -> Settings:
    declared = declare(settings, shop=SHOP)
    put(declared, "shop/a.csv", NOTED + RUI)
    return declared


def run_to(warehouse: Warehouse, settings: Settings, number: int, last: str = "standardise") -> dict[str, Receipt]:
    """The stages up to ``last`` in batch ``number``, approved by nobody."""
    batch = open_batch(warehouse, settings, f"batch-{number}", datetime(2026, 11, number, tzinfo=UTC))
    names = [stage.name for stage in STAGES]
    return {name: execute(warehouse, settings, name, batch, "shop" if name == "ingest" else "") for name in names[: names.index(last) + 1]}


def test_a_changed_source_file_is_applied_to_records_that_did_not_change(warehouse: Warehouse, shop: Settings) -> None:
    assert run_to(warehouse, shop, 1)["standardise"].counts["contacts"] == 2
    assert run_to(warehouse, shop, 2)["standardise"].counts["contacts"] == 0, "under the same rules only changes are work"
    (shop.sources / "shop.yml").write_text((shop.sources / "shop.yml").read_text().replace("full_name: name, ", "").replace("texts: [note]", ""))
    assert run_to(warehouse, shop, 3)["standardise"].counts["contacts"] == 2
    assert read(warehouse, "contact", "full_name")["full_name"].isna().all()
    assert read(warehouse, "free_text").empty, "a text no column is declared for any more is not kept"
    assert run_to(warehouse, shop, 4)["standardise"].counts["contacts"] == 0


def test_an_object_no_longer_declared_loses_its_contacts(warehouse: Warehouse, shop: Settings) -> None:
    run_to(warehouse, shop, 1)
    put(shop, "clients/a.csv", HEADER + ANA)
    (shop.sources / "shop.yml").write_text((shop.sources / "shop.yml").read_text().replace("customers:", "clients:").replace("shop/*.csv", "clients/*.csv"))
    assert run_to(warehouse, shop, 2)["standardise"].counts["contacts"] == 1
    assert read(warehouse, "contact")["full_name"].tolist() == ["Ana Prado"]
    assert read(warehouse, "contact_point")["record_id"].nunique() == 1
    assert len(read(warehouse, "raw_record")) == 3, "raw stays"


def test_another_version_of_the_code_works_everything_out_again(warehouse: Warehouse, shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    run_to(warehouse, shop, 1)
    monkeypatch.setattr("pipelines.run.version", lambda _: "9.9.9")
    assert run_to(warehouse, shop, 2)["standardise"].counts["contacts"] == 2


def test_a_batch_that_ran_under_several_rules_is_no_ground_to_build_on(warehouse: Warehouse, shop: Settings) -> None:
    run_to(warehouse, shop, 1)
    before = (shop.sources / "shop.yml").read_text()
    (shop.sources / "shop.yml").write_text(before.replace("full_name: name, ", ""))
    run_to(warehouse, shop, 1)
    assert read(warehouse, "batch")["config_hash"].tolist() == ["several"]
    (shop.sources / "shop.yml").write_text(before)
    assert run_to(warehouse, shop, 2)["standardise"].counts["contacts"] == 2
    assert read(warehouse, "contact")["full_name"].tolist() != [None, None]


def test_rules_changed_before_the_first_stage_are_the_batch_s_rules(warehouse: Warehouse, shop: Settings) -> None:
    open_batch(warehouse, shop, "batch-1", datetime(2026, 11, 1, tzinfo=UTC))
    (shop.sources / "shop.yml").write_text((shop.sources / "shop.yml").read_text().replace("trust: 50", "trust: 60"))
    run_to(warehouse, shop, 1)
    assert run_to(warehouse, shop, 2)["standardise"].counts["contacts"] == 0


def test_a_batch_under_changed_rules_may_be_repeated_with_the_same_result(warehouse: Warehouse, shop: Settings) -> None:
    run_to(warehouse, shop, 1, "scan")
    (shop.sources / "shop.yml").write_text((shop.sources / "shop.yml").read_text().replace("phone: phone, ", ""))
    clocks = ("ledger",)
    first, seen = run_to(warehouse, shop, 2, "scan"), picture(warehouse, clocks)
    again = run_to(warehouse, shop, 2, "scan")
    assert [receipt.counts for receipt in again.values()] == [receipt.counts for receipt in first.values()]
    assert first["scan"].counts["texts"] == 1
    assert_same(picture(warehouse, clocks), seen, "repeated")
