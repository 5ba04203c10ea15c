"""When a record went into quarantine and when it came out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since_batch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until_batch", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("record_id", "since_batch", name=op.f("pk_quarantine")),
    )


def downgrade() -> None:
    op.drop_table("quarantine")
