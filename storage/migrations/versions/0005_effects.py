"""What follows from a restraint: consultations and focused checks [5.2.2] [5.2.3]."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "consultations",
        sa.Column("consultation_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("recipient_kind", sa.String(16), nullable=False),
        sa.Column("recipient_code", sa.String(32), nullable=False),
        sa.Column("occasion", sa.String(100), nullable=False),
        sa.Column("statute", sa.Text),
        sa.Column("by_ref", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("names", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_consultations"),
    )
    op.create_index("ix_consultations_recipient", "consultations", ["recipient_code", "at"])
    op.create_table(
        "target_visits",
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("sector_code", sa.String(32), nullable=False),
        sa.Column("area_code", sa.String(12), nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.Column("seen_on", sa.Date),
        sa.Column("subscribed_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("told_on", sa.Date),
        sa.PrimaryKeyConstraint("actor_ref", "sector_code", "area_code", name="pk_target_visits"),
    )
    op.create_table(
        "consultation_lines",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("line_id", sa.Uuid, nullable=False),
        sa.Column("consultation_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("recipient_code", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ground", sa.String(16)),
        sa.Column("citation", sa.Text),
        sa.Column("authorisation_id", sa.Uuid),
        sa.Column("reply", sa.String(24), nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint(
            "reply IN ('RESTRAINED','NOT_RESTRAINED','NO_AUTHORISATION')", name="ck_consultation_lines_reply"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subjects.subject_id"], name="fk_consultation_lines_subject_id_subjects"
        ),
        sa.PrimaryKeyConstraint("subject_id", "line_id", name="pk_consultation_lines"),
    )
    op.create_index("ix_consultation_lines_consultation", "consultation_lines", ["consultation_id", "line"])
    op.create_table(
        "focused_checks",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("check_id", sa.Uuid, nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("sector_code", sa.String(32), nullable=False),
        sa.Column("area_code", sa.String(12), nullable=False),
        sa.Column("checked_on", sa.Date, nullable=False),
        sa.Column("by_ref", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("facts_sealed", sa.LargeBinary),
        sa.Column("facts_mask", sa.Text),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.CheckConstraint("outcome IN ('NOTHING_FOUND','RECTIFIED','NEW_BREACH')", name="ck_focused_checks_outcome"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_focused_checks_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "check_id", name="pk_focused_checks"),
    )
    op.create_index("ix_focused_checks_sector", "focused_checks", ["sector_code", "recorded_at"])
    ends = sa.text("ends_on IS NOT NULL")
    op.create_index(
        "ix_restraint_cases_ends",
        "restraint_cases",
        ["sector_code", "ends_on"],
        sqlite_where=ends,
        postgresql_where=ends,
    )
    _refuse_changes("consultation_lines")
    _refuse_changes("focused_checks")


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_index("ix_restraint_cases_ends", table_name="restraint_cases")
    op.drop_index("ix_focused_checks_sector", table_name="focused_checks")
    op.drop_table("focused_checks")
    op.drop_index("ix_consultation_lines_consultation", table_name="consultation_lines")
    op.drop_table("consultation_lines")
    op.drop_table("target_visits")
    op.drop_index("ix_consultations_recipient", table_name="consultations")
    op.drop_table("consultations")


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
