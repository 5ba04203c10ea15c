"""A steward's acts on persons, as the judgements they are made of: merge, unmerge, move.

An act says of every record on one side against every record on the other that they are the same person, or are not; so the next
link run keeps it whatever the scores. What it does not say is left to the evidence: records taken out of a person stay together
only if something holds them together.
"""

import pandas as pd

from dedup.judgements import DIFFERENT, SAME, cross

MERGE, UNMERGE, MOVE = "merge", "unmerge", "move"
KINDS = (MERGE, UNMERGE, MOVE)
_SAYS: dict[str, tuple[tuple[int, int, str], ...]] = {
    MERGE: ((1, 2, SAME),),
    UNMERGE: ((1, 2, DIFFERENT),),
    MOVE: ((1, 2, DIFFERENT), (2, 3, SAME)),
}
"""Kind -> what it says of which sides. merge: 1 and 2 are the persons; unmerge: 2 leaves 1; move: 2 leaves 1 for 3."""


def judged_pairs(kind: str, sides: pd.DataFrame) -> pd.DataFrame:
    """The judgements an act is made of: record_a, record_b, verdict. ``sides``: record_id, part (1, 2, 3)."""
    side = {part: sides.loc[sides["part"] == part, "record_id"] for part in (1, 2, 3)}
    return pd.concat([cross(side[one], side[other], verdict) for one, other, verdict in _SAYS[kind]], ignore_index=True)
