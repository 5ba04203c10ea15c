"""Growing arrays of the index, in memory or as files that are mapped into it, and what each of them holds about people."""

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MARKS = {
    "ids": "pseudonym", "block": "plain", "after": "plain", "before": "plain", "edge": "plain", "fresh": "plain", "seen": "plain",
    "codes": "plain", "label": "plain", "source": "plain",
    "value_hash": "pseudonym", "holders": "plain", "numbers": "personal", "masks": "personal", "rarity": "plain", "cross": "plain",
    "begin": "plain", "chars": "personal",
    "block_key": "pseudonym", "block_head": "plain", "block_size": "plain", "block_capped": "plain",
    "edge_row": "plain", "edge_next": "plain", "edge_bits": "plain", "edge_tie": "plain", "edge_free": "plain",
    "id_table": "plain", "value_table": "plain", "block_table": "plain",
}  # fmt: skip
"""Array -> mark: ``personal`` holds letters of names and the like (``chars``, UTF-16), dates (``numbers``), which letters a value has (``masks``);
``pseudonym`` holds keyed hashes and record ids; ``plain`` holds places, counts and weights."""


ROWS, VALUES, CHARS, BLOCKS, IDS = range(5)
GROUPS = {
    ROWS: ("ids", "block", "after", "before", "edge", "fresh", "seen", "codes", "label", "source"),
    VALUES: ("value_hash", "holders", "numbers", "masks", "rarity", "cross", "begin"),
    CHARS: ("chars",),
    BLOCKS: ("block_key", "block_head", "block_size", "block_capped"),
}
TABLES = {VALUES: ("value_table", "value_hash"), BLOCKS: ("block_table", "block_key"), IDS: ("id_table", "ids")}
"""Which arrays grow together, and which keys each table finds."""


def layout(wide: int, rules: int) -> list[tuple[str, str, int]]:
    """Name, type and width (0 for a plain list) of every array but ``edge_free``."""
    plain = {
        "i8": ("ids", "value_hash", "begin", "block_key"), "u8": ("masks",), "f8": ("rarity",), "f4": ("edge_bits",), "u2": ("chars",),
        "i4": ("edge", "label", "source", "holders", "numbers", "cross", "block_head", "block_size", "id_table", "value_table", "block_table"),
        "u1": ("fresh", "seen", "block_capped", "edge_tie"),
    }  # fmt: skip
    broad = {"block": rules, "after": rules, "before": rules, "codes": wide, "edge_row": 2, "edge_next": 2}
    return [(name, kind, 0) for kind, names in plain.items() for name in names] + [(name, "i4", width) for name, width in broad.items()]


class Store:
    """Arrays by name, every one with room for its group's capacity; with ``folder`` they live in files of their name there."""

    def __init__(self, folder: Path | None = None, write: bool = True) -> None:
        self.folder, self.write = folder, write
        self.arrays: dict[str, Array] = {}
        self._maps: dict[str, mmap.mmap] = {}

    def __getitem__(self, name: str) -> Array:
        return self.arrays[name]

    @property
    def place(self) -> Path:
        """The folder. Raises ValueError for a store in memory."""
        if self.folder is None:
            raise ValueError("this index lives in memory")
        return self.folder

    def room(self, name: str) -> int:
        """How many lines the array has room for."""
        return len(self.arrays[name])

    def make(self, name: str, dtype: str, room: int, width: int = 0) -> None:
        """An empty array of zeros."""
        shape = (room, width) if width else (room,)
        self.arrays[name] = self._mapped(name, dtype, shape, fresh=True) if self.folder else np.zeros(shape, dtype=dtype)

    def map(self, name: str, dtype: str, shape: tuple[int, ...]) -> None:
        """An array that is there already, from its file."""
        self.arrays[name] = self._mapped(name, dtype, shape, fresh=False)

    def grow(self, name: str, room: int) -> None:
        """Room for more lines; new ones are zero."""
        old = self.arrays[name]
        shape = (room, *old.shape[1:])
        if self.folder and self.write:
            self.arrays[name] = self._mapped(name, old.dtype.str, shape, fresh=False)
        else:
            new = np.zeros(shape, dtype=old.dtype)
            new[: len(old)] = old
            self.arrays[name] = new

    def copy_to(self, folder: Path) -> None:
        """Write every array to a file of its own that only its owner reads."""
        for name, array in self.arrays.items():
            with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                array.tofile(file)

    def flush(self) -> None:
        """Have all changes written."""
        for part in self._maps.values():
            part.flush()

    def layout(self) -> dict[str, Any]:
        """What ``map`` needs to know of every array."""
        return {name: [array.dtype.str, list(array.shape)] for name, array in self.arrays.items()}

    def _mapped(self, name: str, dtype: str, shape: tuple[int, ...], fresh: bool) -> Array:
        size = max(int(np.prod(shape)) * np.dtype(dtype).itemsize, 1)
        handle = os.open(self.place / name, (os.O_RDWR if self.write else os.O_RDONLY) | (os.O_CREAT | os.O_TRUNC if fresh else 0), 0o600)
        try:
            if self.write and os.fstat(handle).st_size < size:
                os.ftruncate(handle, size)  # a hole in the file: reads as zeros, takes no room until written
            self._maps[name] = mmap.mmap(handle, size, access=mmap.ACCESS_WRITE if self.write else mmap.ACCESS_COPY)
        finally:
            os.close(handle)
        return np.frombuffer(self._maps[name], dtype=dtype, count=int(np.prod(shape))).reshape(shape)
