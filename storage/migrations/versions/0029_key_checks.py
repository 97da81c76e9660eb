"""The database recognises its key file: another one would find nobody, and register each person a second time [5.1.6].

The table stays empty here, because a migration has no keys. The next start fills it, once the file has opened what is
on record (`gateway.key_file_check`). The previous release does not know the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "key_checks",
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("check_value", sa.LargeBinary(32), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_key_checks")),
        sa.CheckConstraint("kind IN ('KEK','INDEX')", name=op.f("ck_key_checks_kind")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("key_checks")
