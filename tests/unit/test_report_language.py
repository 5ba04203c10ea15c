"""Both languages say everything, and numbers and dates look the way their readers write them."""

import pytest

from privacy.report.language import load

PT, EN = load("pt"), load("en")


def test_both_files_have_the_same_keys_in_the_same_order() -> None:
    assert list(PT.texts) == list(EN.texts)


def test_no_text_is_empty_and_every_text_is_text() -> None:
    for language in (PT, EN):
        assert [key for key, text in language.texts.items() if not isinstance(text, str) or not text.strip()] == []


def test_both_languages_fill_the_same_places() -> None:
    import string

    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    differing = [key for key in PT.texts if places(PT.texts[key]) != places(EN.texts[key])]
    assert differing == []


@pytest.mark.parametrize(("number", "decimals", "pt", "en"), [(0, 0, "0", "0"), (1234567, 0, "1.234.567", "1,234,567"), (1234.5, 1, "1.234,5", "1,234.5")])
def test_numbers(number: float, decimals: int, pt: str, en: str) -> None:
    assert PT.number(number, decimals) == pt
    assert EN.number(number, decimals) == en


def test_a_hidden_count_stays_hidden() -> None:
    assert PT.number("<5") == "<5"
    assert PT.share("<5", 900) == PT.share(10, "≥5") == "–"


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(0, 900, "0.0%"), (1, 9_000_000, "0.1%"), (450, 900, "50.0%"), (8_999_999, 9_000_000, "99.9%"), (900, 900, "100.0%"), (0, 0, "–")],
)
def test_a_share_says_none_or_all_only_when_it_is(part: int, whole: int, share: str) -> None:
    assert EN.share(part, whole) == share


def test_dates() -> None:
    assert PT.moment("2026-11-22T06:00:00Z") == "22 de novembro de 2026, 06:00 UTC"
    assert EN.moment("2026-11-22T06:00:00Z") == "22 November 2026, 06:00 UTC"
    assert EN.day("2027-02-10") == "10 February 2027"


def test_the_word_beside_a_number_follows_it() -> None:
    assert EN.text("needs.unsure_pairs.what", n=1).startswith("1 pair of records")
    assert EN.text("needs.unsure_pairs.what", n=22).startswith("22 pairs of records")
    assert PT.text("verdict.attention", state="Publicado", n="<5").startswith("Publicado; <5 itens")
    assert EN.text("verdict.attention", state="Published", n=1) == "Published; 1 thing waits for you."


def test_a_rounded_total_keeps_its_sign_and_still_gives_shares() -> None:
    assert (PT.number("≈1340"), EN.number("≈1340")) == ("≈1.340", "≈1,340")
    assert EN.share(70, "≈340") == "20.6%"
    assert EN.share(22, "≈20") == "95.7%", "somebody is hidden, so it is not all"
    assert EN.share("<5", "≈340") == "–"


def test_differences_carry_their_sign() -> None:
    assert (PT.change(1000, 2500), EN.change(10, 4), EN.change(3, 3)) == ("+1.500", "−6", "±0")


def test_a_code_without_a_text_is_shown_as_it_is() -> None:
    assert EN.word("entity", "BR_CPF") == "CPF"
    assert EN.word("entity", "NEW_KIND") == "NEW_KIND"
    with pytest.raises(KeyError):
        EN.text("no.such.key")
