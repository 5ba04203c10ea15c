"""The single-valued fields of contacts: mapped columns standardised, each change noted, nothing dropped."""

from datetime import date

import pandas as pd

from contacts.schema import SINGLE_FIELDS
from contacts.values import address, document, identity_document, language, name, tax_number, time_zone
from contacts.values import date as dates
from contacts.values.reading import missing
from pipelines.sources.columns import joined
from pipelines.sources.rows import Rows

NOTES = ["record_id", "field", "position", "reason", "outcome", "suggestion"]
OUTCOMES = ("fixed", "suggested", "rejected")
_CPF_DIGITS = 11


def contact_fields(rows: Rows, as_of: date, layout: dates.Layout | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Columns SINGLE_FIELDS, ``name_key``, ``birth_precision`` and ``kind`` in the order of ``rows``, and the notes (``NOTES``).

    ``layout`` is how the whole object writes birth dates, of which ``rows`` may be a part.
    """
    standard = {**_names(rows), **_documents(rows), **_birth(rows, as_of, layout), **_address(rows), **_language(rows)}
    none = missing(rows.heads.index)
    fields = pd.DataFrame({field: standard[field]["value"] if field in standard else none for field in SINGLE_FIELDS})
    full = standard["full_name"]
    fields["name_key"] = full["name_key"]
    fields["birth_precision"] = standard["birth_date"]["precision"].where(fields["birth_date"].notna())
    fields["kind"] = full["kind"].fillna("person" if rows.spec.subject == "auto" else rows.spec.subject)
    noted = [
        notes(found[["reason", "status", "suggestion"]].assign(record_id=rows.heads["record_id"], field=field, position=0))
        for field, found in standard.items()
        if "status" in found
    ]
    return fields, pd.concat([some for some in noted if len(some)] or noted[:1], ignore_index=True)  # an empty part would have a say in the dtypes


def notes(found: pd.DataFrame) -> pd.DataFrame:
    """The value notes of standardised values: only what was fixed, suggested or rejected, always with a reason."""
    told = found[found["status"].isin(OUTCOMES)].rename(columns={"status": "outcome"})
    told = told.assign(reason=told["reason"].fillna(told["outcome"].str.upper()), suggestion=told["suggestion"].where(told["outcome"] == "suggested"))
    return told[NOTES]


def _names(rows: Rows) -> dict[str, pd.DataFrame]:
    """Names, split the same way whether the source splits them or not, so that sources compare."""
    whole = rows.one("full_name")
    given, family = rows.one("given_name"), rows.one("family_name")
    if given.notna().any() or family.notna().any():
        whole = whole.fillna(name.join_names(given, family))
    suffix = rows.one("name_suffix")
    full = name.standardise(joined([whole, suffix]).where(whole.notna()), None if rows.spec.subject == "auto" else rows.spec.subject)
    parts = {part: pd.DataFrame({"value": full[part]}) for part in ("given_name", "family_name", "name_suffix")}
    return {
        "full_name": full,
        "social_name": _social(rows, full),
        "company": name.standardise(rows.one("company"), "organisation"),
    } | parts


def _social(rows: Rows, full: pd.DataFrame) -> pd.DataFrame:
    """The social name of its own column, else the one written beside the civil name."""
    own = name.standardise(rows.one("social_name"), "person", whole=False)
    return own.assign(value=own["value"].fillna(full["social_name"]))


def _documents(rows: Rows) -> dict[str, pd.DataFrame]:
    """CPF, CNPJ and other documents. A column mapped to both CPF and CNPJ holds either: what is longer than a CPF is read as a CNPJ."""
    numeric = rows.spec.read.format in ("csv", "excel")  # where a cell may have been a number, zeros at its front may be lost
    cpf, cnpj = rows.one("cpf"), rows.one("cnpj")
    if set(rows.spec.fields.get("cpf", ())) & set(rows.spec.fields.get("cnpj", ())):
        long = cpf.str.replace(r"[^0-9A-Za-z]", "", regex=True).str.len().gt(_CPF_DIGITS).fillna(False).astype(bool)
        cpf, cnpj = cpf.mask(long), cnpj.where(long)
    return {
        "cpf": document.standardise(cpf, "cpf", numeric),
        "cnpj": document.standardise(cnpj, "cnpj", numeric),
        "rg": identity_document.standardise(rows.one("rg"), "rg"),
        "cnh": identity_document.standardise(rows.one("cnh"), "cnh", numeric),
        "pis": identity_document.standardise(rows.one("pis"), "pis", numeric),
        "voter_id": identity_document.standardise(rows.one("voter_id"), "voter_id", numeric),
        "tax_id": tax_number.standardise(rows.one("tax_id"), _country(rows)["value"].fillna(rows.source.country)),
    }


def _birth(rows: Rows, as_of: date, layout: dates.Layout | None) -> dict[str, pd.DataFrame]:
    return {"birth_date": dates.standardise(rows.one("birth_date"), as_of, rows.spec.date_order, layout)}


def _address(rows: Rows) -> dict[str, pd.DataFrame]:
    country, lines = _country(rows), [column for field in ("street", "number", "complement") for column in rows.field(field)]
    place = country["value"].fillna(rows.source.country)
    # number and complement are read with the street, so that S/N and "apto 4" mean the same in every source
    line = address.standardise_street(joined(lines, ", ") if lines else missing(rows.heads.index), place)
    code = address.standardise_postal_code(rows.one("postal_code"), place)
    uf = address.standardise_uf(rows.one("uf"))
    # a town is looked up in the state the row names, else in the one its postal code lies in; only the former becomes the row's
    state = uf["value"].fillna(address.uf_of_postal_code(code["value"]))
    city = address.standardise_city(rows.one("city"), state, place)
    beside = uf["value"].isna() & (uf["status"] == "empty") & city["city_uf"].notna()
    uf = uf.assign(value=uf["value"].mask(beside, city["city_uf"]))
    zone = time_zone.of_address(place, state.fillna(city["city_uf"]), city["city_code"], code["value"])
    return {
        "country": country,
        "uf": uf.assign(status=uf["status"].mask(beside, "fixed"), reason=uf["reason"].mask(beside, "UF_BESIDE_CITY")),
        "city": city,
        "city_code": pd.DataFrame({"value": city["city_code"]}),
        "district": address.standardise_city(rows.one("district"), country=place),
        "postal_code": code,
        "street": line,
        "number": pd.DataFrame({"value": line["number"]}),
        "complement": pd.DataFrame({"value": line["complement"]}),
        "time_zone": pd.DataFrame({"value": zone}),
    }


def _country(rows: Rows) -> pd.DataFrame:
    return address.standardise_country(rows.one("country"))


def _language(rows: Rows) -> dict[str, pd.DataFrame]:
    return {"language": language.standardise(rows.one("language"))}
