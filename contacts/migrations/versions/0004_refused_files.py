"""How many files of a delivery were refused, so that the gate can tell a refused file from a refused row."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("files_refused", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "files_refused")
