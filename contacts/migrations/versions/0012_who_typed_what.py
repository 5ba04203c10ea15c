"""Who typed a contact in, under a pseudonym, and their team; and per batch who typed what goes wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = ("team", "entered_by")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("contact", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "blame",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fresh", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "source", "team", "entered_by", "rule", name=op.f("pk_blame")),
    )


def downgrade() -> None:
    op.drop_table("blame")
    for name in reversed(COLUMNS):
        op.drop_column("contact", name)
