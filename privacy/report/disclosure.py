"""Small counts of people stay hidden, so that nobody is recognised in a table of few."""

from collections.abc import Iterable, Mapping

THRESHOLD = 5
FEW = f"<{THRESHOLD}"
SOME = f"≥{THRESHOLD}"
ABOUT = "≈"

Count = int | str
"""A count as the report may show it: the number; FEW or SOME in its place; a total rounded to five, as ``≈340``."""


def protect(counts: Mapping[str, int]) -> dict[str, Count]:
    """Hide what a small cell would tell, in one breakdown of people.

    1 to 4 becomes ``<5`` (primary suppression; zero is nobody and stays). While the exact total, which other parts
    of the page may tell, leaves a ``<5`` fewer values than 1, 2, 3 and 4, the next smallest cell becomes ``≥5``
    (complementary suppression). Not done: hiding the total, when every cell is hidden; comparing several reports;
    rounding of large counts. Who may read this report may read the masked view; the rule guards the page when it
    is passed on. After Hundepool et al., Statistical Disclosure Control (2012), ch. 4, and OpenSAFELY's measures,
    which hide 7 and below and round to five.
    """
    shown: dict[str, Count] = {name: few(count) for name, count in counts.items()}
    larger = sorted((name for name, count in counts.items() if count >= THRESHOLD), key=lambda name: (-counts[name], name))
    while larger and _narrowed(counts, shown):
        shown[larger.pop()] = SOME
    return shown


def few(count: int) -> Count:
    """The count, or ``<5`` for one to four people."""
    return FEW if 0 < count < THRESHOLD else count


def whole(total: int, shown: Mapping[str, Count]) -> Count:
    """The total of a breakdown; while one of its cells is hidden, rounded to the nearest five."""
    if 0 < total < THRESHOLD or all(exact(count) is not None for count in shown.values()):
        return few(total)
    return f"{ABOUT}{THRESHOLD * ((2 * total + THRESHOLD) // (2 * THRESHOLD))}"


def hidden_too(count: int, same: Iterable[Count]) -> Count:
    """A count of people who stand in another table as ``same``: hidden here when one of those is hidden there."""
    return few(count) if count < THRESHOLD or all(exact(other) is not None for other in same) else SOME


def exact(count: Count) -> int | None:
    """The number when it is shown, None when it is hidden or rounded; for sums and differences."""
    return count if isinstance(count, int) else None


def nearly(count: Count) -> int | None:
    """The number when it is shown or rounded, None when it is hidden; for shares and bars."""
    return int(count.removeprefix(ABOUT)) if isinstance(count, str) and count.startswith(ABOUT) else exact(count)


def _narrowed(counts: Mapping[str, int], shown: Mapping[str, Count]) -> bool:
    """Whether the sum of the hidden cells tells more of a FEW than its sign: that it cannot be 1, or cannot be 4."""
    small, large = (sum(mark == sign for mark in shown.values()) for sign in (FEW, SOME))
    total = sum(counts[name] for name, mark in shown.items() if mark in (FEW, SOME))
    least, most = small + THRESHOLD * large, (THRESHOLD - 1) * small
    return bool(small) and (total < least + THRESHOLD - 2 or (not large and total > most - THRESHOLD + 2))
