"""Turn figures into the page: both languages in one HTML file that loads nothing and runs nothing."""

from collections.abc import Callable
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contacts.schema import CHANNELS, FIELDS
from privacy.contact_rules.reasons import CONTACT_REASONS
from privacy.policy import Policy
from privacy.reasons import REASONS, STATES
from privacy.report import charts
from privacy.report.facts import Facts
from privacy.report.figures import fingerprint
from privacy.report.language import Language, load

LANGUAGES = ("pt", "en")
HERE = Path(__file__).parent
Title = Callable[[str, str], str]


def render(figures: dict[str, Any], policy: Policy, facts: Facts, opens_in: str) -> str:
    """The whole page; ``opens_in`` is the language it shows first."""
    pages = [{"code": code, "tag": load(code).tag, "body": body(figures, policy, facts, load(code))} for code in LANGUAGES]
    skeleton = _environment().get_template("report.html.j2")
    style = Markup((HERE / "report.css").read_text(encoding="utf-8"))  # noqa: S704 (our own file)
    return skeleton.render(
        pages=pages, opens_in=opens_in, tag=load(opens_in).tag, style=style, batch=figures["batch"], languages={code: load(code) for code in LANGUAGES}
    )


def body(figures: dict[str, Any], policy: Policy, facts: Facts, language: Language) -> Markup:
    """The page's body in one language."""
    title = _titles(policy, facts, language)
    context: dict[str, Any] = {
        **{"f": figures, "sha256": fingerprint(figures), "policy": policy, "facts": facts},
        **{"l": language, "t": language.text, "word": language.word, "num": language.number, "share": language.share},
        **{"charts": charts, "suffix": f"-{language.code}", "title": title, "filled": lambda need: _filled(need, title, language)},
        "by_place": lambda found: [(place, list(rows)) for place, rows in groupby(found, key=itemgetter("source", "field"))],
        "why_order": [reason.code for reason in REASONS],
    }
    return Markup(_environment().get_template("page.html.j2").render(context))  # noqa: S704 (rendered with autoescape)


def _titles(policy: Policy, facts: Facts, language: Language) -> Title:
    """A function from a kind of code and a code to its title in this language; without one the code itself."""
    code = language.code
    known: dict[str, dict[str, str]] = {
        "source": {name: getattr(title, code) for name, title in facts.sources.items()},
        "rule": {name: getattr(rule.title, code) for name, rule in facts.rules.items()},
        "purpose": {name: getattr(purpose.title, code) for name, purpose in policy.purposes.items()},
        "channel": {name: language.word("channel", name) for name in CHANNELS},
        "against": {reason.code: getattr(reason, code) for reason in CONTACT_REASONS},
        "state": {name: texts[LANGUAGES.index(code)] for name, texts in STATES.items()},
        "why": {reason.code: getattr(reason, code) for reason in REASONS},
        "article": {reason.code: reason.article for reason in REASONS},
        "retention": {name: getattr(purpose.retention, code) for name, purpose in policy.purposes.items()},
        "group": {name: getattr(group.title, code) for name, group in facts.name_groups.items()},
        "field": {field.name: getattr(field, f"label_{code}") for field in FIELDS},
    }

    def title(kind: str, name: str) -> str:
        return known[kind].get(name, name)

    return title


def _filled(need: dict[str, Any], title: Title, language: Language) -> dict[str, Any]:
    """The values of a need with codes replaced by what people call them."""
    values = dict(need["values"])
    if "reason" in values:
        values["reason"] = "; ".join(language.word("delivery_reason", reason) for reason in values["reason"].split(","))
    for name in ("source", "purpose"):
        if values.get(name):
            values[name] = title(name, values[name])
    if "by" in values:
        values["by"] = ", ".join(f"{title(kind, code)} ({language.number(part['n'])})" for part in values["by"] for kind, code in part.items() if kind != "n")
    if "by_source" in values:
        values["places"] = ", ".join(title("source", source) for source in values["by_source"])
    if "contacts" in values:
        values["share"] = language.share(values["quarantined"], values["contacts"])
    if "date" in values:
        values["date"] = language.day(values["date"])
    if "stages" in values:
        values["stages"] = ", ".join(language.word("stage", stage) for stage in values["stages"].split(", "))
    return values


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["capfirst"] = lambda text: text[:1].upper() + text[1:]
    return environment
