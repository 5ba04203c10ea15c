"""Exceptions from quarantine rules, values patched by a person, and cells repaired from an earlier delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiver",
        sa.Column("waiver_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("waived_by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.Column("waived_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("waiver_no", name=op.f("pk_waiver")),
    )
    op.create_index(op.f("ix_waiver_record_id"), "waiver", ["record_id"], unique=False)
    op.create_table(
        "patch",
        sa.Column("patch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("over_hash", sa.Text(), nullable=False),
        sa.Column("patched_by", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ended_batch", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("patched_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("patch_no", name=op.f("pk_patch")),
    )
    op.create_index(op.f("ix_patch_record_id"), "patch", ["record_id"], unique=False)
    op.create_table(
        "repair",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_column", sa.Text(), nullable=False),
        sa.Column("since_batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("from_raw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until_batch", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("record_id", "source_column", "since_batch", name=op.f("pk_repair")),
    )


def downgrade() -> None:
    op.drop_table("repair")
    op.drop_index(op.f("ix_patch_record_id"), table_name="patch")
    op.drop_table("patch")
    op.drop_index(op.f("ix_waiver_record_id"), table_name="waiver")
    op.drop_table("waiver")
