"""The linkage report's page: both languages in one HTML file that loads nothing and runs nothing, in the dress of the privacy report."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dedup.explain import LEVEL_WORDS, WORDS
from pipelines.linkage_report import drawings
from pipelines.linkage_report.figures import MOST_BITS
from pipelines.name_groups import GROUPS
from privacy.report import charts
from privacy.report import page as report_page
from privacy.report.language import Language, load

HERE = Path(__file__).parent


def render(figures: dict[str, Any], opens_in: str) -> str:
    """The whole page; ``opens_in`` is the language it shows first."""
    languages = {code: load(code, HERE) for code in report_page.LANGUAGES}
    environment = Environment(
        loader=FileSystemLoader([HERE, report_page.HERE]), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    css = "".join((folder / name).read_text(encoding="utf-8") for folder, name in ((report_page.HERE, "report.css"), (HERE, "linkage.css")))
    style = Markup(css)  # noqa: S704 (our own files)
    pages = [{"code": code, "tag": language.tag, "body": _body(environment, figures, language)} for code, language in languages.items()]
    return environment.get_template("report.html.j2").render(
        pages=pages, opens_in=opens_in, tag=languages[opens_in].tag, style=style, batch={"batch_id": figures["batch"]}, languages=languages
    )


def _body(environment: Environment, figures: dict[str, Any], language: Language) -> Markup:
    at = 0 if language.code == "pt" else 1

    def level(comparison: str, code: str) -> str:
        """A level in words: what it means for this comparison, or for any."""
        if code in ("missing", "shared"):
            return language.text(f"level.{code}")
        known = WORDS.get(comparison, {}).get(code) or LEVEL_WORDS.get(code)
        return known[at] if known else code

    context: dict[str, Any] = {
        **{"f": figures, "l": language, "t": language.text, "num": language.number, "percent": language.percent, "word": language.word},
        **{
            "d": drawings,
            "charts": charts,
            "suffix": f"-{language.code}",
            "level": level,
            "bits": lambda value: _bits(language, value),
            "most_bits": MOST_BITS,
        },
        **{"group": lambda code: GROUPS[code][at], "small": lambda value: _small(language, value)},
    }
    return Markup(environment.get_template("linkage.html.j2").render(context))  # noqa: S704 (rendered with autoescape)


def _bits(language: Language, value: float) -> str:
    """Bits with their sign, as the language writes numbers."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{language.number(abs(value), 1)}"


def _small(language: Language, share: float) -> str:
    """A share that may be very small: as a percentage, or as one in so many."""
    return language.percent(share) if share >= 0.001 else f"1 : {language.number(round(1 / share))}"
