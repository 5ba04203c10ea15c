"""The index in a folder: saved, mapped into memory again, and told apart from one that is out of date.

The folder is its owner's alone (0700, files 0600) and derived: whatever is wrong with it, it is made again from the records.
``index.json`` holds the model, counts and the generation (whatever names the last batch it has seen); ``known.*`` keyed hashes of values
that three rows or more held when the model was frozen, with their rarity, ``silent.*`` of those that say nothing; the other files are
the arrays of ``index_store.MARKS``.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from contacts.errors import LastroError
from contacts.pseudonym import fingerprint
from dedup.frozen import Frozen
from dedup.index import Index
from dedup.index_store import Store
from dedup.table import Table

_HEAD, _FORMAT = "index.json", 2
_AGAIN = "Build the index again from the records: it holds nothing that is not in them."


class IndexStale(LastroError):
    """The folder holds no index that can be used: build it again."""


def save(index: Index, folder: Path, generation: str) -> None:
    """Write ``index`` to ``folder``, made if need be. ``generation`` names the last batch it has seen."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / _HEAD).unlink(missing_ok=True)  # until all is written there is no index here
    index.store.copy_to(folder)
    for at, (_, (keys, bits, _)) in enumerate(sorted(index.frozen.known.items())):
        _write(folder / f"known.{at}", keys.tobytes() + bits.tobytes())
    for at, (_, off) in enumerate(sorted(index.frozen.silent.items())):
        _write(folder / f"silent.{at}", off.tobytes())
    _write(folder / _HEAD, _head(index, generation))


def keep(index: Index, generation: str) -> None:
    """Make what was changed in an index opened for writing good: its files are complete, and of this generation."""
    index.store.flush()
    _write(index.store.place / _HEAD, _head(index, generation))


def open_index(folder: Path, secret: bytes, generation: str | None = None, write: bool = False) -> Index:
    """The index of ``folder``, its files mapped into memory.

    Without ``write`` changes stay in memory. With it they go to the files, and until ``keep`` was called the folder holds no index.
    Raises IndexStale when there is none, another key made it, or it is not of the ``generation`` asked for.
    """
    try:
        head: dict[str, Any] = json.loads((folder / _HEAD).read_text("utf-8"))
    except (OSError, ValueError):
        raise IndexStale("There is no complete linkage index.", _AGAIN) from None
    if head["format"] != _FORMAT or head["key"] != fingerprint(secret):
        raise IndexStale("The linkage index was made with another key or version.", _AGAIN)
    if generation is not None and head["generation"] != generation:
        raise IndexStale("The linkage index has not seen the last batch.", _AGAIN)
    known = {}
    for at, (column, (many, other)) in enumerate(sorted(head["known"].items())):
        raw = (folder / f"known.{at}").read_bytes()
        known[column] = np.frombuffer(raw, np.int64, many), np.frombuffer(raw, np.float64, many, 8 * many), other
    silent = {name: np.frombuffer((folder / f"silent.{at}").read_bytes(), np.int64) for at, name in enumerate(sorted(head["silent"]))}
    store = Store(folder, write)
    for name, (dtype, shape) in head["arrays"].items():
        store.map(name, dtype, tuple(shape))
    if write:
        (folder / _HEAD).unlink()
    return Index(Frozen(Table(**head["table"]), head["weights"], known, silent, secret), store, head["state"])


def _head(index: Index, generation: str) -> bytes:
    frozen = index.frozen
    state = {"used": index.used.tolist(), "astral": {str(letter): place for letter, place in index.astral.items()}, "spare_rows": index.spare_rows}
    # not sorted: what place a comparison or level has in the linkage file decides its code
    known = {column: [len(keys), other] for column, (keys, _, other) in frozen.known.items()}
    told = {"format": _FORMAT, "generation": generation, "key": fingerprint(frozen.secret), "table": frozen.table.model_dump(mode="json")}
    return json.dumps(
        told | {"weights": dict(frozen.weights), "known": known, "silent": list(frozen.silent), "state": state, "arrays": index.store.layout()}
    ).encode()


def _write(file: Path, content: bytes) -> None:
    """A file its owner alone reads, whole or not at all."""
    beside = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
