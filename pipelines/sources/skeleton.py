"""The draft of a source file, written from the profile of a delivery; what only its owner knows is marked ``TODO``."""

import json
import math
import re
from collections.abc import Iterable

from contacts.schema import FIELDS
from pipelines.sources.infer import Column, Profile, is_named

_NEARLY_ALL = 0.99
_DATED = ("moment", "date")
_KEY = r"(.* )?(id|codigo|code|key|matricula)"
_CREATED, _UPDATED = r".*(creat|criad|cadastr|submit|enviad).*", r".*(updat|modifi|atualiz|alterad).*"
_SAYS_YES = r".*(opt(ed)? ?(in|out)|do ?not|consent|aceit|news|permi|autoriz).*"
_TEXT = r".*(observ|descri|mensag|coment|message|comment|notes?|remark).*"


def skeleton(found: Profile, name: str) -> str:
    """The draft of a source file named ``name``; what only its owner knows is marked ``TODO``."""
    by_field: dict[str, list[Column]] = {field.name: [] for field in FIELDS}
    for column in found.columns:
        if column.field:
            by_field[column.field].append(column)
    mapped = {field: columns for field, columns in by_field.items() if columns}
    key = next((column for column in found.columns if is_named(column, _KEY) and column.unique), None)
    key = key or next((column for column in found.columns if column.unique and column.looks != "text"), None)
    created, updated = (
        next((column for column in found.columns if column.looks in _DATED and is_named(column, words)), None) for words in (_CREATED, _UPDATED)
    )
    texts = [column for column in found.columns if not column.field and (column.looks == "text" or (column.looks == "words" and is_named(column, _TEXT)))]
    says = [column for column in found.columns if column.looks == "boolean" and is_named(column, _SAYS_YES)]
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
    lines += ["      on_new_column: drop", *_promises(found, used - {column.name for column in [key, *texts] if column}, created or updated)]
    lines += ["    fields:" if mapped else "    fields: {} # TODO no column was recognised"]
    for field, columns in mapped.items():
        lines += [f"      {field}: {_scalar(columns[0].name) if len(columns) == 1 else _list(column.name for column in columns)} # {_shares(columns[0])}"]
    lines += [f"    texts: {_list(column.name for column in texts)}"] if texts else []
    for column in says:
        lines += [f"    # consents: TODO column {_scalar(column.name)} may say yes or no; without date, text and method it proves nothing"]
        lines += [f"    # and then, in the contract: enum: {{{_scalar(column.name)}: {_list(column.closed)}}}"] if column.closed else []
    return "\n".join(lines) + "\n"


def _promises(found: Profile, named: set[str], dated: Column | None) -> list[str]:
    """The clauses a delivery like this one would keep, with room: what came once is not yet what was agreed."""
    columns = [column for column in found.columns if column.name in named]
    enum = [column for column in columns if column.closed]
    filled = {column.name: least for column in columns if (least := _a_little_less(column.filled)) >= 0.5}
    lines = ["      enum: # every word that may come, of a list Lastro knows; TODO take out what may not"] if enum else []
    lines += [f"        {_scalar(column.name)}: {_list(column.closed)}" for column in enum]
    shares = ", ".join(f"{_scalar(name)}: {least:g}" for name, least in filled.items())
    lines += [f"      filled: {{{shares}}} # TODO least share of rows that fill the column; a little less than came"] if filled else []
    lines += ["      freshness: {within: 3 days} # TODO how old the newest change may be"] if dated else []
    return [
        *lines,
        f"      volume: {{at_least: {_half(found.rows)}, shrinks_at_most: 0.3}} # TODO half of what came; `shrinks_at_most` is for full deliveries",
    ]


def _a_little_less(share: float) -> float:
    """A share in steps of a twentieth, at least one step below what it was."""
    return math.floor(20 * share - 1 + 1e-9) / 20


def _half(rows: int) -> int:
    """Half of the rows, rounded down to two digits."""
    step: int = 10 ** max(len(str(rows // 2)) - 2, 0)
    return max(1, rows // 2 // step * step)


def _shares(column: Column) -> str:
    return f"{column.filled:.0%} filled, {column.share:.0%} look like {column.looks}"


def _scalar(text: str) -> str:
    """A YAML scalar: bare where it is a plain word, else quoted as JSON, which YAML reads alike."""
    plain = re.fullmatch(r"[^\W\d][\w.\-/*]*", text) and text.casefold() not in ("true", "false", "yes", "no", "null", "on", "off", "y", "n")
    return text if plain else json.dumps(text, ensure_ascii=False)


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(_scalar(name) for name in names)}]"
