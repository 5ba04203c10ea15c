"""How a contact's birth date was written and under which layout it was read, so that a day's changes are read as the whole would be."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("birth_form", "birth_layout"):
        op.add_column("contact", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for name in ("birth_form", "birth_layout"):
        op.drop_column("contact", name)
