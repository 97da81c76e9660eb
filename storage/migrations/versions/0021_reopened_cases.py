"""The last review after a determination has columns of its own: a return of the case does not hide it [5.1.4(4)]."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

COLUMNS = ("reopened_on", "reopened_until")


def upgrade() -> None:
    """Add the columns, and fill them where the last pause is a review: it lasts, or the review ended it."""
    for name in COLUMNS:
        op.add_column("restraint_cases", sa.Column(name, sa.Date))
    names = ("paused_on", "resumed_on", "reviewed_on", *COLUMNS)
    cases = sa.table("restraint_cases", *(sa.column(name, sa.Date) for name in names))
    is_review = sa.or_(cases.c.resumed_on.is_(None), cases.c.resumed_on == cases.c.reviewed_on)
    reopened = sa.update(cases).where(cases.c.paused_on.is_not(None), is_review)
    op.execute(reopened.values(reopened_on=cases.c.paused_on, reopened_until=cases.c.resumed_on))


def downgrade() -> None:
    """Drop them: the clocks go by the last pause again."""
    for name in reversed(COLUMNS):
        op.drop_column("restraint_cases", name)
