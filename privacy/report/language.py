"""One language of the report: its texts, and numbers, shares and dates the way its readers write them."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from privacy.report.disclosure import ABOUT, Count, exact, nearly

TAGS = {"pt": "pt-BR", "en": "en"}
_MARKS = {"pt": (".", ","), "en": (",", ".")}


class Counted(str):
    """A written number that also chooses the word beside it: ``{n} {n:pair|pairs}``."""

    single: bool

    def __new__(cls, text: str, single: bool) -> "Counted":
        self = super().__new__(cls, text)
        self.single = single
        return self

    def __format__(self, spec: str) -> str:
        return spec.split("|")[0 if self.single else 1] if "|" in spec else str(self)


@dataclass(frozen=True)
class Language:
    """``code`` is pt or en; ``texts`` maps dotted keys to texts with ``{places}``."""

    code: str
    texts: dict[str, str]

    @property
    def tag(self) -> str:
        """The BCP 47 tag for the ``lang`` attribute."""
        return TAGS[self.code]

    def text(self, key: str, **values: Any) -> str:
        """The text with its places filled; counts are written in this language. Raises KeyError for an unknown key."""
        written = {name: self.counted(value) if isinstance(value, int) or name == "n" else value for name, value in values.items()}
        return self.texts[key].format(**written)

    def word(self, family: str, code: str) -> str:
        """The text of a code of an open vocabulary; a code nobody has written a text for is shown as it is."""
        return self.texts.get(f"{family}.{code}", code)

    def counted(self, count: Count) -> Counted:
        """The count as written in this language, able to choose singular or plural."""
        return Counted(self.number(count), count == 1)

    def number(self, count: Count | float, decimals: int = 0) -> str:
        """1.234,5 in Portuguese, 1,234.5 in English; a hidden count stays as it is, a rounded one keeps its sign."""
        if isinstance(count, str):
            return ABOUT + self.number(int(count.removeprefix(ABOUT))) if count.startswith(ABOUT) else count
        thousand, decimal = _MARKS[self.code]
        return f"{count:,.{decimals}f}".translate(str.maketrans(",.", thousand + decimal))

    def share(self, part: Count, whole: Count) -> str:
        """A percentage that says 0 only for none and 100 only for all; a dash when either number is hidden or there is nothing."""
        some, everything = exact(part), nearly(whole)
        if some is None or not everything:
            return "–"
        everything = max(everything, some + (exact(whole) is None))  # a rounded whole may have come out below its part
        tenths = (2000 * some + everything) // (2 * everything)
        tenths = min(max(tenths, 1), 999) if 0 < some < everything else tenths
        return f"{self.number(tenths / 10, 1)}%"

    def percent(self, share: float) -> str:
        """A share as a percentage with one decimal; 100 only for all, 0 only for none."""
        tenths = round(1000 * share)
        tenths = min(max(tenths, 1), 999) if 0 < share < 1 else tenths
        return f"{self.number(tenths / 10, 1)}%"

    def points(self, then: float, now: float) -> str:
        """The difference of two shares in percentage points, with its sign."""
        tenths = round(1000 * now) - round(1000 * then)
        return f"{'+' if tenths > 0 else '−' if tenths else '±'}{self.number(abs(tenths) / 10, 1)} {self.texts['score.points']}"

    def change(self, then: int, now: int) -> str:
        """A difference with its sign."""
        return f"{'+' if now > then else '−' if now < then else '±'}{self.number(abs(now - then))}"

    def day(self, text: str) -> str:
        """An ISO date in words."""
        moment = datetime.fromisoformat(text)
        return self.texts["date.day"].format(day=moment.day, month=self.texts["date.months"].split()[moment.month - 1], year=moment.year)

    def moment(self, text: str) -> str:
        """An ISO moment in words, in UTC."""
        return self.texts["date.moment"].format(day=self.day(text), time=f"{datetime.fromisoformat(text):%H:%M}")


HERE = Path(__file__).parent


@cache
def load(code: str, folder: Path = HERE) -> Language:
    """The language's file in ``folder``, beside this module when left out, flattened to dotted keys."""
    tree = yaml.safe_load((folder / f"texts_{code}.yml").read_text(encoding="utf-8"))
    texts: dict[str, str] = {}

    def walk(node: Any, path: str) -> None:
        for name, value in node.items():
            if isinstance(value, dict):
                walk(value, f"{path}{name}.")
            else:
                texts[f"{path}{name}"] = value

    walk(tree, "")
    return Language(code, texts)
