"""The drawings: widths follow the counts, hidden counts stay visible but tell nothing, and nothing overflows."""

import re

from privacy.report.charts import HATCHED, bar, icon, patterns


def widths(svg: str) -> list[float]:
    return [float(width) for width in re.findall(r'x="[\d.]+%" y="0" width="([\d.]+)%"', svg)]


def test_segments_are_as_wide_as_their_share() -> None:
    assert widths(bar([("yes", 50), ("no", 30), ("never", 20)], 100, "x")) == [50, 30, 20]


def test_a_hidden_count_is_drawn_with_one_width_whatever_it_hides() -> None:
    assert widths(bar([("yes", 90), ("no", "<5")], 100, "x")) == [90, 2]
    assert widths(bar([("no", "<5"), ("yes", 90)], 100, "x")) == [2, 90]


def test_a_tiny_count_is_still_seen_and_the_whole_never_overflows() -> None:
    drawn = widths(bar([("yes", 999_999), ("no", 1)], 1_000_000, "x"))
    assert sum(drawn) <= 100.01
    assert all(width > 0 for width in widths(bar([("yes", 1), ("no", 999_999)], 1_000_000, "x")))


def test_a_bar_over_a_rounded_total_is_drawn() -> None:
    assert widths(bar([("yes", 90), ("no", "<5")], "≈100", "x")) == [90, 2]


def test_nothing_at_all_is_an_empty_track() -> None:
    assert widths(bar([("yes", 0)], 0, "x")) == []


def test_a_label_cannot_break_out_of_its_attribute() -> None:
    assert '"><script>' not in bar([("yes", 1)], 1, '"><script>')


def test_hatched_segments_refer_to_a_pattern_of_their_own_language() -> None:
    drawn = bar([(kind, 10) for kind in HATCHED], 30, "x", "-pt")
    assert set(re.findall(r"url\(#([\w-]+)\)", drawn)) == set(re.findall(r'<pattern id="([\w-]+)"', patterns("-pt")))


def test_each_light_has_a_shape_of_its_own() -> None:
    shapes = {re.sub(r'class="[^"]*"', "", icon(light)) for light in ("green", "amber", "red")}
    assert len(shapes) == 3
