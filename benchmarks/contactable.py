"""Whom may we contact now: everybody at once beside the plain loop over ``may_contact``; seconds, memory, and whether they agree."""

import json
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from contacts.warehouse import TEXT

AT = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # half past nine in Brasília, half past seven in Acre
PURPOSE, CHANNEL = "partner_offers", "phone"
SAMPLE = 5_000
_CHILD = "import sys; from benchmarks.contactable import run_in_child; run_in_child(*sys.argv[1:])"
_STATES = ("SP", "SP", "SP", "RJ", "MG", "BA", "PE", "AM", "AC", "RS", "PA", "MT", None)


def made_up(people: int, seed: int) -> tuple[pd.DataFrame, object]:
    """``people`` with a number each: a third lacks a permission, attempts of the last 30 days, lists and preferences at plausible rates."""
    from contacts.values.phone_br import UF_OF_DDD
    from privacy.contact_rules.everyone import Known
    from privacy.contact_rules.facts import cases_of

    draw = np.random.default_rng(seed)
    names = pd.Series([f"P-{number:08d}" for number in range(people)], dtype=TEXT)
    refs = np.arange(people, dtype=np.int64) + 1
    allowed = draw.random(people) < 0.66
    permission = pd.DataFrame({"person_id": names, "point_ref": refs, "allowed": allowed})
    permission = permission.assign(
        state=pd.Series(np.where(allowed, "GRANTED", "NEVER_ASKED"), dtype=TEXT),
        reasons=pd.Series(np.where(allowed, "GRANT_VALID", "NEVER_ASKED"), dtype=TEXT),
        valid_until=pd.Series(np.where(draw.random(people) < 0.1, "2026-11-25T00:00:00Z", None), dtype=TEXT),
    )
    uf = pd.Series(draw.choice(np.array(_STATES, dtype=object), people), dtype=TEXT)
    zone = uf.map({"AM": "America/Manaus", "AC": "America/Rio_Branco", "MT": "America/Cuiaba"}).fillna("America/Sao_Paulo").astype(TEXT).where(uf.notna())
    golden = pd.DataFrame({"person_id": names, "country": "BR", "uf": uf, "time_zone": zone, "language": "pt"}).astype({"country": TEXT, "language": TEXT})
    ddd = draw.choice(np.array(list(UF_OF_DDD)), people)
    numbers = pd.Series([f"+55{area}9{local:08d}" for area, local in zip(ddd, draw.integers(10**7, 10**8, people), strict=True)], dtype=TEXT)
    points = pd.DataFrame({"person_id": names, "point_ref": refs, "type": "phone", "value": numbers, "verified_at": None}).astype(
        {"type": TEXT, "verified_at": TEXT}
    )
    many = people * 3 // 2
    who, ago = draw.integers(0, people, many), draw.integers(0, 30 * 86_400, many)
    attempts = pd.DataFrame(
        {
            "attempt_id": np.arange(many),
            "person_id": names.array.take(who),
            "point_ref": pd.array(refs[who], dtype="Int64"),
            "channel": draw.choice(np.array(["phone", "email"], dtype=object), many),
            "direction": draw.choice(np.array(["outbound", "inbound"], dtype=object), many),
            "purpose": PURPOSE,
            "at": np.char.add((np.datetime64(int(AT.timestamp()), "s") - ago.astype("timedelta64[s]")).astype(str), "Z"),
            "outcome": draw.choice(np.array(["reached", "no_answer", "wrong_person"], dtype=object), many, p=[0.6, 0.39, 0.01]),
        }
    )
    attempts = attempts.astype(dict.fromkeys(("person_id", "channel", "direction", "purpose", "at", "outcome"), TEXT))
    chosen = draw.random(people) < 0.03
    preferences = pd.DataFrame({"person_id": names[chosen], "kind": "hours", "value": "10:00-12:00", "said_at": "2026-10-01T00:00:00Z"}).astype(TEXT)
    listed = pd.DataFrame({"list": "nao_me_perturbe", "point_ref": refs[draw.random(people) < 0.08]}).astype({"list": TEXT})
    taken = {name: AT - timedelta(days=3) for name in ("nao_me_perturbe", "procon_sp")}
    return cases_of(permission, golden, points), Known(attempts, preferences.reset_index(drop=True), listed, taken, AT)


def run_in_child(people: str, seed: str) -> None:
    """Measure both in one process: everybody at once, then the loop over a sample, with the answers compared."""
    from contacts.model import instant
    from contacts.settings import ROOT
    from privacy.contact_rules.decision import may_contact
    from privacy.contact_rules.everyone import Known, contactable
    from privacy.contact_rules.facts import facts_of
    from privacy.policy import load_policy

    policy = load_policy(ROOT / "privacy" / "policy.yml")
    cases, known = made_up(int(people), int(seed))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter(), time.process_time()
    found = contactable(policy, AT, PURPOSE, CHANNEL, cases, known)
    told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    some = np.random.default_rng(1).choice(len(cases), min(SAMPLE, len(cases)), replace=False)
    records, answers = cases.iloc[some].to_dict("records"), found.iloc[some].to_dict("records")
    names, points = cases["person_id"].iloc[some], cases["point_ref"].iloc[some]
    mine = known.attempts[known.attempts["person_id"].isin(names) | known.attempts["point_ref"].isin(points)]
    said, listed = known.preferences[known.preferences["person_id"].isin(names)], known.listed[known.listed["point_ref"].isin(points)]
    by_person = dict(list(mine.groupby("person_id")))
    none, facts = mine[:0], []
    for row in records:  # getting the facts together is not what is measured
        own = Known(by_person.get(row["person_id"], none), said, listed, known.snapshots, known.decided_at)
        facts.append(facts_of(policy, CHANNEL, row, own))
    cpu = time.process_time()
    one_by_one = [may_contact(policy, one, PURPOSE, CHANNEL, AT) for one in facts]
    loop = time.process_time() - cpu
    same = 0
    for answer, row in zip(one_by_one, answers, strict=True):
        when = (answer.next_at and instant(answer.next_at), answer.until and instant(answer.until))
        there = tuple(None if pd.isna(row[name]) else row[name] for name in ("next_at", "until"))
        same += (answer.allowed, ",".join(answer.reasons), *when) == (row["allowed"], row["reasons"], *there)
    told |= {"before_mb": before, "loop_cpu_each": loop / len(facts), "sample": len(facts), "same": same, "now": int(found["allowed"].sum())}
    print(json.dumps(told))


def measure(people: int, seed: int) -> str:
    """The figures as text; the loop is measured on a sample and its cost per person multiplied."""
    done = subprocess.run([sys.executable, "-c", _CHILD, str(people), str(seed)], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise SystemExit(f"benchmark of contact rules failed:\n{done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    loop = found["loop_cpu_each"] * people
    return "\n".join(
        [
            f"{people:,} people, {people * 3 // 2:,} attempts: may we call them now, why not, and when next ({found['now']:,} may be called)",
            f"everybody at once: {found['wall']:.1f} s wall, {found['cpu']:.1f} s CPU, peak {found['peak_mb']:,.0f} MB ({found['before_mb']:,.0f} before)",
            f"plain loop over may_contact: {loop:,.0f} s CPU ({found['sample']:,} people measured, {found['loop_cpu_each'] * 1e6:,.0f} µs each)",
            f"ratio {loop / found['cpu']:,.0f}x; same answer, reasons and next time: {found['same']:,} of {found['sample']:,}",
        ]
    )
