"""The contest of a recorded guardianship, which rests until somebody else than who recorded it decides [5.1.6]."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

INSTANT = sa.DateTime(timezone=True)
CONTESTED = sa.text("contested_at IS NOT NULL")
COLUMNS = (
    ("contested_at", INSTANT),
    ("contested_by", sa.String(64)),
    ("contest_decided_at", INSTANT),
    ("contest_decided_by", sa.String(64)),
    ("contest_finding", sa.String(16)),
    ("contest_evidence", sa.Text),
)


def upgrade() -> None:
    """Add the columns: no stored delegation was contested."""
    for name, kind in COLUMNS:
        op.add_column("delegations", sa.Column(name, kind))
    op.create_index(
        "ix_delegations_contested",
        "delegations",
        ["department_code"],
        sqlite_where=CONTESTED,
        postgresql_where=CONTESTED,
    )


def downgrade() -> None:
    """Drop them: what was in dispute is in force again."""
    op.drop_index("ix_delegations_contested", table_name="delegations")
    for name, _ in reversed(COLUMNS):
        op.drop_column("delegations", name)
