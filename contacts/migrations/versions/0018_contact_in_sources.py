"""Sources say what people prefer, and what an interaction was for."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

COLUMNS = (("contact_preference", "source"), ("interaction", "purpose"))


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM contact_preference WHERE source IS NOT NULL")
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
