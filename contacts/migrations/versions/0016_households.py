"""Golden and clean rows say which household a person belongs to, and golden rows why."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COLUMNS = (("golden_contact", "household_id"), ("golden_contact", "household_shares"), ("clean_row", "household_id"), ("clean_officer", "household_id"))


def upgrade() -> None:
    for table, name in COLUMNS:
        op.add_column(table, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for table, name in reversed(COLUMNS):
        op.drop_column(table, name)
