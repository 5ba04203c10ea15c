"""The canary: unmistakable values in every field of every source; none may be found in anything a run leaves outside personal columns."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from conftest import make_settings
from worlds import deliver

from contacts.settings import Settings
from contacts.tables import metadata
from contacts.warehouse import open_warehouse

NAME, SOCIAL, COMPANY = "Zoraquel Vimbrasto Quentorim", "Zorinha Vimbrasto", "Quimbralto Zarpenaz Ltda"
MAIL, MAIL_2 = "zoraquel.vimbrasto@quimbralto-zarpenaz.com.br", "vimbrastinha@quimbralto-zarpenaz.com.br"
PHONE, CPF, BIRTH = "(11) 97351-8264", "738.264.915-64", "29/03/1967"
STREET, POSTAL_CODE, SECRET = "Rua Trifoldina Brusquembal", "01311-942", "segredo do jacarandavel roxolino"
TEXT = f"{SECRET}: falar com {NAME}, CPF {CPF}, {MAIL}, tel {PHONE}, {STREET} 12, CEP {POSTAL_CODE}"
NEEDLES = ("zoraquel", "vimbrasto", "vimbrastinha", "quentorim", "zorinha", "quimbralto", "zarpenaz", "trifoldina", "brusquembal", "jacarandavel", "roxolino")
DIGITS = ("11973518264", "973518264", "97351826", "73826491564", "01311942")

RUNNER = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv.pop(1))
from pipelines.cli import main
main()
"""
FAILING = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, filename=sys.argv.pop(1))
from contacts import tables
from contacts.pseudonym import pseudonym
import pipelines.stages as stages
from dataclasses import replace
how = sys.argv.pop(1)
def fail(run):
    rows = run.db.read(tables.contact_point)
    if how == "raise":
        raise ValueError(" ".join(rows["value"].dropna()))
    run.db.append(tables.contact_point, rows)
    raise AssertionError("a second row with the same key was taken")
stages.STAGES = tuple(replace(stage, function=fail) if stage.name == "merge" else stage for stage in stages.STAGES)
from pipelines.cli import main
main()
"""


def plant(inbox: Path) -> None:
    """Add the canary to every source, in rows that pass, rows that are refused, files that are refused, and a file name."""
    given, family = NAME.split(" ", 1)
    page_file = sorted((inbox / "crm").glob("*.json"))[0]
    page = json.loads(page_file.read_text(encoding="utf-8"))
    canary = {"Id": "003canary", "FirstName": given, "LastName": family, "NomeSocial__c": SOCIAL, "CPF__c": CPF, "Birthdate": "1967-03-29", "Email": MAIL}
    canary |= {"Phone": PHONE, "MobilePhone": PHONE, "MailingStreet": STREET, "MailingPostalCode": POSTAL_CODE, "Company__c": COMPANY}
    page["records"].append(page["records"][0] | canary | {"Description": TEXT, "Undeclared__c": NAME})
    page_file.write_text(json.dumps(page), encoding="utf-8")
    (inbox / "crm" / "contacts-zoraquel-vimbrasto.json").write_text('{"records": [{"Id": "1", "LastName": "' + NAME, encoding="utf-8")

    page_file = sorted((inbox / "marketing").glob("*.json"))[0]
    page = json.loads(page_file.read_text(encoding="utf-8"))
    copy = json.loads(json.dumps(page["results"][0])) | {"id": "900900900"}
    copy["properties"] |= {
        "email": MAIL,
        "hs_additional_emails": MAIL_2,
        "firstname": given,
        "lastname": family,
        "phone": PHONE,
        "date_of_birth": BIRTH,
        "zip": POSTAL_CODE,
    }
    copy["properties"] |= {"newsletter_optin": "true", "newsletter_text_version": TEXT, "newsletter_optin_method": NAME}
    page["results"].append(copy)
    page_file.write_text(json.dumps(page), encoding="utf-8")

    page_file = sorted((inbox / "tickets").glob("users-*.json"))[0]
    page = json.loads(page_file.read_text(encoding="utf-8"))
    page["users"].append(page["users"][0] | {"id": 900900900, "name": NAME, "email": MAIL, "phone": PHONE, "user_fields": {"cpf": CPF}, "notes": TEXT})
    page_file.write_text(json.dumps(page), encoding="utf-8")
    page_file = sorted((inbox / "tickets").glob("tickets-*.json"))[0]
    page = json.loads(page_file.read_text(encoding="utf-8"))
    odd = {"via": {"channel": NAME}, "status": f"tel {PHONE}"}
    page["tickets"].append(page["tickets"][0] | {"id": 900900901, "requester_id": 900900900, "subject": SECRET, "description": TEXT} | odd)
    page_file.write_text(json.dumps(page), encoding="utf-8")

    with sorted((inbox / "form").glob("*.jsonl"))[0].open("a", encoding="utf-8") as handle:
        fields = {
            "nome": NAME,
            "nome_social": SOCIAL,
            "email": MAIL_2,
            "telefone": PHONE,
            "cpf": CPF,
            "nascimento": BIRTH,
            "cep": POSTAL_CODE,
            "cidade": "São Paulo",
            "uf": "SP",
        }
        line = {
            "submission_id": "canary-1",
            "form_id": "f",
            "submitted_at": "2026-10-01T10:00:00Z",
            "page_url": "/",
            "fields": fields | {"pais": "Brasil", "mensagem": TEXT},
        }
        boxes = [{"purpose": NAME, "channel": MAIL, "version": CPF, "text": TEXT, "checked": checked} for checked in (True, False)]
        handle.write(json.dumps(line | {"consents": boxes, "guardian": None}) + "\n")
        handle.write('{"submission_id": "canary-2", "fields": {"nome": "' + NAME + "\n")

    good = next(file for file in sorted((inbox / "spreadsheet").glob("*.xlsx")) if "E-mail" in pd.read_excel(file, nrows=0).columns)
    columns = list(pd.read_excel(good, nrows=0).columns)
    values = {
        "Código": "canary-3",
        "Nome completo": NAME,
        "CPF": CPF,
        "E-mail": MAIL,
        "Telefones": f"{PHONE} / {PHONE}",
        "Nascimento": BIRTH,
        "Endereço": STREET,
        "CEP": POSTAL_CODE,
    }
    row = [(values | {"Observações": TEXT}).get(name, "") for name in columns]
    pd.DataFrame([row], columns=columns).to_excel(inbox / "spreadsheet" / "canario.xlsx", index=False)
    pd.DataFrame([row]).to_excel(inbox / "spreadsheet" / "sem-cabecalho.xlsx", index=False, header=False)


def spellings(text: str) -> set[bytes]:
    """How a value may be written down: plain, escaped, URL-encoded, base64."""
    plain = {text, text.upper(), text.title()}
    found = {word.encode() for word in plain} | {quote(word).encode() for word in plain} | {json.dumps(word)[1:-1].encode() for word in plain}
    return found | {base64.b64encode(word.encode())[:-4] for word in plain if len(word) > 8}


FORBIDDEN = sorted({spelling for text in (*NEEDLES, *DIGITS, MAIL, PHONE, CPF, POSTAL_CODE) for spelling in spellings(text)})


def leaks(content: bytes) -> list[bytes]:
    """The canary spellings found in ``content``."""
    return [spelling for spelling in FORBIDDEN if spelling in content]


def artefacts(home: Path) -> list[Path]:
    """Every file of a home but the deliveries themselves, the warehouse (looked at column by column) and the key."""
    skipped = {"inbox", "keys"}
    return [
        file
        for file in sorted(home.rglob("*"))
        if file.is_file() and not skipped & set(file.relative_to(home).parts) and not file.name.startswith("warehouse.db")
    ]


def assert_clean(home: Path, *outputs: bytes) -> None:
    found = {str(file.relative_to(home)): leaks(file.read_bytes()) for file in artefacts(home)}
    found |= {f"name of {file.relative_to(home)}": leaks(str(file.relative_to(home)).encode()) for file in artefacts(home)}
    found |= {f"output {number}": leaks(output) for number, output in enumerate(outputs)}
    assert {name: spelled for name, spelled in found.items() if spelled} == {}


def columns_with_leaks(settings: Settings, marks: set[str]) -> list[str]:
    """Columns of these marks in which the canary occurs."""
    found = []
    warehouse = open_warehouse(settings.database_url)
    with warehouse.transaction() as db:
        for table in metadata.tables.values():
            for column in table.columns:
                held = "\n".join(db.read(table, column.name)[column.name].astype(str)) if column.info["mark"] in marks else ""
                found += [f"{table.name}.{column.name}"] if leaks(held.encode()) else []
    warehouse.close()
    return found


def run(script: str, settings: Settings, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    log = settings.home / "logs" / "debug.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"LASTRO_HOME": str(settings.home), "LASTRO_DATABASE_URL": settings.database_url, "LASTRO_INBOX": str(settings.inbox)}
    return subprocess.run([sys.executable, "-c", script, str(log), *arguments], env=environment, capture_output=True, check=False)


def test_the_search_itself_finds_what_it_should() -> None:
    assert leaks(TEXT.encode()) and leaks(base64.b64encode(MAIL.encode())) and leaks(quote(MAIL).encode()) and leaks(re.sub(r"\D", "", PHONE).encode())
    assert not leaks(b"an innocent sentence with 12345678901")


def test_a_whole_run_at_debug_and_its_commands_leave_no_canary_behind(settings: Settings) -> None:
    plant(deliver(settings, people=40))
    done = run(RUNNER, settings, "run", "--batch", "first", "--approve", "tester", "--json")
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    outputs = [done.stdout, done.stderr]
    judging = ["review", "--export", str(settings.home / "pairs.csv"), "--most", "500"], ["review", "--sample", "60", "--by", "steward"], ["linkage", "report"]
    for command in (["status"], ["sources"], ["check"], ["review", "--json"], ["ledger", "verify"], ["report"], *judging):
        told = run(RUNNER, settings, *command)
        outputs += [told.stdout, told.stderr]
    sent = settings.inbox / "sent.csv"
    words = (MAIL, PHONE), (NAME, TEXT)  # one row that can be read, one that is words of a person all over
    sent.write_text(
        "id,at,channel,purpose,outcome,person,contact\n"
        + "".join(f'"{number}{name}",2026-11-20T12:00:00Z,email,newsletter,delivered,,"{text}"\n' for number, (text, name) in enumerate(words))
        + f'3,2026-11-20,"{NAME}","{TEXT}","{MAIL}","{PHONE}","{CPF}"\n',
        encoding="utf-8",
    )
    asked = ["--purpose", "newsletter", "--channel", "email"]
    imported = "contact", "import", str(sent), "--system", "mailer"
    for command in (["may-contact", "crm/contacts/003canary", *asked], ["contactable", *asked], imported, ["consent", "receipts", "crm/contacts/003canary"]):
        told = run(RUNNER, settings, *command)
        assert b"Traceback" not in told.stderr
        outputs += [told.stdout, told.stderr]
    masked = run(RUNNER, settings, "explain", "crm/contacts/003canary")
    assert masked.returncode == 0
    assert_clean(settings.home, *outputs, masked.stdout, masked.stderr)
    assert columns_with_leaks(settings, {"plain", "pseudonym"}) == []
    # the canary did get in: otherwise nothing above would prove anything
    personal = columns_with_leaks(settings, {"personal"})
    for column in ("raw_record.payload", "contact.full_name", "contact_point.value", "free_text.text", "golden_contact.full_name", "refused_row.payload"):
        assert column in personal, column
    revealed = run(RUNNER, settings, "explain", "crm/contacts/003canary", "--reveal")
    assert leaks(revealed.stdout) and not leaks(revealed.stderr)


def test_redacted_text_holds_no_identifier(settings: Settings) -> None:
    plant(deliver(settings, people=40))
    assert run(RUNNER, settings, "run", "--batch", "first", "--approve", "tester").returncode == 0
    warehouse = open_warehouse(settings.database_url)
    with warehouse.transaction() as db:
        texts = db.read(metadata.tables["free_text"], "text", "redacted")
    warehouse.close()
    mine = texts[texts["text"].fillna("").str.contains("jacarandavel")]
    assert len(mine) >= 3
    for text in mine["redacted"]:
        assert not [needle for needle in (CPF, MAIL, PHONE, POSTAL_CODE) if needle in text], "an identifier was left in a redacted text"


@pytest.mark.parametrize("how", ["raise", "duplicate"])
def test_a_failure_whose_exception_holds_values_tells_none_of_them(tmp_path: Path, how: str) -> None:
    settings = make_settings(tmp_path / "home")
    plant(deliver(settings, people=20))
    done = run(FAILING, settings, how, "run", "--batch", "first", "--approve", "tester")
    assert done.returncode not in (0, 1), done.stderr.decode()[-2000:]
    assert b"Traceback" not in done.stderr
    assert_clean(settings.home, done.stdout, done.stderr)
