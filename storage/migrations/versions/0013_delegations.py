"""Delegations get a kind, a scope, a first day, who recorded and ended them, and events in the ledger [5.1.6].

Those recorded before keep all that they allowed: agents with every group and every power, from the day of recording.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

INSTANT = sa.DateTime(timezone=True)
KINDS = "'AGENT','GUARDIAN','OFFICER','CLOSE_RELATIVE'"


def upgrade() -> None:
    """Add the columns and the table of events, which is only appended to."""
    # Written out: SQLite adds a constraint only with its column.
    op.execute(
        "ALTER TABLE delegations ADD COLUMN kind VARCHAR(24) DEFAULT 'AGENT' NOT NULL "
        f"CONSTRAINT ck_delegations_kind CHECK (kind IN ({KINDS}))"
    )
    for column in _columns():
        op.add_column("delegations", column)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date(granted_at, '+8 hours')" if is_sqlite else "(granted_at AT TIME ZONE 'Asia/Shanghai')::date"
    op.execute(f"UPDATE delegations SET starts_on = {day}")
    op.create_table(
        "delegation_events",
        sa.Column("subject_id", sa.Uuid, sa.ForeignKey("subjects.subject_id"), primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("delegation_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_ref", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("salt", sa.LargeBinary(16), nullable=False),
        sa.Index("ix_delegation_events_delegation", "subject_id", "delegation_id", "at"),
    )
    op.add_column("notifications", sa.Column("delegation_id", sa.Uuid))
    _refuse_changes("delegation_events")


def downgrade() -> None:
    """Drop what was added; delegations then allow everything again, so end the narrow ones before."""
    op.drop_column("notifications", "delegation_id")
    op.drop_table("delegation_events")
    for column in reversed(_columns()):
        op.drop_column("delegations", column.name)
    op.drop_column("delegations", "kind")


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("groups", sa.SmallInteger, nullable=False, server_default="31"),
        sa.Column("powers", sa.SmallInteger, nullable=False, server_default="15"),
        sa.Column("starts_on", sa.Date, nullable=False, server_default="1970-01-01"),
        sa.Column("recorded_by", sa.String(64)),
        sa.Column("recorded_as", sa.String(16)),
        sa.Column("department_code", sa.String(32)),
        sa.Column("ended_by", sa.String(64)),
        sa.Column("ended_as", sa.String(16)),
        sa.Column("end_evidence", sa.Text),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    ]


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
