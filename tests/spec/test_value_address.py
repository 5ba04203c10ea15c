"""Parts of an address and languages: as written, as kept, and why not."""

from pathlib import Path
from zoneinfo import available_timezones

import pandas as pd
import pytest
from spec.value_cases import Case, answer, cases

from contacts.values import address, language, time_zone
from contacts.values.phone_br import UF_OF_DDD
from contacts.values.place_key import place_key
from contacts.values.reading import table

# written, street, number, complement
STREETS = [
    ("R. das Flores, 123, apto 4", "Rua das Flores", "123", "apto 4"),
    ("Av Paulista 1578", "Avenida Paulista", "1578", None),
    ("AV. BRASIL, S/N", "Avenida Brasil", None, None),
    ("Rua Quinze de Novembro, nº 45 - Fundos", "Rua Quinze de Novembro", "45", "Fundos"),
    ("Rua 7 de Setembro, 100", "Rua 7 de Setembro", "100", None),
    ("Rua 7 de Setembro", "Rua 7 de Setembro", None, None),
    ("Praça da Sé, 0", "Praça da Sé", None, None),
    ("Tv. São José 12 casa 3", "Travessa São José", "12", "casa 3"),
    ("Rod. BR-116, km 23", "Rodovia BR-116, km 23", None, None),
    ("Quadra 5 Lote 3", "Quadra 5 Lote 3", None, None),
    ("Rua 25", "Rua 25", None, None),
    ("rua das flores", "Rua das Flores", None, None),
    ("Alameda Santos, 45A", "Alameda Santos", "45A", None),
    ("Lgo. do Machado, sn", "Largo do Machado", None, None),
    ("Av. Brasil, 1.234", "Avenida Brasil", "1234", None),
    ("Rua A, 123/125", "Rua A", "123/125", None),
    ("Rua A, 12-A", "Rua A", "12-A", None),
    ("RUA DAS FLORES N 10", "Rua das Flores", "10", None),
    ("Rua das Flores 123, Centro", "Rua das Flores", "123", "Centro"),
    ("Al. Santos 45 A", "Alameda Santos", "45A", None),
    ("SQN 105 Bloco B Apto 101", "SQN 105 Bloco B Apto 101", None, None),
    ("Rua João 23, 55", "Rua João 23, 55", None, None),
    ("27 Washington Oak Park IL 60302", "27 Washington Oak Park IL 60302", None, None),
]

LANGUAGES = [
    ("pt-BR", "pt-br"),
    ("pt_BR", "pt-br"),
    ("pt_BR.UTF-8", "pt-br"),
    ("pt", "pt"),
    ("Português (Brasil)", "pt-br"),
    ("português", "pt"),
    ("EN-us", "en-us"),
    ("inglês", "en"),
    ("English", "en"),
    ("es-419", "es-419"),
    ("zh-Hant-TW", "zh-hant-tw"),
    ("br", "pt-br"),
    ("klingon", None),
    ("pt-XX", None),
]


def _text(value: object) -> object:
    return None if pd.isna(value) else value


@pytest.mark.parametrize("case", cases("address"))
def test_a_part_of_an_address(case: Case):
    values, country, uf = pd.Series([case.written]), case.context.get("country", "BR"), pd.Series([case.context.get("uf")], dtype=object)
    standardise = {
        "postal_code": lambda: address.standardise_postal_code(values, country),
        "uf": lambda: address.standardise_uf(values),
        "city": lambda: address.standardise_city(values, uf, country),
        "street": lambda: address.standardise_street(values, country),
        "number": lambda: address.standardise_number(values),
        "country": lambda: address.standardise_country(values),
    }
    assert answer(standardise[case.context["field"]]()) == case.answer


@pytest.mark.parametrize(
    ("city", "uf", "code"),
    [("São Paulo", "SP", "3550308"), ("MANAUS", "AM", "1302603"), ("Niterói (RJ)", None, "3303302"), ("Curitiba", "SP", None), ("Ceilândia", "DF", "5300108")],
)
def test_a_town_has_its_ibge_code(city, uf, code):
    assert _text(address.standardise_city(pd.Series([city]), pd.Series([uf], dtype=object))["city_code"].iloc[0]) == code


@pytest.mark.parametrize(
    ("country", "uf", "city_code", "postal_code", "zone"),
    [
        ("BR", "SP", None, None, "America/Sao_Paulo"),
        ("BR", "AM", "1302603", None, "America/Manaus"),
        ("BR", "AM", "1304062", None, "America/Eirunepe"),
        ("BR", "PE", "2605459", None, "America/Noronha"),
        ("BR", None, None, None, None),
        ("PT", None, None, "1000205", "Europe/Lisbon"),
        ("PT", None, None, "9500100", "Atlantic/Azores"),
        ("PT", None, None, None, None),
        ("DE", None, None, None, "Europe/Berlin"),
        ("US", None, None, "60302", None),
        (None, "SP", None, None, None),
    ],
)
def test_the_clock_of_an_address(country, uf, city_code, postal_code, zone):
    cells = [pd.Series([cell], dtype=object) for cell in (country, uf, city_code, postal_code)]
    assert _text(time_zone.of_address(*cells).iloc[0]) == zone


def test_the_clock_of_a_phone_is_that_of_its_area_code():
    numbers = pd.Series(["+5511961234587", "+559232345678", "+559732345678", "+351912345678", None])
    assert time_zone.of_phone(numbers).fillna("-").tolist() == ["America/Sao_Paulo", "America/Manaus", "-", "-", "-"]
    zones = set(table("time_zone")["zone"])
    assert zones <= available_timezones() and set(table("time_zone").query("kind == 'uf'")["code"]) == set(address.UFS)


@pytest.mark.parametrize(("written", "street", "number", "complement"), STREETS)
def test_a_street(written, street, number, complement):
    found = address.standardise_street(pd.Series([written])).iloc[0]
    assert tuple(_text(found[name]) for name in ("street", "number", "complement")) == (street, number, complement)


@pytest.mark.parametrize(("written", "kept"), LANGUAGES)
def test_a_language(written, kept):
    assert _text(language.standardise(pd.Series([written]))["value"].iloc[0]) == kept


@pytest.mark.parametrize(
    ("postal_code", "uf"),
    [
        ("01310-100", "SP"),
        ("19999999", "SP"),
        ("20000000", "RJ"),
        ("29100000", "ES"),
        ("30130010", "MG"),
        ("40010000", "BA"),
        ("49000000", "SE"),
        ("50010000", "PE"),
        ("57010000", "AL"),
        ("58010000", "PB"),
        ("59010000", "RN"),
        ("60010000", "CE"),
        ("64000000", "PI"),
        ("65010000", "MA"),
        ("66010000", "PA"),
        ("68900000", "AP"),
        ("69010000", "AM"),
        ("69301000", "RR"),
        ("69400000", "AM"),
        ("69900000", "AC"),
        ("70040010", "DF"),
        ("72800000", "GO"),
        ("73000000", "DF"),
        ("74010010", "GO"),
        ("76801000", "RO"),
        ("77001000", "TO"),
        ("78005000", "MT"),
        ("79002000", "MS"),
        ("80010000", "PR"),
        ("88010000", "SC"),
        ("90010000", "RS"),
        ("00100000", None),
        ("78900000", None),
        ("1310100", None),
        (None, None),
    ],
)
def test_the_state_of_a_postal_code(postal_code, uf):
    assert _text(address.uf_of_postal_code(pd.Series([postal_code]))[0]) == uf


def test_the_state_of_an_area_code():
    assert address.uf_of_ddd(pd.Series(["11", "61", "99", "20", None])).fillna("-").tolist() == ["SP", "DF", "MA", "-", "-"]


def test_the_area_code_of_a_town_is_its_own_or_the_only_one_of_its_state():
    towns = pd.Series(["SÃO PAULO", "Campinas", "Manaus", "Gurupi", "Nowhere", "Luziânia", None, "Nowhere"])
    found = address.ddd_of_city(towns, pd.Series(["SP", "SP", "AM", "TO", "TO", "GO", None, "SP"]))
    assert found.fillna("-").tolist() == ["11", "19", "92", "63", "63", "61", "-", "-"]


def test_the_tables_of_places_are_complete():
    town = table("town")
    assert (len(UF_OF_DDD), len(address.UFS), len(town), len(set(town["code"]))) == (67, 27, 5570, 5570)
    states = table("uf").set_index("uf")["ibge"]
    assert town["code"].str[:2].eq(town["uf"].map(states)).all() and town["code"].str.fullmatch("[0-9]{7}").all()
    assert set(town["uf"]) == set(UF_OF_DDD.values()) == set(address.UFS)
    served = {(ddd, uf) for ddd, uf in UF_OF_DDD.items()} | {("61", "GO")}
    assert set(town.loc[town["ddd"] != "", ["ddd", "uf"]].itertuples(index=False, name=None)) <= served
    # the towns by state, as IBGE counts them; Fernando de Noronha and Brasília among them
    counted = {"MG": 853, "SP": 645, "RS": 497, "BA": 417, "PR": 399, "SC": 295, "GO": 246, "PI": 224, "PB": 223, "MA": 217, "PE": 185, "CE": 184, "RN": 167}
    counted |= {"PA": 144, "MT": 141, "TO": 139, "AL": 102, "RJ": 92, "MS": 79, "ES": 78, "SE": 75, "AM": 62, "RO": 52, "AC": 22, "AP": 16, "RR": 15, "DF": 1}
    assert town["uf"].value_counts().to_dict() == counted


def test_an_alias_leads_to_a_town_of_its_state_and_takes_no_town_its_name():
    town, alias = table("town"), table("town_alias")
    keys = {(uf, place_key(name)): name for uf, name in town[["uf", "name"]].itertuples(index=False)}
    assert len(keys) == len(town)
    assert [row for row in alias.itertuples(index=False, name=None) if keys.get((row[0], place_key(row[2]))) != row[2]] == []
    assert [row for row in alias.itertuples(index=False, name=None) if (row[0], place_key(row[1])) in keys] == []


def test_every_table_says_where_it_comes_from():
    tables = [path.read_text(encoding="utf-8").splitlines() for path in (Path(address.__file__).parent / "tables").glob("*.csv")]
    assert len(tables) > 10 and all(lines[0].startswith("# origin: ") for lines in tables)


def test_house_numbers_of_their_own_column():
    found = address.standardise_number(pd.Series(["123", "S/N", "nº 45", "12.0", "0", None]))
    assert found["value"].fillna("-").tolist() == ["123", "-", "45", "12", "-", "-"]
    assert found["reason"].fillna("-").tolist() == ["-", "NO_NUMBER", "-", "-", "NO_NUMBER", "-"]


def test_masks():
    assert address.mask(pd.Series(["01310-100", "Rua das Flores", "x", None])).fillna("-").tolist() == ["01310-***", "R***", "***", "-"]
    assert language.mask(pd.Series(["pt-br", None])).fillna("-").tolist() == ["pt-***", "-"]
