"""An index of the pauses that are open: the worklists ask for them, and no list of cases has to be read [5.1.4(3)]."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OPEN = sa.text("paused_on IS NOT NULL AND resumed_on IS NULL")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_restraint_cases_paused", "restraint_cases", ["department_code"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_restraint_cases_paused", table_name="restraint_cases")
