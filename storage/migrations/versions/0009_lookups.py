"""Lookups by number leave an entry, and limits count in the database, so that replicas share them [5.1.6]."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "number_lookups",
        sa.Column("entry_id", sa.Uuid, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("caller", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("entrance", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("neighbourhood", sa.String(32), nullable=False),
        sa.Column("is_repeated", sa.Boolean, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Index("ix_number_lookups_at", "at"),
        sa.CheckConstraint("outcome IN ('HIT','MISS')", name="outcome"),
    )
    _refuse_changes("number_lookups")
    op.create_table(
        "rate_limits",
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Index("ix_rate_limits_ends_at", "ends_at"),
    )


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_index("ix_rate_limits_ends_at", table_name="rate_limits")
    op.drop_table("rate_limits")
    op.drop_index("ix_number_lookups_at", table_name="number_lookups")
    op.drop_table("number_lookups")


def _refuse_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is appended only'); END"
        )
        return
    op.execute(  # the function is of revision 0001
        f"CREATE TRIGGER {table}_appended_only BEFORE UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
