"""Addresses that hold together: street, town, state, postal code and area code of the same place."""

import numpy as np

from pipelines.demo.draw import TABLES, Columns, Texts, pick, pick_by_country, table, texts

COMPLEMENTS = ("Apto {}", "ap {}", "Casa {}", "Bloco B apto {}", "Fundos", "Sala {}", "Loja {}")


def addresses(rng: np.random.Generator, country: Texts) -> Columns:
    """One address per row: kind, street, number, complement, district, city, region, postal (digits), area_code, country."""
    count = len(country)
    town = np.zeros(count, dtype=np.int64)
    for code in sorted(set(country)):
        at = [place for place, row in enumerate(table("towns")) if row["country"] == code]
        here = np.flatnonzero(country == code)
        town[here] = np.array(at)[pick(rng, [float(table("towns")[place]["weight"]) for place in at], len(here))]
    street = pick_by_country(rng, "streets", "name", country)
    kind_of = {(row["country"], row["name"]): row["kind"] for row in table("streets")}
    districts = texts((TABLES / "districts.txt").read_text(encoding="utf-8").split("\n")[:-1])
    district = districts[pick(rng, 1 / np.arange(2.0, len(districts) + 2), count)]
    district[country != "BR"] = ""
    number = (rng.pareto(0.9, count) * 60).astype(np.int64).clip(1, 4999)
    unit = rng.integers(1, 240, count)
    shape = pick(rng, [30, 15, 8, 6, 3, 2, 2], count)
    complement = texts([COMPLEMENTS[form].format(room) for form, room in zip(shape, unit, strict=True)])
    complement[(rng.random(count) > 0.38) | (country != "BR")] = ""
    column = {name: texts([row[name] for row in table("towns")])[town] for name in ("city", "region", "area_code")}
    return column | {
        "country": country,
        "kind": texts([kind_of[key] for key in zip(country, street, strict=True)]),
        "street": street,
        "number": texts([str(value) for value in number.tolist()]),
        "complement": complement,
        "district": district,
        "postal": _postal(rng, country, town),
    }


def _postal(rng: np.random.Generator, country: Texts, town: np.ndarray) -> Texts:
    low = np.array([int(row["postal_from"]) for row in table("towns")])[town]
    high = np.array([int(row["postal_to"]) for row in table("towns")])[town]
    drawn = low + (rng.random(len(town)) * (high - low + 1)).astype(np.int64)
    tail = rng.integers(0, 900, len(town))
    return texts(
        [
            f"{head:05d}{last:03d}" if code == "BR" else f"{head:04d}{last:03d}" if code == "PT" else f"{head:05d}"
            for code, head, last in zip(country, drawn.tolist(), tail.tolist(), strict=True)
        ]
    )


def written_postal(country: str, digits: str) -> str:
    """The postal code as its country writes it: 01310-100, 1000-205, 10115."""
    cut = {"BR": 5, "PT": 4}.get(country, 0)
    return f"{digits[:cut]}-{digits[cut:]}" if cut and digits else digits
