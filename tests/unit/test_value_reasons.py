"""Every reason a module can give for a value is in the catalogue, and every reason of the catalogue is given by some module."""

import re
from pathlib import Path

import contacts.values
import expectations.damage
import pipelines.patches
import pipelines.repairs
import pipelines.sources.fields
import pipelines.standardising
from contacts.values.reasons import REASONS, reason_text

MODULES = [path for path in Path(contacts.values.__file__).parent.glob("*.py") if path.stem != "reasons"]
LEFT_BY = (pipelines.standardising, pipelines.sources.fields, pipelines.patches, pipelines.repairs, expectations.damage)
MODULES += [Path(module.__file__) for module in LEFT_BY]
CODE = re.compile(r'"([A-Z][A-Z]+(?:_[A-Z0-9]+)*)"')
NOT_REASONS = {"BR", "US", "NFKC", "NFKD"}


def _used() -> set[str]:
    found = {code for path in MODULES for code in CODE.findall(path.read_text())}
    return found - NOT_REASONS - {code for code in found if len(code) <= 3}


def test_every_code_used_has_its_words():
    assert _used() - set(REASONS) == set()


def test_no_words_without_a_code():
    assert set(REASONS) - _used() == set()


def test_words_in_both_languages():
    assert all(pt.strip() and en.strip() and pt != en for pt, en in REASONS.values())
    assert reason_text("MISSING_DDD") == "telefone sem DDD"
    assert reason_text("MISSING_DDD", "en").startswith("phone without")
    assert reason_text("NOT_OURS") == "NOT_OURS"
