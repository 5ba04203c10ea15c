"""The officer's file: it loads, its mistakes are refused with line and nearest word, and every key is described."""

from pathlib import Path

import pytest

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from privacy.policy import load_policy

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
    ("majority: 18", "majority: 18\nmajority: 21", "\npurposes:", "said twice"),
    ("{made: 2026-02-10, ", "{made: yesterday, ", "{made: 2026-02-10, ", "balancing_test.made"),
    ("[email, phone]\n    fields", "[email, phone\n    fields", "", "not YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "says"), MISTAKES, ids=[row[3] for row in MISTAKES])
def test_a_mistake_is_refused_where_it_stands_with_the_nearest_word(tmp_path: Path, old: str, new: str, where: str, says: str) -> None:
    error = broken(tmp_path, old, new)
    assert says in f"{error} {error.hint}"
    if where and "twice" not in says:
        assert line_of(where) in str(error)


INCOHERENT = [
    ("legitimate interest without a test", "    balancing_test: {made: 2026-02-10, review_by: 2027-02-10, document: LIA-2026-03}\n", "", "balancing_test"),
    ("consent that cannot be withdrawn", "    versions: [\"1\"]\n    opt_out: true", "    versions: [\"1\"]\n    opt_out: false", "withdrawn"),
    ("an interest nobody may object to under the GDPR", "    opt_out: true # under", "    opt_out: false # under", "GDPR art. 21(1)"),
    ("consent without versions", '    versions: ["1"]\n', "", "versions"),
    ("a relation nobody proves", "    relation: [crm, spreadsheet]\n", "", "relation"),
    ("a mask forgotten", "  phone: mask\n", "", "phone"),
    ("a purpose called like what nobody could read", "  satisfaction_survey:\n", "  unknown:\n", "purposes.unknown: choose another word"),
    ("a ground the GDPR does not know", "gdpr: {ground: legitimate_interest", "gdpr: {ground: credit_protection", "GDPR knows no ground"),
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
