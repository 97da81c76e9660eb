"""Lists in their other orders begin at an index, and so does what is open in them [5.1.4] [5.1.5] [5.2.2].

The release before asks for neither, and finds its open applications by the index that takes the place of its own.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"

_PUBLISHED, _REVIEWED = "published_on IS NOT NULL", "reviewer_ref IS NOT NULL"
_RUNNING = "ends_on IS NULL AND removed_on IS NULL AND dropped_on IS NULL AND referred_on IS NULL"
_BY_PUBLICATION, _BY_COLLECTION, _BY_CHANGE = (
    ("published_on", "case_id"),
    ("collected_at", "case_id"),
    ("changed_at", "case_id"),
)
_FOUND, _RAISED = ("discovered_on", "correction_id"), ("raised_on", "objection_id")
_OWED = "supplied_on IS NULL AND ended_on IS NULL"
_GIVEN = "ended_on IS NULL AND (completed_on IS NULL OR verified_on IS NULL)"
CASES, MODEL, CHECKS = "restraint_cases", "published_cases", "focused_checks"
INDEXES: tuple[tuple[str, str, tuple[str, ...], str | None], ...] = (
    ("ix_restraint_cases_department_published", CASES, ("department_code", *_BY_PUBLICATION), _PUBLISHED),
    ("ix_restraint_cases_handler_published", CASES, ("handler_ref", *_BY_PUBLICATION), _PUBLISHED),
    (
        "ix_restraint_cases_reviewer_published",
        CASES,
        ("reviewer_ref", *_BY_PUBLICATION),
        f"{_REVIEWED} AND {_PUBLISHED}",
    ),
    ("ix_restraint_cases_collected", CASES, _BY_COLLECTION, None),
    ("ix_restraint_cases_department_collected", CASES, ("department_code", *_BY_COLLECTION), None),
    ("ix_restraint_cases_handler_collected", CASES, ("handler_ref", *_BY_COLLECTION), None),
    ("ix_restraint_cases_reviewer_collected", CASES, ("reviewer_ref", *_BY_COLLECTION), _REVIEWED),
    ("ix_restraint_cases_running", CASES, _BY_CHANGE, _RUNNING),
    ("ix_restraint_cases_department_running", CASES, ("department_code", *_BY_CHANGE), _RUNNING),
    ("ix_restraint_cases_handler_running", CASES, ("handler_ref", *_BY_CHANGE), _RUNNING),
    ("ix_published_cases_changed", MODEL, ("sector_code", *_BY_CHANGE), None),
    ("ix_published_cases_township_changed", MODEL, ("sector_code", "township_code", *_BY_CHANGE), None),
    ("ix_published_cases_department", MODEL, ("department_code", *_BY_PUBLICATION), None),
    ("ix_published_cases_sector_department", MODEL, ("sector_code", "department_code", *_BY_PUBLICATION), None),
    ("ix_focused_checks_checked", CHECKS, ("sector_code", "checked_on", "check_id"), None),
    ("ix_focused_checks_subject_checked", CHECKS, ("subject_id", "checked_on", "check_id"), None),
    ("ix_applications_open", "applications", ("department_code", "filed_at", "application_id"), "decided_at IS NULL"),
    ("ix_deferrals_missing", "deferrals", ("department_code", "due_on", "application_id"), _OWED),
    ("ix_commitments_given", "commitments", ("department_code", "committed_on", "application_id"), _GIVEN),
    ("ix_corrections_department_found", "corrections", ("department_code", *_FOUND), "completed_on IS NULL"),
    ("ix_corrections_found", "corrections", _FOUND, "completed_on IS NULL"),
    ("ix_objections_department_unanswered", "objections", ("department_code", *_RAISED), "answered_on IS NULL"),
    (
        "ix_objections_assigned_unanswered",
        "objections",
        ("assigned_ref", *_RAISED),
        "assigned_ref IS NOT NULL AND answered_on IS NULL",
    ),
    ("ix_objections_unanswered", "objections", _RAISED, "answered_on IS NULL"),
    (
        "ix_deletion_duties_recipient_open",
        "deletion_duties",
        ("recipient_code", "since_on", "duty_id"),
        "acknowledged_on IS NULL",
    ),
    ("ix_deletion_duties_since_open", "deletion_duties", ("since_on", "duty_id"), "acknowledged_on IS NULL"),
    (
        "ix_authorisations_unanswered",
        "authorisations",
        ("recipient_code", "requested_at", "authorisation_id"),
        "granted_at IS NULL",
    ),
    (
        "ix_notifications_unseen",
        "notifications",
        ("department_code", "audience", "at", "notification_id"),
        "seen_at IS NULL",
    ),
)
FORMER = ("ix_applications_undecided", "applications", ("department_code",), "decided_at IS NULL")


def upgrade() -> None:
    """Add the indexes; one of them contains a former one."""
    for each in INDEXES:
        _create(*each)
    op.drop_index(FORMER[0], FORMER[1])


def downgrade() -> None:
    """Drop them."""
    _create(*FORMER)
    for name, table, *_ in INDEXES:
        op.drop_index(name, table)


def _create(name: str, table: str, columns: tuple[str, ...], only: str | None) -> None:
    where: Any = None if only is None else sa.text(only)
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
