"""Who is named as standing out, in plain numbers: what one user has of a finding against what the others of the source have."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from expectations import blame

RULE = "DQ-205"
CASES = (
    # theirs  of   others  of     named  why
    (30,     100,     16,    800, True,  "fifteen times the others' rate"),
    (5,       20,      0,  1_000, True,  "the least that is ever named: five of twenty, when nobody else does it"),
    (12,     100,     40,    800, True,  "more than twice the others' rate"),
    (8,      100,     40,    800, False, "a little more than the others: chance does that"),
    (4,       20,      0,  1_000, False, "four findings are too few to name anybody by"),
    (19,      19,      0,  1_000, False, "nineteen records are too few, however bad"),
    (20,      20,      0,     19, False, "nineteen records of others are too few to compare with"),
    (20,      20,      0,      0, False, "one user alone has nobody to be compared with"),
    (1_400, 10_000, 10_000, 100_000, False, "surely more, but not by half: no training pays for that"),
    (1_600, 10_000, 10_000, 100_000, True, "surely more, and by more than half"),
    (50,     100,    400,    800, False, "everybody does it: the form or the source is to blame, not one user"),
    (0,      100,    400,    800, False, "better than the others"),
)  # fmt: skip


@pytest.mark.parametrize(("theirs", "of", "others", "others_of", "named", "why"), CASES)
def test_who_is_named(theirs: int, of: int, others: int, others_of: int, named: bool, why: str) -> None:
    people = {"U-THEIRS": (theirs, of)} | ({"U-FIRST": (others // 2, others_of // 2), "U-SECOND": (others - others // 2, others_of - others_of // 2)})
    rows = [(1, "shop", "", user, rule, "email", n, size, n) for user, (n, size) in people.items() for rule in (blame.ANY, RULE) if size and (n or not rule)]
    counts = pd.DataFrame(rows, columns=["batch_no", *blame.COLUMNS]).astype(dict.fromkeys(blame.COLUMNS[:5], TEXT))
    assert ("U-THEIRS" in {need.user for need in blame.training_needs(counts, 1)}) is named, why
