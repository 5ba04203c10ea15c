"""What a steward adds to linkage.yml: a comparison feature of their own, and sources that hold nobody twice."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from recordlinkage.base import BaseCompareFeature

from contacts.errors import ConfigurationError
from contacts.settings import ROOT
from contacts.warehouse import TEXT
from dedup.batch import CONTACT_COLUMNS, POINT_COLUMNS, Batch, Before, link_batch
from dedup.linkage import Linkage, load_linkage

LINKAGE = load_linkage(ROOT / "dedup" / "linkage.yml")
SEEN: list[int] = []
CITY = {"compare": "custom", "column": "city", "feature": f"{__name__}:Distance", "cuts": [0.9, 0.4]}
LEVELS = {"exact": {"m": 0.9, "u": 0.01}, "close": {"m": 0.08, "u": 0.04}, "different": {"m": 0.02, "u": 0.95}}


class Distance(BaseCompareFeature):
    """How near two places are: here by the number in their names; it notes how many pairs it was asked for."""

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> pd.Series:
        SEEN.append(len(left))
        apart = (left.str.extract(r"(\d+)", expand=False).astype(float) - right.str.extract(r"(\d+)", expand=False).astype(float)).abs()
        return 1 / (1 + apart)


class Broken(BaseCompareFeature):
    """Fails, and would tell a value."""

    def _compute_vectorized(self, left: pd.Series, right: pd.Series) -> pd.Series:
        raise ValueError(left.iloc[0])


def changed(**update: Any) -> Linkage:
    plain = LINKAGE.model_dump()
    comparisons = plain["person"]["comparisons"] | update.pop("comparisons", {})
    return Linkage.model_validate(plain | {"person": plain["person"] | {"comparisons": comparisons} | update})


def link(linkage: Linkage, *people: dict[str, Any], judged: tuple[tuple[int, int, str], ...] = ()) -> Batch:
    base = {"batch_no": 1, "state": "active", "kind": "person", "source": "crm"}
    rows = [dict.fromkeys(CONTACT_COLUMNS) | base | person | {"record_id": at} for at, person in enumerate(people, 1)]
    contacts = pd.DataFrame(rows)[list(CONTACT_COLUMNS)].astype({name: TEXT for name in CONTACT_COLUMNS if name not in ("record_id", "batch_no")})
    points = pd.DataFrame([], columns=list(POINT_COLUMNS)).astype({"type": TEXT, "match_key": TEXT, "subtype": TEXT, "point_ref": "Int64", "names": "Int64"})
    verdicts = pd.DataFrame([(n, *one) for n, one in enumerate(judged, 1)], columns=["judgement_no", "record_a", "record_b", "verdict"])
    stored = pd.DataFrame({name: pd.Series([], dtype="int64") for name in ("record_a", "record_b", "batch_no")}).assign(
        probability=pd.Series([], dtype="float64"), **{name: pd.Series([], dtype=TEXT) for name in ("zone", "evidence", "model_hash")}
    )
    return link_batch(linkage, contacts, points, verdicts, Before(0, stored, [], contacts["record_id"].iloc[:0]), 1)


def persons(batch: Batch) -> int:
    return int(batch.clusters["cluster"].nunique())


ANA = {"name_key": "ana clara reis", "birth_date": "1990-05-17", "postal_code": "01310100"}


def test_a_feature_of_ones_own_weighs_and_is_told_in_the_evidence() -> None:
    linkage = changed(comparisons={"town": CITY | {"levels": LEVELS}})
    same, near, far = (link(linkage, ANA | {"city": "town 1"}, ANA | {"city": f"town {number}"}).pairs.iloc[0] for number in (1, 2, 9))
    assert ['"town":"exact"' in same["evidence"], '"town":"close"' in near["evidence"], '"town":"different"' in far["evidence"]] == [True] * 3
    assert same["probability"] >= near["probability"] > far["probability"]
    unknown = link(linkage, ANA | {"city": "town 1"}, ANA).pairs.iloc[0]
    assert '"town":"missing"' in unknown["evidence"]
    assert unknown["probability"] == link(LINKAGE, ANA, ANA).pairs.iloc[0]["probability"]


def test_it_is_asked_only_about_pairs_that_may_still_be_one() -> None:
    linkage = changed(comparisons={"town": CITY | {"levels": LEVELS}})
    other = {"name_key": "bruno prado", "birth_date": "1961-02-03", "cpf": "52998224725", "postal_code": "01310100", "city": "town 1"}
    stranger = {"name_key": "bruno prado", "cpf": "15350946056", "birth_date": "1990-05-18", "postal_code": "01310100", "city": "town 1"}
    SEEN.clear()
    assert link(linkage, other, stranger).counts["candidate_pairs"] == 1
    assert sum(SEEN) == 0
    link(linkage, ANA | {"city": "town 1"}, ANA | {"city": "town 1"})
    assert sum(SEEN) > 0


@pytest.mark.parametrize(
    ("feature", "words"),
    [("no.such.module:Thing", "cannot be used"), (f"{__name__}:Nothing", "cannot be used"), (f"{__name__}:Broken", "ended with ValueError")],
)
def test_a_feature_that_fails_is_refused_without_a_value(feature: str, words: str) -> None:
    linkage = changed(comparisons={"town": CITY | {"feature": feature, "levels": LEVELS}})
    with pytest.raises(ConfigurationError, match=words) as refused:
        link(linkage, ANA | {"city": "Santa Secreta"}, ANA | {"city": "Santa Secreta"})
    assert "Secreta" not in f"{refused.value.sentence} {refused.value.hint} {refused.value.__cause__}"


@pytest.mark.parametrize("wrong", [{"feature": "nothing"}, {"column": None}, {"column": "email"}])
def test_a_feature_needs_a_class_and_a_column_with_one_value(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="custom needs a feature"):
        changed(comparisons={"town": CITY | {"levels": LEVELS} | wrong})


def test_a_source_that_holds_nobody_twice_keeps_its_records_apart_also_by_way_of_a_third() -> None:
    alone = changed(one_per_source=["erp"])
    erp = [ANA | {"source": "erp"}, ANA | {"source": "erp"}]
    assert persons(link(LINKAGE, *erp)) == 1
    assert persons(link(alone, *erp)) == 2 and link(alone, *erp).pairs.empty
    assert persons(link(alone, *[one | {"source": "crm"} for one in erp])) == 1
    third = link(alone, *erp, ANA | {"source": "crm"})
    assert persons(third) == 2
    assert np.bincount(third.clusters.groupby("cluster").size()).tolist() == [0, 1, 1]


def test_a_person_may_say_that_two_records_of_such_a_source_are_one_all_the_same() -> None:
    erp = [ANA | {"source": "erp"}, ANA | {"source": "erp"}]
    assert persons(link(changed(one_per_source=["erp"]), *erp, judged=((1, 2, "same"),))) == 1
