"""The draft of a source file: columns recognised by what they hold, told in shares, never a value; and the draft loads."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from worlds import AS_OF

from contacts.errors import ConfigurationError
from contacts.values.address import UFS
from pipelines.demo.write import write_demo
from pipelines.sources.clauses import judge
from pipelines.sources.contract_words import Contract
from pipelines.sources.delivery import read_delivery
from pipelines.sources.infer import profile
from pipelines.sources.skeleton import skeleton
from pipelines.sources.spec import load_source


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    write_demo(folder, 120, 5)
    return folder


BUNDLED = {
    "crm/*.json": ("crm", "contacts", ["email", "phone", "cpf", "birth_date", "given_name", "family_name", "city", "uf", "postal_code"]),
    "marketing/*.json": ("marketing", "contacts", ["email", "phone", "birth_date", "given_name", "family_name", "uf"]),
    "tickets/users-*.json": ("tickets", "users", ["email", "phone", "cpf", "full_name"]),
    "form/*.jsonl": ("form", "submissions", ["email", "phone", "cpf", "birth_date", "full_name", "uf", "postal_code"]),
    "spreadsheet/*lojas*.xlsx": ("spreadsheet", "clientes", ["email", "phone", "cpf", "birth_date", "full_name", "uf", "postal_code", "city", "district"]),
}


@pytest.mark.parametrize("pattern", BUNDLED)
def test_a_draft_finds_what_the_bundled_source_file_says(inbox: Path, root: Path, tmp_path: Path, pattern: str) -> None:
    name, thing, fields = BUNDLED[pattern]
    written = load_source(root / "pipelines" / "sources" / f"{name}.yml").objects[thing]
    file = tmp_path / "draft.yml"
    file.write_text(skeleton(profile(min(inbox.glob(pattern))), "draft"), encoding="utf-8")
    drafted = load_source(file).objects["contacts"]
    assert (drafted.read.format, drafted.read.records, drafted.key) == (written.read.format, written.read.records, written.key)
    for field in fields:
        assert drafted.fields[field][0] in written.fields[field], field


@pytest.mark.parametrize("pattern", BUNDLED)
def test_a_draft_promises_no_more_than_its_delivery_keeps(inbox: Path, tmp_path: Path, pattern: str) -> None:
    file = tmp_path / "draft.yml"
    delivery = min(inbox.glob(pattern))
    file.write_text(skeleton(profile(delivery), "draft"), encoding="utf-8")
    source = load_source(file)
    drafted = source.objects["contacts"]
    assert drafted.contract.volume is not None and drafted.contract.freshness is not None and drafted.contract.filled
    found = read_delivery(drafted, delivery.parent)
    results = judge(drafted, found, AS_OF + timedelta(days=30), source.timezone, found.rows_read, 0)
    assert [result for result in results if result.breached and result.clause != "freshness"] == []


def drafted(folder: Path, header: str, rows: list[str]) -> tuple[str, Contract]:
    """The draft of a CSV file, as text and as the contract it declares."""
    (folder / "x.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    text = skeleton(profile(folder / "x.csv"), "draft")
    (folder / "draft.yml").write_text(text, encoding="utf-8")
    return text, load_source(folder / "draft.yml").objects["contacts"].contract


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["sp", "RJ", "MG"], tuple(sorted(UFS))),
        (["SP", "Zoraquel"], None),
        (["S", "não"], ("sim", "s", "não", "nao", "n")),
    ],
    ids=["codes of states", "a word of the file", "yes and no"],
)
def test_a_draft_closes_a_column_only_over_a_list_lastro_knows(tmp_path: Path, values: list[str], words: tuple[str, ...] | None) -> None:
    text, contract = drafted(tmp_path, "id;email;estado", [f"{n};p{n}@exemplo.com.br;{values[n % len(values)]}" for n in range(40)])
    assert contract.enum.get("estado") == words
    assert "Zoraquel" not in text


def test_a_column_that_may_say_yes_is_drafted_with_our_words_for_it_and_not_yet_stored(tmp_path: Path) -> None:
    text, contract = drafted(tmp_path, "id;email;aceita_news", [f"{n};p{n}@exemplo.com.br;{['SIM', 'não'][n % 2]}" for n in range(40)])
    assert '# and then, in the contract: enum: {aceita_news: [sim, s, não, nao, "n"]}' in text
    assert contract.enum == {} and contract.ignored == ("aceita_news",)


@pytest.mark.parametrize(("rows", "least"), [(1, 1), (10, 5), (41, 20), (300, 150), (2_473, 1_200)])
def test_a_draft_expects_half_the_rows_and_a_little_less_filled(tmp_path: Path, rows: int, least: int) -> None:
    _, contract = drafted(tmp_path, "id;email;fone", [f"{n};p{n}@exemplo.com.br;{'(11) 98765-4321' if n % 3 else ''}" for n in range(rows)])
    assert contract.volume is not None and contract.volume.at_least == least
    assert contract.filled["email"] == Decimal("0.95")
    if rows > 40:
        assert contract.filled["fone"] == Decimal("0.6")


def test_no_value_of_the_file_stands_in_its_draft(tmp_path: Path) -> None:
    file = tmp_path / "clientes.csv"
    rows = [f"{number};Canária Zzyzx {number};canary{number}@exemplo.com.br;(11) 98{number:03d}-1234;segredo {number}" for number in range(300)]
    file.write_text("\n".join(["codigo;nome;correio;celular;observação", *rows]), encoding="utf-8")
    found = profile(file)
    text = skeleton(found, "draft") + json.dumps([str(column) for column in found.columns])
    assert found.rows == 300
    for value in ("Zzyzx", "canary", "exemplo", "98", "segredo"):
        assert value not in text
    assert {column.name: column.field for column in found.columns} == {
        "codigo": "", "nome": "full_name", "correio": "email", "celular": "phone", "observação": "",
    }  # fmt: skip


def test_values_are_believed_before_the_header(tmp_path: Path) -> None:
    file = tmp_path / "shifted.csv"
    file.write_text("id,email,other\n" + "\n".join(f"{n},2024-01-{n % 28 + 1:02d},p{n}@exemplo.com.br" for n in range(60)), encoding="utf-8")
    assert {column.name: column.field for column in profile(file).columns} == {"id": "", "email": "", "other": "email"}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("rows.csv", b"1,ana@exemplo.com.br,11987654321\n2,rui@exemplo.com.br,11987654322\n", "looks like data"),
        ("rows.csv", b"", "EMPTY_FILE"),
        ("rows.json", b'{"records": [{"a": 1}', "NOT_JSON"),
        ("rows.pdf", b"%PDF", "says no format"),
        ("rows.xlsx", b"PK not a workbook", "UNREADABLE_WORKBOOK"),
    ],
)
def test_a_file_nobody_can_profile_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        profile(file)
    assert says in refused.value.sentence
    assert "exemplo" not in refused.value.sentence + refused.value.hint
