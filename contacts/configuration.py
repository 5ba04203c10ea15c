"""Reads the YAML files people write: every mistake is refused with file, line and the word that was perhaps meant.

Scalars stay the text they are until the model says what they mean: YAML would turn 0123 into 83 and ``no`` into false.
"""

import difflib
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from contacts.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class MistakeAt(ValueError):
    """A mistake that only a whole block can see; ``place`` says where in the block it stands."""

    def __init__(self, place: Place, sentence: str) -> None:
        super().__init__(sentence)
        self.place = place


def load_model(model: type[Model], file: Path, hint: str, also: Mapping[str, Any] | None = None) -> Model:
    """``file`` as a ``model``; ``also`` adds what the file does not say itself (its name). Raises ConfigurationError with ``hint``."""
    lines: dict[Place, int] = {}
    content = _content(file, hint, lines)
    try:
        return model.model_validate({**content, **(also or {})})
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=True)
        # a misspelt key is both unknown and missing: the first says more; a list is too short where one of its items is wrong
        first = min(mistakes, key=lambda mistake: (mistake["type"] != "extra_forbidden", mistake["type"] == "too_short", _line(lines, _place(mistake))))
        place, sentence = _in_words(model, first)
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        stop = "" if sentence.endswith("?") else "."
        raise ConfigurationError(f"{file.name}, line {_line(lines, place)}: {sentence}{stop}{more}", hint) from None


def perhaps(word: str, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the nearest allowed word, else nothing."""
    near = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def one_of(word: str, allowed: Iterable[str], what: str) -> str:
    """``word`` itself when it is allowed. Raises ValueError with the nearest allowed word."""
    words = tuple(allowed)
    if word not in words:
        raise ValueError(f"{word!r} is not {what}{perhaps(word, words) or '; it is one of ' + ', '.join(words)}")
    return word


def _content(file: Path, hint: str, lines: dict[Place, int]) -> dict[str, Any]:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        content = _plain(root, (), lines) if root else None
    except OSError:
        raise ConfigurationError(f"{file.name} cannot be read.", hint) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file.name} is not UTF-8 text.", "Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{file.name}, line {line}: this is not YAML ({error.problem}).", "Look at indentation, colons and quotes.") from None
    except _Twice as twice:
        raise ConfigurationError(f"{file.name}, line {twice.line}: {twice.word!r} is said twice.", "Keep one of the two.") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file.name} says nothing.", hint)
    return content


class _Twice(Exception):
    def __init__(self, line: int, word: str) -> None:
        self.line, self.word = line, word


def _plain(node: Any, place: Place, lines: dict[Place, int]) -> Any:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:  # YAML would silently keep the last one
                raise _Twice(key.start_mark.line + 1, key.value)
            lines[(*place, key.value)] = key.start_mark.line + 1
            found[key.value] = _plain(value, (*place, key.value), lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, index), lines) for index, item in enumerate(node.value)]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _place(mistake: Any) -> Place:
    further = getattr(mistake.get("ctx", {}).get("error"), "place", ())
    return (*(part for part in mistake["loc"] if part != "[key]"), *further)


def _line(lines: Mapping[Place, int], place: Place) -> int:
    """Line of the nearest thing the file really says on the way to ``place``."""
    for end in range(len(place), 0, -1):
        if place[:end] in lines:
            return lines[place[:end]]
    return lines.get((), 1)


def _in_words(model: type[BaseModel], mistake: Any) -> tuple[Place, str]:
    """Where a mistake is and what it is, without repeating more of the file than the word itself."""
    place, kind = _place(mistake), mistake["type"]
    where = ".".join(map(str, place)) or "the file"
    if kind == "extra_forbidden":
        return place, f"{where} is not a key here{perhaps(str(place[-1]), _keys(model, place[:-1]))}"
    if kind == "missing":
        return place, f"{where} is missing"
    if kind == "literal_error":
        expected = mistake["ctx"]["expected"]
        words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
        return place, f"{where} is {mistake['input']!r}, but may be {expected}{perhaps(str(mistake['input']), words)}"
    text = str(mistake["ctx"]["error"]) if kind == "value_error" else mistake["msg"]
    if not place and ": " in text:  # a check across blocks names its place first
        return tuple(text.split(": ")[0].split(".")), text
    return place, f"{where}: {text}"


def _keys(model: Any, place: Place) -> list[str]:
    """The keys allowed at ``place``: walk the models' annotations along the path."""
    here: Any = model
    for part in place:
        known = isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields
        here = _model_in(here.model_fields[str(part)].annotation if known else here)
    return [info.alias or name for name, info in here.model_fields.items()] if isinstance(here, type) and issubclass(here, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The model inside ``dict[str, Model]``, ``tuple[Model, ...]`` or ``Model | None``; ``annotation`` itself when there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [_model_in(part) for part in typing.get_args(annotation)]
    return next((part for part in inner if isinstance(part, type) and issubclass(part, BaseModel)), annotation)
