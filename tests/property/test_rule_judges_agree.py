"""Two judges that share no code say the same of any data, also of data no one would send."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_rows import AS_OF, EMAIL, LOST, PHONE, SOUND, frames, person, unread

from contacts.warehouse import TEXT
from expectations import findings, gate
from expectations.rules import RULES

ODD = ["", " ", "\n", "a\n", "\u00a0", "٣٤", "１２３", "x" * 300, "--", "🙂", "a'b\"`@", "é", "é", "\\", "%", "nan", "None", "<NA>"]
VALUES: dict[str, list[Any]] = {
    "source": ["crm", "form", "o'hara"],
    "kind": ["person", "organisation"],
    "full_name": ["Ana Exemplo", "Jo", "Ana", "Rui 529.982.247-25", "Rui 52998224725\n", None],
    "given_name": ["Ana", None],
    "family_name": ["Exemplo", None],
    "social_name": [None, "Ana", "Ana Exemplo"],
    "company": [None, "Exemplo Ltda", "Ana Exemplo"],
    "birth_date": ["1990-05-17", "1990-05", "2015", "--03-07", "2026-11-22", "2026-11-23", "1911-11-22", "0001-01-01", "9999-99-99", "1990-5-1", None],
    "birth_precision": ["day", "month", "year", "yearless", None],
    "cpf": ["52998224725", "52998224724", "11111111111", "00000000000", "5299822472", "529982247255", "52998224725\n", "A2998224725", None],
    "cnpj": ["11222333000181", "11222333000180", "12ABC34501DE35", "12abc34501de35", "00000000000000", "1122233300018", "11222333000181 ", None],
    "street": [None, "Rua Exemplo", "Rua ana@exemplo.com", "Rua (11) 98765-4321"],
    "city": [None, "Recife", "Jataí"],
    "uf": ["SP", "RJ", "GO", "DF", "XX", "sp", None],
    "postal_code": ["01310100", "20040020", "50000000", "72800000", "00000000", "00999999", "99999999", "0131010", "01310-100", "01310100\n", None],
    "country": ["BR", "PT", None],
    "name_key": ["ana exenplo", "ana luz", "rui luz", "eva", "ivo", None],
    "source_created_at": ["2024-03-01T12:00:00Z", "2026-11-23T06:00:00Z", "2026-11-23T06:00:01Z", None],
    "source_updated_at": ["2024-03-01T12:00:00Z", "2026-11-23T06:00:00Z", "2026-11-23T06:00:01Z", "2021-11-22T06:00:00Z", "2021-11-22", "ontem", None],
}
POINT_VALUES: dict[str, list[Any]] = {
    "value": [
        "ana@exemplo.com",
        "ANA@gmail.com",
        "@",
        "a@b@gmail.com",
        "a@b",
        "a@b.c\n",
        "a@.com",
        "+5511987654321",
        "+5561987654321",
        "+550800123456",
        "+55",
        "11987654321",
        None,
    ],
    "match_key": ["k1", "k2", None],
    "subtype": ["personal", "role", "disposable", "mobile", "fixed", "service", None],
    "status": ["ok", "fixed", "suggested", "rejected"],
    "verified_at": ["2024-11-22T06:00:00Z", "2024-11-22T05:59:59Z", "2027-01-01T00:00:00Z", "2024", "hoje", None],
}
CONSENT_VALUES: dict[str, list[Any]] = {
    "purpose": ["newsletter", "surveys"],
    "channel": ["email", "whatsapp", "sms", "post", "*"],
    "type": ["granted", "refused", "withdrawn"],
    "effective_at": ["2026-05-01T12:00:00Z", "2026-11-24T00:00:00Z", "2020-01-01", "ontem", None],
    "actor": ["self", "guardian", "import"],
    "method": ["web form", None],
    "text_version": ["v1", None],
    "text_hash": ["0af1", None],
    "to": [0, 1, LOST, None],
}
TICKET_VALUES: dict[str, list[Any]] = {
    "channel": ["email", "chat", "sinal de fumaça"],
    "status": ["open", "solved", None],
    "opened_at": ["2026-06-01T09:00:00Z", "2027-01-01T00:00:00Z", "2024-01-01T00:00:00Z", None],
    "updated_at": ["2026-06-02T09:00:00Z", "2024-01-01T00:00:00Z", None],
    "by": ["owner", "nobody", "stranger"],
}
NOTES = {
    "full_name": ["CHAR_LOSS", "PLACEHOLDER", "CASING", "CPF_IN_NAME", "CNPJ_IN_NAME", "EMAIL_IN_NAME", "NOT_A_NAME", "NOT_CHAR_LOSS", "CHAR_LOSS_2"],
    "social_name": ["PLACEHOLDER", "CASING"],
    "cpf": ["CHECK_DIGITS", "LOST_ZEROS"],
    "cnpj": ["CHECK_DIGITS", "LOST_ZEROS"],
    "country": ["UNKNOWN_COUNTRY", "UNKNOWN"],
    "city": ["NOT_A_CITY", "CITY_NOT_IN_UF", "CASING"],
    "rg": ["NO_ISSUING_UF", "CASING"],
    "tax_id": ["CHECK_DIGITS", "NOT_VERIFIED"],
    "street": ["NOT_A_STREET", "CASING"],
    "language": ["UNKNOWN_LANGUAGE", "UNKNOWN"],
    "consents": ["CONSENT_NOT_READ", "CASING"],
    "birth_date": ["TOO_OLD", "TOO_OLDER"],
    "uf": ["UNKNOWN_UF", "UNKNOWN"],
    "postal_code": ["WRONG_LENGTH", "CASING"],
}
FREE = ("full_name", "birth_date", "cpf", "cnpj", "uf", "postal_code", "name_key", "source_updated_at", "street", "city", "social_name")


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """One contact, any mixture of plausible and odd values."""
    values = {name: draw(st.sampled_from(choices + ODD if name in FREE else choices)) for name, choices in VALUES.items()}
    odd = {"value", "match_key"}
    points = [
        {"type": kind} | {name: draw(st.sampled_from(choices + (ODD if name in odd else []))) for name, choices in POINT_VALUES.items()}
        for kind in draw(st.lists(st.sampled_from(["email", "phone"]), max_size=3))
    ]
    said = [{name: draw(st.sampled_from(choices)) for name, choices in CONSENT_VALUES.items()} for _ in range(draw(st.integers(0, 2)))]
    asked = [{name: draw(st.sampled_from(choices)) for name, choices in TICKET_VALUES.items()} for _ in range(draw(st.integers(0, 2)))]
    noted = {field: draw(st.sampled_from(reasons)) for field, reasons in NOTES.items() if draw(st.booleans())}
    return SOUND | values | {"points": points, "notes": noted, "consents": said, "tickets": asked}


def assert_agreement(built: dict[str, pd.DataFrame]) -> None:
    from expectations.parts import validate_frames

    judged = findings.judge(built, AS_OF)
    verdicts = validate_frames(built, AS_OF)
    ours = {one.rule.id: int(one.failed.sum()) for one in judged}
    assert {rule: verdict.failed_rows for rule, verdict in verdicts.items()} == ours
    results = gate.gate_results(findings.counts(judged, built), verdicts)
    assert results.loc[results["failed"] != results["gx_failed"], "rule"].tolist() == []


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(people(), min_size=0, max_size=25))
def test_counts_agree_on_any_small_set_of_contacts(some: list[dict[str, Any]]) -> None:
    assert_agreement(frames(some))


def test_counts_agree_and_every_rule_fails_somewhere_in_a_large_mixture() -> None:
    rng = np.random.default_rng(11)

    def pick(choices: list[Any]) -> Any:
        return choices[rng.integers(len(choices))]

    def some_of(choices: dict[str, list[Any]]) -> dict[str, Any]:
        return {name: pick(values) for name, values in choices.items()}

    def point() -> dict[str, Any]:
        return {"type": pick(["email", "phone"])} | some_of(POINT_VALUES)

    def one() -> dict[str, Any]:
        said = {"consents": [some_of(CONSENT_VALUES) for _ in range(rng.integers(3))], "tickets": [some_of(TICKET_VALUES)]}
        points = [point() for _ in range(rng.integers(4))]
        return SOUND | some_of(VALUES) | said | {"record_id": int(rng.integers(3_000)), "points": points, "notes": some_of(NOTES)}

    crowd = [person(EMAIL | {"match_key": "k9"}, PHONE | {"match_key": "k9"}, name_key=f"ana{place}") for place in range(30)]
    bare = {"source": "bare", "birth_date": None, "street": None, "cpf": None, "cnpj": None, "points": [unread(EMAIL)]}
    some = [one() | (bare if place % 50 == 0 else {}) for place in range(3_000)]
    built = frames(some + crowd)
    assert_agreement(built)
    judged = findings.judge(built, AS_OF)
    assert [one.rule.id for one in judged if not one.failed.any()] == []
    assert [one.rule.id for one in judged if one.failed.all()] == []


@pytest.mark.parametrize("document", ["cpf", "cnpj"])
def test_documents_judged_column_wise_are_those_python_stdnum_accepts(document: str) -> None:
    from contacts.values.document import LENGTH
    from expectations.custom import are_documents, is_document

    width, rng = LENGTH[document], np.random.default_rng(5)
    sound = {"cpf": ["52998224725", "12345678909"], "cnpj": ["11222333000181", "12ABC34501DE35"]}[document]
    near = [one[:place] + sign + one[place + 1 :] for one in sound for place in range(width) for sign in "05aA.-²٣ \n"]
    repeated = [str(digit) * width for digit in range(10)]
    odd = ["", " ", "0", "x", "９" * width, sound[0] + "\n", "\n" + sound[0], sound[0][:-1], sound[0] + "0", "1" * (width - 1) + "\0", *repeated]
    drawn = ["".join(map(str, digits)) for digits in rng.integers(0, 10, (20_000, width))]
    ended = [one[:-2] + f"{end:02d}" for one in drawn[:200] for end in range(100)]  # among a hundred endings one is right
    column = pd.Series(sound + near + odd + drawn + ended, dtype=TEXT)
    found = are_documents(column, document)
    assert found.tolist() == [is_document(value, document) for value in column]
    assert found.iloc[-20_000:].to_numpy().reshape(200, 100).sum(axis=1).tolist() == [1] * 200


def test_order_of_the_records_does_not_matter() -> None:
    some = [person(unread(EMAIL), record_id=1), person(PHONE, record_id=2, cpf="52998224724"), person(record_id=3), person(record_id=4)]
    first, second = frames(some), frames(some[::-1])
    one, two = (findings.findings(findings.judge(built, AS_OF), built) for built in (first, second))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) > 3


@pytest.mark.parametrize("value", ["", "x", "123"])
def test_great_expectations_really_reads_the_frame_itself(value: str) -> None:
    """A defect put into the frame after our own judgement is seen by Great Expectations: it is handed no verdict of ours."""
    from expectations.parts import validate_frames

    built = frames([person(), person(name_key="rui luz")])
    rule = tuple(rule for rule in RULES if rule.id == "DQ-201")
    assert validate_frames(built, AS_OF, rule)["DQ-201"].failed_rows == 0
    built["contact"]["cpf"] = pd.Series([value, None], dtype=TEXT)
    assert validate_frames(built, AS_OF, rule)["DQ-201"].failed_rows == 1
