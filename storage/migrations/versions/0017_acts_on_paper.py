"""Acts of the subject that an officer enters from paper: both days, and the contest of a withdrawal [5.1.6].

A withdrawal of an authorisation counts from the day of its paper. That of an application, or of its promise, can be
contested by the applicant, and is kept with its contest. No stored record has one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

WITHDRAWN = ("applications", "deferrals", "commitments")


def upgrade() -> None:
    """Add the columns, empty."""
    op.add_column("authorisations", sa.Column("withdrawn_on", sa.Date))
    op.add_column("authorisations", sa.Column("withdrawal_evidence", sa.Text))
    for table in WITHDRAWN:
        op.add_column(table, sa.Column("paper_withdrawal", sa.JSON))


def downgrade() -> None:
    """Drop them, with what they hold."""
    for table in reversed(WITHDRAWN):
        op.drop_column(table, "paper_withdrawal")
    op.drop_column("authorisations", "withdrawal_evidence")
    op.drop_column("authorisations", "withdrawn_on")
