"""Pauses of a determined case, how long a restraint is listed, and the number of a marked case [5.1.4(3)] [5.1.5]."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_DAYS = ("paused_on", "resumed_on", "listed_until")


def upgrade() -> None:
    """Add the columns: no stored case has a pause, and all that are published are listed while they are in force."""
    for name in _DAYS:
        op.add_column("restraint_cases", sa.Column(name, sa.Date))
    op.add_column("restraint_cases", sa.Column("marked_number", sa.String(40)))
    op.execute(
        "UPDATE restraint_cases SET marked_number = number, "
        "number = 'M-' || replace(lower(CAST(case_id AS VARCHAR(36))), '-', '') WHERE confidential"
    )
    op.execute(
        "DELETE FROM taken_numbers WHERE series = 'CASE' AND EXISTS (SELECT 1 FROM restraint_cases AS c WHERE "
        "c.department_code = taken_numbers.department_code AND c.marked_number = taken_numbers.number)"
    )
    op.create_table(
        "published_figures",
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("restraint_cases", sa.Column("unlisted", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop them: what rests counts as in force again, and what is in force as listed."""
    op.execute("UPDATE restraint_cases SET number = marked_number WHERE confidential AND marked_number IS NOT NULL")
    op.drop_column("restraint_cases", "marked_number")
    op.drop_table("published_figures")
    op.drop_column("restraint_cases", "unlisted")
    for name in reversed(_DAYS):
        op.drop_column("restraint_cases", name)
