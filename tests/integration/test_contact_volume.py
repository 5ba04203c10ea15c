"""So many calls in a month ask something of the whole house: the officer is told, and nobody is denied; on both databases."""

from datetime import timedelta
from typing import Any

from contacts import tables
from contacts.model import Batch, instant
from contacts.settings import ROOT, Settings
from contacts.warehouse import Warehouse
from privacy.policy import Policy, load_policy
from privacy.report import consents, needs
from tests.integration.privacy_batch import AS_OF

POLICY = load_policy(ROOT / "privacy" / "policy.yml")


def with_limit(above: int) -> Policy:
    rules = POLICY.contact_rules
    (rule,) = rules.volumes
    return POLICY.model_copy(update={"contact_rules": rules.model_copy(update={"volumes": (rule.model_copy(update={"above": above}),)})})


def needed(volumes: list[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    figures = {"merges": {"unsure_pairs": 0}, "purposes": [], "consents": {"volumes": volumes, "breaches": []}, "personal_data": {"found": []}}
    return [(need["code"], need["level"], need["values"]["n"]) for need in needs._people(figures)]


def test_calls_out_within_the_days_count_and_nothing_else(warehouse: Warehouse, settings: Settings) -> None:
    made = [
        (0, "phone", "outbound"),
        (29, "phone", "outbound"),
        (30, "phone", "outbound"),
        (-1, "phone", "outbound"),
        (1, "phone", "inbound"),
        (1, "email", "outbound"),
    ]
    rows = [
        {"attempt_id": number, "channel": channel, "direction": direction, "at": instant(AS_OF - timedelta(days=days)), "system": "dialler"}
        | {"recorded_at": instant(AS_OF)}
        for number, (days, channel, direction) in enumerate(made)
    ]
    with warehouse.transaction() as db:
        db.append(tables.contact_attempt, rows)
        (told,) = consents.volumes(db, Batch("b1", 1, AS_OF), POLICY)
        assert (told["rule"], told["above"], told["n"]) == ("origem-verificada", 500_000, 2)
        assert needed([told]) == []
        assert needed(consents.volumes(db, Batch("b1", 1, AS_OF), with_limit(1))) == [("contact_volume", "amber", 2)]


def test_a_rule_of_volume_counts_from_its_first_day_on(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as db:
        assert consents.volumes(db, Batch("b1", 1, AS_OF.replace(year=2024)), POLICY) == []
