"""Goldenmatch without any settings, or with its automatic Fellegi-Sunter configuration, run alone. Arguments: set's kind, parquet, output, zero or prob."""

import json
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq


def main(kind, file, out, way="zero"):
    begun = time.perf_counter()
    import goldenmatch
    from goldenmatch.core.autoconfig import auto_configure_probabilistic_df

    table = pq.read_table(file)
    columns = table.drop_columns(["truth", "rec_id"])
    settings = {"config": auto_configure_probabilistic_df(columns)} if way == "prob" else {}
    result = goldenmatch.dedupe_df(columns, **settings)
    labels = list(range(len(table)))
    for cluster in result.clusters.values():
        members = cluster["members"] if isinstance(cluster, dict) else cluster.members
        for row in members:
            labels[row] = members[0]
    seconds = time.perf_counter() - begun
    pq.write_table(pa.table({"rec_id": table["rec_id"], "cluster": pa.array(labels)}), out)
    print(json.dumps({"seconds": seconds, "candidates": None}))


if __name__ == "__main__":
    main(*sys.argv[1:])
