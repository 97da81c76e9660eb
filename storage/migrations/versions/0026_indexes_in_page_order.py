"""Each list has an index in the order of its pages, so that a page of a dense day reads its own rows and no others.

Both order columns are read backwards. An index that led the same columns is extended; it served nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ADDED = (
    ("ix_restraint_cases_last_changed", "restraint_cases", ("changed_at", "case_id"), None),
    ("ix_restraint_cases_department", "restraint_cases", ("department_code", "changed_at", "case_id"), None),
    (
        "ix_restraint_cases_reviewer",
        "restraint_cases",
        ("reviewer_ref", "changed_at", "case_id"),
        "reviewer_ref IS NOT NULL",
    ),
    ("ix_restraint_cases_confidential", "restraint_cases", ("subject_id", "case_id"), "confidential IS TRUE"),
    ("ix_applications_department", "applications", ("department_code", "filed_at", "application_id"), None),
    ("ix_applications_subject", "applications", ("subject_id", "filed_at", "application_id"), None),
    ("ix_credit_checks_subject", "credit_checks", ("subject_id", "at", "check_id"), None),
    ("ix_deferrals_department", "deferrals", ("department_code", "due_on", "application_id"), None),
    ("ix_deferrals_subject", "deferrals", ("subject_id", "due_on", "application_id"), None),
    ("ix_commitments_department", "commitments", ("department_code", "committed_on", "application_id"), None),
    ("ix_commitments_subject", "commitments", ("subject_id", "committed_on", "application_id"), None),
    ("ix_corrections_department", "corrections", ("department_code", "discovered_on", "correction_id"), None),
    ("ix_corrections_subject", "corrections", ("subject_id", "discovered_on", "correction_id"), None),
    ("ix_objections_department", "objections", ("department_code", "raised_on", "objection_id"), None),
    ("ix_objections_subject", "objections", ("subject_id", "raised_on", "objection_id"), None),
    ("ix_objections_assigned", "objections", ("assigned_ref", "raised_on", "objection_id"), "assigned_ref IS NOT NULL"),
    ("ix_files_subject", "files", ("subject_id", "uploaded_at", "file_id"), None),
    ("ix_consultation_lines_subject", "consultation_lines", ("subject_id", "at", "line_id"), None),
    ("ix_focused_checks_subject", "focused_checks", ("subject_id", "recorded_at", "check_id"), None),
    ("ix_authorisations_subject", "authorisations", ("subject_id", "requested_at", "authorisation_id"), None),
    ("ix_entry_delays_ordered", "entry_delays", ("ordered_at", "delay_id"), None),
    ("ix_entry_delays_subject", "entry_delays", ("subject_id", "ordered_at", "delay_id"), None),
)
"""Each new index: its name, its table, its columns, and the rows that it has."""
EXTENDED = (
    ("ix_restraint_cases_handler", "restraint_cases", ("handler_ref",), ("changed_at", "case_id")),
    ("ix_credit_checks_department", "credit_checks", ("department_code", "at"), ("check_id",)),
    ("ix_consultations_recipient", "consultations", ("recipient_code", "at"), ("consultation_id",)),
    ("ix_focused_checks_sector", "focused_checks", ("sector_code", "recorded_at"), ("check_id",)),
    ("ix_notifications_subject", "notifications", ("subject_id", "audience", "at"), ("notification_id",)),
    ("ix_notifications_department", "notifications", ("department_code", "audience", "at"), ("notification_id",)),
    ("ix_authorisations_recipient", "authorisations", ("recipient_code", "requested_at"), ("authorisation_id",)),
)
"""Each index that gets further columns: its name, its table, its columns, and those."""
REPLACED = ("restraint_cases", "applications")
"""The tables whose index on the department alone is the beginning of a new one."""


def upgrade() -> None:
    """Add and extend the indexes, then drop those that they replace."""
    for name, table, columns, rows in ADDED:
        only = None if rows is None else sa.text(rows)
        op.create_index(name, table, list(columns), sqlite_where=only, postgresql_where=only)
    for name, table, former, more in EXTENDED:
        op.drop_index(name, table)
        op.create_index(name, table, [*former, *more])
    for table in REPLACED:
        op.drop_index(f"ix_{table}_department_code", table)


def downgrade() -> None:
    """Restore the former ones."""
    for table in REPLACED:
        op.create_index(f"ix_{table}_department_code", table, ["department_code"])
    for name, table, former, _ in reversed(EXTENDED):
        op.drop_index(name, table)
        op.create_index(name, table, list(former))
    for name, table, _, _ in reversed(ADDED):
        op.drop_index(name, table)
