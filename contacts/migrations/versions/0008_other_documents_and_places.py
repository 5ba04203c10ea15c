"""Documents besides CPF and CNPJ, the IBGE code of the town, and the time zone of the address."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("contact", "golden_contact", "clean_row", "clean_officer")
COLUMNS = ("rg", "cnh", "pis", "voter_id", "tax_id", "city_code", "time_zone")


def upgrade() -> None:
    for table in TABLES:
        for name in COLUMNS:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        for name in reversed(COLUMNS):
            op.drop_column(table, name)
