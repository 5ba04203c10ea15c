"""dedupe by its documentation: 300 pairs it is unsure of labelled from the truth, trained, partitioned. Arguments: kind, parquet, output."""

import json
import random
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

LABELS = 300
KINDS = {
    "fake_1000": ("first_name", "surname", "dob", "city", "email"),
    "febrl": ("given_name", "surname", "date_of_birth", "address_1", "suburb", "postcode", "soc_sec_id"),
}


def main(kind, file, out):
    begun = time.perf_counter()
    import dedupe
    from dedupe import variables

    random.seed(1)
    fields = KINDS[kind]
    rows = pq.read_table(file).select(["rec_id", "truth", *fields]).to_pylist()
    data = {row["rec_id"]: {name: str(row[name]) if row[name] else None for name in fields} | {"truth": row["truth"]} for row in rows}
    deduper = dedupe.Dedupe([variables.String(name, has_missing=True) for name in fields], num_cores=2)
    deduper.prepare_training(data)
    for _ in range(LABELS):
        [(one, other)] = deduper.uncertain_pairs()
        same = one["truth"] == other["truth"]
        deduper.mark_pairs({"match": [(one, other)] if same else [], "distinct": [] if same else [(one, other)]})
    deduper.train()
    labels = {}
    for at, (members, _) in enumerate(deduper.partition(data, 0.5)):
        labels |= dict.fromkeys(members, at)
    seconds = time.perf_counter() - begun
    ids = [row["rec_id"] for row in rows]
    pq.write_table(pa.table({"rec_id": ids, "cluster": [labels[row] for row in ids]}), out)
    print(json.dumps({"seconds": seconds, "candidates": None}))


if __name__ == "__main__":
    main(*sys.argv[1:])
