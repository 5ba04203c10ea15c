"""A list of contacts with two phones and two e-mails each, a million of them in seconds: names, documents and addresses as messy as the demo's, nobody's."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pipelines.demo.draw import pick, table

SOURCE = """\
title: {pt: Lista, en: List}
owner: Comercial
trust: 50
country: BR

objects:
  contatos:
    kind: contact
    read: {format: csv, files: lista/*.csv, delivery: full}
    key: id
    updated_at: atualizado_em
    date_order: dmy
    contract: {required: [id, nome, email], on_new_column: drop}
    fields:
      full_name: nome
      cpf: cpf
      birth_date: nascimento
      email: [email, outro_email]
      phone: [celular, telefone]
      street: endereco
      city: cidade
      uf: uf
      postal_code: cep
      country: pais
    consents:
      - when: {column: novidades, equals: sim}
        says: granted
        purposes: newsletter
        channels: email
        actor: self
        effective_at: atualizado_em
        text_version: texto
        purpose_versions: {v2: "1", v3: "1"}
        method_is: web form
"""
_ROWS_PER_FILE = 100_000
_PLACEHOLDER_PHONES = ("(11) 99999-9999", "00000-0000", "não tem", "-", "1234-5678", "0")
_PLACEHOLDER_EMAILS = ("nao@tem.com", "naotem@naotem.com", "teste@teste.com", "sememail@email.com", "não tem")
_PLACEHOLDER_NAMES = ("teste", "não informado", "sem nome", "Cliente", "xxx", "N/A")
_HOUSES = 20_000
Texts = pa.Array
Numbers = npt.NDArray[np.int64]


def write_list(home: Path, contacts: int, seed: int) -> None:
    """A source file in ``home/sources`` and its delivery in ``home/inbox``, several CSV files."""
    for folder in ("sources", "inbox/lista"):
        (home / folder).mkdir(parents=True)
    (home / "sources" / "lista.yml").write_text(SOURCE, encoding="utf-8")
    for first in range(0, contacts, _ROWS_PER_FILE):
        rows = _rows(first, min(_ROWS_PER_FILE, contacts - first), np.random.default_rng([seed, first]))
        csv.write_csv(rows, home / "inbox" / "lista" / f"contatos-{first:09d}.csv", csv.WriteOptions(delimiter=";"))


def _rows(first: int, count: int, rng: np.random.Generator) -> pa.Table:
    """One file; the numbers in keys, e-mail addresses and documents go on from file to file, so that nobody comes twice."""
    number = np.arange(first, first + count)
    town = _drawn(rng, "towns", count)
    given, family = _words("given_names", "name", _drawn(rng, "given_names", count)), _words("surnames", "surname", _drawn(rng, "surnames", count))
    ddd = _words("towns", "area_code", town)
    return pa.table(
        {
            "id": _joined("C", _digits(number, 9)),
            "nome": _names(rng, given, family),
            "cpf": _cpfs(rng, number),
            "nascimento": _births(rng, count),
            "email": _emails(rng, given, family, number, 0.97),
            "outro_email": _emails(rng, family, given, number + 50_000_000, 1.0),
            "celular": _phones(rng, ddd, _joined("9", _digits(rng.integers(60_000_000, 100_000_000, count), 8))),
            "telefone": _phones(rng, ddd, _digits(rng.integers(20_000_000, 60_000_000, count), 8)),
            "endereco": _streets(rng, count),
            "cidade": _spoilt(rng, _words("towns", "city", town)),
            "uf": _words("towns", "region", town),
            "cep": _joined(_words("towns", "postal_from", town), "-", _digits(rng.integers(0, 1_000, count), 3)),
            "pais": _of(rng, ("Brasil", "Brasil", "BR", "brasil", ""), count),
            "novidades": _either(rng, 0.4, _all("sim", count), _all("não", count)),
            "texto": _of(rng, ("v2", "v3", ""), count),
            "atualizado_em": _moments(rng, count),
        }
    )


def _names(rng: np.random.Generator, given: Texts, family: Texts) -> Texts:
    count = len(given)
    second, middle = _words("given_names", "name", _drawn(rng, "given_names", count)), _words("surnames", "surname", _drawn(rng, "surnames", count))
    names = _either(rng, 0.22, _joined(given, " ", second, " ", middle, " ", family), _joined(given, " ", middle, " ", family))
    names = _either(rng, 0.015, _joined(_either(rng, 0.5, _all("Sr.", count), _all("Dra.", count)), " ", names), names)
    names = _either(rng, 0.01, _joined(names, " Júnior"), names)
    names = _either(rng, 0.01, _joined(names, " LTDA"), names)
    names = _either(rng, 0.001, _joined(names, " CPF 123.456.789-09"), names)
    garbled = pa.array(
        [text.encode().decode("cp1252", "replace") for text in pc.if_else(pa.array(rng.random(count) < 0.01), names, None).drop_null().to_pylist()]
    )
    return _either(rng, 0.004, _of(rng, _PLACEHOLDER_NAMES, count), _some_replaced(rng, _spoilt(rng, names), garbled))


def _some_replaced(rng: np.random.Generator, whole: Texts, others: Texts) -> Texts:
    struck = np.zeros(len(whole), dtype=bool)
    struck[rng.choice(len(whole), len(others), replace=False)] = True
    return pc.replace_with_mask(whole, pa.array(struck), others.cast(whole.type))


def _cpfs(rng: np.random.Generator, number: Numbers) -> Texts:
    nine = (number * 7_919_777 + 100_003) % 1_000_000_000
    digits = nine[:, None] // 10 ** np.arange(8, -1, -1) % 10
    for weights in (np.arange(10, 1, -1), np.arange(11, 1, -1)):
        rest = digits @ weights % 11
        digits = np.column_stack([digits, np.where(rest < 2, 0, 11 - rest)])
    wrong = rng.random(len(number)) < 0.01
    digits[wrong, 10] = (digits[wrong, 10] + 1) % 10
    plain = _digits(digits @ 10 ** np.arange(10, -1, -1), 11)
    dotted = _joined(*(part for a, b, sign in ((0, 3, "."), (3, 6, "."), (6, 9, "-"), (9, 11, "")) for part in (pc.utf8_slice_codeunits(plain, a, b), sign)))
    written = _either(rng, 0.5, dotted, plain)
    written = _either(rng, 0.008, _of(rng, ("111.111.111-11", "00000000000", "123.456.789-09"), len(number)), written)
    return _either(rng, 0.2, _all("", len(number)), written)


def _births(rng: np.random.Generator, count: int) -> Texts:
    days = np.datetime64("2006-01-01") - rng.integers(0, 70 * 365, count).astype("timedelta64[D]")
    iso, ours = (pc.strftime(pa.array(days), format=form).cast(pa.string()) for form in ("%Y-%m-%d", "%d/%m/%Y"))
    return _either(rng, 0.3, _all("", count), _either(rng, 0.01, _all("01/01/1900", count), _either(rng, 0.1, iso, ours)))


def _emails(rng: np.random.Generator, one: Texts, other: Texts, number: Numbers, share: float) -> Texts:
    count = len(one)
    first, last = (_bare(names) for names in (one, other))
    local = _joined(first, _either(rng, 0.6, _all(".", count), _all("", count)), last, pa.array(number).cast(pa.string()))
    here = [row for row in table("email_domains") if row["country"] == "BR"]
    drawn = pick(rng, [float(row["weight"]) for row in here], count)
    host = pa.array([row["domain"] for row in here]).take(pa.array(drawn))
    house = pc.binary_join_element_wise("empresa", pa.array(rng.integers(0, _HOUSES, count)).cast(pa.string()), ".com.br", "")
    typo = pa.array([(row["typos"].split() or [row["domain"].replace(".com", ".con")])[0] for row in here]).take(pa.array(drawn))
    host = _either(rng, 0.012, typo, _either(rng, 0.15, house, host))
    whole = _joined(local, "@", host)
    whole = _either(rng, 0.04, pc.utf8_upper(whole), whole)
    wrapped = _chosen(rng, (_joined("mailto:", whole), _joined(whole, "."), _joined(one, " <", whole, ">"), _joined(" ", whole, " ")))
    whole = _either(rng, 0.008, _of(rng, _PLACEHOLDER_EMAILS, count), _either(rng, 0.006, wrapped, whole))
    return _either(rng, share, whole, _all("", count))


def _phones(rng: np.random.Generator, ddd: Texts, local: Texts) -> Texts:
    count = len(ddd)
    head, tail = pc.utf8_slice_codeunits(local, 0, -4), pc.utf8_slice_codeunits(local, -4)
    cut = _joined(head, "-", tail)
    usual = _chosen(
        rng,
        (_joined("(", ddd, ") ", cut), _joined(ddd, local), _joined("+55 ", ddd, " ", cut), _joined(ddd, " ", head, " ", tail), _joined("+55", ddd, local),
         _joined("(", ddd, ")", local), _joined("55", ddd, local), _joined("0", ddd, " ", cut)),
        (34, 24, 14, 9, 8, 4, 3, 2),
    )  # fmt: skip
    odd = _chosen(rng, (_joined("(", ddd, ") ", cut, " ramal 12"), _joined(ddd, local, ".0"), _joined("0xx", ddd, " ", cut), _joined("041", ddd, local)))
    abroad = _joined("+3519", _chosen(rng, tuple(_all(sign, count) for sign in "1236")), _digits(rng.integers(0, 10_000_000, count), 7))
    two = _joined(usual, " / (11) 9", _digits(rng.integers(60_000_000, 100_000_000, count), 8))
    eight = _joined("(", ddd, ") ", pc.utf8_slice_codeunits(local, -8, -4), "-", tail)
    kinds = (usual, cut, eight, odd, abroad, two, _of(rng, _PLACEHOLDER_PHONES, count))
    return _chosen(rng, kinds, (76, 13, 4, 2, 2, 2, 1))


def _streets(rng: np.random.Generator, count: int) -> Texts:
    """Half of them named after somebody, as streets are, so that many occur once."""
    here = _drawn(rng, "streets", count)
    kind, name = _words("streets", "kind", here), _words("streets", "name", here)
    somebody = [_words(words, column, _drawn(rng, words, count)) for words, column in (("given_names", "name"), ("surnames", "surname"))]
    name = _either(rng, 0.5, _joined(somebody[0], " ", somebody[1]), name)
    short = pc.replace_substring_regex(pc.replace_substring(pc.replace_substring(kind, "Rua", "R."), "Avenida", "Av."), "^(Travessa|Rodovia)$", "")
    street = pc.utf8_trim_whitespace(_joined(_either(rng, 0.3, short, kind), " ", name))
    house = pa.array(rng.integers(1, 3_000, count)).cast(pa.string())
    flat = _joined(street, ", ", house, ", apto ", pa.array(rng.integers(1, 200, count)).cast(pa.string()))
    return _spoilt(rng, _chosen(rng, (_joined(street, ", ", house), flat, _joined(street, ", S/N")), (60, 30, 10)))


def _moments(rng: np.random.Generator, count: int) -> Texts:
    seconds = np.datetime64("2026-11-01T00:00:00") - rng.integers(0, 5 * 365 * 86_400, count).astype("timedelta64[s]")
    return pc.strftime(pa.array(seconds), format="%Y-%m-%dT%H:%M:%SZ").cast(pa.string())


def _spoilt(rng: np.random.Generator, column: Texts) -> Texts:
    """Capitals, small letters and lost accents, as often as the demo has them."""
    return _chosen(rng, (column, pc.utf8_upper(column), pc.utf8_lower(column), _unaccented(column)), (74, 8, 6, 12))


def _bare(column: Texts) -> Texts:
    return pc.replace_substring_regex(pc.utf8_lower(_unaccented(column)), "[^a-z]", "")


def _unaccented(column: Texts) -> Texts:
    return pc.replace_substring_regex(pc.utf8_normalize(column, form="NFKD"), r"\p{Mn}", "")


def _drawn(rng: np.random.Generator, name: str, count: int) -> Numbers:
    """Places in the Brazilian rows of a weighted table."""
    return pick(rng, [float(row.get("weight") or 1) for row in table(name) if row["country"] == "BR"], count)


def _words(name: str, column: str, place: Numbers) -> Texts:
    return pa.array([row[column] for row in table(name) if row["country"] == "BR"]).take(pa.array(place))


def _digits(numbers: Numbers, width: int) -> Texts:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")


def _joined(*parts: Texts | str) -> Texts:
    return pc.binary_join_element_wise(*parts, "")


def _all(text: str, count: int) -> Texts:
    return pa.repeat(text, count)


def _of(rng: np.random.Generator, words: Sequence[str], count: int) -> Texts:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), count)))


def _either(rng: np.random.Generator, share: float, one: Texts, other: Texts) -> Texts:
    return pc.if_else(pa.array(rng.random(len(one)) < share), one, other)


def _chosen(rng: np.random.Generator, kinds: Sequence[Texts], weights: Sequence[float] = ()) -> Texts:
    return pc.choose(pa.array(pick(rng, weights or [1] * len(kinds), len(kinds[0]))), *kinds)
