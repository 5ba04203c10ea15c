"""Every text of the report is used, every word it needs is there, in both languages."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from contacts.settings import Settings
from contacts.warehouse import Warehouse
from privacy.grounds import GDPR_6, LGPD_7
from privacy.report.facts import Facts
from privacy.report.figures import collect
from privacy.report.language import Language, load
from privacy.report.needs import VERDICTS
from privacy.report.page import body
from tests.integration.report_batch import FACTS, POLICY, seed

OPEN = (
    "entity",
    "delivery_reason",
    "dimension",
    "severity",
    "delivery",
    "event",
    "verdicts",
    "action",
    "ground",
    "channel",
    "spread",
    "advice",
    "owner",
    "clause",
)
"""Families of texts for codes other parts of the house write; a batch shows only some of them."""


class Recorder(dict[str, str]):
    """Texts that remember which of them were asked for."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__(texts)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def scenarios(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """The seeded figures, turned into every other story the page can tell."""

    def told(**changes: Any) -> dict[str, Any]:
        other = copy.deepcopy(figures)
        for path, value in changes.items():
            *parents, last = path.split("__")
            part = other
            for parent in parents:
                part = part[parent]
            part[last] = value
        return other

    broken = [{"check": check, "left": 9, "right": right, "holds": False} for check, right in
              (("contacts", {"linked": 1, "quarantined": 1, "gone": 1}), ("golden", {"golden": 1}), ("published", {}))]  # fmt: skip
    by = [{"purpose": "newsletter", "n": 6}]
    place = {"source": "crm", "object": "contacts", "reason": "NO_FILES"}
    values: dict[str, dict[str, Any]] = {
        "ledger": {"problem": "p"}, "without_permission": {"n": 9}, "lapsed": {"n": 9, "live": "b"},
        "conservation": {"n": 1, "places": "x"}, "disagreement": {"n": 1, "rules": "r"},
        "gate_red": {"halting": 1, "disagreeing": 0}, "gate_amber": {"quarantined": 6, "contacts": 90, "deliveries": 1},
        "unfinished": {"n": 1, "stages": "publish, merge"},
        "delivery_stopped": place, "delivery_partial": place, "delivery_empty": place, "contract_breached": place,
        "rows_refused": {"by": [{"source": "crm", "n": 6}]},
        "unsure_pairs": {"n": 3}, "unproven": {"by": by}, "conflict": {"by": by},
        "notice_pending": {"by": by}, "no_purpose": {"by": by}, "notice_overdue": {"by": [{"source": "crm", "n": 6}]},
        "contact_after_no": {"by": [{"channel": "email", "n": 6}]}, "contact_breaches": {"n": 2},
        "contact_volume": {"title": "Origem Verificada", "n": 500_001, "above": 500_000, "days": 30, "norm": "Anatel"},
        "expiring": {"by": by},
        "odd": {"n": 3, "by_source": ["crm"]}, "quarantine_old": {"n": 7, "days": 30}, "audit_never": {}, "audit_old": {"date": "2026-01-02"},
        "balancing_review": {"purpose": "newsletter", "date": "2027-02-10"}, "sensitive": {"n": 1, "places": "x"}, "misplaced": {"n": 1, "places": "x"},
        "inferred": {"n": 1, "places": "x"},
    }  # fmt: skip
    levels = ("red", "amber", "info")
    everything = [
        {"code": code, "level": levels[number % 3], "command": "x", "see": "quality", "values": value} for number, (code, value) in enumerate(values.items())
    ]
    stories = [told(verdict__state=state, verdict__light="amber") for state in VERDICTS]
    stories += [told(verdict__state="waiting", batch__live_batch=None), told(verdict__state="waiting", batch__live_number=1)]
    stories += [told(batch__gate=gate, batch__approved=True) for gate in ("green", "amber", "red", None)]
    stories += [told(needs=everything), told(needs=[], verdict__waiting=0), told(batch__newest=False), told(changes=[]), told(conservation=broken)]
    stories += [told(integrity__problem="p", integrity__publications=[]), told(personal_data__found=[]), told(quality__evaluated=0)]
    stories += [told(consents__notices=[{"source": "crm", "within": 7, "overdue": 6, "days": 30}])]
    stories += [told(personal_data__inferred=[{"source": "crm", "field": "crm.email", "kind": "SENSITIVE_UNION", "records": 7}])]
    stories += [told(set_aside__contacts=0), told(deliveries=[]), told(merges__persons=0, merges__identity_events={})]
    stories += [told(quality__problems=[]), told(quality__odd={"until": 3, "found": []}), told(quality__odd={"until": 0, "found": []})]
    stories += [told(audit=None), told(audit__share=None), told(quality__scores=[figures["quality"]["scores"][0] | {"trend": [0.9]}])]
    stories += [told(training=[]), told(contracts=[]), told(name_groups__sample=None), told(name_groups__sample={"number": 1, "pairs": 300, "judged": 0})]
    against = [{"rule": rule, "channel": "email", "n": 6, "of": 60} for rule in ("AFTER_NO", "CAP_DAY:house-day")]
    waited = figures["consents"]["withdrawals"] | {"measured": 9, "median": 0.5, "p95": 1.5, "longest": 2.0}
    stories += [told(consents__breaches=against), told(consents__withdrawals=waited)]
    stories += [told(exceptions={"waived": [], "patched": [], "repaired": []})]
    odd = [{"source": "crm", "kind": kind, "of": "uf", "observed": 1, "usual": 2, "distance": 5} for kind in ("rows", "contacts", "missing", "spread")]
    stories.append(told(quality__odd={"until": 0, "found": odd}))
    stories.append(told(integrity__stages=[{"stage": stage["stage"], "finished": False} for stage in figures["integrity"]["stages"]]))
    rules = copy.deepcopy(figures["quality"]["by_rule"])
    rules[0] |= {"agrees": False, "great_expectations_failed": 9}
    rules[1] |= {"agrees": None}
    purposes = copy.deepcopy(figures["purposes"])
    purposes[0] |= {"consumers": [], "expiring": 7}
    return [*stories, told(quality__by_rule=rules), told(purposes=purposes), figures]


@pytest.fixture
def figures(warehouse: Warehouse, settings: Settings) -> dict[str, Any]:
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("words do not depend on the database")
    batch = seed(warehouse, settings, persons=60)
    with warehouse.transaction() as db:
        return collect(db, settings, batch, POLICY, FACTS)


@pytest.mark.parametrize("code", ["pt", "en"])
def test_every_text_is_used(figures: dict[str, Any], code: str) -> None:
    texts = Recorder(load(code).texts)
    language = Language(code, texts)
    for story in scenarios(figures):
        body(story, POLICY, FACTS, language)
    skeleton = {"language", "switch", "report"}
    unused = {key for key in texts if key not in texts.asked and key not in skeleton and key.split(".")[0] not in OPEN}
    assert unused == set()


def test_a_page_without_titles_shows_the_codes(figures: dict[str, Any]) -> None:
    page = body(figures, POLICY, Facts(), load("en"))
    assert "DQ-502" in page
    assert ">spreadsheet <small>" in page


def codes_in(*places: str) -> set[str]:
    """Capital words in quotes in the named folders and files: the codes they write."""
    root = Path(__file__).parents[2]
    files = [file for place in places for file in ([root / place] if place.endswith(".py") else sorted((root / place).glob("*.py")))]
    return {code for file in files for code in re.findall(r'"([A-Z][A-Z_]{3,})"', file.read_text(encoding="utf-8"))}


def family(name: str) -> set[str]:
    return {key.split(".", 1)[1] for key in load("pt").texts if key.split(".")[0] == name}


def test_entities_are_those_the_scan_finds() -> None:
    found = codes_in("privacy/recognisers.py")
    assert family("entity") <= found, "a text for an entity nobody finds"
    assert {code for code in found if code.startswith(("BR_", "SENSITIVE_"))} <= family("entity"), "an entity without a text"


def test_reasons_of_deliveries_are_those_the_readers_give() -> None:
    given = codes_in("pipelines/sources", "pipelines/ingest.py")
    assert family("delivery_reason") <= given, "a text for a reason nobody gives"


def test_grounds_are_those_of_the_policy() -> None:
    assert family("ground") == {*LGPD_7, *GDPR_6}
