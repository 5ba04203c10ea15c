"""Our engine, run alone: parquet in, clusters out. Arguments: set's kind, parquet, output."""

import json
import sys
import time
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pyarrow.parquet as pq


def main(kind: str, file: str, out: str) -> None:
    begun = time.perf_counter()
    from dedup.kernel.process import one_run

    with one_run():  # as `lastro linkage rows` does
        from dedup.engine import link_frame  # loading the library counts: compiled code is read from its cache here
        from dedup.kernel import run
        from dedup.table import load_table

        Thread(target=run.load).start()  # while the file is read
        table = load_table(Path(__file__).parents[1] / "specs" / f"{kind}.yml")
        named = dict.fromkeys(["rec_id", *table.columns, *([table.duplicate_free] if table.duplicate_free else [])])
        rows = pq.read_table(file, columns=list(named))
        result = link_frame(rows, table)
        seconds = time.perf_counter() - begun
    pq.write_table(pa.table({"rec_id": rows["rec_id"], "cluster": result.clusters}), out)
    print(json.dumps({"seconds": seconds, "candidates": result.candidates, "timings": result.timings}))


if __name__ == "__main__":
    main(*sys.argv[1:])
