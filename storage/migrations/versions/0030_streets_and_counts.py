"""The street of its subject finds a case for its supervisor; tasks are counted from an index alone [5.2.2] [6.1].

The indexes over published cases leave out the others, which no list of theirs shows. No migration fills the column:
that would lock the table for long. `chengxin db migrate` fills it after the last one, where it counts the due days.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_PUBLISHED = "published_on IS NOT NULL"
_SHOWN = "{} IS NOT NULL AND confidential IS {} AND counted_version = step_version"
_BY_CLOCK = ("clock", "clock_due_on", "clock_started_on", "case_id")
_BY_WAITING = ("waits_for", "waits_sorts_on", "waits_since_on", "case_id")
_OFFICERS = ("department_code", "handler_ref")
NARROWED = (
    ("ix_restraint_cases_list", ("sector_code", "published_on", "case_id")),
    ("ix_restraint_cases_published", ("published_on", "case_id")),
)
"""The indexes that have published cases only, from now on."""
EXTENDED = (("ix_restraint_cases_clock", "clock", _BY_CLOCK), ("ix_restraint_cases_waits", "waits_for", _BY_WAITING))
"""The indexes of the district's tasks: their names, which cases they have, and their columns."""
STREETS = "ix_restraint_cases_street", ("sector_code", "street_code", "published_on", "case_id")
_UNCOUNTED = "counted_version IS NULL OR counted_version <> step_version"
UNPLACED = "ix_restraint_cases_uncounted", f"{_UNCOUNTED} OR street_code IS NULL"


def upgrade() -> None:
    """Add the column and its index, and change the others."""
    op.add_column("restraint_cases", sa.Column("street_code", sa.String(9)))
    op.drop_index(UNPLACED[0], "restraint_cases")
    _add(UNPLACED[0], ("subject_id",), UNPLACED[1], UNPLACED[1])
    _add(*STREETS, _PUBLISHED, _PUBLISHED)
    for name, columns in NARROWED:
        op.drop_index(name, "restraint_cases")
        _add(name, columns, _PUBLISHED, _PUBLISHED)
    for name, what, columns in EXTENDED:
        op.drop_index(name, "restraint_cases")
        _add(name, (*columns, *_OFFICERS), _SHOWN.format(what, "0"), _SHOWN.format(what, "FALSE"))


def downgrade() -> None:
    """Restore the former indexes, and drop the column."""
    for name, what, columns in EXTENDED:
        op.drop_index(name, "restraint_cases")
        _add(name, columns, f"{what} IS NOT NULL", f"{what} IS NOT NULL")
    for name, columns in NARROWED:
        op.drop_index(name, "restraint_cases")
        op.create_index(name, "restraint_cases", list(columns))
    op.drop_index(STREETS[0], "restraint_cases")
    op.drop_index(UNPLACED[0], "restraint_cases")
    _add(UNPLACED[0], ("subject_id",), _UNCOUNTED, _UNCOUNTED)
    op.drop_column("restraint_cases", "street_code")


def _add(name: str, columns: tuple[str, ...], sqlite: str, postgresql: str) -> None:
    op.create_index(
        name, "restraint_cases", list(columns), sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql)
    )
