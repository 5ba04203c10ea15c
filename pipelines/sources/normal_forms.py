"""The normal forms by which somebody who may not come back is known again, each under its version.

A keyed reference cannot be made again from itself: under another normal form the same person would have another one, and be let in as a
stranger. So every reference keeps the version it was made under, and a delivery is compared under every version in use. Who changes how an
e-mail, a number or a CPF is keyed keeps the function of today under its version (with the code it needs) and adds one under the next.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from contacts.errors import ConfigurationError
from contacts.pseudonym import suppression_tokens
from contacts.values import document
from pipelines.sources.points import contact_points
from pipelines.sources.rows import Rows

Form = Callable[[Rows, bytes], pd.DataFrame]
"""From rows and the installation's key to ``record_id``, ``kind`` (cpf, email or phone) and ``match_key``; a row may have many, or none."""


def form_1(rows: Rows, key: bytes) -> pd.DataFrame:
    """Match keys of contact points and CPFs as `contacts.values` makes them."""
    points = contact_points(rows, key).rename(columns={"type": "kind"})[["record_id", "kind", "match_key"]]
    found = [points]
    for column in rows.field("cpf"):
        match_key = document.standardise(column, kind="cpf", numeric_typed=True)["match_key"]
        found.append(pd.DataFrame({"record_id": rows.heads["record_id"], "kind": "cpf", "match_key": match_key}))
    return pd.concat(found, ignore_index=True).dropna(subset=["match_key"])


FORMS: Mapping[int, Form] = {1: form_1}
"""Every normal form references may have been made under, by version; the highest is the one new references are made under."""


def references(rows: Rows, key: bytes, version: int) -> pd.DataFrame:
    """The references of ``rows`` under a version: ``record_id``, ``kind``, ``token``; each record also has one of its own (kind ``record``).

    Raises ConfigurationError for a version nobody kept: comparing under another one would let people in.
    """
    if version not in FORMS:
        raise ConfigurationError(
            f"The suppression list holds references made under normal form {version}, which this version of Lastro does not know.",
            "Run the version of Lastro that wrote them, or a newer one: nobody on the list would be recognised.",
        )
    own = rows.heads[["record_id"]].assign(kind="record", match_key=rows.heads["record_id"].astype(str))
    said = pd.concat([FORMS[version](rows, key), own], ignore_index=True)
    parts = [part.assign(token=suppression_tokens(key, str(kind), part["match_key"])) for kind, part in said.groupby("kind", sort=False)]
    return pd.concat(parts, ignore_index=True)[["record_id", "kind", "token"]]
