"""Subjects and what is recorded about them, who allowed what, who read what, and what waits to be sent.

Why these tables, and why each is reference, subject-owned or the gateway's own, is said in `storage/tables/`. Two
rules stand here only, because no table definition can say them: entries of the access log and events of an
authorisation are never changed. Erasing a subject deletes them, with key and salt, so deleting is allowed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True)
APPENDED_ONLY = ("access_entries", "consent_events")
TABLES = (
    "imports",
    "outbox",
    "pending_entries",
    "idempotency_keys",
    "consent_events",
    "access_entries",
    "authorisations",
    "restraint_cases",
    "applications",
    "delegations",
    "identifiers",
    "subject_keys",
    "subjects",
    "identifier_terms",
    "matters",
    "departments",
    "areas",
    "sectors",
)


def upgrade() -> None:
    """Create every table; names of constraints follow the convention in `storage/tables/`."""
    _reference()
    _subjects()
    _cases()
    _consent()
    _house()
    for table in APPENDED_ONLY:
        _refuse_changes(table)


def downgrade() -> None:
    """Drop every table, with all that they hold."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _reference() -> None:
    op.create_table(
        "sectors",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
    )
    op.create_table(
        "areas",
        sa.Column("code", sa.String(12), primary_key=True),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
    )
    op.create_table(
        "departments",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("sector_code", sa.String(32), sa.ForeignKey("sectors.code"), nullable=False),
        sa.Column("window_zh", sa.Text),
        sa.Column("telephone", sa.Text),
    )
    op.create_table(
        "matters",
        sa.Column("code", sa.String(32), primary_key=True),
        sa.Column("name_zh", sa.Text, nullable=False),
        sa.Column("name_en", sa.Text, nullable=False),
        sa.Column("department_code", sa.String(32), sa.ForeignKey("departments.code"), nullable=False),
        sa.Column("sector_code", sa.String(32), sa.ForeignKey("sectors.code"), nullable=False),
        sa.Column("green_channel", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("deferred_documents", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("commitment", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("facilitation_basis", sa.Text),
    )
    op.create_table(
        "identifier_terms",
        sa.Column("kind", sa.String(24), primary_key=True),
        sa.Column("term", sa.LargeBinary(33), primary_key=True),
        sa.Column("subject_id", sa.Uuid, nullable=False, index=True),
    )


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("subject_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("capacities", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("area_code", sa.String(12), sa.ForeignKey("areas.code"), nullable=False, index=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("name_sealed", sa.LargeBinary),
        sa.Column("name_mask", sa.Text),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("phone_mask", sa.Text),
        sa.Column("address_sealed", sa.LargeBinary),
        sa.Column("address_mask", sa.Text),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("registered_by", sa.String(64), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.CheckConstraint("kind IN ('NATURAL_PERSON','LEGAL_PERSON','SOLE_TRADER','OTHER_ORGANISATION')", name="kind"),
    )
    op.create_table(
        "subject_keys",
        _subject(),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek", sa.String(64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
    )
    op.create_table(
        "identifiers",
        _subject(),
        sa.Column("identifier_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("number_sealed", sa.LargeBinary),
        sa.Column("number_mask", sa.Text),
        sa.Column("derived", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("subject_id", "kind"),
        sa.CheckConstraint("kind IN ('ID_NUMBER','SOCIAL_CREDIT_CODE')", name="kind"),
    )
    op.create_table(
        "delegations",
        _subject(),
        sa.Column("delegation_id", sa.Uuid, primary_key=True),
        sa.Column("delegate_ref", sa.String(64), nullable=False, index=True),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("withdrawn_at", INSTANT),
    )


def _cases() -> None:
    op.create_table(
        "applications",
        _subject(),
        sa.Column("application_id", sa.Uuid, primary_key=True),
        sa.Column("matter_code", sa.String(32), sa.ForeignKey("matters.code"), nullable=False),
        sa.Column("department_code", sa.String(32), sa.ForeignKey("departments.code"), nullable=False, index=True),
        sa.Column("channel", sa.String(24), nullable=False, server_default="ORDINARY"),
        sa.Column("clerk_ref", sa.String(64)),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT),
        sa.Column("decided_at", INSTANT),
        sa.Column("outcome", sa.String(24)),
        sa.Column("confidential", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.CheckConstraint("channel IN ('ORDINARY','GREEN_CHANNEL','DEFERRED_DOCUMENTS','COMMITMENT')", name="channel"),
        sa.CheckConstraint("outcome IN ('APPROVED','REFUSED','WITHDRAWN')", name="outcome"),
    )
    op.create_table(
        "restraint_cases",
        _subject(),
        sa.Column("case_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("application_id", sa.Uuid),
        sa.Column("department_code", sa.String(32), sa.ForeignKey("departments.code"), nullable=False, index=True),
        sa.Column("sector_code", sa.String(32), sa.ForeignKey("sectors.code"), nullable=False),
        sa.Column("area_code", sa.String(12), sa.ForeignKey("areas.code"), nullable=False),
        sa.Column("circumstance", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("legal_document", sa.Text),
        sa.Column("handler_ref", sa.String(64), nullable=False),
        sa.Column("reviewer_ref", sa.String(64)),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("facts_mask", sa.Text),
        sa.Column("evidence_sealed", sa.LargeBinary),
        sa.Column("evidence_mask", sa.Text),
        sa.Column("notes_sealed", sa.LargeBinary),
        sa.Column("notes_mask", sa.Text),
        sa.Column("collected_at", INSTANT, nullable=False),
        sa.Column("verified_at", INSTANT),
        sa.Column("noticed_on", sa.Date),
        sa.Column("served_on", sa.Date),
        sa.Column("stated_on", sa.Date),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("determined_on", sa.Date),
        sa.Column("published_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("period_basis", sa.Text),
        sa.Column("rectified_on", sa.Date),
        sa.Column("removed_on", sa.Date),
        sa.Column("dropped_on", sa.Date),
        sa.Column("referred_on", sa.Date),
        sa.Column("confidential", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.UniqueConstraint("subject_id", "number"),
        sa.Index("ix_restraint_cases_list", "sector_code", "published_on", "case_id"),
        sa.Index("ix_restraint_cases_published", "published_on", "case_id"),
        sa.Index("ix_restraint_cases_changed", "sector_code", "changed_at"),
        sa.Index("ix_restraint_cases_handler", "handler_ref"),
        sa.CheckConstraint(
            "circumstance IN ('IMPERSONATION','FALSE_MATERIAL','DOCUMENTS_NOT_SUPPLIED','COMMITMENT_NOT_MET','OTHER')",
            name="circumstance",
        ),
        sa.CheckConstraint(
            "channel IN ('FACT_FINDING','PLATFORM_QUERY','SUPERVISION_PUSH','PUBLIC_REPORT','OTHER')", name="channel"
        ),
        sa.CheckConstraint("published_on IS NULL OR determined_on IS NOT NULL", name="published_after_determined"),
        sa.CheckConstraint("published_on IS NULL OR ends_on IS NOT NULL", name="published_ends"),
    )


def _consent() -> None:
    op.create_table(
        "authorisations",
        _subject(),
        sa.Column("authorisation_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("recipient_code", sa.String(32), sa.ForeignKey("departments.code"), nullable=False),
        sa.Column("groups", sa.SmallInteger, nullable=False),
        sa.Column("means", sa.Text, nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("application_id", sa.Uuid),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("requested_by", sa.String(64), nullable=False),
        sa.Column("granted_at", INSTANT),
        sa.Column("granted_by", sa.String(64)),
        sa.Column("starts_on", sa.Date),
        sa.Column("expires_on", sa.Date, nullable=False),
        sa.Column("uses_allowed", sa.Integer, nullable=False),
        sa.Column("uses_made", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refused_at", INSTANT),
        sa.Column("narrowed_at", INSTANT),
        sa.Column("withdrawn_at", INSTANT),
        sa.Column("withdrawn_by", sa.String(64)),
        sa.Column("paper_evidence", sa.Text),
        sa.Column("contested_at", INSTANT),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Index("ix_authorisations_live", "subject_id", "purpose", "recipient_code"),
        sa.Index("ix_authorisations_recipient", "recipient_code", "requested_at"),
        sa.CheckConstraint("groups > 0", name="scope_named"),
        sa.CheckConstraint("uses_made <= uses_allowed", name="uses_bounded"),
        sa.CheckConstraint("granted_at IS NULL OR refused_at IS NULL", name="granted_or_refused"),
    )
    op.create_table(
        "access_entries",
        _subject(),
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("read_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("basis", sa.String(24), nullable=False),
        sa.Column("citation", sa.Text, nullable=False),
        sa.Column("authorisation_id", sa.Uuid),
        sa.Column("document_hash", sa.String(64), nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Index("ix_access_entries_entry", "entry_id"),
    )
    op.create_table(
        "consent_events",
        _subject(),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("authorisation_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("event", sa.String(24), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Index("ix_consent_events_authorisation", "subject_id", "authorisation_id", "at"),
    )


def _house() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("actor_ref", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "pending_entries",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("log", sa.String(16), nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("appended_at", INSTANT, nullable=False),
        sa.CheckConstraint("log IN ('consent','access')", name="log"),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Index("ix_outbox_unsent", "sent_at", "created_at"),
    )
    op.create_table(
        "imports",
        sa.Column("file_hash", sa.String(64), primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
    )


def _subject() -> sa.Column[object]:
    """Return the owning subject's id: the first column of every key, so that a shard holds whole subjects."""
    return sa.Column("subject_id", sa.Uuid, sa.ForeignKey("subjects.subject_id"), primary_key=True)


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
        )
        return
    op.execute(
        """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% is appended only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$"""
    )
    op.execute(
        f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
