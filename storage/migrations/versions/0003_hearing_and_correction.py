"""Statements in their own words, objections, corrections and who has to be told of them [5.1.4(3)] [5.1.4(6)]."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True)
RUNNING = "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
CLAIMED = "claimed_on IS NOT NULL AND claim_answered_on IS NULL"
OPEN = (
    ("ix_restraint_cases_open_handler", "handler_ref", ""),
    ("ix_restraint_cases_open_department", "department_code", ""),
    ("ix_restraint_cases_open_review", "reviewer_ref", " AND stated_on IS NOT NULL AND reviewed_on IS NULL"),
)
"""What waits to be done is found among what has not ended: by whose it is."""


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "case_statements",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("statement_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("stated_on", sa.Date, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_by", sa.String(64), nullable=False),
        sa.Column("entered_as", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary),
        sa.Column("text_mask", sa.Text),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_case_statements_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "statement_id", name="pk_case_statements"),
    )
    op.create_index("ix_case_statements_case", "case_statements", ["subject_id", "case_id"])
    op.create_index("ix_case_statements_of", "case_statements", ["case_id"])
    op.create_table(
        "clock_recounts",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("recount_id", sa.Uuid, nullable=False),
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("clock", sa.String(24), nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("due_before", sa.Date, nullable=False),
        sa.Column("due_after", sa.Date, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_clock_recounts_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "recount_id", name="pk_clock_recounts"),
    )
    op.create_index("ix_clock_recounts_about", "clock_recounts", ["subject_id", "about"])
    op.create_table(
        "correction_told",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("telling_id", sa.Uuid, nullable=False),
        sa.Column("correction_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("route", sa.String(24), nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("left_at", INSTANT, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("told_on", sa.Date),
        sa.Column("told_at", INSTANT),
        sa.Column("told_by", sa.String(64)),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_correction_told_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "telling_id", name="pk_correction_told"),
        sa.UniqueConstraint("subject_id", "correction_id", "recipient", "route", name="uq_correction_told_subject_id"),
    )
    op.create_index("ix_correction_told_correction", "correction_told", ["correction_id"])
    op.create_table(
        "corrections",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("correction_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("objection_id", sa.Uuid),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("remedy", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("discovered_on", sa.Date, nullable=False),
        sa.Column("discovered_at", INSTANT, nullable=False),
        sa.Column("discovered_by", sa.String(64), nullable=False),
        sa.Column("discovered_evidence", sa.Text),
        sa.Column("done_on", sa.Date),
        sa.Column("done_at", INSTANT),
        sa.Column("done_by", sa.String(64)),
        sa.Column("done_evidence", sa.Text),
        sa.Column("completed_on", sa.Date),
        sa.Column("step_version", sa.Integer, server_default="1", nullable=False),
        sa.CheckConstraint("cause IN ('WRONG','CHANGED')", name="ck_corrections_cause"),
        sa.CheckConstraint("remedy IN ('CORRECT','REMOVE')", name="ck_corrections_remedy"),
        sa.CheckConstraint("completed_on IS NULL OR done_on IS NOT NULL", name="ck_corrections_completed_after_done"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_corrections_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "correction_id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_case", "corrections", ["case_id"])
    op.create_index("ix_corrections_open", "corrections", ["department_code", "completed_on"])
    op.create_table(
        "deliveries",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid, nullable=False),
        sa.Column("recipient", sa.String(64), nullable=False),
        sa.Column("route", sa.String(24), nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("message_id", sa.Uuid),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_deliveries_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "delivery_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_case", "deliveries", ["subject_id", "case_id"])
    op.create_table(
        "hearing_steps",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("step_id", sa.Uuid, nullable=False),
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("record", sa.String(24), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("evidence", sa.Text),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_hearing_steps_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "step_id", name="pk_hearing_steps"),
    )
    op.create_index("ix_hearing_steps_about", "hearing_steps", ["subject_id", "about", "at"])
    op.create_table(
        "objections",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("objection_id", sa.Uuid, nullable=False),
        sa.Column("record", sa.String(24), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("raised_on", sa.Date, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("raised_by", sa.String(64), nullable=False),
        sa.Column("raised_as", sa.String(16), nullable=False),
        sa.Column("evidence", sa.Text),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("text_sealed", sa.LargeBinary),
        sa.Column("text_mask", sa.Text),
        sa.Column("assigned_ref", sa.String(64)),
        sa.Column("answered_on", sa.Date),
        sa.Column("answered_at", INSTANT),
        sa.Column("answered_by", sa.String(64)),
        sa.Column("answer", sa.String(16)),
        sa.Column("answer_evidence", sa.Text),
        sa.Column("reasons_sealed", sa.LargeBinary),
        sa.Column("reasons_mask", sa.Text),
        sa.Column("step_version", sa.Integer, server_default="1", nullable=False),
        sa.CheckConstraint("answer IN ('REJECTED','CORRECT','REMOVE')", name="ck_objections_answer"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_objections_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "objection_id", name="pk_objections"),
    )
    op.create_index("ix_objections_case", "objections", ["case_id"])
    op.create_index("ix_objections_open", "objections", ["department_code", "answered_on"])
    op.create_index("ix_objections_record", "objections", ["subject_id", "record", "record_id"])
    op.add_column("restraint_cases", sa.Column("agents_case_id", sa.Uuid))
    op.add_column("restraint_cases", sa.Column("occurred_on", sa.Date))
    op.add_column("restraint_cases", sa.Column("removal", sa.String(16)))
    op.add_column("restraint_cases", sa.Column("service_means", sa.String(16)))
    op.add_column("restraint_cases", sa.Column("review_outcome", sa.String(16)))
    op.add_column("restraint_cases", sa.Column("claimed_on", sa.Date))
    op.add_column("restraint_cases", sa.Column("claim_answered_on", sa.Date))
    op.create_index("ix_case_steps_of", "case_steps", ["case_id", "at"])
    claimed = sa.text(CLAIMED)
    op.create_index(
        "ix_restraint_cases_claimed",
        "restraint_cases",
        ["department_code"],
        sqlite_where=claimed,
        postgresql_where=claimed,
    )
    for name, column, also in OPEN:
        running = sa.text(RUNNING + also)
        op.create_index(name, "restraint_cases", [column], sqlite_where=running, postgresql_where=running)
    _refuse_changes("deliveries")
    _refuse_changes("clock_recounts")
    _refuse_changes("hearing_steps")


def downgrade() -> None:
    """Drop them, with what they hold."""
    for name, _, _ in OPEN:
        op.drop_index(name, table_name="restraint_cases")
    op.drop_index("ix_restraint_cases_claimed", table_name="restraint_cases")
    op.drop_index("ix_case_steps_of", table_name="case_steps")
    op.drop_column("restraint_cases", "claim_answered_on")
    op.drop_column("restraint_cases", "claimed_on")
    op.drop_column("restraint_cases", "review_outcome")
    op.drop_column("restraint_cases", "service_means")
    op.drop_column("restraint_cases", "removal")
    op.drop_column("restraint_cases", "occurred_on")
    op.drop_column("restraint_cases", "agents_case_id")
    op.drop_index("ix_objections_record", table_name="objections")
    op.drop_index("ix_objections_open", table_name="objections")
    op.drop_index("ix_objections_case", table_name="objections")
    op.drop_table("objections")
    op.drop_index("ix_hearing_steps_about", table_name="hearing_steps")
    op.drop_table("hearing_steps")
    op.drop_index("ix_deliveries_case", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index("ix_corrections_open", table_name="corrections")
    op.drop_index("ix_corrections_case", table_name="corrections")
    op.drop_table("corrections")
    op.drop_index("ix_correction_told_correction", table_name="correction_told")
    op.drop_table("correction_told")
    op.drop_index("ix_clock_recounts_about", table_name="clock_recounts")
    op.drop_table("clock_recounts")
    op.drop_index("ix_case_statements_of", table_name="case_statements")
    op.drop_index("ix_case_statements_case", table_name="case_statements")
    op.drop_table("case_statements")


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
        )
        return
    op.execute(  # the function is of revision 0001
        f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
