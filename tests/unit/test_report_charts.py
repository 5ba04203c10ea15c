"""The drawings: widths follow the counts, hidden counts stay visible but tell nothing, and nothing overflows."""

import re

from privacy.reasons import STATES
from privacy.report.charts import FAMILIES, FAMILY, HATCHED, bar, icon, interval, patterns, trend


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


def heights(svg: str) -> list[float]:
    return [float(pair.split(",")[1]) for pair in re.findall(r'points="([^"]*)"', svg)[0].split()]


def test_a_trend_rises_with_its_shares_and_stays_inside_its_frame() -> None:
    rising = heights(trend([0.1, 0.5, 0.9], "x"))
    assert rising == sorted(rising, reverse=True)
    assert all(0 < height < 24 for height in heights(trend([0.0, 1.0, 0.3], "x")))


def test_a_wobble_is_not_drawn_as_a_fall() -> None:
    small, large = heights(trend([0.901, 0.9], "x")), heights(trend([1.0, 0.9], "x"))
    assert abs(small[1] - small[0]) < 0.05 * abs(large[1] - large[0])


def test_one_share_alone_is_a_point() -> None:
    assert len(heights(trend([0.9], "x"))) == 1


def test_an_interval_stays_on_its_line_and_is_seen_even_when_narrow() -> None:
    for low, share, high in ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.92, 0.96, 0.98)):
        drawn = [float(number) for number in re.findall(r'(?:x|width)="([\d.]+)%"', interval(low, share, high, "x"))]
        assert all(0 <= number <= 100 for number in drawn)
        assert drawn[2] > 0


def test_every_state_a_permission_can_be_in_has_its_look() -> None:
    assert set(STATES) <= set(FAMILY) and set(FAMILY.values()) <= set(FAMILIES)
