"""Towns: the official name and IBGE code of a Brazilian municipality, found without accents or case inside one state, never in another.

What a state does not have stays as it was written, with a doubt; the nearest name of the same state is only suggested.
"""

import re
from itertools import product

import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from contacts.values.mojibake import LOST
from contacts.values.name_case import has_one_case, recased
from contacts.values.phone_br import UF_OF_DDD
from contacts.values.place_key import place_key
from contacts.values.placeholders import is_placeholder
from contacts.values.reading import Reading, frame, missing, read_one, rejected, standardise_distinct, table, texts
from contacts.warehouse import TEXT

EXTRA = ("city_code", "city_uf")

_TOWN = table("town")
TOWNS = {code: (uf, name) for code, uf, name in _TOWN[["code", "uf", "name"]].itertuples(index=False)}
"""IBGE code -> state and official name."""
_BY_KEY: dict[str, dict[str, str]] = {uf: {} for uf in sorted(set(_TOWN["uf"]))}
for _code, (_uf, _name) in TOWNS.items():
    _BY_KEY[_uf][place_key(_name)] = _code
_ALIAS = {(uf, place_key(alias)): _BY_KEY[uf][place_key(name)] for uf, alias, name in table("town_alias").itertuples(index=False)}
_SOMEWHERE = frozenset(key for towns in _BY_KEY.values() for key in towns)
_DDD_OF_CODE = {code: ddd for code, ddd in zip(_TOWN["code"], _TOWN["ddd"], strict=True) if ddd}
_ONLY_DDD = {uf: ddd for ddd, uf in UF_OF_DDD.items() if list(UF_OF_DDD.values()).count(uf) == 1 and uf != "DF"}

_WITH_UF = re.compile(r"(.+?)\s*(?:[-–/,]\s*|\()([A-Za-z]{2})\)?")
_SHORT = {
    "s": ("sao", "santo", "santa"), "sto": ("santo",), "sta": ("santa",), "n": ("nova", "nossa"), "ns": ("nossa senhora",), "nsa": ("nossa",),
    "sra": ("senhora",), "sr": ("senhor",), "pres": ("presidente",), "gov": ("governador",), "cel": ("coronel",), "cap": ("capitao",),
    "dr": ("doutor",), "eng": ("engenheiro",), "mal": ("marechal",), "sen": ("senador",), "dep": ("deputado",), "cons": ("conselheiro",),
    "visc": ("visconde",), "gal": ("general",), "gen": ("general",), "alm": ("almirante",), "ten": ("tenente",), "maj": ("major",), "mns": ("monsenhor",),
    "prof": ("professor",), "pe": ("padre",), "d": ("dom", "dona"), "fco": ("francisco",), "bal": ("balneario",), "baln": ("balneario",),
    "rib": ("ribeirao",), "mte": ("monte",), "pto": ("porto",), "cach": ("cachoeira",), "conc": ("conceicao",), "jd": ("jardim",), "vl": ("vila",),
    "faz": ("fazenda",), "b": ("bom", "belo", "boa"), "h": ("horizonte",), "j": ("jose", "joao"), "do": ("do", "doeste"), "oeste": ("oeste", ""),
}  # fmt: skip
"""Words people shorten in the names of towns; an expansion counts only when the state has exactly one town of that name."""


def standardise_city(values: pd.Series, uf: pd.Series | None = None, country: pd.Series | str = "BR") -> pd.DataFrame:
    """Towns with extra columns ``city_code`` (IBGE, seven digits) and ``city_uf`` (the state written beside the town).

    With ``uf`` (two letters; missing where unknown) names are looked up in that state, or in the one written beside the town.
    Without, and in another ``country``, a name is only tidied. The key has no accents, hyphens or case.
    """
    column = texts(values)
    place = country if isinstance(country, pd.Series) else pd.Series(country, index=column.index, dtype=TEXT)
    state = pd.Series("-", index=column.index, dtype=TEXT) if uf is None else pd.Series(texts(uf).array, index=column.index)
    known = state.where(state.isin([*_BY_KEY, "-"]).astype(bool), "").where(pd.Series(texts(place).array, index=column.index).fillna("BR") == "BR", "abroad")

    def read(cell: str) -> Reading:
        text, _, where = cell.rpartition("\x1f")
        return read_one(text, lambda clean: _read(clean, where), words=True)

    return standardise_distinct(column + "\x1f" + known, lambda distinct: frame((read(cell) for cell in distinct), EXTRA), EXTRA)


def ddd_of_city(city: pd.Series, uf: pd.Series) -> pd.Series:
    """The area code of a town, or of a state that has only one; missing where a town has several. Good for a suggestion, no more.

    ``uf`` holds two letters.
    """
    if not len(city):
        return missing(city.index)
    found = standardise_city(city, uf)["city_code"].map(_DDD_OF_CODE).astype(TEXT)
    return found.fillna(pd.Series(texts(uf).array, index=city.index).map(_ONLY_DDD).astype(TEXT))


def _read(text: str, where: str) -> Reading:
    """``where``: a state, empty when it is unknown, ``-`` when no table is to be asked, ``abroad``."""
    if is_placeholder(text) or not any(char.isalpha() for char in text):
        return rejected("PLACEHOLDER" if is_placeholder(text) else "NOT_A_CITY")
    said, reason = None, None
    with_uf = _WITH_UF.fullmatch(text) if where != "abroad" else None
    if with_uf and with_uf[2].upper() in _BY_KEY:
        text, said, reason = with_uf[1].strip(), with_uf[2].upper(), "UF_CUT"
    if len(text) > 100:
        return rejected("TOO_LONG")
    uf = (where or said or "") if where in ("", *_BY_KEY) else ""
    known = _known(text, uf)
    if known is not None:
        code, why = known
        name = TOWNS[code][1]
        why = why or (None if name == text else "CASING" if name.casefold() == text.casefold() else "CITY_SPELLING")
        chosen = why if reason is None or why == "CITY_ALIAS" else reason
        return Reading(name, place_key(name), "fixed" if chosen else "ok", chosen, extra=(code, said))
    if has_one_case(text):
        cased = recased(text)
        reason, text = (reason or "CASING") if cased != text else reason, cased
    key, extra = place_key(text), (None, said)
    if LOST in text:
        return Reading(text, key, "suggested", "CHAR_LOSS", _restored(text, uf), extra=extra)
    if uf:
        elsewhere = key in _SOMEWHERE
        return Reading(text, key, "suggested", "CITY_NOT_IN_UF" if elsewhere else "UNKNOWN_CITY", None if elsewhere else _near(key, uf), extra=extra)
    return Reading(text, key, "fixed" if reason else "ok", reason, extra=extra)


def _known(text: str, uf: str) -> tuple[str, str | None] | None:
    """Code of the town ``text`` names in ``uf``, and the reason when it is another name or a short one."""
    towns, key = _BY_KEY.get(uf), place_key(text)
    if towns is None:
        return None
    if key in towns:
        return towns[key], None
    if (uf, key) in _ALIAS:
        return _ALIAS[uf, key], "CITY_ALIAS"
    words = key.split()
    if len(words) > 8 or not any(word in _SHORT for word in words):
        return None
    spelt = {" ".join(" ".join(choice).split()) for choice in product(*(_SHORT.get(word, (word,)) for word in words))}
    found = {towns[name] for name in spelt if name in towns}
    return (found.pop(), "CITY_ALIAS") if len(found) == 1 else None


def _near(key: str, uf: str) -> str | None:
    """The one town of the state a letter away (two in a long name)."""
    most = 0 if len(key) < 5 else 1 if len(key) < 10 else 2
    towns = _BY_KEY[uf]
    near = process.extract(key, towns.keys(), scorer=OSA.distance, score_cutoff=most, limit=2) if most else []
    if not near or (len(near) > 1 and near[0][1] == near[1][1]):
        return None
    return TOWNS[towns[near[0][0]]][1]


def _restored(text: str, uf: str) -> str | None:
    """The one town of the state that has a letter or two wherever ``text`` lost some."""
    pattern = re.compile(re.escape(place_key(re.sub(f"{LOST}+", "0", text))).replace("0", "[a-z]{1,2}"))  # no town has a digit in its name
    found = [code for key, code in _BY_KEY.get(uf, {}).items() if pattern.fullmatch(key)]
    return TOWNS[found[0]][1] if len(found) == 1 else None
