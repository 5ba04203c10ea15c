"""Scores with numerator and denominator, what each batch looks like, and what is odd about it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_score",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_value", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("numerator", sa.Float(), nullable=False),
        sa.Column("denominator", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "scope", "scope_value", "dimension", name=op.f("pk_quality_score")),
    )
    op.create_table(
        "quality_profile",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "source", "metric", "category", name=op.f("pk_quality_profile")),
    )
    op.create_table(
        "anomaly",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("observed", sa.Float(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.Column("distance", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "source", "metric", name=op.f("pk_anomaly")),
    )


def downgrade() -> None:
    for table in ("anomaly", "quality_profile", "quality_score"):
        op.drop_table(table)
