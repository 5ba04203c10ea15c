"""Judgements with what was seen, undone and confirmed; a steward's acts on persons; pairs drawn to be judged."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JUDGEMENT = (("seen_hash", sa.Text()), ("opinions", sa.Integer()), ("undoes", sa.Integer()), ("act_no", sa.Integer()))


def _int(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=nullable)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    for name, kind in JUDGEMENT:
        op.add_column("judgement", sa.Column(name, kind, nullable=True))
    op.add_column("identity_event", sa.Column("act_no", sa.Integer(), nullable=True))
    op.create_table(
        "identity_act",
        *(_int("act_no"), _text("kind"), _text("reason"), _text("acted_by"), _text("confirmed_by", True), _text("undone_by", True)),
        *(_int("taken_batch", True), _int("restored_batch", True), _text("acted_at")),
        sa.PrimaryKeyConstraint("act_no", name=op.f("pk_identity_act")),
    )
    op.create_table(
        "act_record",
        *(_int("act_no"), _id("record_id"), _text("person_id"), _int("part")),
        sa.PrimaryKeyConstraint("act_no", "record_id", name=op.f("pk_act_record")),
    )
    op.create_index(op.f("ix_act_record_record_id"), "act_record", ["record_id"])
    op.create_table(
        "pair_sample",
        *(_int("sample_no"), _int("item_no"), _id("record_a"), _id("record_b"), _text("stratum")),
        *(
            sa.Column("weight", sa.Float(), nullable=False),
            sa.Column("probability", sa.Float(), nullable=True),
            sa.Column("together", sa.Boolean(), nullable=False),
        ),
        *(_int("batch_no"), _int("seed"), _text("drawn_by")),
        sa.PrimaryKeyConstraint("sample_no", "item_no", name=op.f("pk_pair_sample")),
    )


def downgrade() -> None:
    op.drop_table("pair_sample")
    op.drop_index(op.f("ix_act_record_record_id"), table_name="act_record")
    op.drop_table("act_record")
    op.drop_table("identity_act")
    op.drop_column("identity_event", "act_no")
    for name, _ in reversed(JUDGEMENT):
        op.drop_column("judgement", name)
