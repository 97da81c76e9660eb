"""What the subject does by a letter: it refuses, narrows and contests, besides withdrawing [5.1.6].

Each has the day and the reference of its paper, a contest also who entered it. No stored record has one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

COLUMNS = (
    ("authorisations", "refused_on", sa.Date),
    ("authorisations", "refusal_evidence", sa.Text),
    ("authorisations", "narrowed_on", sa.Date),
    ("authorisations", "narrowing_evidence", sa.Text),
    ("authorisations", "contested_on", sa.Date),
    ("authorisations", "contest_paper", sa.Text),
    ("authorisations", "contest_entered_by", sa.String(64)),
    ("delegations", "contested_on", sa.Date),
    ("delegations", "contest_paper", sa.Text),
)


def upgrade() -> None:
    """Add the columns, empty."""
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind))


def downgrade() -> None:
    """Drop them, with what they hold."""
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
