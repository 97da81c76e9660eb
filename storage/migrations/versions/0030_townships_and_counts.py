"""A township finds its cases, an index counts open tasks, and open applications are found without closed ones [5.2.2].

The indexes over published cases leave out the others, which no list of theirs shows. No migration fills the column:
that would lock the table for long. `chengxin db migrate` fills it after the last one, where it counts the due days.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

CASES = "restraint_cases"
_SHOWN = "{} IS NOT NULL AND confidential IS {} AND counted_version = step_version"
_PUBLISHED, _UNCOUNTED = "published_on IS NOT NULL", "counted_version IS NULL OR counted_version <> step_version"
_UNFINISHED = "ended_on IS NULL AND (completed_on IS NULL OR verified_on IS NULL OR outcome = 'NOT_MET')"
_OFFICERS = ("department_code", "handler_ref")
CHANGED = (
    ("ix_restraint_cases_list", ("sector_code", "published_on", "case_id"), None, (), _PUBLISHED),
    ("ix_restraint_cases_published", ("published_on", "case_id"), None, (), _PUBLISHED),
    ("ix_restraint_cases_uncounted", ("subject_id",), _UNCOUNTED, (), f"{_UNCOUNTED} OR township_code IS NULL"),
    (
        "ix_restraint_cases_clock",
        ("clock", "clock_due_on", "clock_started_on", "case_id"),
        "clock IS NOT NULL",
        _OFFICERS,
        None,
    ),
    (
        "ix_restraint_cases_waits",
        ("waits_for", "waits_sorts_on", "waits_since_on", "case_id"),
        "waits_for IS NOT NULL",
        _OFFICERS,
        None,
    ),
)
"""Indexes of cases: name, former columns and rows, further columns, and the rows from now on; None: as `_SHOWN`."""
ADDED = (
    ("ix_restraint_cases_township", CASES, ("sector_code", "township_code", "published_on", "case_id"), _PUBLISHED),
    ("ix_applications_undecided", "applications", ("department_code",), "decided_at IS NULL"),
    ("ix_commitments_unfinished", "commitments", ("department_code",), _UNFINISHED),
)
"""Each new index: its name, its table, its columns, and the rows that it has."""


def upgrade() -> None:
    """Add the column and the indexes, and change the others."""
    op.add_column(CASES, sa.Column("township_code", sa.String(9)))
    for name, columns, _, more, rows in CHANGED:
        op.drop_index(name, CASES)
        sqlite, postgresql = (rows or _SHOWN.format(columns[0], secret) for secret in ("0", "FALSE"))
        _add(name, CASES, (*columns, *more), sqlite, postgresql)
    for name, table, columns_of, rows_of in ADDED:
        _add(name, table, columns_of, rows_of, rows_of)


def downgrade() -> None:
    """Restore the former indexes, and drop the column."""
    for name, table, _, _ in reversed(ADDED):
        op.drop_index(name, table)
    for name, columns, rows, _, _ in reversed(CHANGED):
        op.drop_index(name, CASES)
        _add(name, CASES, columns, rows, rows)
    op.drop_column(CASES, "township_code")


def _add(name: str, table: str, columns: tuple[str, ...], sqlite: str | None, postgresql: str | None) -> None:
    on_sqlite, on_postgresql = (None if rows is None else sa.text(rows) for rows in (sqlite, postgresql))
    op.create_index(name, table, list(columns), sqlite_where=on_sqlite, postgresql_where=on_postgresql)
