"""The officer's file: it loads, its mistakes are refused with line and nearest word, and every key is described."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from privacy.grounds import GDPR_6, GDPR_9, LGPD_7, LGPD_11
from privacy.policy import load_policy
from privacy.policy_parts import Age

FILE = ROOT / "privacy" / "policy.yml"


def broken(tmp_path: Path, old: str, new: str) -> ConfigurationError:
    """What the loader says when the file holds ``new`` in the place of the first ``old``."""
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "policy.yml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_policy(file)
    return refused.value


def line_of(words: str) -> str:
    return f"line {1 + FILE.read_text(encoding='utf-8').split(words)[0].count(chr(10))}:"


def test_the_policy_in_the_repository_is_sound() -> None:
    policy = load_policy(FILE)
    assert list(policy.purposes) == ["newsletter", "partner_offers", "service", "billing", "satisfaction_survey", "fraud_prevention"]
    assert policy.policy_version == load_policy(FILE).policy_version


MISTAKES = [
    # what is written              what was meant               where                        the sentence and hint name
    ("channels: [email, whatsapp]", "channels: [email, whatsap]", "channels: [email, whatsapp]", "did you mean 'whatsapp'"),
    ("    opt_out: true", "    optout: true", "    opt_out: true", "did you mean 'opt_out'?"),
    ("requires: relation", "requires: relatoin", "requires: relation", "did you mean 'relation'?"),
    ("fields: [given_name, ", "fields: [givenname, ", "fields: [given_name, ", "did you mean 'given_name'"),
    ("purposes: [newsletter]", "purposes: [newsleter]", "  mailing_tool:", "did you mean 'newsletter'"),
    ("ground: legitimate_interest", "ground: legitimate_intrest", "ground: legitimate_interest", "did you mean 'legitimate_interest'?"),
    ("  city: drop", "  city: dorp", "  city: drop", "did you mean 'drop'?"),
    ("  newsletter:\n", "  masked:\n", "  newsletter:\n", "clean_masked"),
    ("  newsletter:\n", "  service_texts:\n", "  newsletter:\n", "clean_service_texts"),
    ("    texts: true", "    text: true", "    texts: true", "did you mean 'texts'?"),
    ("majority:", "majority: []\nmajority:", "\npurposes:", "said twice"),
    ("{years: 18, since: 2003-01-11, ", "{years: 18, ", "  - {years: 18, since: 2003-01-11, ", "since is missing"),
    ("after: contract_end", "after: contract_ends", "after: contract_end", "did you mean 'contract_end'?"),
    ("covered_by: [\"1\"]", "covered_by: [\"3\"]", "  newsletter:", "another version of this purpose"),
    ("shared_with: partners", "share_with: partners", "shared_with: partners", "did you mean 'shared_with'?"),
    ("{made: 2026-02-10, ", "{made: yesterday, ", "{made: 2026-02-10, ", "balancing_test.made"),
    ("[email, phone]\n    fields", "[email, phone\n    fields", "", "not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "says"), MISTAKES, ids=[row[3] for row in MISTAKES])
def test_a_mistake_is_refused_where_it_stands_with_the_nearest_word(tmp_path: Path, old: str, new: str, where: str, says: str) -> None:
    error = broken(tmp_path, old, new)
    assert says in f"{error} {error.hint}"
    if where and "twice" not in says:
        assert line_of(where) in str(error)


SENSITIVE = "    sensitive: {{lgpd: {}, gdpr: explicit_consent, document: x}}\n    marketing: true\n"
SOFT = 'soft_opt_in: {channels: [email], days: 365, since: 2026-01-01, source: "CAPEM"}'
US = "contract: DPA-2026-01, country: US, transfer: {mechanism: adequacy, document: x}"
INCOHERENT = [
    ("legitimate interest without a test", "    balancing_test: {made: 2026-02-10, review_by: 2027-02-10, document: LIA-2026-03}\n", "", "balancing_test"),
    ("consent that cannot be withdrawn", "    shared_with: partners\n    opt_out: true", "    shared_with: partners\n    opt_out: false", "withdrawn"),
    ("an interest nobody may object to under the GDPR", "    opt_out: true # under", "    opt_out: false # under", "GDPR art. 21(1)"),
    ("consent without versions", '    versions:\n      "1": {since: 2025-01-01, names: [partners]}', "    # none", "versions"),
    ("a text that does not name who gets the data", "names: [partners]", "names: []", "does not name 'partners'"),
    ("another article than the ground's", '{ground: contract, article: "LGPD art. 7 V"}', '{ground: contract, article: "LGPD art. 7 VI"}', "LGPD art. 7 V"),
    ("sensitive data on legitimate interest", "    marketing: true\n", SENSITIVE.format("legitimate_interest"), "no ground for sensitive data"),
    ("sensitive data for credit protection", "    marketing: true\n", SENSITIVE.format("credit_protection"), "no ground for sensitive data"),
    ("a child on our interest without an assessment", "    best_interest: BI-2026-01", "    #", "best_interest"),
    ("a country without a mechanism", "contract: DPA-2026-01, country: BR", "contract: DPA-2026-01, country: US", "only with a `transfer`"),
    ("adequacy nobody decided", "contract: DPA-2026-01, country: BR", US, "no `adequacy`"),
    ("another controller nobody shares with", "contract: DPA-2026-01, country: BR", "contract: x, country: BR, recipient: partners", "shared_with"),
    ("a rule that ends before it begins", "since: 2026-08-11\n    source", "since: 2026-08-11\n    until: 2026-08-10\n    source", "before `since`"),
    ("a channel to confirm that it does not use", "    shared_with: partners", "    shared_with: partners\n    double_opt_in: [whatsapp]", "double_opt_in"),
    ("a sale in the place of a consent that is asked for", "    shared_with: partners", f"    {SOFT}", "not `requires: consent`"),
    ("a sale where nothing is marketed", "    texts: true # what", f"    {SOFT}\n    texts: true # what", "soft_opt_in"),
    ("public data for a purpose there is not", "public_data: []", "public_data: [{sources: [leads], purposes: [sales], since: 2026-01-01, source: x.y}]",
        "public_data.0.purposes"),
    ("a consumer without a purpose", "finance: {purposes: [billing]", "finance: {purposes: []", "consumers.finance.purposes"),
    ("a relation nobody proves", "    relation: [crm, spreadsheet]\n", "", "relation"),
    ("a mask forgotten", "  phone: mask\n", "", "phone"),
    ("a purpose called like what nobody could read", "  satisfaction_survey:\n", "  unknown:\n", "purposes.unknown: choose another word"),
    ("a ground the GDPR does not know", "gdpr: {ground: legitimate_interest", "gdpr: {ground: credit_protection", "may be 'consent', 'contract'"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new", "says"), INCOHERENT, ids=[row[0] for row in INCOHERENT])
def test_what_the_law_does_not_allow_is_refused(tmp_path: Path, what: str, old: str, new: str, says: str) -> None:
    assert says in str(broken(tmp_path, old, new))


def test_a_missing_file_says_which_setting_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_policy(tmp_path / "none.yml")
    assert "LASTRO_POLICY" in refused.value.hint


def test_comments_do_not_change_the_version_and_content_does(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    versions = []
    for changed in (text, text + "\n# a remark\n", text.replace("days: 365", "days: 364")):
        file = tmp_path / "policy.yml"
        file.write_text(changed, encoding="utf-8")
        versions.append(load_policy(file).policy_version)
    assert versions[0] == versions[1] != versions[2]


def test_every_ground_of_both_laws_can_be_named(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    start = text.index("  service:\n")
    for lgpd, (gdpr, article) in product(LGPD_7, (("contract", "GDPR art. 6(1)(b)"), ("public_policy", "GDPR art. 6(1)(e)"))):
        if lgpd in ("consent", "legitimate_interest", "credit_protection"):  # they need more, as the tests above say
            continue
        block = text[start:].replace('{ground: contract, article: "LGPD art. 7 V"}', f'{{ground: {lgpd}, article: "{LGPD_7[lgpd].article}"}}', 1)
        block = block.replace('{ground: contract, article: "GDPR art. 6(1)(b)"}', f'{{ground: {gdpr}, article: "{article}"}}', 1)
        file = tmp_path / "policy.yml"
        file.write_text(text[:start] + block, encoding="utf-8")
        assert load_policy(file).purposes["service"].lgpd.ground == lgpd
    assert (len(LGPD_7), len(GDPR_6), len(LGPD_11), len(GDPR_9)) == (10, 6, 8, 10)


def test_a_way_out_of_the_country_closes_on_its_last_day(tmp_path: Path) -> None:
    file = tmp_path / "policy.yml"
    transfer = "country: US, transfer: {mechanism: standard_clauses, document: SCC-1, until: 2026-12-31}"
    text = FILE.read_text(encoding="utf-8").replace("contract: DPA-2026-01, country: BR", f"contract: x, {transfer}")
    file.write_text(
        text.replace("contract: DPA-2026-02, country: BR", "contract: y, country: PT, transfer: {mechanism: adequacy, document: z}"), encoding="utf-8"
    )
    policy = load_policy(file)
    assert policy.closed_transfers(date(2026, 12, 31)) == []
    assert policy.closed_transfers(date(2027, 1, 1)) == ["mailing_tool"]
    assert policy.closed_transfers(date(2026, 1, 1)) == ["partner_desk"]  # before the adequacy of Brazil and the EU


def test_a_run_counts_under_the_rules_of_its_own_day() -> None:
    policy = load_policy(FILE)
    rules = (*policy.majority, Age(years=16, since=date(2030, 1, 1), source="invented"))
    changed = policy.model_copy(update={"majority": (rules[0].model_copy(update={"until": date(2029, 12, 31)}), rules[1])})
    assert (changed.majority_age(date(2029, 12, 31)), changed.majority_age(date(2030, 1, 1))) == (18, 16)
