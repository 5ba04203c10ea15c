"""The warehouse's tables; every column says whether it holds personal data, of which category and how long it stays.

Times are ISO 8601 text in UTC (``2026-11-22T00:00:00Z``), so that SQLite and PostgreSQL sort and compare alike;
``batch_no`` is the number of the batch that wrote the row. Export, erasure, masking and the leak test read the marks.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, Text

from contacts.schema import FIELDS, SINGLE_FIELDS

metadata = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})

OUR_VIEWS = ("clean_", "contactable_")
"""How the names of all our views begin."""
CATEGORY = {field.name: field.category for field in FIELDS}


def personal(category: str, retention: str = "person") -> dict[str, Any]:
    """The column holds a personal value of this category, kept as long as ``retention`` says."""
    return {"mark": "personal", "category": category, "retention": retention}


def pseudonym() -> dict[str, Any]:
    """The column holds a keyed pseudonym: personal data still (LGPD art. 12 and 13, GDPR recital 26), but safe in a log."""
    return {"mark": "pseudonym", "category": "pseudonym", "retention": "person"}


def plain() -> dict[str, Any]:
    """The column says nothing about a person by itself."""
    return {"mark": "plain"}


def clock() -> dict[str, Any]:
    """The column depends on the clock of the machine and is left out when two runs are compared."""
    return {"mark": "plain", "clock": True}


def _id(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, info=pseudonym(), autoincrement=False, **options)


def _text(name: str, info: dict[str, Any] | None = None, **options: Any) -> Column[str]:
    return Column(name, Text, info=info or plain(), **options)


def _int(name: str, **options: Any) -> Column[int]:
    return Column(name, Integer, info=plain(), autoincrement=False, **options)


def _bool(name: str) -> Column[bool]:
    return Column(name, Boolean, info=plain(), nullable=False)


def _fields() -> list[Column[str]]:
    """One text column per single-valued field, marked with its category."""
    return [_text(name, personal(CATEGORY[name])) for name in SINGLE_FIELDS]


# ── operations ────────────────────────────────────────────────────────────────────────────────────
batch = Table(
    "batch", metadata,
    _int("number", primary_key=True), _text("batch_id", nullable=False, unique=True), _text("as_of", nullable=False),
    _text("gate"), _text("approved_by"), _text("code_version"), _text("config_hash"), _text("opened_at", clock()),
)  # fmt: skip
receipt = Table(
    "receipt", metadata,
    _int("batch_no", primary_key=True), _text("stage", primary_key=True), _text("part", primary_key=True),
    _text("counts", nullable=False), _text("notes", nullable=False), Column("seconds", Float, info=clock()),
)  # fmt: skip
delivery = Table(
    "delivery", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("object", primary_key=True),
    _text("status", nullable=False), _text("reason"), _text("detail"), _int("files"), _int("files_refused"),
    _int("rows_read"), _int("new"), _int("changed"), _int("unchanged"), _int("suppressed"), _int("refused"), _int("gone"),
    _text("dropped_columns"),
)  # fmt: skip
contract_result = Table(  # every clause of a source's contract held against a delivery; ``bound`` is the contract's own words
    "contract_result", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("object", primary_key=True),
    _text("clause", primary_key=True), _text("source_column", primary_key=True), _text("status", nullable=False),
    _int("failed", nullable=False), _int("of", nullable=False), _text("bound", nullable=False),
)  # fmt: skip
ledger = Table(
    "ledger", metadata,
    _int("entry_no", primary_key=True), _text("at", clock(), nullable=False), _text("action", nullable=False), _text("actor", nullable=False),
    _int("batch_no"), _text("detail", nullable=False), _text("previous_hash", clock(), nullable=False), _text("hash", clock(), nullable=False),
)  # fmt: skip

# ── raw: every row as it came in ──────────────────────────────────────────────────────────────────
raw_record = Table(
    "raw_record", metadata,
    _id("raw_id", primary_key=True), _id("record_id", nullable=False), _text("source", nullable=False), _text("object", nullable=False),
    _text("source_key", personal("identifier"), nullable=False), _int("version", nullable=False), _text("content_hash", pseudonym(), nullable=False),
    _text("payload", personal("raw"), nullable=False), _int("batch_no", nullable=False), _bool("is_current"), _int("gone_batch_no"),
    _int("file_no"), _int("row_no"),
    Index(None, "record_id"), Index(None, "batch_no"),
)  # fmt: skip
refused_row = Table(
    "refused_row", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("object", primary_key=True),
    _int("file_no", primary_key=True), _int("row_no", primary_key=True), _text("reason", nullable=False), _text("payload", personal("raw")),
)  # fmt: skip
suppression = Table(  # ``normal_form`` is the version of the normal forms the reference was made under, and is compared under
    "suppression", metadata,
    _id("token", primary_key=True), _int("normal_form", primary_key=True), _text("kind", nullable=False),
    _text("reason", nullable=False), _text("since", nullable=False),
)  # fmt: skip

# ── standardised ──────────────────────────────────────────────────────────────────────────────────
contact = Table(
    "contact", metadata,
    _id("record_id", primary_key=True), _id("raw_id", nullable=False), _text("source", nullable=False), _int("batch_no", nullable=False),
    _text("state", nullable=False), _text("kind", nullable=False), *_fields(),
    _text("name_key", personal("name")), _text("birth_precision"), _text("birth_form"), _text("birth_layout"),
    _text("source_created_at"), _text("source_updated_at"), _text("team"), _text("entered_by", pseudonym()),
    Index(None, "batch_no"),
)  # fmt: skip
contact_point = Table(
    "contact_point", metadata,
    _id("record_id", primary_key=True), _text("type", primary_key=True), _int("position", primary_key=True),
    _id("point_ref"), _text("value", personal("contact")), _text("match_key", personal("contact")), _text("raw", personal("contact")),
    _text("subtype"), _text("status", nullable=False), _text("reason"), _text("verified_at"), _int("names"),
    Index(None, "point_ref"),
)  # fmt: skip
value_note = Table(
    "value_note", metadata,
    _id("record_id", primary_key=True), _text("field", primary_key=True), _int("position", primary_key=True), _text("reason", primary_key=True),
    _text("outcome", nullable=False), _text("suggestion", personal("raw")),
)  # fmt: skip
free_text = Table(
    "free_text", metadata,
    _id("text_id", primary_key=True), _id("record_id", nullable=False), _text("source", nullable=False), _text("field", nullable=False),
    _text("text", personal("text")), _text("redacted", personal("text")), _id("interaction_id"), _int("batch_no", nullable=False),
    Index(None, "record_id"), Index(None, "batch_no"),
)  # fmt: skip
interaction = Table(
    "interaction", metadata,
    _id("interaction_id", primary_key=True), _id("record_id"), _text("source", nullable=False), _text("channel", nullable=False),
    _text("direction", nullable=False), _text("purpose"), _text("status"), _text("opened_at"), _text("updated_at"), _int("batch_no", nullable=False),
    Index(None, "record_id"),
)  # fmt: skip

# ── quality ───────────────────────────────────────────────────────────────────────────────────────
finding = Table(
    "finding", metadata,
    _id("record_id", primary_key=True), _text("rule", primary_key=True), _text("field", nullable=False), _text("dimension", nullable=False),
    _text("severity", nullable=False), _text("reason", nullable=False), _int("batch_no", nullable=False),
)  # fmt: skip
quarantine = Table(
    "quarantine", metadata,
    _id("record_id", primary_key=True), _int("since_batch", primary_key=True), _int("until_batch"),
)  # fmt: skip
waiver = Table(
    "waiver", metadata,
    _int("waiver_no", primary_key=True), _id("record_id", nullable=False), _text("rule", nullable=False), _text("waived_by", nullable=False),
    _text("because", nullable=False), _text("until", nullable=False), _text("waived_at", clock(), nullable=False),
    Index(None, "record_id"),
)  # fmt: skip
patch = Table(  # what a person put in the place of a source's value; ``over_hash`` is the keyed hash of what the source said then
    "patch", metadata,
    _int("patch_no", primary_key=True), _id("record_id", nullable=False), _text("field", nullable=False), _text("value", personal("raw")),
    _text("over_hash", pseudonym(), nullable=False), _text("patched_by", nullable=False), _text("because", nullable=False),
    _int("batch_no", nullable=False), _int("ended_batch"), _text("patched_at", clock(), nullable=False),
    Index(None, "record_id"),
)  # fmt: skip
repair = Table(  # a cell of a source row taken from an earlier version of that row, ``from_raw_id``
    "repair", metadata,
    _id("record_id", primary_key=True), _text("source_column", primary_key=True), _int("since_batch", primary_key=True),
    _text("source", nullable=False), _text("object", nullable=False), _text("field", nullable=False), _id("from_raw_id", nullable=False),
    _text("reason", nullable=False), _int("until_batch"),
)  # fmt: skip
rule_result = Table(
    "rule_result", metadata,
    _int("batch_no", primary_key=True), _text("rule", primary_key=True), _text("source", primary_key=True),
    _int("evaluated", nullable=False), _int("failed", nullable=False),
)  # fmt: skip
gate_result = Table(
    "gate_result", metadata,
    _int("batch_no", primary_key=True), _text("rule", primary_key=True), _text("severity", nullable=False),
    _int("evaluated", nullable=False), _int("failed", nullable=False), _int("gx_failed", nullable=False),
)  # fmt: skip
quality_score = Table(  # scope is run, source or field; the score is numerator of denominator
    "quality_score", metadata,
    _int("batch_no", primary_key=True), _text("scope", primary_key=True), _text("scope_value", primary_key=True), _text("dimension", primary_key=True),
    Column("numerator", Float, info=plain(), nullable=False), Column("denominator", Float, info=plain(), nullable=False),
)  # fmt: skip
quality_profile = Table(  # volumes, missing cells and spread over closed lists of categories: never a value
    "quality_profile", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("metric", primary_key=True), _text("category", primary_key=True),
    _int("n", nullable=False), _int("of", nullable=False),
)  # fmt: skip
anomaly = Table(
    "anomaly", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("metric", primary_key=True),
    Column("observed", Float, info=plain(), nullable=False), Column("usual", Float, info=plain(), nullable=False),
    Column("distance", Float, info=plain(), nullable=False),
)  # fmt: skip
audit = Table(
    "audit", metadata,
    _int("audit_no", primary_key=True), _int("batch_no", nullable=False), _int("seed", nullable=False), _int("size", nullable=False),
    _int("population", nullable=False), _text("opened_by", nullable=False), _text("opened_at", clock(), nullable=False),
    _text("signed_by"), _text("signed_at", clock()),
)  # fmt: skip
audit_item = Table(  # a golden value to compare with the world; ``raw_id`` says which version of it was meant
    "audit_item", metadata,
    _int("audit_no", primary_key=True), _int("item_no", primary_key=True), _text("person_id", pseudonym(), nullable=False),
    _text("field", nullable=False), _id("record_id", nullable=False), _id("raw_id", nullable=False), _text("stratum", nullable=False),
    Column("weight", Float, info=plain(), nullable=False), _text("verdict"), _text("judged_by"),
)  # fmt: skip
blame = Table(  # who typed what goes wrong: ``n`` of ``of`` records, ``fresh`` of them came with this batch; without rule: any of them
    "blame", metadata,
    _int("batch_no", primary_key=True), _text("source", primary_key=True), _text("team", primary_key=True),
    _text("entered_by", pseudonym(), primary_key=True), _text("rule", primary_key=True), _text("field", nullable=False),
    _int("n", nullable=False), _int("of", nullable=False), _int("fresh", nullable=False),
)  # fmt: skip
pii_finding = Table(
    "pii_finding", metadata,
    _id("text_id", primary_key=True), _int("start", primary_key=True), _text("entity", primary_key=True), _int("end", nullable=False),
    _id("record_id", nullable=False), _text("source", nullable=False), _text("field", nullable=False),
    Column("score", Float, info=plain(), nullable=False), _text("recogniser"), _int("batch_no", nullable=False),
)  # fmt: skip

# ── identity ──────────────────────────────────────────────────────────────────────────────────────
link_model = Table(  # ``batch_no`` is the batch since which the link stage uses the model, 0 while a trained one waits for its first
    "link_model", metadata,
    _text("model_hash", primary_key=True), _int("batch_no", nullable=False), _text("parameters", nullable=False),
)  # fmt: skip
pair = Table(
    "pair", metadata,
    _id("record_a", primary_key=True), _id("record_b", primary_key=True), Column("probability", Float, info=plain(), nullable=False),
    _text("zone", nullable=False), _text("evidence", nullable=False), _text("model_hash"), _int("batch_no", nullable=False),
    Index(None, "record_b"),
)  # fmt: skip
judgement = Table(  # append-only; ``undoes`` takes an earlier one back, ``opinions`` says how many people have to agree, ``act_no`` whose part it is
    "judgement", metadata,
    _int("judgement_no", primary_key=True), _id("record_a", nullable=False), _id("record_b", nullable=False), _text("verdict", nullable=False),
    _text("reason"), _text("judged_by", nullable=False), _text("judged_at", clock(), nullable=False), _text("seen_hash", pseudonym()),
    _int("opinions"), _int("undoes"), _int("act_no"),
)  # fmt: skip
identity_act = Table(  # a steward's merge, unmerge or move; the link stage notes the batch that first followed it, and the one that gave back what it took
    "identity_act", metadata,
    _int("act_no", primary_key=True), _text("kind", nullable=False), _text("reason", nullable=False), _text("acted_by", nullable=False),
    _text("confirmed_by"), _text("undone_by"), _int("taken_batch"), _int("restored_batch"), _text("acted_at", clock(), nullable=False),
)  # fmt: skip
act_record = Table(  # whose person every record was that an act touches, so that undoing it gives the same ids back; ``part`` is its side of the act
    "act_record", metadata,
    _int("act_no", primary_key=True), _id("record_id", primary_key=True), _text("person_id", pseudonym(), nullable=False), _int("part", nullable=False),
    Index(None, "record_id"),
)  # fmt: skip
pair_sample = Table(  # pairs drawn over the whole range of scores to be judged; ``weight`` is how many pairs of its stratum each stands for
    "pair_sample", metadata,
    _int("sample_no", primary_key=True), _int("item_no", primary_key=True), _id("record_a", nullable=False), _id("record_b", nullable=False),
    _text("stratum", nullable=False), Column("weight", Float, info=plain(), nullable=False), Column("probability", Float, info=plain()), _bool("together"),
    _int("batch_no", nullable=False), _int("seed", nullable=False), _text("drawn_by", nullable=False),
)  # fmt: skip
membership = Table(
    "membership", metadata,
    _id("record_id", primary_key=True), _text("person_id", pseudonym(), nullable=False), _int("batch_no", nullable=False),
    Index(None, "person_id"),
)  # fmt: skip
identity_event = Table(
    "identity_event", metadata,
    _int("batch_no", primary_key=True), _id("record_id", primary_key=True), _text("kind", nullable=False),
    _text("from_person", pseudonym()), _text("to_person", pseudonym()), _int("act_no"),
)  # fmt: skip

# ── permission ────────────────────────────────────────────────────────────────────────────────────
consent_event = Table(
    "consent_event", metadata,
    _id("event_id", primary_key=True), _id("record_id", nullable=False), _id("point_ref"), _text("source", nullable=False),
    _text("purpose", nullable=False), _text("purpose_version"), _text("channel", nullable=False), _text("type", nullable=False),
    _text("effective_at"), _text("recorded_at", nullable=False), _text("actor", nullable=False), _text("method"),
    _text("text_version"), _text("text_hash"), _text("controller"), _text("expires_at"), _id("evidence_raw_id"), _int("batch_no", nullable=False),
    Index(None, "record_id"),
)  # fmt: skip
policy_version = Table(  # every policy that decided something, whole, so that a decision can be made again under the rules of its day
    "policy_version", metadata,
    _text("policy_version", primary_key=True), _text("digest", nullable=False), _text("content", nullable=False), _int("batch_no", nullable=False),
)  # fmt: skip
permission = Table(
    "permission", metadata,
    _text("person_id", pseudonym(), primary_key=True), _text("purpose", primary_key=True), _text("channel", primary_key=True),
    _id("point_ref", primary_key=True), _bool("allowed"), _text("state", nullable=False), _text("basis"), _text("regimes"),
    _text("reasons", nullable=False), _text("valid_until"), _text("policy_version", nullable=False), _int("batch_no", nullable=False),
)  # fmt: skip

# ── contact: what was attempted, what people prefer, who must not be called, when the next hour is ──
contact_attempt = Table(  # append-only, both directions; without a record it counts for whoever holds the contact point
    "contact_attempt", metadata,
    _id("attempt_id", primary_key=True), _id("record_id"), _id("point_ref"), _text("channel", nullable=False), _text("direction", nullable=False),
    _text("purpose"), _text("at", nullable=False), _text("outcome"), _text("system", nullable=False), _text("campaign"),
    _text("recorded_at", clock(), nullable=False), _int("batch_no"),
    Index(None, "record_id"), Index(None, "point_ref"), Index(None, "at"),
)  # fmt: skip
contact_preference = Table(  # ``source``: whose row says so today; without one a person told us, and only a newer word of theirs takes its place
    "contact_preference", metadata,
    _id("preference_id", primary_key=True), _id("record_id", nullable=False), _text("kind", nullable=False), _text("value", personal("preference")),
    _text("said_at", nullable=False), _text("recorded_by", nullable=False), _text("recorded_at", clock(), nullable=False), _text("source"),
    Index(None, "record_id"),
)  # fmt: skip
donotcall_snapshot = Table(
    "donotcall_snapshot", metadata,
    _text("list", primary_key=True), _text("taken_at", primary_key=True), _int("entries", nullable=False), _int("unread", nullable=False),
    _text("imported_at", clock(), nullable=False),
)  # fmt: skip
donotcall_entry = Table(  # of the newest snapshot only; a number is kept by the keyed reference it would have as a contact point
    "donotcall_entry", metadata,
    _text("list", primary_key=True), _id("point_ref", primary_key=True),
)  # fmt: skip
contact_window = Table(  # the hours in which a permitted contact may be made next, worked out at ``computed_at``
    "contact_window", metadata,
    _text("person_id", pseudonym(), primary_key=True), _text("purpose", primary_key=True), _text("channel", primary_key=True),
    _id("point_ref", primary_key=True), _text("opens_at", nullable=False), _text("closes_at", nullable=False), _text("computed_at", nullable=False),
    _text("reasons", nullable=False), _text("contact_language", personal("preference")), _text("policy_version", nullable=False),
)  # fmt: skip

# ── golden record ─────────────────────────────────────────────────────────────────────────────────
golden_contact = Table(
    "golden_contact", metadata,
    _text("person_id", pseudonym(), primary_key=True), _text("kind", nullable=False), *_fields(),
    _text("household_id", pseudonym()), _text("household_shares"),
    _int("records", nullable=False), _int("sources", nullable=False), _int("batch_no", nullable=False),
)  # fmt: skip
golden_attribute = Table(
    "golden_attribute", metadata,
    _text("person_id", pseudonym(), primary_key=True), _text("field", primary_key=True), _text("value", personal("raw")),
    _id("record_id", nullable=False), _id("raw_id", nullable=False), _text("rule", nullable=False),
    _int("candidates", nullable=False), _int("distinct_values", nullable=False), _int("batch_no", nullable=False),
)  # fmt: skip
golden_point = Table(
    "golden_point", metadata,
    _text("person_id", pseudonym(), primary_key=True), _id("point_ref", primary_key=True), _text("type", nullable=False),
    _text("value", personal("contact")), _text("subtype"), _int("rank", nullable=False), _id("record_id", nullable=False),
    _id("raw_id", nullable=False), _text("rule", nullable=False), _int("records", nullable=False), _text("verified_at"),
    _int("batch_no", nullable=False),
)  # fmt: skip

# ── publication: versions of the clean tables; the live one is a single row ───────────────────────
clean_row = Table(
    "clean_row", metadata,
    _int("batch_no", primary_key=True), _text("purpose", primary_key=True), _text("person_id", pseudonym(), primary_key=True),
    _text("channel", primary_key=True), _id("point_ref", primary_key=True), _text("contact_value", personal("contact")), *_fields(),
    _text("household_id", pseudonym()), _text("basis"), _text("valid_until"), _text("policy_version"), _text("derived_at"), _text("stale_after"),
)  # fmt: skip
clean_masked = Table(
    "clean_masked", metadata,
    _int("batch_no", primary_key=True), _text("person_id", pseudonym(), primary_key=True), _text("kind"),
    *[_text(name, personal(CATEGORY[name])) for name in ("full_name", "birth_date", "cpf", "city", "uf", "postal_code", "country")],
    _text("email", personal("contact")), _text("phone", personal("contact")), _int("records"), _int("sources"),
)  # fmt: skip
clean_officer = Table(
    "clean_officer", metadata,
    _int("batch_no", primary_key=True), _text("person_id", pseudonym(), primary_key=True), _text("kind"), *_fields(),
    _text("household_id", pseudonym()), _text("emails", personal("contact")), _text("phones", personal("contact")), _int("records"), _int("sources"),
)  # fmt: skip
publication = Table(
    "publication", metadata,
    _int("publication_no", primary_key=True), _int("batch_no", nullable=False), _text("action", nullable=False),
    _text("actor", nullable=False), _text("at", clock(), nullable=False),
)  # fmt: skip
live = Table("live", metadata, _int("slot", primary_key=True), _int("batch_no", nullable=False))
