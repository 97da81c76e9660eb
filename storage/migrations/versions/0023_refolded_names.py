"""A way of registration more: the operator had a name or address written in the one form of its characters [5.1.3].

The constraint is wider, so the version that is still running writes as before.
"""

from alembic import op

revision = "0023"
down_revision = "0022"

BEFORE = ("WINDOW", "APPLICATION", "CASE", "IMPORT", "PLATFORM", "ACCOUNT")


def upgrade() -> None:
    """Allow the new way."""
    _allow((*BEFORE, "REFOLDED"))


def downgrade() -> None:
    """Forget the records of that way, and allow the others only."""
    op.execute("DELETE FROM registrations WHERE channel = 'REFOLDED'")
    _allow(BEFORE)


def _allow(channels: tuple[str, ...]) -> None:
    listed = ",".join(f"'{channel}'" for channel in channels)
    with op.batch_alter_table("registrations") as table:
        table.drop_constraint("ck_registrations_channel", type_="check")
        table.create_check_constraint("ck_registrations_channel", f"channel IN ({listed})")
