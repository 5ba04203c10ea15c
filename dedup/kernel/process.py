"""How a process is set up that links one table and ends."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


@contextmanager
def one_run() -> Iterator[None]:
    """Look for no reference cycles, and let Arrow take its memory from the system.

    Loading libraries and compiled code makes objects by the hundred thousand that all stay, which Python would search again and
    again; Arrow's own allocator suits a process that lives on, and costs one that makes large arrays once half a second per million rows.
    """
    pool = pa.default_memory_pool()
    gc.disable()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)
        gc.enable()
