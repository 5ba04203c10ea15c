"""A source file says where, how and what; a mistake in it is refused with its line and the word that was perhaps meant."""

from datetime import timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from pipelines.sources.spec import check_purposes, load_source, load_sources

GOOD = """\
title: {pt: Loja, en: Shop}
owner: tests
trust: 50
country: BR
objects:
  customers:
    kind: contact
    read: {format: csv, files: shop/*.csv, delivery: full}
    key: id
    contract: {required: [id], allowed: [segment], ignored: [internal]}
    fields:
      full_name: [first, last]
      email: email
    texts: [note]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "shop.yml"
    file.write_text(dedent(text), encoding="utf-8")
    return file


def test_the_sources_of_the_demo_and_of_chicago_are_sound() -> None:
    assert list(load_sources(ROOT / "pipelines" / "sources")) == ["crm", "form", "marketing", "spreadsheet", "tickets"]
    assert list(load_sources(ROOT / "benchmarks" / "chicago" / "sources")) == ["chicago"]


def test_the_answer_of_the_chicago_benchmark_is_never_stored() -> None:
    listings = load_sources(ROOT / "benchmarks" / "chicago" / "sources")["chicago"].objects["listings"]
    assert "True Id" not in listings.stored


def test_a_good_file_knows_its_columns(tmp_path: Path) -> None:
    source = load_source(written(tmp_path, GOOD))
    customers = source.objects["customers"]
    assert source.name == "shop"
    assert customers.mapped == ("id", "note", "first", "last", "email")
    assert customers.stored == {"id", "note", "first", "last", "email", "segment"}
    assert customers.required == ("id",)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("    fields:", "    feilds:", 11, "did you mean 'fields'"),
        ("full_name:", "ful_name:", 12, "did you mean 'full_name'"),
        ("format: csv", "format: cvs", 8, "did you mean 'csv'"),
        ("delivery: full", "delivery: fully", 8, "did you mean 'full'"),
        ("trust: 50", "trust: 500", 3, "less than or equal to 100"),
        ("trust: 50", "trust: high", 3, "valid integer"),
        ("country: BR", "country: Brazil", 4, "country"),
        ("country: BR", "country: BR\ntimezone: America/Sao_Paolo", 5, "did you mean 'America/Sao_Paulo'"),
        ("country: BR", "country: BR\ntimezone: BRT", 5, "IANA name such as America/Sao_Paulo"),
        ("owner: tests\n", "", 1, "owner is missing"),
        ("    key: id\n", "", 6, "key is missing"),
        ("owner: tests", "owner: tests\nowner: others", 3, "'owner' is said twice"),
        ("trust: 50", "trust: [50", 4, "this is not YAML"),
        ("files: shop/*.csv", "files: ../shop/*.csv", 8, "relative to it, without '..'"),
        ("files: shop/*.csv", "files: /shop/*.csv", 8, "relative to it, without '..'"),
        ("files: shop/*.csv", "files: shop/*.csv, encoding: uft-8x", 8, "not an encoding"),
        ("ignored: [internal]", "ignored: [email]", 6, "mapped and ignored at once"),
        ("allowed: [segment]", "allowed: [segment], types: {emial: email}", 10, "did you mean 'email'"),
        ("kind: contact", "kind: interaction", 6, "`interaction:` block"),
        ("    texts: [note]", "    texts: [note]\n    constants: {contry: US}", 15, "did you mean 'country'"),
        ("    texts: [note]", "    texts: [note]\n    constants: {email: x}", 6, "constant at once"),
        ("    texts: [note]", "    texts: [note]\n    team: {iss: Centro}", 15, "did you mean 'is'"),
        ("    texts: [note]", "    texts: [note]\n    team: {column: shop}", 15, "`words:` lists the teams"),
        ("    texts: [note]", "    texts: [note]\n    entered_by: note", 6, "it can mean nothing else"),
        ("    texts: [note]", "    texts: [note]\n    preferences: {said_at: at, channel: how, channels: {zap: whatsap}}", 15, "did you mean 'whatsapp'"),
        (
            "    texts: [note]",
            "    texts: [note]\n    preferences: {said_at: at, hours: when, windows: {cedo: '12:00-09:00'}}",
            15,
            "does not begin before it ends",
        ),
        ("    texts: [note]", "    texts: [note]\n    preferences: {said_at: at, chanel: how}", 15, "did you mean 'channel'"),
        ("    texts: [note]", "    texts: [note]\n    preferences: {said_at: at}", 15, "names the column of at least one"),
        (
            "    texts: [note]",
            "    texts: [note]\n    preferences: {said_at: at, hours: when, channels: {zap: whatsapp}}",
            15,
            "explains the words of the column",
        ),
        ("    texts: [note]", "    texts: [note]\n    preferences: {channel: how}", 15, "said_at is missing"),
        ("ignored: [internal]}", "enmu: {segment: [a]}}", 10, "did you mean 'enum'"),
        ("{required: [id], allowed: [segment], ignored: [internal]}", "\n      enum:\n        email: [a]\n        emial: [a]", 13, "did you mean 'email'"),
        ("ignored: [internal]}", "ignored: [internal], enum: {internal: [a]}}", 10, "which nothing maps or allows"),
        ("ignored: [internal]}", 'enum: {segment: [a, " "]}}', 10, "a blank cell is no word"),
        ("ignored: [internal]}", "enum: {segment: []}}", 10, "at least 1 item"),
        ("ignored: [internal]}", "filled: {emial: 0.9}}", 10, "did you mean 'email'"),
        ("ignored: [internal]}", "filled: {email: 95}}", 10, "less than or equal to 1"),
        ("ignored: [internal]}", "filled: {email: 95%}}", 10, "valid decimal"),
        ("ignored: [internal]}", "filled: {email: nan}}", 10, "finite number"),
        ("ignored: [internal]}", "freshness: {within: 3 days}}", 10, "`freshness` has to say its `column`"),
        ("ignored: [internal]}", "freshness: {column: changd, within: 3 days}}", 10, "which nothing maps or allows"),
        ("ignored: [internal]}", "freshness: {column: segment, within: 3 dayz}}", 10, "did you mean 'days'"),
        ("ignored: [internal]}", "freshness: {column: segment, within: soon}}", 10, "such as 3 days"),
        ("ignored: [internal]}", "freshness: {column: segment, within: 0 days}}", 10, "at least 1 hour"),
        ("ignored: [internal]}", "freshness: {column: segment, within: 3 fortnights}}", 10, "hours, days or weeks"),
        ("ignored: [internal]}", "freshness: {column: segment}}", 10, "within is missing"),
        ("ignored: [internal]}", "volume: {}}", 10, "says nothing"),
        ("ignored: [internal]}", "volume: {at_leest: 5}}", 10, "did you mean 'at_least'"),
        ("ignored: [internal]}", "volume: {at_least: 0}}", 10, "greater than or equal to 1"),
        ("ignored: [internal]}", "volume: {at_least: 9, at_most: 8}}", 10, "more than `at_most`"),
        ("ignored: [internal]}", "volume: {shrinks_at_most: 1}}", 10, "less than 1"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refused:
        load_source(written(tmp_path, GOOD.replace(old, new, 1)))
    assert f"shop.yml, line {line}:" in refused.value.sentence
    assert says in refused.value.sentence
    assert refused.value.hint


def test_a_delivery_of_changes_cannot_be_held_to_a_size_it_had(tmp_path: Path) -> None:
    text = GOOD.replace("delivery: full", "delivery: changes").replace("ignored: [internal]", "volume: {shrinks_at_most: 0.3}")
    with pytest.raises(ConfigurationError, match=r"line 10: .*only a full one can shrink"):
        load_source(written(tmp_path, text))


@pytest.mark.parametrize(("clause", "found"), [("", "changed"), ("column: seen, ", "seen")])
def test_freshness_is_told_by_the_last_change_unless_the_contract_names_a_column(tmp_path: Path, clause: str, found: str) -> None:
    text = GOOD.replace("    key: id\n", "    key: id\n    created_at: made\n    updated_at: changed\n")
    text = text.replace("allowed: [segment]", f"allowed: [segment, seen], freshness: {{{clause}within: 36 hours}}")
    customers = load_source(written(tmp_path, text)).objects["customers"]
    assert customers.moment == found
    assert customers.judged == (found,)
    assert customers.contract.freshness is not None and customers.contract.freshness.length == timedelta(hours=36)
    without = load_source(written(tmp_path, text.replace("    updated_at: changed\n", ""))).objects["customers"]
    assert without.moment == ("made" if not clause else "seen")


def test_a_requester_must_be_a_contact_object_of_the_same_source(tmp_path: Path) -> None:
    tickets = """\
      tickets:
        kind: interaction
        read: {format: json, files: t.json, delivery: changes}
        key: id
        interaction: {requester: user, requester_object: costumers}
    """
    with pytest.raises(ConfigurationError, match="did you mean 'customers'"):
        load_source(written(tmp_path, GOOD + "\n".join(line[4:] for line in tickets.splitlines())))


def test_words_stay_words(tmp_path: Path) -> None:
    """YAML would read ``no`` as false and 0123 as 83; a code or an answer is the text it is."""
    consent = """\
    consents:
      - {when: {column: answer, equals: [no, 0123]}, says: refused, purposes: newsletter, channels: email, actor: import}
"""
    rule = load_source(written(tmp_path, GOOD + consent)).objects["customers"].consents[0]
    assert rule.when.equals == ("no", "0123")


def test_a_folder_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no source file"):
        load_sources(tmp_path)


def test_an_empty_or_foreign_file_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"just words", "título".encode("latin-1")):
        (tmp_path / "shop.yml").write_bytes(content)
        with pytest.raises(ConfigurationError):
            load_source(tmp_path / "shop.yml")


CALLS = """\
  calls:
    kind: interaction
    read: {format: csv, files: calls/*.csv, delivery: changes}
    key: id
    interaction: {requester: who, requester_object: customers, purpose: why, purposes: {cobrança: billing}}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("purposes: {cobrança: billing}", "purpose_is: billing", "not both"),
        (", purposes: {cobrança: billing}", "", "each needs the other"),
        ("purpose: why, ", "", "each needs the other"),
        ("billing}", "Billing now}", "line 19"),
    ],
)
def test_a_purpose_is_told_by_a_column_with_its_words_or_for_every_row(tmp_path: Path, old: str, new: str, says: str) -> None:
    load_source(written(tmp_path, GOOD + CALLS))
    with pytest.raises(ConfigurationError, match=says):
        load_source(written(tmp_path, GOOD + CALLS.replace(old, new, 1)))


def test_a_contact_for_a_purpose_the_policy_does_not_know_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    sources = {"shop": load_source(written(tmp_path, GOOD + CALLS))}
    check_purposes(sources, ["billing", "newsletter"])
    with pytest.raises(ConfigurationError, match=r"shop.yml, calls: 'billing' is not .*did you mean 'biling'\?"):
        check_purposes(sources, ["biling", "newsletter"])
