"""The word lists of ``lexicon.yml``, read once."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load((Path(__file__).parent / "lexicon.yml").read_text(encoding="utf-8")))


@cache
def name_words(kind: str) -> frozenset[str]:
    """Words and phrases of one list under ``names``."""
    return _words(_file()["names"][kind])


@cache
def other_numbers() -> frozenset[str]:
    """Words whose number is an order, a protocol, a bill: nobody's data."""
    return _words(_file()["numbers"]["of_something_else"])


def sensitive() -> dict[str, str]:
    """One regular expression per kind of sensitive data, over folded text."""
    return {kind: "|".join(lines) for kind, lines in _file()["sensitive"].items()}


def _words(line: str) -> frozenset[str]:
    return frozenset(word.strip() for word in line.split(","))
