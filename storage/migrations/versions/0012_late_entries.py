"""Both days of what is recorded late, and the claims of rectification that were made in time [5.1.4] [5.1.5].

A step of the authority counts from the day of its record, and its own day is kept beside it. Entries of before this
revision keep the day by which they counted, because what followed from them was decided by it.

A claim made within the period lets the restraint rest until it is answered. A later claim must not hide it, so its days
have columns of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

LATE = ("restraint_cases", "corrections", "objections", "commitments")


def upgrade() -> None:
    """Add the columns, empty, and fill in the claims that were made in time."""
    for table in LATE:
        op.add_column(table, sa.Column("late_entries", sa.JSON))
    op.add_column("restraint_cases", sa.Column("timely_claim_on", sa.Date))
    op.add_column("restraint_cases", sa.Column("timely_claim_answered_on", sa.Date))
    op.execute(
        "UPDATE restraint_cases SET timely_claim_on = claimed_on, timely_claim_answered_on = claim_answered_on "
        "WHERE claimed_on <= ends_on"
    )


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_column("restraint_cases", "timely_claim_answered_on")
    op.drop_column("restraint_cases", "timely_claim_on")
    for table in LATE:
        op.drop_column(table, "late_entries")
