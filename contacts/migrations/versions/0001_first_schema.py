"""First schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("gate", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("code_version", sa.Text(), nullable=True),
        sa.Column("config_hash", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_batch")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_batch_batch_id")),
    )
    op.create_table(
        "clean_masked",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("cpf", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("uf", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("records", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("sources", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "person_id", name=op.f("pk_clean_masked")),
    )
    op.create_table(
        "clean_officer",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("name_suffix", sa.Text(), nullable=True),
        sa.Column("social_name", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("cpf", sa.Text(), nullable=True),
        sa.Column("cnpj", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("complement", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("uf", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("emails", sa.Text(), nullable=True),
        sa.Column("phones", sa.Text(), nullable=True),
        sa.Column("records", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("sources", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "person_id", name=op.f("pk_clean_officer")),
    )
    op.create_table(
        "clean_row",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_value", sa.Text(), nullable=True),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("name_suffix", sa.Text(), nullable=True),
        sa.Column("social_name", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("cpf", sa.Text(), nullable=True),
        sa.Column("cnpj", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("complement", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("uf", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "purpose", "person_id", "channel", "point_ref", name=op.f("pk_clean_row")),
    )
    op.create_table(
        "consent_event",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("purpose_version", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("text_version", sa.Text(), nullable=True),
        sa.Column("text_hash", sa.Text(), nullable=True),
        sa.Column("evidence_raw_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_consent_event")),
    )
    op.create_index(op.f("ix_consent_event_record_id"), "consent_event", ["record_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("name_suffix", sa.Text(), nullable=True),
        sa.Column("social_name", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("cpf", sa.Text(), nullable=True),
        sa.Column("cnpj", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("complement", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("uf", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("birth_precision", sa.Text(), nullable=True),
        sa.Column("source_created_at", sa.Text(), nullable=True),
        sa.Column("source_updated_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_batch_no"), "contact", ["batch_no"], unique=False)
    op.create_table(
        "contact_point",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("match_key", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("subtype", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("verified_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "type", "position", name=op.f("pk_contact_point")),
    )
    op.create_index(op.f("ix_contact_point_point_ref"), "contact_point", ["point_ref"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("files", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("rows_read", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("new", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("changed", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("unchanged", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("suppressed", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("refused", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("gone", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("dropped_columns", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "source", "object", name=op.f("pk_delivery")),
    )
    op.create_table(
        "finding",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_id", "rule", name=op.f("pk_finding")),
    )
    op.create_table(
        "free_text",
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("redacted", sa.Text(), nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_free_text")),
    )
    op.create_index(op.f("ix_free_text_batch_no"), "free_text", ["batch_no"], unique=False)
    op.create_index(op.f("ix_free_text_record_id"), "free_text", ["record_id"], unique=False)
    op.create_table(
        "gate_result",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("evaluated", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("gx_failed", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "rule", name=op.f("pk_gate_result")),
    )
    op.create_table(
        "golden_attribute",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("distinct_values", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "field", name=op.f("pk_golden_attribute")),
    )
    op.create_table(
        "golden_contact",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("name_suffix", sa.Text(), nullable=True),
        sa.Column("social_name", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("cpf", sa.Text(), nullable=True),
        sa.Column("cnpj", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("complement", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("uf", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("records", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sources", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_golden_contact")),
    )
    op.create_table(
        "golden_point",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("subtype", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verified_at", sa.Text(), nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "point_ref", name=op.f("pk_golden_point")),
    )
    op.create_table(
        "identity_event",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_person", sa.Text(), nullable=True),
        sa.Column("to_person", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "record_id", name=op.f("pk_identity_event")),
    )
    op.create_table(
        "interaction",
        sa.Column("interaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Text(), nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("interaction_id", name=op.f("pk_interaction")),
    )
    op.create_index(op.f("ix_interaction_record_id"), "interaction", ["record_id"], unique=False)
    op.create_table(
        "judgement",
        sa.Column("judgement_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_a", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_b", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=False),
        sa.Column("judged_at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("judgement_no", name=op.f("pk_judgement")),
    )
    op.create_table(
        "ledger",
        sa.Column("entry_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_no", name=op.f("pk_ledger")),
    )
    op.create_table(
        "link_model",
        sa.Column("model_hash", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("model_hash", name=op.f("pk_link_model")),
    )
    op.create_table(
        "live",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_live")),
    )
    op.create_table(
        "membership",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_person_id"), "membership", ["person_id"], unique=False)
    op.create_table(
        "pair",
        sa.Column("record_a", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_b", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("model_hash", sa.Text(), nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_a", "record_b", name=op.f("pk_pair")),
    )
    op.create_index(op.f("ix_pair_record_b"), "pair", ["record_b"], unique=False)
    op.create_table(
        "permission",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("point_ref", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("regimes", sa.Text(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "purpose", "channel", "point_ref", name=op.f("pk_permission")),
    )
    op.create_table(
        "pii_finding",
        sa.Column("text_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("end", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("recogniser", sa.Text(), nullable=True),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("text_id", "start", "entity", name=op.f("pk_pii_finding")),
    )
    op.create_table(
        "publication",
        sa.Column("publication_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("publication_no", name=op.f("pk_publication")),
    )
    op.create_table(
        "raw_record",
        sa.Column("raw_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("gone_batch_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("file_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("raw_id", name=op.f("pk_raw_record")),
    )
    op.create_index(op.f("ix_raw_record_batch_no"), "raw_record", ["batch_no"], unique=False)
    op.create_index(op.f("ix_raw_record_record_id"), "raw_record", ["record_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "stage", "part", name=op.f("pk_receipt")),
    )
    op.create_table(
        "refused_row",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("file_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_no", "source", "object", "file_no", "row_no", name=op.f("pk_refused_row")),
    )
    op.create_table(
        "rule_result",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evaluated", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("failed", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("batch_no", "rule", "source", name=op.f("pk_rule_result")),
    )
    op.create_table(
        "suppression",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_suppression")),
    )
    op.create_table(
        "value_note",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", "field", "position", "reason", name=op.f("pk_value_note")),
    )


def downgrade() -> None:
    op.drop_table("value_note")
    op.drop_table("suppression")
    op.drop_table("rule_result")
    op.drop_table("refused_row")
    op.drop_table("receipt")
    op.drop_index(op.f("ix_raw_record_record_id"), table_name="raw_record")
    op.drop_index(op.f("ix_raw_record_batch_no"), table_name="raw_record")
    op.drop_table("raw_record")
    op.drop_table("publication")
    op.drop_table("pii_finding")
    op.drop_table("permission")
    op.drop_index(op.f("ix_pair_record_b"), table_name="pair")
    op.drop_table("pair")
    op.drop_index(op.f("ix_membership_person_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("live")
    op.drop_table("link_model")
    op.drop_table("ledger")
    op.drop_table("judgement")
    op.drop_index(op.f("ix_interaction_record_id"), table_name="interaction")
    op.drop_table("interaction")
    op.drop_table("identity_event")
    op.drop_table("golden_point")
    op.drop_table("golden_contact")
    op.drop_table("golden_attribute")
    op.drop_table("gate_result")
    op.drop_index(op.f("ix_free_text_record_id"), table_name="free_text")
    op.drop_index(op.f("ix_free_text_batch_no"), table_name="free_text")
    op.drop_table("free_text")
    op.drop_table("finding")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_contact_point_point_ref"), table_name="contact_point")
    op.drop_table("contact_point")
    op.drop_index(op.f("ix_contact_batch_no"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_consent_event_record_id"), table_name="consent_event")
    op.drop_table("consent_event")
    op.drop_table("clean_row")
    op.drop_table("clean_officer")
    op.drop_table("clean_masked")
    op.drop_table("batch")
