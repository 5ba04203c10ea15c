"""A made-up crowd large enough to learn weights from, and a linkage file that lets so few teach."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from contacts.settings import Settings
from contacts.warehouse import Transaction
from pipelines.linkage_training import train

GIVEN = ("ana", "bia", "caio", "davi", "elisa", "fabio", "gilda", "hugo", "iara", "joana", "lia", "nara", "otto", "paula", "rui", "vera")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo")


def crowd(people: int, seed: int = 1, first: int = 1) -> list[dict[str, Any]]:
    """``people`` made-up people, two records each: the second often lacks a field or spells another."""
    chance = np.random.default_rng(seed)
    made = []
    for at in range(people):
        record = first + 2 * at
        middle, family, street = ("".join(chance.choice(SYLLABLES, 4)) for _ in range(3))
        name = f"{chance.choice(GIVEN)} {middle} {family}"
        born = f"{chance.integers(1940, 2005)}-{chance.integers(1, 13):02d}-{chance.integers(1, 29):02d}"
        one = {"record": record, "name": name, "birth_date": born, "email": f"m{seed}.{at}@mail.example", "phone": f"11{seed}{at:07d}"}
        one |= {"postal_code": f"{chance.integers(0, 900):05d}000", "number": str(chance.integers(1, 999)), "street": f"Rua {street}"}
        other = one | {"record": record + 1}
        spelling = chance.random()
        if spelling < 0.4:
            other["name"] = " ".join(name.split()[::2]) if spelling < 0.3 else name[:-1] + "x"
        for field, value in (("email", f"o{seed}.{at}@post.example"), ("phone", f"21{seed}{at:07d}"), ("birth_date", None), ("postal_code", None)):
            if chance.random() < 0.3:
                other[field] = value
        made += [one, other]
    return made


def easily_taught(settings: Settings, train_from: int = 100) -> Settings:
    """The same settings under a linkage file that learns from ``train_from`` records on."""
    linkage = settings.home / f"linkage-{train_from}.yml"
    linkage.write_text(re.sub(r"train_from: \d+", f"train_from: {train_from}", settings.linkage.read_text(encoding="utf-8")), encoding="utf-8")
    return replace(settings, linkage=linkage)


def taught(db: Transaction, settings: Settings) -> dict[str, Any]:
    """Train as the command does, inside a test's transaction."""
    return train(db, settings, datetime(2026, 11, 20, 12, tzinfo=UTC))
