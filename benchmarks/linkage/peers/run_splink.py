"""Splink 5 on DuckDB, run alone in its own environment: parquet in, clusters out.

Contacts: the rules and fields of our own specification, with Splink's library comparisons. Public sets: the model, rules and threshold of Splink's
own tutorial for each. Arguments: set's kind, parquet, output; the seconds are printed.
"""

import json
import sys
import time

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def contacts(wide):
    lean = [
        block_on("cpf"), block_on("email"), block_on("substr(phone, -8)"), block_on("surname", "birth_date"), block_on("given_name", "birth_date"),
        block_on("given_name", "surname", "cep"), block_on("given_name", "surname", "middle_name"), block_on("cep", "number", "given_name"),
    ]  # fmt: skip
    std = [block_on("split_part(email, '@', 1)"), block_on("surname", "cep")]
    email = cl.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            cll.NullLevel("email"),
            cll.ExactMatchLevel("email", term_frequency_adjustments=True),
            cll.CustomLevel("split_part(email_l, '@', 1) = split_part(email_r, '@', 1)", label_for_charts="same user"),
            cll.JaroWinklerLevel("email", 0.92),
            cll.ElseLevel(),
        ],
    )
    address = cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.CustomLevel("cep_l is null or cep_r is null", label_for_charts="null").configure(is_null_level=True),
            cll.CustomLevel("cep_l = cep_r and number_l = number_r", label_for_charts="same door"),
            cll.CustomLevel("cep_l = cep_r", label_for_charts="same code"),
            cll.CustomLevel("left(cep_l, 5) = left(cep_r, 5)", label_for_charts="same district"),
            cll.ElseLevel(),
        ],
    )
    suffix = cl.CustomComparison(  # Junior on one side only says something
        output_column_name="suffix",
        comparison_levels=[
            cll.CustomLevel("suffix_l is null and suffix_r is null", label_for_charts="none").configure(is_null_level=True),
            cll.ExactMatchLevel("suffix"),
            cll.CustomLevel("suffix_l is null or suffix_r is null", label_for_charts="one side"),
            cll.ElseLevel(),
        ],
    )
    return {
        "comparisons": [
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("middle_name", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.85]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
            cl.ExactMatch("cpf"),
            email,
            cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
            address,
            suffix,
        ],
        "rules": lean + (std if wide else []),
        "certain": ["l.cpf = r.cpf", "l.email = r.email and l.given_name = r.given_name"],
        "recall": 0.8,
        "train": [block_on("cpf"), block_on("surname", "birth_date"), block_on("given_name", "phone")],
        "threshold": 0.95,
    }


def febrl():
    return {
        "comparisons": [
            cl.NameComparison("given_name"), cl.NameComparison("surname"), cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]), cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
        ],
        "rules": [
            block_on("soc_sec_id"), block_on("given_name"), block_on("surname"), block_on("date_of_birth"), block_on("postcode"),
            block_on("surname", "given_name", "postcode"),
        ],
        "certain": ["l.given_name = r.given_name and l.surname = r.surname and l.date_of_birth = r.date_of_birth", "l.soc_sec_id = r.soc_sec_id"],
        "recall": 0.9,
        "train": [block_on("date_of_birth"), block_on("postcode")],
        "threshold": 0.99,
    }  # fmt: skip


def fake_1000():
    return {
        "comparisons": [
            cl.NameComparison("first_name"), cl.NameComparison("surname"), cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email"),
        ],
        "rules": [block_on("first_name", "city"), block_on("surname"), block_on("dob"), block_on("email")],
        "certain": ["l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob", "l.email = r.email"],
        "recall": 0.7,
        "train": [block_on("first_name", "surname"), block_on("dob")],
        "threshold": 0.95,
    }  # fmt: skip


def historical():
    return {
        "comparisons": [
            cl.ForenameSurnameComparison("first_name", "surname", forename_surname_concat_col_name="first_and_surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True), cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True), cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        "rules": [
            block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"), block_on("surname", "dob"), block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"), block_on("postcode_fake", "surname"), block_on("dob", "birth_place"),
            block_on("substr(postcode_fake, 1, 3)", "dob"), block_on("substr(postcode_fake, 1, 3)", "first_name"),
            block_on("substr(postcode_fake, 1, 3)", "surname"), block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
        ],
        "certain": [
            "l.first_name = r.first_name and l.surname = r.surname and l.dob = r.dob",
            "substr(l.first_name, 1, 2) = substr(r.first_name, 1, 2) and l.surname = r.surname "
            "and substr(l.postcode_fake, 1, 2) = substr(r.postcode_fake, 1, 2)",
            "l.dob = r.dob and l.postcode_fake = r.postcode_fake",
        ],
        "recall": 0.6,
        "train": [block_on("first_name", "surname"), block_on("dob")],
        "threshold": 0.95,
    }  # fmt: skip


KINDS = {
    "contacts": lambda: contacts(False),
    "contacts-std": lambda: contacts(True),
    "febrl": febrl,
    "febrl4": febrl,
    "fake_1000": fake_1000,
    "historical": historical,
}


def main(kind, file, out):
    begun = time.perf_counter()
    told = KINDS[kind]()
    table = pq.read_table(file)
    two = "source" in table.column_names
    db_api = DuckDBAPI(connection=duckdb.connect())
    settings = SettingsCreator(
        link_type="link_only" if two else "dedupe_only", unique_id_column_name="rec_id", comparisons=told["comparisons"],
        blocking_rules_to_generate_predictions=told["rules"], retain_matching_columns=False, retain_intermediate_calculation_columns=False,
    )  # fmt: skip
    table = table.drop_columns(["truth"])
    if two:
        sides = [table.filter(pc.equal(table["source"], side)).drop_columns(["source"]) for side in ("a", "b")]
        registered = [db_api.register(side, dataset_display_name=name) for side, name in zip(sides, "ab", strict=True)]
    else:
        registered = db_api.register(table)
    linker = Linker(registered, settings)
    linker.training.estimate_probability_two_random_records_match(told["certain"], recall=told["recall"])
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in told["train"]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=min(0.5, told["threshold"]))
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, told["threshold"])
    labels = db_api._execute_sql_against_backend(f"select rec_id, cluster_id from {clusters.physical_name}").to_arrow_table()
    seconds = time.perf_counter() - begun
    pq.write_table(labels.rename_columns(["rec_id", "cluster"]), out)
    print(json.dumps({"seconds": seconds, "candidates": None}))


if __name__ == "__main__":
    main(*sys.argv[1:])
