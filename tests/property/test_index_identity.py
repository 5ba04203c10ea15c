"""Person ids and events worked out from what a batch reaches are those worked out from everybody."""

from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.warehouse import TEXT
from dedup import identity, training
from dedup.frozen import freeze
from dedup.index import Index
from dedup.table import Table

TABLE = Table(
    **{
        "blocking": {"cap": 3, "rules": [["email"], ["phone"]]},
        "comparisons": {"email": {"compare": "identifier"}, "phone": {"compare": "identifier"}},
        "match_rate": 0.2,
    }
)
KINDS = {"batch_no": "int64", "record_id": "int64", "kind": TEXT, "from_person": TEXT, "to_person": TEXT}
ROW = st.tuples(st.sampled_from(("a", "b", "c", None)), st.sampled_from(("1", "2", "3", None)))
BATCH = st.tuples(st.dictionaries(st.integers(1, 12), ROW, max_size=7), st.sets(st.integers(1, 12), max_size=4))


def born(number: int) -> str:
    return f"P-{number:+03d}"


def step(clusters: pd.DataFrame, before: pd.DataFrame, history: pd.DataFrame, number: int, elsewhere: Any = frozenset()) -> tuple[Any, Any]:
    now = identity.memberships(clusters, before, identity.ages(history, number), identity.former(history, number), born, number, elsewhere=elsewhere)
    return now, identity.events(before, now, number).astype(KINDS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=st.lists(BATCH, min_size=2, max_size=6))
def test_ids_and_events_of_what_a_batch_reaches_are_those_of_the_whole(batches: list[Any]) -> None:
    nobody = pd.DataFrame({"id": [], "email": [], "phone": []})
    index = Index(freeze(nobody.astype({"email": TEXT, "phone": TEXT}), TABLE, training.starting(TABLE).as_dict(TABLE), b"any"))
    members = pd.DataFrame({"record_id": pd.Series([], dtype="int64"), "person_id": pd.Series([], dtype=TEXT), "batch_no": pd.Series([], dtype="int64")})
    history = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in KINDS.items()})
    for number, (rows, leaving) in enumerate(batches, 1):
        new = pd.DataFrame(
            {"id": pd.Series(list(rows), dtype="int64"), **{name: [row[at] for row in rows.values()] for at, name in enumerate(("email", "phone"))}}
        )
        change = index.add(new.astype({"email": TEXT, "phone": TEXT}), leaving - set(rows))
        labels = index.labels()
        now, moves = step(pd.DataFrame({"record_id": labels.index, "cluster": labels.to_numpy()}), members, history, number)

        reached = members["record_id"].isin([*change.ids, *change.gone])
        outside = set(members.loc[~reached, "person_id"])
        clusters = pd.DataFrame({"record_id": change.ids, "cluster": change.clusters}).sort_values("record_id")
        some, few = step(clusters, members[reached].reset_index(drop=True), history, number, outside)
        pd.testing.assert_frame_equal(few, moves)
        together = pd.concat([members[~reached], some]).sort_values("record_id", ignore_index=True)
        pd.testing.assert_frame_equal(together, now)
        members, history = now, pd.concat([history, moves], ignore_index=True)
