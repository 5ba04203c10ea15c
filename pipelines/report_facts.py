"""What the report is told by the rest of the house: titles of sources, the rules in words, exceptions in force, the newest signed audit."""

from contacts import tables
from contacts.model import Run
from expectations import repair
from expectations.rules import describe_rules
from pipelines import auditing
from pipelines.sources.spec import load_sources
from privacy.report.facts import Facts, Rule, Title, Waiver


def facts(run: Run) -> Facts:
    """Everything the report's stage needs beside its tables and the policy."""
    sources = {name: Title(source.title.pt, source.title.en) for name, source in load_sources(run.settings.sources).items()}
    rules = {
        rule["id"]: Rule(rule["dimension"], rule["severity"], Title(rule["message_pt"], rule["message_en"]), rule["owner"], float(rule["weight"]))
        for rule in describe_rules()
    }
    return Facts(sources, rules, _waivers(run), auditing.newest_signed(run.db))


def _waivers(run: Run) -> tuple[Waiver, ...]:
    held = repair.in_force(run.db.read(tables.waiver, *repair.WAIVER_COLUMNS), run.batch.as_of.date())
    return tuple(Waiver(str(rule), len(part), str(part["until"].min())) for rule, part in held.groupby("rule", sort=True))
