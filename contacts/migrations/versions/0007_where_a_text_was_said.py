"""The interaction a free text was said in, so that its readers know by which channel and when."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("free_text", sa.Column("interaction_id", sa.BigInteger(), autoincrement=False, nullable=True))


def downgrade() -> None:
    op.drop_column("free_text", "interaction_id")
