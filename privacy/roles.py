"""Database roles of PostgreSQL: who downstream may read which clean view, and nothing else (LGPD art. 46, GDPR art. 25 and 32)."""

from sqlalchemy import text

from contacts.errors import ConfigurationError
from contacts.tables import OUR_VIEWS, metadata
from contacts.warehouse import Transaction, Warehouse
from privacy.contact_views import CONTACTABLE_VIEW
from privacy.policy import Policy
from privacy.views import ANALYST_VIEW, OFFICER_VIEW, now_view_of, refresh_views, texts_view_of, view_of

PREFIX = "lastro"
OFFICER_TABLES = (
    "batch", "receipt", "delivery", "contract_result", "ledger", "finding", "rule_result", "gate_result", "quality_score", "quality_profile", "anomaly",
    "pii_finding", "identity_event", "consent_event", "permission", "publication", "live",
    "contact_attempt", "donotcall_snapshot",
)  # fmt: skip
"""What the officer reads besides the views: registers and counts, no raw rows, no free text."""


def may_read(policy: Policy, prefix: str = PREFIX) -> dict[str, list[str]]:
    """Every reading role and the views and tables it sees."""
    everything = [view_of(code) for code in policy.purposes]
    found = {f"{prefix}_officer": [OFFICER_VIEW, ANALYST_VIEW, CONTACTABLE_VIEW, *everything, *OFFICER_TABLES], f"{prefix}_analyst": [ANALYST_VIEW]}
    for name, consumer in policy.consumers.items():
        texts = [texts_view_of(code) for code in consumer.purposes if policy.purposes[code].texts]
        now = [now_view_of(code) for code in consumer.purposes if policy.purposes[code].channels]
        found[f"{prefix}_reader_{name}"] = [view_of(code) for code in consumer.purposes] + texts + now
    return found


def create_roles(warehouse: Warehouse, policy: Policy, prefix: str = PREFIX) -> dict[str, list[str]]:
    """Create what is missing and grant exactly what the policy says, taking away what it no longer says; returns role -> what it reads.

    Roles cannot log in; grant them to logins. Raises ConfigurationError on SQLite.
    """
    if warehouse.engine.dialect.name != "postgresql":
        raise ConfigurationError("SQLite has no roles: whoever can read the file reads all of it.", "Use PostgreSQL where several people read.")
    reading, pipeline = may_read(policy, prefix), f"{prefix}_pipeline"
    with warehouse.transaction() as db:
        db.take_turn()
        refresh_views(db, policy)
        there = _roles(db, prefix)
        for role in (pipeline, *reading):
            if role not in there:
                _run(db, f'CREATE ROLE "{role}" NOLOGIN')
        if not _says(db, "SELECT pg_has_role(current_user, :role, 'USAGE')", role=pipeline):  # who gives tables away goes on using them
            _run(db, f'GRANT "{pipeline}" TO CURRENT_USER')
        _run(db, f'GRANT USAGE, CREATE ON SCHEMA "{_schema(db)}" TO "{pipeline}"')
        grant_views(db, policy, prefix)
    return {pipeline: ["every table"], **reading}


def grant_views(db: Transaction, policy: Policy, prefix: str = PREFIX) -> None:
    """Give the existing reading roles their views back, and no more; a view made anew has lost its grants."""
    _hand_over(db, prefix)
    reading, schema = may_read(policy, prefix), _schema(db)
    ours = ", ".join(_name(relation) for relation in _relations(db))
    for role in sorted(_roles(db, prefix) - {f"{prefix}_pipeline"}):
        _run(db, f'REVOKE ALL ON {ours} FROM "{role}"')
        if role in reading:
            if not _says(db, "SELECT has_schema_privilege(:role, current_schema(), 'USAGE')", role=role):
                _run(db, f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
            _run(db, f'GRANT SELECT ON {", ".join(_name(view) for view in reading[role])} TO "{role}"')
        else:  # a consumer the policy no longer names
            _run(db, f'REVOKE ALL ON SCHEMA "{schema}" FROM "{role}"')


def _hand_over(db: Transaction, prefix: str) -> None:
    """Make the pipeline's role the owner of our tables and views: only an owner migrates a table and replaces a view, whichever login runs Lastro."""
    role = f"{prefix}_pipeline"
    if role not in _roles(db, prefix) or not _says(db, "SELECT has_schema_privilege(:role, current_schema(), 'CREATE')", role=role):
        return  # the roles were not made for this schema
    mine = "relowner <> CAST(CAST(:role AS text) AS regrole) AND pg_has_role(current_user, relowner, 'USAGE')"
    for relation in _relations(db, mine, role=_name(role)):
        _run(db, f'ALTER TABLE "{relation}" OWNER TO "{role}"')
    for function in _trigger_functions(db, role):
        _run(db, f'ALTER FUNCTION "{function}"() OWNER TO "{role}"')


def _relations(db: Transaction, where: str = "true", **values: str) -> list[str]:
    """Names of our tables and views in this schema; others may keep theirs beside them."""
    query = f"SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'v') AND {where}"
    found = db.connection.execute(text(query).bindparams(**values)).scalars()
    return sorted(name for name in found if name in metadata.tables or name == "alembic_version" or name.startswith(OUR_VIEWS))


def _trigger_functions(db: Transaction, role: str) -> list[str]:
    """What our tables' triggers call and the role does not own yet: who migrates a table replaces these with it."""
    query = """
        SELECT DISTINCT proname, relname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = to_regnamespace(quote_ident(current_schema())) AND pronamespace = relnamespace
        AND proowner <> CAST(CAST(:role AS text) AS regrole) AND pg_has_role(current_user, proowner, 'USAGE')
    """
    found = db.connection.execute(text(query).bindparams(role=_name(role)))
    return sorted({function for function, table in found if table in metadata.tables})


def _roles(db: Transaction, prefix: str) -> set[str]:
    wanted = text("SELECT rolname FROM pg_roles WHERE rolname IN (:pipeline, :officer, :analyst) OR starts_with(rolname, :reader)")
    names = {"pipeline": f"{prefix}_pipeline", "officer": f"{prefix}_officer", "analyst": f"{prefix}_analyst", "reader": f"{prefix}_reader_"}
    return set(db.connection.execute(wanted.bindparams(**names)).scalars())


def _schema(db: Transaction) -> str:
    return str(db.connection.execute(text("SELECT current_schema()")).scalar_one())


def _says(db: Transaction, query: str, **values: str) -> bool:
    return bool(db.connection.execute(text(query).bindparams(**values)).scalar_one())


def _name(relation: str) -> str:
    return f'"{relation}"'


def _run(db: Transaction, statement: str) -> None:
    db.connection.exec_driver_sql(statement)
