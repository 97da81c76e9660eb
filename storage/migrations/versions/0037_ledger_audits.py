"""How far the audit in the background has come, and the entries of one subject by an index.

The audit compares everything once a day, in slices, and goes on where it was after a restart. Before a decision the
entries of one subject are looked up: only those of the log `consent` name one, so the index is small beside the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0034"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table and the index."""
    op.create_table(
        "ledger_audits",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("walk", sa.String(64)),
        sa.Column("after", sa.JSON),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("finished_at", INSTANT),
        sa.Column("finished_findings", sa.Integer),
        sa.PrimaryKeyConstraint("name", name="pk_ledger_audits"),
    )
    condition = sa.text("owner IS NOT NULL")
    op.create_index(
        "ix_ledger_entries_owner", "ledger_entries", ["owner"], sqlite_where=condition, postgresql_where=condition
    )


def downgrade() -> None:
    """Drop both: the audit begins anew."""
    op.drop_index("ix_ledger_entries_owner", "ledger_entries")
    op.drop_table("ledger_audits")
