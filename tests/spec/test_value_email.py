"""What becomes of an e-mail address: the literal cases of `cases/email.csv`, by the fast reading and by the careful one."""

import pandas as pd
import pytest
from publicsuffixlist import PublicSuffixList
from spec.value_cases import Case, cases

from contacts.values import email
from contacts.values.email_domain import DISPOSABLE, LIVING, known
from contacts.values.reading import table


@pytest.mark.parametrize("standardise", [email.standardise, email.standardise_each])
@pytest.mark.parametrize("case", cases("email"))
def test_an_address(case: Case, standardise):
    found = standardise(pd.Series([case.written])).iloc[0]
    columns = ("value", "match_key", "status", "reason", "suggestion")
    assert tuple(None if pd.isna(found[name]) else found[name] for name in columns) == case.answer


@pytest.mark.parametrize("case", cases("email_cell"))
def test_several_addresses_in_one_cell(case: Case):
    parts = email.split(pd.Series([case.written]))
    expected = (case.value or "").split(" | ")
    if len(expected) == 1:
        assert list(parts) == expected
    else:
        assert email.standardise(parts)["value"].tolist() == expected


@pytest.mark.parametrize(
    ("written", "subtype"),
    [
        ("ana@uol.com.br", "personal"),
        ("contato@loja.com.br", "role"),
        ("Financeiro@loja.com.br", "role"),
        ("nfe2@loja.com.br", "role"),
        ("sac-01@loja.com.br", "role"),
        ("info@gmal.com", "role"),
        ("contatos.ana@loja.com.br", "personal"),
        ("ana@yopmail.com", "disposable"),
        ("ana@caixa.mailinator.com", "disposable"),
        ("contato@yopmail.com", "disposable"),
    ],
)
def test_kinds_of_mailboxes(written, subtype):
    for standardise in (email.standardise, email.standardise_each):
        assert standardise(pd.Series([written]))["subtype"].iloc[0] == subtype


def test_no_domain_in_use_is_ever_corrected():
    assert [domain for domain in LIVING if known(domain).suggestion] == []
    assert LIVING & set(table("email_typo")["wrong"]) == set()


def test_no_ending_that_exists_is_taken_for_a_slip():
    endings = [wrong for wrong in table("email_typo")["wrong"] if wrong.startswith(".")]
    suffixes = PublicSuffixList(accept_unknown=False)
    assert len(endings) > 20
    assert [ending for ending in endings if suffixes.publicsuffix(f"empresa{ending}") == ending[1:]] == []


def test_what_a_slip_is_corrected_to_is_in_use():
    assert all(known(right).suggestion is None and known(right).reason is None for right in table("email_typo")["right"] if not right.startswith("."))
    assert len(DISPOSABLE) > 10_000 and not DISPOSABLE & LIVING


def test_mask_shows_first_letters():
    written = pd.Series(["maria@example.com", "ab@uol.com.br", "não é e-mail", None])
    assert email.mask(written).fillna("-").tolist() == ["m***@e***.com", "***@u***.br", "***", "-"]
