"""What people prefer and what a contact was for, taken over from a source: read, replaced by what the row says next, never made up."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from deliveries import declare, ingest, put, read

from contacts import tables
from contacts.pseudonym import pseudonym
from contacts.settings import Settings
from contacts.values.reasons import REASONS
from contacts.warehouse import Warehouse
from pipelines.contact_log import prefer
from privacy.contact_rules.decision import Attempt
from tests.contact_worlds import Somebody, ask

SHOP = """
    title: {pt: Loja, en: Shop}
    owner: tests
    trust: 50
    country: BR
    timezone: America/Sao_Paulo
    objects:
      customers:
        kind: contact
        read: {format: csv, files: shop/*.csv, delivery: full}
        key: id
        updated_at: changed
        fields: {full_name: name, email: email}
        preferences:
          said_at: said
          channel: canal
          channels: {zap: whatsapp, ligação: phone}
          hours: horario
          windows: {manhã: 09:00-12:00}
          language: idioma
"""
HEADER = "id,name,email,canal,horario,idioma,said,changed\n"
NOON = datetime(2026, 11, 24, 15, tzinfo=UTC)
DAY = "2026-01-01T10:00:00Z"


def line(number: int, channel: str, hours: str, language: str, said: str, changed: str = DAY) -> str:
    return f'{number},Ana Prado,ana{number}@example.com,"{channel}",{hours},{language},{said},{changed}\n'


def said(warehouse: Warehouse, settings: Settings) -> dict[tuple[int, str], tuple[str, str]]:
    """(customer, kind) -> value and moment of every preference kept."""
    number = {pseudonym(settings.key, "record", "shop", "customers", str(key)): key for key in range(1, 9)}
    rows = read(warehouse, "contact_preference").to_dict("records")
    return {(number[row["record_id"]], row["kind"]): (row["value"], row["said_at"]) for row in rows}


def test_channels_hours_and_language_are_read_with_the_moment_they_were_said(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + line(1, "Zap; email", "Manhã", "Português", "05/11/2026 09:30") + line(2, "", "", "", ""))
    receipt = ingest(warehouse, settings, standardise=True)["standardise"]
    assert said(warehouse, settings) == {
        (1, "channel"): ("email,whatsapp", "2026-11-05T12:30:00Z"),
        (1, "hours"): ("09:00-12:00", "2026-11-05T12:30:00Z"),
        (1, "language"): ("pt", "2026-11-05T12:30:00Z"),
    }
    assert (receipt.counts["preferences"], receipt.counts["preferences_not_read"]) == (3, 0)
    assert set(read(warehouse, "contact_preference")["source"]) == {"shop"}


@pytest.mark.parametrize(
    ("channel", "hours", "language", "when"),
    [
        ("pombo", "", "", DAY),
        ("zap, pombo", "", "", DAY),
        ("", "de tarde", "", DAY),
        ("", "12:00-09:00", "", DAY),
        ("", "", "klingonês", DAY),
        ("zap", "", "", ""),
    ],
)
def test_what_nobody_can_read_or_date_is_noted_and_does_not_count(
    warehouse: Warehouse, settings: Settings, channel: str, hours: str, language: str, when: str
) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + line(1, channel, hours, language, when))
    receipt = ingest(warehouse, settings, standardise=True)["standardise"]
    assert said(warehouse, settings) == {}
    assert receipt.counts["preferences_not_read"] == 1
    notes = read(warehouse, "value_note")
    assert notes.loc[notes["field"].eq("preferences"), "reason"].tolist() == ["PREFERENCE_NOT_READ"]
    assert "PREFERENCE_NOT_READ" in REASONS


def test_the_same_delivery_again_and_the_same_batch_again_change_nothing(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + line(1, "zap", "", "", DAY))
    kept = []
    for number in (1, 1, 2):
        ingest(warehouse, settings, number, standardise=True)
        kept.append(read(warehouse, "contact_preference"))
    pd.testing.assert_frame_equal(kept[0], kept[1])
    pd.testing.assert_frame_equal(kept[0], kept[2])


def test_a_row_says_only_what_it_says_today_and_never_takes_away_what_a_person_told_us(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = declare(settings, shop=SHOP)
    put(settings, "shop/1.csv", HEADER + line(1, "zap", "manhã", "", DAY))
    ingest(warehouse, settings, 1, standardise=True)
    record = pseudonym(settings.key, "record", "shop", "customers", "1")
    with warehouse.transaction() as db:
        db.append(tables.membership, [{"record_id": record, "person_id": "P-0000000000001", "batch_no": 1}])
        db.append(tables.golden_contact, [{"person_id": "P-0000000000001", "kind": "person", "records": 1, "sources": 1, "batch_no": 1}])
    for name, value in {"HOME": settings.home, "DATABASE_URL": settings.database_url, "SOURCES": settings.sources}.items():
        monkeypatch.setenv(f"LASTRO_{name}", str(value))
    prefer("P-0000000000001", ["post"], "", "", None, "shop", True)
    capsys.readouterr()
    put(settings, "shop/1.csv", HEADER + line(1, "ligação", "", "", "2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z"))
    ingest(warehouse, settings, 2, standardise=True)
    kept = read(warehouse, "contact_preference")["value"]
    assert sorted(kept) == ["phone", "post"], "hours are said no more, the old channel gave way; what a staff member named like the source wrote stays"


TICKETS = (
    SHOP
    + """
      calls:
        kind: interaction
        read: {format: csv, files: calls/*.csv, delivery: changes}
        key: id
        created_at: at
        interaction:
          requester: customer
          requester_object: customers
          channel: how
          direction: outbound
          purpose: why
          purposes: {cobrança: billing, Novidades: newsletter}
"""
)


def test_a_contact_counts_for_the_purpose_its_source_gives_it_and_without_one_for_every_cap(warehouse: Warehouse, settings: Settings) -> None:
    settings = declare(settings, shop=TICKETS)
    put(settings, "shop/1.csv", HEADER + line(1, "", "", "", ""))
    calls = [("a", "Cobrança"), ("b", "novidades "), ("c", "outra coisa"), ("d", "")]
    put(settings, "calls/1.csv", "id,customer,how,at,why\n" + "".join(f"{key},1,phone,{DAY},{why}\n" for key, why in calls))
    receipt = ingest(warehouse, settings, standardise=True)["standardise"]
    assert receipt.counts["attempts"] == 4
    number = {pseudonym(settings.key, "record", "shop", "calls", key): key for key, _ in calls}
    attempts = read(warehouse, "contact_attempt")
    purposes = dict(zip(attempts["attempt_id"].map(number), attempts["purpose"].astype(object).where(attempts["purpose"].notna(), None), strict=True))
    assert purposes == {"a": "billing", "b": "newsletter", "c": None, "d": None}

    full = {}
    for key, purpose in purposes.items():
        made = tuple(Attempt(NOON - timedelta(hours=hours), "outbound", "phone", 1, purpose, "unknown", True) for hours in (3, 5))
        full[key] = "CAP_DAY:house-day" in ask(Somebody(attempts=made), "partner_offers", "phone", NOON).reasons
    assert full == {"a": False, "b": True, "c": True, "d": True}, "what was a bill leaves room for an offer; nobody knows of what was for nothing named"
