"""Where our answers for a messy list are not the libraries', it is for a reason we can name, and never a different number or address."""

import pytest

from benchmarks.standardise import KINDS, by_library, by_us, compared, made_up

KNOWN = {
    "phone": {
        # numbers the library cannot read as they are written, and we can
        "only we accept, we say fixed NINTH_DIGIT",
        "only we accept, we say fixed EXTENSION_CUT",
        "only we accept, we say fixed NUMERIC_FORMAT",
        # (11) 99999-9999 is in the numbering plan, and nobody's
        "only the library accepts, we say rejected PLACEHOLDER",
    },
    "email": {
        "only we accept, we say ok",  # wrapped: Name <a@b>, mailto:
        "only we accept, we say fixed BLANKS_REMOVED",
        "only the library accepts, we say rejected PLACEHOLDER",
        "only the library accepts, we say suggested TYPO_DOMAIN",
        "only the library accepts, we say suggested ACCENT_IN_EMAIL",
    },
    "cpf": {"only the library accepts, we say rejected PLACEHOLDER"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_answers_differ_from_the_library_only_for_reasons_we_name(kind: str):
    values = made_up(people=3_000, seed=11)[kind]
    same, differences = compared(by_library(kind, values)["value"], by_us(kind, values))
    assert set(differences) <= KNOWN[kind]
    assert same + sum(differences.values()) == len(values)
    assert same / len(values) > 0.95
