"""What the report is told by the rest of the house: titles of sources, rules in words, exceptions, training needs, newest audit, breaches, groups of names."""

import pandas as pd

from contacts import tables
from contacts.estimate import Estimate
from contacts.model import Run
from contacts.warehouse import Transaction
from expectations import repair
from expectations.blame import Need
from expectations.rules import describe_rules
from pipelines import auditing, blaming, contacting, linkage_quality
from pipelines.name_groups import GROUPS, contacts_by_group
from pipelines.sources.spec import load_sources
from privacy.policy import load_policy
from privacy.report.facts import Breach, Errors, Facts, JudgedSample, NameGroup, Rule, Title, Training, Waiver


def facts(run: Run) -> Facts:
    """Everything the report's stage needs beside its tables and the policy."""
    sources = {name: Title(source.title.pt, source.title.en) for name, source in load_sources(run.settings.sources).items()}
    rules = {rule["id"]: _rule(rule) for rule in describe_rules()}
    audit, drawn = auditing.newest_signed(run.db), linkage_quality.newest_judged(run.db)
    return Facts(sources, rules, _waivers(run), audit, _training(run), _breaches(run), name_groups(run.db, drawn), judged_sample(drawn))


def _rule(rule: dict[str, str]) -> Rule:
    title = Title(rule["message_pt"], rule["message_en"])
    return Rule(rule["dimension"], rule["severity"], title, rule["owner"], float(rule["weight"]), rule["field"])


def _training(run: Run) -> tuple[Training, ...]:
    """Who stands out, the people of a source and rule together: the report says how many, `lastro blame` says who."""
    together: dict[tuple[str, str, str], list[Need]] = {}
    for need in blaming.training_needs(run.db, run.batch.number):
        together.setdefault((need.source, "" if need.user else need.team, need.rule), []).append(need)
    return tuple(
        Training(
            source,
            team,
            rule,
            people=sum(bool(need.user) for need in needs),
            n=sum(need.n for need in needs),
            of=sum(need.of for need in needs),
            rest_n=needs[0].rest_n,
            rest_of=needs[0].rest_of,
            batches=max(need.batches for need in needs),
        )
        for (source, team, rule), needs in together.items()
    )


def _waivers(run: Run) -> tuple[Waiver, ...]:
    held = repair.in_force(run.db.read(tables.waiver, *repair.WAIVER_COLUMNS), run.batch.as_of.date())
    return tuple(Waiver(str(rule), len(part), str(part["until"].min())) for rule, part in held.groupby("rule", sort=True))


def _breaches(run: Run) -> tuple[Breach, ...]:
    if not run.db.count(tables.contact_attempt, tables.contact_attempt.c.direction == "outbound"):
        return ()
    found = contacting.find_breaches(run.db, load_policy(run.settings.policy))
    return tuple(Breach(str(rule), str(channel), int(n), int(of)) for rule, channel, n, of in found.itertuples(index=False))


def judged_sample(drawn: pd.DataFrame) -> JudgedSample | None:
    """The newest sample of pairs (``newest_judged``), None before one is drawn."""
    return None if drawn.empty else JudgedSample(int(drawn["sample_no"].iloc[0]), len(drawn), len(linkage_quality.settled(drawn)))


def name_groups(db: Transaction, drawn: pd.DataFrame) -> dict[str, NameGroup]:
    """Per group of names what validation sets aside, and what linkage gets wrong as far as a sample was judged."""
    held = contacts_by_group(db)
    wrong = linkage_quality.errors_by_group(db, linkage_quality.settled(drawn))
    return {group: NameGroup(Title(pt, en), *held[group], *map(_errors, wrong[group])) for group, (pt, en) in GROUPS.items()}


def _errors(found: Estimate | None) -> Errors | None:
    return None if found is None else Errors(found.judged, found.right, found.share, found.low, found.high)
