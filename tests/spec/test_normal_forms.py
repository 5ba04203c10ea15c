"""Whoever may not come back stays known when a normal form changes: under every version in use, the corpus of that version keeps its keys.

When a test here fails because an e-mail, a number or a CPF is keyed differently now, do not change the corpus: everybody on a suppression
list would be let in. Keep the function of before under its version in `pipelines/sources/normal_forms.py`, add the new one under the next,
and write a corpus for it beside the others.
"""

import csv
from pathlib import Path

import pandas as pd
import pytest

from contacts.errors import ConfigurationError
from pipelines.sources import normal_forms
from pipelines.sources.rows import Rows
from pipelines.sources.words import Source

CORPUS = Path(__file__).parent / "normal_forms"
KEY = bytes(32)
SOURCE = Source.model_validate(
    {
        "name": "shop",
        "title": {"pt": "Loja", "en": "Shop"},
        "owner": "tests",
        "trust": "50",
        "country": "BR",
        "objects": {
            "customers": {
                "kind": "contact",
                "read": {"format": "csv", "files": "shop.csv", "delivery": "full"},
                "key": "id",
                "fields": {"email": "email", "phone": "phone", "cpf": "cpf"},
            }
        },
    }
)


def read(version: int) -> pd.DataFrame:
    """What is written of which kind, and the key it had when the version was made."""
    with (CORPUS / f"{version}.csv").open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(list(csv.DictReader(file)))


def rows_of(written: pd.DataFrame) -> Rows:
    values = [{row["kind"]: row["written"]} for row in written.to_dict("records")]
    return Rows(SOURCE, SOURCE.objects["customers"], pd.DataFrame({"record_id": range(len(values))}), values)


def test_every_version_has_its_corpus_and_every_corpus_its_version() -> None:
    assert sorted(int(file.stem) for file in CORPUS.glob("*.csv")) == sorted(normal_forms.FORMS)
    for version in normal_forms.FORMS:
        assert set(read(version)["kind"]) == {"email", "phone", "cpf"}


@pytest.mark.parametrize("version", sorted(normal_forms.FORMS))
def test_everybody_of_the_corpus_has_the_key_they_had_when_the_version_was_made(version: int) -> None:
    corpus = read(version)
    found = normal_forms.FORMS[version](rows_of(corpus), KEY).set_index("record_id")["match_key"].reindex(corpus.index)
    differing = corpus.assign(now=found)[found.ne(corpus["key"]).fillna(True).to_numpy(dtype=bool)]
    assert differing.to_dict("records") == []


def test_a_form_nobody_kept_is_refused_rather_than_compared_as_another() -> None:
    unknown = max(normal_forms.FORMS) + 1
    with pytest.raises(ConfigurationError, match=f"normal form {unknown}"):
        normal_forms.references(rows_of(read(1).head(1)), KEY, unknown)
