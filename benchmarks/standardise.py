"""Standardising phones, e-mails and CPFs beside the plain loop over phonenumbers, email-validator and python-stdnum: speed, memory, and where they differ."""

import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

KINDS = ("phone", "email", "cpf")
_CHILD = "import sys; from benchmarks.standardise import run_in_child; run_in_child(*sys.argv[1:])"
_HOUSES = ("gmail.com", "hotmail.com", "outlook.com", "yahoo.com.br", "uol.com.br", "icloud.com", "terra.com.br", *(f"empresa{n}.com.br" for n in range(2_000)))
_TYPOS = ("gmal.com", "gmail.con", "hotmal.com", "yahoo.combr", "empresa.con.br", "gmail.com.br")
_NAMES = ("ana", "bruno", "carla", "davi", "elisa", "fabio", "gisele", "hugo", "iara", "joao", "katia", "lucas", "marina", "nelson", "olga", "paulo")


def made_up(people: int, seed: int) -> dict[str, pd.Series]:
    """Two phones, two e-mails and a CPF for each of ``people``, messy at the rates of real lists; nobody's but by chance."""
    draw = random.Random(seed)
    return {
        "phone": pd.Series([_phone(draw) for _ in range(2 * people)]),
        "email": pd.Series([_email(draw) for _ in range(2 * people)]),
        "cpf": pd.Series([_cpf(draw) for _ in range(people)]),
    }


def _phone(draw: random.Random) -> str:
    ddd = draw.choice((11, 11, 11, 21, 21, 31, 41, 47, 51, 61, 71, 81, 85, 92))
    a, b = f"9{draw.randrange(6_000, 10_000)}" if draw.random() < 0.8 else f"3{draw.randrange(1_000):03d}", f"{draw.randrange(10_000):04d}"
    lot = draw.random()
    if lot < 0.13:
        return f"{a}-{b}"  # no area code, counted in a real list
    if lot < 0.16 and len(a) == 5:
        return f"({ddd}) {a[1:]}-{b}"  # from before the ninth digit
    if lot < 0.19:
        return draw.choice(
            ("(11) 99999-9999", "não tem", "-", "00000-0000", f"({ddd}) {a}-{b} ramal {draw.randrange(99)}", f"{ddd}{a}{b}.0", f"041{ddd}{a}{b}")
        )
    if lot < 0.20:
        return f"+3519{draw.randrange(1, 4)}{draw.randrange(10**7):07d}"
    return draw.choice((f"({ddd}) {a}-{b}", f"{ddd}{a}{b}", f"+55 {ddd} {a}-{b}", f"+55{ddd}{a}{b}", f"0{ddd} {a}-{b}", f"{ddd} {a} {b}"))


def _email(draw: random.Random) -> str:
    local, house = f"{draw.choice(_NAMES)}.{draw.choice(_NAMES)}{draw.randrange(100_000)}", draw.choice(_HOUSES[:7] if draw.random() < 0.7 else _HOUSES)
    lot = draw.random()
    if lot < 0.012:
        return f"{local}@{draw.choice(_TYPOS)}"
    if lot < 0.02:
        return draw.choice(("nao@tem.com", "teste@teste.com", "não informado", f"{local}{house}", f"{local}@@{house}", f"joão.{local}@{house}"))
    if lot < 0.026:
        return draw.choice((f"{local.title()} <{local}@{house}>", f"mailto:{local}@{house}", f"{local}@{house}.", f"{local} @{house}"))
    return f"{local}@{house}".upper() if lot < 0.066 else f"{local}@{house}"


def _cpf(draw: random.Random) -> str:
    from stdnum.br import cpf

    nine = f"{draw.randrange(10**9):09d}"
    whole = nine + cpf._calc_check_digits(nine)
    lot = draw.random()
    if lot < 0.01:
        return draw.choice(("111.111.111-11", "00000000000", "123.456.789-09", f"{draw.randrange(10**11):011d}"))
    return cpf.format(whole) if lot < 0.5 else whole


def by_library(kind: str, values: pd.Series) -> pd.DataFrame:
    """The plain loop: every value through the library, None where it refuses."""
    read = {"phone": _phonenumbers, "email": _email_validator, "cpf": _stdnum}[kind]
    return pd.DataFrame({"value": [read(text) for text in values]}, dtype=object)


def _phonenumbers(text: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def _email_validator(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _stdnum(text: str) -> str | None:
    from stdnum.br import cpf

    return cpf.compact(text) if cpf.is_valid(text) else None


def by_us(kind: str, values: pd.Series) -> pd.DataFrame:
    """The same values as the stage reads them: cells cut apart (these hold one value each), then standardised."""
    from contacts.values import document, email, phone

    if kind == "cpf":
        return document.standardise(values, "cpf")
    module = phone if kind == "phone" else email
    return module.standardise(module.split(values))


def run_in_child(who: str, people: str, seed: str, folder: str) -> None:
    """Measure one side in a process of its own; the answers go to ``folder``, seconds and peak memory to standard output."""
    from contacts.values import document, email, phone  # noqa: F401  # what every process of either side has loaded

    lists = made_up(int(people), int(seed))
    for read in (by_us, by_library):
        for kind in KINDS:
            read(kind, lists[kind].head(20))  # tables and patterns are loaded once per process, whoever asks
    before, told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, {}
    for kind in KINDS:
        started = time.process_time()
        answers = by_us(kind, lists[kind]) if who == "us" else by_library(kind, lists[kind])
        told[kind] = time.process_time() - started
        answers.to_pickle(Path(folder) / f"{who}-{kind}.pickle")
    print(json.dumps({"seconds": told, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "before_mb": before}))


def measure(people: int, seed: int) -> str:
    """Both sides on the same values, as text: seconds, ratio, memory, and every way in which the answers differ."""
    with TemporaryDirectory() as folder:
        sides = {who: _measured(who, people, seed, folder) for who in ("library", "us")}
        lines = [
            f"{people:,} people: two phones, two e-mails and a CPF each",
            f"{'':<8}{'values':>10}{'library s':>11}{'ours s':>9}{'faster':>9}{'same answer':>13}",
        ]
        told = []
        for kind in KINDS:
            library, ours = (pd.read_pickle(Path(folder) / f"{who}-{kind}.pickle") for who in ("library", "us"))  # noqa: S301  # written a moment ago by us
            same, why = compared(library["value"], ours)
            slow, fast = (sides[who]["seconds"][kind] for who in ("library", "us"))
            lines.append(f"{kind:<8}{len(ours):>10,}{slow:>11.2f}{fast:>9.2f}{slow / fast:>8.1f}x{same / len(ours):>12.2%}")
            told += [f"  {kind}: {words}: {number:,}" for words, number in sorted(why.items(), key=lambda item: (-item[1], item[0]))]
    slow, fast = (sum(sides[who]["seconds"].values()) for who in ("library", "us"))
    lines.append(f"{'all':<8}{'':>10}{slow:>11.2f}{fast:>9.2f}{slow / fast:>8.1f}x")
    memory = "; ".join(f"{who} {sides[who]['peak_mb']:,.0f} ({sides[who]['before_mb']:,.0f} of it values and libraries)" for who in sides)
    return "\n".join([*lines, f"peak memory in MB: {memory}", "where the answers differ:", *told])


def _measured(who: str, people: int, seed: int, folder: str) -> dict:
    done = subprocess.run([sys.executable, "-c", _CHILD, who, str(people), str(seed), folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"benchmark of {who} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compared(library: pd.Series, ours: pd.DataFrame) -> tuple[int, Counter[str]]:
    """How many answers are the same (the same value, or both refuse), and the others by what we say of them."""
    value, reason = ours["value"].where(ours["status"].isin(["ok", "fixed"])), ours["reason"].fillna("")
    both = library.notna() & value.notna()
    same = (library.isna() & value.isna()) | (both & (library == value))
    kinds = pd.Series("both accept, another form", index=ours.index).where(both, "only the library accepts").where(library.notna(), "only we accept")
    status = ours["status"].astype(str)
    return int(same.sum()), Counter((kinds + ", we say " + status + " " + reason).str.strip()[~same])
