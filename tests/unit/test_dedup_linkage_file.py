"""A mistake in the data steward's file is refused with its line and the nearest word; the shipped file is whole."""

from pathlib import Path

import pytest

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from dedup.explain import WORDS, evidence_in_words
from dedup.linkage import LEVELS, NEUTRAL, load_linkage
from dedup.survivorship import RULES

SHIPPED = ROOT / "dedup" / "linkage.yml"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("- [cpf]\n", "- [cfp]\n", ("'cfp'", "did you mean 'cpf'")),
        ("cap: 300 ", "capp: 300 ", ("capp is not a key", "did you mean 'cap'")),
        ("[most_recent, most_trusted]", "[most_recnt, most_trusted]", ("'most_recnt'", "did you mean 'most_recent'")),
        ("{name: [given], birth", "{nmae: [given], birth", ("'nmae', which is not compared; did you mean 'name'",)),
        ("{cpf: [different]}", "{cpf: [diferent]}", ("'diferent'; did you mean 'different'",)),
        ("u: 0.97904", "u: 0.5", ("the u of all levels add up to 0.5",)),
        ("full: ", "fulll: ", ("'fulll' is not a level of person_name; did you mean 'full'",)),
        ("match: 0.95", "match: 0.3", ("zones",)),
        ("fields: [language]", "fields: [langage]", ("'langage', which is not a field; did you mean 'language'",)),
        ("  language:     {fields: [language], rules: [most_recent, most_trusted]}\n", "", ("survivorship says nothing about 'language'",)),
        ("compare: date", "compare: dates", ("'dates'", "did you mean 'date'")),
        ("person:", "person: [", ("this is not YAML",)),
    ],
)
def test_a_mistake_is_refused_where_it_stands(tmp_path: Path, right: str, wrong: str, told: tuple[str, ...]) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert right in text
    changed = tmp_path / "linkage.yml"
    changed.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_linkage(changed)
    said = f"{refused.value.sentence} {refused.value.hint}"
    assert "linkage.yml, line " in said
    for words in told:
        assert words in said


def test_the_line_is_the_line_of_the_mistake(tmp_path: Path) -> None:
    lines = SHIPPED.read_text(encoding="utf-8").split("\n")
    at = next(number for number, line in enumerate(lines) if "- [name_key, birth_date]" in line)
    lines[at] = lines[at].replace("birth_date", "birthdate")
    changed = tmp_path / "linkage.yml"
    changed.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"line {at + 1}:"):
        load_linkage(changed)


def test_no_file_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_linkage(tmp_path / "none.yml")
    (tmp_path / "empty.yml").write_text("")
    with pytest.raises(ConfigurationError, match="says nothing"):
        load_linkage(tmp_path / "empty.yml")


def test_survivorship_does_not_change_which_records_are_linked_and_thresholds_do(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "a.yml").write_text(text.replace("rules: [most_recent, most_trusted]", "rules: [most_trusted]"), encoding="utf-8")
    (tmp_path / "b.yml").write_text(text.replace("match: 0.95", "match: 0.96", 1), encoding="utf-8")
    shipped = load_linkage(SHIPPED).fingerprint
    assert load_linkage(tmp_path / "a.yml").fingerprint == shipped
    assert load_linkage(tmp_path / "b.yml").fingerprint != shipped


def test_every_level_and_rule_is_known_to_those_who_use_it() -> None:
    linkage = load_linkage(SHIPPED)
    for kind in (linkage.person, linkage.organisation):
        for name, part in kind.comparisons.items():
            for level in LEVELS[part.compare]:
                assert level in WORDS[name]
    assert {rule for part in linkage.survivorship.values() for rule in part.rules} <= set(RULES)


def test_evidence_is_told_in_words_agreements_first_and_without_what_is_missing() -> None:
    evidence = {"cpf": "exact", "email": "shared", "name": "close", "phone": "different", "birth_date": "missing", "rules": ["cpf"]}
    assert evidence_in_words(evidence, "en") == [
        "name a letter or two apart",
        "same CPF",
        "same e-mail, but used under several names",
        "different phones",
    ]
    assert evidence_in_words({"name": "full", "judged": "same", "rules": []}, "pt") == ["julgado: mesma pessoa", "mesmo nome, com três palavras ou mais"]
    assert NEUTRAL[0] == "missing"
