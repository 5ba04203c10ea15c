"""The words people are made of: given names, surnames, streets, towns, mail hosts, as pools to draw from by weight."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.demo.draw import pick, table
from pipelines.demo.names import plain

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
COUNTRIES = {"br": ("BR",), "eu": ("PT", "ES", "DE", "FR", "IT")}
COUNTRY_WEIGHT = {"BR": 1.0, "PT": 0.12, "ES": 0.24, "DE": 0.26, "FR": 0.20, "IT": 0.18}
_PARTICLES = ("da ", "de ", "do ", "dos ", "das ", "di ", "del ", "von ")

# The lists hold the frequent names only, and a register of names has a long tail: coined given names and the surnames of immigrants.
# It is put together from beginnings and endings of our own, and falls off by Zipf's law.
_GIVEN_START = (
    "Ade Alci Ani Cla Cleo Dani Der Edi Ela Eri Fran Gil Gra Iva Jan Jose Jo Ju Kel Le Lin Luci Mari Mi Nei Ni Ray Ro Ru San "
    "Si Sue Ta Val Van Wal Wan Wil Za Zil"
)
_GIVEN_END = {
    "f": "cleide nalva lene neide cilda mara niele sa lma nete risa ene lice lia deia",
    "m": "nilson valdo mir cir berto son vilson naldo nei dson mar lton iel lio cio",
}
_SURNAME_START = (
    "Al Ba Bel Ben Ber Bor Bra Cam Can Car Cas Co Dal Fer Fon Ga Gra Gri Hor Kow Kra Lan Lo Man Mar Mon Mul Na Or Pa Pe Ra Ri "
    "Sal San Schu Su Ta Tre Van Ven Vol Wa Yama Za"
)
_SURNAME_END = (
    "bani bosa cini della fini gatti ghetti lini luzzi mann mann moto naka nelli netti relli retto rotti schi sini ski stein tana telli vatti zani zoli"
)
_TAIL_GIVEN, _TAIL_SURNAME = 0.08, 0.14


@dataclass(frozen=True)
class Pool:
    """Words with weights, each belonging to one group (a country, or a country and sex)."""

    words: pa.Array
    weights: npt.NDArray[np.float64]
    groups: npt.NDArray[np.str_]

    def draw(self, rng: np.random.Generator, group: npt.NDArray[np.str_]) -> Codes:
        """For each row the place of a word of the row's group."""
        drawn = np.empty(len(group), dtype=np.int64)
        for name in np.unique(group):
            rows, members = np.flatnonzero(group == name), np.flatnonzero(self.groups == name)
            drawn[rows] = members[pick(rng, self.weights[members], len(rows))]
        return drawn

    def take(self, codes: Codes) -> pa.Array:
        """The words at these places; null where the place is -1."""
        return self.words.take(pa.array(codes, mask=codes < 0))


@cache
def given_names() -> Pool:
    """Groups BRf, BRm, PTf, and so on."""
    rows = [(bare(row["name"]), row["country"] + row["sex"], float(row["weight"])) for row in table("given_names")]
    for country in COUNTRY_WEIGHT:
        for sex, ends in _GIVEN_END.items():
            rows += _tail(rows, country + sex, _GIVEN_START, ends, _TAIL_GIVEN)
    return _pool(rows)


@cache
def surnames() -> Pool:
    """Groups are countries; particles (da, dos, von) are left off, as standardising does."""
    rows = [(_last(bare(row["surname"])), row["country"], float(row["weight"])) for row in table("surnames")]
    for country in COUNTRY_WEIGHT:
        rows += _tail(rows, country, _SURNAME_START, _SURNAME_END, _TAIL_SURNAME)
    return _pool(rows)


@cache
def middle_names() -> Pool:
    """The surnames and, from place ``len(surnames().words)`` on, the given names: what stands in the middle is either."""
    family, given = surnames(), given_names()
    return Pool(pa.concat_arrays([family.words, given.words]), np.r_[family.weights, given.weights], np.r_[family.groups, given.groups])


@cache
def streets() -> Pool:
    """Street names with their kind, by country."""
    return _pool([(bare(f"{row['kind']} {row['name']}".strip()), row["country"], 1.0) for row in table("streets")])


@cache
def towns() -> tuple[Pool, pa.Array, Codes, Codes, Codes]:
    """Cities by country; beside them region, area code, first and last head of the postal code."""
    rows = table("towns")
    numbers = (np.array([int(row[name]) for row in rows]) for name in ("area_code", "postal_from", "postal_to"))
    region = pa.array([bare(row["region"]) for row in rows])
    return _pool([(bare(row["city"]), row["country"], float(row["weight"])) for row in rows], unique=False), region, *numbers


@cache
def hosts() -> Pool:
    """Mail providers by country."""
    return _pool([(row["domain"], row["country"], float(row["weight"])) for row in table("email_domains")], unique=False)


def bare(text: str) -> str:
    """Lower-case ASCII, as every engine gets it."""
    return plain(text).lower().replace("'", "").replace("-", " ")


def _last(surname: str) -> str:
    for particle in _PARTICLES:
        surname = surname.removeprefix(particle)
    return surname


def _tail(rows: list[tuple[str, str, float]], group: str, starts: str, ends: str, share: float) -> list[tuple[str, str, float]]:
    made = [start.lower() + end for start in starts.split() for end in ends.split()]
    made = np.random.default_rng(len(made)).permutation(sorted(set(made))).tolist()  # a fixed order: which coined names are frequent is no draw
    zipf = 1 / np.arange(20.0, 20.0 + len(made))
    listed = sum(weight for _, of, weight in rows if of == group)
    scale = listed * share / (1 - share) / zipf.sum()
    return [(word, group, float(weight)) for word, weight in zip(made, zipf * scale, strict=True)]


def _pool(rows: list[tuple[str, str, float]], unique: bool = True) -> Pool:
    if unique:
        merged: dict[tuple[str, str], float] = {}
        for word, group, weight in rows:
            merged[word, group] = merged.get((word, group), 0.0) + weight
        rows = [(word, group, weight) for (word, group), weight in merged.items()]
    words, groups, weights = zip(*rows, strict=True)
    return Pool(pa.array(words), np.array(weights), np.array(groups))
