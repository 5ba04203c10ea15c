"""Under how many names a contact point is used."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_point", sa.Column("names", sa.Integer(), autoincrement=False, nullable=True))


def downgrade() -> None:
    op.drop_column("contact_point", "names")
