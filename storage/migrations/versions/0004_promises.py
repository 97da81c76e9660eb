"""What rests on an application: credit checks, incentives, deferred documents, commitments [4]."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "application_steps",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("step_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("evidence", sa.Text),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name="fk_application_steps_subject_id_subjects"
        ),
        sa.PrimaryKeyConstraint("subject_id", "step_id", name="pk_application_steps"),
    )
    op.create_index("ix_application_steps_application", "application_steps", ["subject_id", "application_id", "at"])
    op.create_table(
        "commitments",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("commitment_ref", sa.String(64), nullable=False),
        sa.Column("committed_on", sa.Date, nullable=False),
        sa.Column("limit_days", sa.Integer, nullable=False),
        sa.Column("verify_days", sa.Integer, nullable=False),
        sa.Column("completed_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("verified_on", sa.Date),
        sa.Column("verified_by", sa.String(64)),
        sa.Column("outcome", sa.String(16)),
        sa.Column("evidence", sa.JSON),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("facts_mask", sa.Text),
        sa.Column("case_id", sa.Uuid),
        sa.Column("step_version", sa.Integer, server_default="1", nullable=False),
        sa.CheckConstraint("outcome IN ('MET','NOT_MET')", name="ck_commitments_outcome"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_commitments_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "application_id", name="pk_commitments"),
    )
    op.create_index("ix_commitments_open", "commitments", ["department_code", "verified_on"])
    op.create_table(
        "credit_checks",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("check_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("by_ref", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("authorisation_id", sa.Uuid, nullable=False),
        sa.Column("finding", sa.String(16), nullable=False),
        sa.Column("answers", sa.JSON, nullable=False),
        sa.CheckConstraint("finding IN ('CLEAN','ADVERSE','UNKNOWN','GOVERNED')", name="ck_credit_checks_finding"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_credit_checks_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "check_id", name="pk_credit_checks"),
    )
    op.create_index("ix_credit_checks_application", "credit_checks", ["application_id", "at"])
    op.create_index("ix_credit_checks_department", "credit_checks", ["department_code", "at"])
    op.create_table(
        "deferrals",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("documents", sa.JSON, nullable=False),
        sa.Column("reminders", sa.JSON, nullable=False),
        sa.Column("commitment_ref", sa.String(64), nullable=False),
        sa.Column("committed_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("served_on", sa.Date),
        sa.Column("supplied_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("case_id", sa.Uuid),
        sa.Column("step_version", sa.Integer, server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_deferrals_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "application_id", name="pk_deferrals"),
    )
    op.create_index("ix_deferrals_open", "deferrals", ["department_code", "supplied_on", "due_on"])
    op.create_table(
        "incentive_grants",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("grant_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("incentive", sa.String(32), nullable=False),
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_ref", sa.String(64), nullable=False),
        sa.Column("check_id", sa.Uuid, nullable=False),
        sa.Column("helper_ref", sa.String(64)),
        sa.Column("commitment_ref", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name="fk_incentive_grants_subject_id_subjects"
        ),
        sa.PrimaryKeyConstraint("subject_id", "grant_id", name="pk_incentive_grants"),
        sa.UniqueConstraint("subject_id", "application_id", "incentive", name="uq_incentive_grants_subject_id"),
    )
    op.create_index("ix_incentive_grants_application", "incentive_grants", ["application_id"])
    op.create_index("ix_incentive_grants_department", "incentive_grants", ["department_code", "at"])
    op.create_table(
        "taken_numbers",
        sa.Column("department_code", sa.String(32), nullable=False),
        sa.Column("series", sa.String(24), nullable=False),
        sa.Column("number", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("department_code", "series", "number", name="pk_taken_numbers"),
    )
    # What was numbered before keeps its number, even where two cases share one; no third case gets it.
    op.execute(
        "INSERT INTO taken_numbers (department_code, series, number) "
        "SELECT DISTINCT department_code, 'CASE', number FROM restraint_cases"
    )
    op.add_column("applications", sa.Column("number", sa.String(40)))
    op.add_column("applications", sa.Column("changed_at", INSTANT))
    op.add_column("applications", sa.Column("step_version", sa.Integer, server_default="1", nullable=False))
    op.add_column("matters", sa.Column("deferral_longest_days", sa.Integer))
    op.add_column("matters", sa.Column("commitment_limit_days", sa.Integer))
    op.add_column("matters", sa.Column("commitment_verify_days", sa.Integer))
    op.add_column("matters", sa.Column("incentives", sa.JSON))
    op.create_index("ix_applications_number", "applications", ["department_code", "number"])
    _refuse_changes("application_steps")
    _refuse_changes("credit_checks")
    _refuse_changes("incentive_grants")


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_index("ix_applications_number", table_name="applications")
    op.drop_table("taken_numbers")
    op.drop_column("matters", "incentives")
    op.drop_column("matters", "commitment_verify_days")
    op.drop_column("matters", "commitment_limit_days")
    op.drop_column("matters", "deferral_longest_days")
    op.drop_column("applications", "step_version")
    op.drop_column("applications", "changed_at")
    op.drop_column("applications", "number")
    op.drop_index("ix_incentive_grants_application", table_name="incentive_grants")
    op.drop_index("ix_incentive_grants_department", table_name="incentive_grants")
    op.drop_table("incentive_grants")
    op.drop_index("ix_deferrals_open", table_name="deferrals")
    op.drop_table("deferrals")
    op.drop_index("ix_credit_checks_department", table_name="credit_checks")
    op.drop_index("ix_credit_checks_application", table_name="credit_checks")
    op.drop_table("credit_checks")
    op.drop_index("ix_commitments_open", table_name="commitments")
    op.drop_table("commitments")
    op.drop_index("ix_application_steps_application", table_name="application_steps")
    op.drop_table("application_steps")


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
