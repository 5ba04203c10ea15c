"""Every clause of a source's contract, held against what it delivered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contract_result",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("source_column", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "source", "object", "clause", "source_column", name=op.f("pk_contract_result")),
    )


def downgrade() -> None:
    op.drop_table("contract_result")
