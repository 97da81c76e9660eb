"""The due days of open tasks are stored, in the order of the worklists [5.1.4] [6.1].

They may be empty, because the previous release does not write them. No migration counts them: the calendar in force is
that of the release and of the years that were entered here, and both grow. `chengxin db migrate` counts them after the
last migration, a server before it serves, and again each minute for what the previous release still writes.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0027"
down_revision = "0026"

COLUMNS: dict[str, dict[str, TypeEngine[Any]]] = {
    "restraint_cases": {
        "clock": sa.String(16),
        "clock_started_on": sa.Date(),
        "clock_due_on": sa.Date(),
        "waits_for": sa.String(24),
        "waits_since_on": sa.Date(),
        "waits_sorts_on": sa.Date(),
        "counted_version": sa.Integer(),
    },
    "deferrals": {"last_on": sa.Date(), "waits_since_on": sa.Date(), "waits_sorts_on": sa.Date()},
    "commitments": {"waits_since_on": sa.Date(), "waits_sorts_on": sa.Date()},
    "corrections": {"due_on": sa.Date()},
    "objections": {"due_on": sa.Date()},
}
_RUNNING = "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
_CLOCK, _WAITS = "clock IS NOT NULL", "waits_for IS NOT NULL"
_REVIEW, _TO_ASSIGN = "clock = 'REVIEW'", "clock = 'REVIEW' AND reviewer_ref IS NULL"
_TO_RECTIFY = (
    "ends_on IS NOT NULL AND rectified_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
)
_OWED = "supplied_on IS NULL AND ended_on IS NULL AND case_id IS NULL"
_GIVEN = "case_id IS NULL AND (verified_on IS NULL AND ended_on IS NULL OR outcome = 'NOT_MET')"
_BY_CLOCK = ("clock_due_on", "clock_started_on", "case_id")
_CLOCKS = ("clock", *_BY_CLOCK)
_WAITING = ("waits_for", "waits_sorts_on", "waits_since_on", "case_id")
_OF_APPLICATION = ("waits_sorts_on", "waits_since_on", "application_id")
_CORRECTED, _RAISED = ("due_on", "discovered_on", "correction_id"), ("due_on", "raised_on", "objection_id")
_UNCORRECTED, _UNANSWERED = "completed_on IS NULL", "answered_on IS NULL"
ADDED = (
    ("ix_restraint_cases_clock", "restraint_cases", _CLOCKS, _CLOCK),
    ("ix_restraint_cases_department_clock", "restraint_cases", ("department_code", *_CLOCKS), _CLOCK),
    ("ix_restraint_cases_handler_clock", "restraint_cases", ("handler_ref", *_CLOCKS), _CLOCK),
    ("ix_restraint_cases_waits", "restraint_cases", _WAITING, _WAITS),
    ("ix_restraint_cases_department_waits", "restraint_cases", ("department_code", *_WAITING), _WAITS),
    ("ix_restraint_cases_handler_waits", "restraint_cases", ("handler_ref", *_WAITING), _WAITS),
    ("ix_restraint_cases_reviews", "restraint_cases", ("reviewer_ref", *_BY_CLOCK), _REVIEW),
    ("ix_restraint_cases_unassigned", "restraint_cases", _BY_CLOCK, _TO_ASSIGN),
    ("ix_restraint_cases_department_unassigned", "restraint_cases", ("department_code", *_BY_CLOCK), _TO_ASSIGN),
    ("ix_restraint_cases_to_rectify", "restraint_cases", ("ends_on", "published_on", "case_id"), _TO_RECTIFY),
    (
        "ix_restraint_cases_uncounted",
        "restraint_cases",
        ("subject_id",),
        "counted_version IS NULL OR counted_version <> step_version",
    ),
    ("ix_deferrals_open", "deferrals", ("department_code", *_OF_APPLICATION), _OWED),
    ("ix_deferrals_waits", "deferrals", _OF_APPLICATION, _OWED),
    (
        "ix_deferrals_promised",
        "deferrals",
        ("last_on", "committed_on", "application_id"),
        f"{_OWED} AND served_on IS NULL",
    ),
    (
        "ix_deferrals_reminded",
        "deferrals",
        ("last_on", "served_on", "application_id"),
        f"{_OWED} AND served_on IS NOT NULL",
    ),
    ("ix_commitments_open", "commitments", ("department_code", *_OF_APPLICATION), _GIVEN),
    ("ix_commitments_waits", "commitments", _OF_APPLICATION, _GIVEN),
    ("ix_corrections_open", "corrections", ("department_code", *_CORRECTED), _UNCORRECTED),
    ("ix_corrections_due", "corrections", _CORRECTED, _UNCORRECTED),
    ("ix_objections_open", "objections", ("department_code", *_RAISED), _UNANSWERED),
    ("ix_objections_due", "objections", _RAISED, _UNANSWERED),
    ("ix_objections_unassigned", "objections", _RAISED, f"{_UNANSWERED} AND assigned_ref IS NULL"),
)
"""Each new index: its name, its table, its columns, and the rows that it has."""
DROPPED = (
    ("ix_restraint_cases_open_handler", "restraint_cases", ("handler_ref",), _RUNNING),
    ("ix_restraint_cases_open_department", "restraint_cases", ("department_code",), _RUNNING),
    (
        "ix_restraint_cases_open_review",
        "restraint_cases",
        ("reviewer_ref",),
        f"{_RUNNING} AND stated_on IS NOT NULL AND reviewed_on IS NULL",
    ),
    (
        "ix_restraint_cases_claimed",
        "restraint_cases",
        ("department_code",),
        "claimed_on IS NOT NULL AND claim_answered_on IS NULL",
    ),
    (
        "ix_restraint_cases_paused",
        "restraint_cases",
        ("department_code",),
        "paused_on IS NOT NULL AND resumed_on IS NULL",
    ),
    ("ix_deferrals_open", "deferrals", ("department_code", "supplied_on", "due_on"), None),
    ("ix_commitments_open", "commitments", ("department_code", "verified_on"), None),
    ("ix_corrections_open", "corrections", ("department_code", "completed_on"), None),
    ("ix_objections_open", "objections", ("department_code", "answered_on"), None),
)
"""The indexes that the new ones replace."""


def upgrade() -> None:
    """Add the columns, and replace the indexes of open tasks."""
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    for name, table, _, _ in DROPPED:
        op.drop_index(name, table)
    for name, table, columns_of, rows in ADDED:
        _add(name, table, columns_of, rows)


def downgrade() -> None:
    """Drop them: the due days are counted in each query again."""
    for name, table, _, _ in reversed(ADDED):
        op.drop_index(name, table)
    for table, columns in COLUMNS.items():
        for name in reversed(columns):
            op.drop_column(table, name)
    for name, table, columns_of, rows in DROPPED:
        _add(name, table, columns_of, rows)


def _add(name: str, table: str, columns: tuple[str, ...], rows: str | None) -> None:
    only = None if rows is None else sa.text(rows)
    op.create_index(name, table, list(columns), sqlite_where=only, postgresql_where=only)
