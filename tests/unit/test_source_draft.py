"""The draft of a source file: columns recognised by what they hold, told in shares, never a value; and the draft loads."""

import json
from pathlib import Path

import pytest

from contacts.errors import ConfigurationError
from pipelines.demo.write import write_demo
from pipelines.sources.infer import profile, skeleton
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
