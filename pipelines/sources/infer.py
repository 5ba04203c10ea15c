"""Draft a source file from a delivery: what each column looks like, told in shares and never in values."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from contacts.errors import ConfigurationError
from contacts.schema import FIELDS
from contacts.values import address, date, document, phone
from contacts.values.reading import folded
from contacts.warehouse import TEXT
from pipelines.sources.delivery import READERS
from pipelines.sources.reading import FileContent, FileRefused
from pipelines.sources.words import Object

_SAMPLE = 2_000
"""Different values of a column looked at; enough to tell a share to a per cent."""
_MOSTLY = 0.6
_NEARLY_ALL = 0.99
_LONG = 60
_DATED = ("moment", "date")

_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_MOMENT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*|\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d{2}.*"
_BOOLEAN = {"true", "false", "sim", "s", "não", "nao", "n", "yes", "y", "no", "0", "1", "t", "f"}
_NEEDS = {"email": "email", "phone": "phone", "cpf": "document", "cnpj": "document", "birth_date": "date", "postal_code": "digits"}
"""Field → what its column must look like; a header alone is not believed."""

_HEADERS: tuple[tuple[str, str], ...] = (
    ("email", r"e ?mails?|correio( eletronico)?"), ("phone", r"(tele)?(fone|phone)s?|celular|mobile( ?phone)?|whats ?app|tel"),
    ("cpf", r"cpf"), ("cnpj", r"cnpj"), ("birth_date", r"(data (de )?)?nasc(imento)?|birth( ?(day|date))?|date of birth|dob"),
    ("social_name", r"nome social|social name"), ("given_name", r"first ?name|given ?name|primeiro nome"),
    ("family_name", r"last ?name|family ?name|surname|sobrenome"), ("company", r"company( name)?|empresa|razao social|organi[sz]ation|account( name)?"),
    ("full_name", r"nome( \w+){0,2}|([a-z]+ )?name|cliente|contato"),
    ("street", r"(mailing |other )?street|endereco|logradouro|rua|address( ?1)?"), ("number", r"numero|number|no"), ("complement", r"complemento|complement"),
    ("district", r"bairro|district|neighbou?rhood"), ("city", r"(mailing |other )?city|cidade|municipio"), ("uf", r"uf|estado|(mailing |other )?state"),
    ("postal_code", r"cep|zip( ?code)?|(mailing |other )?postal ?code"), ("country", r"(mailing |other )?country|pais"),
    ("language", r"(hs )?language|idioma|locale|lingua"),
)  # fmt: skip
_KEY = r"(.* )?(id|codigo|code|key|matricula)"
_CREATED, _UPDATED = r".*(creat|criad|cadastr|submit|enviad).*", r".*(updat|modifi|atualiz|alterad).*"
_SAYS_YES = r".*(opt(ed)? ?(in|out)|do ?not|consent|aceit|news|permi|autoriz).*"
_TEXT = r".*(observ|descri|mensag|coment|message|comment|notes?|remark).*"


@dataclass(frozen=True)
class Column:
    """One column: its name, the share of rows that fill it, whether no value repeats, what it looks like and how surely, and the field it may be."""

    name: str
    filled: float
    unique: bool
    looks: str
    share: float
    field: str = ""


@dataclass(frozen=True)
class Profile:
    """A file: how it is written (``read`` of a source file), how many rows it has, how many could not be read, its columns."""

    read: Mapping[str, Any]
    rows: int
    refused: int
    columns: tuple[Column, ...]


def profile(file: Path) -> Profile:
    """Look at one delivery. Raises ConfigurationError when it cannot be read, or when its first row is somebody's data."""
    form = next((name for name, (_, endings) in READERS.items() if file.suffix.lower() in endings), "")
    if not form:
        known = ", ".join(sorted(ending for _, endings in READERS.values() for ending in endings))
        raise ConfigurationError("The file's ending says no format Lastro reads.", f"It reads {known}.")
    try:
        content = file.read_bytes()
        where = _pages(content) if form == "json" else {}
        found = READERS[form][0](content, _bare(form, where))
    except OSError as error:
        raise ConfigurationError(f"The file cannot be opened ({type(error).__name__}).", "Name a file you may read.") from None
    except FileRefused as refusal:
        raise ConfigurationError(
            f"The file cannot be read: {refusal.reason}: {refusal.detail}.", "docs/reference/sources.md says what a reader expects."
        ) from None
    _refuse_data_as_header(found, form)
    rows = pd.DataFrame([_flat(row) for _, row in found.rows]).convert_dtypes(convert_string=False)
    columns = tuple(_column(str(name), rows[name]) for name in rows.columns)
    return Profile({"format": form, "files": file.name, **where}, len(rows), len(found.refused), _once(columns))


def skeleton(found: Profile, name: str) -> str:
    """The draft of a source file named ``name``; what only its owner knows is marked ``TODO``."""
    by_field: dict[str, list[Column]] = {field.name: [] for field in FIELDS}
    for column in found.columns:
        if column.field:
            by_field[column.field].append(column)
    mapped = {field: columns for field, columns in by_field.items() if columns}
    key = next((column for column in found.columns if _is(column, _KEY) and column.unique), None)
    key = key or next((column for column in found.columns if column.unique and column.looks != "text"), None)
    created, updated = (next((column for column in found.columns if column.looks in _DATED and _is(column, words)), None) for words in (_CREATED, _UPDATED))
    texts = [column for column in found.columns if not column.field and (column.looks == "text" or (column.looks == "words" and _is(column, _TEXT)))]
    says = [column for column in found.columns if column.looks == "boolean" and _is(column, _SAYS_YES)]
    used = {column.name for column in [key, created, updated, *texts] if column} | {column.name for columns in mapped.values() for column in columns}
    rest = [column for column in found.columns if column.name not in used]
    required = [column for column in found.columns if column.name in used and column.filled >= _NEARLY_ALL and column not in texts]
    kinds = {"email": "email", "date": "date", "boolean": "boolean", "digits": "digits", "document": "digits"}
    typed = {column.name: kinds[column.looks] for column in found.columns if column.name in used and column.looks in kinds and column.share > 0.9}

    lines = [f"# Draft of {found.rows:,} rows; read every line, and settle what is marked TODO."]
    lines += [f"title: {{pt: {name}, en: {name}}} # TODO what people call it", "owner: TODO # who answers for it"]
    lines += ["trust: 50 # TODO 0 to 100: decides between sources that disagree", "country: BR # TODO where numbers without a country code are dialled"]
    lines += [
        "timezone: America/Sao_Paulo # TODO whose clocks write moments without an offset",
        "",
        "objects:",
        "  contacts:",
        "    kind: contact",
        "    read:",
    ]
    lines += [f"      {word}: {_scalar(value)}" for word, value in found.read.items()]
    lines += ["      delivery: full # TODO full: what is not in it is gone; changes: it stays"]
    lines += [f"    key: {_scalar(key.name)}" if key else "    key: TODO # no column names each row once"]
    lines += [f"    {word}: {_scalar(column.name)}" for word, column in (("created_at", created), ("updated_at", updated)) if column]
    lines += ["    contract:", f"      required: {_list(column.name for column in required)}"]
    lines += ["      ignored: # known and never stored; move a line up where a purpose needs it"] if rest else []
    lines += [f"        - {_scalar(column.name)} # {_shares(column)}" for column in rest]
    lines += [f"      types: {{{', '.join(f'{_scalar(column)}: {kind}' for column, kind in typed.items())}}}"] if typed else []
    lines += ["      on_new_column: drop", "    fields:" if mapped else "    fields: {} # TODO no column was recognised"]
    for field, columns in mapped.items():
        lines += [f"      {field}: {_scalar(columns[0].name) if len(columns) == 1 else _list(column.name for column in columns)} # {_shares(columns[0])}"]
    lines += [f"    texts: {_list(column.name for column in texts)}"] if texts else []
    for column in says:
        lines += [f"    # consents: TODO column {_scalar(column.name)} may say yes or no; without date, text and method it proves nothing"]
    return "\n".join(lines) + "\n"


def _bare(form: str, where: Mapping[str, str]) -> Object:
    """An object that maps nothing, for a reader that wants to know what is known."""
    return Object.model_validate(
        {"kind": "contact", "read": {"format": form, "files": "x", "delivery": "full", **where}, "key": "\0", "fields": {"full_name": "\0"}}
    )


def _pages(content: bytes) -> dict[str, str]:
    """Where in a JSON page the rows are, and where it tells how many there are."""
    try:
        page = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}  # the reader says what is wrong with it
    lists = [("", page)] if isinstance(page, list) else [(path, value) for path, value in _paths(page) if isinstance(value, list)]
    rows = [(path, value) for path, value in lists if any(isinstance(row, dict) for row in value)]
    if not rows:
        return {}
    records, values = max(rows, key=lambda found: len(found[1]))
    told = [path for path, value in _paths(page) if type(value) is int and value >= len(values) and re.search("total|count", path, re.IGNORECASE)]
    return ({"records": records} if records else {}) | ({"total": told[0]} if told else {})


def _paths(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Dotted paths of a page's values; rows inside lists are not looked into."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield f"{prefix}{key}", inner
        yield from _paths(inner, f"{prefix}{key}.")


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in row.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat


def _refuse_data_as_header(found: FileContent, form: str) -> None:
    """A table without a header has somebody's values for column names, and those must not be written down."""
    if form in ("csv", "excel") and any(re.fullmatch(_EMAIL, name) or len(re.sub(r"\D", "", name)) >= 6 for name in found.columns):
        raise ConfigurationError("The first row of the file looks like data, not like column names.", "Put a row with the column names above it.")


def _column(name: str, values: pd.Series) -> Column:
    written = values[values.notna()].map(lambda value: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).astype(TEXT).str.strip()
    written = written[written.ne("") & written.ne("null") & written.ne("[]")]
    distinct = written.drop_duplicates()
    looks, share = _looks(distinct.iloc[:: max(1, len(distinct) // _SAMPLE)]) if len(distinct) else ("empty", 1.0)
    found = Column(name, len(written) / max(len(values), 1), len(written) > 0 and len(distinct) == len(values), looks, share)
    field = next((field for field, words in _HEADERS if _is(found, words)), "")
    fits = looks == _NEEDS.get(field, looks) or (field == "birth_date" and looks == "moment") or (field in ("cpf", "cnpj", "phone") and looks == "digits")
    if looks in ("email", "phone", "document") and not field:
        field, fits = {"email": "email", "phone": "phone", "document": "cpf"}[looks], True  # such values are personal data whatever the header says
    return Column(found.name, found.filled, found.unique, looks, share, field if fits and looks not in ("empty", "list") else "")


def _looks(sample: pd.Series) -> tuple[str, float]:
    """What most of the values look like, and how many of them do."""
    digits = sample.str.fullmatch(r"[\d.\-/ ()+]*\d[\d.\-/ ()+]*").mean()
    shares: list[tuple[str, float]] = [
        ("list", sample.str.startswith("[").mean()),
        ("email", sample.str.fullmatch(_EMAIL).mean()),
        ("boolean", float(set(sample.str.casefold()) <= _BOOLEAN)),
        ("moment", sample.str.fullmatch(_MOMENT).mean()),
    ]
    if digits >= _MOSTLY:
        shares += [
            ("document", max(_usable(document.standardise(sample, "cpf")), _usable(document.standardise(sample, "cnpj")))),
            ("date", _usable(date.standardise(sample, datetime.now(UTC).date())) if sample.str.contains(r"\d[/.-]\d").mean() >= _MOSTLY else 0.0),
            ("phone", _usable(phone.standardise(sample, "BR")) if sample.str.count(r"\d").median() >= 8 else 0.0),
            ("digits", digits),
        ]
    shares += [("state", _usable(address.standardise_uf(sample)) if len(sample) < 100 else 0.0)]
    for looks, share in shares:
        if share >= _MOSTLY:
            return looks, float(share)
    return ("text", 1.0) if sample.str.len().quantile(0.9) > _LONG else ("words", 1.0)


def _usable(read: pd.DataFrame) -> float:
    return float(read["status"].isin(["ok", "fixed", "suggested"]).mean())


def _once(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Only e-mails and phones may have several columns; for any other field the fullest is taken."""
    several = {"email", "phone"}
    best: dict[str, Column] = {}
    for column in columns:
        if column.field not in several and column.filled > getattr(best.get(column.field), "filled", -1):
            best[column.field] = column
    kept = {column.name for column in best.values()}
    return tuple(
        column if column.field in several or column.name in kept else Column(column.name, column.filled, column.unique, column.looks, column.share)
        for column in columns
    )


def _is(column: Column, words: str) -> bool:
    """Whether the last part of the column's name, without accents, case and word marks, is one of ``words``."""
    last = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name.rsplit(".", 1)[-1])
    return re.fullmatch(words, " ".join(re.sub(r"[^a-z0-9]+", " ", folded(last)).split())) is not None


def _shares(column: Column) -> str:
    return f"{column.filled:.0%} filled, {column.share:.0%} look like {column.looks}"


def _scalar(text: str) -> str:
    """A YAML scalar: bare where it is a plain word, else quoted as JSON, which YAML reads alike."""
    plain = re.fullmatch(r"[^\W\d][\w.\-/*]*", text) and text.casefold() not in ("true", "false", "yes", "no", "null", "on", "off", "y", "n")
    return text if plain else json.dumps(text, ensure_ascii=False)


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(_scalar(name) for name in names)}]"
