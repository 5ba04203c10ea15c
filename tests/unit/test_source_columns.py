"""Columns out of raw rows: everything becomes text, a moment becomes UTC, and what is no moment becomes nothing."""

import pandas as pd
import pytest

from contacts.warehouse import TEXT
from pipelines.sources.classify import against_known, is_older, one_row_per_key
from pipelines.sources.columns import column, decoded_with, holds, instants, joined, moments, words
from pipelines.sources.words import When


def texts(*values: str | None) -> pd.Series:
    return pd.Series(list(values), dtype=TEXT)


def listed(series: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else value for value in series]


def test_any_value_becomes_text_and_blanks_nothing() -> None:
    values = ["  Ana ", "", "  ", None, 7, 7.0, 7.5, True, False, {"a": "é"}, ["x"], "a\0b", 12345678901234567890]
    found = column([{"x": value} for value in values] + [{}], "x")
    assert listed(found) == ["Ana", None, None, None, "7", "7", "7.5", "true", "false", '{"a":"é"}', '["x"]', "ab", "12345678901234567890", None]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2020-10-22T21:03:23.000+0000", "2020-10-22T21:03:23Z"),
        ("2020-10-22T18:03:23-03:00", "2020-10-22T21:03:23Z"),
        ("2020-10-22T21:03:23.999Z", "2020-10-22T21:03:23Z"),
        ("2020-10-22 21:03", "2020-10-22T21:03:00Z"),
        ("2020-10-22", "2020-10-22T00:00:00Z"),
        ("22/10/2020 21:03:23", "2020-10-22T21:03:23Z"),
        ("22/10/2020 21:03", "2020-10-22T21:03:00Z"),
        ("03/04/2020", "2020-04-03T00:00:00Z"),
        ("1603400603000", "2020-10-22T21:03:23Z"),
        ("31/02/2020", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_a_moment_becomes_utc(text: str | None, instant: str | None) -> None:
    assert listed(instants(texts(text))) == [instant]
    assert listed(instants(texts(text, "2001-01-01T00:00:00Z", text))) == [instant, "2001-01-01T00:00:00Z", instant]


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-03-02 10:20", "America/Sao_Paulo", "2026-03-02T13:20:00Z"),
        ("02/03/2026 10:20", "America/Sao_Paulo", "2026-03-02T13:20:00Z"),
        ("2026-03-02", "America/Sao_Paulo", "2026-03-02T03:00:00Z"),
        ("2018-12-02T10:20:00", "America/Sao_Paulo", "2018-12-02T12:20:00Z"),  # summer time, as there was then
        ("2026-07-02T10:20:00", "Europe/Berlin", "2026-07-02T08:20:00Z"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"),  # that day began at one o'clock
        ("2025-10-26 02:30", "Europe/Berlin", None),  # the clocks passed it twice
        ("2026-03-02T10:20:00Z", "America/Sao_Paulo", "2026-03-02T10:20:00Z"),
        ("2026-03-02 10:20:00+0000", "America/Sao_Paulo", "2026-03-02T10:20:00Z"),
        ("2026-03-02T10:20-05:00", "America/Sao_Paulo", "2026-03-02T15:20:00Z"),
        ("2026-03-02T10:20-05", "America/Sao_Paulo", "2026-03-02T15:20:00Z"),
        ("1603400603000", "America/Sao_Paulo", "2020-10-22T21:03:23Z"),
        ("yesterday", "America/Sao_Paulo", None),
    ],
)
def test_a_moment_without_an_offset_is_the_time_of_its_zone(text: str, zone: str, instant: str | None) -> None:
    assert listed(instants(texts(text), zone)) == [instant]


def test_what_no_calendar_holds_is_no_moment() -> None:
    assert listed(instants(texts("9999999999999", "999999999999", "9999-12-31T00:00:00Z", "2020-10-22"))) == [
        None,
        "2001-09-09T01:46:39Z",
        None,
        "2020-10-22T00:00:00Z",
    ]


def test_a_day_is_the_same_day_whatever_the_zone() -> None:
    for zone in ("Europe/Berlin", "America/Sao_Paulo", "Pacific/Kiritimati"):
        assert listed(moments(texts("2026-07-02", "02/07/2026"), zone)) == ["2026-07-02"] * 2
    assert listed(moments(texts("02/07/2026 00:00"), "Europe/Berlin")) == ["2026-07-01T22:00:00Z"]


def test_times_with_and_without_offset_are_compared_as_they_passed() -> None:
    now, before = texts("2026-01-01 10:00"), texts("2026-01-01T11:00:00Z")
    assert (is_older(now, before).tolist(), is_older(now, before, "America/Sao_Paulo").tolist()) == ([True], [False])


def test_a_day_is_not_made_into_a_midnight_where_the_moment_decides() -> None:
    assert listed(moments(texts("2020-10-22", "22/10/2020", "2020-10-22T00:00:00Z", None))) == ["2020-10-22", "2020-10-22", "2020-10-22T00:00:00Z", None]


def test_conditions_do_not_see_case_or_blanks() -> None:
    rows = [{"x": value} for value in ("Sim", " SIM ", "s", "não", None, True)]
    assert holds(column(rows, "x"), When(column="x", equals=("sim", "TRUE"))).tolist() == [True, True, False, False, False, True]


def test_only_a_known_or_a_single_short_word_is_kept_in_a_column_that_is_not_personal() -> None:
    told = texts("web", "double_opt-in", "v1.2", "2026-01-15", "Formulário", "web form", "ana@example.com", "Ana Prado", "529.982.247-25", "x" * 41, None)
    assert listed(words(told, {"web form"})) == [
        *("web", "double_opt-in", "v1.2", "2026-01-15", "Formulário", "web form"),
        *["unknown"] * 4,
        None,
    ]  # fmt: skip


def test_columns_are_joined_without_their_gaps() -> None:
    assert listed(joined([texts("a", None, "c", None), texts("b", "b", None, None)], ", ")) == ["a, b", "b", "c", None]


def rows(*found: tuple[int, str, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(found, columns=["record_id", "content_hash", "updated"])
    return frame.astype({"content_hash": TEXT, "updated": TEXT})


def test_of_rivals_for_a_key_the_newest_goes_on_or_none() -> None:
    delivered = rows(
        (1, "a", "2026-01-01"), (2, "a", "2026-01-01"), (2, "b", "2026-01-02"), (3, "a", None), (3, "b", None), (4, "a", "2026-01-01"), (4, "b", "2026-01-01")
    )
    for order in (delivered, delivered[::-1]):
        kept, aside = one_row_per_key(order, "full")
        assert sorted(zip(kept["record_id"], kept["content_hash"], strict=True)) == [(1, "a"), (2, "b")]
        assert set(aside["reason"]) == {"DUPLICATE_KEY"}
    _, aside = one_row_per_key(delivered, "changes")
    assert dict(zip(aside["record_id"], aside["reason"], strict=True)) == {2: "OLDER_VERSION", 3: "DUPLICATE_KEY", 4: "DUPLICATE_KEY"}


def test_rows_are_told_new_changed_and_unchanged_with_whole_ids() -> None:
    big = 2**62 + 1
    known = pd.DataFrame({"record_id": [1, 2, 3], "version": [1, 4, 2], "content_hash": ["a", "a", "a"], "raw_id": [big, big + 2, big + 4]})
    known = known.assign(is_current=[True, True, False]).astype({"raw_id": "Int64", "content_hash": TEXT}).set_index("record_id")
    found = against_known(rows((1, "a", None), (2, "b", None), (3, "a", None), (4, "a", None)), known)
    assert found["class"].tolist() == ["unchanged", "changed", "changed", "new"]
    assert found["version"].tolist() == [2, 5, 3, 1]
    assert found["old_raw_id"].tolist()[:3] == [big, big + 2, big + 4]
    assert found["old_raw_id"].isna().tolist() == [False, False, False, True]


def test_an_unknown_time_is_not_older() -> None:
    now, before = texts("2026-01-01", "2026-01-02", None, "2026-01-01"), texts("2026-01-02", "2026-01-01", "2026-01-01", None)
    assert is_older(now, before).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    "payload",
    ['{"a":"x"}', '{"a":null,"b":""}', '{"a":"\\u0000x "}', '{"a":"l1\\nl2"}', '{"a":"\\ud83d\\ude00"}', "{}", '{"a":"2020-01-01","b":"12"}',
     '{"a":1}', '{"a":["x"]}', '{"b":{"a":"x"}}', '{"a":true}', '{"a":1.50}', '{"a": "x",\n "b": "y"}'],
)  # fmt: skip
def test_payloads_of_text_are_read_in_one_go_and_all_read_alike(payload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = pd.Series([payload, '{"a":"ok","c":3}'], dtype=TEXT)
    rows, found = decoded_with(payloads, ("a", "b"))
    monkeypatch.setattr("pipelines.sources.columns._all_text", lambda *_: None)
    one_by_one, expected = decoded_with(payloads, ("a", "b"))
    assert list(rows) == list(one_by_one)
    assert all(found[name].equals(expected[name]) for name in ("a", "b"))
