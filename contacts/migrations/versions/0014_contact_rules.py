"""Attempts at contact, preferences, do-not-call lists, and the hours in which a contact may be made next."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_attempt",
        sa.Column("attempt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_contact_attempt")),
    )
    for column in ("record_id", "point_ref", "at"):
        op.create_index(op.f(f"ix_contact_attempt_{column}"), "contact_attempt", [column])
    op.create_table(
        "contact_preference",
        sa.Column("preference_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("said_at", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("preference_id", name=op.f("pk_contact_preference")),
    )
    op.create_index(op.f("ix_contact_preference_record_id"), "contact_preference", ["record_id"])
    op.create_table(
        "donotcall_snapshot",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Text(), nullable=False),
        sa.Column("entries", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unread", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("imported_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("list", "taken_at", name=op.f("pk_donotcall_snapshot")),
    )
    op.create_table(
        "donotcall_entry",
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("list", "point_ref", name=op.f("pk_donotcall_entry")),
    )
    op.create_table(
        "contact_window",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opens_at", sa.Text(), nullable=False),
        sa.Column("closes_at", sa.Text(), nullable=False),
        sa.Column("computed_at", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("contact_language", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "purpose", "channel", "point_ref", name=op.f("pk_contact_window")),
    )


def downgrade() -> None:
    for table in ("contact_window", "donotcall_entry", "donotcall_snapshot", "contact_preference", "contact_attempt"):
        op.drop_table(table)
