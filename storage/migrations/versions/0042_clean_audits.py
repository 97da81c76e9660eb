"""When the last audit that found nothing began, so that the next one by hand can go on from there.

The release before leaves the column as it is: an earlier instant, which compares more.
"""

import sqlalchemy as sa
from alembic import op

from storage.database.column_types import Instant

revision = "0042"
down_revision = "0041"

TABLE = "ledger_audits"


def upgrade() -> None:
    """Add the column. Of an audit that is over, the row still has when it began."""
    op.add_column(TABLE, sa.Column("clean_since", Instant))
    op.execute(f"UPDATE {TABLE} SET clean_since = started_at WHERE walk IS NULL AND finished_findings = 0")


def downgrade() -> None:
    """Drop it."""
    op.drop_column(TABLE, "clean_since")
