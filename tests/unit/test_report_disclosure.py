"""Nobody is recognised in a table of few: small counts hide, and what would give them away hides with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.report.disclosure import FEW, SOME, THRESHOLD, Count, exact, few, hidden_too, nearly, protect, whole


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, FEW), (4, FEW), (5, 5), (1_000, 1_000)])
def test_one_to_four_people_are_shown_as_few(count: int, shown: object) -> None:
    assert few(count) == shown


@pytest.mark.parametrize(
    ("counts", "shown", "why"),
    [
        ({"a": 900, "b": 50}, {"a": 900, "b": 50}, "nothing small, nothing hidden"),
        ({"a": 900, "b": 0}, {"a": 900, "b": 0}, "nobody is nobody"),
        ({"a": 900, "b": 50, "c": 3}, {"a": 900, "b": SOME, "c": FEW}, "one hidden cell is the total minus the others: the next smallest hides too"),
        ({"a": 900, "b": 3, "c": 2}, {"a": 900, "b": FEW, "c": FEW}, "5 in two cells: 1+4, 2+3, 3+2 or 4+1, nobody can tell"),
        ({"a": 900, "b": 2, "c": 1}, {"a": SOME, "b": FEW, "c": FEW}, "3 in two cells: neither can be 4"),
        ({"a": 11, "b": 8, "c": 3}, {"a": 11, "b": SOME, "c": FEW}, "11 in a small and a larger cell: the small one may still be 1, 2, 3 or 4"),
        ({"a": 900, "b": 1, "c": 1}, {"a": SOME, "b": FEW, "c": FEW}, "2 in two cells can only be 1+1"),
        ({"a": 900, "b": 4, "c": 4}, {"a": SOME, "b": FEW, "c": FEW}, "8 in two cells can only be 4+4"),
        ({"a": 900, "b": 5, "c": 1}, {"a": SOME, "b": SOME, "c": FEW}, "6 in a small and a larger cell can only be 1+5"),
        ({"b": 3}, {"b": FEW}, "nothing else to hide: the caller hides the total"),
    ],
)
def test_what_would_give_a_small_count_away_is_hidden_too(counts: dict[str, int], shown: dict[str, object], why: str) -> None:
    assert protect(counts) == shown, why


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=1), st.integers(0, 30), min_size=2))
def test_a_hidden_small_cell_may_be_anything_from_one_to_four_even_to_who_knows_the_exact_total(counts: dict[str, int]) -> None:
    shown = protect(counts)
    hidden = [name for name, count in shown.items() if exact(count) is None]
    assert all(shown[name] == counts[name] for name in counts if name not in hidden)
    assert all(shown[name] == FEW for name, count in counts.items() if 0 < count < THRESHOLD)
    if len(hidden) == sum(count > 0 for count in counts.values()):
        return  # everybody hidden: there was nothing left to hide behind
    rest = sum(counts[name] for name in hidden)
    lowest = {name: 1 if shown[name] == FEW else 5 for name in hidden}
    highest = {name: 4 if shown[name] == FEW else rest for name in hidden}
    for name in hidden:
        others = [other for other in hidden if other != name]
        least = max(lowest[name], rest - sum(highest[other] for other in others))
        most = min(highest[name], rest - sum(lowest[other] for other in others))
        assert most - least >= 3, f"{name} is known to be {least} to {most}"
        assert shown[name] != FEW or (least, most) == (1, 4)


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=1), st.integers(0, 2_000), min_size=1))
def test_a_total_over_hidden_cells_is_rounded(counts: dict[str, int]) -> None:
    total, shown = sum(counts.values()), protect(counts)
    written = whole(total, shown)
    if all(isinstance(count, int) for count in shown.values()):
        assert written == total
    elif total < THRESHOLD:
        assert written == FEW
    else:
        assert str(written).startswith("≈")
        assert exact(written) is None
        assert nearly(written) is not None
        assert nearly(written) % 5 == 0  # type: ignore[operator]
        assert abs(nearly(written) - total) <= 2  # type: ignore[operator]


@pytest.mark.parametrize(
    ("count", "there", "here"),
    [(10, [SOME], SOME), (10, [FEW], SOME), (3, [SOME], FEW), (10, [10], 10), (10, [10, SOME], SOME), (3, [40], FEW), (10, [], 10)],
)
def test_what_is_hidden_in_one_table_is_hidden_in_the_other(count: int, there: list[Count], here: Count) -> None:
    assert hidden_too(count, there) == here
