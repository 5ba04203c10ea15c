"""Keyed pseudonyms: every id that stands for a person, record or contact point comes from here.

A plain hash of a CPF can be undone by trying all of them in minutes, so every pseudonym is keyed
(LGPD art. 13 §4, GDPR art. 4(5)); the key lives outside the database.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEPARATOR = "\x1f"


def pseudonym(key: bytes, use: str, *parts: str) -> int:
    """A positive 63-bit pseudonym of ``parts``; ``use`` keeps pseudonyms of different kinds apart."""
    digest = hashlib.blake2b(SEPARATOR.join(parts).encode("utf-8", "surrogatepass"), digest_size=8, key=key, person=use.encode()[:16]).digest()
    return int.from_bytes(digest, "big") >> 1


def pseudonyms(key: bytes, use: str, texts: Iterable[str] | pa.Array) -> npt.NDArray[np.int64]:
    """``pseudonym`` of many texts (several parts are joined with SEPARATOR first); shape (n,), int64."""
    # copying a keyed state is several times cheaper than keying a new one per text
    start = hashlib.blake2b(digest_size=8, key=key, person=use.encode()[:16])
    digests = []
    for text in texts.to_numpy(zero_copy_only=False) if isinstance(texts, pa.Array) else texts:
        state = start.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        digests.append(state.digest())
    return (np.frombuffer(b"".join(digests), dtype=">u8") >> np.uint64(1)).astype(np.int64)


def fingerprint(key: bytes) -> str:
    """What tells one key from another and nothing about it: 16 hexadecimal digits."""
    return hashlib.blake2b(digest_size=8, key=key, person=b"fingerprint").hexdigest()


def suppression_tokens(key: bytes, kind: str, values: Iterable[str]) -> npt.NDArray[np.int64]:
    """Tokens by which an erased person is known again, keeping nothing about them; shape (n,), int64.

    ``kind`` is ``cpf``, ``email`` or ``phone`` with match keys as ``values``, or ``record`` with record ids as text.
    """
    return pseudonyms(key, "suppress", [f"{kind}{SEPARATOR}{value}" for value in values])


def person_code(number: int) -> str:
    """The readable form of a person's pseudonym: ``P-`` and 13 Crockford base-32 digits."""
    return f"P-{_digits(number, 13)}"


def household_code(number: int) -> str:
    """The readable form of a household's pseudonym: ``H-`` and 13 Crockford base-32 digits."""
    return f"H-{_digits(number, 13)}"


def staff_code(number: int) -> str:
    """The readable form of a staff member's pseudonym: ``U-`` and its last 8 Crockford base-32 digits, enough for the staff of one source."""
    return f"U-{_digits(number, 8)}"


def _digits(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, rest = divmod(number, 32)
        digits = _CROCKFORD[rest] + digits
    return digits
