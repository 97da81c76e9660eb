"""How far the audit in the background has come: it compares everything once a day, in slices, also over a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
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


def downgrade() -> None:
    """Drop it: the audit begins anew."""
    op.drop_table("ledger_audits")
