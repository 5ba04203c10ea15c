"""Groups of people an error may hit more often than others, told by how they are named: nobody may be worse off for their name (LGPD art. 6 IX)."""

import pandas as pd

from contacts import tables
from contacts.warehouse import Transaction
from dedup.judgements import PAIR

GROUPS = {
    "compound": ("sobrenomes compostos", "compound surnames"),
    "foreign": ("nomes do exterior", "people of other countries"),
    "social": ("nome social", "social name"),
    "none": ("nenhum destes grupos", "none of these groups"),
}
COLUMNS = ("name_key", "country", "social_name")
"""Columns of a contact that say which groups it is of."""
_COMPOUND = 4
"""Words of a name key, which has no particles, from which on the surname is a compound one."""


def groups_of(people: pd.DataFrame) -> pd.DataFrame:
    """Which of GROUPS each row of ``people`` (``COLUMNS``) is of, one boolean column each; a row may be of several."""
    marks = pd.DataFrame(
        {
            "compound": people["name_key"].str.count(" ").fillna(0) + 1 >= _COMPOUND,
            "foreign": people["country"].notna() & (people["country"] != "BR"),
            "social": people["social_name"].notna(),
        }
    ).astype(bool)
    return marks.assign(none=~marks.any(axis=1))


def groups_of_pairs(db: Transaction, pairs: pd.DataFrame) -> pd.DataFrame:
    """Which of GROUPS takes part in each of ``pairs`` (``record_a``, ``record_b``): one of its two records is of it."""
    ids = pd.concat([pairs[side] for side in PAIR]).drop_duplicates()
    marks = groups_of(db.read_for(tables.contact, "record_id", ids, "record_id", *COLUMNS).set_index("record_id")).drop(columns="none")
    sides = [marks.reindex(pairs[side]).fillna(False).astype(bool).to_numpy() for side in PAIR]
    inside = pd.DataFrame(sides[0] | sides[1], columns=list(marks), index=pairs.index)
    return inside.assign(none=~inside.any(axis=1))


def contacts_by_group(db: Transaction) -> dict[str, tuple[int, int]]:
    """Per group: records of persons that are held, and how many of them are set aside. A record without any name is of no group but the others'."""
    people, held = tables.contact.c, ("active", "quarantined")
    found = db.read(tables.contact, "state", *COLUMNS, where=(people.kind == "person") & people.state.in_(held))
    marks = groups_of(found)
    marks["none"] &= found["name_key"].notna().to_numpy(dtype=bool)  # it is set aside for having none, which would make the others look better
    aside = found["state"].eq("quarantined").to_numpy(dtype=bool)
    return {group: (int(marks[group].sum()), int((marks[group] & aside).sum())) for group in GROUPS}
