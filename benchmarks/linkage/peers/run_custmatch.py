"""custmatch by its recipe: 200 random and 100 actively chosen pairs labelled from the truth, then `run`, run alone. Arguments: set's kind, parquet, output."""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

RANDOM, ACTIVE = 200, 100
BLOCKS = {  # beside its own rules, as its manual advises for data that is not shaped like a customer file
    "fake_1000": [["first_name", "city"], ["last_name", "city"], ["date_of_birth"], ["first_name", "last_name"]],
    "febrl": [["soc_sec_id"], ["first_name", "date_of_birth"], ["last_name", "date_of_birth"], ["first_name", "last_name"], ["postcode", "last_name"]],
    "historical": [["postcode_fake", "last_name"], ["first_name", "date_of_birth"], ["last_name", "date_of_birth"], ["birth_place", "first_name"]],
    "contacts": [],
}
# its own field -> the set's column; further columns are compared as extra fields
KINDS = {
    "fake_1000": ({"first_name": "first_name", "last_name": "surname", "date_of_birth": "dob", "email": "email"}, {"city": "similarity"}),
    "febrl": (
        {"first_name": "given_name", "last_name": "surname", "date_of_birth": "date_of_birth", "addr_number": "street_number", "addr_street": "address_1"},
        {"suburb": "similarity", "postcode": "exact", "soc_sec_id": "edit"},
    ),
    "historical": (
        {"first_name": "first_name", "last_name": "surname", "date_of_birth": "dob"},
        {"birth_place": "similarity", "postcode_fake": "similarity", "occupation": "exact"},
    ),
    "contacts": (
        {"first_name": "given_name", "last_name": "surname", "date_of_birth": "birth_date", "email": "email", "phone": "phone",
         "addr_number": "number", "addr_street": "street", "ssn": "cpf"},
        {"cep": "similarity"},
    ),
}  # fmt: skip


def main(kind, file, out):
    begun = time.perf_counter()
    import pandas as pd
    from custmatch import labels, pipeline

    columns, extra = KINDS[kind]
    frame = pq.read_table(file).to_pandas()
    truth = dict(zip(frame["rec_id"].astype(str), frame["truth"], strict=True))
    with TemporaryDirectory() as folder:
        home = Path(folder)
        frame.drop(columns="truth").to_csv(home / "records.csv", index=False)
        named = {"record_id": "rec_id"} | columns | {name: name for name in extra}
        settings = {
            "sources": [{"name": "set", "path": "records.csv", "columns": named}],
            "extra_fields": [{"name": name, "compare": how} for name, how in extra.items()],
            "extra_blocking": BLOCKS[kind],
        }
        config = home / "config.json"
        config.write_text(json.dumps(settings))

        def label(path):
            pairs = pd.read_csv(path, dtype=str)
            sides = [pairs[name].str.split(":").str[-1].map(truth) for name in "ab"]
            pairs.assign(label=(sides[0] == sides[1]).astype(int)).to_csv(path, index=False)

        labels.sample(str(config), RANDOM, str(home / "labels.csv"), 0)
        label(home / "labels.csv")
        labels.sample_active(str(config), str(home / "labels.csv"), ACTIVE, str(home / "more.csv"), 0)
        label(home / "more.csv")
        pd.concat([pd.read_csv(home / name, dtype=str) for name in ("labels.csv", "more.csv")]).to_csv(home / "all.csv", index=False)
        pipeline.run(str(config), str(home / "all.csv"), str(home / "out"))
        found = pd.read_csv(home / "out" / "clusters.csv", dtype=str)
    seconds = time.perf_counter() - begun
    cluster = found.set_index("record_id")["customer_id"].reindex(frame["rec_id"].astype(str)).to_numpy()
    pq.write_table(pa.table({"rec_id": frame["rec_id"].to_numpy(), "cluster": cluster}), out)
    print(json.dumps({"seconds": seconds, "candidates": None}))


if __name__ == "__main__":
    main(*sys.argv[1:])
