"""Numbers with check digits: CPF and CNPJ for invented people and firms, vectorised."""

import numpy as np

from pipelines.demo.draw import Flags, Ints, Texts, scatter, texts

PRIME = 99_999_989
"""Largest prime below 10**8: scattering modulo a prime never meets the same CPF twice."""


def cpf_of(base: Ints) -> Texts:
    """11-digit CPFs with valid check digits (Receita Federal, modulo 11) for 9-digit bases."""
    digits = np.stack([base // 10**power % 10 for power in range(8, -1, -1)])
    first = (digits * np.arange(10, 1, -1)[:, None]).sum(axis=0) * 10 % 11 % 10
    second = ((digits * np.arange(11, 2, -1)[:, None]).sum(axis=0) + first * 2) * 10 % 11 % 10
    return texts([f"{number:011d}" for number in (base * 100 + first * 10 + second).tolist()])


def cpfs(first: int, count: int, seed: int, leading_zero: Flags) -> Texts:
    """One CPF per person, none twice: bases of the made-up world begin with 0 or with 9."""
    base = scatter(first, count, seed, PRIME) + 5
    return cpf_of(np.where(leading_zero, base, base + 900_000_000))


def cnpjs(first: int, count: int, seed: int) -> Texts:
    """14-digit CNPJs of head offices (0001) with valid check digits."""
    root = scatter(first, count, seed + 1, PRIME) + 5
    body = root * 10_000 + 1
    digits = np.stack([body // 10**power % 10 for power in range(11, -1, -1)])
    weights = np.array([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
    one = (digits * weights[:, None]).sum(axis=0) % 11
    one = np.where(one < 2, 0, 11 - one)
    weights = np.array([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3])
    two = ((digits * weights[:, None]).sum(axis=0) + one * 2) % 11
    two = np.where(two < 2, 0, 11 - two)
    return texts([f"{number:014d}" for number in (body * 100 + one * 10 + two).tolist()])


def masked_cpf(digits: str) -> str:
    """123.456.789-09."""
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def masked_cnpj(digits: str) -> str:
    """12.345.678/0001-95."""
    return f"{digits[:2]}.{digits[2:5]}.{digits[5:8]}/{digits[8:12]}-{digits[12:]}"
