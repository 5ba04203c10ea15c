"""A source file says where, how and what; a mistake in it is refused with its line and the word that was perhaps meant."""

from pathlib import Path
from textwrap import dedent

import pytest

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from pipelines.sources.spec import load_source, load_sources

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
        ("allowed: [segment]", "allowed: [segment], types: {emial: email}", 6, "did you mean 'email'"),
        ("kind: contact", "kind: interaction", 6, "`interaction:` block"),
        ("    texts: [note]", "    texts: [note]\n    constants: {contry: US}", 15, "did you mean 'country'"),
        ("    texts: [note]", "    texts: [note]\n    constants: {email: x}", 6, "constant at once"),
        ("    texts: [note]", "    texts: [note]\n    team: {iss: Centro}", 15, "did you mean 'is'"),
        ("    texts: [note]", "    texts: [note]\n    team: {column: shop}", 15, "`words:` lists the teams"),
        ("    texts: [note]", "    texts: [note]\n    entered_by: note", 6, "it can mean nothing else"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigurationError) as refused:
        load_source(written(tmp_path, GOOD.replace(old, new, 1)))
    assert f"shop.yml, line {line}:" in refused.value.sentence
    assert says in refused.value.sentence
    assert refused.value.hint


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
