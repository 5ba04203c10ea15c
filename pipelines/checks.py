"""`lastro check`: one line per thing a run depends on, with what was found and how to mend it."""

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contacts.errors import ConfigurationError, LastroError, NotFound
from contacts.settings import Settings, load, open_to_others, private_folder
from pipelines import screen

if TYPE_CHECKING:
    from privacy.policy import Policy

Check = Callable[[Settings], str]
"""Returns what was found; raises LastroError (sentence, hint) when it is wrong."""


def all_checks() -> list[dict[str, Any]]:
    """Run every check; a failing one never stops the others."""
    try:
        settings = load()
    except LastroError as error:
        return [_result("settings", error)]
    return [_run(what, check, settings) for what, check in CHECKS]


def _python(_: Settings) -> str:
    return sys.version.split()[0]


def _home(settings: Settings) -> str:
    try:
        private_folder(settings.home)
    except OSError as error:
        raise LastroError(f"The home folder cannot be made ({error.strerror}).", "Set LASTRO_HOME to a folder you own.") from None
    if not os.access(settings.home, os.W_OK):
        raise LastroError("The home folder cannot be written to.", "Set LASTRO_HOME to a folder you own.")
    return _told(str(settings.home), settings.home)


def _key(settings: Settings) -> str:
    from pipelines.run import check_key, connect

    try:
        warehouse = connect(settings)
    except LastroError:  # the warehouse has a line of its own
        pass
    else:
        with warehouse.transaction(read_only=True) as db:
            check_key(db, settings)
    _ = settings.key
    if mend := open_to_others(settings.key_file):
        raise LastroError("The pseudonym key can be read by others.", mend)
    return "demo key: made-up people only" if (settings.home / "DEMO").exists() else "present, readable by its owner only; keep a copy apart"


def _database(settings: Settings) -> str:
    from contacts.migrations.upgrade import head
    from pipelines.run import connect

    warehouse = connect(settings)
    backend = warehouse.engine.dialect.name
    warehouse.close()
    file = warehouse.engine.url.database if backend == "sqlite" else None
    return _told(f"{backend}, schema {head()}", Path(file) if file else None)


def _told(found: str, path: Path | None) -> str:
    """What was found, and a hint when other users of this machine may look into it: a choice some make, so it is no failure."""
    mend = open_to_others(path) if path and path.exists() else ""
    return f"{found} (other users of this machine may read it; to keep them out: {mend})" if mend else found


def _sources(settings: Settings) -> str:
    from pipelines.sources.spec import check_purposes, load_sources
    from privacy.policy import load_policy

    found = load_sources(settings.sources)
    if not found:
        raise LastroError("No source is declared.", f"Put one YAML file per source into {settings.sources}.")
    try:
        policy = load_policy(settings.policy)
    except ConfigurationError:  # its own line says what is wrong with it
        policy = None
    if policy:
        check_purposes(found, policy.purposes)
    return f"{len(found)}: {', '.join(found)}"


def _inbox(settings: Settings) -> str:
    from pipelines.sources.spec import load_sources

    missing = [
        f"{name}.{thing}"
        for name, source in load_sources(settings.sources).items()
        for thing, spec in source.objects.items()
        if not any(settings.inbox.glob(spec.read.files))
    ]
    if missing:
        raise LastroError(f"No file for {', '.join(missing)}.", f"Deliver to {settings.inbox}, or set LASTRO_INBOX; `lastro demo` makes an inbox up.")
    return str(settings.inbox)


def _policy(settings: Settings) -> str:
    from privacy.policy import load_policy

    policy = load_policy(settings.policy)
    return f"{len(policy.purposes)} purposes, version {policy.policy_version}"


def show_policy(what: str, out: Path | None, as_json: bool) -> None:
    """Check the policy alone and print it as the officer signs it. Raises ConfigurationError when it is wrong, NotFound for another word."""
    from privacy import matrix
    from privacy.policy import load_policy

    if what != "policy":
        raise NotFound(f"There is no check called {what!r}.", "`lastro check` looks at everything, `lastro check policy` prints the policy.")
    settings = load()
    policy, language = load_policy(settings.policy), settings.language
    _no_silent_change(settings, policy)
    if out:
        out.write_text(matrix.as_csv(policy, language) if out.suffix == ".csv" else matrix.as_text(policy, language), encoding="utf-8")
    heads, purposes, fields = matrix.HEADS[language], matrix.purposes(policy, language), matrix.fields(policy, language)
    told = {"policy_version": policy.policy_version, "sha256": policy.digest, "purposes": purposes, "fields": fields}
    shown = [(f"{heads['title']} · {policy.policy_version}", purposes), ("", fields)]
    screen.show(as_json, told, shown, [f"{heads['digest']}: {policy.digest}"], "lastro run")


def _no_silent_change(settings: Settings, policy: "Policy") -> None:
    """Hold the policy against those that decided before, where there is a warehouse already."""
    from contacts import tables
    from pipelines.run import connect
    from privacy.policy_history import check_basis_changes

    if settings.database_url.startswith("sqlite") and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        return
    with connect(settings).transaction(read_only=True) as db:
        check_basis_changes(db, policy, (db.maximum(tables.batch, "number") or 0) + 1)


def _linkage(settings: Settings) -> str:
    from contacts.configuration import perhaps
    from dedup.linkage import load_linkage
    from pipelines.sources.names import source_names

    linkage, known = load_linkage(settings.linkage), tuple(source_names(settings))
    for name in (*linkage.person.one_per_source, *linkage.organisation.one_per_source):
        if name not in known:
            raise ConfigurationError(f"one_per_source names {name!r}, which is no source{perhaps(name, known)}.", f"{settings.linkage.name} says it.")
    return f"{len(linkage.person.blocking.rules)} blocking rules, {len(linkage.person.comparisons)} comparisons for persons"


def _ledger(settings: Settings) -> str:
    from contacts import ledger
    from pipelines.run import connect
    from privacy import sealing

    with connect(settings).transaction(read_only=True) as db:
        verdict = ledger.verify(db, settings)
        if verdict.problem:
            raise LastroError(f"It does not verify: {verdict.problem}.", "Run `lastro ledger verify` and compare with a backup before anything else.")
        changed = sealing.broken(db)
    if changed:
        raise LastroError(
            f"Consent events of batch {changed[0]} are not those that were sealed.", "Compare table consent_event with a backup before anything else."
        )
    return f"{verdict.entries} entries verify, and the consent events they seal"


def _airflow(_: Settings) -> str:
    if find_spec("airflow") is None:
        raise LastroError("Airflow is not installed.", "Run `make demo` or install requirements.lock; `lastro run` works without it.")
    return "installed"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("Python", _python),
    ("home folder", _home),
    ("pseudonym key", _key),
    ("warehouse", _database),
    ("sources", _sources),
    ("inbox", _inbox),
    ("policy", _policy),
    ("linkage", _linkage),
    ("ledger", _ledger),
    ("Airflow", _airflow),
)


def _run(what: str, check: Check, settings: Settings) -> dict[str, Any]:
    try:
        return {"what": what, "ok": True, "found": check(settings), "mend": ""}
    except LastroError as error:
        return _result(what, error)
    except Exception as error:  # a check must tell, not fall over; the text of a foreign exception may hold values
        return _result(what, LastroError(f"{type(error).__name__} while looking.", "This is a fault in Lastro; please report it."))


def _result(what: str, error: LastroError) -> dict[str, Any]:
    return {"what": what, "ok": False, "found": error.sentence, "mend": error.hint}
