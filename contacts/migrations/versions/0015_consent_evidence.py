"""Consent events say to which controller and until when, are never changed; policies are kept whole; clean rows say when they were derived."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER consent_event_append_only BEFORE UPDATE ON consent_event
BEGIN SELECT RAISE(ABORT, 'consent_event is append-only'); END
"""
POSTGRES = (
    """
CREATE FUNCTION consent_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'consent_event is append-only'; END $$
""",
    "CREATE TRIGGER consent_event_append_only BEFORE UPDATE ON consent_event FOR EACH ROW EXECUTE FUNCTION consent_event_append_only()",
)


def upgrade() -> None:
    # every source until now was one of the controller's own systems
    op.add_column("consent_event", sa.Column("controller", sa.Text(), nullable=True))
    op.execute("UPDATE consent_event SET controller = 'own'")
    op.add_column("consent_event", sa.Column("expires_at", sa.Text(), nullable=True))
    op.create_table(
        "policy_version",
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("policy_version", name=op.f("pk_policy_version")),
    )
    for name in ("derived_at", "stale_after"):
        op.add_column("clean_row", sa.Column(name, sa.Text(), nullable=True))
    for statement in (SQLITE,) if op.get_bind().dialect.name == "sqlite" else POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER consent_event_append_only")
    else:
        op.execute("DROP TRIGGER consent_event_append_only ON consent_event")
        op.execute("DROP FUNCTION consent_event_append_only()")
    for name in ("stale_after", "derived_at"):
        op.drop_column("clean_row", name)
    op.drop_table("policy_version")
    for name in ("expires_at", "controller"):
        op.drop_column("consent_event", name)
