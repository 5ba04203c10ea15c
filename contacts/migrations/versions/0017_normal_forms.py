"""The suppression list says under which version of the normal forms a reference was made; there was one so far."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("suppression", sa.Column("normal_form", sa.Integer(), autoincrement=False, nullable=True))
    op.execute("UPDATE suppression SET normal_form = 1")
    with op.batch_alter_table("suppression") as table:
        table.alter_column("normal_form", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint("pk_suppression", type_="primary")
        table.create_primary_key("pk_suppression", ["token", "normal_form"])


def downgrade() -> None:
    # every token stays, under whichever form it was first made: to forget one would let its person in
    op.execute("DELETE FROM suppression WHERE normal_form > (SELECT MIN(other.normal_form) FROM suppression other WHERE other.token = suppression.token)")
    with op.batch_alter_table("suppression") as table:
        table.drop_constraint("pk_suppression", type_="primary")
        table.create_primary_key("pk_suppression", ["token"])
        table.drop_column("normal_form")
