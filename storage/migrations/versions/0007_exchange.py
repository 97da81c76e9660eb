"""Messages in their order, given up and tried again; what comes in; notifications within the gateway [5.1.3] [6.2]."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "inbound_messages",
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(128), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("case_id", sa.Uuid),
        sa.Column("item_id", sa.Uuid),
        sa.PrimaryKeyConstraint("source", "message_key", name="pk_inbound_messages"),
    )
    op.create_table(
        "quarantine",
        sa.Column("item_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("message_key", sa.String(128), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("kek", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("body_sealed", sa.LargeBinary),
        sa.Column("body_mask", sa.Text),
        sa.Column("settled_at", INSTANT),
        sa.Column("settled_by", sa.String(64)),
        sa.Column("settled_as", sa.String(16)),
        sa.PrimaryKeyConstraint("item_id", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_open", "quarantine", ["settled_at", "received_at"])
    op.create_table(
        "notifications",
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("notification_id", sa.Uuid, nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("topic", sa.String(32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("department_code", sa.String(32)),
        sa.Column("case_id", sa.Uuid),
        sa.Column("application_id", sa.Uuid),
        sa.Column("authorisation_id", sa.Uuid),
        sa.Column("objection_id", sa.Uuid),
        sa.Column("issued_notice_id", sa.Uuid),
        sa.Column("seen_at", INSTANT),
        sa.Column("seen_by", sa.String(64)),
        sa.Column("seen_as", sa.String(16)),
        sa.CheckConstraint("audience IN ('SUBJECT','DEPARTMENT')", name="audience"),
        sa.ForeignKeyConstraint(["subject_id"], ["subjects.subject_id"], name="fk_notifications_subject_id_subjects"),
        sa.PrimaryKeyConstraint("subject_id", "notification_id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_subject", "notifications", ["subject_id", "audience", "at"])
    op.create_index("ix_notifications_department", "notifications", ["department_code", "audience", "at"])
    op.add_column("outbox", sa.Column("route", sa.String(16)))
    op.add_column("outbox", sa.Column("lane", sa.Uuid))
    op.add_column("outbox", sa.Column("place", sa.BigInteger, server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("next_at", INSTANT))
    op.add_column("outbox", sa.Column("dead_at", INSTANT))
    op.add_column("outbox", sa.Column("failure", sa.String(32)))
    op.create_index("ix_outbox_lane", "outbox", ["lane", "place"])


def downgrade() -> None:
    """Drop them, with what they hold."""
    op.drop_index("ix_outbox_lane", table_name="outbox")
    op.drop_column("outbox", "failure")
    op.drop_column("outbox", "dead_at")
    op.drop_column("outbox", "next_at")
    op.drop_column("outbox", "place")
    op.drop_column("outbox", "lane")
    op.drop_column("outbox", "route")
    op.drop_table("notifications")
    op.drop_index("ix_quarantine_open", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("inbound_messages")
