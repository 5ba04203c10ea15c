"""What an e-mail domain or an employer's name lets one guess of a person: union, religion, politics, health (LGPD art. 11 §1, 12 §2; GDPR art. 9).

The words stand in ``sensitive_inference.csv``. A guess is told to the officer as a finding and goes nowhere else: written on the person it
would be the very thing it warns of.
"""

import re
from functools import cache
from pathlib import Path

import pandas as pd

from contacts.warehouse import TEXT
from privacy.folding import folded

INFERRED = "INFERRED_"
"""How the entity of such a finding begins; what follows is the kind, as after ``SENSITIVE_``."""
FORMS = {"part": "{}", "start": r"\b{}", "end": r"{}\b", "word": r"\b{}\b", "domain": r"(?:^|[@.]){}$"}


@cache
def lexicon() -> pd.DataFrame:
    """The word list: kind, language, match, text."""
    return pd.read_csv(Path(__file__).parent / "sensitive_inference.csv", comment="#", dtype=str)


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    """One regular expression per kind, over folded text."""
    return {
        str(kind): re.compile("|".join(FORMS[match].format(re.escape(text)) for match, text in rows[["match", "text"]].itertuples(index=False)))
        for kind, rows in lexicon().groupby("kind", sort=True)
    }


def inferred(texts: pd.Series) -> pd.DataFrame:
    """What each text lets one guess: ``place`` (position in ``texts``) and ``entity``, sorted. Each distinct text is read once; missing ones say nothing.

    ``texts``: e-mail domains or names of companies, never whole addresses: a person may be called Igreja.
    """
    number, distinct = pd.factorize(texts)
    words = [folded(str(text)) for text in distinct]
    hits = pd.DataFrame(
        [(code, INFERRED + kind) for kind, pattern in patterns().items() for code, word in enumerate(words) if pattern.search(word)],
        columns=["code", "entity"],
    ).astype({"code": "int64", "entity": TEXT})
    rows = pd.DataFrame({"place": range(len(number)), "code": number}).merge(hits, on="code")
    return rows[["place", "entity"]].sort_values(["place", "entity"], ignore_index=True)
