"""What a domain or an employer hints at, as a table; names and words that only look alike hint at nothing."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from privacy.inference import FORMS, INFERRED, inferred, lexicon
from privacy.recognisers import LABELS

HINTS = [
    ("sindicatodosbancarios.org.br", "UNION"),
    ("meu-sindicato.com.br", "UNION"),
    ("sp.cut.org.br", "UNION"),
    ("Sindicato dos Metalúrgicos do ABC", "UNION"),
    ("paroquiasaojose.org.br", "RELIGION"),
    ("Paróquia São José", "RELIGION"),
    ("stmaryschurch.org", "RELIGION"),
    ("pt.org.br", "POLITICS"),
    ("diretorio.psdb.org.br", "POLITICS"),
    ("partidoverde.org.br", "POLITICS"),
    ("apaecuritiba.org.br", "HEALTH"),
    ("Associação de Pessoas com Deficiência", "HEALTH"),
    ("national-autism-society.org.uk", "HEALTH"),
]
NOTHING = ["gmail.com", "script.org.br", "compartido.es", "churchill.com", "correiopt.org.br", "Construtora Silva", "execut.org.br", None]


@pytest.mark.parametrize(("text", "kind"), HINTS)
def test_a_domain_or_an_employer_that_hints_at_sensitive_data_is_found(text: str, kind: str) -> None:
    assert inferred(pd.Series([text], dtype=TEXT))["entity"].tolist() == [INFERRED + kind]


def test_words_that_only_look_alike_hint_at_nothing() -> None:
    assert inferred(pd.Series(NOTHING, dtype=TEXT)).empty


def test_every_place_of_a_repeated_text_is_found() -> None:
    told = inferred(pd.Series(["pt.org.br", None, "gmail.com", "pt.org.br"], dtype=TEXT))
    assert told["place"].tolist() == [0, 3]


def test_the_list_is_in_both_languages_and_of_kinds_the_report_has_words_for() -> None:
    rows = lexicon()
    assert set(rows["language"]) == {"pt", "en"} and set(rows["match"]) <= set(FORMS)
    assert {f"SENSITIVE_{kind}" for kind in rows["kind"]} <= set(LABELS)
    assert not rows.duplicated(["kind", "match", "text"]).any()
