"""Accounts of an identity platform are linked with subjects, and a registration may come by that way [5.1.6].

Links are found by a keyed hash of the account: neither the account nor the number of its holder is stored.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

BEFORE = "'WINDOW','APPLICATION','CASE','IMPORT','PLATFORM'"
CHANNEL = "ck_registrations_channel"


def upgrade() -> None:
    """Create the table, and allow registrations one more channel."""
    op.create_table(
        "account_links",
        sa.Column("account", sa.LargeBinary(32), primary_key=True),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_account_links_subject_id", "account_links", ["subject_id"])
    _allow(f"{BEFORE},'ACCOUNT'")


def downgrade() -> None:
    """Drop the table, and the registrations by that channel, which the release before could not read."""
    op.execute("DELETE FROM registrations WHERE channel = 'ACCOUNT'")
    _allow(BEFORE)
    op.drop_index("ix_account_links_subject_id", table_name="account_links")
    op.drop_table("account_links")


def _allow(channels: str) -> None:
    # SQLite changes no constraint: there the table is copied.
    with op.batch_alter_table("registrations") as registrations:
        registrations.drop_constraint(CHANNEL, type_="check")
        registrations.create_check_constraint(CHANNEL, f"channel IN ({channels})")
