"""Recordlinkage as its tutorial does it: block, compare, add up the features, connected components; run alone. Arguments: set's kind, parquet, output."""

import json
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

# block rules, compared columns (how), and how many of them must agree
KINDS = {
    "contacts": (
        [["cpf"], ["email"], ["phone"], ["surname", "birth_date"], ["given_name", "birth_date"], ["given_name", "surname", "cep"],
         ["given_name", "surname", "middle_name"], ["cep", "number", "given_name"]],
        {"given_name": "jarowinkler", "surname": "jarowinkler", "birth_date": None, "cpf": None, "email": None, "phone": None, "cep": None}, 4,
    ),
    "febrl": (
        [["given_name"]],
        {"given_name": "jarowinkler", "surname": "jarowinkler", "date_of_birth": None, "suburb": None, "state": None, "address_1": "jarowinkler"}, 4,
    ),
}  # fmt: skip


def main(kind, file, out):
    begun = time.perf_counter()
    import recordlinkage
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rules, compared, needed = KINDS[kind]
    frame = pq.read_table(file).to_pandas()
    indexer = recordlinkage.Index()
    for columns in rules:
        indexer.block(columns)
    pairs = indexer.index(frame)
    compare = recordlinkage.Compare()
    for column, method in compared.items():
        compare.string(column, column, method=method, threshold=0.85) if method else compare.exact(column, column)
    features = compare.compute(pairs, frame)
    kept = features.index[features.sum(axis=1) >= needed]
    left, right = kept.get_level_values(0).to_numpy(), kept.get_level_values(1).to_numpy()
    labels = connected_components(coo_matrix(([1] * len(left), (left, right)), shape=(len(frame), len(frame))), directed=False)[1]
    seconds = time.perf_counter() - begun
    pq.write_table(pa.table({"rec_id": frame["rec_id"].to_numpy(), "cluster": labels}), out)
    print(json.dumps({"seconds": seconds, "candidates": len(pairs)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
