"""How two records agree, field by field: comparison features for recordlinkage on coded columns.

Every feature gives one small number per pair: the place of the level in ``linkage.LEVELS``, -1 when a side is
missing, -2 when all that agrees is a shared mailbox or phone. The frame handed to ``Compare`` holds row numbers
only; the features know the columns, so no text is copied per pair.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import recordlinkage
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler, Levenshtein
from recordlinkage.base import BaseCompareFeature
from scipy.sparse import csr_matrix

from contacts.warehouse import TEXT
from dedup import custom
from dedup.kernel import run
from dedup.linkage import LEVELS, Compared, Kind
from dedup.names import DIFFERENT, FULL, PARTIAL, SUFFIX, name_level
from dedup.records import Codes, Points, Records

Levels = npt.NDArray[np.int8]
Hope = Callable[[Levels], npt.NDArray[np.bool_]]
MISSING, SHARED = -1, -2
_CHUNK = 400_000


def compare(records: Records, kind: Kind, pairs: pd.MultiIndex, hopeful: Hope | None = None) -> Levels:
    """Levels of all comparisons of ``kind`` for pairs of row numbers: (pairs, comparisons), int8.

    ``hopeful``: from the levels of all other comparisons, which pairs custom ones can still matter for; on the rest they are left missing.
    Raises ConfigurationError for a custom feature that fails.
    """
    own = [at for at, part in enumerate(kind.comparisons.values()) if part.compare == "custom"]
    rows = pd.DataFrame({"row": np.arange(len(records))})
    comparer = recordlinkage.Compare([FEATURES[part.compare](records, name) for name, part in kind.comparisons.items() if part.compare != "custom"])
    parts = [comparer.compute(pairs[start : start + _CHUNK], rows).to_numpy(np.int8) for start in range(0, len(pairs), _CHUNK)]
    levels = np.vstack(parts) if parts else np.empty((0, len(kind.comparisons) - len(own)), dtype=np.int8)
    if own:
        levels = np.insert(levels, np.array(own) - np.arange(len(own)), MISSING, axis=1)
        use = np.ones(len(levels), dtype=bool) if hopeful is None else hopeful(levels)
        first, second = (pairs.get_level_values(side).to_numpy(np.int64)[use] for side in (0, 1))
        for at in own:
            levels[use, at] = _custom(records, kind.comparisons[list(kind.comparisons)[at]], first, second)
    return levels


def _custom(records: Records, part: Compared, first: Codes, second: Codes) -> Levels:
    """Levels by a feature of the user's own: (pairs,)."""
    name = str(part.column)
    column = records.columns[name]
    both = (column.codes[first] >= 0) & (column.codes[second] >= 0)
    result = np.full(len(first), MISSING, dtype=np.int8)
    if both.any():
        rows = np.unique(np.concatenate([first[both], second[both]]))
        frame = pd.DataFrame({name: column.values[column.codes[rows]]}, index=rows)
        result[both] = custom.levels(part.feature, name, part.cuts, pd.MultiIndex.from_arrays([first[both], second[both]]), frame)
    return result


class _Feature(BaseCompareFeature):  # type: ignore[misc]  # recordlinkage has no types
    """A comparison of two rows; ``levels`` does the work on row numbers."""

    def __init__(self, records: Records, label: str) -> None:
        super().__init__("row", "row", label=label)
        self.records = records

    def _compute_vectorized(self, first: pd.Series, second: pd.Series) -> pd.Series:
        return pd.Series(self.levels(first.to_numpy(np.int64), second.to_numpy(np.int64)), index=first.index)

    def levels(self, first: Codes, second: Codes) -> Levels:
        raise NotImplementedError

    def _codes(self, name: str, first: Codes, second: Codes) -> tuple[Codes, Codes, npt.NDArray[np.bool_]]:
        """Codes of both sides and where both are there."""
        codes = self.records.columns[name].codes
        a, b = codes[first], codes[second]
        return a, b, (a >= 0) & (b >= 0)


class Identifier(_Feature):
    """Equal or not (CPF, CNPJ: the check digits leave no room for near misses)."""

    def levels(self, first: Codes, second: Codes) -> Levels:
        a, b, both = self._codes(str(self.label), first, second)
        return np.where(both, np.where(a == b, 0, 1), MISSING).astype(np.int8)


class PersonName(_Feature):
    """Civil and social name against each other, the best agreement counts; a generational suffix tells apart."""

    def __init__(self, records: Records, label: str) -> None:
        super().__init__(records, label)
        self._level = name_comparer(np.concatenate([records.columns[name].values for name in ("name_key", "social")]))

    def _best(self, a: Codes, b: Codes) -> Levels:
        """Levels of pairs of names by their numbers, -1 where a side is missing."""
        both = (a >= 0) & (b >= 0)
        result = np.full(len(a), MISSING, dtype=np.int8)
        if both.any():
            result[both] = self._level(a[both], b[both])
        return result

    def levels(self, first: Codes, second: Codes) -> Levels:
        name, social, suffix = (self.records.columns[part].codes for part in ("name_key", "social", "suffix"))
        social = np.where(social >= 0, social + len(self.records.columns["name_key"].values), -1)
        best = self._best(name[first], name[second])
        has_social = np.flatnonzero((social[first] >= 0) | (social[second] >= 0))
        for left, right in ((social, name), (name, social), (social, social)):
            other = self._best(left[first[has_social]], right[second[has_social]])
            known, current = other >= 0, best[has_social]
            best[has_social] = np.where(known & ((current < 0) | (other < current)), other, current)
        a, b = suffix[first], suffix[second]
        one_sided, both_differ = (a >= 0) != (b >= 0), (a >= 0) & (b >= 0) & (a != b)
        same_name = (best >= FULL) & (best <= PARTIAL)
        best[one_sided & same_name] = SUFFIX  # father and son, or one man whose Júnior was left out
        best[both_differ & same_name] = DIFFERENT
        return best


class OrganisationName(_Feature):
    """Words of the names whatever their order: all, nearly all, or those of the shorter name."""

    def levels(self, first: Codes, second: Codes) -> Levels:
        a, b, both = self._codes("name_key", first, second)
        result = np.where(both, 0, MISSING).astype(np.int8)
        differ = np.flatnonzero(both & (a != b))
        values = self.records.columns["name_key"].values
        x, y = values[a[differ]], values[b[differ]]
        same_words, common_words = (_cpdist(x, y, scorer) for scorer in (fuzz.token_sort_ratio, fuzz.token_set_ratio))
        result[differ] = np.select([same_words >= 92, (common_words >= 90) | (same_words >= 75)], [1, 2], 3)
        return result


class Date(_Feature):
    """Birth dates: equal to the day, a slip away or partly known, different."""

    def __init__(self, records: Records, label: str) -> None:
        super().__init__(records, label)
        values = records.columns["birth_date"].values
        texts = pd.Series(values, dtype=object).astype(str)
        whole = texts.str.len().eq(10) & ~texts.str.startswith("--")
        place = {value: at for at, value in enumerate(values)}
        swapped = texts.str[:5] + texts.str[8:] + texts.str[4:7]
        self.swapped = np.array([place.get(value, -2) if ok else -2 for value, ok in zip(swapped, whole, strict=True)], dtype=np.int64)
        self.whole = whole.to_numpy()
        self.texts = texts.to_numpy(object)
        self.day = _part(texts.str[-5:].where(whole | texts.str.startswith("--")))
        self.month = _part(texts.str[:7].where(~texts.str.startswith("--") & texts.str.len().ge(7)))
        self.year = _part(texts.str[:4].where(~texts.str.startswith("--")))

    def levels(self, first: Codes, second: Codes) -> Levels:
        a, b, both = self._codes("birth_date", first, second)
        result = np.full(len(a), MISSING, dtype=np.int8)
        a, b = a[both], b[both]
        full = self.whole[a] & self.whole[b]
        slip = full & ((self.swapped[a] == b) | (_cpdist(self.texts[a], self.texts[b], Levenshtein.distance) == 1))
        partial = np.zeros(len(a), dtype=bool)
        undecided = ~full
        for part in (self.day, self.month, self.year):  # compare on the finest part both sides have
            known = undecided & (part[a] >= 0) & (part[b] >= 0)
            partial |= known & (part[a] == part[b])
            undecided &= ~known
        level = np.select([full & (a == b), slip | partial, undecided], [0, 1, MISSING], 2)
        result[both] = level
        return result


class ContactPoint(_Feature):
    """E-mails or phones: one in common, a near miss (e-mail only), none; shared ones are neutral."""

    def __init__(self, records: Records, label: str) -> None:
        super().__init__(records, label)
        self.points: Points = records.points[self.kind]
        shape = (len(records), max(len(self.points.refs), 1))
        telling = self.points.telling[self.points.codes]

        def held(use: npt.NDArray[np.bool_]) -> csr_matrix:
            rows, codes = self.points.rows[use], self.points.codes[use]
            return csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, codes)), shape=shape)

        self.own, self.office = held(telling), held(~telling)

    kind = "phone"

    def levels(self, first: Codes, second: Codes) -> Levels:
        both = (self.points.first[first] >= 0) & (self.points.first[second] >= 0)
        same = _in_common(self.own, first, second)
        office = _in_common(self.office, first, second)
        return np.select([same, office, both], [0, SHARED, len(LEVELS[self.kind]) - 1], MISSING).astype(np.int8)


class Email(ContactPoint):
    """E-mails; one letter apart or the same name at another provider is close."""

    kind = "email"

    def __init__(self, records: Records, label: str) -> None:
        super().__init__(records, label)
        local = pd.Series(self.points.values, dtype=TEXT).str.replace(r"@.*$", "", regex=True)
        self.local = _part(local.where(local.str.len() >= 6))

    def levels(self, first: Codes, second: Codes) -> Levels:
        result = super().levels(first, second)
        differ = np.flatnonzero(result == 2)
        a, b = self.points.first[first[differ]], self.points.first[second[differ]]
        near = _cpdist(self.points.values[a], self.points.values[b], Levenshtein.distance) == 1
        near |= (self.local[a] >= 0) & (self.local[a] == self.local[b])
        result[differ[near]] = 1
        return result


class Address(_Feature):
    """Same building, same postal code, or elsewhere."""

    def levels(self, first: Codes, second: Codes) -> Levels:
        codes = {name: self._codes(name, first, second) for name in ("postal_code", "street_key", "number", "city")}
        agree = {name: both & (a == b) for name, (a, b, both) in codes.items()}
        clash = {name: both & (a != b) for name, (a, b, both) in codes.items()}
        a, b, both = codes["street_key"]
        near = np.flatnonzero(agree["number"] & clash["street_key"])
        values = self.records.columns["street_key"].values
        alike = _cpdist(values[a[near]], values[b[near]], JaroWinkler.normalized_similarity) >= 0.92
        street = agree["street_key"].copy()
        street[near[alike]] = True
        building = agree["number"] & ((street & ~clash["postal_code"] & ~clash["city"]) | (agree["postal_code"] & (street | ~both)))
        known = codes["postal_code"][2] | (both & codes["number"][2])
        return np.select([building, agree["postal_code"], known], [0, 1, 2], MISSING).astype(np.int8)


def name_comparer(texts: npt.NDArray[np.object_]) -> Callable[[Codes, Codes], Levels]:
    """What gives the levels of pairs of ``texts`` by their numbers, (pairs,) each: by compiled code where there is some, else once per distinct pair."""
    if run.is_compiled():
        from dedup.kernel import words

        split = words.split(texts)
        return lambda a, b: words.levels(split, a, b, run.in_pieces)

    def plain(a: Codes, b: Codes) -> Levels:
        keys, inverse = np.unique(a * np.int64(max(len(texts), 1)) + b, return_inverse=True)
        return np.array([name_level(texts[key // len(texts)], texts[key % len(texts)]) for key in keys.tolist()], dtype=np.int8)[inverse]

    return plain


def _in_common(held: csr_matrix, first: Codes, second: Codes) -> npt.NDArray[np.bool_]:
    return np.asarray(held[first].multiply(held[second]).sum(axis=1)).ravel() > 0


def _part(texts: pd.Series) -> Codes:
    return pd.factorize(texts)[0].astype(np.int64)


def _cpdist(a: npt.NDArray[np.object_], b: npt.NDArray[np.object_], scorer: Any) -> npt.NDArray[np.float32]:
    return process.cpdist(a, b, scorer=scorer, workers=1, dtype=np.float32)


FEATURES: dict[str, Any] = {
    "person_name": PersonName,
    "organisation_name": OrganisationName,
    "identifier": Identifier,
    "date": Date,
    "email": Email,
    "phone": ContactPoint,
    "address": Address,
}
