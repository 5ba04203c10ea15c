"""The parts of the scan: every kind has its label, check digits are more than arithmetic, folding moves nothing, overlaps are settled."""

import socket
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_analyzer import RecognizerResult

from contacts.warehouse import TEXT
from privacy.folding import folded
from privacy.recognisers import IN_CONTEXT, LABELS, NOT, RECOGNISERS, SURE, THRESHOLD, Card, Cnpj, Cpf, Phone
from privacy.scanning import engine, scan_texts, without_overlap


def test_every_kind_of_find_has_its_label() -> None:
    kinds = {entity for recogniser in RECOGNISERS for entity in recogniser().supported_entities}
    assert kinds == set(LABELS)
    assert len(set(LABELS.values())) == len(LABELS)


GRADES = [
    # recogniser, as written, score before any context
    (Cpf(), "111.444.777-35", SURE),
    (Cpf(), "11144477735", IN_CONTEXT),
    (Cpf(), "111.111.111-11", NOT),  # its check digits hold
    (Cpf(), "11144477736", NOT),
    (Cnpj(), "12.ABC.345/01DE-35", SURE),
    (Cnpj(), "12.abc.345/01de-35", SURE),
    (Cnpj(), "12.ABC.345/01DE-36", NOT),
    (Cnpj(), "00000000000000", NOT),
    (Card(), "4111111111111112", NOT),
    (Phone(), "(11) 98765-4321", SURE),
    (Phone(), "11987654321", IN_CONTEXT),
    (Phone(), "99999999999", NOT),
]


@pytest.mark.parametrize(("recogniser", "written", "score"), GRADES, ids=[f"{type(row[0]).__name__} {row[1]}" for row in GRADES])
def test_a_number_is_graded_by_check_digit_and_writing(recogniser: Any, written: str, score: float) -> None:
    assert recogniser.grade(written) == score
    assert IN_CONTEXT < THRESHOLD < SURE


@given(st.text())
def test_folding_moves_no_character(text: str) -> None:
    assert len(folded(text)) == len(text)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), st.sampled_from((0.5, 0.7, 0.95))), max_size=8))
def test_finds_that_remain_never_overlap_and_the_surest_stays(spans: list[tuple[int, int, float]]) -> None:
    results = [RecognizerResult("PHONE", start, start + size, score) for start, size, score in spans]
    kept = without_overlap(results)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert kept == without_overlap(results[::-1])
    if results:
        assert max(result.score for result in results) in {result.score for result in kept}


@settings(deadline=None)
@given(st.text(alphabet="aMáçã 0159.-/@()+:\n\u0130ﬀ", max_size=60))
def test_no_text_stops_the_scan(text: str) -> None:
    findings, redacted = scan_texts(pd.Series([text], dtype=TEXT))
    assert (findings["end"] <= len(text)).all()
    assert len(redacted) == 1


def test_the_scan_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the scan opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine.cache_clear()
    assert scan_texts(pd.Series(["ana@example.com.br"], dtype=TEXT))[1].tolist() == ["<EMAIL>"]
