"""How alike two names are, as a table."""

import pytest

from dedup.linkage import LEVELS
from dedup.names import name_level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("maria clara souza", "maria clara souza", "full"),
        ("maria souza", "maria souza", "exact"),
        ("maria souza", "maria sousa", "close"),
        ("marcelo fontoura", "marcelo fontuora", "close"),
        ("souza maria clara", "maria clara souza", "close"),
        ("maria souza", "maria clara souza", "partial"),
        ("maria c souza", "maria clara souza", "partial"),
        ("m c souza", "maria clara souza", "partial"),
        ("maria souza", "maria oliveira", "given"),
        ("clara souza", "maria clara souza", "given"),
        ("maria", "maria souza", "given"),
        ("ana paula souza", "ana clara souza", "different"),
        ("paulo souza", "paula souza", "different"),
        ("daniel souza", "daniela souza", "different"),
        ("maria souza", "joana souza", "different"),
        ("m souza", "m oliveira", "different"),
        ("ana", "eva", "different"),
    ],
)
def test_names(one: str, other: str, level: str) -> None:
    levels = LEVELS["person_name"]
    assert levels[name_level(one, other)] == level
    assert levels[name_level(other, one)] == level
