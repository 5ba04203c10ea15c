"""Look at a delivery nobody has described yet: what each column looks like, told in shares and never in values."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pandas as pd

from contacts.errors import ConfigurationError
from contacts.schema import CHANNELS
from contacts.values import address, date, document, phone
from contacts.values.reading import folded
from contacts.warehouse import TEXT
from pipelines.sources.delivery import READERS
from pipelines.sources.reading import FileContent, FileRefused
from pipelines.sources.words import Object

_SAMPLE = 2_000
"""Different values of a column looked at; enough to tell a share to a per cent."""
_MOSTLY = 0.6
_LONG = 60
_FEW = 200
"""Different ways to write the words of a closed list; a column with more holds none."""

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

CLOSED: tuple[tuple[str, ...], ...] = (
    ("true", "false"), ("sim", "s", "não", "nao", "n"), ("yes", "y", "no", "n"), ("1", "0"), ("t", "f"), tuple(sorted(_BOOLEAN)),
    CHANNELS, tuple(sorted(address.UFS)),
)  # fmt: skip
"""Closed lists of ours. A column may be said to hold one of them; words of the file itself are never written down."""


@dataclass(frozen=True)
class Column:
    """One column: its name, the share of rows that fill it, whether no value repeats, what it looks like and how surely, and the field it may be.

    ``closed`` is the list of ours that has every word in it.
    """

    name: str
    filled: float
    unique: bool
    looks: str
    share: float
    field: str = ""
    closed: tuple[str, ...] = ()


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
    field = next((field for field, words in _HEADERS if is_named(found, words)), "")
    fits = looks == _NEEDS.get(field, looks) or (field == "birth_date" and looks == "moment") or (field in ("cpf", "cnpj", "phone") and looks == "digits")
    if looks in ("email", "phone", "document") and not field:
        field, fits = {"email": "email", "phone": "phone", "document": "cpf"}[looks], True  # such values are personal data whatever the header says
    return replace(found, field=field if fits and looks not in ("empty", "list") else "", closed=_closed(distinct))


def _closed(distinct: pd.Series) -> tuple[str, ...]:
    words = set(distinct.str.casefold()) if 0 < len(distinct) <= _FEW else set()
    return next((known for known in CLOSED if words and words <= {word.casefold() for word in known}), ())


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
    return tuple(column if column.field in several or column.name in kept else replace(column, field="") for column in columns)


def is_named(column: Column, words: str) -> bool:
    """Whether the last part of the column's name, without accents, case and word marks, is one of ``words``."""
    last = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name.rsplit(".", 1)[-1])
    return re.fullmatch(words, " ".join(re.sub(r"[^a-z0-9]+", " ", folded(last)).split())) is not None
