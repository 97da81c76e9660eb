"""Who does a job that only one process may do, and whether a process can write.

An advisory lock lasts as long as the server believes in its holder's connection: two hours, where a machine is lost.
A lease ends by itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "leases",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("holder", sa.Uuid, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "write_checks",
        sa.Column("place", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("write_checks")
    op.drop_table("leases")
